package safetensors

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the JSON of headers and indexes from one slice, value by
// value, and builds nothing its caller does not ask for. It is stricter than
// encoding/json where two readers could understand a file differently: keys
// are case-exact, invalid UTF-8 and unpaired surrogates are errors, and so is
// a number that is no plain unsigned integer. Grammar: RFC 8259.
type scanner struct {
	data []byte
	pos  int
}

var errCut = errors.New("the JSON is cut")

const maxDepth = 32 // of values that are skipped

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("byte %d of the JSON: %w", s.pos, fmt.Errorf(format, args...))
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek returns the first byte of the next token, or 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos >= len(s.data) {
		return 0
	}
	return s.data[s.pos]
}

func (s *scanner) expect(c byte) error {
	switch got := s.peek(); {
	case got == c:
		s.pos++
		return nil
	case s.pos >= len(s.data):
		return errCut
	default:
		return s.errorf("%q where %q is expected", got, c)
	}
}

// object calls member for every key; member must read the value.
func (s *scanner) object(member func(key string) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	return s.list('}', func() error {
		key, err := s.string()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		return member(key)
	})
}

// array calls element for every element; element must read it.
func (s *scanner) array(element func() error) error {
	if err := s.expect('['); err != nil {
		return err
	}
	return s.list(']', element)
}

// list reads items between commas up to the closing bracket.
func (s *scanner) list(end byte, item func() error) error {
	if s.peek() == end {
		s.pos++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if s.peek() != ',' {
			return s.expect(end)
		}
		s.pos++
	}
}

// string reads a string. Its bytes are copied.
func (s *scanner) string() (string, error) {
	if err := s.expect('"'); err != nil {
		return "", err
	}
	start := s.pos
	for s.pos < len(s.data) { // the common string, which has no escapes
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.text(s.data[start : s.pos-1])
		case c == '\\':
			return s.escaped(start)
		case c < ' ':
			return "", s.errorf("a raw control character %q in a string", c)
		}
		s.pos++
	}
	return "", errCut
}

// escaped reads the rest of a string from its first backslash.
func (s *scanner) escaped(start int) (string, error) {
	buf := append([]byte(nil), s.data[start:s.pos]...)
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		switch {
		case c == '"':
			return s.text(buf)
		case c < ' ':
			return "", s.errorf("a raw control character %q in a string", c)
		case c != '\\':
			buf = append(buf, c)
		default:
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			buf = utf8.AppendRune(buf, r)
		}
	}
	return "", errCut
}

func (s *scanner) text(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", s.errorf("a string that is not valid UTF-8")
	}
	return string(b), nil
}

// escape reads what follows a backslash.
func (s *scanner) escape() (rune, error) {
	if s.pos >= len(s.data) {
		return 0, errCut
	}
	c := s.data[s.pos]
	s.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return s.unicodeEscape()
	}
	return 0, s.errorf("an unknown escape %q", "\\"+string(c))
}

func (s *scanner) unicodeEscape() (rune, error) {
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if s.pos+2 <= len(s.data) && s.data[s.pos] == '\\' && s.data[s.pos+1] == 'u' {
		s.pos += 2
		low, err := s.hex4()
		if err != nil {
			return 0, err
		}
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, nil
		}
	}
	return 0, s.errorf("an unpaired surrogate in a string")
}

func (s *scanner) hex4() (rune, error) {
	if s.pos+4 > len(s.data) {
		return 0, errCut
	}
	var r rune
	for _, c := range s.data[s.pos : s.pos+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, s.errorf("a \\u escape that is not hexadecimal")
		}
		r = r<<4 | rune(c)
	}
	s.pos += 4
	return r, nil
}

// integer reads an unsigned integer below 2^63: no sign, fraction or exponent.
func (s *scanner) integer() (int64, error) {
	number, err := s.number()
	if err != nil {
		return 0, err
	}
	var n uint64
	for _, c := range number {
		if c < '0' || c > '9' {
			return 0, s.errorf("%s is not an unsigned integer", clip(number))
		}
		if n > (math.MaxInt64-uint64(c-'0'))/10 {
			return 0, s.errorf("%s overflows 63 bits", clip(number))
		}
		n = n*10 + uint64(c-'0')
	}
	return int64(n), nil
}

// number reads a number of any form and returns its text.
func (s *scanner) number() ([]byte, error) {
	s.space()
	start := s.pos
	s.accept("-")
	switch {
	case s.accept("0"):
	case s.digits() == 0:
		s.pos = start
		if s.pos >= len(s.data) {
			return nil, errCut
		}
		return nil, s.errorf("%q where a number is expected", s.data[s.pos])
	}
	if s.accept(".") && s.digits() == 0 {
		return nil, s.errorf("a number without digits after the point")
	}
	if s.accept("eE") {
		s.accept("+-")
		if s.digits() == 0 {
			return nil, s.errorf("a number without digits in its exponent")
		}
	}
	return s.data[start:s.pos], nil
}

// accept steps over the next byte if it is one of set.
func (s *scanner) accept(set string) bool {
	if s.pos >= len(s.data) {
		return false
	}
	for i := range len(set) {
		if s.data[s.pos] == set[i] {
			s.pos++
			return true
		}
	}
	return false
}

func (s *scanner) digits() (n int) {
	for s.accept("0123456789") {
		n++
	}
	return n
}

// skip reads a value of any kind.
func (s *scanner) skip(depth int) error {
	if depth > maxDepth {
		return s.errorf("values nested more than %d deep", maxDepth)
	}
	switch s.peek() {
	case '{':
		return s.object(func(string) error { return s.skip(depth + 1) })
	case '[':
		return s.array(func() error { return s.skip(depth + 1) })
	case '"':
		_, err := s.string()
		return err
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		_, err := s.number()
		return err
	}
}

func (s *scanner) literal(word string) error {
	if rest := s.data[s.pos:]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		return s.errorf("an unknown word where %s is expected", word)
	}
	s.pos += len(word)
	return nil
}

// clip shortens foreign text for an error.
func clip[T string | []byte](text T) string {
	const limit = 64
	if len(text) <= limit {
		return string(text)
	}
	return fmt.Sprintf("%s... (%d bytes)", string(text[:limit]), len(text))
}
