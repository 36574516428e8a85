package merge

import (
	"fmt"
	"slices"
	"strings"
)

// A Config is a merge configuration, in mergekit's format: one document, or
// several where later merges use the results of named ones.
type Config struct {
	Text      []byte // as it was read
	Documents []Document
	Notes     []Problem // what is worth knowing, and what mergekit would ignore
}

// A Document is one merge.
type Document struct {
	Name         string // in a configuration of several documents; the last has none
	Line         int
	Method       *Method
	Models       []Source
	Slices       []Slice
	Base         *Reference
	DType        string // of the computation in mergekit; here, of the output if OutDType is not given
	OutDType     string
	Tokenizer    *TokenizerChoice
	ChatTemplate string // "auto", a name, or Jinja; empty: the donor's
	Parameters   map[string]Setting
}

// A Source is a model, or a range of its layers, in a merge.
type Source struct {
	Line       int
	Model      Reference
	Layers     [2]int // first, and one after the last; of slices only
	Parameters map[string]Setting
}

// A Slice is a run of layers of the output.
type Slice struct {
	Line       int
	Sources    []Source
	Base       *Reference
	Parameters map[string]Setting
}

// A TokenizerChoice says which tokenizer the output has, and where the
// embeddings of its tokens come from.
type TokenizerChoice struct {
	Line   int
	Source string     // "union", "base" or "model"
	Model  *Reference // for "model"
	Tokens []TokenChoice
	PadTo  int // rows of the embeddings are a multiple of it; 0: as the donor's
}

// A TokenChoice overrides the embedding of one token.
type TokenChoice struct {
	Line  int
	Token string
	Zero  bool
	Model *Reference
	From  string // the token in Model; the same when empty
	ID    int    // the row in Model when From is empty; -1: by name
	Force bool   // for all models, not only for those that lack the token
}

// reader collects what is wrong while a configuration is read.
type reader struct {
	compat   bool
	problems Problems
	notes    Problems
}

func (c *reader) wrong(line int, format string, args ...any) { c.problems.add(line, format, args...) }
func (c *reader) note(line int, format string, args ...any)  { c.notes.add(line, format, args...) }

// lenient notes what mergekit would accept silently if the user asked to go
// along with that, and calls it wrong otherwise.
func (c *reader) lenient(line int, format string, args ...any) bool {
	if c.compat {
		c.note(line, "mergekit silently accepts: "+format, args...)
		return true
	}
	c.wrong(line, format, args...)
	return false
}

// keys refuses keys of a mapping that are not known, and anything that is not
// a mapping.
func (c *reader) keys(n *node, where string, known []string) bool {
	if n.kind != mapping {
		c.wrong(n.line, "%s must be a mapping, not %s", where, describe(n))
		return false
	}
	for _, e := range n.entries {
		if !slices.Contains(known, e.key) {
			c.lenient(e.line, "%s has no key %q%s", where, abridge(e.key), c.misplaced(e.key, known))
		}
	}
	return true
}

// misplaced says where a key that is not known here would belong.
func (c *reader) misplaced(key string, known []string) string {
	for _, m := range Methods {
		if m.parameter(key) != nil && slices.Contains(known, "parameters") {
			return "; it belongs under parameters:"
		}
	}
	return hint(key, known)
}

var documentKeys = []string{
	"merge_method", "base_model", "models", "slices", "modules", "parameters", "dtype", "out_dtype",
	"tokenizer_source", "tokenizer", "chat_template", "name",
}

// ParseConfig reads a configuration. With compat, what mergekit silently
// ignores is noted instead of refused. The error, if it is about content, is
// of type Problems and has all of them; the Config is then what could be read.
func ParseConfig(src []byte, compat bool) (*Config, error) {
	docs, err := parseYAML(src)
	if err != nil {
		return nil, err
	}
	c := &reader{compat: compat}
	if len(docs) == 0 {
		c.wrong(0, "the configuration is empty; it needs merge_method and models")
	}
	config := &Config{Text: src}
	for i := range docs {
		config.Documents = append(config.Documents, c.readDocument(&docs[i]))
	}
	c.checkNames(config.Documents)
	config.Notes = c.notes
	return config, c.problems.err()
}

