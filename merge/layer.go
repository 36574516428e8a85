package merge

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/safetensors"
)

// A run is a slice of the output with its models found: layers that all come
// from the same ranges of the same models.
type run struct {
	sources    []Source
	models     []*model
	base       int // index in sources, or -1
	parameters map[string]Setting
}

func (r *run) length() int { return r.sources[0].Layers[1] - r.sources[0].Layers[0] }

// planSlices finds the models of the slices; models: is one slice of all
// layers.
func (b *planner) planSlices(p *mergePlan) (out []run) {
	d := p.doc
	if d.Slices == nil {
		sources := slices.Clone(d.Models)
		if d.Base != nil && !slices.ContainsFunc(sources, func(s Source) bool { return s.Model.same(*d.Base) }) {
			sources = append(sources, Source{Line: d.Base.Line, Model: *d.Base})
		}
		r := b.planRun(p, sources, d.Base, nil)
		for i, m := range r.models {
			r.sources[i].Layers[1] = m.layers()
			if first := r.models[0]; m.layers() != first.layers() {
				b.wrong(r.sources[i].Line, "%s has %d layers and %s has %d; merge ranges of them with slices:", m.ref, m.layers(), first.ref, first.layers())
			}
		}
		return []run{r}
	}
	for _, s := range d.Slices {
		base := d.Base
		if s.Base != nil {
			base = s.Base
		}
		r := b.planRun(p, slices.Clone(s.Sources), base, s.Parameters)
		for i, m := range r.models {
			if layers := r.sources[i].Layers; layers[1] > m.layers() {
				b.wrong(r.sources[i].Line, "layer_range [%d, %d]: %s has only %d layers", layers[0], layers[1], m.ref, m.layers())
			}
			if len(m.stacks) > 1 {
				p.note("%s has several stacks of layers; slices are of %s*, the others come whole from the first slice", m.ref, m.stack)
			}
		}
		out = append(out, r)
	}
	return out
}

func (b *planner) planRun(p *mergePlan, sources []Source, base *Reference, parameters map[string]Setting) run {
	r := run{sources: sources, base: -1, parameters: parameters}
	method := p.doc.Method
	for i, s := range sources {
		m := b.open(s.Model)
		r.models = append(r.models, m)
		if base != nil && r.base < 0 && s.Model.same(*base) {
			r.base = i
		}
	}
	line := p.doc.Line
	if len(sources) > 0 {
		line = sources[0].Line
	}
	switch {
	case method.Base == baseIsModel:
		r.base = -1
	case base == nil && method.Base == baseRequired:
		b.wrong(p.doc.Line, "%s needs base_model", method.Name)
		return r
	case base != nil && r.base < 0:
		b.wrong(line, "the slice has no source of base_model %s; add one", base)
		return r
	}
	others := len(sources)
	if r.base >= 0 {
		others--
	}
	if err := method.checkCount(others); err != nil {
		b.wrong(line, "%v", err)
	}
	return r
}

// planTensors plans every tensor: those before the layers as the first slice
// says, those after them as the last.
func (b *planner) planTensors(p *mergePlan, runs []run) {
	first, last := &runs[0], &runs[len(runs)-1]
	for _, name := range outside(first.models) {
		if before(name) {
			b.planLoose(p, first, name)
		}
	}
	layer := 0
	for i := range runs {
		for offset := range runs[i].length() {
			b.planLayer(p, &runs[i], offset, layer)
			layer++
		}
	}
	for _, name := range outside(last.models) {
		if !before(name) {
			b.planLoose(p, last, name)
		}
	}
}

