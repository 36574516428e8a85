package jinja

import (
	"slices"
	"unicode/utf8"
)

// A Run says where the bytes Start..End of a text come from: from the tagged
// value Origin. Exact runs are copies of the bytes of that value from Offset
// on; others were derived from it there (escaped, recased, written around it).
// A run may be empty: an empty string still knows what it was.
type Run struct {
	Start, End int
	Origin     int32 // as given to Tag; never 0
	Offset     int   // byte in the origin's own text
	Exact      bool
}

// Text is a string of Unicode characters that knows the origin of its bytes.
// Bytes outside every run come from the template or from untagged values.
type Text struct {
	s    string
	runs []Run // in order, disjoint
}

// NewText returns s without origin.
func NewText(s string) *Text { return &Text{s: s} }

var emptyText = NewText("")

func (t *Text) String() string { return t.s }

// slice returns t's bytes a..b. When nothing is left of a tagged text, an
// empty run remembers it.
func (t *Text) slice(a, b int) *Text {
	if a == 0 && b == len(t.s) {
		return t
	}
	out := &Text{s: t.s[a:b]}
	for _, r := range t.runs {
		if r.Start > b || r.End < a {
			continue
		}
		empty := r.Start == r.End
		r = r.clip(a, b).shift(-a)
		switch {
		case a == b && len(out.runs) > 0: // of two that meet here, the second
			out.runs[0] = r
		case a == b || r.Start < r.End || empty:
			out.runs = append(out.runs, r)
		}
	}
	return out
}

func (r Run) clip(a, b int) Run {
	if r.Start < a {
		if r.Exact {
			r.Offset += a - r.Start
		}
		r.Start = a
	}
	r.End = min(r.End, b)
	return r
}

func (r Run) shift(by int) Run {
	r.Start += by
	r.End += by
	return r
}

// origin returns the first run, by which derived bytes are tagged.
func (t *Text) origin() (Run, bool) {
	if len(t.runs) == 0 {
		return Run{}, false
	}
	return t.runs[0], true
}

// each calls f for every character with its size in bytes.
func (t *Text) each(f func(at, size int, r rune)) {
	for i := 0; i < len(t.s); {
		r, size := utf8.DecodeRuneInString(t.s[i:])
		f(i, size, r)
		i += size
	}
}

// textBuilder writes texts one after the other.
type textBuilder struct {
	buf  []byte
	runs []Run
}

func (b *textBuilder) write(t *Text) {
	at := len(b.buf)
	b.buf = append(b.buf, t.s...)
	for _, r := range t.runs {
		b.add(r.shift(at))
	}
}

// add appends a run, joined with the one before where they continue.
func (b *textBuilder) add(r Run) {
	if n := len(b.runs); n > 0 {
		last := &b.runs[n-1]
		follows := last.End == r.Start && last.Origin == r.Origin && last.Exact == r.Exact && last.Start < last.End && r.Start < r.End
		if follows && (!r.Exact || last.Offset+last.End-last.Start == r.Offset) {
			last.End = r.End
			return
		}
	}
	b.runs = append(b.runs, r)
}

// writeDerived writes s as derived from the byte of t at the given place.
func (b *textBuilder) writeDerived(s string, t *Text, at int) {
	start := len(b.buf)
	b.buf = append(b.buf, s...)
	for _, r := range t.runs {
		if at >= r.Start && at < r.End {
			offset := r.Offset
			if r.Exact {
				offset += at - r.Start
			}
			b.add(Run{Start: start, End: len(b.buf), Origin: r.Origin, Offset: offset})
			return
		}
	}
}

// claim tags the bytes from start on that have no origin yet as derived from
// origin: they were written for it.
func (b *textBuilder) claim(start int, origin int32) {
	if len(b.buf) == start {
		return
	}
	first := len(b.runs)
	for first > 0 && b.runs[first-1].End > start {
		first--
	}
	// An empty run at start belongs to what was written from there on.
	for first > 0 && b.runs[first-1].Start >= start {
		first--
	}
	tail := slices.Clone(b.runs[first:])
	b.runs = b.runs[:first]
	at := start
	for _, r := range tail {
		if r.Start > at {
			b.add(Run{Start: at, End: r.Start, Origin: origin})
		}
		b.add(r)
		at = r.End
	}
	if len(b.buf) > at {
		b.add(Run{Start: at, End: len(b.buf), Origin: origin})
	}
}

func (b *textBuilder) text() *Text {
	return &Text{s: string(b.buf), runs: b.runs}
}

// TagText returns s with the given runs, which must be in order and disjoint.
func TagText(s string, runs ...Run) *Text { return &Text{s: s, runs: runs} }

func runeLen(s string, at int) int {
	_, size := utf8.DecodeRuneInString(s[at:])
	return size
}

func (t *Text) runeCount() int { return utf8.RuneCountInString(t.s) }