func (c *reader) readDocument(n *node) (d Document) {
	d.Line = n.line
	if !c.keys(n, "a merge", documentKeys) {
		return d
	}
	d.Name = c.text(n.get("name"), "name")
	d.Method = c.readMethod(n)
	d.Base = c.optionalReference(n.get("base_model"), "base_model")
	d.DType = c.readDType(n.get("dtype"), "dtype")
	d.OutDType = c.readDType(n.get("out_dtype"), "out_dtype")
	d.Parameters = c.readParameters(n.get("parameters"), d.Method, false)
	d.Tokenizer = c.readTokenizer(n)
	d.ChatTemplate = c.readChatTemplate(n.get("chat_template"))
	c.readInputs(n, &d)
	return d
}

func (c *reader) readMethod(n *node) *Method {
	value := n.get("merge_method")
	if value == nil {
		c.wrong(n.line, "merge_method is missing; it is one of %s", strings.Join(methodNames(), ", "))
		return nil
	}
	m := methodNamed(value.text)
	if m == nil {
		c.wrong(value.line, "there is no merge_method %s%s", describe(value), hint(value.text, methodNames()))
	}
	return m
}

func (c *reader) readInputs(n *node, d *Document) {
	if m := n.get("modules"); m != nil {
		c.wrong(m.line, "modules: is not needed here and not read: luth plans from the names of tensors, so list the models under models: and use filters (such as vision_tower) for parts of them")
		return
	}
	models, slices := n.get("models"), n.get("slices")
	switch {
	case models == nil && slices == nil:
		c.wrong(n.line, "there is nothing to merge: give models: or slices:")
	case models != nil && slices != nil:
		c.wrong(slices.line, "models: and slices: exclude each other")
	case models != nil:
		d.Models = c.readModels(models, d.Method)
	default:
		d.Slices = c.readSlices(slices, d.Method)
	}
}

// items returns the elements of a list that must not be empty.
func (c *reader) items(n *node, where string) []node {
	if n.kind != list {
		c.wrong(n.line, "%s must be a list, not %s", where, describe(n))
		return nil
	}
	if len(n.items) == 0 {
		c.wrong(n.line, "%s is empty", where)
	}
	return n.items
}

func (c *reader) readModels(n *node, m *Method) (out []Source) {
	for _, item := range c.items(n, "models") {
		s := Source{Line: item.line}
		if item.kind == text { // mergekit wants a mapping; a bare path can mean only one thing
			s.Model = c.reference(&item, "model")
		} else if c.keys(&item, "an entry of models", []string{"model", "parameters"}) {
			s.Model = c.requiredReference(&item, "an entry of models")
			s.Parameters = c.readParameters(item.get("parameters"), m, true)
		}
		out = append(out, s)
	}
	return out
}

func (c *reader) readSlices(n *node, m *Method) (out []Slice) {
	for _, item := range c.items(n, "slices") {
		s := Slice{Line: item.line}
		if !c.keys(&item, "a slice", []string{"sources", "base_model", "parameters", "residual_weight"}) {
			continue
		}
		if w := item.get("residual_weight"); w != nil {
			c.lenient(w.line, "residual_weight has no effect, in mergekit neither; remove it")
		}
		s.Base = c.optionalReference(item.get("base_model"), "base_model")
		s.Parameters = c.readParameters(item.get("parameters"), m, false)
		if sources := item.get("sources"); sources == nil {
			c.wrong(item.line, "the slice has no sources")
		} else {
			s.Sources = c.readSources(sources, m)
		}
		out = append(out, s)
	}
	return out
}

func (c *reader) readSources(n *node, m *Method) (out []Source) {
	for _, item := range c.items(n, "sources") {
		s := Source{Line: item.line}
		if c.keys(&item, "an entry of sources", []string{"model", "layer_range", "parameters"}) {
			s.Model = c.requiredReference(&item, "an entry of sources")
			s.Parameters = c.readParameters(item.get("parameters"), m, true)
			s.Layers = c.readRange(&item)
		}
		out = append(out, s)
	}
	for _, s := range out[min(1, len(out)):] {
		if a, b := out[0].Layers, s.Layers; a[1]-a[0] != b[1]-b[0] {
			c.wrong(s.Line, "layer_range [%d, %d] has another length than [%d, %d], the first source's", b[0], b[1], a[0], a[1])
		}
	}
	return out
}

