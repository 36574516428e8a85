package safetensors

import (
	"cmp"
	"slices"
)

// spans is a set of byte ranges, sorted, disjoint and not touching: ranges
// that grow together become one, so that a file being written by a few
// goroutines has a few spans.
type spans []span

type span struct{ begin, end int64 }

// add puts [begin, end) into the set, or returns false if some of it is there.
func (s *spans) add(begin, end int64) bool {
	set := *s
	i, found := slices.BinarySearchFunc(set, begin, func(x span, begin int64) int { return cmp.Compare(x.begin, begin) })
	if found || i > 0 && set[i-1].end > begin || i < len(set) && set[i].begin < end {
		return false
	}
	left := i > 0 && set[i-1].end == begin
	right := i < len(set) && set[i].begin == end
	switch {
	case left && right:
		set[i-1].end = set[i].end
		*s = slices.Delete(set, i, i+1)
	case left:
		set[i-1].end = end
	case right:
		set[i].begin = begin
	default:
		*s = slices.Insert(set, i, span{begin, end})
	}
	return true
}

// gap returns the first byte from begin on that is not in the set.
func (s spans) gap(begin int64) int64 {
	for _, x := range s {
		if x.begin <= begin && begin < x.end {
			return x.end
		}
	}
	return begin
}
