package latex

import (
	"strings"
	"unicode/utf8"
)

// maxOptional bounds an optional argument: a bracket that stays open longer is
// a bracket in the text.
const maxOptional = 2000

// input is a stack of texts: the file at the bottom, expansions of macros
// above it. Reading goes on below when the top is used up.
type input struct {
	frames   []frame
	pushed   int  // bytes put back so far
	atLetter bool // \makeatletter is in force
}

type frame struct {
	text string
	pos  int
}

func newInput(text string) *input {
	return &input{frames: []frame{{text: text}}}
}

// top returns the frame that holds the next byte, or nil at the end.
func (in *input) top() *frame {
	for n := len(in.frames); n > 0; n-- {
		f := &in.frames[n-1]
		if f.pos < len(f.text) {
			return f
		}
		in.frames = in.frames[:n-1]
	}
	return nil
}

// push puts text before what is still to be read.
func (in *input) push(text string) {
	in.top() // used-up frames go, so that tail calls do not nest
	in.frames = append(in.frames, frame{text: text})
	in.pushed += len(text)
}

// peek returns the next byte, or 0 at the end; the source holds no zero byte.
func (in *input) peek() byte {
	if f := in.top(); f != nil {
		return f.text[f.pos]
	}
	return 0
}

// next consumes one byte.
func (in *input) next() byte {
	f := in.top()
	if f == nil {
		return 0
	}
	f.pos++
	return f.text[f.pos-1]
}

// nextRune consumes one character and returns its bytes.
func (in *input) nextRune() string {
	f := in.top()
	if f == nil {
		return ""
	}
	_, size := utf8.DecodeRuneInString(f.text[f.pos:])
	f.pos += size
	return f.text[f.pos-size : f.pos]
}

// accept consumes the next byte if it is c.
func (in *input) accept(c byte) bool {
	if in.peek() != c {
		return false
	}
	in.next()
	return true
}

// skipBlanks consumes spaces and tabs.
func (in *input) skipBlanks() {
	for c := in.peek(); c == ' ' || c == '\t'; c = in.peek() {
		in.next()
	}
}

// skipSpace consumes white space and comments up to the end of the paragraph,
// as TeX does after a control word.
func (in *input) skipSpace() {
	for newline := false; ; {
		switch in.peek() {
		case ' ', '\t':
			in.next()
		case '\n':
			if newline {
				in.push("\n") // a blank line: leave the paragraph's end to be seen
				return
			}
			newline = true
			in.next()
		case '%':
			if in.skipComment() {
				in.push("\n")
				return
			}
		default:
			return
		}
	}
}

// skipComment consumes a comment, its line's end and the blanks that begin the
// next line. It reports whether that line is empty, which ends a paragraph.
func (in *input) skipComment() (paragraph bool) {
	for c := in.next(); c != '\n' && c != 0; c = in.next() {
	}
	in.skipBlanks()
	return in.peek() == '\n'
}

// control reads the name of a control sequence whose backslash is consumed.
func (in *input) control() string {
	if !in.isLetter(in.peek()) {
		return in.nextRune()
	}
	var name strings.Builder
	for in.isLetter(in.peek()) {
		name.WriteByte(in.next())
	}
	return name.String()
}

func (in *input) isLetter(c byte) bool {
	return isLetter(c) || c == '@' && in.atLetter
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// argument reads one argument without its braces: a group, a control sequence
// or a character.
func (in *input) argument() string {
	in.skipSpace()
	switch in.peek() {
	case '{':
		in.next()
		arg, _ := in.until('}', 0)
		return arg
	case '\\':
		in.next()
		return `\` + in.control()
	case '\n', '}':
		return "" // a paragraph or group ends: the argument is missing
	}
	return in.nextRune()
}

// optional reads an argument in brackets, if there is one.
func (in *input) optional() (string, bool) {
	in.skipSpace()
	return in.enclosed('[', ']')
}

// enclosed reads a short argument between two delimiters. If the closing one
// does not come, everything is put back.
func (in *input) enclosed(open, end byte) (string, bool) {
	if !in.accept(open) {
		return "", false
	}
	arg, closed := in.until(end, maxOptional)
	if !closed {
		in.push(string(open) + arg)
	}
	return arg, closed
}

// until reads to the byte end outside groups, and consumes it. Comments are
// left out. With a limit it gives up after that many bytes, and where a group
// closes that was not opened.
func (in *input) until(end byte, limit int) (string, bool) {
	var b strings.Builder
	for depth := 0; limit == 0 || b.Len() < limit; {
		c := in.peek()
		if c == 0 || limit > 0 && c == '}' && depth == 0 {
			return b.String(), false
		}
		in.next()
		switch {
		case c == end && depth == 0:
			return b.String(), true
		case c == '\\':
			b.WriteByte('\\')
			b.WriteString(in.nextRune())
			continue
		case c == '%':
			if in.skipComment() {
				b.WriteByte('\n')
			}
			continue
		case c == '{':
			depth++
		case c == '}':
			depth--
		}
		b.WriteByte(c)
	}
	return b.String(), false
}

// raw reads to the text marker, whatever stands between, and consumes it. It
// reports whether the marker was found.
func (in *input) raw(marker string) (string, bool) {
	var b strings.Builder
	for f := in.top(); f != nil; f = in.top() {
		rest := f.text[f.pos:]
		if i := strings.Index(rest, marker); i >= 0 {
			f.pos += i + len(marker)
			b.WriteString(rest[:i])
			return b.String(), true
		}
		b.WriteString(rest)
		f.pos = len(f.text)
	}
	return b.String(), false
}

// environment reads the raw body of an environment whose \begin is consumed,
// nested ones of the same name included.
func (in *input) environment(name string) (string, bool) {
	var b strings.Builder
	begin, end := `\begin{`+name+`}`, `\end{`+name+`}`
	for open := 1; ; {
		part, found := in.raw(end)
		b.WriteString(part)
		open += strings.Count(part, begin) - 1
		if !found || open <= 0 {
			return b.String(), found
		}
		b.WriteString(end)
	}
}
