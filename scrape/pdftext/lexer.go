package pdftext

import (
	"strconv"
)

type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	tokenNumber
	tokenString
	tokenName
	tokenOp    // operator or any other word
	tokenDelim // one of [ ] < > { }, where < and > stand for << and >>
)

// token is one lexical element of a content stream or CMap. bytes is valid
// until the next call of next.
type token struct {
	kind  tokenKind
	num   float64
	bytes []byte
}

// lexer splits content streams and CMaps into tokens. It accepts any bytes.
type lexer struct {
	data []byte
	pos  int
	tmp  []byte // decoded string
}

// class of each byte: 0 regular, 1 white space, 2 delimiter.
var class = func() (c [256]uint8) {
	for _, b := range []byte("\x00\t\n\f\r ") {
		c[b] = 1
	}
	for _, b := range []byte("()<>[]{}/%") {
		c[b] = 2
	}
	return c
}()

func (l *lexer) next() token {
	l.skipSpace()
	if l.pos >= len(l.data) {
		return token{kind: tokenEOF}
	}
	start := l.pos
	switch c := l.data[l.pos]; c {
	case '(':
		return l.literal()
	case '<':
		if l.pos+1 < len(l.data) && l.data[l.pos+1] == '<' {
			l.pos += 2
			return token{kind: tokenDelim, bytes: l.data[start : start+1]}
		}
		return l.hex()
	case '>':
		l.pos++
		if l.pos < len(l.data) && l.data[l.pos] == '>' {
			l.pos++
		}
		return token{kind: tokenDelim, bytes: l.data[start : start+1]}
	case '[', ']', '{', '}', ')':
		l.pos++
		return token{kind: tokenDelim, bytes: l.data[start:l.pos]}
	case '/':
		l.pos++
		return token{kind: tokenName, bytes: l.word()}
	}
	word := l.word()
	if num, ok := number(word); ok {
		return token{kind: tokenNumber, num: num}
	}
	return token{kind: tokenOp, bytes: word}
}

func (l *lexer) skipSpace() {
	for l.pos < len(l.data) {
		switch c := l.data[l.pos]; {
		case class[c] == 1:
			l.pos++
		case c == '%':
			for l.pos < len(l.data) && l.data[l.pos] != '\n' && l.data[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

func (l *lexer) word() []byte {
	start := l.pos
	for l.pos < len(l.data) && class[l.data[l.pos]] == 0 {
		l.pos++
	}
	return l.data[start:l.pos]
}

// number parses the decimal numbers of PDF, which have no exponent.
func number(word []byte) (float64, bool) {
	if len(word) == 0 || word[0] > '9' || len(word) > 32 {
		return 0, false
	}
	i, neg := 0, false
	for i < len(word) && (word[i] == '-' || word[i] == '+') {
		neg = neg || word[i] == '-'
		i++
	}
	digits, value, scale := 0, 0.0, 1.0
	for ; i < len(word) && word[i] >= '0' && word[i] <= '9'; i++ {
		value = value*10 + float64(word[i]-'0')
		digits++
	}
	if i < len(word) && word[i] == '.' {
		for i++; i < len(word) && word[i] >= '0' && word[i] <= '9'; i++ {
			scale /= 10
			value += float64(word[i]-'0') * scale
			digits++
		}
	}
	// Some producers write "0.00-5"; what stands after the sign is dropped.
	if digits == 0 || i < len(word) && word[i] != '-' {
		return 0, false
	}
	if neg {
		value = -value
	}
	return value, true
}

func (l *lexer) hex() token {
	l.pos++
	l.tmp = l.tmp[:0]
	half, high := false, byte(0)
	for ; l.pos < len(l.data) && l.data[l.pos] != '>'; l.pos++ {
		d, ok := hexDigit(l.data[l.pos])
		if !ok {
			continue
		}
		if half {
			l.tmp = append(l.tmp, high<<4|d)
		}
		half, high = !half, d
	}
	if half {
		l.tmp = append(l.tmp, high<<4)
	}
	l.pos++
	return token{kind: tokenString, bytes: l.tmp}
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func (l *lexer) literal() token {
	l.pos++
	l.tmp = l.tmp[:0]
	for depth := 1; l.pos < len(l.data); l.pos++ {
		switch c := l.data[l.pos]; c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.pos++
				return token{kind: tokenString, bytes: l.tmp}
			}
		case '\\':
			l.escape()
			continue
		}
		l.tmp = append(l.tmp, l.data[l.pos])
	}
	return token{kind: tokenString, bytes: l.tmp}
}

// escape decodes one backslash sequence and leaves pos on its last byte.
func (l *lexer) escape() {
	l.pos++
	if l.pos >= len(l.data) {
		return
	}
	switch c := l.data[l.pos]; c {
	case 'n':
		l.tmp = append(l.tmp, '\n')
	case 'r':
		l.tmp = append(l.tmp, '\r')
	case 't':
		l.tmp = append(l.tmp, '\t')
	case 'b':
		l.tmp = append(l.tmp, '\b')
	case 'f':
		l.tmp = append(l.tmp, '\f')
	case '\r':
		if l.pos+1 < len(l.data) && l.data[l.pos+1] == '\n' {
			l.pos++
		}
	case '\n':
	case '0', '1', '2', '3', '4', '5', '6', '7':
		end := l.pos + 1
		for end < len(l.data) && end < l.pos+3 && l.data[end] >= '0' && l.data[end] <= '7' {
			end++
		}
		v, _ := strconv.ParseUint(string(l.data[l.pos:end]), 8, 16)
		l.tmp = append(l.tmp, byte(v))
		l.pos = end - 1
	default:
		l.tmp = append(l.tmp, c)
	}
}

// skipInlineImage moves past the data of an inline image: pos stands after
// "ID", and is left after the "EI" that is followed by white space.
func (l *lexer) skipInlineImage() {
	for i := l.pos + 1; i+1 < len(l.data); i++ {
		if l.data[i] == 'E' && l.data[i+1] == 'I' && class[l.data[i-1]] == 1 &&
			(i+2 == len(l.data) || class[l.data[i+2]] == 1) {
			l.pos = i + 2
			return
		}
	}
	l.pos = len(l.data)
}
