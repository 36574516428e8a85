package markup

import "strings"

const (
	longestRun    = 31 // backquotes; of longer runs the length is not told apart
	longestPrefix = 64 // bytes of a line before a fence that are looked at
)

// backquotes returns the fence or the span of code that the backquotes at i
// open.
func (s *scanner) backquotes(i int) (int, Span) {
	n := run(s.text[i:], '`')
	inner := i + n
	mark := strings.IndexAny(s.text[inner:], "`\n")
	if n >= 3 && (mark < 0 || s.text[inner+mark] == '\n') { // no backquote on the rest of the line
		if s.startsLine(i) {
			return s.fence(i, n, '`')
		}
		if end, ok := s.closingRun(inner, n, len(s.text), true); ok {
			return s.is(Fence, i, end) // opened behind text, as models do
		}
		return inner, Span{}
	}
	if end, ok := s.closingRun(inner, n, s.paragraphEnd(i), false); ok {
		return s.is(Code, i, end)
	}
	return inner, Span{}
}

// tildes returns the fence that tildes at the beginning of a line open.
func (s *scanner) tildes(i int) (int, Span) {
	n := run(s.text[i:], '~')
	if n >= 3 && s.startsLine(i) {
		return s.fence(i, n, '~')
	}
	return i + n, Span{}
}

// fence returns the block of code that n marks at i open: to the line that is
// nothing but as many marks or more, without one to the next marks anywhere,
// without those to the end of the text.
func (s *scanner) fence(i, n int, mark byte) (int, Span) {
	text, marks := s.text, s.text[i:i+n]
	least := &s.unclosed[0]
	if mark == '~' {
		least = &s.unclosed[1]
	}
	anywhere := 0
	for j := i + n; *least == 0 || n < *least || anywhere == 0; {
		k := strings.Index(text[j:], marks)
		if k < 0 {
			break
		}
		start := j + k
		end := start + run(text[start:], mark)
		if anywhere == 0 {
			anywhere = end
		}
		if s.startsLine(start) && strings.TrimSpace(line(text[end:])) == "" {
			return s.is(Fence, i, end)
		}
		j = end
	}
	if *least == 0 || n < *least {
		*least = n
	}
	if anywhere > 0 {
		return s.is(Fence, i, anywhere)
	}
	return i, Span{Fence, text[i:], false}
}

// startsLine reports whether nothing stands before i on its line but spaces
// and the marks of quotations and lists.
func (s *scanner) startsLine(i int) bool {
	for j := i - 1; j >= max(0, i-longestPrefix); j-- {
		switch c := s.text[j]; {
		case c == '\n':
			return true
		case !isSpace(c) && !isDigit(c) && strings.IndexByte(">-*+.)", c) < 0:
			return false
		}
	}
	return i <= longestPrefix
}

// closingRun returns where the next run of n backquotes before limit ends; of
// n or more where longer is set.
func (s *scanner) closingRun(i, n, limit int, longer bool) (end int, ok bool) {
	failed := &s.runs[min(n, longestRun)]
	if limit <= *failed {
		return 0, false
	}
	for i < limit {
		j := strings.IndexByte(s.text[i:limit], '`')
		if j < 0 {
			break
		}
		i += j
		k := run(s.text[i:], '`')
		if i += k; k == n || longer && k > n {
			return i, true
		}
	}
	*failed = limit
	return 0, false
}

// paragraphEnd returns where the paragraph around i ends: before the newline
// that a blank line follows.
func (s *scanner) paragraphEnd(i int) int {
	if i < s.paragraph {
		return s.paragraph
	}
	s.paragraph = len(s.text)
	for i < len(s.text) {
		j := strings.IndexByte(s.text[i:], '\n')
		if j < 0 {
			break
		}
		i += j
		next := strings.TrimLeft(s.text[i+1:], " \t\r")
		if next == "" || next[0] == '\n' {
			s.paragraph = i
			break
		}
		i = len(s.text) - len(next)
	}
	return s.paragraph
}

// run returns how many marks a text begins with.
func run(text string, mark byte) (n int) {
	for n < len(text) && text[n] == mark {
		n++
	}
	return n
}

// line returns a text up to its first newline.
func line(text string) string {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return text[:i]
	}
	return text
}
