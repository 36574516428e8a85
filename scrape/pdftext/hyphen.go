package pdftext

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kurakurai/luth/scrape/document"
)

// A hyphen before these words, or behind these, belongs to the spelling.
var (
	hyphenBefore = wordSet("il elle on ils elles je tu nous vous ce ci là t le la les lui leur moi toi y en même mêmes être dire delà dessus dessous midi")
	hyphenBehind = wordSet("est sont a ont peut peux doit semi demi quasi non sous contre vis celui celle ceux celles c'est soit dit fait sont suis ai avez avons pouvez peut cet cette au par ci là moi lui elle eux grand vingt trente quarante cinquante soixante quatre")
)

func wordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// joinHyphens completes a word that is divided between two lines on the first
// of them; a second line that has no more is dropped. Hyphens that belong to
// the word stay.
func joinHyphens(lines []document.Line) []document.Line {
	for i := 0; i+1 < len(lines); i++ {
		head, ok := strings.CutSuffix(lines[i].Text, "-")
		next := lines[i+1].Text
		first, _ := utf8.DecodeRuneInString(next)
		before, _ := utf8.DecodeLastRuneInString(head)
		if !ok || !unicode.IsLetter(before) || !unicode.IsLower(first) {
			continue
		}
		rest, tail, _ := strings.Cut(next, " ")
		if hyphenBefore[lettersOf(rest)] || hyphenBehind[lastWord(head)] {
			head += "-"
		}
		lines[i].Text = head + rest
		if lines[i+1].Text = strings.TrimSpace(tail); lines[i+1].Text == "" {
			lines = slices.Delete(lines, i+1, i+2)
		}
	}
	return lines
}

// lettersOf returns the leading letters of s, lower case.
func lettersOf(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(s)
	}
	return strings.ToLower(s[:end])
}

func lastWord(s string) string {
	i := strings.LastIndexAny(s, " \t(-")
	return strings.ToLower(s[i+1:])
}
