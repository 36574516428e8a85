package tokenizer

import (
	"unicode/utf8"
)

// Decode returns the text of ids, as the library does: bytes that are no
// valid UTF-8 become U+FFFD, one for every longest beginning of a character;
// ids that are no token are passed over. If skipSpecial, special tokens are
// left out.
func (t *Tokenizer) Decode(ids []int32, skipSpecial bool) string {
	var text []byte
	for _, id := range ids {
		text = append(text, t.bytes(id, skipSpecial)...)
	}
	return lossy(text)
}

func (t *Tokenizer) bytes(id int32, skipSpecial bool) string {
	if id < 0 || int(id) >= len(t.texts) || skipSpecial && t.special[id] {
		return ""
	}
	return t.texts[id]
}

// Stream decodes tokens one by one.
type Stream struct {
	t           *Tokenizer
	skipSpecial bool
	pending     []byte
}

// NewStream returns a Stream that leaves special tokens out if skipSpecial.
func (t *Tokenizer) NewStream(skipSpecial bool) *Stream {
	return &Stream{t: t, skipSpecial: skipSpecial}
}

// Next adds a token and returns the text that is complete now: "" while a
// character is not whole. Text that ends with U+FFFD waits for more, since the
// next token may still complete it.
func (s *Stream) Next(id int32) string {
	s.pending = append(s.pending, s.t.bytes(id, s.skipSpecial)...)
	if r, _ := utf8.DecodeLastRune(s.pending); r == utf8.RuneError {
		return ""
	}
	return s.Flush()
}

// Flush returns what waits, to be called after the last token.
func (s *Stream) Flush() string {
	text := lossy(s.pending)
	s.pending = s.pending[:0]
	return text
}

// lossy replaces invalid UTF-8 as Rust's String::from_utf8_lossy does.
func lossy(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var valid []byte
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			size = brokenLength(b)
		}
		valid = utf8.AppendRune(valid, r)
		b = b[size:]
	}
	return string(valid)
}

// brokenLength returns the length of the longest beginning of a character
// with which b, which does not start with a whole one, starts; at least 1.
// Unicode section 3.9, "maximal subparts".
func brokenLength(b []byte) int {
	need, low, high := 0, byte(0x80), byte(0xBF)
	switch lead := b[0]; {
	case lead >= 0xC2 && lead <= 0xDF:
		need = 2
	case lead >= 0xE0 && lead <= 0xEF:
		need = 3
		if lead == 0xE0 {
			low = 0xA0
		} else if lead == 0xED {
			high = 0x9F
		}
	case lead >= 0xF0 && lead <= 0xF4:
		need = 4
		if lead == 0xF0 {
			low = 0x90
		} else if lead == 0xF4 {
			high = 0x8F
		}
	}
	n := 1
	for n < need && n < len(b) && b[n] >= low && b[n] <= high {
		n, low, high = n+1, 0x80, 0xBF
	}
	return n
}
