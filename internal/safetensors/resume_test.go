package safetensors

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestResume(t *testing.T) {
	opts := Options{MaxShardBytes: 100, Metadata: map[string]string{"format": "pt"}}
	whole := t.TempDir()
	w := create(t, whole, testSpecs, opts)
	writeAll(t, w, testSpecs)
	want := finish(t, w)

	dir := t.TempDir()
	w = create(t, dir, testSpecs, opts)
	writeAll(t, w, testSpecs[:2])
	if err := w.WriteAt("e", []byte("half written"), 10); err != nil { // not in the journal
		t.Fatal(err)
	}
	if err := errors.Join(w.Sync(), w.Close()); err != nil {
		t.Fatal(err)
	}

	if _, err := Resume(dir, testSpecs, opts, []string{"other"}); err == nil || !strings.Contains(err.Error(), "not in the model") {
		t.Errorf("a journal of another model: %v", err)
	}
	w, err := Resume(dir, testSpecs, opts, []string{"a", "b", "empty"})
	if err != nil {
		t.Fatal(err)
	}
	if !w.Done("a") || !w.Done("b") || w.Done("e") {
		t.Error("Done is wrong after Resume")
	}
	writeAll(t, w, testSpecs[2:])
	got := finish(t, w)
	if !slices.EqualFunc(got, want, func(a, b Shard) bool { return a.Name == b.Name && a.SHA256 == b.SHA256 }) || !maps.Equal(contents(t, dir), contents(t, whole)) {
		t.Errorf("resumed: %+v, want %+v", got, want)
	}
}

// Finish may be interrupted between any two of its renames.
func TestResumeAfterAnInterruptedFinish(t *testing.T) {
	opts := Options{MaxShardBytes: 1}
	whole := t.TempDir()
	w := create(t, whole, testSpecs, opts)
	writeAll(t, w, testSpecs)
	shards := finish(t, w)
	for renamed := range len(shards) + 1 {
		dir := t.TempDir()
		w := create(t, dir, testSpecs, opts)
		writeAll(t, w, testSpecs)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for _, s := range shards[:renamed] {
			path := filepath.Join(dir, s.Name)
			if err := os.Rename(path+".partial", path); err != nil {
				t.Fatal(err)
			}
		}
		w, err := Resume(dir, testSpecs, opts, []string{"a", "b", "e", "scalar"})
		if err != nil {
			t.Fatal(err)
		}
		finish(t, w)
		if !maps.Equal(contents(t, dir), contents(t, whole)) {
			t.Errorf("after %d renames the files differ", renamed)
		}
	}
}

func TestResumeRefusesOtherFiles(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir, testSpecs, Options{})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	partial := filepath.Join(dir, "model.safetensors.partial")
	for name, c := range map[string]struct {
		specs []Tensor
		opts  Options
		want  string
	}{
		"other tensors":  {testSpecs[1:], Options{}, "made for other tensors"},
		"other names":    {append([]Tensor{{Name: "c", DType: BF16, Shape: []int64{3, 5}}}, testSpecs[1:]...), Options{}, "made for other tensors"},
		"other metadata": {testSpecs, Options{Metadata: map[string]string{"format": "pt"}}, "made for other tensors"},
		"other shards":   {testSpecs, Options{MaxShardBytes: 100}, "nothing to resume"},
	} {
		if _, err := Resume(dir, c.specs, c.opts, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(partial); err != nil {
		t.Errorf("a refusal removed the file: %v", err)
	}
}

// The end of the context leaves a model that can be resumed.
func TestFinishStopsWithTheContext(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir, testSpecs, Options{})
	writeAll(t, w, testSpecs)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	w, err := Resume(dir, testSpecs, Options{}, []string{"a", "b", "e", "scalar"})
	if err != nil {
		t.Fatal(err)
	}
	finish(t, w)
}
