package merge

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// TestTiedHeads merges a model that ships its embedding twice with one that
// does not.
func TestTiedHeads(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	config := tinyConfig("bfloat16")
	config["tie_word_embeddings"] = true
	twice, once := tinyWeights("base"), tinyWeights("a")
	twice["lm_head.weight"] = twice["model.embed_tokens.weight"]
	delete(once, "lm_head.weight")
	writeModel(t, "twice", config, safetensors.BF16, twice)
	writeModel(t, "once", config, safetensors.BF16, once)
	text := "merge_method: slerp\nbase_model: twice\nmodels: [{model: twice}, {model: once}]\nparameters: {t: 0.5}\n"
	got := mergeText(t, text, "out", Options{})
	if _, ok := got["lm_head.weight"]; ok || len(got) != len(tinyShapes())-1 {
		t.Error("the head is written again")
	}
	writeModel(t, "lies", config, safetensors.BF16, tinyWeights("base"))
	err := tryMerge(t, strings.ReplaceAll(text, "twice", "lies"), "out2", Options{})
	if err == nil || !strings.Contains(err.Error(), "elements of lm_head.weight differ from model.embed_tokens.weight; set tie_word_embeddings to false") {
		t.Errorf("the error is %v", err)
	}
	// An untied donor takes the embedding of a tied model for its head.
	untied := mergeText(t, strings.ReplaceAll(text, "twice", "base"), "out3", Options{})
	if _, ok := untied["lm_head.weight"]; !ok {
		t.Error("the head is missing")
	}
}

