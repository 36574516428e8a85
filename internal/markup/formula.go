package markup

import "strings"

// dollar returns the formula that the dollar at i opens, or the placeholder
// ${name}.
func (s *scanner) dollar(i int) (int, Span) {
	if s.byteAt(i+1) == '$' {
		if end, ok := s.closing(dollars, i+2, len(s.text)); ok && end > i+4 {
			return s.is(Formula, i, end)
		}
		return i, Span{Formula, s.text[i : i+2], false}
	}
	if end := s.name(i + 1); end-i > 4 && strings.IndexByte(`^_$\`, s.byteAt(end)) < 0 {
		return s.is(Placeholder, i, end)
	}
	rest := s.text[i+1 : s.paragraphEnd(i)]
	if rest == "" {
		return i + 1, Span{}
	}
	end := nextDollar(rest)
	switch {
	case isDigit(s.byteAt(i-1)) && !isLetter(rest[0]) && strings.IndexByte(`\({`, rest[0]) < 0:
		// money, with the dollar behind the amount: 5$, 100$-200$
	case end > 0 && isFormula(rest[:end], s.byteAt(i+end+2)):
		return s.is(Formula, i, i+end+2)
	case !isAlnum(s.byteAt(i-1)) && opensFormula(rest):
		return i, Span{Formula, s.text[i : i+1], false}
	}
	return i + 1, Span{}
}

// isFormula reports whether what stands between two dollars is a formula, by
// pandoc's rule or because it looks like one; after is the byte behind them.
func isFormula(inner string, after byte) bool {
	looks := looksLikeFormula(inner)
	if isAmount(inner) && !looks && hasWord(inner) || isVariable(inner) && strings.ContainsAny(inner, "/: ") {
		return false // $5 is what I have, not 10$; $HOME/a:$PATH
	}
	first, last := isSpace(inner[0]), isSpace(inner[len(inner)-1])
	if first || last {
		return looks && (first == last || last && !isAmount(inner)) && !strings.Contains(inner, "\n")
	}
	return !isDigit(after) || looks && !isAmount(inner)
}

// opensFormula reports whether what follows a lone dollar looks like the
// beginning of a formula, and not like money or a variable of the shell.
func opensFormula(rest string) bool {
	first := rest[0]
	switch {
	case isLetter(first):
		return !isVariable(rest)
	case isDigit(first):
		return !isAmount(rest)
	}
	if len(rest) == 1 || isSpace(rest[1]) || first == '-' && isDigit(rest[1]) {
		return false
	}
	return strings.IndexByte(`\({|[-`, first) >= 0
}

// nextDollar returns the place of the first dollar that is neither escaped nor
// in the braces of a \text; -1 without one.
func nextDollar(text string) int {
	nested := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '$':
			return i
		case '\\':
			n := 0
			if nested < mostNested {
				n = nestedText(text[i:])
			}
			if n > 0 {
				nested++
			}
			i += max(n-1, 1)
		}
	}
	return -1
}

// A formula is looked through for the formulas in its \text this far.
const (
	longestNested = 256 // bytes of one \text
	mostNested    = 16
)

var textMacros = [...]string{`\text{`, `\mbox{`, `\textrm{`, `\hbox{`}

// nestedText returns the length of a \text{…} that holds pairs of dollars, 0
// for anything else.
func nestedText(text string) int {
	open := 0
	for _, macro := range textMacros {
		if strings.HasPrefix(text, macro) {
			open = len(macro)
		}
	}
	if open == 0 {
		return 0
	}
	depth, dollars := 1, 0
	for i := open; i < min(len(text), longestNested); i++ {
		switch text[i] {
		case '\\':
			i++
		case '$':
			dollars++
		case '{':
			depth++
		case '}':
			if depth--; depth > 0 {
				continue
			}
			if dollars > 0 && dollars%2 == 0 {
				return i + 1
			}
			return 0
		}
	}
	return 0
}

// looksLikeFormula reports whether a piece holds a macro, an exponent or an
// index.
func looksLikeFormula(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		if c := text[i]; c == '^' || c == '_' || c == '\\' && isLetter(text[i+1]) {
			return true
		}
	}
	return false
}

// hasWord reports whether a piece holds four letters in a row.
func hasWord(text string) bool {
	run := 0
	for i := range len(text) {
		if !isLetter(text[i]) && text[i] < 0x80 {
			run = 0
		} else if run++; run == 4 {
			return true
		}
	}
	return false
}

// isAmount reports whether a text begins with a number that is no part of an
// expression: the 5 of $5, the 2.50 of $2.50, the 3M of $3M.
func isAmount(text string) bool {
	i := 0
	for i < len(text) && (isDigit(text[i]) || (text[i] == '.' || text[i] == ',') && i > 0) {
		i++
	}
	if i == 0 {
		return false
	}
	for _, unit := range [...]string{"k", "K", "M", "B", "bn", "m"} {
		if strings.HasPrefix(text[i:], unit) && (i+len(unit) == len(text) || !isAlnum(text[i+len(unit)])) {
			return true
		}
	}
	return i == len(text) || !isLetter(text[i]) && strings.IndexByte(`^_\{(+*=<>$`, text[i]) < 0
}

// isVariable reports whether a text begins with a name of the shell, such as
// HOME or PATH_1.
func isVariable(text string) bool {
	i := 0
	for i < len(text) && (text[i]-'A' < 26 || text[i] == '_' || isDigit(text[i])) {
		i++
	}
	return i >= 3 && (i == len(text) || !isLetter(text[i]) && strings.IndexByte(`^=\{`, text[i]) < 0)
}

// backslash returns the formula that the backslash at i opens.
func (s *scanner) backslash(i int) (int, Span) {
	switch next := s.byteAt(i + 1); {
	case next == '(':
		return s.bracketed(i, parenthesis, s.paragraphEnd(i))
	case next == '[':
		return s.bracketed(i, square, len(s.text))
	case next == 'b' && strings.HasPrefix(s.text[i:], `\begin{`):
		return s.environment(i)
	case next == 0 || isAlnum(next) || next >= 0x80:
		return i + 1, Span{}
	}
	return i + 2, Span{} // \$ and \` open nothing
}

func (s *scanner) bracketed(i int, c closer, limit int) (int, Span) {
	if end, ok := s.closing(c, i+2, limit); ok {
		return s.is(Formula, i, end)
	}
	return i, Span{Formula, s.text[i : i+2], false}
}

// closer is what ends a span that another text opened.
type closer int

const (
	parenthesis closer = iota
	square
	dollars
	comment
	closers
)

var closerTexts = [closers]string{`\)`, `\]`, "$$", "-->"}

// closing returns where the first closer between i and limit ends that no
// backslash protects.
func (s *scanner) closing(c closer, i, limit int) (end int, ok bool) {
	if limit <= s.failed[c] {
		return 0, false
	}
	text := closerTexts[c]
	for i = max(i, s.failed[c]); i < limit; i++ {
		switch {
		case s.text[i] == text[0] && strings.HasPrefix(s.text[i:limit], text):
			return i + len(text), true
		case s.text[i] == '\\' && c != comment:
			i++
		}
	}
	s.failed[c] = limit
	return 0, false
}

// longestName bounds the name of an environment.
const longestName = 64

// environment returns the environment that the \begin at i opens.
func (s *scanner) environment(i int) (int, Span) {
	if s.ends == nil {
		s.ends = environments(s.text)
	}
	if end, ok := s.ends[i]; ok {
		return s.is(Formula, i, end)
	}
	end := i + len(`\begin{`)
	if _, n := environmentName(s.text[end:]); n > 0 {
		end += n
	}
	return i, Span{Formula, s.text[i:end], false}
}

// environments pairs every \begin of a text with the end of its environment,
// each name for itself.
func environments(text string) map[int]int {
	ends, open := map[int]int{}, map[string][]int{}
	for i := 0; ; {
		j := strings.IndexByte(text[i:], '\\')
		if j < 0 {
			return ends
		}
		i += j
		start, begins := i, strings.HasPrefix(text[i:], `\begin{`)
		switch {
		case begins:
			i += len(`\begin{`)
		case strings.HasPrefix(text[i:], `\end{`):
			i += len(`\end{`)
		default:
			i++
			continue
		}
		name, n := environmentName(text[i:])
		if n == 0 {
			continue
		}
		i += n
		starts := open[name]
		switch {
		case begins:
			open[name] = append(starts, start)
		case len(starts) > 0:
			ends[starts[len(starts)-1]] = i
			open[name] = starts[:len(starts)-1]
		}
	}
}

// environmentName returns the name before the next brace, and the length with
// the brace; 0 without one nearby.
func environmentName(text string) (name string, length int) {
	brace := strings.IndexByte(text[:min(len(text), longestName)], '}')
	return text[:max(brace, 0)], brace + 1
}
