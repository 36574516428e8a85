package merge

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/safetensors"
)

// A sideFile is a file of the result beside the weights: content, or a copy of
// from.
type sideFile struct {
	name    string
	from    string
	content []byte
}

// Files that go with a tokenizer, and those that go with the model itself.
var (
	tokenizerFiles = []string{
		"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.model", "added_tokens.json",
		"vocab.json", "merges.txt", "vocab.txt", "spiece.model", "chat_template.jinja", "chat_template.json", "generation_config.json",
	}
	modelFiles = []string{
		"preprocessor_config.json", "processor_config.json", "video_preprocessor_config.json",
		"LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE", "USE_POLICY.md",
	}
)

// planConfig makes config.json of the donor's.
func (b *planner) planConfig(p *mergePlan, runs []run) {
	p.config = slices.Clone(p.donor.config)
	layers := 0
	for _, r := range runs {
		layers += r.length()
	}
	if key, n, ok := findInt(p.config, layerKeys...); ok && n != layers {
		p.setConfig(key, layers)
	}
	p.setLayerTypes(runs, layers)
	if p.rows > 0 {
		if key, n, ok := findInt(p.config, "vocab_size"); ok && n != p.rows {
			p.setConfig(key, p.rows)
			p.note("vocab_size goes from %d to %d", n, p.rows)
		}
	}
	if name := p.torchType(); name != "" {
		for _, key := range []string{"torch_dtype", "dtype"} {
			if p.config.get(key) != nil {
				p.setConfig(key, name)
			}
		}
		if p.config.get("torch_dtype") == nil && p.config.get("dtype") == nil {
			p.setConfig("torch_dtype", name)
		}
	}
	b.planTokenIDs(p)
	b.planTemplate(p)
}

// setConfig changes a key of config.json, or of its text_config.
func (p *mergePlan) setConfig(key string, value any) {
	inner, ok := strings.CutPrefix(key, "text_config.")
	if !ok {
		_ = p.config.set(key, value) // numbers and texts can be encoded
		return
	}
	var text object
	p.config.read("text_config", &text)
	_ = text.set(inner, value)
	_ = p.config.set("text_config", text)
}

// setLayerTypes makes a list of the kinds of layers follow the slices.
func (p *mergePlan) setLayerTypes(runs []run, layers int) {
	var types []json.RawMessage
	for _, r := range runs {
		if r.length() == 0 {
			continue
		}
		var of []json.RawMessage
		source := max(0, r.base)
		if !r.models[source].config.read("layer_types", &of) || len(of) != r.models[source].layers() {
			return
		}
		types = append(types, of[r.sources[source].Layers[0]:r.sources[source].Layers[1]]...)
	}
	if len(types) == layers && p.config.get("layer_types") != nil {
		p.setConfig("layer_types", types)
	}
}

// torchType is the name torch has for the type of the result, or "" if its
// tensors have several.
func (p *mergePlan) torchType() string {
	var found safetensors.DType
	for _, t := range p.tensors {
		if t.Copy {
			continue
		}
		if found != 0 && found != t.Spec.DType {
			return ""
		}
		found = t.Spec.DType
	}
	for name, dtype := range dtypeNames {
		if dtype == found.String() {
			return name
		}
	}
	return ""
}

// planTokenIDs takes the ids of special tokens from the model whose tokenizer
// is taken.
func (b *planner) planTokenIDs(p *mergePlan) {
	if p.tokens == p.donor {
		return
	}
	for _, key := range []string{"bos_token_id", "eos_token_id", "pad_token_id"} {
		if id := p.tokens.config.get(key); id != nil && !sameJSON(id, p.config.get(key)) {
			p.setConfig(key, id)
			p.note("%s is %s, from %s, as the tokenizer", key, valueText(id), p.tokens.ref)
		}
	}
}

// planTemplate settles the chat template: the configuration's, or with auto the
// one most of the models have.
func (b *planner) planTemplate(p *mergePlan) {
	p.template = p.doc.ChatTemplate
	if p.template != "auto" {
		return
	}
	p.template = ""
	counts := map[string]int{}
	for _, m := range p.inputs {
		if t := m.template(); t != "" {
			counts[t]++
			if counts[t] > counts[p.template] {
				p.template = t
			}
		}
	}
	if p.template == "" {
		p.note("chat_template: auto finds no chat template in the models")
	}
}

// template returns the model's chat template, or "".
func (m *model) template() string {
	if text, err := readSmall(filepath.Join(m.dir, "chat_template.jinja"), maxModelConfigBytes); err == nil {
		return string(text)
	}
	config, err := readObject(filepath.Join(m.dir, "tokenizer_config.json"), maxSideFileBytes)
	if err != nil {
		return ""
	}
	var t string
	config.read("chat_template", &t)
	return t
}

// compare notes what the models' config.json do not share.
func (b *planner) compare(p *mergePlan) {
	for _, m := range p.inputs[1:] {
		if diff := differences(p.donor.config, m.config); len(diff) > 0 {
			p.note("config.json of %s and %s differ, the first is taken: %s", p.donor.ref, m.ref, strings.Join(diff, "; "))
		}
	}
	if n := len(p.inputs); n > 1 {
		p.note("config.json is that of %s, tokenizer and generation_config.json those of %s", p.donor.ref, p.tokens.ref)
	}
}

// sideFiles lists the files beside the weights, except those that tell of the
// merge.
func (p *mergePlan) sideFiles() ([]sideFile, error) {
	config, err := p.config.indented()
	if err != nil {
		return nil, fmt.Errorf("write config.json: %w", err)
	}
	files := []sideFile{{name: "config.json", content: config}}
	for _, name := range tokenizerFiles {
		if p.extended != nil && slices.Contains([]string{"vocab.json", "merges.txt", "tokenizer.model", "added_tokens.json"}, name) {
			continue // they lack the new tokens; tokenizer.json has all
		}
		if p.template != "" && name == "chat_template.json" {
			continue
		}
		if p.tokens.has(name) {
			files = append(files, sideFile{name: name, from: filepath.Join(p.tokens.dir, name)})
		}
	}
	for _, name := range append(slices.Clone(modelFiles), p.donor.code()...) {
		if p.donor.has(name) {
			files = append(files, sideFile{name: name, from: filepath.Join(p.donor.dir, name)})
		}
	}
	return p.override(files)
}

// code lists the Python files that config.json refers to.
func (m *model) code() (names []string) {
	if m.config.get("auto_map") == nil {
		return nil
	}
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".py") {
			names = append(names, e.Name())
		}
	}
	return names
}

// override puts the tokenizer of a union and the chosen chat template in.
func (p *mergePlan) override(files []sideFile) ([]sideFile, error) {
	put := func(name string, content []byte) {
		files = slices.DeleteFunc(files, func(f sideFile) bool { return f.name == name })
		files = append(files, sideFile{name: name, content: content})
	}
	if p.extended != nil {
		put("tokenizer.json", p.extended)
	}
	if p.template == "" {
		return files, nil
	}
	put("chat_template.jinja", []byte(p.template))
	path := filepath.Join(p.tokens.dir, "tokenizer_config.json")
	if !p.tokens.has("tokenizer_config.json") {
		return files, nil
	}
	config, err := readObject(path, maxSideFileBytes)
	if err != nil {
		return nil, err
	}
	if err := config.set("chat_template", p.template); err != nil {
		return nil, err
	}
	text, err := config.indented()
	put("tokenizer_config.json", text)
	return files, err
}
