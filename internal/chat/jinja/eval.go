package jinja

import (
	"fmt"
	"strings"
)

type expr interface {
	eval(m *machine, s *scope) (Value, error)
}

type constExpr struct{ v Value }

func (e constExpr) eval(*machine, *scope) (Value, error) { return e.v, nil }

type nameExpr struct {
	id   int
	name string
}

func (e *nameExpr) eval(m *machine, s *scope) (Value, error) {
	if err := m.spend(1, 0); err != nil {
		return nil, err
	}
	v, ok := m.lookup(s, e.id)
	if !ok {
		return &undefined{"'" + e.name + "' is undefined"}, nil
	}
	return v, nil
}

type listExpr struct {
	items []expr
	tuple bool
}

func (e *listExpr) eval(m *machine, s *scope) (Value, error) {
	items, err := m.evalAll(s, e.items)
	return &List{items: items, tuple: e.tuple}, err
}

func (m *machine) evalAll(s *scope, exprs []expr) ([]Value, error) {
	if err := m.spend(1, valueSize*int64(len(exprs))); err != nil {
		return nil, err
	}
	out := make([]Value, len(exprs))
	for i, e := range exprs {
		v, err := e.eval(m, s)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

type dictExpr struct {
	keys, values []expr
	line         int
}

func (e *dictExpr) eval(m *machine, s *scope) (Value, error) {
	if err := m.spend(1, 2*valueSize*int64(len(e.keys))); err != nil {
		return nil, err
	}
	d := NewDict()
	for i := range e.keys {
		k, err := e.keys[i].eval(m, s)
		if err != nil {
			return nil, err
		}
		v, err := e.values[i].eval(m, s)
		if err == nil {
			err = d.set(k, v)
		}
		if err != nil {
			return nil, fail(e.line, err)
		}
	}
	return d, nil
}

type condExpr struct{ then, test, otherwise expr }

func (e *condExpr) eval(m *machine, s *scope) (Value, error) {
	ok, err := e.test.eval(m, s)
	if err != nil {
		return nil, err
	}
	if truth(ok) {
		return e.then.eval(m, s)
	}
	if e.otherwise == nil {
		return &undefined{"the inline if expression evaluated to false and no else section was defined"}, nil
	}
	return e.otherwise.eval(m, s)
}

type orExpr struct{ left, right expr }

func (e *orExpr) eval(m *machine, s *scope) (Value, error) {
	v, err := e.left.eval(m, s)
	if err != nil || truth(v) {
		return v, err
	}
	return e.right.eval(m, s)
}

type andExpr struct{ left, right expr }

func (e *andExpr) eval(m *machine, s *scope) (Value, error) {
	v, err := e.left.eval(m, s)
	if err != nil || !truth(v) {
		return v, err
	}
	return e.right.eval(m, s)
}

type notExpr struct{ x expr }

func (e *notExpr) eval(m *machine, s *scope) (Value, error) {
	v, err := e.x.eval(m, s)
	return !truth(v), err
}

type comparand struct {
	op string
	x  expr
}

type compareExpr struct {
	first expr
	rest  []comparand
	line  int
}

func (e *compareExpr) eval(m *machine, s *scope) (Value, error) {
	left, err := e.first.eval(m, s)
	if err != nil {
		return nil, err
	}
	for _, c := range e.rest {
		right, err := c.x.eval(m, s)
		if err != nil {
			return nil, err
		}
		ok, err := m.compare(c.op, left, right)
		if err != nil {
			return nil, fail(e.line, err)
		}
		if !ok {
			return false, nil
		}
		left = right
	}
	return true, nil
}

func (m *machine) compare(op string, a, b Value) (bool, error) {
	switch op {
	case "==":
		return m.equal(a, b)
	case "!=":
		same, err := m.equal(a, b)
		return !same, err
	case "in":
		return m.contains(b, a)
	case "not in":
		ok, err := m.contains(b, a)
		return !ok, err
	}
	c, unordered, err := m.order(a, b, op)
	if err != nil || unordered {
		return false, err
	}
	switch op {
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case ">":
		return c > 0, nil
	}
	return c >= 0, nil
}

// contains is Python's "item in holder".
func (m *machine) contains(holder, item Value) (bool, error) {
	switch h := holder.(type) {
	case *Text:
		t, ok := item.(*Text)
		if !ok {
			return false, fmt.Errorf("'in <string>' requires string as left operand, not %s", typeName(item))
		}
		return strings.Contains(h.s, t.s), m.spend(1+int64(len(h.s)/256), 0)
	case *Dict:
		if _, err := hashKey(item); err != nil {
			if _, ok := item.(*undefined); ok {
				return false, nil
			}
			return false, err
		}
		_, ok := h.lookup(item)
		return ok, nil
	}
	seq, err := m.iterate(holder)
	if err != nil {
		return false, fmt.Errorf("argument of type '%s' is not iterable", typeName(holder))
	}
	for v, err := range seq {
		if err != nil {
			return false, err
		}
		if same, err := m.equal(v, item); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// concatExpr is ~, which joins the operands as text.
type concatExpr struct {
	items []expr
	line  int
}

func (e *concatExpr) eval(m *machine, s *scope) (Value, error) {
	var b textBuilder
	for _, item := range e.items {
		v, err := item.eval(m, s)
		if err != nil {
			return nil, err
		}
		t, err := m.str(v)
		if err == nil {
			err = m.write(&b, t)
		}
		if err != nil {
			return nil, fail(e.line, err)
		}
	}
	return b.text(), m.spend(1, int64(len(b.buf)))
}

// sumExpr is a + b + c, which mostly joins texts.
type sumExpr struct {
	items []expr
	line  int
	open  bool // more may follow, for the parser
}

func (e *sumExpr) eval(m *machine, s *scope) (Value, error) {
	values, err := m.evalAll(s, e.items)
	if err != nil {
		return nil, err
	}
	return e.add(m, values)
}

func allTexts(values []Value) bool {
	for _, v := range values {
		if _, ok := v.(*Text); !ok {
			return false
		}
	}
	return true
}

func (e *sumExpr) add(m *machine, values []Value) (Value, error) {
	if allTexts(values) {
		var b textBuilder
		for _, v := range values {
			if err := m.write(&b, v.(*Text)); err != nil {
				return nil, fail(e.line, err)
			}
		}
		return b.text(), m.spend(1, int64(len(b.buf)))
	}
	sum := values[0]
	for _, v := range values[1:] {
		var err error
		if sum, err = m.binary("+", sum, v); err != nil {
			return nil, fail(e.line, err)
		}
	}
	return sum, nil
}

// writeTexts writes the operands one after the other, when all are texts.
func (e *sumExpr) writeTexts(m *machine, s *scope, out *textBuilder) (bool, error) {
	values, err := m.evalAll(s, e.items)
	if err != nil {
		return false, err
	}
	if !allTexts(values) {
		v, err := e.add(m, values)
		if err != nil {
			return false, err
		}
		values = []Value{v}
	}
	for _, v := range values {
		t, err := m.str(v)
		if err == nil {
			err = m.write(out, t)
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}
