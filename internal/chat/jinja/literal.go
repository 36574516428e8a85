package jinja

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// number reads an integer or a float, with Python's prefixes and underscores.
func (l *lexer) number() error {
	rest := l.src[l.at:]
	n, float := scanNumber(rest)
	if n == 0 {
		return l.fail(l.line, "bad number at %.10q", rest)
	}
	digits := strings.ReplaceAll(rest[:n], "_", "")
	l.emit(tokenInteger, rest[:n])
	t := &l.tokens[len(l.tokens)-1]
	if float && l.at > 0 && l.src[l.at-1] == '.' {
		return l.fail(l.line, "bad number at %.10q", rest)
	}
	if float {
		t.kind = tokenFloat
		f, err := strconv.ParseFloat(digits, 64)
		if err != nil && !strings.Contains(err.Error(), "out of range") {
			return l.fail(l.line, "bad number %q", digits)
		}
		t.value = f
	} else {
		i, ok := new(big.Int).SetString(digits, 0)
		if !ok {
			i, ok = new(big.Int).SetString(digits, 10) // 00
		}
		if !ok {
			return l.fail(l.line, "bad number %q", digits)
		}
		t.value = intValue(i)
	}
	l.skip(n)
	return nil
}

// scanNumber returns the length of the number at the start of s.
func scanNumber(s string) (n int, float bool) {
	digits := func(from int, ok func(byte) bool) int {
		i := from
		for i < len(s) && (ok(s[i]) || s[i] == '_' && i > from && i+1 < len(s) && ok(s[i+1])) {
			i++
		}
		return i
	}
	decimal := func(c byte) bool { return c >= '0' && c <= '9' }
	i := digits(0, decimal)
	end := i
	if i+1 < len(s) && s[i] == '.' && decimal(s[i+1]) {
		end, float = digits(i+1, decimal), true
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		e := end + 1
		if e < len(s) && (s[e] == '+' || s[e] == '-') {
			e++
		}
		if e < len(s) && decimal(s[e]) {
			end, float = digits(e, decimal), true
		}
	}
	if float {
		return end, true
	}
	if s[0] != '0' {
		return i, false
	}
	if len(s) > 2 {
		var ok func(byte) bool
		switch s[1] | 0x20 {
		case 'b':
			ok = func(c byte) bool { return c == '0' || c == '1' }
		case 'o':
			ok = func(c byte) bool { return c >= '0' && c <= '7' }
		case 'x':
			ok = func(c byte) bool { return decimal(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
		}
		if ok != nil && ok(s[2]) {
			return digits(2, ok), false
		}
	}
	return digits(0, func(c byte) bool { return c == '0' }), false
}

func intValue(i *big.Int) Value {
	if i.IsInt64() {
		return i.Int64()
	}
	return i
}

// quoted reads a string literal.
func (l *lexer) quoted(quote byte) error {
	rest := l.src[l.at:]
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case quote:
			s, err := unescape(rest[1:i])
			if err != nil {
				return l.fail(l.line, "string %.40s: %w", rest[:i+1], err)
			}
			l.emit(tokenString, s)
			l.skip(i + 1)
			return nil
		}
	}
	return l.fail(l.line, "the string is not closed: write %c", quote)
}

// unescape resolves the escapes of a Python string literal.
func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", fmt.Errorf(`a \ at its end`)
		}
		switch c := s[i]; c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'a', 'b', 'f', 'n', 'r', 't', 'v':
			b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
		case 'x', 'u', 'U':
			n := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if len(s) < i+1+n {
				return "", fmt.Errorf(`\%c needs %d hexadecimal digits`, c, n)
			}
			code, err := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
			if err != nil {
				return "", fmt.Errorf(`\%c needs %d hexadecimal digits`, c, n)
			}
			if !utf8.ValidRune(rune(code)) || code > unicode.MaxRune {
				return "", fmt.Errorf(`\%c%s is no character`, c, s[i+1:i+1+n])
			}
			b.WriteRune(rune(code))
			i += n
		case '0', '1', '2', '3', '4', '5', '6', '7':
			n := 1
			for n < 3 && i+n < len(s) && s[i+n] >= '0' && s[i+n] <= '7' {
				n++
			}
			code, _ := strconv.ParseUint(s[i:i+n], 8, 32)
			b.WriteRune(rune(code))
			i += n - 1
		case 'N':
			return "", fmt.Errorf(`\N{...} is not supported`)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String(), nil
}
