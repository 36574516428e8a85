package language

import (
	"strings"
	"testing"
)

// documents cuts the answers of models into documents of 2 kB.
func documents(tb testing.TB, code string) []string {
	text := strings.Join(responses(tb, code), "\n\n")
	var all []string
	for len(text) > 2048 && len(all) < 400 {
		cut := strings.LastIndexByte(text[:2048], '\n') + 1
		if cut < 1024 {
			cut = strings.LastIndexByte(text[:2048], ' ') + 1
		}
		all = append(all, text[:cut])
		text = text[cut:]
	}
	return all
}

func BenchmarkOf(b *testing.B) {
	for _, code := range []string{"fr", "en"} {
		docs := documents(b, code)
		mostLikely("charger les modèles")
		b.Run(code, func(b *testing.B) {
			i := 0
			for b.Loop() {
				Of(docs[i%len(docs)])
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
		})
	}
}

// BenchmarkLingua asks lingua alone, with the whole document.
func BenchmarkLingua(b *testing.B) {
	docs := documents(b, "fr")
	mostLikely("charger les modèles")
	i := 0
	for b.Loop() {
		mostLikely(docs[i%len(docs)])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
}
