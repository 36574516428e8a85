package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kurakurai/luth/internal/safetensors"
)

// writeCheckpoint writes a small model in the shape of Qwen3 to dir: layers
// layers of matrices of rows by 64 BF16, which move by distance with the seed.
func writeCheckpoint(dir string, seed, layers, rows int, distance float64) error {
	const columns = 64
	specs := []safetensors.Tensor{{Name: "model.embed_tokens.weight", DType: safetensors.BF16, Shape: []int64{int64(rows), columns}}}
	for i := range layers {
		specs = append(specs, safetensors.Tensor{Name: fmt.Sprintf("model.layers.%d.mlp.up_proj.weight", i), DType: safetensors.BF16, Shape: []int64{int64(rows), columns}})
	}
	w, err := safetensors.Create(dir, specs, safetensors.Options{Metadata: map[string]string{"format": "pt"}})
	if err != nil {
		return err
	}
	for n, s := range specs {
		raw := make([]byte, 2*rows*columns)
		for i := range rows * columns {
			v := math.Sin(float64(i*(n+3))) + distance*math.Sin(float64(i*(n+5)+7*seed))*float64(seed)
			binary.LittleEndian.PutUint16(raw[2*i:], uint16(math.Float32bits(float32(v))>>16))
		}
		if err := w.WriteAt(s.Name, raw, 0); err != nil {
			return err
		}
	}
	if _, err := w.Finish(context.Background()); err != nil {
		return err
	}
	config := fmt.Sprintf(`{"model_type":"qwen3","num_hidden_layers":%d,"vocab_size":%d,"tie_word_embeddings":true,"torch_dtype":"bfloat16"}`, layers, rows)
	return os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o644)
}

// checkpoint is a command of the scripts: checkpoint DIR SEED writes a model.
func checkpoint(ts *testscript.TestScript, _ bool, args []string) {
	seed, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(writeCheckpoint(ts.MkAbs(args[0]), seed, 3, 32, 0.02))
}

// TestKilledMergeEndsWithTheSameBytes kills a merge again and again, each time
// a little later, and compares what a last run makes of it with a merge never
// stopped.
func TestKilledMergeEndsWithTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"base", "tuned"} {
		if err := writeCheckpoint(filepath.Join(dir, name), i, 6, 30_000, 0.3); err != nil {
			t.Fatal(err)
		}
	}
	config := "merge_method: ties\nbase_model: base\nmodels: [{model: tuned, parameters: {weight: 1, density: 0.5}}]\n"
	if err := os.WriteFile(filepath.Join(dir, "ties.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	merge := func(out string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "merge", "ties.yaml", out)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LUTH_TEST_RUN=1")
		return cmd
	}
	start := time.Now()
	if out, err := merge("calm").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(start)
	const kills = 8
	for i := range kills {
		cmd := merge("disturbed")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(whole*time.Duration(i+1)/(kills+1), func() { cmd.Process.Kill() })
		cmd.Wait() // killed, or done before
		if _, err := os.Stat(filepath.Join(dir, "disturbed")); err == nil {
			break
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "disturbed")); err != nil {
		if out, err := merge("disturbed").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for _, name := range []string{"model.safetensors", "manifest.json", "config.json", "README.md"} {
		want, err := os.ReadFile(filepath.Join(dir, "calm", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "disturbed", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s differs after the kills", name)
		}
	}
}
