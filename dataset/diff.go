package dataset

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"iter"
	"slices"
)

// Changes is how one dataset differs from another, by sample id. A sample
// with other messages has another id, so an edit is one removed and one added.
type Changes struct {
	Same    int64    `json:"same"`
	Added   []string `json:"added"`   // ids only in the second
	Removed []string `json:"removed"` // ids only in the first
	Changed []string `json:"changed"` // same id and split, other metadata
	Moved   []Move   `json:"moved"`   // same id, other split
}

// Move is a sample that changed its split.
type Move struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Equal tells whether nothing differs.
func (c Changes) Equal() bool {
	return len(c.Added)+len(c.Removed)+len(c.Changed)+len(c.Moved) == 0
}

// place is what Diff remembers of a sample: about 100 bytes.
type place struct {
	split  string
	digest [16]byte // of the whole sample
}

// Diff compares the samples of a and b, whatever their order. An id that
// stands several times in one split counts as often as it stands; an id that
// stands in several splits is compared split by split.
func Diff(ctx context.Context, a, b iter.Seq2[Row, error]) (Changes, error) {
	c := Changes{Added: []string{}, Removed: []string{}, Changed: []string{}, Moved: []Move{}}
	left := map[string][]place{} // of a, not found in b so far
	for row, err := range a {
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return c, err
		}
		p, err := placeOf(row)
		if err != nil {
			return c, err
		}
		left[row.Sample.ID] = append(left[row.Sample.ID], p)
	}
	for row, err := range b {
		if err = cmp.Or(err, ctx.Err()); err != nil {
			return c, err
		}
		p, err := placeOf(row)
		if err != nil {
			return c, err
		}
		id := row.Sample.ID
		if len(left[id]) == 0 {
			c.Added = append(c.Added, id)
			continue
		}
		i := closest(left[id], p)
		c.compare(id, left[id][i], p)
		left[id] = slices.Delete(left[id], i, i+1)
	}
	for id, places := range left {
		for range places {
			c.Removed = append(c.Removed, id)
		}
	}
	slices.Sort(c.Added)
	slices.Sort(c.Removed)
	slices.Sort(c.Changed)
	slices.SortFunc(c.Moved, func(a, b Move) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From)) })
	return c, nil
}

func (c *Changes) compare(id string, a, b place) {
	switch {
	case a == b:
		c.Same++
	case a.split != b.split:
		c.Moved = append(c.Moved, Move{ID: id, From: a.split, To: b.split})
	default:
		c.Changed = append(c.Changed, id)
	}
}

// closest picks the place most like p: the same, else the same split.
func closest(places []place, p place) int {
	if i := slices.Index(places, p); i >= 0 {
		return i
	}
	return max(slices.IndexFunc(places, func(q place) bool { return q.split == p.split }), 0)
}

func placeOf(row Row) (place, error) {
	text, err := json.Marshal(row.Sample.withLists())
	sum := sha256.Sum256(text)
	return place{row.Split, [16]byte(sum[:16])}, err
}
