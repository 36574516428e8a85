package language

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestOf(t *testing.T) {
	tests := []struct{ text, code string }{
		{"La fonction est croissante sur cet intervalle car sa dérivée est positive.", "fr"},
		{"The function is increasing on this interval because its derivative is positive.", "en"},
		{"La función es creciente en este intervalo porque su derivada es positiva.", "es"},
		{"OUI, C'EST L'EXEMPLE DONT IL EST QUESTION À L’ÉCOLE.", "fr"},
		{"```\nfor the sake of the code and of the test\n```\nVoici le programme qui répond à la question.", "fr"},
		{"我们先求导数，然后判断函数的单调性。", "zh"},
		{"まず導関数を求めて、関数の増減を調べます。", "ja"},
		{"Сначала найдём производную функции.", "ru"},
		{"Soit α et β deux réels tels que Δ soit nul, et Ω leur somme.", "fr"},
		{"Yes, $x = 2$.", ""},
		{"x = 2", ""},
		{"", ""},
		{"https://example.org/the/and/of/is", ""},
	}
	for _, test := range tests {
		if v := Of(test.text); v.Code != test.code {
			t.Errorf("%q: %+v, want %q", test.text, v, test.code)
		}
	}
}

func TestForeign(t *testing.T) {
	text := "Voici la réponse détaillée à la question posée.\n\nThe cat sat on the mat, and then it went away to sleep in the garden.\n\nIt never came back to the house.\n\nEt voilà la fin de cette histoire, qui est très courte."
	foreign := Foreign(text, "fr")
	if len(foreign) != 1 || !strings.HasPrefix(text[foreign[0].Start:], "The cat") || !strings.HasSuffix(text[:foreign[0].End], "the house") || foreign[0].Code != "en" {
		t.Errorf("got %+v", foreign)
	}
	if foreign := Foreign(text, "fr", "en"); foreign != nil {
		t.Errorf("got %+v", foreign)
	}
	if v := Of(text); v.Share("fr", "en") != 1 || v.Share("fr") >= 0.6 || v.Share("fr") <= 0.4 || v.Share("de") != 0 {
		t.Errorf("shares of %+v", v)
	}
}

// TestAccuracy measures the generated lines and holds what docs/bench/language.md
// says of them.
func TestAccuracy(t *testing.T) {
	type score struct{ n, right, undetermined, alone int }
	table := map[string]*score{}
	var kinds []string
	for _, l := range corpus() {
		kind := fmt.Sprintf("%-15s %s", l.kind, l.code)
		if table[kind] == nil {
			table[kind] = &score{}
			kinds = append(kinds, kind)
		}
		s := table[kind]
		s.n++
		v := Of(l.text)
		if l.kind == "mixed" {
			if foreign := v.Foreign("fr"); len(foreign) == 1 && foreign[0].Code == l.code {
				s.right++
			}
			continue
		}
		switch v.Code {
		case l.code:
			s.right++
		case "":
			s.undetermined++
		}
		if alone, _ := mostLikely(l.text); alone == l.code {
			s.alone++
		}
	}
	slices.Sort(kinds)
	var all, frenchAndEnglish score
	for _, kind := range kinds {
		s := table[kind]
		t.Logf("%-20s %4d lines, right %4d, undetermined %2d, lingua alone right %4d", kind, s.n, s.right, s.undetermined, s.alone)
		all.n, all.right = all.n+s.n, all.right+s.right
		if strings.HasSuffix(kind, "fr") || strings.HasSuffix(kind, "en") {
			frenchAndEnglish.n, frenchAndEnglish.right = frenchAndEnglish.n+s.n, frenchAndEnglish.right+s.right
		}
	}
	t.Logf("%-20s %4d lines, right %4d", "all", all.n, all.right)
	if frenchAndEnglish.right != frenchAndEnglish.n {
		t.Errorf("French and English: %d of %d", frenchAndEnglish.right, frenchAndEnglish.n)
	}
	if share := float64(all.right) / float64(all.n); share < 0.99 {
		t.Errorf("all languages: %.3f", share)
	}
}

// TestResponses asks about answers of real models. Few are in another language
// than their prompt; those that are, were read.
func TestResponses(t *testing.T) {
	for _, code := range []string{"fr", "en"} {
		texts := responses(t, code)
		right, other, undetermined, foreign, decided, passed := 0, 0, 0, 0, 0, 0
		for _, text := range texts {
			v := Of(text)
			switch v.Code {
			case code:
				right++
			case "":
				undetermined++
			default:
				other++
				t.Logf("%s: %.80q", v.Code, text)
			}
			if v.Code == code && slices.ContainsFunc(v.Foreign(code), func(s Segment) bool { return s.Letters >= 40 }) {
				foreign++
			}
			for _, p := range passages(text) {
				if p.letters < fewLetters {
					continue
				}
				passed++
				if tally := tallyOf(p.words); tally.decides() || tally.fits(v.Code) {
					decided++
				}
			}
		}
		t.Logf("%s: %d answers, right %d, other %d, undetermined %d; with a foreign passage of 40 letters %d; %d of %d passages without lingua",
			code, len(texts), right, other, undetermined, foreign, decided, passed)
		if float64(other) > 0.02*float64(len(texts)) || float64(decided) < 0.9*float64(passed) {
			t.Errorf("%s: too many in another language, or too few decided by their words", code)
		}
	}
}

func TestOfIsTheSameEveryTime(t *testing.T) {
	texts := corpus()[:60]
	want := make([]Verdict, len(texts))
	for i, l := range texts {
		want[i] = Of(l.text)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i, l := range texts {
				if got := Of(l.text); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%q: %+v, then %+v", l.text, want[i], got)
				}
			}
		})
	}
	group.Wait()
}

func FuzzOf(f *testing.F) {
	f.Add("Voici $x$ l’idée.\n\nThe end is the beginning of it all.")
	f.Add("\xc3 \xc5\x93 É'É’")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, s := range Of(text).Segments {
			if s.Start < end || s.End <= s.Start || s.End > len(text) || s.Letters == 0 || (s.Code == "") != (s.Confidence == 0) {
				t.Errorf("%q: segment %+v after %d", text, s, end)
			}
			end = s.End
		}
	})
}
