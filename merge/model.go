package merge

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kurakurai/luth/internal/safetensors"
)

const (
	maxModelConfigBytes = 4 << 20
	maxSideFileBytes    = 256 << 20 // tokenizer.json of large vocabularies has 30 MiB
)

// A model is an input of a merge: a folder, or the result of an earlier
// document, which may not be written yet.
type model struct {
	ref     Reference
	dir     string // where its files are, or will be
	found   string // where it was found, if not where the configuration says
	config  object // of config.json
	names   []string
	tensors map[string]safetensors.Tensor
	weights *safetensors.Model // nil for a result that is not written yet
	stacks  map[string]int     // layers by the prefix of their names, "model.layers."
	stack   string             // the prefix of the language model's layers
	words   *vocabulary        // once read
}

// openModel reads what can be known without reading data: the headers and
// config.json.
func openModel(r Reference, configDir string) (*model, error) {
	dir, found, err := locate(r, configDir)
	if err != nil {
		return nil, err
	}
	m := &model{ref: r, dir: dir, found: found}
	if m.config, err = readObject(filepath.Join(dir, "config.json"), maxModelConfigBytes); err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	if m.weights, err = safetensors.OpenModel(dir); err != nil {
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	if err := m.describe(m.weights.Tensors()); err != nil {
		m.weights.Close()
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	return m, nil
}

// readObject reads a JSON file that holds an object.
func readObject(path string, limit int64) (o object, err error) {
	text, err := readSmall(path, limit)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return o, nil
}

// describe sets what follows from the tensors and config.json.
func (m *model) describe(tensors []safetensors.Tensor) error {
	m.tensors, m.stacks = make(map[string]safetensors.Tensor, len(tensors)), map[string]int{}
	for _, t := range tensors {
		if err := m.refuseQuantised(t); err != nil {
			return err
		}
		m.names = append(m.names, t.Name)
		m.tensors[t.Name] = t
		if prefix, layer, _, ok := splitLayer(t.Name); ok {
			m.stacks[prefix] = max(m.stacks[prefix], layer+1)
		}
	}
	slices.Sort(m.names)
	m.stack = m.mainStack()
	return nil
}

// refuseQuantised refuses weights that are not numbers by themselves.
func (m *model) refuseQuantised(t safetensors.Tensor) error {
	const remedy = "merge the model it was made from, or dequantise it first"
	switch t.DType {
	case safetensors.BOOL, safetensors.U8, safetensors.I8, safetensors.I16, safetensors.U16, safetensors.I32, safetensors.U32,
		safetensors.I64, safetensors.U64, safetensors.F16, safetensors.BF16, safetensors.F32, safetensors.F64:
	default:
		return fmt.Errorf("tensor %q is %s, a quantised type; %s", t.Name, t.DType, remedy)
	}
	for _, mark := range []string{".absmax", ".quant_map", ".qweight", ".qzeros", "_scale_inv", ".g_idx", ".quant_state."} {
		if strings.Contains(t.Name, mark) {
			return fmt.Errorf("tensor %q shows that the weights are quantised; %s", t.Name, remedy)
		}
	}
	if q := m.config.get("quantization_config"); q != nil && string(q) != "null" {
		return fmt.Errorf("config.json has a quantization_config; %s", remedy)
	}
	return nil
}

// splitLayer takes "model.layers.7.mlp.up_proj.weight" apart into
// "model.layers.", 7 and "mlp.up_proj.weight": the first whole number between
// dots is the layer.
func splitLayer(name string) (prefix string, layer int, rest string, ok bool) {
	for at := 0; ; {
		dot := strings.IndexByte(name[at:], '.')
		if dot < 0 {
			return "", 0, "", false
		}
		part := name[at : at+dot]
		if n, err := strconv.Atoi(part); err == nil && n >= 0 && n < 1e6 && part == strconv.Itoa(n) {
			return name[:at], n, name[at+dot+1:], true
		}
		at += dot + 1
	}
}

func layerName(prefix string, layer int, rest string) string {
	return prefix + strconv.Itoa(layer) + "." + rest
}

// mainStack is the stack of as many layers as config.json says, or the
// longest; of equals, the first by name.
func (m *model) mainStack() string {
	want, best := m.layersInConfig(), ""
	for _, prefix := range slices.Sorted(maps.Keys(m.stacks)) {
		n := m.stacks[prefix]
		if n == want {
			return prefix
		}
		if best == "" || n > m.stacks[best] {
			best = prefix
		}
	}
	return best
}

// layers is the number of layers of the main stack.
func (m *model) layers() int { return m.stacks[m.stack] }

// layerKeys are the names configurations have for the number of layers.
var layerKeys = []string{"num_hidden_layers", "n_layer", "num_layers", "n_layers"}

func (m *model) layersInConfig() (n int) {
	_, n, _ = findInt(m.config, layerKeys...)
	return n
}

// findInt looks for the first of the keys in the object or in its
// text_config.
func findInt(o object, keys ...string) (where string, value int, ok bool) {
	for _, key := range keys {
		if o.read(key, &value) {
			return key, value, true
		}
	}
	var text object
	if o.read("text_config", &text) {
		for _, key := range keys {
			if text.read(key, &value) {
				return "text_config." + key, value, true
			}
		}
	}
	return "", 0, false
}

// embeddingNames and headNames end the names of the tensors with a row for
// every token.
var (
	embeddingNames = []string{"embed_tokens.weight", "wte.weight", "word_embeddings.weight", "tok_embeddings.weight", "embed_in.weight"}
	headNames      = []string{"lm_head.weight", "embed_out.weight", "output.weight"}
)

func endsIn(name string, ends []string) bool {
	return slices.ContainsFunc(ends, func(end string) bool { return name == end || strings.HasSuffix(name, "."+end) })
}

func isVocabulary(name string) bool {
	_, _, _, layer := splitLayer(name)
	return !layer && (endsIn(name, embeddingNames) || endsIn(name, headNames))
}

// embedding and head return the names of these tensors, or "".
func (m *model) embedding() string { return m.first(embeddingNames) }
func (m *model) head() string      { return m.first(headNames) }

// vocabularyTensor returns the tensor of that name, or the embedding of a model
// whose head is its embedding.
func (m *model) vocabularyTensor(name string) safetensors.Tensor {
	if t, ok := m.tensors[name]; ok {
		return t
	}
	return m.tensors[m.embedding()]
}

func (m *model) first(ends []string) string {
	i := slices.IndexFunc(m.names, func(name string) bool { return isVocabulary(name) && endsIn(name, ends) })
	if i < 0 {
		return ""
	}
	return m.names[i]
}

// tied says whether the model's head is its embedding.
func (m *model) tied() bool {
	for _, key := range []string{"tie_word_embeddings", "tie_embedding"} {
		var tied bool
		if m.config.read(key, &tied) {
			return tied
		}
	}
	var text object
	var tied bool
	if m.config.read("text_config", &text) && text.read("tie_word_embeddings", &tied) {
		return tied
	}
	return m.head() == ""
}

// has says whether the model's folder has a file of that name; a result that
// is not written yet has what its donor has.
func (m *model) has(name string) bool {
	info, err := os.Stat(filepath.Join(m.dir, name))
	return err == nil && info.Mode().IsRegular()
}

func (m *model) close() error {
	if m.weights == nil {
		return nil
	}
	return m.weights.Close()
}

// unlisted are the names of the tensors that are in the model's files and not
// in its index, and that are therefore not read.
func (m *model) unlisted() []string {
	names := []string{}
	if m.weights != nil {
		for _, t := range m.weights.Unlisted() {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return names
}

// unchanged returns an error if a file of the models is not the one that was
// opened; it is for after the last read.
func unchanged(models []*model) error {
	for _, m := range models {
		if m.weights == nil {
			continue
		}
		if err := m.weights.Check(); err != nil {
			return err
		}
	}
	return nil
}

// isFloat says whether elements of the type can be merged.
func isFloat(d safetensors.DType) bool {
	return d == safetensors.BF16 || d == safetensors.F16 || d == safetensors.F32 || d == safetensors.F64
}

// differences lists the keys of config.json that two models do not share.
// Those that only record how a file was made do not count.
func differences(a, b object) (out []string) {
	skip := []string{"_name_or_path", "transformers_version", "torch_dtype", "dtype", "use_cache", "architectures"}
	keys := map[string]bool{}
	for _, m := range slices.Concat(a, b) {
		keys[m.key] = !slices.Contains(skip, m.key)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if va, vb := a.get(key), b.get(key); keys[key] && !sameJSON(va, vb) {
			out = append(out, fmt.Sprintf("%s is %s and %s", key, valueText(va), valueText(vb)))
		}
	}
	return out
}

func sameJSON(a, b json.RawMessage) bool {
	if a == nil || b == nil {
		return cmp.Or(string(a), "null") == cmp.Or(string(b), "null")
	}
	var va, vb any
	if json.Unmarshal(a, &va) != nil || json.Unmarshal(b, &vb) != nil {
		return false
	}
	ta, errA := json.Marshal(va)
	tb, errB := json.Marshal(vb)
	return errors.Join(errA, errB) == nil && string(ta) == string(tb)
}

func valueText(raw json.RawMessage) string {
	if raw == nil {
		return "absent"
	}
	return abridge(strings.Join(strings.Fields(string(raw)), " "))
}
