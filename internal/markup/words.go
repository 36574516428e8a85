package markup

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words yields the words of a text's prose with their places: letters, with
// apostrophes and hyphens inside, two letters or more. Formulas, code,
// addresses, placeholders, tags, macros, numbers, names of functions and lines
// of Python and SQL that lost their fences are left out.
func Words(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		start := 0
		for _, s := range Spans(text) {
			if s.Kind == Prose && !proseWords(start, s.Text, yield) {
				return
			}
			start += len(s.Text)
		}
	}
}

// proseWords yields the words of a piece of prose that starts at offset, line
// by line.
func proseWords(offset int, prose string, yield func(int, string) bool) bool {
	for l := range strings.Lines(prose) {
		if !isCodeLine(l) && !lineWords(offset, l, yield) {
			return false
		}
		offset += len(l)
	}
	return true
}

func lineWords(offset int, line string, yield func(int, string) bool) bool {
	for i := 0; i < len(line); {
		gap, size := isGap(line[i:])
		if gap {
			i += size
			continue
		}
		start := i
		for i < len(line) {
			if gap, size = isGap(line[i:]); gap {
				break
			}
			i += size
		}
		if from, to := trim(line[start:i]); isWord(line[start+from : start+to]) {
			if !yield(offset+start+from, line[start+from:start+to]) {
				return false
			}
		}
	}
	return true
}

// gaps marks the ASCII characters that stand between words.
var gaps = func() (table [utf8.RuneSelf]bool) {
	for c := range table {
		table[c] = c <= ' ' || strings.IndexByte(`/|,;:()[]"`, byte(c)) >= 0
	}
	return table
}()

// isGap reports whether a text begins with something that stands between
// words, and the length of its first character.
func isGap(text string) (gap bool, size int) {
	if c := text[0]; c < utf8.RuneSelf {
		return gaps[c], 1
	}
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case r < 0x1680:
		return r == '«' || r == '»' || r == 0xa0 || r == 0x85, size
	case r <= 0x206f:
		return unicode.IsSpace(r) || strings.ContainsRune("“”„–—…•", r), size
	}
	return r >= 0x3000 && (r <= 0x3020 || r >= 0xff01 && r <= 0xff0f || r >= 0xff1a && r <= 0xff1f), size // punctuation of Chinese and Japanese
}

// trim returns the part of a token without what is no letter at its ends; a
// backslash stays, so that macros are told from words.
func trim(token string) (from, to int) {
	to = len(token)
	for from < to && isEdge(token[from]) {
		from++
	}
	for to > from && isEdge(token[to-1]) {
		to--
	}
	if from == to || token[from] < utf8.RuneSelf && token[to-1] < utf8.RuneSelf {
		return from, to
	}
	edge := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) && r != '\\' }
	rest := strings.TrimLeftFunc(token[from:to], edge)
	from = to - len(rest)
	return from, from + len(strings.TrimRightFunc(rest, edge))
}

func isEdge(c byte) bool { return c < utf8.RuneSelf && !isLetter(c) && c != '\\' }

// functions are names in formulas that stand as words where a PDF's text lost
// its delimiters.
var functions = map[string]bool{
	"sin": true, "cos": true, "tan": true, "exp": true, "log": true, "lim": true, "min": true, "max": true, "sup": true, "inf": true,
	"det": true, "dim": true, "ker": true, "card": true, "mod": true, "arctan": true, "arcsin": true, "arccos": true, "cotan": true,
}

func isWord(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && isLetter(byte(r)), r >= utf8.RuneSelf && unicode.IsLetter(r):
			letters++
		case !unicode.Is(unicode.M, r) && !strings.ContainsRune("'’-‑", r):
			return false
		}
	}
	return letters >= 2 && (len(s) < 3 || len(s) > 6 || !functions[s])
}

var (
	blockKeywords = wordSet("def class for while if elif else try with")
	lineKeywords  = wordSet("return import nonlocal global print SELECT FROM WHERE JOIN ORDER GROUP LIMIT HAVING")
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// isCodeLine reports whether a line is one of Python or SQL: a statement, an
// assignment or a call, where a PDF's text lost the marks of code.
func isCodeLine(line string) bool {
	line = strings.Trim(line, " \t\r\n")
	n := identifier(line)
	if n == 0 {
		return false
	}
	name, rest := line[:n], line[n:]
	switch first := strings.TrimRight(name, "."); {
	case blockKeywords[first] && strings.HasSuffix(line, ":"), lineKeywords[first]:
		return first != "ORDER" && first != "GROUP" || strings.HasPrefix(rest, " BY")
	case first == "from" && strings.HasPrefix(rest, " "):
		module := identifier(rest[1:])
		return module > 0 && strings.HasPrefix(rest[1+module:], " import")
	}
	if isLetter(line[0]) || line[0] == '_' {
		target := rest
		if strings.HasPrefix(target, "[") {
			if i := strings.LastIndexByte(target, ']'); i > 0 {
				target = target[i+1:]
			}
		}
		target = strings.TrimLeft(target, " \t")
		if target != "" && strings.IndexByte("-+*/", target[0]) >= 0 {
			target = target[1:]
		}
		if len(target) > 1 && target[0] == '=' && target[1] != '=' {
			return true
		}
	}
	call := strings.TrimPrefix(rest, " ")
	return strings.HasPrefix(call, "(") && strings.HasSuffix(call, ")")
}

// identifier returns the length of the dotted name that a line begins with.
func identifier(line string) (n int) {
	for n < len(line) && (isAlnum(line[n]) || line[n] == '_' || line[n] == '.') {
		n++
	}
	return n
}
