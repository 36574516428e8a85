package language

import (
	"bufio"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	dir := os.Getenv("LUTH_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	dir = filepath.Join(dir, "data", "eval", "ifeval")
	elsewhere := map[float64]bool{}
	lines(tb, filepath.Join(dir, "mifeval_"+code+"_input_data.jsonl"), func(row map[string]any) {
		text := fmt.Sprint(row["instruction_id_list"], row["prompt"])
		for _, words := range []string{"response_language", "langue", "anglais", "language", "translat", "tradui", "English", "Hindi", "Kannada", "allemand", "espagnol"} {
			if strings.Contains(text, words) {
				elsewhere[row["key"].(float64)] = true
			}
		}
	})
	var all []string
	lines(tb, filepath.Join(dir, "mifeval_"+code+"_outputs_verdicts.jsonl.gz"), func(row map[string]any) {
		if !elsewhere[row["key"].(float64)] {
			all = append(all, row["response"].(string))
		}
	})
	return all
}

// lines calls f with each row of a JSONL file, or skips the test without it.
func lines(tb testing.TB, path string, f func(map[string]any)) {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Skipf("needs shared/data: %v", err)
	}
	defer file.Close()
	in := bufio.NewReader(file)
	if strings.HasSuffix(path, ".gz") {
		zip, err := gzip.NewReader(in)
		if err != nil {
			tb.Fatal(err)
		}
		in = bufio.NewReader(zip)
	}
	for decoder := json.NewDecoder(in); decoder.More(); {
		var row map[string]any
		if err := decoder.Decode(&row); err != nil {
			tb.Fatal(err)
		}
		f(row)
	}
}
