package tokenizer

import (
	"cmp"
	"slices"
	"sync"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/text/unicode/norm"
)

// The Rust library normalises with the tables of an old Unicode version and
// without x/text's limit on the number of marks, and says for every character
// where it comes from. So composition is done here; x/text gives the
// decompositions and the orders of marks, but only for characters that the
// library knows as such (the classes unstable and composite).

// Span is a range of bytes.
type Span struct {
	Start, End int
}

// normalizer brings text to NFC. Its buffers are used again by the next call.
type normalizer struct {
	text  []byte
	spans []Span // of the original characters, for every byte of text
	chars []normalChar
}

// normalChar is a character on its way from decomposition to composition.
type normalChar struct {
	r     rune
	class uint8 // canonical combining class
	// change is the library's notion of origin: 0 for a character that stands
	// for one of the original, 1 for one more of the same, -n for one that
	// stands for n others besides.
	change int
}

// nfc returns text in NFC; that is text itself when nothing changes. If
// spans, it also returns the original characters, as spans of text, for every
// byte of the result, or nil when nothing changed. The result is valid until
// the next call.
func (n *normalizer) nfc(text string, spans bool) (string, []Span) {
	at, prev := nextUnstable(text, 0)
	if at == len(text) {
		return text, nil
	}
	n.text, n.spans = n.text[:0], n.spans[:0]
	done := 0
	for at < len(text) {
		// What precedes an unstable character may compose with it.
		n.keep(text, done, prev, spans)
		end := at
		for end < len(text) {
			class, size := classAt(text, end)
			if class&unstable == 0 {
				break
			}
			end += size
		}
		n.compose(text[prev:end])
		n.emit(text, prev, spans)
		done = end
		at, prev = nextUnstable(text, end)
		prev = max(prev, done)
	}
	n.keep(text, done, len(text), spans)
	if len(n.text) == 0 {
		return "", n.spans
	}
	// No copy: the buffer does not change while the result is in use.
	return unsafe.String(&n.text[0], len(n.text)), n.spans
}

// nextUnstable returns the place of the next unstable character and of the
// one before it.
func nextUnstable(text string, from int) (at, prev int) {
	for i := from; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		class, size := classAt(text, i)
		if class&unstable != 0 {
			if i > from {
				_, before := utf8.DecodeLastRuneInString(text[:i])
				return i, i - before
			}
			return i, i
		}
		i += size
	}
	return len(text), len(text)
}

// keep copies what is normal already.
func (n *normalizer) keep(text string, start, end int, spans bool) {
	n.text = append(n.text, text[start:end]...)
	if !spans {
		return
	}
	for start < end {
		_, size := utf8.DecodeRuneInString(text[start:])
		for range size {
			n.spans = append(n.spans, Span{start, start + size})
		}
		start += size
	}
}

// compose leaves the NFC of text in n.chars.
func (n *normalizer) compose(text string) {
	chars := n.chars[:0]
	for _, r := range text {
		first := len(chars)
		chars = decompose(chars, r)
		for i := first + 1; i < len(chars); i++ {
			chars[i].change = 1
		}
	}
	sortMarks(chars)
	out, starter := chars[:0], -1
	for _, c := range chars {
		blocked := starter < 0 || len(out)-1 > starter && out[len(out)-1].class >= c.class
		if !blocked {
			if r, ok := composition(out[starter].r, c.r); ok {
				out[starter].r = r
				out[starter].change += c.change - 1
				continue
			}
		}
		if c.class == 0 {
			starter = len(out)
		}
		out = append(out, c)
	}
	n.chars = out
}

// emit appends n.chars, which come from text[from:], to the result. The spans
// follow the library's arithmetic: a character that stands for several has
// the span of the first.
func (n *normalizer) emit(text string, from int, spans bool) {
	at, size := from, 0 // the next original character; the one before has size bytes
	for _, c := range n.chars {
		before := len(n.text)
		n.text = utf8.AppendRune(n.text, c.r)
		if !spans {
			continue
		}
		span := Span{at - size, at}
		if c.change <= 0 {
			span = Span{at, at}
			for i := range 1 - c.change {
				_, size = utf8.DecodeRuneInString(text[at:])
				at += size
				if i == 0 {
					span.End = at
				}
			}
		}
		for range len(n.text) - before {
			n.spans = append(n.spans, span)
		}
	}
}

// sortMarks puts every run of marks in canonical order.
func sortMarks(chars []normalChar) {
	for i := 0; i < len(chars); {
		j := i
		for j < len(chars) && chars[j].class > 0 {
			j++
		}
		if j-i > 1 {
			slices.SortStableFunc(chars[i:j], func(a, b normalChar) int { return cmp.Compare(a.class, b.class) })
		}
		i = max(j, i+1)
	}
}

// Hangul syllables compose by arithmetic, Unicode section 3.12.
const (
	hangulS, hangulL, hangulV, hangulT = 0xAC00, 0x1100, 0x1161, 0x11A7
	countL, countV, countT             = 19, 21, 28
)

func decompose(chars []normalChar, r rune) []normalChar {
	if s := r - hangulS; s >= 0 && s < countL*countV*countT {
		chars = append(chars, normalChar{r: hangulL + s/countT/countV}, normalChar{r: hangulV + s/countT%countV})
		if t := s % countT; t > 0 {
			chars = append(chars, normalChar{r: hangulT + t})
		}
		return chars
	}
	class := classOf(r)
	if class&composite != 0 {
		for _, part := range string(properties(r).Decomposition()) {
			chars = append(chars, normalChar{r: part, class: properties(part).CCC()})
		}
		return chars
	}
	c := normalChar{r: r}
	if class&unstable != 0 {
		c.class = properties(r).CCC()
	}
	return append(chars, c)
}

func properties(r rune) norm.Properties {
	var text [utf8.UTFMax]byte
	return norm.NFD.Properties(text[:utf8.EncodeRune(text[:], r)])
}

// composition returns the character that a and b make.
func composition(a, b rune) (rune, bool) {
	if l, v := a-hangulL, b-hangulV; l >= 0 && l < countL && v >= 0 && v < countV {
		return hangulS + (l*countV+v)*countT, true
	}
	if s, t := a-hangulS, b-hangulT; s >= 0 && s < countL*countV*countT && s%countT == 0 && t > 0 && t < countT {
		return a + t, true
	}
	r, ok := compositions()[[2]rune{a, b}]
	return r, ok
}

// compositions are the pairs that the library composes.
var compositions = sync.OnceValue(func() map[[2]rune]rune {
	pairs := map[[2]rune]rune{}
	for r := rune(utf8.RuneSelf); r <= utf8.MaxRune; r++ {
		if class := classOf(r); class&composite == 0 || class&unstable != 0 || r >= hangulS && r < hangulS+countL*countV*countT {
			continue
		}
		parts := []rune(string(properties(r).Decomposition()))
		if n := len(parts); n > 1 {
			first := []rune(norm.NFC.String(string(parts[:n-1])))
			pairs[[2]rune{first[0], parts[n-1]}] = r
		}
	}
	return pairs
})
