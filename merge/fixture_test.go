package merge

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// The tiny models of testdata/make_goldens.py.
const (
	tinyHidden, tinyLayers, tinyVocab = 32, 3, 128
	tinyMLP                           = 64
)

func tinyShapes() map[string][]int64 {
	out := map[string][]int64{
		"model.embed_tokens.weight": {tinyVocab, tinyHidden}, "lm_head.weight": {tinyVocab, tinyHidden}, "model.norm.weight": {tinyHidden},
	}
	for i := range tinyLayers {
		p := fmt.Sprintf("model.layers.%d.", i)
		out[p+"input_layernorm.weight"], out[p+"post_attention_layernorm.weight"] = []int64{tinyHidden}, []int64{tinyHidden}
		out[p+"self_attn.q_norm.weight"], out[p+"self_attn.k_norm.weight"] = []int64{8}, []int64{8}
		out[p+"self_attn.q_proj.weight"], out[p+"self_attn.o_proj.weight"] = []int64{32, tinyHidden}, []int64{tinyHidden, 32}
		out[p+"self_attn.k_proj.weight"], out[p+"self_attn.v_proj.weight"] = []int64{16, tinyHidden}, []int64{16, tinyHidden}
		out[p+"mlp.gate_proj.weight"], out[p+"mlp.up_proj.weight"] = []int64{tinyMLP, tinyHidden}, []int64{tinyMLP, tinyHidden}
		out[p+"mlp.down_proj.weight"] = []int64{tinyHidden, tinyMLP}
	}
	return out
}

// noise is about normal, of variance 1/3, in multiples of 2^-16.
func noise(role, name string, n int) []float64 {
	sum := sha256.Sum256([]byte(role + " " + name))
	key := binary.LittleEndian.Uint64(sum[:])
	out := make([]float64, n)
	for i := range out {
		z := key + uint64(i+1)*0x9e3779b97f4a7c15
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		z ^= z >> 31
		parts := z&0xffff + z>>16&0xffff + z>>32&0xffff + z>>48
		out[i] = float64(parts)/65536 - 2
	}
	return out
}

// tinyTensor is one tensor of a role: the base, or a model tuned from it.
func tinyTensor(role, name string, n int) []float32 {
	centre, scale := 0.0, 0.125
	if strings.Contains(name, "norm") {
		centre, scale = 1, 0.25
	}
	x := noise("base", name, n)
	for i := range x {
		x[i] = centre + scale*x[i]
	}
	if role != "base" && !(role == "a" && strings.HasSuffix(name, "0.self_attn.k_norm.weight")) {
		distance := 0.03
		if _, layer, _, ok := splitLayer(name); ok {
			distance = []float64{0.01, 0.05, 0.6}[layer]
		}
		for i, d := range noise(role, name, n) {
			x[i] += float64(float64(distance*scale) * d)
		}
	}
	if role == "b" && strings.HasSuffix(name, "1.self_attn.v_proj.weight") {
		clear(x)
	}
	out := make([]float32, n)
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func tinyConfig(dtype string) map[string]any {
	return map[string]any{
		"architectures": []string{"Qwen3ForCausalLM"}, "bos_token_id": 1, "eos_token_id": 2, "head_dim": 8, "hidden_size": tinyHidden,
		"intermediate_size": tinyMLP, "model_type": "qwen3", "num_attention_heads": 4, "num_hidden_layers": tinyLayers, "num_key_value_heads": 2,
		"rope_theta": 10000, "tie_word_embeddings": false, "torch_dtype": dtype, "vocab_size": tinyVocab,
	}
}

// A weight is a tensor to write.
type weight struct {
	shape  []int64
	values []float32
}

// writeModel writes a model folder with tensors of one type.
func writeModel(t testing.TB, dir string, config map[string]any, dtype safetensors.DType, tensors map[string]weight) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	writeJSON(t, filepath.Join(dir, "config.json"), config)
	var specs []safetensors.Tensor
	for name, w := range tensors {
		specs = append(specs, safetensors.Tensor{Name: name, DType: dtype, Shape: w.shape})
	}
	slices.SortFunc(specs, func(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) })
	w, err := safetensors.Create(dir, specs, safetensors.Options{Metadata: map[string]string{"format": "pt"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range tensors {
		raw := make([]byte, len(x.values)*dtype.Bits()/8)
		if _, err := safetensors.EncodeF32(raw, x.values, dtype); err != nil {
			t.Fatal(err)
		}
		if err := w.WriteAt(name, raw, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func writeJSON(t testing.TB, path string, v any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// tinyWeights are the tensors of a role.
func tinyWeights(role string) map[string]weight {
	out := map[string]weight{}
	for name, shape := range tinyShapes() {
		n := 1
		for _, d := range shape {
			n *= int(d)
		}
		out[name] = weight{shape, tinyTensor(role, name, n)}
	}
	return out
}

// inTinyModels changes to a folder with the models base, a, b and c.
func inTinyModels(t testing.TB, dtype safetensors.DType) {
	t.Helper()
	dir := t.TempDir()
	for _, role := range []string{"base", "a", "b", "c"} {
		name := map[safetensors.DType]string{safetensors.F32: "float32", safetensors.BF16: "bfloat16", safetensors.F16: "float16"}[dtype]
		writeModel(t, filepath.Join(dir, role), tinyConfig(name), dtype, tinyWeights(role))
	}
	chdir(t, dir)
}

func chdir(t testing.TB, dir string) {
	t.Helper()
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Chdir(before); err != nil {
			t.Fatal(err)
		}
	})
}

// digest is that of all tensors' bytes in the order of their names.
func digest(t testing.TB, dir string) string {
	t.Helper()
	m, err := safetensors.OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	tensors := m.Tensors()
	slices.SortFunc(tensors, func(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) })
	hash := sha256.New()
	for _, x := range tensors {
		raw := make([]byte, x.Size)
		if err := readFull(x, raw, 0); err != nil {
			t.Fatal(err)
		}
		hash.Write(raw)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// mergeText merges by a configuration and returns the tensors in float64.
func mergeText(t testing.TB, config, out string, opts Options) map[string][]float64 {
	t.Helper()
	if err := tryMerge(t, config, out, opts); err != nil {
		t.Fatal(err)
	}
	return readModel(t, out)
}

func tryMerge(t testing.TB, config, out string, opts Options) error {
	t.Helper()
	if opts.Workers == 0 {
		opts.Workers = 2
	}
	if opts.Stderr == nil {
		opts.Stderr = t.Output()
	}
	plan, err := Prepare([]byte(config), ".", opts.Compat)
	if err != nil {
		return err
	}
	defer plan.Close()
	_, err = Run(t.Context(), plan, out, opts)
	return err
}

func readModel(t testing.TB, dir string) map[string][]float64 {
	t.Helper()
	m, err := safetensors.OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	out := map[string][]float64{}
	for _, x := range m.Tensors() {
		out[x.Name] = readTensor(t, x)
	}
	return out
}

func readTensor(t testing.TB, x safetensors.Tensor) []float64 {
	t.Helper()
	raw := make([]byte, x.Size)
	if err := readFull(x, raw, 0); err != nil {
		t.Fatal(err)
	}
	values := make([]float64, x.Elements())
	if err := safetensors.DecodeF64(values, raw, x.DType); err != nil {
		t.Fatal(err)
	}
	return values
}
