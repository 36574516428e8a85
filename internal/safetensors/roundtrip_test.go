package safetensors

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// writeModel writes a model whose bytes follow from the tensors' names.
func writeModel(t testing.TB, dir string, specs []Tensor, opts Options) []Shard {
	t.Helper()
	w, err := Create(dir, specs, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, spec := range specs {
		if err := w.WriteAt(spec.Name, content(spec), 0); err != nil {
			t.Fatal(err)
		}
	}
	shards, err := w.Finish(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return shards
}

// content is the data of a test tensor.
func content(spec Tensor) []byte {
	size, _ := dataSize(spec.DType, spec.Shape)
	p := make([]byte, size)
	for i := range p {
		p[i] = spec.Name[i%len(spec.Name)] + byte(i>>8)
	}
	return p
}

func TestWriteAndRead(t *testing.T) {
	specs := []Tensor{
		{Name: "b", DType: BF16, Shape: []int64{3, 5}}, {Name: "a", DType: F32, Shape: []int64{7}},
		{Name: "empty", DType: F32, Shape: []int64{0, 4}}, {Name: "scalar", DType: U8}, {Name: "e", DType: I64, Shape: []int64{1000}},
	}
	for _, limit := range []int64{0, 100, 1} {
		dir := filepath.Join(t.TempDir(), "m")
		shards := writeModel(t, dir, specs, Options{MaxShardBytes: limit, Metadata: map[string]string{"format": "pt"}, TensorSums: true})
		m, err := OpenModel(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		if len(m.Warnings()) > 0 {
			t.Error(m.Warnings())
		}
		for _, spec := range specs {
			got, ok := m.Tensor(spec.Name)
			if !ok {
				t.Fatal(spec.Name)
			}
			p, err := io.ReadAll(io.NewSectionReader(got, 0, got.Size))
			if err != nil || string(p) != string(content(spec)) {
				t.Errorf("%s: %v", spec.Name, err)
			}
		}
		for i, f := range m.Files() {
			sum, err := f.SHA256(context.Background())
			if err != nil || sum != shards[i].SHA256 {
				t.Error(sum, shards[i], err)
			}
		}
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			t.Log(limit, e.Name())
		}
	}
}
