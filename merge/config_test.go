package merge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// TestWrongConfigs has one mistake in each configuration, and what the error
// must say: the line, and what to do.
func TestWrongConfigs(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	const slerp = "merge_method: slerp\nbase_model: base\nmodels:\n- model: base\n- model: a\n"
	for _, c := range []struct{ name, config, want string }{
		{"empty", "", "configuration is empty"},
		{"not a mapping", "- a\n- b\n", "line 1: a merge must be a mapping, not a list"},
		{"not YAML", "merge_method: [slerp", "sequence"},
		{"no method", "models:\n- model: a\n", "line 1: merge_method is missing"},
		{"unknown method", "merge_method: slrep\nmodels:\n- model: a\n", `line 1: there is no merge_method "slrep"; did you mean "slerp"?`},
		{"misspelt key", "merge_methd: slerp\n" + slerp, `line 1: a merge has no key "merge_methd"; did you mean "merge_method"?`},
		{"normalize at the top", slerp + "parameters: {t: 0.5}\nnormalize: true\n", `line 7: a merge has no key "normalize"; it belongs under parameters:`},
		{"t under a model", "merge_method: slerp\nbase_model: base\nmodels:\n- model: base\n- model: a\n  parameters:\n    t: 0.7\nparameters: {t: 0.5}\n", "line 7: t is not a parameter of one model"},
		{"parameter of another method", slerp + "parameters: {t: 0.5, density: 0.5}\n", `line 6: slerp has no parameter "density"; known here: t`},
		{"misspelt parameter", "merge_method: linear\nmodels:\n- model: a\n  parameters:\n    wieght: 1\n", `line 5: linear has no parameter "wieght"; did you mean "weight"?`},
		{"missing t", slerp, "line 1: slerp needs the parameter t, and for"},
		{"filters without an end", slerp + "parameters:\n  t:\n  - filter: mlp\n    value: 0.5\n", "or add a last filter without filter:"},
		{"t too large", slerp + "parameters:\n  t: 70\n", "line 7: t is 70, outside 0 to 1"},
		{"t not a number", slerp + "parameters:\n  t: [0, much]\n", `line 7: t must be a number, not "much"`},
		{"t infinite", slerp + "parameters:\n  t: .inf\n", "line 7: t is +Inf; it must be finite"},
		{"empty gradient", slerp + "parameters:\n  t: []\n", "line 7: t: the list is empty"},
		{"values and filters", slerp + "parameters:\n  t: [0.5, {value: 0.7}]\n", "mixes values and filters"},
		{"filter in filter", slerp + "parameters:\n  t: [{value: [{value: 1}]}]\n", "filters cannot hold filters"},
		{"filter without value", slerp + "parameters:\n  t: [{filter: mlp}]\n", "line 7: t: a filter needs a value"},
		{"flag with a number", "merge_method: linear\nmodels: [{model: a, parameters: {weight: 1}}]\nparameters: {normalize: 3}\n", "line 3: normalize must be true or false, not 3"},
		{"models and slices", slerp + "slices: []\nparameters: {t: 0}\n", "line 6: models: and slices: exclude each other"},
		{"no models", "merge_method: linear\n", "nothing to merge"},
		{"modules", "merge_method: linear\nmodules: {a: {models: []}}\n", "line 2: modules: is not needed here"},
		{"no base", "merge_method: slerp\nmodels:\n- model: base\n- model: a\nparameters: {t: 1}\n", "line 1: slerp needs base_model"},
		{"three for slerp", "merge_method: slerp\nbase_model: base\nmodels:\n- model: b\n- model: a\nparameters: {t: 1}\n", "slerp takes exactly 1 model beside the base, and there are 2"},
		{"one for model_stock", "merge_method: model_stock\nbase_model: base\nmodels:\n- model: a\n", "model_stock needs at least 2 models beside the base, and there are 1"},
		{"missing weight", "merge_method: linear\nmodels:\n- model: a\n  parameters: {weight: 1}\n- model: b\n", "line 5: linear needs the parameter weight of b"},
		{"weights of zero", "merge_method: linear\nmodels:\n- model: a\n  parameters: {weight: 1}\n- model: b\n  parameters: {weight: -1}\n", "the weights add up to 0"},
		{"no such model", "merge_method: linear\nmodels:\n- model: nosuch\n  parameters: {weight: 1}\n", "line 3: nosuch: there is no such folder"},
		{"model of the Hub", "merge_method: linear\nmodels:\n- model: Qwen/NoSuch\n  parameters: {weight: 1}\n", "download it first, for example: hf download Qwen/NoSuch"},
		{"revision", "merge_method: linear\nmodels:\n- model: a@x@y\n  parameters: {weight: 1}\n", "is not path@revision"},
		{"LoRA", "merge_method: linear\nmodels:\n- model: a+b\n  parameters: {weight: 1}\n", "line 3: LoRA adapters are not applied here; merge the adapter"},
		{"LoRA in a mapping", "merge_method: linear\nmodels:\n- model: {model: a, lora: b}\n  parameters: {weight: 1}\n", "line 3: LoRA adapters are not applied here"},
		{"dtype", "merge_method: linear\ndtype: int64\nmodels:\n- model: a\n  parameters: {weight: 1}\n", `line 2: dtype: "int64" is not a type luth writes`},
		{"layer_range out of range", "merge_method: passthrough\nslices:\n- sources:\n  - model: a\n    layer_range: [0, 9]\n", "line 4: layer_range [0, 9]: a has only 3 layers"},
		{"layer_range backwards", "merge_method: passthrough\nslices:\n- sources:\n  - model: a\n    layer_range: [2, 1]\n", "line 5: layer_range [2, 1] ends before it begins"},
		{"no layer_range", "merge_method: passthrough\nslices:\n- sources:\n  - model: a\n", "line 4: layer_range is missing"},
		{"layer_range of text", "merge_method: passthrough\nslices:\n- sources:\n  - model: a\n    layer_range: [a, b]\n", `layer_range: "a" is not a layer`},
		{"unequal ranges", "merge_method: linear\nslices:\n- sources:\n  - model: a\n    layer_range: [0, 2]\n    parameters: {weight: 1}\n  - model: b\n    layer_range: [0, 3]\n    parameters: {weight: 1}\n", "has another length than [0, 2]"},
		{"slice without base", "merge_method: slerp\nbase_model: base\nslices:\n- sources:\n  - model: a\n    layer_range: [0, 2]\n  - model: b\n    layer_range: [0, 2]\nparameters: {t: 0.5}\n", "the slice has no source of base_model base"},
		{"residual_weight", "merge_method: passthrough\nslices:\n- residual_weight: 1\n  sources:\n  - model: a\n    layer_range: [0, 2]\n", "line 3: residual_weight has no effect"},
		{"density and epsilon", "merge_method: della\nbase_model: base\nmodels:\n- model: a\n  parameters: {weight: 1, density: 0.9}\n", "density 0.9 with epsilon 0.15 gives probabilities outside 0 to 1"},
		{"two tokenizers", slerp + "parameters: {t: 0}\ntokenizer_source: base\ntokenizer: {source: base}\n", "line 8: tokenizer and tokenizer_source exclude each other"},
		{"tokenizer without file", slerp + "parameters: {t: 0}\ntokenizer_source: union\n", "that needs its tokenizer.json"},
		{"chat template", slerp + "parameters: {t: 0}\nchat_template: llama3\n", `line 7: chat_template: "llama3" is neither auto, chatml nor a Jinja template`},
		{"pad", slerp + "parameters: {t: 0}\ntokenizer: {pad_to_multiple_of: -1}\n", "pad_to_multiple_of must be a whole number"},
		{"token source", slerp + "parameters: {t: 0}\ntokenizer: {tokens: {x: {source: {kind: fresh}}}}\n", "the kind of a token's source is model_token or zero"},
		{"key twice", slerp + "parameters: {t: 0}\nbase_model: a\n", "already defined"},
		{"unnamed documents", slerp + "parameters: {t: 0}\n---\n" + slerp + "parameters: {t: 0}\n", "only the last of several documents goes without a name"},
		{"cycle", "name: x\nmerge_method: linear\nmodels: [{model: y, parameters: {weight: 1}}]\n---\nname: y\nmerge_method: linear\nmodels: [{model: x, parameters: {weight: 1}}]\n", "uses its own result, by way of others"},
		{"alias without anchor", "merge_method: *x\n", "x"},
		{"deep", strings.Repeat("[", 200), "nests"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := planText(c.config, false)
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n  %v\nand should say\n  %s", err, c.want)
			}
		})
	}
}