func (c *reader) readRange(item *node) (out [2]int) {
	n := item.get("layer_range")
	if n == nil {
		c.wrong(item.line, "layer_range is missing; give the first layer and one after the last, such as [0, 28]")
		return out
	}
	if n.kind != list || len(n.items) != 2 {
		c.wrong(n.line, "layer_range must be two numbers, such as [0, 28]")
		return out
	}
	for i, v := range n.items {
		if v.kind != number || v.number != float64(int(v.number)) || v.number < 0 || v.number > 1e6 {
			c.wrong(v.line, "layer_range: %s is not a layer", describe(&v))
			return out
		}
		out[i] = int(v.number)
	}
	if out[0] > out[1] {
		c.wrong(n.line, "layer_range [%d, %d] ends before it begins", out[0], out[1])
		out[1] = out[0]
	}
	return out
}

// readParameters reads a mapping of parameters, of the merge or of one model.
func (c *reader) readParameters(n *node, m *Method, ofModel bool) map[string]Setting {
	if n == nil || n.kind == nothing || m == nil {
		return nil
	}
	if n.kind != mapping {
		c.wrong(n.line, "parameters must be a mapping, not %s", describe(n))
		return nil
	}
	out := map[string]Setting{}
	for i := range n.entries {
		e := &n.entries[i]
		p := m.parameter(e.key)
		switch {
		case p == nil:
			c.lenient(e.line, "%s has no parameter %q%s", m.Name, abridge(e.key), m.parameterHint(e.key))
		case ofModel && !p.PerModel:
			c.lenient(e.line, "%s is not a parameter of one model; it belongs under the parameters: of the merge or of a slice", p.Name)
		default:
			out[e.key] = c.readSetting(p, &e.value)
		}
	}
	return out
}

func (m *Method) parameterHint(key string) string {
	if len(m.Parameters) == 0 {
		return "; it has none"
	}
	return hint(key, m.names(false))
}

func (c *reader) text(n *node, where string) string {
	if n == nil || n.kind == nothing {
		return ""
	}
	if n.kind == list || n.kind == mapping {
		c.wrong(n.line, "%s must be text, not %s", where, describe(n))
		return ""
	}
	return n.text
}

var dtypeNames = map[string]string{"bfloat16": "BF16", "float16": "F16", "float32": "F32", "float64": "F64"}

// readDType returns the name safetensors has for a type, or "".
func (c *reader) readDType(n *node, where string) string {
	name := c.text(n, where)
	if name == "" {
		return ""
	}
	dtype, ok := dtypeNames[strings.TrimPrefix(name, "torch.")]
	if !ok {
		c.wrong(n.line, "%s: %q is not a type luth writes; known here: bfloat16, float16, float32, float64", where, abridge(name))
	}
	return dtype
}

// checkNames sees that the documents can be told apart and that only the last
// goes without a name.
func (c *reader) checkNames(docs []Document) {
	lines := map[string]int{}
	for i, d := range docs {
		if d.Name == "" {
			if i < len(docs)-1 {
				c.wrong(d.Line, "only the last of several documents goes without a name; add name: to this one")
			}
			continue
		}
		if strings.ContainsAny(d.Name, "/\\@+") || strings.HasPrefix(d.Name, ".") {
			c.wrong(d.Line, "name: %q must not hold / \\ @ + nor begin with a dot", abridge(d.Name))
		}
		if first, ok := lines[d.Name]; ok {
			c.wrong(d.Line, "the name %q stands on line %d already", abridge(d.Name), first)
		}
		lines[d.Name] = d.Line
	}
}

// sources are all sources of a document, in order.
func (d *Document) sources() []Source {
	if d.Slices == nil {
		return d.Models
	}
	var out []Source
	for _, s := range d.Slices {
		out = append(out, s.Sources...)
	}
	return out
}

// references are the models a document names, each once, the donor of
// config.json and of the tokenizer first.
func (d *Document) references() (out []Reference) {
	all := []*Reference{d.Base}
	for _, s := range d.sources() {
		all = append(all, &s.Model)
	}
	for _, s := range d.Slices {
		all = append(all, s.Base)
	}
	if t := d.Tokenizer; t != nil {
		all = append(all, t.Model)
		for _, token := range t.Tokens {
			all = append(all, token.Model)
		}
	}
	for _, r := range all {
		if r != nil && r.Path != "" && !slices.ContainsFunc(out, r.same) {
			out = append(out, *r)
		}
	}
	return out
}

func (d *Document) title() string {
	if d.Name == "" {
		return "the merge"
	}
	return fmt.Sprintf("the merge %q", d.Name)
}
