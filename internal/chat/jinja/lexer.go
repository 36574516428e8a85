package jinja

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	tokenData
	tokenVariableBegin
	tokenVariableEnd
	tokenBlockBegin
	tokenBlockEnd
	tokenName
	tokenString
	tokenInteger
	tokenFloat
	tokenOperator
)

type token struct {
	kind  tokenKind
	text  string // data, name, operator, or the value of a string
	value Value  // of a number
	line  int
}

func (t token) describe() string {
	switch t.kind {
	case tokenEOF:
		return "the end of the template"
	case tokenData:
		return "template text"
	case tokenVariableBegin, tokenVariableEnd, tokenBlockBegin, tokenBlockEnd, tokenOperator, tokenName:
		return strconv.Quote(t.text)
	case tokenString:
		return "the string " + strconv.Quote(t.text)
	}
	return "a number"
}

// lexer splits a template into tokens, with trim_blocks and lstrip_blocks set
// and keep_trailing_newline not.
type lexer struct {
	src       string
	at        int
	line      int
	lineStart bool // nothing but removed text stands before src[at] on its line
	tokens    []token
}

func lex(source string) ([]token, error) {
	source = strings.ReplaceAll(strings.ReplaceAll(source, "\r\n", "\n"), "\r", "\n")
	source = strings.TrimSuffix(source, "\n")
	l := &lexer{src: source, line: 1, lineStart: true}
	for l.at < len(l.src) {
		if err := l.data(); err != nil {
			return nil, err
		}
	}
	l.emit(tokenEOF, "")
	return l.tokens, nil
}

func (l *lexer) emit(kind tokenKind, text string) {
	l.tokens = append(l.tokens, token{kind: kind, text: text, line: l.line})
}

func (l *lexer) fail(line int, format string, a ...any) error {
	return &Error{Line: line, Err: fmt.Errorf(format, a...)}
}

// skip moves over n bytes.
func (l *lexer) skip(n int) {
	l.line += strings.Count(l.src[l.at:l.at+n], "\n")
	l.at += n
	l.lineStart = l.at > 0 && l.src[l.at-1] == '\n'
}

func (l *lexer) skipSpace() {
	rest := l.src[l.at:]
	if n := len(rest) - len(strings.TrimLeftFunc(rest, IsSpace)); n > 0 {
		l.skip(n)
	}
}

// IsSpace is Python's str.isspace for one character: what templates trim.
func IsSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

// nextTag returns where the next {{, {% or {# starts.
func (l *lexer) nextTag(from int) int {
	for i := from; ; i++ {
		next := strings.IndexByte(l.src[i:], '{')
		if next < 0 || i+next+1 >= len(l.src) {
			return len(l.src)
		}
		i += next
		if c := l.src[i+1]; c == '{' || c == '%' || c == '#' {
			return i
		}
	}
}

// data reads template text up to the next tag, and the tag.
func (l *lexer) data() error {
	start := l.at
	tag := l.nextTag(start)
	text := l.src[start:tag]
	if tag == len(l.src) {
		l.emit(tokenData, text)
		l.skip(len(text))
		return nil
	}
	kind := l.src[tag+1]
	text, sign := l.stripBefore(text, tag+2, kind != '{')
	if text != "" {
		l.emit(tokenData, text)
	}
	l.skip(tag + 2 + sign - start)
	switch kind {
	case '#':
		return l.comment()
	case '{':
		l.emit(tokenVariableBegin, "{{")
		return l.code(tokenVariableEnd, "}}")
	}
	if ok, err := l.raw(); ok || err != nil {
		return err
	}
	l.emit(tokenBlockBegin, "{%")
	return l.code(tokenBlockEnd, "%}")
}

// stripBefore removes the white space that a tag takes from the text before
// it. after is where the sign of the tag may stand.
func (l *lexer) stripBefore(text string, after int, block bool) (stripped string, signLen int) {
	switch {
	case strings.HasPrefix(l.src[after:], "-"):
		return strings.TrimRightFunc(text, IsSpace), 1
	case strings.HasPrefix(l.src[after:], "+"):
		return text, 1
	case block:
		line := strings.LastIndexByte(text, '\n') + 1
		if (line > 0 || l.lineStart) && strings.TrimFunc(text[line:], IsSpace) == "" {
			return text[:line], 0
		}
	}
	return text, 0
}

// closing reports whether a tag ends at l.at, and how it ends.
func (l *lexer) closing(at int, end string, block bool) (n int, trim byte, ok bool) {
	rest := l.src[at:]
	switch {
	case strings.HasPrefix(rest, end):
		return len(end), 0, true
	case strings.HasPrefix(rest, "-"+end):
		return len(end) + 1, '-', true
	case block && strings.HasPrefix(rest, "+"+end):
		return len(end) + 1, '+', true
	}
	return 0, 0, false
}

