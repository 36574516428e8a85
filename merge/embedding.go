package merge

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// planVocabulary says where the rows of embedding and head come from: rows of
// the same token in all models, whatever their ids.
func (b *planner) planVocabulary(p *mergePlan) {
	tensors := slices.DeleteFunc(slices.Clone(p.tensors), func(t *tensorPlan) bool { return !isVocabulary(t.Spec.Name) })
	choice := p.doc.Tokenizer
	if choice == nil {
		if !unequalRows(tensors) {
			b.compareTokenizers(p)
			return
		}
		choice = &TokenizerChoice{Line: p.doc.Line, Source: "base"}
		p.note("the vocabularies have different sizes; rows are matched by the name of their token, and the result has the tokenizer of %s (choose with tokenizer_source:)", p.tokens.ref)
	}
	a := b.align(p, choice)
	if a == nil {
		return
	}
	for _, t := range tensors {
		a.apply(b, t)
	}
}

func unequalRows(tensors []*tensorPlan) bool {
	for _, t := range tensors {
		for _, op := range t.Operands {
			if op.tensor.Shape[0] != t.Operands[0].tensor.Shape[0] {
				return true
			}
		}
	}
	return false
}

// compareTokenizers notes when ids mean different things in models whose rows
// are merged by id.
func (b *planner) compareTokenizers(p *mergePlan) {
	own, err := os.ReadFile(filepath.Join(p.tokens.dir, "tokenizer.json"))
	if err != nil || len(p.inputs) == 1 {
		return
	}
	for _, m := range p.inputs[1:] {
		other, err := os.ReadFile(filepath.Join(m.dir, "tokenizer.json"))
		if err != nil || string(own) == string(other) {
			continue
		}
		x, errX := p.tokens.vocabulary()
		y, errY := m.vocabulary()
		if errX != nil || errY != nil {
			continue // a tokenizer that is only copied need not be understood
		}
		if id, here, there, found := x.conflict(y); found {
			p.note("token %d is %q in %s and %q in %s; their embeddings are merged all the same, by id: set tokenizer_source: base to match them by name", id, abridge(here), p.tokens.ref, abridge(there), m.ref)
		}
	}
}

// vocabulary reads the model's tokens, once.
func (m *model) vocabulary() (*vocabulary, error) {
	if m.words == nil {
		v, err := readVocabulary(m.dir)
		if err != nil {
			return nil, err
		}
		m.words = v
	}
	return m.words, nil
}

// An alignment matches the rows of several vocabularies.
type alignment struct {
	plan   *mergePlan
	rows   int
	names  []string // of the rows of the result; "" for padding
	models []*model // those whose rows may be used
	base   *model   // its rows are taken for tokens that a model lacks; may be nil
	words  map[*model]*vocabulary
	spare  map[*model][]string // names by id
	tokens map[string]TokenChoice
}

// align reads the vocabularies and settles the rows of the result.
func (b *planner) align(p *mergePlan, choice *TokenizerChoice) *alignment {
	a := &alignment{plan: p, models: p.inputs, words: map[*model]*vocabulary{}, spare: map[*model][]string{}, tokens: map[string]TokenChoice{}}
	before := len(b.problems)
	for _, m := range p.inputs {
		v, err := m.vocabulary()
		if err != nil {
			b.wrong(choice.Line, "%s: tokens are matched by name, and that needs its tokenizer.json: %v", m.ref, err)
			continue
		}
		a.words[m], a.spare[m] = v, v.names()
	}
	if len(b.problems) > before {
		return nil
	}
	if p.doc.Base != nil {
		a.base = b.open(*p.doc.Base)
	}
	merged := a.words[p.tokens]
	if choice.Source == "union" {
		var others []*vocabulary
		for _, m := range p.inputs {
			if m != p.tokens {
				others = append(others, a.words[m])
			}
		}
		var fresh []string
		merged, fresh = union(merged, others)
		b.extend(p, choice, merged, fresh, others)
	}
	a.names = merged.names()
	rows := int(p.tokens.tensors[p.tokens.embedding()].Shape[0])
	a.rows = max(rows, merged.size)
	if choice.PadTo > 0 {
		a.rows = (merged.size + choice.PadTo - 1) / choice.PadTo * choice.PadTo
	}
	for _, t := range choice.Tokens {
		if _, ok := merged.ids[t.Token]; !ok {
			b.wrong(t.Line, "the token %q is not in the vocabulary of the result%s", abridge(t.Token), hintToken(t.Token, merged))
		}
		if _, err := a.override(b, t); err != "" {
			b.wrong(t.Line, "the token %q: %s", abridge(t.Token), err)
		}
		a.tokens[t.Token] = t
	}
	p.words, p.rows = merged, a.rows
	if len(b.problems) > before {
		return nil
	}
	return a
}

func hintToken(token string, v *vocabulary) string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(v.ids)), func(name string) bool { return name == "" || token == "" || name[0] != token[0] })
	if near := nearest(token, names[:min(len(names), 4096)]); near != "" {
		return "; did you mean \"" + abridge(near) + "\"?"
	}
	return ""
}

