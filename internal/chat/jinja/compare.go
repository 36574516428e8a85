package jinja

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
)

// number returns the value of a bool, int or float.
func number(v Value) (i int64, f float64, isInt, ok bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, 1, true, true
		}
		return 0, 0, true, true
	case int64:
		return v, float64(v), true, true
	case float64:
		return 0, v, false, true
	}
	return 0, 0, false, false
}

// equal is Python's ==.
func (m *machine) equal(a, b Value) (bool, error) {
	if err := m.spend(1, 0); err != nil {
		return false, err
	}
	ai, af, aInt, aOK := number(a)
	bi, bf, bInt, bOK := number(b)
	if aOK && bOK {
		if aInt && bInt {
			return ai == bi, nil
		}
		return compareMixed(a, b) == 0 && !math.IsNaN(af) && !math.IsNaN(bf), nil
	}
	switch a := a.(type) {
	case nil:
		return b == nil, nil
	case *Text:
		b, ok := b.(*Text)
		return ok && a.s == b.s, nil
	case *big.Int:
		b, ok := b.(*big.Int)
		return ok && a.Cmp(b) == 0, nil
	case *undefined:
		_, ok := b.(*undefined)
		return ok, nil
	case *List:
		b, ok := b.(*List)
		if !ok || a.tuple != b.tuple || len(a.items) != len(b.items) {
			return false, nil
		}
		if err := m.descend(); err != nil {
			return false, err
		}
		defer m.ascend()
		for i := range a.items {
			if same, err := m.equal(a.items[i], b.items[i]); err != nil || !same {
				return false, err
			}
		}
		return true, nil
	case *Dict:
		b, ok := b.(*Dict)
		if !ok || len(a.entries) != len(b.entries) {
			return false, nil
		}
		if err := m.descend(); err != nil {
			return false, err
		}
		defer m.ascend()
		for _, e := range a.entries {
			other, ok := b.lookup(e.key)
			if !ok {
				return false, nil
			}
			if same, err := m.equal(e.value, other); err != nil || !same {
				return false, err
			}
		}
		return true, nil
	case rangeValue, view:
		return false, fmt.Errorf("comparing a %s is not supported", typeName(a))
	}
	return a == b, nil
}

// toBig returns the value of an integer of any size.
func toBig(v Value) (*big.Int, bool) {
	if b, ok := v.(*big.Int); ok {
		return b, true
	}
	i, _, isInt, ok := number(v)
	return big.NewInt(i), ok && isInt
}

// compareMixed orders two numbers, exactly even where one is a float.
func compareMixed(a, b Value) int {
	ai, af, aInt, _ := number(a)
	bi, bf, bInt, _ := number(b)
	switch {
	case aInt && bInt:
		return cmp.Compare(ai, bi)
	case math.IsInf(af, 0) || math.IsInf(bf, 0) || !aInt && !bInt:
		return cmp.Compare(af, bf)
	case aInt:
		return new(big.Float).SetInt64(ai).Cmp(big.NewFloat(bf))
	}
	return big.NewFloat(af).Cmp(new(big.Float).SetInt64(bi))
}

// order compares for <, <=, >, >=, as Python does. unordered is true for NaN.
func (m *machine) order(a, b Value, op string) (c int, unordered bool, err error) {
	if err := m.spend(1, 0); err != nil {
		return 0, false, err
	}
	_, af, _, aOK := number(a)
	_, bf, _, bOK := number(b)
	if aOK && bOK {
		if math.IsNaN(af) || math.IsNaN(bf) {
			return 0, true, nil
		}
		return compareMixed(a, b), false, nil
	}
	if x, ok := toBig(a); ok {
		if y, ok := toBig(b); ok {
			return x.Cmp(y), false, nil
		}
	}
	switch a := a.(type) {
	case *Text:
		if b, ok := b.(*Text); ok {
			return cmp.Compare(a.s, b.s), false, nil // UTF-8 sorts as its code points do
		}
	case *List:
		if b, ok := b.(*List); ok && a.tuple == b.tuple {
			if err := m.descend(); err != nil {
				return 0, false, err
			}
			defer m.ascend()
			for i := range min(len(a.items), len(b.items)) {
				same, err := m.equal(a.items[i], b.items[i])
				if err != nil {
					return 0, false, err
				}
				if !same {
					return m.order(a.items[i], b.items[i], op)
				}
			}
			return cmp.Compare(len(a.items), len(b.items)), false, nil
		}
	}
	if err := defined(a, b); err != nil {
		return 0, false, err
	}
	return 0, false, fmt.Errorf("'%s' not supported between instances of '%s' and '%s'", op, typeName(a), typeName(b))
}

// defined returns the error of the first undefined value.
func defined(values ...Value) error {
	for _, v := range values {
		if u, ok := v.(*undefined); ok {
			return fmt.Errorf("%s", u.message)
		}
	}
	return nil
}