func planText(config string, compat bool) error {
	plan, err := Prepare([]byte(config), ".", compat)
	if err != nil {
		return err
	}
	plan.Close()
	return nil
}

// TestAllProblemsAtOnce sees that one mistake does not hide the others.
func TestAllProblemsAtOnce(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	err := planText("merge_method: linear\nout_dtpye: float16\nmodels:\n- model: a\n  parameters: {weigt: 1}\n- modell: b\n- model: nosuch\nparameters: {weight: x}\n", false)
	ps, ok := err.(Problems)
	if !ok || len(ps) != 6 {
		t.Fatalf("%d problems: %v", len(ps), err)
	}
}

// TestMissingParameterIsSaidOnce sees that a parameter all tensors lack is one
// problem, and not one for each of them.
func TestMissingParameterIsSaidOnce(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	err := planText("merge_method: slerp\nbase_model: base\nmodels:\n- model: base\n- model: a\n", false)
	if ps, ok := err.(Problems); !ok || len(ps) != 1 || !strings.Contains(ps[0].Text, "slerp needs the parameter t") {
		t.Fatalf("%v", err)
	}
}

// TestCompatAcceptsAndSays sees that what mergekit ignores is noted.
func TestCompatAcceptsAndSays(t *testing.T) {
	c, err := ParseConfig([]byte("merge_method: slerp\nbase_model: base\nnormalize: true\nmodels:\n- model: base\n- model: a\n  parameters: {t: 0.1}\nparameters: {t: 1.5}\n"), true)
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, n := range c.Notes {
		notes = append(notes, n.String())
	}
	all := strings.Join(notes, "\n")
	for _, want := range []string{`line 3: mergekit silently accepts: a merge has no key "normalize"`, "line 7: mergekit silently accepts: t is not a parameter of one model", "line 8: mergekit silently accepts: t is 1.5"} {
		if !strings.Contains(all, want) {
			t.Errorf("the notes lack %q:\n%s", want, all)
		}
	}
}

