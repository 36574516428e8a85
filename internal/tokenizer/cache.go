package tokenizer

import (
	"hash/maphash"
	"math/bits"
)

// wordCache remembers the tokens of words. Its size never changes: a word
// takes the place of another one. It only saves time; the tokens of a word do
// not depend on it.
type wordCache struct {
	short []shortSet
	long  []longWord
	seed  maphash.Seed
}

const (
	shortSets  = 1 << 15 // 2 MiB
	longWords  = 1 << 12 // 512 KiB
	maxShort   = 15      // bytes of a word
	maxLong    = 61
	shortCount = 4 // tokens of a word
	longCount  = 16
)

// shortKey is a word of up to 15 bytes: the bytes, zeros, and the length in
// the last byte.
type shortKey [2]uint64

type shortWordEntry struct {
	key    shortKey
	tokens [shortCount]int32 // then -1
}

// shortSet holds two words of one hash, the later one first: a cache line.
type shortSet [2]shortWordEntry

type longWord struct {
	tokens [longCount]int32
	bytes  [maxLong]byte
	length uint8 // of the word
	count  uint8 // of the tokens
}

func newWordCache() *wordCache {
	return &wordCache{make([]shortSet, shortSets), make([]longWord, longWords), maphash.MakeSeed()}
}

// keyOf returns the key of text[i:j], of 1 to 15 bytes.
func keyOf(text string, i, j int) shortKey {
	if i+16 <= len(text) {
		return maskKey(shortKey{load64(text[i : i+8]), load64(text[i+8 : i+16])}, j-i)
	}
	var padded [16]byte
	copy(padded[:], text[i:j])
	s := string(padded[:])
	return maskKey(shortKey{load64(s[:8]), load64(s[8:])}, j-i)
}

func maskKey(k shortKey, n int) shortKey {
	if n < 8 {
		k[0] &= 1<<(8*n) - 1
		k[1] = 0
	} else {
		k[1] &= 1<<(8*(n-8)) - 1
	}
	k[1] |= uint64(n) << 56
	return k
}

// load64 reads 8 bytes, little-endian; compilers make one load of it.
func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func (c *wordCache) set(k shortKey) *shortSet {
	hi, lo := bits.Mul64(k[0]^0x9E3779B97F4A7C15, k[1]^0xD1B54A32D192ED03)
	return &c.short[(hi^lo)&(shortSets-1)]
}

func (s *shortSet) put(k shortKey, tokens []int32) {
	s[1] = s[0]
	s[0] = shortWordEntry{key: k, tokens: [shortCount]int32{-1, -1, -1, -1}}
	copy(s[0].tokens[:], tokens)
}

// count returns how many tokens there are before the -1s.
func (e *shortWordEntry) count() int {
	n := shortCount
	for _, id := range e.tokens {
		n += int(id >> 31)
	}
	return n
}

func (c *wordCache) longSlot(word string) *longWord {
	return &c.long[maphash.String(c.seed, word)&(longWords-1)]
}

func (l *longWord) is(word string) bool {
	return int(l.length) == len(word) && string(l.bytes[:l.length]) == word
}

func (l *longWord) put(word string, tokens []int32) {
	l.length, l.count = uint8(len(word)), uint8(len(tokens))
	copy(l.bytes[:], word)
	copy(l.tokens[:], tokens)
}
