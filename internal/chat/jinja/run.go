package jinja

import "fmt"

// signal says how a statement ended.
type signal uint8

const (
	signalNone signal = iota
	signalBreak
	signalContinue
)

type stmt interface {
	run(m *machine, s *scope, out *textBuilder) (signal, error)
}

func (m *machine) run(body []stmt, s *scope, out *textBuilder) (signal, error) {
	for _, st := range body {
		if err := m.spend(1, 0); err != nil {
			return signalNone, err
		}
		if sig, err := st.run(m, s, out); sig != signalNone || err != nil {
			return sig, err
		}
	}
	return signalNone, nil
}

// capture runs a body and returns what it writes.
func (m *machine) capture(body []stmt, s *scope) (*Text, error) {
	var b textBuilder
	_, err := m.run(body, s, &b)
	return b.text(), err
}

func (m *machine) write(out *textBuilder, t *Text) error {
	if err := m.spend(0, int64(len(t.s)+runSize*len(t.runs))); err != nil {
		return err
	}
	out.write(t)
	return nil
}

// outputStmt is text, {{ }}, or {% print %}.
type outputStmt struct {
	parts []expr
	line  int
}

func (st *outputStmt) run(m *machine, s *scope, out *textBuilder) (signal, error) {
	for _, e := range st.parts {
		if sum, ok := e.(*sumExpr); ok {
			if done, err := sum.writeTexts(m, s, out); done || err != nil {
				if err != nil {
					return signalNone, fail(st.line, err)
				}
				continue
			}
		}
		v, err := e.eval(m, s)
		if err != nil {
			return signalNone, fail(st.line, err)
		}
		t, err := m.str(v)
		if err == nil {
			err = m.write(out, t)
		}
		if err != nil {
			return signalNone, fail(st.line, err)
		}
	}
	return signalNone, nil
}

type jumpStmt signal

func (st jumpStmt) run(*machine, *scope, *textBuilder) (signal, error) { return signal(st), nil }

type ifArm struct {
	test expr
	body []stmt
}

type ifStmt struct {
	arms      []ifArm
	otherwise []stmt
}

func (st *ifStmt) run(m *machine, s *scope, out *textBuilder) (signal, error) {
	for _, arm := range st.arms {
		v, err := arm.test.eval(m, s)
		if err != nil {
			return signalNone, err
		}
		if truth(v) {
			return m.run(arm.body, s, out)
		}
	}
	return m.run(st.otherwise, s, out)
}

// target is what is assigned to: a name, an attribute of a namespace, or
// several targets.
type target struct {
	id    int
	name  string
	attr  string
	tuple bool
	items []target
}

func (t target) assigns(name string) bool {
	for _, item := range t.items {
		if item.assigns(name) {
			return true
		}
	}
	return !t.tuple && t.name == name
}

func (m *machine) assign(s *scope, t target, v Value) error {
	switch {
	case t.tuple:
		values, err := m.list(v)
		if err != nil {
			return err
		}
		if len(values) != len(t.items) {
			return fmt.Errorf("%d values cannot be assigned to %d names", len(values), len(t.items))
		}
		for i, item := range t.items {
			if err := m.assign(s, item, values[i]); err != nil {
				return err
			}
		}
	case t.attr != "":
		holder, _ := m.lookup(s, t.id)
		ns, ok := holder.(*namespace)
		if !ok {
			return fmt.Errorf("cannot assign the attribute %s of %s, which is no namespace", t.attr, t.name)
		}
		return ns.set(t.attr, v)
	default:
		s.set(t.id, v)
	}
	return nil
}

type setStmt struct {
	target target
	value  expr
	line   int
}

func (st *setStmt) run(m *machine, s *scope, _ *textBuilder) (signal, error) {
	v, err := st.value.eval(m, s)
	if err == nil {
		err = m.assign(s, st.target, v)
	}
	return signalNone, fail(st.line, err)
}

// holeExpr stands for the text of a block that is given to a filter.
type holeExpr struct{}

func (e *holeExpr) eval(_ *machine, s *scope) (Value, error) {
	return s.vars[len(s.vars)-1].value, nil
}

// filtered gives a text to the filters that stand around a hole.
func (m *machine) filtered(filter expr, s *scope, t *Text) (Value, error) {
	if _, ok := filter.(*holeExpr); ok {
		return t, nil
	}
	inner := &scope{parent: s, vars: []binding{{holeID, t}}}
	return filter.eval(m, inner)
}

const holeID = -1

type setBlockStmt struct {
	target target
	scope  *scopeNode
	body   []stmt
	hole   holeExpr
	filter expr
	line   int
}

func (st *setBlockStmt) run(m *machine, s *scope, _ *textBuilder) (signal, error) {
	inner := m.open(s, st.scope)
	t, err := m.capture(st.body, inner)
	if err != nil {
		return signalNone, err
	}
	v, err := m.filtered(st.filter, inner, t)
	if err == nil {
		err = m.assign(s, st.target, v)
	}
	return signalNone, fail(st.line, err)
}

type filterStmt struct {
	scope  *scopeNode
	body   []stmt
	hole   holeExpr
	filter expr
	line   int
}

func (st *filterStmt) run(m *machine, s *scope, out *textBuilder) (signal, error) {
	inner := m.open(s, st.scope)
	t, err := m.capture(st.body, inner)
	if err != nil {
		return signalNone, err
	}
	v, err := m.filtered(st.filter, inner, t)
	if err == nil {
		t, err = m.str(v)
	}
	if err == nil {
		err = m.write(out, t)
	}
	return signalNone, fail(st.line, err)
}

type withStmt struct {
	targets []target
	values  []expr
	scope   *scopeNode
	body    []stmt
}

func (st *withStmt) run(m *machine, s *scope, out *textBuilder) (signal, error) {
	inner := m.open(s, st.scope)
	for i, e := range st.values {
		v, err := e.eval(m, s)
		if err == nil {
			err = m.assign(inner, st.targets[i], v)
		}
		if err != nil {
			return signalNone, err
		}
	}
	return m.run(st.body, inner, out)
}

type generationStmt struct {
	scope *scopeNode
	body  []stmt
}

func (st *generationStmt) run(m *machine, s *scope, out *textBuilder) (signal, error) {
	if out != m.out {
		return signalNone, fmt.Errorf("{%% generation %%} inside a macro or a set block is not supported: where its text goes is not known there")
	}
	start := len(out.buf)
	_, err := m.run(st.body, m.open(s, st.scope), out)
	m.generated = append(m.generated, Range{start, len(out.buf)})
	return signalNone, err
}
