package tokenizer

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Encode appends the tokens of text to dst, without those that the
// post-processor adds: `encode(text, add_special_tokens=False)` of the
// library. Added tokens that stand in text are found. A byte that is not valid
// UTF-8 reads as U+FFFD.
func (t *Tokenizer) Encode(dst []int32, text string) []int32 {
	e := t.take()
	dst = e.encode(dst, text)
	t.give(e)
	return dst
}

// EncodeSpecial is Encode with the tokens of the post-processor around text,
// such as a token for the beginning: `encode(text)` of the library.
func (t *Tokenizer) EncodeSpecial(dst []int32, text string) []int32 {
	dst = append(dst, t.post.before...)
	return append(t.Encode(dst, text), t.post.after...)
}

// Count returns the number of tokens that Encode would append.
func (t *Tokenizer) Count(text string) int {
	e := t.take()
	e.ids = e.encode(e.ids[:0], text)
	n := len(e.ids)
	t.give(e)
	return n
}

// EncodeSpans is Encode, and appends to spans where in text, in bytes, every
// token comes from. Tokens that share a character all have its whole span. A
// character that normalisation composes of several has the span of the first,
// as in the library.
func (t *Tokenizer) EncodeSpans(dst []int32, spans []Span, text string) ([]int32, []Span) {
	e := t.take()
	e.spans, e.spanned, e.before = spans, true, len(spans)
	dst = e.encode(dst, text)
	spans = e.spans
	e.spans, e.spanned, e.original = nil, false, ""
	t.give(e)
	return dst, spans
}

// encoder encodes for one goroutine at a time.
type encoder struct {
	t       *Tokenizer
	cache   *wordCache
	symbols symbolList
	normal  normalizer
	ids     []int32

	spanned  bool // record spans
	spans    []Span
	before   int    // how many there were before this text
	original string // the text
}

// kept is the size in bytes, about, beyond which a buffer is not kept for the
// next text.
const kept = 1 << 20

func (e *encoder) shrink() {
	e.original = ""
	if cap(e.symbols.ranks) > kept/8 {
		e.symbols = symbolList{}
	}
	if cap(e.normal.text)+cap(e.normal.spans)+cap(e.normal.chars) > kept/8 {
		e.normal = normalizer{}
	}
	if cap(e.ids) > kept/4 {
		e.ids = nil
	}
}

func (e *encoder) encode(dst []int32, text string) []int32 {
	if !utf8.ValidString(text) {
		return e.encodeInvalid(dst, text)
	}
	e.original = text
	if e.t.raw == nil {
		return e.part(dst, text, 0)
	}
	e.t.raw.split(text,
		func(start, end int) { dst = e.part(dst, text[start:end], start) },
		func(token *AddedToken, start, end int) {
			dst = append(dst, token.ID)
			if e.spanned {
				e.addSpan(Span{start, end}, text[start:end])
			}
		})
	return dst
}

// encodeInvalid encodes text with U+FFFD for every byte that is not valid.
func (e *encoder) encodeInvalid(dst []int32, text string) []int32 {
	var valid strings.Builder
	var bad []int // ends of the replacements
	for i, r := range text {
		valid.WriteRune(r)
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			bad = append(bad, valid.Len())
		}
	}
	first := len(e.spans)
	dst = e.encode(dst, valid.String())
	original := func(at int) int {
		return at - 2*sort.Search(len(bad), func(i int) bool { return bad[i] > at })
	}
	for i := range e.spans[first:] {
		s := &e.spans[first+i]
		s.Start, s.End = original(s.Start), original(s.End)
	}
	return dst
}

// part encodes text between added tokens; it stands at offset in the whole.
func (e *encoder) part(dst []int32, text string, offset int) []int32 {
	var from []Span
	if e.t.nfc {
		text, from = e.normal.nfc(text, e.spanned)
	}
	if e.t.late == nil {
		return e.words(dst, text, 0, from, offset)
	}
	e.t.late.split(text,
		func(start, end int) { dst = e.words(dst, text[:end], start, from, offset) },
		func(token *AddedToken, start, end int) {
			dst = append(dst, token.ID)
			if e.spanned {
				e.addSpan(shift(origin(text, from, start, end), offset), text[start:end])
			}
		})
	return dst
}

// maxWord is the longest word, in bytes; positions in a word have 32 bits. A
// longer one is cut, which the library does not do.
const maxWord = 1 << 30

// words encodes text[i:], whose characters come from the spans from, or from
// text itself when that is nil.
func (e *encoder) words(dst []int32, text string, i int, from []Span, offset int) []int32 {
	scanner := e.t.scanner
	for i < len(text) {
		end := scanner.next(scanner, text, i)
		if end-i > maxWord {
			for end = i + maxWord; !utf8.RuneStart(text[end]); end-- {
			}
		}
		first := len(dst)
		dst = e.word(dst, text, i, end)
		if e.spanned {
			e.wordSpans(dst[first:], text, i, end, from, offset)
		}
		i = end
	}
	return dst
}

