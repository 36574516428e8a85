package merge

import (
	"encoding/binary"
	"math"
	"sync"
)

// Selecting the largest elements of a tensor needs no sorting: a histogram of
// the upper half of the bits of their magnitudes as float32, then one of the
// lower half within the bin that holds the last one, give its exact magnitude.
// Equal magnitudes go by index, the first counting as larger.

// A cut separates the k largest elements from the others.
type cut struct {
	key    uint32  // magnitude of the smallest one above
	equal  int64   // how many elements of that magnitude are above; -1: all
	before []int64 // elements of that magnitude in the chunks before each chunk
}

// A ranker gives the keys of the elements of a tensor: larger for what ranks
// higher.
type ranker struct {
	name string
	keys func(b *buffers, c chunk, f func(keys []uint32, at int64) error) error
}

// magnitude is the key of a difference: the bits of its float32 magnitude,
// whose order is that of the numbers.
func magnitude(x float64) uint32 { return math.Float32bits(float32(x)) &^ (1 << 31) }

// byMagnitude ranks the elements of operand i by how far they are from the
// base.
func (o *operands) byMagnitude(i int) ranker {
	r := ranker{name: o.Operands[i].model.ref.String()}
	if base := o.Operands[o.Base]; o.plain() && base.rows == nil {
		r.keys = func(b *buffers, c chunk, f func([]uint32, int64) error) error { return o.pairKeys(b, c, i, f) }
		return r
	}
	r.keys = func(b *buffers, c chunk, f func([]uint32, int64) error) error {
		return o.blocks(b, c, []int{o.Base, i}, func(src [][]float64, at int64) error {
			keys := b.keys(len(src[0]))
			for j := range keys {
				keys[j] = magnitude(src[1][j] - src[0][j])
			}
			return f(keys, at)
		})
	}
	return r
}

// pairKeys is the same for BF16, whose differences as float32 are rounded as
// the float64 differences are.
func (o *operands) pairKeys(b *buffers, c chunk, i int, f func([]uint32, int64) error) error {
	for at := c.begin; at < c.end; at += blockElements {
		n := min(c.end-at, blockElements)
		x, y := b.raws[0][:2*n], b.raws[1][:2*n]
		if err := readFull(o.Operands[o.Base].tensor, x, 2*at); err != nil {
			return err
		}
		if err := readFull(o.Operands[i].tensor, y, 2*at); err != nil {
			return err
		}
		keys := b.keys(int(n))
		subtractKeys(keys, y, x)
		if err := f(keys, at); err != nil {
			return err
		}
	}
	return nil
}

// subtractKeys gives the keys of x - y.
func subtractKeys(keys []uint32, x, y []byte) {
	x, y = x[:2*len(keys)], y[:2*len(keys)]
	i := 0
	for ; i+2 <= len(keys); i += 2 {
		u, v, k := binary.LittleEndian.Uint32(x[2*i:]), binary.LittleEndian.Uint32(y[2*i:]), (*[2]uint32)(keys[i:])
		k[0] = math.Float32bits(math.Float32frombits(u<<16)-math.Float32frombits(v<<16)) &^ (1 << 31)
		k[1] = math.Float32bits(math.Float32frombits(u&^0xffff)-math.Float32frombits(v&^0xffff)) &^ (1 << 31)
	}
	for ; i < len(keys); i++ {
		keys[i] = magnitude(widen(binary.LittleEndian.Uint16(x[2*i:])) - widen(binary.LittleEndian.Uint16(y[2*i:])))
	}
}

// keys returns the buffer for the keys of n elements.
func (b *buffers) keys(n int) []uint32 {
	if b.key == nil {
		b.key = make([]uint32, blockElements)
	}
	return b.key[:n]
}

const bins = 1 << 16

// cut finds where the k largest elements end.
func (o *operands) cut(r ranker, k int64) (*cut, error) {
	n := o.Spec.Elements()
	switch {
	case k <= 0:
		return &cut{key: math.MaxUint32, equal: -1}, nil
	case k >= n:
		return &cut{key: 0, equal: -1}, nil
	}
	id := cutKey{r.name, k}
	if c := o.memory.cuts[id]; c != nil {
		return c, nil
	}
	high, left, err := o.upper(r, k)
	if err != nil {
		return nil, err
	}
	low, left, total, err := o.lower(r, high, left)
	if err != nil {
		return nil, err
	}
	c := &cut{key: high<<16 | low, equal: -1}
	if left < total && c.key != 0 { // zeros add nothing, above or below
		c.equal = left
		if c.before, err = o.countEqual(r, c.key); err != nil {
			return nil, err
		}
	}
	if o.memory.cuts == nil {
		o.memory.cuts = map[cutKey]*cut{}
	}
	o.memory.cuts[id] = c
	return c, nil
}

