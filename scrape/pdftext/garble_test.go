package pdftext

import (
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/document"
)

func TestGarbledLettersAreNoticed(t *testing.T) {
	prose := strings.Repeat("Montrer que la suite converge et déterminer sa limite. On précisera les hypothèses utilisées. ", 5)
	shifted := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return 'a' + (r-'a'+3)%26
		}
		return r
	}, prose)
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"French", prose, false},
		{"English", strings.Repeat("Show that the sequence converges and find its limit, without proof of the lemma. ", 6), false},
		{"code", strings.Repeat("def simule(n, p): total = 0; for i in range(n): if random() < p: total += 1; return total ", 6), false},
		{"formulas", strings.Repeat("f'(x) = 2x e^{-x} - x^2 e^{-x}, g(t) = cos(t) ; sin(2t) ≤ 1 ", 20), false},
		{"Greek", strings.Repeat("Να δειχθεί ότι η ακολουθία συγκλίνει και να βρεθεί το όριό της ", 10), false},
		{"codes shifted by three", shifted, true},
		{"short", shifted[:100], false},
	} {
		if got := isGarbled([]document.Page{{Lines: []document.Line{{Text: c.text}}}}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
