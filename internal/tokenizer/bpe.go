package tokenizer

import "math/bits"

// merges is a hash table from a pair of tokens to its merge, with open
// addressing.
type merges struct {
	slots []mergeSlot
	shift int
}

type mergeSlot struct {
	pair  uint64 // left<<32 | right
	merge uint64 // rank<<32 | new token
}

const none = ^uint64(0) // no pair, or no merge

func newMerges(n int) merges {
	size := 1 << bits.Len(uint(n+n/2))
	m := merges{slots: make([]mergeSlot, size), shift: 64 - bits.Len(uint(size-1))}
	for i := range m.slots {
		m.slots[i].pair = none
	}
	return m
}

// slot returns the pair's slot, or the free one where it belongs.
func (m *merges) slot(pair uint64) *mergeSlot {
	mask := uint64(len(m.slots) - 1)
	for i := pair * 0x9E3779B97F4A7C15 >> m.shift; ; i++ {
		if s := &m.slots[i&mask]; s.pair == pair || s.pair == none {
			return s
		}
	}
}

func (m *merges) put(left, right, token int32, rank int) {
	pair := uint64(left)<<32 | uint64(right)
	*m.slot(pair) = mergeSlot{pair, uint64(rank)<<32 | uint64(token)}
}

// find returns rank<<32 | new token, or none.
func (m *merges) find(left, right int32) uint64 {
	pair := uint64(left)<<32 | uint64(right)
	if s := m.slot(pair); s.pair == pair {
		return s.merge
	}
	return none
}

// shortWord is the number of symbols up to which looking for the best merge
// again and again beats a priority queue.
const shortWord = 48

// symbolList links the tokens of a word while it is merged, with the rank of
// every token's merge with the next one, or -1.
type symbolList struct {
	ranks, prev, next []int32
	queue             mergeQueue
}

// merge appends the tokens of word to dst: the merge of lowest rank first,
// the leftmost of equals, until none is left.
func (t *Tokenizer) merge(dst []int32, word string, list *symbolList) []int32 {
	start := len(dst)
	for i := range len(word) {
		if id := t.byteToken[word[i]]; id >= 0 {
			dst = append(dst, id)
		}
	}
	symbols := dst[start:]
	if len(symbols) <= shortWord {
		return dst[:start+t.mergeShort(symbols)]
	}
	return dst[:start+t.mergeLong(symbols, list)]
}

// mergeShort merges in place and returns how many tokens are left.
func (t *Tokenizer) mergeShort(symbols []int32) int {
	var merge [shortWord]uint64 // of symbols i and i+1
	n := len(symbols)
	for i := 0; i+1 < n; i++ {
		merge[i] = t.merges.find(symbols[i], symbols[i+1])
	}
	for n > 1 {
		at, best := 0, none
		for i, m := range merge[:n-1] {
			if m < best {
				at, best = i, m
			}
		}
		if best == none {
			break
		}
		symbols[at] = int32(uint32(best))
		copy(symbols[at+1:n], symbols[at+2:n])
		copy(merge[at:n-1], merge[at+1:n-1])
		n--
		if at > 0 {
			merge[at-1] = t.merges.find(symbols[at-1], symbols[at])
		}
		if at+1 < n {
			merge[at] = t.merges.find(symbols[at], symbols[at+1])
		}
	}
	return n
}

// mergeLong does the same in n log n steps.
func (t *Tokenizer) mergeLong(symbols []int32, list *symbolList) int {
	n := len(symbols)
	list.reset(n)
	look := func(i int32) { // queues the merge of i and the next one
		list.ranks[i] = -1
		if next := list.next[i]; next >= 0 {
			if m := t.merges.find(symbols[i], symbols[next]); m != none {
				list.ranks[i] = int32(m >> 32)
				list.queue.push(m&^0xFFFFFFFF | uint64(i))
			}
		}
	}
	for i := range n {
		look(int32(i))
	}
	for len(list.queue) > 0 {
		top := list.queue.pop()
		i := int32(uint32(top))
		if list.ranks[i] != int32(top>>32) {
			continue // merged away since
		}
		right := list.next[i]
		symbols[i] = int32(uint32(t.merges.find(symbols[i], symbols[right])))
		list.ranks[right] = -1
		list.next[i] = list.next[right]
		if after := list.next[i]; after >= 0 {
			list.prev[after] = i
		}
		look(i)
		if before := list.prev[i]; before >= 0 {
			look(before)
		}
	}
	left := 0
	for i := int32(0); i >= 0; i = list.next[i] {
		symbols[left] = symbols[i]
		left++
	}
	return left
}

// reset makes a list of n symbols.
func (l *symbolList) reset(n int) {
	if cap(l.ranks) < n {
		l.ranks, l.prev, l.next = make([]int32, n), make([]int32, n), make([]int32, n)
	}
	l.ranks, l.prev, l.next, l.queue = l.ranks[:n], l.prev[:n], l.next[:n], l.queue[:0]
	for i := range n {
		l.prev[i], l.next[i] = int32(i-1), int32(i+1)
	}
	l.next[n-1] = -1
}

// mergeQueue is a heap with the least rank<<32 | position on top. It is
// written out, since container/heap boxes every element.
type mergeQueue []uint64

func (q *mergeQueue) push(v uint64) {
	*q = append(*q, v)
	h, i := *q, len(*q)-1
	for i > 0 {
		parent := (i - 1) / 4
		if h[parent] <= v {
			break
		}
		h[i], i = h[parent], parent
	}
	h[i] = v
}

func (q *mergeQueue) pop() uint64 {
	h := *q
	top, last := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	*q = h
	i := 0
	for {
		child := 4*i + 1
		if child >= len(h) {
			break
		}
		for c := child + 1; c < min(child+4, len(h)); c++ {
			if h[c] < h[child] {
				child = c
			}
		}
		if h[child] >= last {
			break
		}
		h[i], i = h[child], child
	}
	if len(h) > 0 {
		h[i] = last
	}
	return top
}
