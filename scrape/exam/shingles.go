package exam

import "strings"

// shingleSize is the length of the runs of tokens that texts are compared by.
const shingleSize = 4

// copiedShare is the share of a text's runs that another must have for the
// text to count as taken from it.
const copiedShare = 0.8

// shingles are the runs of tokens of a text.
type shingles map[string]bool

func newShingles(text string) shingles {
	t := tokenize(text)
	set := make(shingles, len(t))
	for i := 0; i+shingleSize <= len(t); i++ {
		set[shingle(t[i:i+shingleSize])] = true
	}
	return set
}

// share is the share of a text's runs that the set has, 0 for a text too short
// to have any.
func (set shingles) share(text string) float64 {
	t := tokenize(text)
	if len(t) < shingleSize {
		return 0
	}
	hits := 0
	for i := 0; i+shingleSize <= len(t); i++ {
		if set[shingle(t[i:i+shingleSize])] {
			hits++
		}
	}
	return float64(hits) / float64(len(t)-shingleSize+1)
}

// contain tells whether a text of some length is taken from that of the set.
func (set shingles) contain(text string) bool {
	return len(tokenize(text)) >= 2*shingleSize && set.share(text) >= copiedShare
}

func shingle(t []token) string {
	var b strings.Builder
	for _, x := range t {
		b.WriteString(x.text)
		b.WriteByte(' ')
	}
	return b.String()
}
