package merge

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// writeSpeaker writes a model of one layer whose embedding has rows rows, all
// elements of row i being base+i, and a tokenizer with these tokens; those in
// angle brackets are added tokens.
func writeSpeaker(t *testing.T, name string, base float32, rows int, tokens ...string) {
	t.Helper()
	const columns = 3
	values := make([]float32, rows*columns)
	for i := range values {
		values[i] = base + float32(i/columns)
	}
	config := map[string]any{"model_type": "qwen3", "num_hidden_layers": 1, "vocab_size": rows, "tie_word_embeddings": true, "torch_dtype": "float32", "eos_token_id": rows - 1}
	writeModel(t, name, config, safetensors.F32, map[string]weight{
		"model.embed_tokens.weight": {[]int64{int64(rows), columns}, values}, "model.layers.0.w": {[]int64{1}, []float32{base}},
	})
	vocab, added := map[string]int{}, []map[string]any{}
	for i, token := range tokens {
		if strings.HasPrefix(token, "<") {
			added = append(added, map[string]any{"id": i, "content": token, "special": true})
		} else if token != "" {
			vocab[token] = i
		}
	}
	writeJSON(t, name+"/tokenizer.json", map[string]any{"version": "1.0", "added_tokens": added, "model": map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}}})
}

// rows are the first elements of the rows of the merged embedding.
func embeddingRows(t *testing.T, config, out string) (rows []float64) {
	t.Helper()
	all := mergeText(t, config, out, Options{})["model.embed_tokens.weight"]
	for i := 0; i < len(all); i += 3 {
		if all[i] != all[i+1] || all[i] != all[i+2] {
			t.Errorf("row %d is mixed: %v", i/3, all[i:i+3])
		}
		rows = append(rows, all[i])
	}
	return rows
}

func TestVocabularies(t *testing.T) {
	chdir(t, t.TempDir())
	writeSpeaker(t, "base", 100, 6, "a", "b", "c", "<x>")      // rows 100 to 105, two of them padding
	writeSpeaker(t, "other", 200, 5, "b", "a", "<x>", "<y>")   // another order
	writeSpeaker(t, "third", 300, 4, "a", "b", "<y>", "third") // no padding
	const linear = "merge_method: linear\nmodels: [{model: base, parameters: {weight: 1}}, {model: other, parameters: {weight: 1}}]\n"
	const slerp = "merge_method: task_arithmetic\nbase_model: base\nmodels: [{model: other, parameters: {weight: 1}}]\n"
	for i, c := range []struct {
		name, config string
		want         []float64
	}{
		// a: (100+201)/2, b: (101+200)/2, c: only in base, <x>: (103+202)/2, padding: row 4 is the base's 104 and other's 204; other has no row 5
		{"sizes differ", linear, []float64{150.5, 150.5, 102, 152.5, 154, 105}},
		{"base", linear + "base_model: base\ntokenizer_source: base\n", []float64{150.5, 150.5, 102, 152.5, 154, 105}},
		{"another model's", linear + "tokenizer_source: other\n", []float64{150.5, 150.5, 152.5, 203, 154}},
		{"union", linear + "tokenizer_source: union\n", []float64{150.5, 150.5, 102, 152.5, 203, 105}},
		{"base wins", slerp + "tokenizer_source: base\n", []float64{201, 200, 102, 202, 204, 105}},
		{"padded", linear + "tokenizer: {source: union, pad_to_multiple_of: 8}\n", []float64{150.5, 150.5, 102, 152.5, 203, 105, 0, 0}},
		{"zero", linear + "tokenizer: {source: union, tokens: {c: {source: {kind: zero}}, <y>: {source: {kind: zero}, force: true}}}\n", []float64{150.5, 150.5, 51, 152.5, 0, 105}},
		{"model_token", linear + "tokenizer: {source: base, tokens: {c: {source: {kind: model_token, model: third, token: third}}, a: {source: {kind: model_token, model: third, token_id: 2}, force: true}}}\n", []float64{302, 150.5, 202.5, 152.5, 154, 105}},
		{"model", linear + "tokenizer: {source: base, tokens: {b: {source: third, force: true}}}\n", []float64{150.5, 301, 102, 152.5, 154, 105}},
		{"mean", "merge_method: linear\nmodels: [{model: base, parameters: {weight: 1}}, {model: other, parameters: {weight: 1}}, {model: third, parameters: {weight: 1}}]\ntokenizer_source: union\n",
			[]float64{(100 + 201 + 300) / 3., (101 + 200 + 301) / 3., 102, (103 + 202 + 152.5) / 3, (203 + 302 + 252.5) / 3, 303}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := fmt.Sprint("out", i)
			got := embeddingRows(t, c.config, out)
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for j := range got {
				if diff := got[j] - c.want[j]; diff > 1e-4 || diff < -1e-4 {
					t.Errorf("row %d is %v, want %v (all: %v)", j, got[j], c.want[j], got)
				}
			}
			config, err := readObject(out+"/config.json", maxModelConfigBytes)
			var size int
			if err != nil || !config.read("vocab_size", &size) || size != len(c.want) {
				t.Errorf("vocab_size is %d, the embedding has %d rows, %v", size, len(c.want), err)
			}
		})
	}
}

