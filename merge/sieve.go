package merge

import (
	"fmt"
	"math"
)

// A keep is a way to drop elements of the difference between a model and the
// base.
type keep int

const (
	keepAll     keep = iota
	keepLargest      // the density largest (TIES)
	keepMiddle       // the density largest after the gamma largest (Breadcrumbs)
	keepRandom       // each with probability density (DARE)
	keepRanked       // each with a probability by its rank in the row (DELLA)
)

// A sieve drops elements of the difference of one model. It is asked for a
// function for every chunk.
type sieve func(*buffers, chunk) (siftFunc, error)

// A siftFunc sets the elements to drop to 0 and scales the others. It is called
// for the blocks of a chunk in their order, at being the index of the first
// element.
type siftFunc func(delta []float64, at int64)

// sieve returns that of operand i, or nil if all is kept.
func (o *operands) sieve(how keep, i int) (sieve, error) {
	density, n := o.per("density", i), o.Spec.Elements()
	if how == keepAll || density >= 1 || n == 0 {
		return nil, nil
	}
	if density <= 0 {
		return func(*buffers, chunk) (siftFunc, error) {
			return func(delta []float64, _ int64) { clear(delta) }, nil
		}, nil
	}
	var s sieve
	var err error
	switch kept := share(density, n); how {
	case keepLargest:
		s, err = o.between(i, 0, max(1, kept))
	case keepMiddle:
		top := share(o.per("gamma", i), n)
		bottom := max(0, n-kept-top)
		s, err = o.between(i, n-kept-bottom, n-bottom)
	case keepRandom:
		return o.rescaled(o.atRandom(i, density), i, o.flag("rescale") && o.compat)
	default:
		if s, err = o.ranked(i, density); err == nil {
			return o.rescaled(s, i, o.flag("rescale") && o.compat)
		}
	}
	if err != nil {
		return nil, err
	}
	return o.rescaled(s, i, o.flag("rescale"))
}

// between keeps the elements of rank first+1 to last, the largest having rank
// 1.
func (o *operands) between(i int, first, last int64) (sieve, error) {
	r := o.byMagnitude(i)
	upper, err := o.cut(r, first)
	if err != nil {
		return nil, err
	}
	lower, err := o.cut(r, last)
	if err != nil {
		return nil, err
	}
	return func(_ *buffers, c chunk) (siftFunc, error) {
		over, under := upper.in(c.index), lower.in(c.index)
		if first == 0 { // the usual case, TIES
			return func(delta []float64, _ int64) {
				for j, d := range delta {
					delta[j] = masked(d, under.mask(magnitude(d)))
				}
			}, nil
		}
		return func(delta []float64, _ int64) {
			for j, d := range delta {
				key := magnitude(d)
				delta[j] = masked(d, under.mask(key)&^over.mask(key))
			}
		}, nil
	}, nil
}

// atRandom keeps each element with probability density and, with rescale,
// divides it by that (DARE), so that the expected value stays.
func (o *operands) atRandom(i int, density float64) sieve {
	d, factor := o.dice(i), 1.0
	if o.flag("rescale") && !o.compat {
		factor = 1 / density
	}
	return func(*buffers, chunk) (siftFunc, error) {
		return func(delta []float64, at int64) {
			limit := limitOf(density)
			for j, x := range delta {
				delta[j] = masked(float64(x*factor), d.below(at+int64(j), limit))
			}
		}, nil
	}
}

// masked returns x where the mask is all ones, else 0.
func masked(x float64, mask uint64) float64 {
	return math.Float64frombits(math.Float64bits(x) & mask)
}

// maxRanked bounds the memory that ranks take.
const maxRanked = 1 << 26

