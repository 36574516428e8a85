package merge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/safetensors"
)

// A Plan is everything that can be known of a merge before data are read.
type Plan struct {
	Config *Config
	merges []*mergePlan // in the order in which they can run; the last is the result
	models []*model     // opened, to be closed
}

// A mergePlan is the plan of one document.
type mergePlan struct {
	doc       *Document
	inputs    []*model // each once; the donor of config.json first
	donor     *model   // of config.json
	tokens    *model   // of the tokenizer
	tensors   []*tensorPlan
	tied      []tiedHead
	config    object      // of the result
	rows      int         // of the embedding; 0: as the donor's
	words     *vocabulary // of the result, if tokens were matched
	extended  []byte      // tokenizer.json of a union; nil: the donor's
	template  string      // the chat template, if the configuration gives one
	result    *model
	notes     []string
	intoDType safetensors.DType // of the result; 0: as the base
}

// A tensorPlan says how one tensor is made.
type tensorPlan struct {
	Spec     safetensors.Tensor // name, type and shape in the result
	Method   *Method
	Operands []operand
	Donors   []operand // of rows only
	Means    [][]rowRef
	Base     int                  // index in Operands, or -1
	Layer    int                  // in the result, or -1
	Place    float64              // among the layers of its slice, for gradients
	Shared   map[string]float64   // parameters
	PerModel []map[string]float64 // parameters, by operand
	Copy     bool                 // the elements are not merged: whole numbers that all inputs share
	Compute  safetensors.DType    // to which mergekit rounds the inputs; 0: not at all
}

// A tiedHead is a head that must be equal to the embedding, as config.json
// says, and is therefore not written.
type tiedHead struct {
	model           *model
	head, embedding safetensors.Tensor
}

// bytes returns what making the tensor reads at least, and what it writes.
func (p *tensorPlan) bytes() (read, written int64) {
	for _, op := range p.Operands {
		read += op.tensor.Size
	}
	return read, p.Spec.Size
}

// Prepare reads a configuration and plans it. Problems of both are reported
// together.
func Prepare(src []byte, configDir string, compat bool) (*Plan, error) {
	config, err := ParseConfig(src, compat)
	if config == nil {
		return nil, err
	}
	plan, planErr := makePlan(config, configDir, compat)
	if err == nil {
		return plan, planErr
	}
	if planErr == nil {
		plan.Close()
	}
	var all, more Problems
	errors.As(err, &all)
	errors.As(planErr, &more)
	return nil, append(all, more...).err()
}

// makePlan opens the models that the configuration names, from the working
// directory or from configDir, and plans every tensor. An error about the
// configuration or the models is of type Problems and has all of them.
func makePlan(config *Config, configDir string, compat bool) (*Plan, error) {
	b := &planner{
		reader: reader{compat: compat}, dir: configDir, docs: config.Documents,
		opened: map[string]*model{}, results: map[string]*mergePlan{}, state: map[int]int{},
	}
	plan := &Plan{Config: config}
	for i := range config.Documents {
		b.visit(plan, i)
	}
	for _, m := range b.opened {
		plan.models = append(plan.models, m)
	}
	if err := b.problems.err(); err != nil {
		plan.Close()
		return nil, err
	}
	return plan, nil
}

// Close closes the models.
func (p *Plan) Close() {
	for _, m := range p.models {
		m.close()
	}
}

// last is the merge whose result the user asked for.
func (p *Plan) last() *mergePlan { return p.merges[len(p.merges)-1] }

// Notes are remarks on the configuration and the models.
func (p *Plan) Notes() []string {
	var out []string
	for _, n := range p.Config.Notes {
		out = append(out, n.String())
	}
	for _, m := range p.merges {
		for _, n := range m.notes {
			if len(p.merges) > 1 {
				n = m.doc.title() + ": " + n
			}
			out = append(out, n)
		}
	}
	return out
}

// A planner makes plans.
type planner struct {
	reader
	dir     string
	docs    []Document
	opened  map[string]*model // by reference; nil for one that failed
	results map[string]*mergePlan
	state   map[int]int     // of documents: 1 begun, 2 done
	needs   map[string]bool // parameters found missing
}

