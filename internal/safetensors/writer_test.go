package safetensors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

var testSpecs = []Tensor{
	{Name: "b", DType: BF16, Shape: []int64{3, 5}},
	{Name: "a", DType: F32, Shape: []int64{7}},
	{Name: "empty", DType: F32, Shape: []int64{0, 4}},
	{Name: "scalar", DType: U8},
	{Name: "e", DType: I64, Shape: []int64{1000}},
	{Name: "last", DType: BOOL, Shape: []int64{0}},
}

// content is the data of a test tensor.
func content(spec Tensor) []byte {
	size, err := dataSize(spec.DType, spec.Shape)
	if err != nil {
		panic(err)
	}
	p := make([]byte, size)
	for i := range p {
		p[i] = spec.Name[i%len(spec.Name)] + byte(i>>8)
	}
	return p
}

func writeAll(t testing.TB, w *Writer, specs []Tensor) {
	t.Helper()
	for _, spec := range specs {
		if err := w.WriteAt(spec.Name, content(spec), 0); err != nil {
			t.Fatal(err)
		}
	}
}

func create(t testing.TB, dir string, specs []Tensor, opts Options) *Writer {
	t.Helper()
	w, err := Create(dir, specs, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func finish(t testing.TB, w *Writer) []Shard {
	t.Helper()
	shards, err := w.Finish(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return shards
}

// contents returns the files of a folder.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

func hexSum(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:])
}

func TestWriteAndRead(t *testing.T) {
	for _, c := range []struct {
		limit int64
		files int
	}{{0, 1}, {100, 2}, {1, 4}} {
		dir := filepath.Join(t.TempDir(), "model")
		w := create(t, dir, testSpecs, Options{MaxShardBytes: c.limit, Metadata: map[string]string{"format": "pt"}, TensorSums: true})
		writeAll(t, w, testSpecs)
		shards := finish(t, w)
		files := contents(t, dir)
		m, err := OpenModel(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		if len(m.Files()) != c.files || len(shards) != c.files || len(m.Tensors()) != len(testSpecs) || len(m.Warnings()) > 0 || m.Metadata()["format"] != "pt" {
			t.Errorf("limit %d: %d files, %d tensors, warnings %q", c.limit, len(m.Files()), len(m.Tensors()), m.Warnings())
		}
		sums := make(map[string]string)
		for _, s := range shards {
			if s.SHA256 != hexSum(files[s.Name]) || s.Size != int64(len(files[s.Name])) {
				t.Errorf("%s: sum or size are wrong", s.Name)
			}
			maps.Copy(sums, s.Tensors)
		}
		for _, spec := range testSpecs {
			got, ok := m.Tensor(spec.Name)
			if !ok || got.DType != spec.DType || !slices.Equal(got.Shape, spec.Shape) {
				t.Fatalf("%s: %+v", spec.Name, got)
			}
			p := make([]byte, got.Size)
			if _, err := got.ReadAt(p, 0); got.Size > 0 && err != nil || string(p) != string(content(spec)) {
				t.Errorf("%s: read %v", spec.Name, err)
			}
			if sums[spec.Name] != hexSum(string(p)) {
				t.Errorf("%s: sum %s", spec.Name, sums[spec.Name])
			}
		}
	}
}

// The bytes do not depend on the order, the sizes or the number of writers.
func TestWriterIsDeterministic(t *testing.T) {
	specs := []Tensor{{Name: "big", DType: F32, Shape: []int64{3_000_000}}, {Name: "bigger", DType: BF16, Shape: []int64{5_000_000}}}
	for i := range 40 {
		specs = append(specs, Tensor{Name: fmt.Sprint("layer.", i), DType: []DType{BF16, F32}[i%2], Shape: []int64{int64(i), 111}})
	}
	opts := Options{MaxShardBytes: 15_000_000, TensorSums: true}
	dir := t.TempDir()
	w := create(t, dir, specs, opts)
	writeAll(t, w, specs)
	want := finish(t, w)
	files := contents(t, dir)

	type piece struct {
		name       string
		begin, end int
	}
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 1))
		var pieces []piece
		for _, spec := range specs {
			for begin, size := 0, len(content(spec)); begin < size; {
				end := min(size, begin+1+r.IntN(1<<19))
				pieces = append(pieces, piece{spec.Name, begin, end})
				begin = end
			}
		}
		r.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		data := make(map[string][]byte)
		for _, spec := range specs {
			data[spec.Name] = content(spec)
		}
		other := t.TempDir()
		w := create(t, other, specs, opts)
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() {
				for i := worker; i < len(pieces); i += 4 {
					p := pieces[i]
					if err := w.WriteAt(p.name, data[p.name][p.begin:p.end], int64(p.begin)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		got := finish(t, w)
		for i := range want {
			if got[i].SHA256 != want[i].SHA256 || !maps.Equal(got[i].Tensors, want[i].Tensors) {
				t.Errorf("seed %d: %s has other sums", seed, want[i].Name)
			}
		}
		if !maps.Equal(files, contents(t, other)) {
			t.Errorf("seed %d: the files differ", seed)
		}
	}
}

func TestWriterWantsEveryByteOnce(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir, testSpecs, Options{})
	write := func(name string, n int, off int64, want string) {
		t.Helper()
		err := w.WriteAt(name, make([]byte, n), off)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	write("e", 100, 50, "")
	write("e", 1, 149, "written already")
	write("e", 51, 0, "written already")
	write("e", 8000, 0, "written already")
	write("e", 50, 0, "")
	write("e", 1, 8000, "it has 8000")
	write("e", 1, -1, "it has 8000")
	write("e", 0, 8000, "")
	write("none", 1, 0, "not in the model")
	if w.Done("e") || w.Done("none") || !w.Done("empty") {
		t.Error("Done is wrong")
	}
	if _, err := w.Finish(context.Background()); err == nil || !strings.Contains(err.Error(), `tensor "e": nothing was written from byte 150 of 8000 on`) {
		t.Errorf("Finish of an incomplete model: %v", err)
	}
	if files := contents(t, dir); len(files) != 1 || files["model.safetensors.partial"] == "" {
		t.Errorf("files %q", slices.Sorted(maps.Keys(files)))
	}
}

func TestCreateRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		specs []Tensor
		want  string
	}{
		{"no dtype", []Tensor{{Name: "a"}}, "no dtype"},
		{"name twice", []Tensor{{Name: "a", DType: U8}, {Name: "a", DType: U8}}, "given twice"},
		{"metadata", []Tensor{{Name: "__metadata__", DType: U8}}, "name of the metadata"},
		{"control character", []Tensor{{Name: "a\n", DType: U8}}, "control characters"},
		{"invalid name", []Tensor{{Name: "\xff", DType: U8}}, "not valid UTF-8"},
		{"long name", []Tensor{{Name: strings.Repeat("a", 2000), DType: U8}}, "a name of 2000 bytes"},
		{"rank", []Tensor{{Name: "a", DType: U8, Shape: make([]int64, 9)}}, "9 dimensions"},
		{"negative", []Tensor{{Name: "a", DType: U8, Shape: []int64{-1}}}, "negative dimension"},
		{"overflow", []Tensor{{Name: "a", DType: U8, Shape: []int64{1 << 40, 1 << 40}}}, "overflows"},
		{"half bytes", []Tensor{{Name: "a", DType: F4, Shape: []int64{1}}}, "whole bytes"},
		{"size", []Tensor{{Name: "a", DType: F32, Size: 5}}, "a size of 5 bytes is given"},
		{"total", []Tensor{{Name: "a", DType: U8, Shape: []int64{1 << 60}}, {Name: "b", DType: U8, Shape: []int64{1 << 60}},
			{Name: "c", DType: F64, Shape: []int64{1 << 57}}, {Name: "d", DType: F64, Shape: []int64{1 << 57}}, {Name: "e", DType: F64, Shape: []int64{1 << 57}},
			{Name: "f", DType: F64, Shape: []int64{1 << 57}}, {Name: "g", DType: F64, Shape: []int64{1 << 57}}, {Name: "h", DType: F64, Shape: []int64{1 << 57}}}, "2^63"},
	} {
		dir := filepath.Join(t.TempDir(), "model")
		opts := Options{MaxShardBytes: 1<<63 - 1}
		if w, err := Create(dir, c.specs, opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
			if err == nil {
				w.Abort()
			}
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the folder was made", c.name)
		}
	}
	if _, err := Create(t.TempDir(), nil, Options{MaxShardBytes: -1}); err == nil {
		t.Error("a negative size of shards is no error")
	}
}

