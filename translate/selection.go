package translate

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/kurakurai/luth/dataset"
)

// picked are the rows a run works on. The counts are whole when the rows have
// been read to the end.
type picked struct {
	rows    iter.Seq2[dataset.Row, error]
	total   int64    // rows to expect, 0 when unknown
	parents []string // fingerprint of the input
	*remainder
}

// remainder counts rows that are not picked.
type remainder struct{ left, unreadable int64 }

// pick opens the input and picks the rows that the options leave.
func pick(ctx context.Context, input string, task Task, options Options) (picked, error) {
	if input == "" {
		return picked{}, errors.New("it needs a stage before it, which writes the samples")
	}
	open := dataset.OpenAny
	if task.Open != nil {
		open = task.Open
	}
	rows, err := open(input)
	if err != nil {
		return picked{}, fmt.Errorf("read %s: %w", input, err)
	}
	p := picked{remainder: &remainder{}}
	if d, err := dataset.Open(input); err == nil {
		p.parents = []string{d.Fingerprint}
		for _, split := range d.Manifest.Splits {
			p.total += split.Rows
		}
	}
	chosen := func(int64) bool { return true }
	switch {
	case options.Sample > 0:
		places, err := draw(ctx, dataset.SkipBad(rows, func(*dataset.RowError) {}), options.Sample, options.Seed)
		if err != nil {
			return picked{}, fmt.Errorf("read %s: %w", input, err)
		}
		chosen, p.total = func(i int64) bool { return places[i] }, int64(len(places))
	case options.Limit > 0:
		chosen = func(i int64) bool { return i < options.Limit }
		if p.total == 0 || options.Limit < p.total {
			p.total = options.Limit
		}
	}
	p.rows = p.remainder.sieve(dataset.SkipBad(rows, func(*dataset.RowError) { p.unreadable++ }), chosen)
	return p, nil
}

// sieve lets the chosen rows pass and counts the others.
func (r *remainder) sieve(rows iter.Seq2[dataset.Row, error], chosen func(place int64) bool) iter.Seq2[dataset.Row, error] {
	return func(yield func(dataset.Row, error) bool) {
		var place int64
		for row, err := range rows {
			if err == nil {
				place++
				if !chosen(place - 1) {
					r.left++
					continue
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// draw chooses n places at random. A seed always chooses the same of as many
// rows, and a larger n chooses all of a smaller one's too.
func draw(ctx context.Context, rows iter.Seq2[dataset.Row, error], n, seed int64) (map[int64]bool, error) {
	var lots lotHeap
	var place int64
	for _, err := range rows {
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return nil, err
		}
		l := lot{mix(uint64(seed)*0x9e3779b97f4a7c15 + uint64(place)), place}
		switch {
		case int64(len(lots)) < n:
			heap.Push(&lots, l)
		case l.less(lots[0]):
			lots[0] = l
			heap.Fix(&lots, 0)
		}
		place++
	}
	places := map[int64]bool{}
	for _, l := range lots {
		places[l.place] = true
	}
	return places, nil
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): neighbours in,
// unrelated numbers out.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// lot is what a place drew; the smallest win.
type lot struct {
	number uint64
	place  int64
}

func (l lot) less(other lot) bool {
	return cmp.Or(cmp.Compare(l.number, other.number), cmp.Compare(l.place, other.place)) < 0
}

// lotHeap has the largest lot on top.
type lotHeap []lot

func (h lotHeap) Len() int           { return len(h) }
func (h lotHeap) Less(i, j int) bool { return h[j].less(h[i]) }
func (h lotHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *lotHeap) Push(x any)        { *h = append(*h, x.(lot)) }
func (h *lotHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
