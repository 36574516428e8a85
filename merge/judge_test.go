package merge

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// TestLogitsInTransformers loads a merged model in Hugging Face transformers.
// PyTorch is too large for every run of the tests: it is done where
// LUTH_TORCH_PYTHON names a python with mergekit (which needs torch and
// transformers).
func TestLogitsInTransformers(t *testing.T) {
	python := os.Getenv("LUTH_TORCH_PYTHON")
	if python == "" {
		t.Skip("LUTH_TORCH_PYTHON is not set; see docs/bench/merge.md")
	}
	script := mustAbs(t, "testdata/judge_transformers.py")
	inTinyModels(t, safetensors.F32)
	if err := tryMerge(t, slerpText, "out", Options{}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, script, "out", "base", "a", "0.7")
	cmd.Stderr = t.Output()
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Largest, Difference float64 }
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Largest < 0.1 || got.Difference > 1e-6*got.Largest {
		t.Errorf("the largest logit is %v, the largest difference %v", got.Largest, got.Difference)
	}
}
