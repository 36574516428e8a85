package safetensors

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A file of the official package reads, and the writer makes the same bytes
// of its tensors.
func TestOfficialFile(t *testing.T) {
	path := filepath.Join("testdata", "official.safetensors")
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	scalar, _ := f.Tensor("scalar")
	p, x := make([]byte, 8), make([]float64, 1)
	if _, err := scalar.ReadAt(p, 0); err != nil {
		t.Fatal(err)
	}
	if err := DecodeF64(x, p, scalar.DType); err != nil || x[0] != 0.1 || len(scalar.Shape) != 0 {
		t.Errorf("the scalar is %v of shape %v, %v", x, scalar.Shape, err)
	}
	dir := t.TempDir()
	w := create(t, dir, f.Tensors(), Options{Metadata: f.Metadata()})
	for _, spec := range f.Tensors() {
		p := make([]byte, spec.Size)
		if _, err := spec.ReadAt(p, 0); err != nil && spec.Size > 0 {
			t.Fatal(err)
		}
		if err := w.WriteAt(spec.Name, p, 0); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, w)
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if contents(t, dir)[singleName] != string(want) {
		t.Error("the bytes written differ")
	}
}

func TestFloat8Golden(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join("testdata", "float8.golden"))
	if err != nil {
		t.Fatal(err)
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	lines := strings.Split(strings.TrimSpace(string(golden)), "\n")
	for _, line := range lines {
		fields := strings.Fields(line)
		dtype, err := ParseDType(fields[0])
		if err != nil {
			t.Fatal(err)
		}
		f32, f64 := make([]float32, 256), make([]float64, 256)
		if err := DecodeF32(f32, all, dtype); err != nil {
			t.Fatal(err)
		}
		if err := DecodeF64(f64, all, dtype); err != nil {
			t.Fatal(err)
		}
		for i, hex := range fields[1:] {
			bits, err := strconv.ParseUint(hex, 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			want := float64(math.Float32frombits(uint32(bits)))
			if !sameFloat(float64(f32[i]), want) || !sameFloat(f64[i], want) {
				t.Errorf("%s %02x is %v and %v, want %v", dtype, i, f32[i], f64[i], want)
			}
		}
	}
	if len(lines) != 5 {
		t.Errorf("%d formats", len(lines))
	}
}