// outside returns the names that the models have outside their main stacks.
func outside(models []*model) []string {
	names := map[string]bool{}
	for _, m := range models {
		for _, name := range m.names {
			if prefix, _, _, ok := splitLayer(name); !ok || prefix != m.stack {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// before says whether a tensor outside the layers is used before them: an
// embedding, or a part of another stack.
func before(name string) bool {
	if _, _, _, layer := splitLayer(name); layer {
		return true
	}
	for _, part := range []string{"embed_tokens", "wte", "wpe", "word_embeddings", "position_embeddings", "tok_embeddings", "embed_in", "embed_positions"} {
		for _, component := range strings.Split(name, ".") {
			if strings.HasPrefix(component, part) {
				return true
			}
		}
	}
	return false
}

// planLoose plans a tensor outside the main stack.
func (b *planner) planLoose(p *mergePlan, r *run, name string) {
	if isVocabulary(name) && endsIn(name, headNames) && b.dropHead(p, r, name) {
		return
	}
	place := 0.0 // mergekit's choice for all of them
	if prefix, layer, _, ok := splitLayer(name); ok && r.models[0].stacks[prefix] > 1 {
		place = float64(layer) / float64(r.models[0].stacks[prefix]-1)
	}
	b.planTensor(p, r, name, func(i int) string {
		m := r.models[i]
		if _, ok := m.tensors[name]; !ok && isVocabulary(name) && endsIn(name, headNames) && m.tied() {
			p.note("%s has no %s, for its head is its embedding; %s takes the embedding's place", m.ref, name, m.embedding())
			return m.embedding()
		}
		return name
	}, -1, place)
}

// dropHead leaves out a head that is the embedding again, which is to be
// verified. It says whether it did.
func (b *planner) dropHead(p *mergePlan, r *run, name string) bool {
	if !p.donor.tied() {
		return false
	}
	for _, m := range r.models {
		head, has := m.tensors[name]
		if !has {
			continue
		}
		embedding := m.tensors[m.embedding()]
		if head.DType != embedding.DType || !slices.Equal(head.Shape, embedding.Shape) {
			b.wrong(0, "%s: config.json says that head and embedding are one (tie_word_embeddings), but %s and %s differ in type or shape; set tie_word_embeddings to false there if the head is meant", m.ref, name, embedding.Name)
			continue
		}
		p.note("%s has a copy of its embedding in %s, which is verified to be equal and not written again", m.ref, name)
		p.tied = append(p.tied, tiedHead{m, head, embedding})
	}
	return true
}

// planLayer plans the tensors of one layer of the output.
func (b *planner) planLayer(p *mergePlan, r *run, offset, layer int) {
	place := 1.0
	if n := r.length(); n > 1 {
		place = float64(offset) / float64(n-1)
	}
	rests := map[string]bool{}
	for i, m := range r.models {
		for _, name := range m.names {
			if prefix, at, rest, ok := splitLayer(name); ok && prefix == m.stack && at == r.sources[i].Layers[0]+offset {
				rests[rest] = true
			}
		}
	}
	for _, rest := range slices.Sorted(maps.Keys(rests)) {
		b.planTensor(p, r, layerName(p.donor.stack, layer, rest), func(i int) string {
			return layerName(r.models[i].stack, r.sources[i].Layers[0]+offset, rest)
		}, layer, place)
	}
}

// planTensor plans one tensor of the output, name, from the inputs that from
// names.
func (b *planner) planTensor(p *mergePlan, r *run, name string, from func(int) string, layer int, place float64) {
	t := &tensorPlan{Method: p.doc.Method, Base: r.base, Layer: layer, Place: place, Compute: p.compute(b.compat)}
	for i, m := range r.models {
		input, ok := m.tensors[from(i)]
		if !ok {
			b.wrong(r.sources[i].Line, "%s has no tensor %s, and %s has", m.ref, from(i), b.owner(r, from))
			return
		}
		t.Operands = append(t.Operands, operand{model: m, tensor: input})
	}
	pattern := t.Operands[max(0, r.base)].tensor
	t.Spec = safetensors.Tensor{Name: name, DType: pattern.DType, Shape: pattern.Shape}
	if !b.fits(p, r, t) {
		return
	}
	if !t.Copy && p.intoDType != 0 {
		t.Spec.DType = p.intoDType
	}
	t.Spec.Size = t.Spec.Elements() * int64(t.Spec.DType.Bits()/8)
	b.evaluate(p, r, t, from)
	p.tensors = append(p.tensors, t)
}

// owner names a model that has the tensor.
func (b *planner) owner(r *run, from func(int) string) string {
	for i, m := range r.models {
		if _, ok := m.tensors[from(i)]; ok {
			return m.ref.String()
		}
	}
	return "another"
}

// fits checks types and shapes of the operands. Rows of embeddings are left to
// planVocabulary.
func (b *planner) fits(p *mergePlan, r *run, t *tensorPlan) bool {
	pattern := t.Operands[max(0, r.base)]
	for i, op := range t.Operands {
		x, y := op.tensor, pattern.tensor
		if !isFloat(x.DType) || !isFloat(y.DType) {
			t.Copy = true
			if x.DType != y.DType || !slices.Equal(x.Shape, y.Shape) {
				b.wrong(r.sources[i].Line, "tensor %s holds whole numbers, which must be the same in all models: %s%v in %s, %s%v in %s", t.Spec.Name, x.DType, x.Shape, op.model.ref, y.DType, y.Shape, pattern.model.ref)
				return false
			}
			continue
		}
		same := slices.Equal(x.Shape, y.Shape)
		rowsDiffer := len(x.Shape) == 2 && len(y.Shape) == 2 && x.Shape[1] == y.Shape[1]
		if !same && !(isVocabulary(t.Spec.Name) && rowsDiffer) {
			b.wrong(r.sources[i].Line, "tensor %s has the shape %v in %s and %v in %s; only models of one architecture can be merged", t.Spec.Name, x.Shape, op.model.ref, y.Shape, pattern.model.ref)
			return false
		}
	}
	return true
}

// missing notes a parameter without a value, at the first tensor that needs it.
func (b *planner) missing(line int, need, tensor, remedy string) {
	key := fmt.Sprint(line, need)
	if b.needs[key] {
		return
	}
	if b.needs == nil {
		b.needs = map[string]bool{}
	}
	b.needs[key] = true
	b.wrong(line, "%s, and for %s (the first such tensor) there is none; %s", need, tensor, remedy)
}

// evaluate finds the values of the parameters for a tensor: of the model in
// its slice, of the slice, of the merge, by default.
func (b *planner) evaluate(p *mergePlan, r *run, t *tensorPlan, from func(int) string) {
	t.Shared, t.PerModel = map[string]float64{}, make([]map[string]float64, len(t.Operands))
	for i := range t.PerModel {
		t.PerModel[i] = map[string]float64{}
	}
	for _, q := range t.Method.Parameters {
		if !q.PerModel {
			v, ok := b.value(p, t, &q, t.Spec.Name, r.parameters, p.doc.Parameters)
			if !ok {
				b.missing(p.doc.Line, fmt.Sprintf("%s needs the parameter %s", t.Method.Name, q.Name), t.Spec.Name,
					"add it under parameters:, or add a last filter without filter:")
			}
			t.Shared[q.Name] = v
			continue
		}
		for i := range t.Operands {
			if i == r.base && t.Method.Base != baseIsModel {
				continue
			}
			v, ok := b.value(p, t, &q, from(i), r.sources[i].Parameters, r.parameters, p.doc.Parameters)
			if !ok {
				b.missing(r.sources[i].Line, fmt.Sprintf("%s needs the parameter %s of %s", t.Method.Name, q.Name, r.models[i].ref), t.Spec.Name,
					"add it under the model's parameters:")
			}
			t.PerModel[i][q.Name] = v
		}
	}
	b.checkValues(r, t)
}

// value looks a parameter up in the scopes, the first that has it for the
// tensor.
func (b *planner) value(p *mergePlan, t *tensorPlan, q *Parameter, tensor string, scopes ...map[string]Setting) (float64, bool) {
	for _, scope := range scopes {
		s, ok := scope[q.Name]
		if !ok {
			continue
		}
		if v, ok := s.at(tensor, t.Place); ok {
			if t.Layer < 0 && !before(t.Spec.Name) && s.varies() {
				p.note("tensors after the layers, such as %s, take the first value of the gradient of %s, as in mergekit", t.Spec.Name, q.Name)
			}
			return v, true
		}
	}
	return q.Default, !q.Required
}

// checkValues finds what would stop a method in the middle of the work.
func (b *planner) checkValues(r *run, t *tensorPlan) {
	for i, values := range t.PerModel {
		density, has := values["density"]
		epsilon, ranked := values["epsilon"]
		if has && ranked && density > 0 && density < 1 && (density-epsilon <= 0 || density+epsilon >= 1) {
			b.wrong(r.sources[i].Line, "density %v with epsilon %v gives probabilities outside 0 to 1 for %s; make epsilon smaller than both density and 1 - density", density, epsilon, t.Spec.Name)
		}
	}
	normalize := t.Method.Name == "linear" && t.Shared["normalize"] != 0 || t.Method.Name == "multislerp" && t.Shared["normalize_weights"] != 0
	sum, weights := 0.0, 0
	for _, values := range t.PerModel {
		if w, ok := values["weight"]; ok {
			sum += w
			weights++
		}
	}
	if normalize && weights > 0 && math.Abs(sum) == 0 {
		b.wrong(r.sources[0].Line, "the weights add up to 0 for %s, so they cannot be normalised; change them", t.Spec.Name)
	}
}
