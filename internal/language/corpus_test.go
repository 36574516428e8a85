package language

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/instruction/ifevaltest"
)

//go:embed testdata/sentences.tsv
var sentencesTSV string

// labelled is a text in a known language. Of a mixed one code is the language
// of the passage that must be found in a text in French.
type labelled struct{ kind, code, text string }

// sentences returns the sentences of the list by language.
func sentences() map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(sentencesTSV) {
		code, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		all[code] = append(all[code], text)
	}
	return all
}

var formulas = []string{`$u_{n+1} = \frac{1}{2} u_n + 3$`, `\(x \in \mathbb{R}\)`, `$f(x) = \sin x + \cos x$`, "\n$$\\int_0^1 x^2\\,\\mathrm{d}x = \\frac13$$\n", `$P(A \cap B) = 0{,}12$`, "`print(max(values))`"}

// corpus returns generated lines: single sentences, two and three of them,
// with formulas between the words, and texts in which one paragraph is in
// another language.
func corpus() []labelled {
	var all []labelled
	bySentence := sentences()
	for _, code := range Codes {
		s := bySentence[code]
		for i := range s {
			next, after := s[(i+7)%len(s)], s[(i+13)%len(s)]
			all = append(all,
				labelled{"one sentence", code, s[i]},
				labelled{"two sentences", code, s[i] + " " + next},
				labelled{"three sentences", code, s[i] + " " + next + " " + after})
			for k := range 4 {
				all = append(all, labelled{"mathematics", code, withFormulas(s[i], i+k)})
			}
			all = append(all, labelled{"mathematics", code, withFormulas(s[i]+" "+next, i)})
		}
	}
	fr := bySentence["fr"]
	for _, code := range []string{"en", "es", "de"} {
		other := bySentence[code]
		for i := range 40 {
			passage := other[i%len(other)] + " " + other[(i+3)%len(other)]
			before, after := fr[i]+" "+fr[(i+5)%len(fr)], fr[(i+9)%len(fr)]+" "+fr[(i+11)%len(fr)]
			all = append(all, labelled{"mixed", code, before + "\n\n" + passage + "\n\n" + after})
		}
	}
	return all
}

// withFormulas puts formulas behind every third word.
func withFormulas(sentence string, seed int) string {
	words := strings.Fields(sentence)
	for i := 2; i < len(words); i += 3 {
		words[i] += " " + formulas[(seed+i)%len(formulas)]
	}
	return strings.Join(words, " ")
}

// responses returns the answers of models to M-IFEval in shared/data, by the
// language of their prompts; those asked for in another language are left out.
func responses(tb testing.TB, code string) []string {
	tb.Helper()
	elsewhere := map[int]bool{}
	ifevaltest.Rows(tb, "mifeval_"+code+"_input_data.jsonl", func(p ifevaltest.Prompt) {
		text := strings.Join(p.Instructions, " ") + p.Text
		for _, words := range []string{"response_language", "langue", "anglais", "language", "translat", "tradui", "English", "Hindi", "Kannada", "allemand", "espagnol"} {
			elsewhere[p.Key] = elsewhere[p.Key] || strings.Contains(text, words)
		}
	})
	var all []string
	ifevaltest.Rows(tb, "mifeval_"+code+"_outputs_verdicts.jsonl.gz", func(r ifevaltest.Response) {
		if !elsewhere[r.Key] {
			all = append(all, r.Text)
		}
	})
	return all
}
