package pdftext

import (
	"cmp"
	"slices"
	"sort"
	"unicode/utf16"
)

// maxCMap bounds the entries of one CMap, and how often one is written; a
// complete map of two-byte codes has 65,536.
const maxCMap = 1 << 17

// cmap maps character codes to text (a ToUnicode CMap) or to character
// identifiers (an Encoding CMap).
type cmap struct {
	text   map[uint32]string
	cid    map[uint32]uint32
	ranges []codeRange // cid ranges, kept as ranges: they may be wide; by their low end
	spaces []codeSpace
	steps  int // entries written, some perhaps again and again
}

type codeRange struct{ low, high, first uint32 }

// codeSpace is a range of codes with their length in bytes.
type codeSpace struct {
	size      int
	low, high uint32
}

// parseCMap reads a CMap program. Anything it does not know is passed over.
func parseCMap(data []byte) *cmap {
	m := &cmap{text: map[uint32]string{}, cid: map[uint32]uint32{}}
	l := &lexer{data: data}
	for {
		t := l.next()
		if t.kind == tokenEOF || m.steps > maxCMap {
			slices.SortStableFunc(m.ranges, func(a, b codeRange) int { return cmp.Compare(a.low, b.low) })
			return m
		}
		if t.kind != tokenOp {
			continue
		}
		switch string(t.bytes) {
		case "begincodespacerange":
			m.codespaces(l)
		case "beginbfchar":
			m.bfchars(l)
		case "beginbfrange":
			m.bfranges(l)
		case "begincidchar":
			m.cidchars(l)
		case "begincidrange":
			m.cidranges(l)
		}
	}
}

func (m *cmap) codespaces(l *lexer) {
	for {
		low := l.next()
		if low.kind != tokenString {
			return
		}
		size, from := len(low.bytes), code(low.bytes)
		high := l.next()
		if high.kind != tokenString || size == 0 || size > 4 || len(m.spaces) > 64 {
			return
		}
		m.spaces = append(m.spaces, codeSpace{size, from, code(high.bytes)})
	}
}

func (m *cmap) bfchars(l *lexer) {
	for ; m.steps < maxCMap; m.steps++ {
		src := l.next()
		if src.kind != tokenString {
			return
		}
		c := code(src.bytes)
		switch dst := l.next(); dst.kind {
		case tokenString:
			m.text[c] = utf16Text(dst.bytes)
		case tokenName:
			m.text[c] = nameText(string(dst.bytes))
		case tokenEOF:
			return
		}
	}
}

func (m *cmap) bfranges(l *lexer) {
	for ; m.steps < maxCMap; m.steps++ {
		t := l.next()
		if t.kind != tokenString {
			return
		}
		low := code(t.bytes)
		high := l.next()
		if high.kind != tokenString {
			return
		}
		top := min(code(high.bytes), low+0xffff)
		switch dst := l.next(); {
		case dst.kind == tokenString:
			m.fillRange(low, top, dst.bytes)
		case dst.kind == tokenDelim && dst.bytes[0] == '[':
			for c := low; ; c++ {
				el := l.next()
				if el.kind != tokenString {
					break
				}
				if m.steps++; c <= top && m.steps < maxCMap {
					m.text[c] = utf16Text(el.bytes)
				}
			}
		default:
			return
		}
	}
}

func (m *cmap) fillRange(low, high uint32, first []byte) {
	units := utf16Units(first)
	if len(units) == 0 {
		return
	}
	last := len(units) - 1
	for c := low; c <= high && m.steps < maxCMap; c++ {
		m.steps++
		m.text[c] = string(utf16.Decode(units))
		units[last]++
		if c == high {
			return // high may be the largest uint32
		}
	}
}

func (m *cmap) cidchars(l *lexer) {
	for ; m.steps < maxCMap; m.steps++ {
		t := l.next()
		if t.kind != tokenString {
			return
		}
		c := code(t.bytes)
		if n := l.next(); n.kind == tokenNumber && n.num >= 0 {
			m.cid[c] = uint32(n.num)
		}
	}
}

func (m *cmap) cidranges(l *lexer) {
	for ; m.steps < maxCMap; m.steps++ {
		t := l.next()
		if t.kind != tokenString {
			return
		}
		low := code(t.bytes)
		high := l.next()
		if high.kind != tokenString {
			return
		}
		top := code(high.bytes)
		if n := l.next(); n.kind == tokenNumber && n.num >= 0 {
			m.ranges = append(m.ranges, codeRange{low, top, uint32(n.num)})
		}
	}
}

// lookupCID returns the character identifier of a code, which is the code
// itself where the CMap does not say.
func (m *cmap) lookupCID(c uint32) uint32 {
	if v, ok := m.cid[c]; ok {
		return v
	}
	i := sort.Search(len(m.ranges), func(i int) bool { return m.ranges[i].low > c })
	if i > 0 && c <= m.ranges[i-1].high {
		return m.ranges[i-1].first + c - m.ranges[i-1].low
	}
	return c
}

// width returns how many bytes the code at the start of s has: by the code
// spaces, else two.
func (m *cmap) width(s []byte) int {
	for _, sp := range m.spaces {
		if len(s) >= sp.size {
			if c := code(s[:sp.size]); c >= sp.low && c <= sp.high {
				return sp.size
			}
		}
	}
	if len(m.spaces) > 0 {
		return min(m.spaces[0].size, len(s))
	}
	return min(2, len(s))
}

func code(b []byte) (c uint32) {
	for _, x := range b[:min(len(b), 4)] {
		c = c<<8 | uint32(x)
	}
	return c
}

func utf16Units(b []byte) []uint16 {
	if len(b) == 1 {
		return []uint16{uint16(b[0])}
	}
	b = b[:min(len(b), 64)]
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return units
}

func utf16Text(b []byte) string { return string(utf16.Decode(utf16Units(b))) }