// visit plans document i after those it uses.
func (b *planner) visit(plan *Plan, i int) {
	d := &b.docs[i]
	switch b.state[i] {
	case 1:
		b.wrong(d.Line, "%s uses its own result, by way of others", d.title())
		return
	case 2:
		return
	}
	b.state[i] = 1
	for _, r := range d.references() {
		if j := b.document(r); j >= 0 {
			b.visit(plan, j)
		}
	}
	b.state[i] = 2
	if m := b.plan(d); m != nil {
		plan.merges = append(plan.merges, m)
		if d.Name != "" {
			b.results[d.Name] = m
		}
	}
}

// document returns the index of the document a reference names, or -1.
func (b *planner) document(r Reference) int {
	return slices.IndexFunc(b.docs, func(d Document) bool { return d.Name != "" && d.Name == r.Path && r.Revision == "" })
}

// open returns the model of a reference, or nil after noting why not.
func (b *planner) open(r Reference) *model {
	if b.document(r) >= 0 {
		if done := b.results[r.Path]; done != nil {
			return done.result
		}
		return nil // its problems are noted
	}
	m, known := b.opened[r.String()]
	if known {
		return m
	}
	m, err := openModel(r, b.dir)
	if err != nil {
		b.wrong(r.Line, "%v", err)
	}
	b.opened[r.String()] = m
	if m == nil {
		delete(b.opened, r.String())
	}
	return m
}

// plan plans one document, or returns nil after noting why not.
func (b *planner) plan(d *Document) *mergePlan {
	p := &mergePlan{doc: d}
	failed := d.Method == nil || len(d.sources()) == 0
	for _, r := range d.references() {
		m := b.open(r)
		if m == nil {
			failed = true
			continue
		}
		p.inputs = append(p.inputs, m)
		if m.found != "" {
			p.note("%s: %s", r, m.found)
		}
		if m.weights != nil {
			p.notes = append(p.notes, m.weights.Warnings()...)
		}
		for _, name := range m.unlisted() {
			p.notes = append(p.notes, fmt.Sprintf("%s: tensor %q is not in the index and is left out", r, name))
		}
	}
	if failed || len(p.inputs) == 0 {
		return nil
	}
	p.donor = p.inputs[0]
	p.tokens = p.donor
	if c := d.Tokenizer; c != nil && c.Model != nil {
		p.tokens = b.open(*c.Model)
	}
	before := len(b.problems)
	b.planOutput(p)
	slices := b.planSlices(p)
	if len(b.problems) == before {
		b.planTensors(p, slices)
	}
	if len(b.problems) == before {
		b.planVocabulary(p)
	}
	if len(b.problems) == before {
		b.planConfig(p, slices)
		b.compare(p)
	}
	if len(b.problems) > before {
		return nil
	}
	p.sort()
	p.result = p.describe()
	return p
}

func (p *mergePlan) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(p.notes, n) {
		p.notes = append(p.notes, n)
	}
}

// planOutput settles the type of the result.
func (b *planner) planOutput(p *mergePlan) {
	name := p.doc.OutDType
	if name == "" {
		name = p.doc.DType
	}
	if name != "" {
		p.intoDType, _ = safetensors.ParseDType(name)
	}
}

// compute is the type to which mergekit rounds the inputs.
func (p *mergePlan) compute(compat bool) safetensors.DType {
	if !compat || p.doc.DType == "" {
		return 0
	}
	dtype, _ := safetensors.ParseDType(p.doc.DType)
	return dtype
}

// sort puts the tensors in the order in which the writer lays them out, so that
// the file is written, and summed, from its beginning to its end.
func (p *mergePlan) sort() {
	slices.SortFunc(p.tensors, func(x, y *tensorPlan) int {
		if x.Spec.DType != y.Spec.DType {
			return int(y.Spec.DType) - int(x.Spec.DType)
		}
		return strings.Compare(x.Spec.Name, y.Spec.Name)
	})
}

// specs are the tensors of the result.
func (p *mergePlan) specs() []safetensors.Tensor {
	out := make([]safetensors.Tensor, len(p.tensors))
	for i, t := range p.tensors {
		out[i] = t.Spec
	}
	return out
}

// describe makes the model that later documents see.
func (p *mergePlan) describe() *model {
	m := &model{ref: Reference{Path: p.doc.Name}, config: p.config, dir: p.tokens.dir, words: p.words}
	m.describe(p.specs()) // cannot fail: the inputs passed the same checks
	return m
}
