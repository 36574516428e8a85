package filter

import (
	"iter"

	"github.com/kurakurai/luth/dataset"
)

// everySample yields the samples at a path and, after them, those dropped from
// it. Rows that cannot be read are passed over.
func everySample(path string) iter.Seq2[dataset.Sample, error] {
	return func(yield func(dataset.Sample, error) bool) {
		rows, err := dataset.OpenAny(path)
		if err != nil {
			yield(dataset.Sample{}, err)
			return
		}
		for row, err := range dataset.SkipBad(rows, func(*dataset.RowError) {}) {
			if !yield(row.Sample, err) {
				return
			}
		}
		d, err := dataset.Open(path)
		if err != nil {
			return // a file: nothing was dropped from it
		}
		for dropped, err := range d.DroppedSamples() {
			if !yield(dropped.Sample, err) {
				return
			}
		}
	}
}

// verdictOn asks one filter about a sample. One with a key is asked by looking
// for another sample with the same key.
func verdictOn(f Filter, path string, s dataset.Sample) (Verdict, error) {
	if f.Key == nil {
		return f.Check(s), nil
	}
	key := f.Key(s)
	for other, err := range everySample(path) {
		switch {
		case err != nil:
			return Verdict{}, err
		case other.ID == s.ID:
			return keep(0, 1), nil // the first of its kind
		case f.Key(other) == key:
			return drop("equal to an earlier sample", other.ID, 1, 1), nil
		}
	}
	return keep(0, 1), nil
}
