package dataset

import (
	"path/filepath"
	"testing"
)

// writeTestDataset writes rows samples in the splits train and test (one in
// ten), and a few dropped ones.
func writeTestDataset(t testing.TB, dir string, rows int, shardBytes int64) {
	t.Helper()
	w, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	w.ShardBytes = shardBytes
	b := Balance{Stage: "make", Unit: "samples"}
	for i := range rows {
		b.In++
		switch {
		case i%7 == 6:
			b.Drop("too_short")
			err = w.Drop("train", Dropped{Sample: testSample(i), Filter: "filter.length", Reason: "too_short", Value: 3, Threshold: 20})
		case i%10 == 0:
			b.Out++
			err = w.Write("test", testSample(i))
		default:
			b.Out++
			err = w.Write("train", testSample(i))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	err = w.Commit(Meta{
		Name: filepath.Base(dir), Recipe: "r", Parents: []string{"p"}, Balances: []Balance{b},
		Card: Card{PrettyName: "Un test : « été »", License: "cc-by-4.0", Description: "A *test*.", Tags: []string{"no", "exam: fr"}, Limits: []string{"Small."}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
