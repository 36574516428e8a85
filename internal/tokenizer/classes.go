package tokenizer

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Classes of a code point, as bits. They are those of the Rust library, which
// differ from Go's tables in newer characters.
const (
	letter    = 1 << iota // \p{L}
	number                // \p{N}
	mark                  // \p{M}
	space                 // \s
	digit                 // Rust's char::is_numeric
	wordly                // \w of the Rust regex crate
	unstable              // may change, move or compose under NFC
	composite             // NFD decomposes it

	wide = composite // in ascii: the byte belongs to a longer character
)

// ascii gives the class of a byte below 0x80 and wide for the others.
var ascii [256]uint8

// pages and blocks give the class of any code point.
var (
	pages  [(utf8.MaxRune + 1) / 256]uint16
	blocks [][256]uint8
)

// loadClasses fills the tables from classRuns.
var loadClasses = sync.OnceFunc(func() {
	var block [256]uint8
	known := map[[256]uint8]uint16{}
	at, class := 0, uint8(0)
	fill := func(until int) {
		for ; at < until; at++ {
			if block[at%256] = class; at%256 != 255 {
				continue
			}
			number, ok := known[block]
			if !ok {
				number = uint16(len(blocks))
				known[block] = number
				blocks = append(blocks, block)
			}
			pages[at/256] = number
		}
	}
	for run := range strings.FieldsSeq(classRuns) {
		from, bits, _ := strings.Cut(run, ":")
		first, err1 := strconv.ParseUint(from, 16, 32)
		next, err2 := strconv.ParseUint(bits, 16, 8)
		if err1 != nil || err2 != nil {
			panic("tokenizer: bad run " + run)
		}
		fill(int(first))
		class = uint8(next)
	}
	fill(utf8.MaxRune + 1)
	for b := range ascii {
		ascii[b] = wide
		if b < utf8.RuneSelf {
			ascii[b] = classOf(rune(b))
		}
	}
})

func classOf(r rune) uint8 { return blocks[pages[r>>8]][r&0xFF] }

// classAt returns the class and length of the character at s[i], which must
// be valid UTF-8.
func classAt(s string, i int) (class uint8, size int) {
	b := s[i]
	switch {
	case b < utf8.RuneSelf:
		return ascii[b], 1
	case b < 0xE0:
		return classOf(rune(b&0x1F)<<6 | rune(s[i+1]&0x3F)), 2
	case b < 0xF0:
		return classOf(rune(b&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)), 3
	}
	return classOf(rune(b&0x07)<<18 | rune(s[i+1]&0x3F)<<12 | rune(s[i+2]&0x3F)<<6 | rune(s[i+3]&0x3F)), 4
}

// classBefore returns the class of the character that ends at s[:i].
func classBefore(s string, i int) (class uint8, size int) {
	_, size = utf8.DecodeLastRuneInString(s[:i])
	class, _ = classAt(s, i-size)
	return class, size
}