// extend makes the tokenizer.json of a union.
func (b *planner) extend(p *mergePlan, choice *TokenizerChoice, merged *vocabulary, fresh []string, others []*vocabulary) {
	if len(fresh) == 0 {
		return
	}
	text, err := readSmall(filepath.Join(p.tokens.dir, "tokenizer.json"), maxSideFileBytes)
	if err == nil {
		p.extended, err = extend(text, merged, fresh, others)
	}
	if err != nil {
		b.wrong(choice.Line, "%s: extend tokenizer.json: %v", p.tokens.ref, err)
		return
	}
	p.note("the tokenizer is that of %s with %d more tokens, such as %q", p.tokens.ref, len(fresh), abridge(fresh[0]))
}

// A place is a row of a model.
type place struct {
	model *model
	row   int32
}

// override finds the row that the configuration gives for a token; zero is a
// row of zeros, none that nothing is given.
func (a *alignment) override(b *planner, t TokenChoice) (p place, problem string) {
	if t.Zero || t.Model == nil {
		return place{}, ""
	}
	m := b.open(*t.Model)
	if m == nil {
		return place{}, "its source cannot be opened"
	}
	name := t.From
	if name == "" {
		name = t.Token
	}
	id, ok := a.words[m].ids[name]
	if t.ID >= 0 {
		id, ok = int32(t.ID), true
	}
	if !ok {
		return place{}, "its source has no token \"" + abridge(name) + "\""
	}
	if rows := m.tensors[m.embedding()].Shape[0]; int64(id) >= rows {
		return place{}, "its source has no such row"
	}
	return place{m, id}, ""
}

// apply gives a tensor its rows.
func (a *alignment) apply(b *planner, t *tensorPlan) {
	r := rower{alignment: a, tensor: t}
	for i := range t.Operands {
		rows := make([]rowRef, a.rows)
		for row := range rows {
			rows[row] = r.row(b, i, row)
		}
		if int64(len(rows)) != t.Operands[i].tensor.Shape[0] || !identity(rows, i) {
			t.Operands[i].rows = rows
		}
	}
	t.Spec.Shape = slices.Clone(t.Spec.Shape)
	t.Spec.Shape[0] = int64(a.rows)
	t.Spec.Size = t.Spec.Elements() * int64(t.Spec.DType.Bits()/8)
	if r.zeros > 0 {
		a.plan.note("%s: %d rows are in no model and are zero", t.Spec.Name, r.zeros/len(t.Operands))
	}
}

// identity says whether the rows are those of operand i in their order.
func identity(rows []rowRef, i int) bool {
	for row, ref := range rows {
		if ref != (rowRef{int32(i), int32(row)}) {
			return false
		}
	}
	return true
}

// A rower finds the rows of one tensor.
type rower struct {
	*alignment
	tensor *tensorPlan
	zeros  int
}

// row says where a row of operand i comes from.
func (r *rower) row(b *planner, i, row int) rowRef {
	m := r.tensor.Operands[i].model
	name := ""
	if row < len(r.names) {
		name = r.names[row]
	}
	if name == "" {
		return r.padding(i, row)
	}
	choice, overridden := r.tokens[name]
	if id, ok := r.words[m].ids[name]; ok && int64(id) < r.tensor.Operands[i].tensor.Shape[0] && !choice.Force {
		return rowRef{int32(i), id}
	}
	if overridden && choice.Zero {
		return rowRef{operand: zeroRow}
	}
	if overridden && choice.Model != nil {
		p, _ := r.override(b, choice)
		return r.ref(p)
	}
	return r.missing(name)
}

// padding is the operand's own row of that number, if that is no token's
// either; else that of the model whose tokenizer is taken.
func (r *rower) padding(i, row int) rowRef {
	for _, m := range []*model{r.tensor.Operands[i].model, r.plan.tokens} {
		names, rows := r.spare[m], r.rowsOf(m)
		if int64(row) < rows && (row >= len(names) || names[row] == "") {
			return r.ref(place{m, int32(row)})
		}
	}
	r.zeros++
	return rowRef{operand: zeroRow}
}

// missing is the row for a token that a model lacks: the base's, or the mean of
// those of the models that have it.
func (r *rower) missing(name string) rowRef {
	var holders []rowRef
	for _, m := range r.models {
		id, ok := r.words[m].ids[name]
		if !ok || int64(id) >= r.rowsOf(m) {
			continue
		}
		if m == r.base {
			return r.ref(place{m, id})
		}
		holders = append(holders, r.ref(place{m, id}))
	}
	switch len(holders) {
	case 0:
		r.zeros++
		return rowRef{operand: zeroRow}
	case 1:
		return holders[0]
	}
	r.tensor.Means = append(r.tensor.Means, holders)
	return rowRef{meanRow, int32(len(r.tensor.Means) - 1)}
}

func (r *rower) rowsOf(m *model) int64 { return m.vocabularyTensor(r.tensor.Spec.Name).Shape[0] }

// ref returns the reference to a row of a model, which becomes a donor if it is
// no operand.
func (r *rower) ref(p place) rowRef {
	for i, op := range r.tensor.Operands {
		if op.model == p.model {
			return rowRef{int32(i), p.row}
		}
	}
	i := slices.IndexFunc(r.tensor.Donors, func(op operand) bool { return op.model == p.model })
	if i < 0 {
		i = len(r.tensor.Donors)
		r.tensor.Donors = append(r.tensor.Donors, operand{model: p.model, tensor: p.model.vocabularyTensor(r.tensor.Spec.Name)})
	}
	return rowRef{int32(len(r.tensor.Operands) + i), p.row}
}
