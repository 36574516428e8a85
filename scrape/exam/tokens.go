package exam

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold writes text in plain lower case: compatibility forms such as 𝑓 and ﬁ
// become letters and accents go, so that two printings of one text compare.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// token is a word or a number of a text.
type token struct {
	text       string // folded
	start, end int    // byte offsets in the text it was read from
}

// tokenize splits a text into words and numbers. Signs are left out: two
// extractions of one formula agree on its letters and digits far more often
// than on its layout.
func tokenize(s string) []token {
	var out []token
	start := -1
	digits := false
	flush := func(end int) {
		if start >= 0 {
			if text := fold(s[start:end]); text != "" {
				out = append(out, token{text, start, end})
			}
			start = -1
		}
	}
	for i, r := range s {
		letter, digit := unicode.IsLetter(r), unicode.IsDigit(r)
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if !letter && !digit || digit != digits {
			flush(i)
		}
		if start < 0 && (letter || digit) {
			start, digits = i, digit
		}
	}
	flush(len(s))
	return out
}
