package jinja

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
)

type attrExpr struct {
	x    expr
	name *Text
	line int
}

func (e *attrExpr) eval(m *machine, s *scope) (Value, error) {
	x, err := e.x.eval(m, s)
	if err != nil {
		return nil, err
	}
	if err := m.spend(1, 0); err != nil {
		return nil, fail(e.line, err)
	}
	v, err := m.attribute(x, e.name)
	return v, fail(e.line, err)
}

// attribute is x.name: a method, or else an item.
func (m *machine) attribute(x Value, name *Text) (Value, error) {
	if err := defined(x); err != nil {
		return nil, err
	}
	v, ok, err := m.method(x, name.s)
	if ok || err != nil {
		return v, err
	}
	if d, ok := x.(*Dict); ok {
		if v, ok := d.getString(name.s); ok {
			return v, nil
		}
	}
	return missing(x, "attribute", name.s), nil
}

func missing(x Value, what, name string) *undefined {
	return &undefined{fmt.Sprintf("'%s object' has no %s '%s'", typeName(x), what, name)}
}

// Attributes that Python's types have and the sandbox refuses, or that are
// not there here.
var (
	mutators = map[string]bool{
		"append": true, "clear": true, "reverse": true, "insert": true, "sort": true, "extend": true,
		"remove": true, "pop": true, "popitem": true, "setdefault": true, "update": true,
	}
	otherAttributes = map[string][]string{
		"str":   {"encode", "expandtabs", "format_map", "isidentifier", "isprintable", "istitle", "maketrans", "translate"},
		"dict":  {"fromkeys"},
		"int":   {"as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "imag", "is_integer", "numerator", "real", "to_bytes"},
		"bool":  {"as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "imag", "is_integer", "numerator", "real", "to_bytes"},
		"float": {"as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real"},
		"range": {"count", "index", "start", "step", "stop"},
	}
)

// method returns the attributes that a value has by its type.
func (m *machine) method(x Value, name string) (Value, bool, error) {
	kind := typeName(x)
	if table, ok := methods[kind]; ok {
		if f, ok := table[name]; ok {
			return &function{name, func(m *machine, a args) (Value, error) {
				v, err := f.call(m, x, a)
				if err != nil {
					err = fmt.Errorf("%s.%s: %w", kind, name, err)
				}
				return v, err
			}}, true, nil
		}
	}
	switch x := x.(type) {
	case *namespace:
		v, ok := x.attrs.getString(name)
		return v, ok, nil
	case *loopState:
		v, ok := x.attr(name)
		return v, ok, nil
	case *cycler:
		v, ok := x.attr(name)
		return v, ok, nil
	case *List, *Dict:
		if mutators[name] && (kind != "tuple") && changes(kind, name) {
			return &undefined{fmt.Sprintf("access to attribute '%s' of '%s' object is unsafe", name, kind)}, true, nil
		}
	}
	if slices.Contains(otherAttributes[kind], name) || strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__") {
		return nil, false, fmt.Errorf("the attribute .%s of a %s is not supported", name, kind)
	}
	return nil, false, nil
}

// changes reports whether a list or dict has a mutator of this name.
func changes(kind, name string) bool {
	switch name {
	case "clear", "pop":
		return true
	case "popitem", "setdefault", "update":
		return kind == "dict"
	}
	return kind == "list"
}

type itemExpr struct {
	x, item expr
	line    int
}

func (e *itemExpr) eval(m *machine, s *scope) (Value, error) {
	x, err := e.x.eval(m, s)
	if err != nil {
		return nil, err
	}
	item, err := e.item.eval(m, s)
	if err == nil {
		err = m.spend(1, 0)
	}
	var v Value
	if err == nil {
		v, err = m.item(x, item)
	}
	return v, fail(e.line, err)
}

// item is x[item]: an item, or else an attribute.
func (m *machine) item(x, item Value) (Value, error) {
	if err := defined(x); err != nil {
		return nil, err
	}
	switch x := x.(type) {
	case *Dict:
		if v, ok := x.lookup(item); ok {
			return v, nil
		}
	case *List:
		if i, ok := index(item, int64(len(x.items))); ok {
			return x.items[i], nil
		}
	case *Text:
		if _, isText := item.(*Text); !isText {
			n := x.runeCount()
			if i, ok := index(item, int64(n)); ok {
				at := x.offsets([]int{int(i), int(i) + 1})
				return x.slice(at[0], at[1]), m.spend(int64(n/256), 0)
			}
		}
	case rangeValue:
		if i, ok := index(item, x.len()); ok {
			return x.start + i*x.step, nil
		}
	}
	if name, ok := item.(*Text); ok {
		v, ok, err := m.method(x, name.s)
		if ok || err != nil {
			return v, err
		}
		return missing(x, "attribute", name.s), nil
	}
	return &undefined{fmt.Sprintf("%s object has no such element", typeName(x))}, nil
}

// index returns the place that an index, maybe negative, means.
func index(v Value, n int64) (int64, bool) {
	i, _, isInt, ok := number(v)
	if !ok || !isInt {
		return 0, false
	}
	if i < 0 {
		i += n
	}
	return i, i >= 0 && i < n
}

// offsets returns where the given characters, in rising order, start.
func (t *Text) offsets(chars []int) []int {
	out := make([]int, 0, len(chars))
	n, next := 0, 0
	for at := range t.s {
		for next < len(chars) && chars[next] == n {
			out = append(out, at)
			next++
		}
		if next == len(chars) {
			return out
		}
		n++
	}
	for len(out) < len(chars) {
		out = append(out, len(t.s))
	}
	return out
}

type sliceExpr struct {
	x, from, to, step expr
	line              int
}

func (e *sliceExpr) eval(m *machine, s *scope) (Value, error) {
	x, err := e.x.eval(m, s)
	if err != nil {
		return nil, err
	}
	var bounds [3]Value
	for i, part := range []expr{e.from, e.to, e.step} {
		if part == nil {
			continue
		}
		if bounds[i], err = part.eval(m, s); err != nil {
			return nil, err
		}
	}
	v, err := m.sliced(x, bounds)
	return v, fail(e.line, err)
}

func (m *machine) sliced(x Value, bounds [3]Value) (Value, error) {
	if err := defined(x); err != nil {
		return nil, err
	}
	switch x.(type) {
	case *Text, *List, rangeValue:
	default:
		return nil, fmt.Errorf("'%s' object cannot be sliced", typeName(x))
	}
	n, _ := length(x)
	from, count, step, err := sliceBounds(bounds, n)
	if err != nil {
		return nil, err
	}
	switch x := x.(type) {
	case *Text:
		return m.sliceText(x, from, count, step)
	case rangeValue:
		return rangeValue{x.start + from*x.step, x.start + (from+count*step)*x.step, x.step * step}, nil
	default:
		l := x.(*List)
		if err := m.spend(1, valueSize*count); err != nil {
			return nil, err
		}
		out := &List{tuple: l.tuple, origin: l.origin, items: make([]Value, count)}
		for i := range count {
			out.items[i] = l.items[from+i*step]
		}
		return out, nil
	}
}

// sliceBounds returns the first index, how many there are, and the step.
func sliceBounds(bounds [3]Value, n int64) (from, count, step int64, err error) {
	part := func(v Value, def int64) int64 {
		if v == nil {
			return def
		}
		i, _, isInt, ok := number(v)
		if big, isBig := v.(*big.Int); isBig {
			i, isInt, ok = int64(big.Sign())<<62, true, true
		}
		if (!ok || !isInt) && err == nil {
			err = fmt.Errorf("slice indices must be integers or None, not %s", typeName(v))
		}
		return i
	}
	clamp := func(i, low, high int64) int64 {
		if i < 0 {
			i += n
		}
		return max(low, min(i, high))
	}
	var to int64
	if step = part(bounds[2], 1); step == 0 && err == nil {
		err = fmt.Errorf("slice step cannot be zero")
	}
	step = max(-1<<40, min(step, 1<<40))
	if step > 0 {
		from, to = clamp(part(bounds[0], 0), 0, n), clamp(part(bounds[1], n), 0, n)
		return from, rangeValue{from, to, max(step, 1)}.len(), step, err
	}
	from, to = n-1, -1
	if bounds[0] != nil {
		from = clamp(part(bounds[0], 0), -1, n-1)
	}
	if bounds[1] != nil {
		to = clamp(part(bounds[1], 0), -1, n-1)
	}
	return from, rangeValue{from, to, min(step, -1)}.len(), step, err
}

func (m *machine) sliceText(t *Text, from, count, step int64) (Value, error) {
	if err := m.spend(1+int64(len(t.s)/256), 0); err != nil {
		return nil, err
	}
	if step == 1 {
		at := t.offsets([]int{int(from), int(from + count)})
		return t.slice(at[0], at[1]), nil
	}
	var starts []int
	for at := range t.s {
		starts = append(starts, at)
	}
	var b textBuilder
	for i := range count {
		at := starts[from+i*step]
		if err := m.write(&b, t.slice(at, at+runeLen(t.s, at))); err != nil {
			return nil, err
		}
	}
	return b.text(), nil
}