// TestWholeNumbers copies buffers that are no weights.
func TestWholeNumbers(t *testing.T) {
	dir := t.TempDir()
	chdir(t, dir)
	write := func(name string, last byte) {
		writeModel(t, name, tinyConfig("bfloat16"), safetensors.BF16, map[string]weight{"model.layers.0.w": {[]int64{2}, []float32{1, 2}}})
		if err := os.Remove(filepath.Join(name, "model.safetensors")); err != nil {
			t.Fatal(err)
		}
		specs := []safetensors.Tensor{{Name: "model.layers.0.w", DType: safetensors.BF16, Shape: []int64{2}}, {Name: "ids", DType: safetensors.I64, Shape: []int64{1}}}
		w, err := safetensors.Create(name, specs, safetensors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(w.WriteAt("model.layers.0.w", []byte{0, 0x3f, 0, 0x40}, 0), w.WriteAt("ids", []byte{1, 0, 0, 0, 0, 0, 0, last}, 0))
		if _, finish := w.Finish(t.Context()); err != nil || finish != nil {
			t.Fatal(err, finish)
		}
	}
	write("x", 0)
	write("y", 0)
	write("z", 1)
	config := "merge_method: linear\nmodels: [{model: x, parameters: {weight: 1}}, {model: y, parameters: {weight: 1}}]\n"
	if err := tryMerge(t, config, "out", Options{}); err != nil {
		t.Error(err)
	}
	err := tryMerge(t, strings.Replace(config, "model: y", "model: z", 1), "out2", Options{})
	if err == nil || !strings.Contains(err.Error(), "tensor ids holds whole numbers, which cannot be merged, and z has others") {
		t.Errorf("the error is %v", err)
	}
}

// TestMismatches has models that do not fit together.
func TestMismatches(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	const linear = "merge_method: linear\nmodels: [{model: base, parameters: {weight: 1}}, {model: other, parameters: {weight: 1}}]\n"
	for _, c := range []struct {
		name, want string
		change     func(config map[string]any, tensors map[string]weight)
	}{
		{"missing", "other has no tensor model.layers.1.mlp.up_proj.weight, and base has", func(_ map[string]any, w map[string]weight) { delete(w, "model.layers.1.mlp.up_proj.weight") }},
		{"additional", "base has no tensor model.layers.1.extra, and other has", func(_ map[string]any, w map[string]weight) {
			w["model.layers.1.extra"] = weight{[]int64{1}, []float32{1}}
		}},
		{"shape", "has the shape [16] in other and [32] in base", func(_ map[string]any, w map[string]weight) {
			w["model.norm.weight"] = weight{[]int64{16}, make([]float32, 16)}
		}},
		{"layers", "other has 2 layers and base has 3", func(_ map[string]any, w map[string]weight) {
			for name := range w {
				if strings.Contains(name, "layers.2.") {
					delete(w, name)
				}
			}
		}},
		{"quantised", "config.json has a quantization_config; merge the model it was made from", func(c map[string]any, _ map[string]weight) {
			c["quantization_config"] = map[string]any{"bits": 4}
		}},
		{"absmax", `shows that the weights are quantised`, func(_ map[string]any, w map[string]weight) { w["x.absmax"] = weight{[]int64{1}, []float32{1}} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, tensors := tinyConfig("bfloat16"), tinyWeights("a")
			c.change(config, tensors)
			os.RemoveAll("other")
			writeModel(t, "other", config, safetensors.BF16, tensors)
			if err := planText(linear, false); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %s", err, c.want)
			}
		})
	}
	for name, content := range map[string]string{"config.json": "[", "model.safetensors": "short"} {
		os.RemoveAll("other")
		writeModel(t, "other", tinyConfig("bfloat16"), safetensors.BF16, tinyWeights("a"))
		if err := os.WriteFile("other/"+name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := planText(linear, false); err == nil || !strings.Contains(err.Error(), "line 2: other: ") {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// TestUnlisted has a model with tensors in its file that the index does not
// list.
func TestUnlisted(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	tensors := tinyWeights("a")
	for _, name := range []string{"x.one", "x.two"} {
		tensors[name] = weight{[]int64{1}, []float32{1}}
	}
	const file = "model-00001-of-00001.safetensors"
	writeModel(t, "more", tinyConfig("bfloat16"), safetensors.BF16, tensors)
	if err := os.Rename("more/model.safetensors", "more/"+file); err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for name := range tinyShapes() {
		listed[name] = file
	}
	writeJSON(t, "more/model.safetensors.index.json", map[string]any{"weight_map": listed})
	if err := tryMerge(t, strings.ReplaceAll(slerpText, "model: a", "model: more"), "out", Options{}); err != nil {
		t.Fatal(err)
	}
	c, err := Compare(t.Context(), "base", "more", Options{Workers: 2, Stderr: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.UnlistedA) != 0 || len(c.OnlyB) != 0 {
		t.Errorf("unlisted in A %q, only in B %q", c.UnlistedA, c.OnlyB)
	}
	var printed strings.Builder
	if err := c.print(&printed); err != nil {
		t.Fatal(err)
	}
	var m Manifest
	if err := json.Unmarshal([]byte(manifestOf(t, "out")), &m); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x.one", "x.two"} {
		if !slices.Contains(m.Notes, "more: tensor \""+name+"\" is not in the index and is left out") {
			t.Errorf("the manifest's notes lack %s: %q", name, m.Notes)
		}
		if !strings.Contains(printed.String(), "left out, not in B's index: "+name+"\n") {
			t.Errorf("the comparison lacks %s:\n%s", name, printed.String())
		}
	}
}

// TestCutFile reads past the end of a tensor, and a file that became shorter.
func TestCutFile(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	m, err := safetensors.OpenModel("a")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	norm, _ := m.Tensor("model.norm.weight")
	for _, c := range []struct {
		off    int64
		length int64 // of the file
		want   string
	}{
		{norm.Size - 4, m.Files()[0].Size(), "bytes 60 to 68, and it has 64"},
		{norm.Size, m.Files()[0].Size(), "bytes 64 to 72, and it has 64"},
		{0, 16, "it became shorter"},
	} {
		if err := os.Truncate("a/model.safetensors", c.length); err != nil {
			t.Fatal(err)
		}
		err := readFull(norm, make([]byte, 8), c.off)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Count(err.Error(), "model.norm.weight") != 1 {
			t.Errorf("the error is %v, want %s", err, c.want)
		}
	}
}

// TestStackedLayers makes a model of more layers than its inputs have.
func TestStackedLayers(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	config := tinyConfig("bfloat16")
	config["layer_types"] = []string{"first", "second", "third"}
	writeModel(t, "typed", config, safetensors.BF16, tinyWeights("base"))
	text := `merge_method: passthrough
slices:
- sources: [{model: typed, layer_range: [0, 2]}]
- sources: [{model: typed, layer_range: [1, 3], parameters: {scale: [{filter: o_proj, value: 0.5}, {value: 1}]}}]
- sources: [{model: c, layer_range: [0, 0]}] # the head and the last norm
`
	got, base, c := mergeText(t, text, "out/", Options{}), readModel(t, "typed"), readModel(t, "c")
	for to, from := range []int{0, 1, 1, 2} {
		for _, part := range []string{"mlp.up_proj.weight", "self_attn.o_proj.weight"} {
			x, y := got[layerName("model.layers.", to, part)], base[layerName("model.layers.", from, part)]
			factor := 1.0
			if to > 1 && strings.Contains(part, "o_proj") {
				factor = 0.5
			}
			for i := range y {
				if x[i] != factor*y[i] {
					t.Fatalf("layer %d: element %d of %s is %v, want %v", to, i, part, x[i], factor*y[i])
				}
			}
		}
	}
	equal(t, map[string][]float64{"": got["lm_head.weight"]}, map[string][]float64{"": c["lm_head.weight"]})
	equal(t, map[string][]float64{"": got["model.embed_tokens.weight"]}, map[string][]float64{"": base["model.embed_tokens.weight"]})
	written, err := readObject("out/config.json", maxModelConfigBytes)
	if err != nil {
		t.Fatal(err)
	}
	var layers int
	var types []string
	if !written.read("num_hidden_layers", &layers) || layers != 4 || !written.read("layer_types", &types) || strings.Join(types, " ") != "first second second third" {
		t.Errorf("%d layers of types %v", layers, types)
	}
}
