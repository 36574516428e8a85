package markup

import (
	"strings"
	"unicode/utf8"
)

var schemes = [...]string{"https", "http", "ftp"}

// url returns the address around the colon of its scheme, or from www on.
func (s *scanner) url(i, prose int) (int, Span) {
	start, host := i, i+len("www.")
	if s.text[i] == ':' {
		host = i + len("://")
		if !strings.HasPrefix(s.text[i:], "://") {
			return i + 1, Span{}
		}
		for _, scheme := range schemes {
			if j := i - len(scheme); j >= prose && strings.EqualFold(s.text[j:i], scheme) && !isAlnum(s.byteAt(j-1)) {
				start = j
			}
		}
		if start == i {
			return host, Span{}
		}
	} else if isAlnum(s.byteAt(i - 1)) {
		return i + 1, Span{}
	}
	end := host + urlLength(s.text[host:])
	if end == host {
		return host, Span{}
	}
	return s.is(URL, start, end)
}

// urlLength returns how much of a text belongs to an address: up to a space, a
// quotation mark or a bracket that closes nothing, without the punctuation at
// the end, which is the sentence's.
func urlLength(text string) int {
	round, square, i := 0, 0, 0
loop:
	for i < len(text) {
		c := text[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			if strings.ContainsRune("«»“”‘’…\u00a0\u202f\u2009", r) || r == utf8.RuneError {
				break
			}
			i += size
			continue
		}
		switch c {
		case '(':
			round++
		case '[':
			square++
		case ')':
			if round--; round < 0 {
				break loop
			}
		case ']':
			if square--; square < 0 {
				break loop
			}
		case '<', '>', '"', '`', '{', '}', '|', '\\', '^':
			break loop
		default:
			if c <= ' ' || c == 0x7f {
				break loop
			}
		}
		i++
	}
	return len(strings.TrimRight(text[:i], ".,;:!?'*_~([$"))
}

// longestLocal bounds the part of an e-mail address before the @ (RFC 5321,
// 4.5.3.1.1).
const longestLocal = 64

// email returns the e-mail address around the @ at i.
func (s *scanner) email(i, prose int) (int, Span) {
	start := i
	for start > max(prose, i-longestLocal) && isLocal(s.text[start-1]) {
		start--
	}
	start += len(s.text[start:i]) - len(strings.TrimLeft(s.text[start:i], ".%+-"))
	end, dot := i+1, 0
	for end < len(s.text) && (isAlnum(s.text[end]) || (s.text[end] == '.' || s.text[end] == '-') && end > i+1) {
		if s.text[end] == '.' {
			if s.text[end-1] == '.' {
				break
			}
			dot = end
		}
		end++
	}
	for end > i && (s.text[end-1] == '.' || s.text[end-1] == '-') {
		if end--; end == dot {
			dot = strings.LastIndexByte(s.text[:end], '.')
		}
	}
	if start == i || dot <= i || end-dot < 3 || s.text[i-1] == '.' {
		return i + 1, Span{}
	}
	return s.is(Email, start, end)
}

func isLocal(c byte) bool { return isAlnum(c) || strings.IndexByte("._%+-", c) >= 0 }
