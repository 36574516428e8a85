package merge

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kurakurai/luth/internal/safetensors"
)

// TestCompare compares a model with itself and with one moved by a known
// distance.
func TestCompare(t *testing.T) {
	inTinyModels(t, safetensors.F32)
	moved := tinyWeights("base")
	for i, v := range moved["model.norm.weight"].values {
		moved["model.norm.weight"].values[i] = 1.5 * v
	}
	delete(moved, "lm_head.weight")
	writeModel(t, "moved", tinyConfig("float32"), safetensors.F32, moved)
	c, err := Compare(t.Context(), "base", "moved", Options{Workers: 2, Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Tensors {
		want := 0.0
		if d.Tensor == "model.norm.weight" {
			want = 0.5
		}
		if math.Abs(*d.Relative-want) > 1e-7 || math.Abs(*d.Cosine-1) > 1e-12 || d.Identical != (want == 0) {
			t.Errorf("%s: relative %v, cosine %v, identical %v", d.Tensor, *d.Relative, *d.Cosine, d.Identical)
		}
	}
	if len(c.OnlyA) != 1 || c.OnlyA[0] != "lm_head.weight" || len(c.Layers()) != tinyLayers+1 {
		t.Errorf("only in A: %v; %d layers", c.OnlyA, len(c.Layers()))
	}
	if err := c.Plot("plot.png"); err != nil {
		t.Error(err)
	}
	if head, err := os.ReadFile("plot.png"); err != nil || !strings.HasPrefix(string(head), "\x89PNG") {
		t.Error("the plot is no PNG")
	}
}

// A changer writes to a file when something is printed.
type changer struct{ path string }

func (c changer) Write(p []byte) (int, error) {
	return len(p), os.Chtimes(c.path, time.Time{}, time.Unix(1, 0))
}

// TestChangedWhileRead has models that another process writes to meanwhile.
func TestChangedWhileRead(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	const want = "a/model.safetensors: the file changed while it was read"
	opts := Options{Workers: 2, Stderr: changer{"a/model.safetensors"}}
	plan, err := Prepare([]byte(slerpText), ".", false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	if _, err := plan.Measure(t.Context(), opts); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error of the statistics is %v", err)
	}
	if err := os.Chtimes("a/model.safetensors", time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := Compare(t.Context(), "base", "a", opts); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the error of the comparison is %v", err)
	}
}

// TestStatistics compares what plan --stats says with what the merge does.
func TestStatistics(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	plan, err := Prepare([]byte(slerpText), ".", false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	stats, err := plan.Measure(t.Context(), Options{Workers: 2, Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if err := tryMerge(t, slerpText, "out", Options{}); err != nil {
		t.Fatal(err)
	}
	var m Manifest
	if err := json.Unmarshal([]byte(manifestOf(t, "out")), &m); err != nil {
		t.Fatal(err)
	}
	for i, s := range stats {
		if m.Tensors[i].Tensor != s.Tensor || m.Tensors[i].Branch != s.Branch {
			t.Errorf("planned %s %s, done %+v", s.Tensor, s.Branch, m.Tensors[i])
		}
		if slerp := *s.Cosine <= straight; slerp != (s.Branch == "slerp") {
			t.Errorf("%s: cosine %v, branch %s", s.Tensor, *s.Cosine, s.Branch)
		}
	}
}