// close moves over the end of a tag and the white space that it takes.
func (l *lexer) close(n int, trim byte, block bool) {
	l.skip(n)
	if trim == '-' {
		l.skipSpace()
	} else if block && trim == 0 && strings.HasPrefix(l.src[l.at:], "\n") {
		l.skip(1)
	}
}

func (l *lexer) comment() error {
	end := strings.Index(l.src[l.at:], "#}")
	if end < 0 {
		return l.fail(l.line, "the comment is not closed: write #}")
	}
	var trim byte
	if end > 0 {
		if c := l.src[l.at+end-1]; c == '-' || c == '+' {
			trim = c
		}
	}
	l.skip(end)
	l.close(2, trim, true)
	return nil
}

// raw reads {% raw %}...{% endraw %} when l.at stands after the {% of one.
func (l *lexer) raw() (bool, error) {
	begin, ok := l.bareTag(l.at, "raw", false)
	if !ok {
		return false, nil
	}
	line := l.line
	l.skip(begin.end - l.at)
	if begin.trim == '-' {
		l.skipSpace()
	}
	for tag := l.at; ; tag += 2 {
		next := strings.Index(l.src[tag:], "{%")
		if next < 0 {
			return true, l.fail(line, "the raw block is not closed: write {%% endraw %%}")
		}
		tag += next
		after := tag + 2
		if strings.HasPrefix(l.src[after:], "-") || strings.HasPrefix(l.src[after:], "+") {
			after++
		}
		end, ok := l.bareTag(after, "endraw", true)
		if !ok {
			continue
		}
		text, _ := l.stripBefore(l.src[l.at:tag], tag+2, true)
		if text != "" {
			l.emit(tokenData, text)
		}
		l.skip(end.end - end.n - l.at)
		l.close(end.n, end.trim, true)
		return true, nil
	}
}

type bareTag struct {
	end, n int // where the tag ends, and the length of its closing
	trim   byte
}

// bareTag reads the name of a tag and its closing. Only the end of a raw block
// may be closed by +%}.
func (l *lexer) bareTag(at int, name string, plus bool) (bareTag, bool) {
	skipSpace := func() { at = len(l.src) - len(strings.TrimLeftFunc(l.src[at:], IsSpace)) }
	skipSpace()
	if !strings.HasPrefix(l.src[at:], name) {
		return bareTag{}, false
	}
	at += len(name)
	skipSpace()
	n, trim, ok := l.closing(at, "%}", plus)
	return bareTag{end: at + n, n: n, trim: trim}, ok
}

// code reads the tokens of a tag up to its end.
func (l *lexer) code(endKind tokenKind, end string) error {
	var open []byte
	block := endKind == tokenBlockEnd
	begin := l.line
	for {
		l.skipSpace()
		if l.at == len(l.src) {
			return l.fail(begin, "the tag is not closed: write %s", end)
		}
		if len(open) == 0 {
			if n, trim, ok := l.closing(l.at, end, block); ok {
				l.emit(endKind, end)
				l.close(n, trim, block)
				return nil
			}
		}
		if err := l.codeToken(&open); err != nil {
			return err
		}
	}
}

func (l *lexer) codeToken(open *[]byte) error {
	c := l.src[l.at]
	r, _ := utf8.DecodeRuneInString(l.src[l.at:])
	switch {
	case c >= '0' && c <= '9':
		return l.number()
	case c == '\'' || c == '"':
		return l.quoted(c)
	case r == '_' || unicode.IsLetter(r):
		n := strings.IndexFunc(l.src[l.at:], func(r rune) bool {
			return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		if n < 0 {
			n = len(l.src) - l.at
		}
		l.emit(tokenName, l.src[l.at:l.at+n])
		l.skip(n)
		return nil
	}
	return l.operator(open)
}

var operators = []string{"//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"}

func (l *lexer) operator(open *[]byte) error {
	for _, op := range operators {
		if !strings.HasPrefix(l.src[l.at:], op) {
			continue
		}
		switch op {
		case "(":
			*open = append(*open, ')')
		case "[":
			*open = append(*open, ']')
		case "{":
			*open = append(*open, '}')
		case ")", "]", "}":
			n := len(*open) - 1
			if n < 0 || (*open)[n] != op[0] {
				return l.fail(l.line, "unexpected %q", op)
			}
			*open = (*open)[:n]
		}
		l.emit(tokenOperator, op)
		l.skip(len(op))
		return nil
	}
	r, _ := utf8.DecodeRuneInString(l.src[l.at:])
	return l.fail(l.line, "unexpected character %q", r)
}