// word appends the tokens of the word text[i:end].
func (e *encoder) word(dst []int32, text string, i, end int) []int32 {
	switch n := end - i; {
	case n == 1:
		if id := e.t.byteToken[text[i]]; id >= 0 {
			dst = append(dst, id)
		}
		return dst
	case n <= maxShort:
		key := keyOf(text, i, end)
		set := e.cache.set(key)
		for j := range set {
			if entry := &set[j]; entry.key == key {
				return append(dst, entry.tokens[:]...)[:len(dst)+entry.count()]
			}
		}
		first := len(dst)
		dst = e.t.uncached(dst, text[i:end], &e.symbols)
		if tokens := dst[first:]; len(tokens) <= shortCount {
			set.put(key, tokens)
		}
		return dst
	case n <= maxLong:
		word := text[i:end]
		slot := e.cache.longSlot(word)
		if slot.is(word) {
			return append(dst, slot.tokens[:slot.count]...)
		}
		first := len(dst)
		dst = e.t.uncached(dst, word, &e.symbols)
		if tokens := dst[first:]; len(tokens) <= longCount {
			slot.put(word, tokens)
		}
		return dst
	}
	return e.t.uncached(dst, text[i:end], &e.symbols)
}

func (t *Tokenizer) uncached(dst []int32, word string, list *symbolList) []int32 {
	if id, ok := t.whole[word]; ok {
		return append(dst, id)
	}
	return t.merge(dst, word, list)
}

// wordSpans appends the spans of the tokens of the word text[i:end].
func (e *encoder) wordSpans(tokens []int32, text string, i, end int, from []Span, offset int) {
	if e.t.missingBytes {
		e.lossySpans(tokens, text, i, end, from, offset)
		return
	}
	for _, id := range tokens {
		next := min(i+len(e.t.texts[id]), end)
		e.addSpan(shift(origin(text, from, i, next), offset), e.t.contents[id])
		i = next
	}
}

// lossySpans does so for a vocabulary without all bytes. The library measures
// tokens in the alphabet of byte-level characters, of one or two bytes each,
// and does not count the bytes it lost.
func (e *encoder) lossySpans(tokens []int32, text string, i, end int, from []Span, offset int) {
	var at []int // the byte of text behind every byte of the library's word
	for ; i < end; i++ {
		for range utf8.RuneLen(byteAlphabet[text[i]]) {
			at = append(at, i)
		}
	}
	pos := 0
	for _, id := range tokens {
		length := len(e.t.contents[id])
		if pos+length > len(at) || length == 0 {
			return // no byte-level token; cannot be
		}
		e.addSpan(shift(origin(text, from, at[pos], at[pos+length-1]+1), offset), e.t.contents[id])
		pos += length
	}
}

// origin returns the span of the original characters behind text[start:end].
func origin(text string, from []Span, start, end int) Span {
	if from != nil {
		return Span{from[start].Start, from[end-1].End}
	}
	for !utf8.RuneStart(text[start]) {
		start--
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	return Span{start, end}
}

func shift(s Span, by int) Span { return Span{s.Start + by, s.End + by} }

// addSpan records the span of a token. Where the post-processor ByteLevel has
// trim_offsets, white space of the token is taken off, counted in characters
// of the token: those of the alphabet, or those of text for an added token.
func (e *encoder) addSpan(span Span, token string) {
	if post := &e.t.post; post.trim {
		leading, trailing := blanks(token)
		if leading == 1 && post.prefixSpace && (len(e.spans) == e.before || span.Start == 0) {
			leading = 0
		}
		for ; leading > 0 && span.Start < span.End; leading-- {
			_, size := utf8.DecodeRuneInString(e.original[span.Start:])
			span.Start += size
		}
		for ; trailing > 0 && span.Start < span.End; trailing-- {
			_, size := utf8.DecodeLastRuneInString(e.original[:span.End])
			span.End -= size
		}
	}
	e.spans = append(e.spans, span)
}

// blanks returns how many characters of token are white space, at its
// beginning and at its end.
func blanks(token string) (leading, trailing int) {
	blank := func(r rune) bool { return r == byteAlphabet[' '] || unicode.IsSpace(r) }
	head := strings.TrimLeftFunc(token, blank)
	tail := strings.TrimRightFunc(token, blank)
	return utf8.RuneCountInString(token[:len(token)-len(head)]), utf8.RuneCountInString(token[len(tail):])
}
