package markup

import "strings"

const (
	longestPlaceholder = 48   // bytes of {name}, [address], <your name>
	longestTag         = 1024 // bytes of a tag with its attributes
	placeholderWords   = 4    // words of [name of the company]
)

// brace returns the placeholder {name} or {{name}} at i.
func (s *scanner) brace(i int) (int, Span) {
	if before := s.byteAt(i - 1); isAlnum(before) || before >= 0x80 || before != 0 && strings.IndexByte(`\}^_{$`, before) >= 0 {
		return i + 1, Span{}
	}
	if s.byteAt(i+1) == '{' {
		near := s.text[i+2 : min(len(s.text), i+2+longestPlaceholder)]
		if n := strings.IndexAny(near, "{}\n"); n > 0 && strings.HasPrefix(s.text[i+2+n:], "}}") && strings.TrimSpace(near[:n]) != "" {
			return s.is(Placeholder, i, i+2+n+2)
		}
		return i + 2, Span{}
	}
	if end := s.name(i); end > 0 {
		return s.is(Placeholder, i, end)
	}
	return i + 1, Span{}
}

// name returns where the {name} at i ends, with what Python's format may put
// after the name; 0 without one. The name may be a number.
func (s *scanner) name(i int) (end int) {
	if s.byteAt(i) != '{' {
		return 0
	}
	text := s.text[i+1 : min(len(s.text), i+1+longestPlaceholder)]
	n := 0
	for n < len(text) && (isAlnum(text[n]) || text[n] >= 0x80 || text[n] == '_' || n > 0 && (text[n] == '.' || text[n] == '-')) {
		n++
	}
	if n == 0 || isDigit(text[0]) && strings.Trim(text[:n], "0123456789") != "" {
		return 0
	}
	if n < len(text) && (text[n] == ':' || text[n] == '!') {
		for n++; n < len(text) && (isAlnum(text[n]) || strings.IndexByte(".,%<>^+", text[n]) >= 0); n++ {
		}
	}
	if n < len(text) && text[n] == '}' {
		return i + n + 2
	}
	return 0
}

// square returns the placeholder [address] at i; what Markdown and mathematics
// put in brackets is none.
func (s *scanner) square(i int) (int, Span) {
	if before := s.byteAt(i - 1); isAlnum(before) || before >= 0x80 || before != 0 && strings.IndexByte(`\]!$`, before) >= 0 {
		return i + 1, Span{}
	}
	if end := s.words(i+1, ']'); end > i+3 && strings.IndexByte("([:", s.byteAt(end)) < 0 {
		return s.is(Placeholder, i, end)
	}
	return i + 1, Span{}
}

// words returns where the few words from i to the closing byte end, with it; 0
// without them.
func (s *scanner) words(i int, closing byte) (end int) {
	text := s.text[i:min(len(s.text), i+longestPlaceholder)]
	spaces := 0
	for n := range len(text) {
		switch c := text[n]; {
		case c == closing:
			if n == 0 || isSpace(text[n-1]) || spaces >= placeholderWords {
				return 0
			}
			return i + n + 1
		case isLetter(c), c >= 0x80:
		case n == 0:
			return 0
		case c == ' ':
			spaces++
		case !isDigit(c) && strings.IndexByte("_-'/.", c) < 0:
			return 0
		}
	}
	return 0
}

// angle returns the tag, comment or placeholder that the < at i opens. <<title>>
// is none of them.
func (s *scanner) angle(i int) (int, Span) {
	next := s.byteAt(i + 1)
	switch {
	case next == '<':
		return i + run(s.text[i:], '<'), Span{}
	case strings.HasPrefix(s.text[i:], "<!--"):
		if end, ok := s.closing(comment, i+4, len(s.text)); ok {
			return s.is(Tag, i, end)
		}
		return i + 4, Span{}
	case next == '/' || isLetter(next):
		if end := s.tag(i); end > 0 {
			return s.is(Tag, i, end)
		}
		if end := s.words(i+1, '>'); end > 0 && !isAlnum(s.byteAt(i-1)) {
			return s.is(Placeholder, i, end)
		}
	}
	return i + 1, Span{}
}

// tag returns where the tag at i ends: a name, then nothing, a slash or
// attributes with a value. 0 without a tag.
func (s *scanner) tag(i int) (end int) {
	text := s.text[i:min(len(s.text), i+longestTag)]
	n := 1
	if text[n] == '/' {
		n++
	}
	name := n
	for n < len(text) && (isAlnum(text[n]) || n > name && strings.IndexByte("-_:", text[n]) >= 0) {
		n++
	}
	if n == name || !isLetter(text[name]) || n == len(text) {
		return 0
	}
	if text[n] != '>' && text[n] != '/' && !isSpace(text[n]) {
		return 0
	}
	valued := false
	for quote := byte(0); n < len(text); n++ {
		switch c := text[n]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			if inner := strings.TrimSpace(strings.TrimSuffix(text[name:n], "/")); !valued && strings.ContainsAny(inner, " \t\n/") {
				return 0
			}
			return i + n + 1
		case c == '=':
			valued = true
		case (c == '"' || c == '\'') && valued:
			quote = c
		case c == '<':
			return 0
		}
	}
	return 0
}

// percent returns the conversion of printf at i, such as %s, %5.2f, %(name)s.
func (s *scanner) percent(i int) (int, Span) {
	if before := s.byteAt(i - 1); isDigit(before) || before == '%' || before == '\\' {
		return i + 1, Span{}
	}
	text := s.text[i+1 : min(len(s.text), i+1+longestPlaceholder)]
	n := 0
	if strings.HasPrefix(text, "(") {
		if n = strings.IndexByte(text, ')') + 1; n < 3 {
			return i + 1, Span{}
		}
	}
	for n < len(text) && (isDigit(text[n]) || strings.IndexByte("-+#.$l", text[n]) >= 0) {
		n++
	}
	if n == len(text) || strings.IndexByte("sdifgeuxXcq", text[n]) < 0 {
		return i + 1, Span{}
	}
	if after := s.byteAt(i + n + 2); isAlnum(after) || after >= 0x80 || after == '\'' {
		return i + 1, Span{}
	}
	return s.is(Placeholder, i, i+n+2)
}
