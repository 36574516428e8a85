package jinja

import (
	"fmt"
)

// mapFilter looks an attribute up in every item, or filters every item.
func mapFilter(m *machine, v Value, a args) (Value, error) {
	if !truth(v) {
		return &generator{seq: seqOf(nil)}, nil
	}
	f, err := m.mapping(a)
	if err != nil {
		return nil, err
	}
	seq, err := m.iterate(v)
	if err != nil {
		return nil, err
	}
	return &generator{seq: func(yield func(Value, error) bool) {
		for item, err := range seq {
			if err == nil {
				item, err = f(item)
			}
			if !yield(item, err) {
				return
			}
		}
	}}, nil
}

func (m *machine) mapping(a args) (func(Value) (Value, error), error) {
	if len(a.positional) == 0 {
		values, err := bind([]string{"attribute", "default"}, 1, a)
		if err != nil {
			return nil, err
		}
		return m.path(values[0], orNone(values[1]))
	}
	name, err := textArg(a.positional[0], nil)
	if err != nil {
		return nil, err
	}
	f, ok := filters[name.s]
	if !ok {
		return nil, fmt.Errorf("the filter %s is not supported", name.s)
	}
	rest := args{a.positional[1:], a.keywords}
	return func(v Value) (Value, error) {
		if err := m.spend(1, 0); err != nil {
			return nil, err
		}
		return f.call(m, v, rest)
	}, nil
}

// selectFilter keeps the items, or attributes of items, that pass a test, or
// without a test those that are true.
func selectFilter(keep, byAttribute bool) func(*machine, Value, args) (Value, error) {
	return func(m *machine, v Value, a args) (Value, error) {
		if !truth(v) {
			return &generator{seq: seqOf(nil)}, nil
		}
		get := func(v Value) (Value, error) { return v, nil }
		rest := a.positional
		if byAttribute {
			if len(rest) == 0 {
				return nil, fmt.Errorf("missing parameter for attribute name")
			}
			var err error
			if get, err = m.path(rest[0], nil); err != nil {
				return nil, err
			}
			rest = rest[1:]
		}
		pass, err := m.predicate(rest, a.keywords)
		if err != nil {
			return nil, err
		}
		seq, err := m.iterate(v)
		if err != nil {
			return nil, err
		}
		return &generator{seq: func(yield func(Value, error) bool) {
			for item, err := range seq {
				var ok bool
				var x Value
				if err == nil {
					x, err = get(item)
				}
				if err == nil {
					ok, err = pass(x)
				}
				if (err != nil || ok == keep) && !yield(item, err) {
					return
				}
			}
		}}, nil
	}
}

func (m *machine) predicate(positional []Value, keywords []keyword) (func(Value) (bool, error), error) {
	if len(positional) == 0 {
		return func(v Value) (bool, error) { return truth(v), m.spend(1, 0) }, nil
	}
	name, err := textArg(positional[0], nil)
	if err != nil {
		return nil, err
	}
	t, ok := tests[name.s]
	if !ok {
		return nil, fmt.Errorf("the test %s is not supported", name.s)
	}
	rest := args{positional[1:], keywords}
	return func(v Value) (bool, error) {
		if err := m.spend(1, 0); err != nil {
			return false, err
		}
		return t.call(m, v, rest)
	}, nil
}
