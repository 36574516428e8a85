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

// TestKilledWhileBeginning goes on after a process died while it laid out the
// shards, in a folder whose name looks like a pattern.
func TestKilledWhileBeginning(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	opts := Options{Workers: 2, ShardBytes: 1 << 14, Stderr: io.Discard}
	if err := tryMerge(t, slerpText, "calm", opts); err != nil {
		t.Fatal(err)
	}
	plan, err := Prepare([]byte(slerpText), ".", false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, plan, "out[1]", opts); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	work := "out[1]" + workSuffix
	entries, err := os.ReadDir(work)
	if err != nil {
		t.Fatal(err)
	}
	var halves []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".safetensors.partial") {
			halves = append(halves, filepath.Join(work, e.Name()))
		}
	}
	if len(halves) < 2 {
		t.Fatalf("%d shards were begun", len(halves))
	}
	if err := errors.Join(os.Truncate(halves[0], 5), os.Remove(halves[1])); err != nil {
		t.Fatal(err)
	}
	if err := tryMerge(t, slerpText, "out[1]", opts); err != nil {
		t.Fatal(err)
	}
	if manifestOf(t, "calm") != manifestOf(t, "out[1]") {
		t.Error("the result of a merge that was stopped differs")
	}
}

// A squatter makes a folder when something is printed.
type squatter struct{ path string }

func (s squatter) Write(p []byte) (int, error) { return len(p), os.MkdirAll(s.path, 0o755) }

// TestStoppedWhilePublishing keeps finished weights that could not be moved to
// their place, and moves them in the next run.
func TestStoppedWhilePublishing(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	if err := tryMerge(t, slerpText, "out", Options{Stderr: squatter{"out/taken"}}); err == nil || !strings.Contains(err.Error(), "publish out: ") {
		t.Fatalf("the error is %v", err)
	}
	if err := os.RemoveAll("out"); err != nil {
		t.Fatal(err)
	}
	plan, err := Prepare([]byte(slerpText), ".", false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	r, err := Run(t.Context(), plan, "out", Options{Workers: 2, Stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	if r.Reused != len(tinyShapes()) || exists("out/"+journalName) {
		t.Errorf("%d tensors were reused; the journal is left: %v", r.Reused, exists("out/"+journalName))
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
	if err := os.Mkdir("mine"+workSuffix, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("mine"+workSuffix+"/model.safetensors", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	err = tryMerge(t, slerpText, "mine", Options{})
	if err == nil || !strings.Contains(err.Error(), "mine.partial is in the way") {
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

// TestSumsAfterAnError computes checksums anew that could not be computed.
func TestSumsAfterAnError(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	plan, err := Prepare([]byte(slerpText), ".", false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newSums()
	if err := s.run(ctx, plan.last()); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := s.run(t.Context(), plan.last()); err != nil {
		t.Fatal(err)
	}
	for path, sum := range s.byFile {
		if len(sum) != 64 {
			t.Errorf("the sum of %s is %q", path, sum)
		}
	}
	if len(s.byFile) != 2 {
		t.Errorf("%d files have sums", len(s.byFile))
	}
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
