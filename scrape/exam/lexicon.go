package exam

import (
	"maps"
	"math"
	"slices"
)

// lexicon weighs the words of an exam: a word that stands in few of its
// questions tells much about which answer belongs to which question.
type lexicon struct {
	count map[string]int
	texts int
}

// terms are the words, numbers and short formulas of a text.
func terms(s string) map[string]bool {
	set := make(map[string]bool)
	tokens := tokenize(s)
	for i, t := range tokens {
		if w := stem(t.text); len(w) > 1 && !common[w] {
			set[w] = true
		}
		// Letters of formulas mean something in pairs: "u n", "2 x".
		if i+1 < len(tokens) && (len(t.text) <= 2 || len(tokens[i+1].text) <= 2) && tokens[i+1].start-t.end < 3 {
			set[t.text+" "+tokens[i+1].text] = true
		}
	}
	return set
}

// stem keeps the beginning of a word, so that forms of one verb agree.
func stem(w string) string {
	n := 0
	for i := range w {
		if n++; n > 7 {
			return w[:i]
		}
	}
	return w
}

var common = stems(`le la les un une des de du en et ou on est que qui pour par dans sur avec sa son ses ce cette
 ces il elle au aux ne pas plus se si soit tout toute tous alors donc or car comme ainsi cela ceci etre ont avoir
 montrer deduire determi justifi donner calcule question exercic partie points`)

func (x *lexicon) add(set map[string]bool) {
	if x.count == nil {
		x.count = make(map[string]int)
	}
	x.texts++
	for t := range set {
		x.count[t]++
	}
}

func (x *lexicon) weight(t string) float64 {
	return math.Log(1 + float64(x.texts)/float64(1+x.count[t]))
}

// overlap is the weighted share of the question's terms that the answer has.
func (x *lexicon) overlap(question, answer map[string]bool) float64 {
	var total, shared float64
	// In order: a sum of floats depends on it.
	for _, t := range slices.Sorted(maps.Keys(question)) {
		w := x.weight(t)
		total += w
		if answer[t] {
			shared += w
		}
	}
	if total == 0 {
		return 0
	}
	return shared / total
}
