package jinja

import (
	"fmt"
	"iter"
	"math/big"
)

// Value is a value of the template language, which has Python's types: nil
// (None), bool, int64, float64, *big.Int (an integer beyond int64, which can
// be printed and compared but not reckoned with), *Text, *List, *Dict, and the
// types of this package that only templates make.
type Value = any

// List is a Python list, or tuple.
type List struct {
	items  []Value
	tuple  bool
	origin int32
}

// NewList returns a list of the given items.
func NewList(items ...Value) *List { return &List{items: items} }

// undefined is what a missing name or attribute gives: it prints as nothing,
// is false, and may not be used otherwise.
type undefined struct{ message string }

// rangeValue is what range() returns.
type rangeValue struct{ start, stop, step int64 }

func (r rangeValue) len() int64 {
	if r.step > 0 && r.start < r.stop {
		return (r.stop - r.start + r.step - 1) / r.step
	}
	if r.step < 0 && r.start > r.stop {
		return (r.start - r.stop - r.step - 1) / -r.step
	}
	return 0
}

// view is dict.keys(), .values() or .items().
type view struct {
	name string
	dict *Dict
}

func (v view) list() *List {
	out := &List{origin: v.dict.origin}
	for _, e := range v.dict.entries {
		switch v.name {
		case "keys":
			out.items = append(out.items, e.key)
		case "values":
			out.items = append(out.items, e.value)
		default:
			out.items = append(out.items, &List{items: []Value{e.key, e.value}, tuple: true, origin: originOf(e.value)})
		}
	}
	return out
}

// generator is an iterator that can be walked once, as map and select return.
type generator struct {
	seq  iter.Seq2[Value, error]
	used bool
}

// namespace is what namespace() returns: attributes that may be assigned.
type namespace struct{ attrs *Dict }

// function is anything callable.
type function struct {
	name string
	call func(m *machine, a args) (Value, error)
}

// originOf returns the tag of a value, or 0: text has one where all of it has
// the same.
func originOf(v Value) int32 {
	switch v := v.(type) {
	case *Text:
		if len(v.runs) == 1 && v.runs[0].End-v.runs[0].Start == len(v.s) {
			return v.runs[0].Origin
		}
	case *List:
		return v.origin
	case *Dict:
		return v.origin
	}
	return 0
}

// Tag returns v, a new value, marked with an origin above 0: what a render
// copies from it or writes for it can then be told from the rest. Items of
// lists and dicts have tags of their own.
func Tag(v Value, origin int32) Value {
	switch v := v.(type) {
	case *Text:
		return &Text{s: v.s, runs: []Run{{End: len(v.s), Origin: origin, Exact: true}}}
	case *List:
		return &List{items: v.items, tuple: v.tuple, origin: origin}
	case *Dict:
		return &Dict{entries: v.entries, index: v.index, origin: origin}
	}
	return v
}

// Items returns the items of a list. They must not be changed.
func (l *List) Items() []Value { return l.items }

func typeName(v Value) string {
	switch v := v.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64, *big.Int:
		return "int"
	case float64:
		return "float"
	case *Text:
		return "str"
	case *List:
		if v.tuple {
			return "tuple"
		}
		return "list"
	case *Dict:
		return "dict"
	case *undefined:
		return "Undefined"
	case rangeValue:
		return "range"
	case view:
		return "dict_" + v.name
	case *generator:
		return "generator"
	case *namespace:
		return "Namespace"
	case *function, *macro:
		return "function"
	case *loopState:
		return "LoopContext"
	}
	return fmt.Sprintf("%T", v)
}

func truth(v Value) bool {
	switch v := v.(type) {
	case nil, *undefined:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case *Text:
		return v.s != ""
	case *List:
		return len(v.items) > 0
	case *Dict:
		return len(v.entries) > 0
	case rangeValue:
		return v.len() > 0
	case view:
		return len(v.dict.entries) > 0
	}
	return true
}

// length is Python's len().
func length(v Value) (int64, bool) {
	switch v := v.(type) {
	case *Text:
		return int64(v.runeCount()), true
	case *List:
		return int64(len(v.items)), true
	case *Dict:
		return int64(len(v.entries)), true
	case rangeValue:
		return v.len(), true
	case view:
		return int64(len(v.dict.entries)), true
	case *undefined:
		return 0, true
	case *loopState:
		return int64(len(v.items)), true
	}
	return 0, false
}

// iterate returns the items of an iterable, each once and in order.
func (m *machine) iterate(v Value) (iter.Seq2[Value, error], error) {
	switch v := v.(type) {
	case *Text:
		return func(yield func(Value, error) bool) {
			for i := range v.s {
				if !yield(v.slice(i, i+runeLen(v.s, i)), nil) {
					return
				}
			}
		}, nil
	case *List:
		return seqOf(v.items), nil
	case *Dict:
		return seqOf(view{"keys", v}.list().items), nil
	case view:
		return seqOf(v.list().items), nil
	case rangeValue:
		return func(yield func(Value, error) bool) {
			for i := range v.len() {
				if !yield(v.start+i*v.step, nil) {
					return
				}
			}
		}, nil
	case *generator:
		if v.used {
			return seqOf(nil), nil
		}
		return func(yield func(Value, error) bool) {
			v.used = true
			v.seq(yield)
		}, nil
	case *undefined:
		return seqOf(nil), nil
	}
	return nil, fmt.Errorf("'%s' object is not iterable", typeName(v))
}

func seqOf(items []Value) iter.Seq2[Value, error] {
	return func(yield func(Value, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// list collects an iterable.
func (m *machine) list(v Value) ([]Value, error) {
	if l, ok := v.(*List); ok {
		return l.items, nil
	}
	seq, err := m.iterate(v)
	if err != nil {
		return nil, err
	}
	var out []Value
	for item, err := range seq {
		if err == nil {
			err = m.spend(1, valueSize)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}
