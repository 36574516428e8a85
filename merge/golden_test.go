package merge

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// openGoldens opens what testdata/make_goldens.py made.
func openGoldens(t *testing.T) *safetensors.File {
	t.Helper()
	packed, err := os.Open("testdata/goldens.safetensors.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpack, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpack)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "goldens.safetensors")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// cases are the configurations by name.
func cases(f *safetensors.File) map[string]string {
	out := map[string]string{}
	for key, value := range f.Metadata() {
		if name, ok := strings.CutPrefix(key, "case/"); ok {
			out[name] = value
		}
	}
	return out
}

// roundsOnce are the cases in which mergekit rounds a result once, so that its
// bfloat16 can be compared with ours.
var roundsOnce = []string{"linear", "linear-three", "linear-sum", "slerp", "slerp-gradient", "slerp-slices", "passthrough"}

// compatOnly are the cases in which the mathematics differ: sce weighs models
// alike where the squares of their differences are below 1e-6.
var compatOnly = []string{"sce"}

// stepByStep are the cases in which --mergekit-compat gives mergekit's bfloat16
// bit by bit.
var stepByStep = []string{"task_arithmetic", "task_arithmetic-normal"}

func TestGoldens(t *testing.T) {
	goldens := openGoldens(t)
	for _, format := range []struct {
		name  string
		dtype safetensors.DType
	}{{"f32", safetensors.F32}, {"bf16", safetensors.BF16}} {
		t.Run(format.name, func(t *testing.T) {
			inTinyModels(t, format.dtype)
			for _, role := range []string{"base", "a", "b", "c"} {
				if got, want := digest(t, role), goldens.Metadata()["input/"+format.name+"/"+role]; got != want {
					t.Fatalf("the model %s is not the one the goldens were made of", role)
				}
			}
			for name, config := range cases(goldens) {
				t.Run(name, func(t *testing.T) {
					got := mergeText(t, config, "out-"+name, Options{Seed: 5})
					peer := got
					if slices.Contains(compatOnly, name) || format.dtype == safetensors.BF16 && slices.Contains(stepByStep, name) {
						peer = mergeText(t, config, "compat-"+name, Options{Compat: true})
					}
					n := compareGoldens(t, goldens, "mergekit/"+name+"/"+format.name+"/", peer, func(got, want, rms float64) bool {
						switch {
						case name == "arcee_fusion": // its float32 divergences are mostly rounding
							return true
						case format.dtype == safetensors.F32:
							return math.Abs(got-want) <= 1e-6*max(math.Abs(want), rms)
						case slices.Contains(stepByStep, name):
							return got == want
						case slices.Contains(roundsOnce, name):
							return math.Abs(got-want) <= unitBF16(want)
						}
						return true // mergekit rounds every step; what is exact is compared below
					})
					n += compareGoldens(t, goldens, "exact/"+name+"/"+format.name+"/", got, func(got, want, rms float64) bool {
						if format.dtype == safetensors.F32 {
							return math.Abs(got-want) <= 1e-7*max(math.Abs(want), rms)
						}
						// One rounding: half a unit in the last place, and what
						// float64 loses.
						return math.Abs(got-want) <= unitBF16(want)/2+1e-12*rms
					})
					if n == 0 {
						t.Error("nothing was compared")
					}
				})
			}
		})
	}
}

// unitBF16 is the distance between the bfloat16 around x.
func unitBF16(x float64) float64 {
	_, exponent := math.Frexp(x)
	return math.Ldexp(1, max(exponent, -125)-8)
}

// compareGoldens compares samples of tensors and returns how many values.
func compareGoldens(t *testing.T, goldens *safetensors.File, prefix string, got map[string][]float64, same func(got, want, rms float64) bool) (n int) {
	t.Helper()
	for _, x := range goldens.Tensors() {
		name, ok := strings.CutPrefix(x.Name, prefix)
		if !ok {
			continue
		}
		all, ok := got[name]
		if !ok {
			t.Errorf("%s was not made", name)
			continue
		}
		square := 0.0
		for _, v := range all {
			square += v * v
		}
		rms := math.Sqrt(square / float64(len(all)))
		want, bad := readTensor(t, x), 0
		for i, w := range want {
			n++
			if v := all[i*len(all)/len(want)]; !same(v, w, rms) {
				if bad++; bad == 1 {
					t.Errorf("%s%s: element %d is %v, want %v (off by %.3g)", prefix, name, i*len(all)/len(want), v, w, v-w)
				}
			}
		}
		if bad > 1 {
			t.Errorf("%s%s: %d of %d differ", prefix, name, bad, len(want))
		}
	}
	return n
}

var update = flag.Bool("update", false, "write testdata/digests.json")

// TestDigests compares all bytes of all cases with those of earlier versions.
// Run with GOAMD64=v3 and on other processors it shows that the bytes do not
// depend on the machine: there, products could be fused with sums.
func TestDigests(t *testing.T) {
	goldens := openGoldens(t)
	path := mustAbs(t, "testdata/digests.json")
	got := map[string]string{}
	for format, dtype := range map[string]safetensors.DType{"f32": safetensors.F32, "bf16": safetensors.BF16, "f16": safetensors.F16} {
		inTinyModels(t, dtype)
		for name, config := range cases(goldens) {
			for _, compat := range []bool{false, true} {
				out := fmt.Sprintf("%s-%s-%v", format, name, compat)
				if err := tryMerge(t, config, out, Options{Seed: 5, Compat: compat, Stderr: io.Discard}); err != nil {
					t.Fatal(err)
				}
				got[out] = digest(t, out)[:16]
			}
		}
	}
	if *update {
		text, err := json.MarshalIndent(got, "", "  ")
		if err := errors.Join(err, os.WriteFile(path, append(text, '\n'), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for name, sum := range want {
		if got[name] != sum {
			t.Errorf("%s has other bytes than before", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d results, want %d", len(got), len(want))
	}
}