// ranked keeps each element with a probability between density - epsilon, for
// the smallest of its row, and density + epsilon, for the largest; with
// rescale, it is divided by that (DELLA).
func (o *operands) ranked(i int, density float64) (sieve, error) {
	epsilon := o.per("epsilon", i)
	if density-epsilon <= 0 || density+epsilon >= 1 {
		return nil, fmt.Errorf("density %v with epsilon %v gives probabilities outside 0 to 1; make epsilon smaller than both density and 1 - density", density, epsilon)
	}
	if o.chunkLength() > maxRanked {
		return nil, fmt.Errorf("a row of %d elements is too long to rank", o.rowLength())
	}
	r, d := o.byMagnitude(i), o.dice(i)
	rescale := o.flag("rescale") && !o.compat
	row := o.rowLength()
	return func(b *buffers, c chunk) (siftFunc, error) {
		ranks, err := b.rank(r, c, i, row)
		if err != nil {
			return nil, err
		}
		return func(delta []float64, at int64) {
			for j := range delta {
				p := density
				if row > 1 {
					p += float64(epsilon * (2*float64(ranks[at-c.begin+int64(j)])/float64(row-1) - 1))
				}
				x := delta[j]
				if rescale {
					x /= p
				}
				delta[j] = masked(x, d.below(at+int64(j), limitOf(p)))
			}
		}, nil
	}, nil
}

// rank returns, for every element of a chunk of whole rows, how many of its
// row are smaller; equal ones by index.
func (b *buffers) rank(r ranker, c chunk, i int, row int64) ([]uint32, error) {
	n := c.end - c.begin
	for len(b.ranks) <= i {
		b.ranks = append(b.ranks, nil)
	}
	if int64(len(b.ranks[i])) < n {
		b.ranks[i] = make([]uint32, n)
	}
	ranks := b.ranks[i][:n]
	if err := r.keys(b, c, func(keys []uint32, at int64) error {
		copy(ranks[at-c.begin:], keys)
		return nil
	}); err != nil {
		return nil, err
	}
	for begin := int64(0); begin < n; begin += row {
		b.rankRow(ranks[begin:min(begin+row, n)])
	}
	return ranks, nil
}

// rankRow replaces the keys of a row by their ranks: a radix sort of keys and
// indices, eight bits at a time.
func (b *buffers) rankRow(keys []uint32) {
	n := len(keys)
	if len(b.order) < 2*n {
		b.order = make([]uint64, 2*n)
	}
	from, to := b.order[:n], b.order[n:2*n]
	for i, key := range keys {
		from[i] = uint64(key)<<32 | uint64(i)
	}
	for shift := 32; shift < 64; shift += 8 {
		var next [256]int
		for _, v := range from {
			next[v>>shift&0xff]++
		}
		sum := 0
		for d, count := range next {
			next[d], sum = sum, sum+count
		}
		for _, v := range from {
			d := v >> shift & 0xff
			to[next[d]] = v
			next[d]++
		}
		from, to = to, from
	}
	for rank, v := range from {
		keys[uint32(v)] = uint32(rank)
	}
}

// rescaled multiplies what s keeps so that the sum of the magnitudes is what it
// was before, if on.
func (o *operands) rescaled(s sieve, i int, on bool) (sieve, error) {
	if !on {
		return s, nil
	}
	var before, after float64
	err := fold(o, func(b *buffers, c chunk) (sums [2]float64, err error) {
		sift, err := s(b, c)
		if err != nil {
			return sums, err
		}
		err = o.blocks(b, c, []int{o.Base, i}, func(src [][]float64, at int64) error {
			subtract(src, 0)
			sums[0] += absolute(src[1])
			sift(src[1], at)
			sums[1] += absolute(src[1])
			return nil
		})
		return sums, err
	}, func(_ chunk, sums [2]float64) {
		before += sums[0]
		after += sums[1]
	})
	if err != nil || before < 1e-7 || after < 1e-7 {
		return s, err
	}
	factor := before / after
	return func(b *buffers, c chunk) (siftFunc, error) {
		sift, err := s(b, c)
		return func(delta []float64, at int64) {
			sift(delta, at)
			for j := range delta {
				delta[j] = float64(delta[j] * factor)
			}
		}, err
	}, nil
}

// absolute sums the magnitudes.
func absolute(x []float64) (sum float64) {
	for _, v := range x {
		sum += math.Abs(v)
	}
	return sum
}
