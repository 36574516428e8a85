package jinja

import (
	"fmt"
	"math"
	"math/big"
)

type signExpr struct {
	minus bool
	x     expr
	line  int
}

func (e *signExpr) eval(m *machine, s *scope) (Value, error) {
	v, err := e.x.eval(m, s)
	if err != nil {
		return nil, err
	}
	if err := defined(v); err != nil {
		return nil, fail(e.line, err)
	}
	i, f, isInt, ok := number(v)
	if !ok {
		return nil, fail(e.line, fmt.Errorf("bad operand type for unary sign: '%s'", typeName(v)))
	}
	switch {
	case !isInt && e.minus:
		return -f, nil
	case !isInt:
		return f, nil
	case !e.minus:
		return i, nil
	case i == math.MinInt64:
		return nil, fail(e.line, errOverflow)
	}
	return -i, nil
}

var errOverflow = fmt.Errorf("integers beyond 64 bits are not supported")

type binaryExpr struct {
	op          string
	left, right expr
	line        int
}

func (e *binaryExpr) eval(m *machine, s *scope) (Value, error) {
	a, err := e.left.eval(m, s)
	if err != nil {
		return nil, err
	}
	b, err := e.right.eval(m, s)
	if err != nil {
		return nil, err
	}
	v, err := m.binary(e.op, a, b)
	return v, fail(e.line, err)
}

// binary is Python's a op b.
func (m *machine) binary(op string, a, b Value) (Value, error) {
	if err := m.spend(1, 0); err != nil {
		return nil, err
	}
	if t, ok := a.(*Text); ok && op == "%" {
		return m.formatPercent(t, b)
	}
	if err := defined(a, b); err != nil {
		return nil, err
	}
	ai, af, aInt, aOK := number(a)
	bi, bf, bInt, bOK := number(b)
	if aOK && bOK {
		if aInt && bInt {
			return integers(op, ai, bi)
		}
		return floats(op, af, bf)
	}
	switch op {
	case "+":
		return m.add(a, b)
	case "*":
		if bOK && bInt {
			return m.repeat(a, bi)
		}
		if aOK && aInt {
			return m.repeat(b, ai)
		}
	}
	return nil, fmt.Errorf("unsupported operand type(s) for %s: '%s' and '%s'", op, typeName(a), typeName(b))
}

func integers(op string, a, b int64) (Value, error) {
	const small = 1 << 31
	if a < small && b < small && a > -small && b > -small {
		switch op {
		case "+":
			return a + b, nil
		case "-":
			return a - b, nil
		case "*":
			return a * b, nil
		}
	}
	x, y := big.NewInt(a), big.NewInt(b)
	z := new(big.Int)
	switch op {
	case "+":
		z.Add(x, y)
	case "-":
		z.Sub(x, y)
	case "*":
		z.Mul(x, y)
	case "/", "//", "%":
		if b == 0 {
			return nil, fmt.Errorf("division by zero")
		}
		if op == "/" {
			f, _ := new(big.Rat).SetFrac(x, y).Float64()
			return f, nil
		}
		q, r := new(big.Int).QuoRem(x, y, new(big.Int))
		if r.Sign() != 0 && r.Sign() != y.Sign() { // Python rounds down
			q.Sub(q, big.NewInt(1))
			r.Add(r, y)
		}
		z = q
		if op == "%" {
			z = r
		}
	case "**":
		if b < 0 {
			return floats(op, float64(a), float64(b))
		}
		if b > 64 && a != 0 && a != 1 && a != -1 {
			return nil, errOverflow
		}
		if b > 64 {
			y = big.NewInt(2 - b%2)
			if a == 0 {
				y = big.NewInt(1)
			}
		}
		z.Exp(x, y, nil)
	}
	if !z.IsInt64() {
		return nil, errOverflow
	}
	return z.Int64(), nil
}

func floats(op string, a, b float64) (Value, error) {
	if b == 0 && (op == "/" || op == "//" || op == "%") {
		return nil, fmt.Errorf("float division by zero")
	}
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/":
		return a / b, nil
	case "//", "%":
		r := math.Mod(a, b)
		q := (a - r) / b
		if r != 0 && (b < 0) != (r < 0) {
			r += b
			q--
		} else if r == 0 {
			r = math.Copysign(0, b)
		}
		if op == "%" {
			return r, nil
		}
		if q == 0 {
			return math.Copysign(0, a/b), nil
		}
		floor := math.Floor(q)
		if q-floor > 0.5 {
			floor++
		}
		return floor, nil
	}
	if a == 0 && b < 0 {
		return nil, fmt.Errorf("0.0 cannot be raised to a negative power")
	}
	if a < 0 && b != math.Trunc(b) {
		return nil, fmt.Errorf("complex numbers are not supported")
	}
	r := math.Pow(a, b)
	if math.IsInf(r, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
		return nil, fmt.Errorf("the result of ** is too large")
	}
	return r, nil
}

// add joins texts, lists or tuples.
func (m *machine) add(a, b Value) (Value, error) {
	switch x := a.(type) {
	case *Text:
		if y, ok := b.(*Text); ok {
			var out textBuilder
			for _, t := range []*Text{x, y} {
				if err := m.write(&out, t); err != nil {
					return nil, err
				}
			}
			return out.text(), nil
		}
	case *List:
		if y, ok := b.(*List); ok && x.tuple == y.tuple {
			n := len(x.items) + len(y.items)
			if err := m.spend(1, valueSize*int64(n)); err != nil {
				return nil, err
			}
			items := append(make([]Value, 0, n), x.items...)
			return &List{items: append(items, y.items...), tuple: x.tuple}, nil
		}
	}
	return nil, fmt.Errorf("unsupported operand type(s) for +: '%s' and '%s'", typeName(a), typeName(b))
}

// repeat is a * n for a text, list or tuple.
func (m *machine) repeat(a Value, n int64) (Value, error) {
	n = max(n, 0)
	cost := func(size int) error {
		if size > 0 && n > m.bytes/int64(size) {
			return m.spend(0, m.bytes+1)
		}
		return m.spend(1, n*int64(size))
	}
	switch x := a.(type) {
	case *Text:
		if err := cost(len(x.s) + runSize*len(x.runs)); err != nil {
			return nil, err
		}
		var b textBuilder
		if len(x.s) > 0 {
			for range n {
				b.write(x)
			}
		}
		return b.text(), nil
	case *List:
		if err := cost(valueSize * len(x.items)); err != nil {
			return nil, err
		}
		out := &List{tuple: x.tuple, origin: x.origin}
		if len(x.items) > 0 {
			for range n {
				out.items = append(out.items, x.items...)
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("unsupported operand type(s) for *: '%s' and 'int'", typeName(a))
}
