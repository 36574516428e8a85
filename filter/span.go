package filter

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// spanKind says what a piece of a text is.
type spanKind int

const (
	prose   spanKind = iota
	formula          // LaTeX mathematics, delimiters included
	code             // a fenced block or what stands between backquotes
	address          // a URL
)

// span is a piece of a text. A formula or code that is not closed runs to the
// end of its paragraph or of the text.
type span struct {
	kind   spanKind
	text   string
	closed bool
}

// spans cuts a text into prose, formulas, code and addresses; put together
// again the pieces are the text.
func spans(text string) []span {
	var all []span
	start := 0
	for i := 0; i < len(text); {
		s, ok := spanAt(text[i:])
		if !ok {
			i += next(text[i:])
			continue
		}
		if i > start {
			all = append(all, span{prose, text[start:i], true})
		}
		all = append(all, s)
		i += len(s.text)
		start = i
	}
	if start < len(text) {
		all = append(all, span{prose, text[start:], true})
	}
	return all
}

// next returns how far to go to the next place where a span may begin.
func next(text string) int {
	if text[0] == '\\' && len(text) > 1 {
		return 1 + max(1, utf8Len(text[1:])) // \$ opens nothing
	}
	if i := strings.IndexAny(text[1:], "$\\`h"); i >= 0 {
		return i + 1
	}
	return len(text)
}

func utf8Len(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// spanAt returns the span other than prose that begins the text.
func spanAt(text string) (span, bool) {
	switch {
	case strings.HasPrefix(text, "```"):
		return delimited(code, text, "```", "```", ""), true
	case text[0] == '`':
		s := delimited(code, text, "`", "`", "\n")
		return s, s.closed
	case strings.HasPrefix(text, "$$"):
		return delimited(formula, text, "$$", "$$", ""), true
	case text[0] == '$':
		return delimited(formula, text, "$", "$", "\n\n"), true
	case strings.HasPrefix(text, `\(`):
		return delimited(formula, text, `\(`, `\)`, "\n\n"), true
	case strings.HasPrefix(text, `\[`):
		return delimited(formula, text, `\[`, `\]`, ""), true
	case strings.HasPrefix(text, `\begin{`):
		return environment(text), true
	case strings.HasPrefix(text, "http://"), strings.HasPrefix(text, "https://"):
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		return span{address, text[:end], true}, true
	}
	return span{}, false
}

// delimited returns the span from open to end; backslashes protect what
// follows them in a formula. Without its end it goes to stop, or to the end of
// the text.
func delimited(kind spanKind, text, open, end, stop string) span {
	for i := len(open); i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], end):
			return span{kind, text[:i+len(end)], true}
		case stop != "" && strings.HasPrefix(text[i:], stop):
			return span{kind, text[:i], false}
		case kind == formula && text[i] == '\\':
			i++
		}
	}
	return span{kind, text, false}
}

// environment returns the span of a LaTeX environment, with those of the same
// name inside it. Without its end it is only the \begin.
func environment(text string) span {
	brace := strings.IndexByte(text, '}')
	if brace < 0 {
		return span{formula, text[:len(`\begin{`)], false}
	}
	begin := text[:brace+1]
	end := strings.Replace(begin, "begin", "end", 1)
	for i, open := len(begin), 1; ; {
		j := strings.Index(text[i:], end)
		if j < 0 {
			return span{formula, begin, false}
		}
		open += strings.Count(text[i:i+j], begin) - 1
		i += j + len(end)
		if open == 0 {
			return span{formula, text[:i], true}
		}
	}
}

// functions are names in formulas that stand as words where a PDF's text lost
// its delimiters.
var functions = map[string]bool{
	"sin": true, "cos": true, "tan": true, "exp": true, "log": true, "lim": true, "min": true, "max": true, "sup": true, "inf": true,
	"det": true, "dim": true, "ker": true, "card": true, "mod": true, "arctan": true, "arcsin": true, "arccos": true, "cotan": true,
}

// codeLine matches lines of Python and SQL where a PDF's text lost the marks
// of code.
var codeLine = regexp.MustCompile(`(?m)^[ \t]*(?:(?:def|class|for|while|if|elif|else|try|with)\b.*:|(?:return|import|nonlocal|global|print|from \w+ import)\b.*|` +
	`(?:SELECT|FROM|WHERE|JOIN|ORDER BY|GROUP BY|LIMIT|HAVING)\b.*|[A-Za-z_][\w.]*(?:\[.*\])?[ \t]*[-+*/]?=[^=\n].*|[\w.]+[ \t]?\(.*\))[ \t]*$`)

// words returns the words of a text's prose: letters, with apostrophes and
// hyphens inside, in two characters or more. Formulas, code, addresses,
// macros, numbers and the names of functions are left out.
func words(text string) []string {
	var all []string
	for _, s := range spans(text) {
		if s.kind != prose {
			continue
		}
		for _, field := range strings.FieldsFunc(codeLine.ReplaceAllString(s.text, ""), isGap) {
			word := strings.TrimFunc(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) && r != '\\' })
			if isWord(word) {
				all = append(all, word)
			}
		}
	}
	return all
}

func isGap(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("/|,;:()[]«»“”\"", r)
}

func isWord(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case !unicode.Is(unicode.M, r) && !strings.ContainsRune("'’-‑", r):
			return false
		}
	}
	return letters >= 2 && !functions[s]
}

// letters counts the letters of words.
func letters(words []string) (n int) {
	for _, w := range words {
		n += utf8.RuneCountInString(w)
	}
	return n
}
