package jinja

import (
	"fmt"
	"math/big"
)

// test is what stands behind "is".
type test struct {
	params   []string
	required int
	f        func(m *machine, v Value, a []Value) (bool, error)
}

func (t test) call(m *machine, v Value, a args) (bool, error) {
	values, err := bind(t.params, t.required, a)
	if err != nil {
		return false, err
	}
	return t.f(m, v, values)
}

var tests map[string]test

func init() {
	is := func(f func(Value) bool) test {
		return test{f: func(_ *machine, v Value, _ []Value) (bool, error) { return f(v), nil }}
	}
	comparison := func(op string) test {
		return test{params: []string{""}, required: 1, f: func(m *machine, v Value, a []Value) (bool, error) {
			return m.compare(op, v, a[0])
		}}
	}
	tests = map[string]test{
		"boolean":     is(isType[bool]),
		"callable":    is(isCallable),
		"defined":     is(func(v Value) bool { return !isType[*undefined](v) }),
		"divisibleby": {params: []string{"num"}, required: 1, f: divisibleBy},
		"escaped":     is(func(Value) bool { return false }),
		"even":        {f: remainderIs(0)},
		"odd":         {f: remainderIs(1)},
		"false":       is(func(v Value) bool { return v == false }),
		"true":        is(func(v Value) bool { return v == true }),
		"float":       is(isType[float64]),
		"integer":     is(func(v Value) bool { return isType[int64](v) || isType[*big.Int](v) }),
		"number": is(func(v Value) bool {
			return isType[bool](v) || isType[int64](v) || isType[*big.Int](v) || isType[float64](v)
		}),
		"iterable": is(func(v Value) bool {
			_, err := new(machine).iterate(v)
			return err == nil || isType[*loopState](v)
		}),
		"lower":     caseTest("islower"),
		"upper":     caseTest("isupper"),
		"mapping":   is(isType[*Dict]),
		"none":      is(func(v Value) bool { return v == nil }),
		"sameas":    {params: []string{"other"}, required: 1, f: sameAs},
		"sequence":  is(isSequence),
		"string":    is(isType[*Text]),
		"undefined": is(isType[*undefined]),
	}
	for op, names := range map[string][]string{
		"==": {"==", "eq", "equalto"}, "!=": {"!=", "ne"}, "<": {"<", "lt", "lessthan"}, "<=": {"<=", "le"},
		">": {">", "gt", "greaterthan"}, ">=": {">=", "ge"}, "in": {"in"},
	} {
		for _, name := range names {
			tests[name] = comparison(op)
		}
	}
}

func isType[T any](v Value) bool {
	_, ok := v.(T)
	return ok
}

func isCallable(v Value) bool {
	switch v.(type) {
	case *function, *macro, *loopState, *undefined:
		return true // undefined has a __call__, which fails
	}
	return false
}

func isSequence(v Value) bool {
	switch v.(type) {
	case *Text, *List, *Dict, rangeValue, *undefined:
		return true
	}
	return false
}

func divisibleBy(m *machine, v Value, a []Value) (bool, error) {
	rest, err := m.binary("%", v, a[0])
	if err != nil {
		return false, err
	}
	return m.equal(rest, int64(0))
}

func remainderIs(n int64) func(*machine, Value, []Value) (bool, error) {
	return func(m *machine, v Value, _ []Value) (bool, error) {
		rest, err := m.binary("%", v, int64(2))
		if err != nil {
			return false, err
		}
		return m.equal(rest, n)
	}
}

func caseTest(method string) test {
	return test{f: func(m *machine, v Value, _ []Value) (bool, error) {
		t, err := m.str(v)
		if err != nil {
			return false, err
		}
		is, err := textMethods[method].call(m, t, args{})
		return is == true, err
	}}
}

// sameAs is Python's "is", for values whose identity does not depend on how an
// interpreter stores them.
func sameAs(_ *machine, v Value, a []Value) (bool, error) {
	for _, x := range []Value{v, a[0]} {
		switch x.(type) {
		case nil, bool:
			return v == a[0], nil
		}
	}
	return false, fmt.Errorf("comparing other values than none, true and false is not supported")
}
