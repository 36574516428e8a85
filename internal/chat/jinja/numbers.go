package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

func absFilter(_ *machine, v Value, _ []Value) (Value, error) {
	if err := defined(v); err != nil {
		return nil, err
	}
	i, f, isInt, ok := number(v)
	switch {
	case !ok:
		return nil, fmt.Errorf("bad operand type for abs(): '%s'", typeName(v))
	case !isInt:
		return math.Abs(f), nil
	case i == math.MinInt64:
		return nil, errOverflow
	}
	return max(i, -i), nil
}

func intFilter(_ *machine, v Value, a []Value) (Value, error) {
	def := Value(int64(0))
	if given(a[0]) {
		def = a[0]
	}
	base, err := intArg(a[1], 10)
	if err == nil {
		err = defined(v)
	}
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case int64, *big.Int:
		return v, nil
	case bool:
		i, _, _, _ := number(v)
		return i, nil
	case float64:
		if math.IsInf(v, 0) {
			return nil, fmt.Errorf("cannot convert float infinity to integer")
		}
		return truncated(v, def)
	case *Text:
		if base != 10 {
			return nil, fmt.Errorf("a base other than 10 is not supported")
		}
		s := strings.TrimFunc(v.s, IsSpace)
		if digits, ok := joinDigits(s); ok {
			if i, ok := new(big.Int).SetString(digits, 10); ok {
				return intValue(i), nil
			}
		}
		if f, ok := parseFloat(v.s); ok {
			return truncated(f, def)
		}
	}
	return def, nil
}

func truncated(f float64, def Value) (Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return def, nil
	}
	i, _ := big.NewFloat(f).Int(nil)
	return intValue(i), nil
}

// joinDigits removes the underscores that may stand between digits.
func joinDigits(s string) (string, bool) {
	if !strings.Contains(s, "_") {
		return s, true
	}
	if strings.Contains(s, "__") {
		return "", false
	}
	for i, c := range s {
		if c == '_' && (i == 0 || i == len(s)-1 || !isASCIIDigit(s[i-1]) || !isASCIIDigit(s[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(s, "_", ""), true
}

func isASCIIDigit(c byte) bool { return c >= '0' && c <= '9' }

// parseFloat reads what Python's float() reads.
func parseFloat(s string) (float64, bool) {
	s, ok := joinDigits(strings.TrimFunc(s, IsSpace))
	if !ok || strings.ContainsAny(s, "xXpP") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || strings.Contains(err.Error(), "out of range")
}

func floatFilter(_ *machine, v Value, a []Value) (Value, error) {
	if err := defined(v); err != nil {
		return nil, err
	}
	if _, f, _, ok := number(v); ok {
		return f, nil
	}
	if i, ok := v.(*big.Int); ok {
		f, _ := new(big.Float).SetInt(i).Float64()
		return f, nil
	}
	if t, ok := v.(*Text); ok {
		if f, ok := parseFloat(t.s); ok {
			return f, nil
		}
	}
	if given(a[0]) {
		return a[0], nil
	}
	return 0.0, nil
}

func roundFilter(_ *machine, v Value, a []Value) (Value, error) {
	precision, err := intArg(a[0], 0)
	if err != nil {
		return nil, err
	}
	method, err := textArg(a[1], NewText("common"))
	if err != nil {
		return nil, err
	}
	if err := defined(v); err != nil {
		return nil, err
	}
	i, f, isInt, ok := number(v)
	if !ok {
		return nil, fmt.Errorf("a number is needed, not %s", typeName(v))
	}
	if precision < 0 || precision > 300 {
		return nil, fmt.Errorf("precision %d is not supported", precision)
	}
	scale := math.Pow10(int(precision))
	switch method.s {
	case "ceil":
		return math.Ceil(f*scale) / scale, nil
	case "floor":
		return math.Floor(f*scale) / scale, nil
	case "common":
		if isInt {
			return i, nil
		}
		rounded, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', int(precision), 64), 64)
		return rounded, nil
	}
	return nil, fmt.Errorf("method must be common, ceil or floor")
}