func TestCreateOverwritesNothing(t *testing.T) {
	for name, want := range map[string]string{
		"model.safetensors": "already holds one", indexName: "already holds one",
		"model-00001-of-00002.safetensors": "already holds one", "model.safetensors.partial": "resume it",
	} {
		dir := t.TempDir()
		put(t, dir, name, []byte("kept"))
		if _, err := Create(dir, testSpecs, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
		if files := contents(t, dir); len(files) != 1 || files[name] != "kept" {
			t.Errorf("%s: files %q", name, slices.Sorted(maps.Keys(files)))
		}
	}
}

// A disk without room is an error before any work, and leaves nothing.
func TestCreateTakesTheSpaceFirst(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, []Tensor{{Name: "a", DType: U8, Shape: []int64{1 << 50}}}, Options{})
	if err == nil {
		w.Abort()
		t.Skip("SKIPPED: this file system does not reserve space")
	}
	if !strings.Contains(err.Error(), "free some space") || len(contents(t, dir)) > 0 {
		t.Errorf("%v, files %v", err, contents(t, dir))
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir, testSpecs, Options{MaxShardBytes: 100})
	writeAll(t, w, testSpecs[:2])
	if err := w.Abort(); err != nil || len(contents(t, dir)) > 0 {
		t.Errorf("%v, files %v", err, contents(t, dir))
	}
	if err := w.WriteAt("e", make([]byte, 8), 0); err == nil {
		t.Error("writing after Abort is no error")
	}
	w = create(t, dir, testSpecs, Options{})
	writeAll(t, w, testSpecs)
	finish(t, w)
	if err := errors.Join(w.Abort(), w.Close()); err != nil || len(contents(t, dir)) != 1 {
		t.Errorf("Abort after Finish: %v, files %v", err, contents(t, dir))
	}
}

func TestSpans(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var set spans
		var model [40]bool
		for range 30 {
			begin := r.IntN(40)
			end := begin + 1 + r.IntN(40-begin)
			free := !slices.Contains(model[begin:end], true)
			if set.add(int64(begin), int64(end)) != free {
				t.Fatalf("%v and [%d, %d)", set, begin, end)
			}
			for i := begin; free && i < end; i++ {
				model[i] = true
			}
			for i := range model {
				want := i
				for want < len(model) && model[want] {
					want++
				}
				if got := set.gap(int64(i)); got != int64(want) {
					t.Fatalf("%v: gap from %d is %d, want %d", set, i, got, want)
				}
			}
		}
		for i := 1; i < len(set); i++ {
			if set[i-1].end >= set[i].begin {
				t.Fatalf("%v is not in order", set)
			}
		}
	}
}