// TestUnionTokenizer looks at the tokenizer.json of a union.
func TestUnionTokenizer(t *testing.T) {
	chdir(t, t.TempDir())
	writeSpeaker(t, "base", 100, 4, "a", "b", "<x>")
	writeSpeaker(t, "other", 200, 4, "b", "a", "<y>", "new")
	config := "merge_method: linear\nmodels: [{model: base, parameters: {weight: 1}}, {model: other, parameters: {weight: 1}}]\ntokenizer_source: union\n"
	embeddingRows(t, config, "out")
	text, err := os.ReadFile("out/tokenizer.json")
	if err != nil {
		t.Fatal(err)
	}
	v, err := parseVocabulary(text)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(v.names(), " "); got != "a b <x> <y> new" {
		t.Errorf("the tokens are %q", got)
	}
	var file struct {
		Added []struct {
			ID      int
			Content string
			Special bool
		} `json:"added_tokens"`
		Model struct{ Vocab map[string]int }
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Added) != 2 || file.Added[1].Content != "<y>" || file.Added[1].ID != 3 || !file.Added[1].Special || file.Model.Vocab["new"] != 4 {
		t.Errorf("got %+v", file)
	}
}

// TestVocabularyNotes says when ids mean different things.
func TestVocabularyNotes(t *testing.T) {
	chdir(t, t.TempDir())
	writeSpeaker(t, "base", 100, 3, "a", "b", "c")
	writeSpeaker(t, "other", 200, 3, "b", "a", "c")
	plan, err := Prepare([]byte("merge_method: linear\nmodels: [{model: base, parameters: {weight: 1}}, {model: other, parameters: {weight: 1}}]\n"), ".", false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	if !slices.ContainsFunc(plan.Notes(), func(n string) bool { return strings.Contains(n, `token 0 is "a" in base and "b" in other`) }) {
		t.Errorf("the notes are %q", plan.Notes())
	}
	for tokens, want := range map[string]string{
		"{z: {source: base}}": `the token "z" is not in the vocabulary`,
		"{a: {source: {kind: model_token, model: base, token: q}}}":     `its source has no token "q"`,
		"{a: {source: {kind: model_token, model: base, token_id: 77}}}": "its source has no such row",
	} {
		err := planText("merge_method: linear\nmodels: [{model: base, parameters: {weight: 1}}]\ntokenizer: {source: base, tokens: "+tokens+"}\n", false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", tokens, err)
		}
	}
}

func FuzzVocabulary(f *testing.F) {
	f.Add([]byte(`{"added_tokens":[{"id":3,"content":"<x>"}],"model":{"vocab":{"a":0,"b":1}}}`), []byte(`{"model":{"vocab":[["a",-1],["b",-2]]}}`))
	f.Add([]byte(`{"model":{"vocab":{"a":-1}}}`), []byte(`{"model":{"vocab":{"a":4000000000}}}`))
	f.Fuzz(func(t *testing.T, x, y []byte) {
		a, err := parseVocabulary(x)
		if err != nil {
			return
		}
		b, err := parseVocabulary(y)
		if err != nil || a.size+b.size > 1<<16 {
			return
		}
		a.conflict(b)
		merged, fresh := union(a, []*vocabulary{b})
		for token := range b.ids {
			if _, ok := merged.ids[token]; !ok && token != "" && slices.Contains(b.names(), token) {
				t.Errorf("the union lacks %q", token)
			}
		}
		text, err := extend(x, merged, fresh, []*vocabulary{b})
		if err != nil {
			return // a list of pieces, or a key that stands twice
		}
		again, err := parseVocabulary(text)
		if err != nil {
			t.Fatalf("the tokenizer written is not read: %v", err)
		}
		for _, token := range fresh {
			if again.ids[token] != merged.ids[token] {
				t.Errorf("%q has the id %d, want %d", token, again.ids[token], merged.ids[token])
			}
		}
	})
}
