package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

func TestDatasetRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	writeTestDataset(t, dir, 300, 4000)
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	shards := 0
	for _, s := range d.Manifest.Shards {
		if s.Split == "train" {
			shards++
		}
	}
	if shards < 3 {
		t.Errorf("%d shards of train", shards)
	}
	seen := map[string]bool{}
	for row, err := range d.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		seen[row.Sample.ID] = true
	}
	dropped := 0
	for s, err := range d.DroppedSamples() {
		if err != nil || s.Filter != "filter.length" || s.Value != 3 || s.Threshold != 20 {
			t.Fatalf("%+v %v", s, err)
		}
		seen[s.ID] = true
		dropped++
	}
	if dropped != 42 || len(seen) != 300 {
		t.Errorf("%d dropped, %d ids", dropped, len(seen))
	}
	if n := len(collect(t, d.Samples("test"))); n != 26 {
		t.Errorf("%d samples in test", n)
	}
	for _, err := range d.Samples("dev") {
		if err == nil || !strings.Contains(err.Error(), `no split "dev"; it has test, train`) {
			t.Error(err)
		}
	}
}

func TestSameRowsSameBytes(t *testing.T) {
	one, two := filepath.Join(t.TempDir(), "set"), filepath.Join(t.TempDir(), "set")
	writeTestDataset(t, one, 200, 4000)
	writeTestDataset(t, two, 200, 4000)
	sameTree(t, treeBytes(t, one), treeBytes(t, two))
	writeTestDataset(t, one, 200, 4000) // over the old one
	sameTree(t, treeBytes(t, one), treeBytes(t, two))
}

func TestOpenAny(t *testing.T) {
	dir := t.TempDir()
	writeTestDataset(t, filepath.Join(dir, "set"), 50, DefaultShardBytes)
	for _, name := range []string{"train-00000-of-00002.jsonl", "train-00001-of-00002.jsonl.gz", "test.parquet", "notes.txt"} {
		path := filepath.Join(dir, "folder", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if name == "notes.txt" {
			os.WriteFile(path, nil, 0o644)
		} else if _, err := WriteFile(path, testSamples(10)); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ path, want string }{
		{"set", "map[test:4 train:39]"},
		{"folder", "map[test:10 train:20]"},
		{"folder/test.parquet", "map[test:10]"},
	} {
		rows, err := OpenAny(filepath.Join(dir, test.path))
		if err != nil {
			t.Fatal(err)
		}
		stats, err := Count(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(stats.Splits); got != test.want {
			t.Errorf("%s: %s, want %s", test.path, got, test.want)
		}
	}
	if _, err := OpenAny(t.TempDir()); !errors.Is(err, ErrNotDataset) {
		t.Error(err)
	}
}

func TestPercentiles(t *testing.T) {
	counts := map[int]int64{}
	for n := 1; n <= 100; n++ {
		counts[n] = 1
	}
	if got := percentiles(counts); got != (Percentiles{1, 10, 50, 90, 99, 100}) {
		t.Errorf("%+v", got)
	}
	if got := percentiles(map[int]int64{7: 1}); got != (Percentiles{7, 7, 7, 7, 7, 7}) {
		t.Errorf("%+v", got)
	}
}
