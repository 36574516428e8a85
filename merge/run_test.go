package merge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kurakurai/luth/internal/safetensors"
)

const slerpText = "merge_method: slerp\nbase_model: base\nmodels:\n- model: base\n- model: a\nparameters: {t: 0.7}\n"

func manifestOf(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// big writes two models large enough for several chunks.
func big(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, role := range []string{"base", "a"} {
		tensors := map[string]weight{
			"model.embed_tokens.weight":   {[]int64{1100, 1024}, tinyTensor(role, "embed", 1100*1024)},
			"model.layers.0.long.weight":  {[]int64{1_100_001}, tinyTensor(role, "long", 1_100_001)},
			"model.layers.1.small.weight": {[]int64{7, 3}, tinyTensor(role, "small", 21)},
		}
		writeModel(t, filepath.Join(dir, role), tinyConfig("bfloat16"), safetensors.BF16, tensors)
	}
	chdir(t, dir)
}

// TestWorkersDoNotMatter merges with one worker and with several, for methods
// of every kind.
func TestWorkersDoNotMatter(t *testing.T) {
	defer func(d time.Duration) { saveInterval = d }(saveInterval)
	saveInterval = 0 // the journal is written while others work
	big(t)
	vectors := "base_model: base\nmodels: [{model: a, parameters: {weight: 0.7, density: 0.4}}]\n"
	for method, config := range map[string]string{
		"slerp": slerpText, "ties": "merge_method: ties\nparameters: {rescale: true}\n" + vectors,
		"dare": "merge_method: dare_ties\n" + vectors, "della": "merge_method: della\n" + vectors,
		"breadcrumbs": "merge_method: breadcrumbs\n" + vectors, "sce": "merge_method: sce\nbase_model: base\nmodels: [{model: a}, {model: a}]\nparameters: {select_topk: 0.3}\n",
		"rows":   "merge_method: nuslerp\nparameters: {weight: 1, nuslerp_flatten: false}\nmodels: [{model: base}, {model: a}]\n",
		"fusion": "merge_method: arcee_fusion\nbase_model: base\nmodels: [{model: a}]\n",
	} {
		t.Run(method, func(t *testing.T) {
			if err := tryMerge(t, config, method+"1", Options{Workers: 1}); err != nil {
				t.Fatal(err)
			}
			if err := tryMerge(t, config, method+"7", Options{Workers: 7}); err != nil {
				t.Fatal(err)
			}
			if manifestOf(t, method+"1") != manifestOf(t, method+"7") {
				t.Error("the number of workers changes the result")
			}
		})
	}
}

// TestStoppedRunsEndWithTheSameBytes stops a merge again and again and lets it
// finish.
func TestStoppedRunsEndWithTheSameBytes(t *testing.T) {
	big(t)
	const config = "merge_method: ties\nbase_model: base\nmodels: [{model: a, parameters: {weight: 0.7, density: 0.4}}]\n"
	if err := tryMerge(t, config, "calm", Options{Workers: 2}); err != nil {
		t.Fatal(err)
	}
	stopped := 0
	for wait := time.Millisecond; ; wait += wait / 2 {
		plan, err := Prepare([]byte(config), ".", false)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		_, err = Run(ctx, plan, "disturbed", Options{Workers: 2, Stderr: io.Discard})
		cancel()
		plan.Close()
		if err == nil {
			break
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if exists("disturbed") {
			t.Fatal("a stopped merge is published")
		}
		stopped++
	}
	if stopped == 0 {
		t.Skip("this machine merges faster than it can be stopped")
	}
	if manifestOf(t, "calm") != manifestOf(t, "disturbed") {
		t.Error("the result of a merge that was stopped differs")
	}
	if exists("disturbed" + workSuffix) {
		t.Error("the work folder is left")
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// TestResumeRefusesAnotherMerge changes what decides the result.
func TestResumeRefusesAnotherMerge(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	if err := os.Mkdir("out"+workSuffix, 0o755); err != nil {
		t.Fatal(err)
	}
	head := `{"luth":"0.0.1","key":"x"}` + "\n"
	if err := os.WriteFile(filepath.Join("out"+workSuffix, journalName), []byte(head), 0o644); err != nil {
		t.Fatal(err)
	}
	err := tryMerge(t, slerpText, "out", Options{})
	if err == nil || !strings.Contains(err.Error(), "holds another unfinished merge") {
		t.Errorf("the error is %v", err)
	}
	// Half a first line is a journal that was just begun.
	if err := os.WriteFile(filepath.Join("out"+workSuffix, journalName), []byte(head[:9]), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := tryMerge(t, slerpText, "out", Options{}); err != nil {
		t.Error(err)
	}
	if err := tryMerge(t, slerpText, "out", Options{}); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("merging onto a result gives %v", err)
	}
}

// TestFilesOfAResult looks at everything beside the weights.
func TestFilesOfAResult(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	for name, content := range map[string]string{
		"base/tokenizer.json": `{"model":{"vocab":{"a":0}},"added_tokens":[]}`, "base/generation_config.json": `{"x":1}`, "base/LICENSE": "free",
		"base/vocab.json": "{}", "base/tokenizer_config.json": `{"chat_template":"old"}`, "base/secret.txt": "no", "base/chat_template.jinja": "old",
	} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config := strings.ReplaceAll(slerpText, "base\n", mustAbs(t, "base")+"\n") + "chat_template: chatml\nout_dtype: float32\n"
	if err := tryMerge(t, config, "out", Options{}); err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("out", name))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	if read("mergekit_config.yml") != config {
		t.Error("the configuration is not verbatim")
	}
	if read("LICENSE") != "free" || read("vocab.json") != "{}" || read("generation_config.json") != `{"x":1}` {
		t.Error("files of the donor are not copied")
	}
	if exists("out/secret.txt") || exists("out/"+journalName) {
		t.Error("too many files")
	}
	if !strings.Contains(read("config.json"), `"torch_dtype": "float32"`) {
		t.Error("config.json has another type:", read("config.json"))
	}
	if read("chat_template.jinja") != chatTemplates["chatml"] || !strings.Contains(read("tokenizer_config.json"), "im_start") {
		t.Error("the chat template is not the chosen one")
	}
	card := read("README.md")
	for _, want := range []string{"library_name: transformers", "- merge\n- luth", "# Merge of base and a", "merge_method: slerp", "| base | base, config.json, tokenizer |"} {
		if !strings.Contains(card, want) {
			t.Errorf("the card lacks %q:\n%s", want, card)
		}
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(card, here) || strings.Contains(read(manifestName), here) {
		t.Error("a local path is in the card or the manifest")
	}
	var m Manifest
	if err := json.Unmarshal([]byte(read(manifestName)), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Inputs) != 2 || m.Inputs[0].Files[0].SHA256 == "" || len(m.Tensors) != len(tinyShapes()) {
		t.Errorf("the manifest is %+v", m)
	}
	for _, f := range m.Outputs {
		if got, err := sumFile("out", f.Path); err != nil || got != f {
			t.Errorf("%s: %+v and %+v, %v", f.Path, got, f, err)
		}
	}
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// TestNaN looks at values that are no numbers.
func TestNaN(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	broken := tinyWeights("a")
	broken["model.norm.weight"].values[3] = float32(math.NaN())
	writeModel(t, "broken", tinyConfig("bfloat16"), safetensors.BF16, broken)
	config := "merge_method: linear\nmodels: [{model: base, parameters: {weight: 1}}, {model: broken, parameters: {weight: 1}}]\n"
	err := tryMerge(t, config, "out", Options{})
	if err == nil || !strings.Contains(err.Error(), "tensor model.norm.weight: 1 values are NaN (broken has 1)") {
		t.Errorf("the error is %v", err)
	}
	got := mergeText(t, config, "out", Options{AllowNaN: true})
	for i, v := range got["model.norm.weight"] {
		if (v != v) != (i == 3) {
			t.Errorf("element %d is %v", i, v)
		}
	}
	large := tinyWeights("a")
	large["model.norm.weight"].values[3] = 1e6
	writeModel(t, "large", tinyConfig("bfloat16"), safetensors.BF16, large)
	err = tryMerge(t, "merge_method: passthrough\nout_dtype: float16\nmodels: [{model: large}]\n", "half", Options{})
	if err == nil || !strings.Contains(err.Error(), "1 values are too large for F16") {
		t.Errorf("the error is %v", err)
	}
	// A model of weight 0 does not count, not even its NaN.
	config = strings.Replace(config, "broken, parameters: {weight: 1}", "broken, parameters: {weight: 0}", 1)
	if err := tryMerge(t, config, "zero", Options{}); err != nil {
		t.Error(err)
	}
}

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

// TestDocuments merges in two steps, and compares with the steps by hand.
func TestDocuments(t *testing.T) {
	inTinyModels(t, safetensors.F32)
	first := "merge_method: linear\nmodels: [{model: a, parameters: {weight: 1}}, {model: b, parameters: {weight: 3}}]\n"
	second := "merge_method: slerp\nbase_model: base\nmodels: [{model: base}, {model: half}]\nparameters: {t: 0.6}\n"
	mergeText(t, first, "half", Options{})
	want := mergeText(t, second, "byhand", Options{})
	if err := os.RemoveAll("half"); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"ordered": "name: half\n" + first + "---\n" + second, "last": "name: last\n" + strings.ReplaceAll(second, "half", "mid") + "---\nname: mid\n" + first + "---\n" + strings.ReplaceAll(first, "model: b,", "model: last,")} {
		got := mergeText(t, text, name, Options{})
		if exists(name + ".steps") {
			t.Error("the steps are left")
		}
		if name == "ordered" {
			equal(t, got, want)
		}
	}
}

func equal(t *testing.T, got, want map[string][]float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d tensors, want %d", len(got), len(want))
	}
	for name, x := range want {
		for i, v := range x {
			if len(got[name]) != len(x) || got[name][i] != v && v == v {
				t.Fatalf("%s: element %d differs", name, i)
			}
		}
	}
}

// TestSweep compares its results with merges one by one.
func TestSweep(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	for _, c := range []struct{ sweep, config string }{
		{"t=0.3:0.9:0.2", "# kept\n" + slerpText},
		{"t=0.25,1", strings.Replace(slerpText, "parameters: {t: 0.7}\n", "", 1)},
		{"lambda=0.5,1", "merge_method: ties\nbase_model: base\nmodels: [{model: a, parameters: {weight: 1, density: 0.3}}, {model: c, parameters: {weight: 1, density: 0.3}}]\nparameters: {normalize: true}\n"},
		{"density=0.2,0.5,1", "merge_method: della\nbase_model: base\nmodels: [{model: a}, {model: c}]\nparameters: {weight: 1, epsilon: 0.1}\n"},
	} {
		s, err := ParseSweep(c.sweep)
		if err != nil {
			t.Fatal(err)
		}
		out := t.TempDir()
		reports, err := RunSweep(t.Context(), []byte(c.config), s, out, ".", Options{Workers: 2, Seed: 9, Stderr: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		if len(reports) != len(s.Values) {
			t.Errorf("%d results of %d", len(reports), len(s.Values))
		}
		for i, v := range s.Values {
			text, err := os.ReadFile(filepath.Join(reports[i].Output, "mergekit_config.yml"))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(c.config, "# kept") && !strings.Contains(string(text), "# kept") || !strings.Contains(string(text), s.Parameter+": "+v) {
				t.Errorf("the configuration of %s is\n%s", v, text)
			}
			alone := filepath.Join(t.TempDir(), "alone")
			if err := tryMerge(t, string(text), alone, Options{Seed: 9}); err != nil {
				t.Fatal(err)
			}
			if manifestOf(t, alone) != manifestOf(t, reports[i].Output) {
				t.Errorf("%s = %s: the result of the sweep differs from the merge alone", s.Parameter, v)
			}
		}
	}
}

func TestWrongSweeps(t *testing.T) {
	for _, text := range []string{"", "t", "t=", "=1", "t=a", "t=0:1", "t=1:0:0.1", "t=0:1:0", "t=0:1:-1", "t=0:1:1e-9", "t=1,1", "t=.inf", "t=0:1e300:1"} {
		if s, err := ParseSweep(text); err == nil {
			t.Errorf("%q gives %v", text, s)
		}
	}
	s, err := ParseSweep("t=0.3:0.9:0.1")
	if err != nil || strings.Join(s.Values, " ") != "0.3 0.4 0.5 0.6 0.7 0.8 0.9" {
		t.Errorf("got %v, %v", s, err)
	}
	inTinyModels(t, safetensors.BF16)
	for text, want := range map[string]string{
		"x=1,2":       `slerp has no parameter "x" to vary`,
		"t=0.5,7":     "t is 7, outside 0 to 1",
		"weight=0.5,": "", // a value is empty
	} {
		s, err := ParseSweep(text)
		if err == nil {
			_, err = RunSweep(t.Context(), []byte(slerpText), s, t.TempDir(), ".", Options{Workers: 1, Stderr: io.Discard})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", text, err, want)
		}
	}
}

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
