package instruction

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isSpace reports whether \s of Python matches a character.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// isWord reports whether \w of Python matches a character: letters and numbers
// of all scripts, but no combining marks.
func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// tokenize cuts a context into the tokens of Punkt: words until space or
// punctuation, runs of dashes and dots, single marks.
func tokenize(context string) []punktToken {
	var all []punktToken
	for i := 0; i < len(context); {
		r, size := utf8.DecodeRuneInString(context[i:])
		if isSpace(r) {
			i += size
			continue
		}
		n := manyMarks(context[i:])
		switch {
		case n > 0:
			size = n
		case !strings.ContainsRune("(\"`{[:;&#*@)}]-,", r):
			for i+size < len(context) && !endsWord(context[i+size:]) {
				_, next := utf8.DecodeRuneInString(context[i+size:])
				size += next
			}
		}
		all = append(all, punktToken{text: context[i : i+size]})
		i += size
	}
	return all
}

// endsWord reports whether a word ends before a text.
func endsWord(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	if isSpace(r) || strings.ContainsRune(`)";}]*:@'({[!?`, r) || manyMarks(text) > 0 {
		return true
	}
	if r != ',' {
		return false
	}
	rest := text[size:]
	next, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || isSpace(next) || strings.ContainsRune(`)";}]*:@'({[!?`, next) || manyMarks(rest) > 0
}

// manyMarks returns the length of the dashes, the dots, or the dots with
// spaces between them that a text begins with; 0 for fewer than two, of the
// last kind three.
func manyMarks(text string) int {
	for _, mark := range [...]byte{'-', '.'} {
		n := 0
		for n < len(text) && text[n] == mark {
			n++
		}
		if n >= 2 {
			return n
		}
	}
	groups, last := 0, 0
	for n := 0; n < len(text) && text[n] == '.'; {
		if groups >= 2 {
			last = n + 1
		}
		r, size := utf8.DecodeRuneInString(text[n+1:])
		if !isSpace(r) {
			break
		}
		groups++
		n += 1 + size
	}
	return last
}