func TestSettings(t *testing.T) {
	p := &Parameter{Name: "t", Min: 0, Max: 1}
	read := func(text string) Setting {
		docs, err := parseYAML([]byte("t: " + text))
		if err != nil {
			t.Fatal(err)
		}
		c := &reader{}
		s := c.readSetting(p, docs[0].get("t"))
		if err := c.problems.err(); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, c := range []struct {
		setting, tensor string
		place, want     float64
	}{
		{"0.7", "x", 0.3, 0.7},
		{"[0, 1]", "x", 0.25, 0.25},
		{"[0, 0.5, 0.3]", "x", 0.75, 0.4},
		{"[0, 0.5, 0.3]", "x", 1, 0.3},
		{"[{filter: mlp, value: 0.2}, {value: 0.9}]", "layers.0.mlp.up", 0, 0.2},
		{"[{filter: mlp, value: 0.2}, {value: 0.9}]", "layers.0.attn.q", 0, 0.9},
		{"[{filter: '*', value: [0, 1]}]", "x", 0.5, 0.5},
		{"{filter: mlp, value: 1}", "mlp", 0.5, 1},
	} {
		got, ok := read(c.setting).at(c.tensor, c.place)
		if !ok || got != c.want {
			t.Errorf("%s at %v for %s is %v, want %v", c.setting, c.place, c.tensor, got, c.want)
		}
	}
	if _, ok := read("[{filter: mlp, value: 0.2}]").at("attn", 0); ok {
		t.Error("a filter that does not match gives a value")
	}
}

func FuzzConfig(f *testing.F) {
	f.Add("merge_method: slerp\nbase_model: x\nmodels: [{model: a}]\nparameters: {t: [{filter: mlp, value: [0, 1]}, {value: 0.5}]}\n")
	f.Add("merge_method: linear\nslices:\n- sources: [{model: a@b, layer_range: [0, 2], parameters: {weight: 1}}]\ntokenizer: {source: union, tokens: {x: {source: {kind: zero}, force: true}}}\n")
	f.Add("name: x\nmerge_method: ties\n---\n&a {merge_method: *a}\n")
	f.Add("a: &x [*x]\n")
	f.Add("<<: {a: 1}\n? [b]\n: c\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, compat := range []bool{false, true} {
			c, err := ParseConfig([]byte(text), compat)
			if err == nil && (c == nil || len(c.Documents) == 0) {
				t.Error("neither an error nor a document")
			}
			if err == nil {
				for i := range c.Documents {
					c.Documents[i].references()
				}
			}
		}
	})
}

// TestRecipes checks the configurations that come with luth.
func TestRecipes(t *testing.T) {
	files, err := filepath.Glob("../recipes/merge-*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d recipes, want 4: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseConfig(text, false); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