type cutKey struct {
	ranker string
	k      int64
}

// upper finds the upper half of the key of the k-th largest element, and how
// many of the elements with that half are above the cut.
func (o *operands) upper(r ranker, k int64) (high uint32, left int64, err error) {
	if o.memory.heads == nil {
		o.memory.heads = map[string][]int64{}
	}
	total := o.memory.heads[r.name]
	if total == nil {
		total, err = o.histogram(r, nil)
		if err != nil {
			return 0, 0, err
		}
		o.memory.heads[r.name] = total
	}
	high, left, _ = descend(total, k)
	return high, left, nil
}

// lower does the same for the lower half; total is the number of elements with
// exactly that key.
func (o *operands) lower(r ranker, high uint32, k int64) (low uint32, left, total int64, err error) {
	counts, err := o.histogram(r, &high)
	if err != nil {
		return 0, 0, 0, err
	}
	low, left, total = descend(counts, k)
	return low, left, total, nil
}

// descend goes down the bins until k elements are passed. It returns the bin
// of the k-th, how many of its elements are needed, and how many it has.
func descend(counts []int64, k int64) (bin uint32, left, total int64) {
	for i := len(counts) - 1; i >= 0; i-- {
		if k <= counts[i] {
			return uint32(i), k, counts[i]
		}
		k -= counts[i]
	}
	return 0, 0, counts[0]
}

// histogram counts the elements by the upper half of their keys; or, of those
// whose upper half is high, by the lower.
func (o *operands) histogram(r ranker, high *uint32) ([]int64, error) {
	total := make([]int64, bins)
	var mu sync.Mutex
	work := func(b *buffers, c chunk) (struct{}, error) {
		if b.counts == nil {
			b.counts = make([]uint32, bins)
		}
		clear(b.counts)
		err := r.keys(b, c, func(keys []uint32, _ int64) error {
			countBins((*[bins]uint32)(b.counts), keys, high)
			return nil
		})
		mu.Lock() // whole numbers: their order does not matter
		defer mu.Unlock()
		for i, n := range b.counts {
			if n != 0 {
				total[i] += int64(n)
			}
		}
		return struct{}{}, err
	}
	return total, fold(o, work, func(chunk, struct{}) {})
}

func countBins(counts *[bins]uint32, keys []uint32, high *uint32) {
	if high == nil {
		for _, key := range keys {
			counts[key>>16]++
		}
		return
	}
	want := *high
	for _, key := range keys {
		if key>>16 == want {
			counts[key&0xffff]++
		}
	}
}

// countEqual counts the elements with that key before each chunk.
func (o *operands) countEqual(r ranker, key uint32) ([]int64, error) {
	var before []int64
	sum := int64(0)
	err := fold(o, func(b *buffers, c chunk) (n int64, err error) {
		err = r.keys(b, c, func(keys []uint32, _ int64) error {
			for _, k := range keys {
				if k == key {
					n++
				}
			}
			return nil
		})
		return n, err
	}, func(_ chunk, n int64) {
		before = append(before, sum)
		sum += n
	})
	return before, err
}

// A side tells, element after element of one chunk, which are above a cut.
type side struct {
	key  uint32
	left int64 // elements equal to key that are still above
}

// in returns the side for chunk i.
func (c *cut) in(i int) side {
	if c.equal < 0 {
		return side{c.key, math.MaxInt64}
	}
	return side{c.key, max(0, c.equal-c.before[i])}
}

func (s *side) above(key uint32) bool { return s.mask(key) != 0 }

// mask is all ones for a key above the cut, else 0; without a branch that could
// not be foreseen.
func (s *side) mask(key uint32) uint64 {
	if key == s.key {
		s.left--
		return ^uint64(s.left >> 63)
	}
	return uint64((int64(s.key) - int64(key)) >> 63)
}

// share returns how many of n elements a share is, rounded down. The product
// is rounded as mergekit's is.
func share(part float64, n int64) int64 {
	return min(n, int64(part*float64(n)))
}
