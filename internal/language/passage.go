package language

import (
	"strings"
	"unicode/utf8"

	"github.com/kurakurai/luth/internal/markup"
)

// Sizes of passages, in letters. Passages of 150 letters are about the 200
// bytes measured in docs/bench/language.md, and two or three sentences.
const (
	fewLetters  = 20  // below, the language is undetermined
	lineLetters = 60  // a line may end a passage from here on
	manyLetters = 150 // a sentence may end a passage from here on
	mostLetters = 300 // any word may
)

// passage is a stretch of words.
type passage struct {
	start, end int // bytes of the text
	letters    int
	words      []string
}

// passages cuts the prose of a text at paragraphs, lines and sentences. What
// is too short to tell stays with what follows it, the last with what is
// before it.
func passages(text string) []passage {
	var all []passage
	var p passage
	for at, word := range markup.Words(text) {
		if len(p.words) > 0 && p.endsIn(text[p.end:at]) {
			all = append(all, p)
			p = passage{}
		}
		if len(p.words) == 0 {
			p.start = at
		}
		p.words = append(p.words, word)
		p.letters += utf8.RuneCountInString(word)
		p.end = at + len(word)
	}
	if len(p.words) == 0 {
		return all
	}
	if last := len(all) - 1; p.letters < fewLetters && last >= 0 {
		before := &all[last]
		before.end, before.letters, before.words = p.end, before.letters+p.letters, append(before.words, p.words...)
		return all
	}
	return append(all, p)
}

// endsIn reports whether the passage ends in the gap before the next word.
func (p *passage) endsIn(gap string) bool {
	switch {
	case p.letters < fewLetters:
		return false
	case p.letters >= mostLetters:
		return true
	}
	lines := strings.Count(gap, "\n")
	return lines >= 2 || lines == 1 && p.letters >= lineLetters || p.letters >= manyLetters && strings.ContainsAny(gap, ".!?;…")
}
