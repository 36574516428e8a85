package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// formatPercent is Python's t % values.
func (m *machine) formatPercent(t *Text, values Value) (*Text, error) {
	f := &percentFormat{m: m, t: t, values: values, arguments: []Value{values}}
	if l, ok := values.(*List); ok && l.tuple {
		f.arguments = l.items
	}
	for f.at < len(t.s) {
		next := strings.IndexByte(t.s[f.at:], '%')
		if next < 0 {
			next = len(t.s) - f.at
		}
		if err := m.write(&f.b, t.slice(f.at, f.at+next)); err != nil {
			return nil, err
		}
		if f.at += next; f.at < len(t.s) {
			if err := f.field(); err != nil {
				return nil, err
			}
		}
	}
	_, isDict := values.(*Dict)
	if f.used < len(f.arguments) && !isDict {
		return nil, fmt.Errorf("not all arguments converted during string formatting")
	}
	return f.b.text(), m.spend(1, int64(len(f.b.buf)))
}

type percentFormat struct {
	m         *machine
	t         *Text
	at        int
	b         textBuilder
	values    Value
	arguments []Value
	used      int
}

func (f *percentFormat) next() (Value, error) {
	if f.used >= len(f.arguments) {
		return nil, fmt.Errorf("not enough arguments for format string")
	}
	f.used++
	return f.arguments[f.used-1], nil
}

// field writes one %... of the format.
func (f *percentFormat) field() error {
	s := f.t.s
	f.at++
	var key Value
	if f.at < len(s) && s[f.at] == '(' {
		end := strings.IndexByte(s[f.at:], ')')
		d, ok := f.values.(*Dict)
		if end < 0 || !ok {
			return fmt.Errorf("format requires a mapping")
		}
		name := s[f.at+1 : f.at+end]
		if key, ok = d.getString(name); !ok {
			return fmt.Errorf("the format names %q, which is missing", name)
		}
		f.arguments, f.used = []Value{key}, 0
		f.at += end + 1
	}
	start := f.at
	for f.at < len(s) && strings.IndexByte("-+ #0", s[f.at]) >= 0 {
		f.at++
	}
	flags := s[start:f.at]
	width, _ := f.digits()
	precision, hasPrecision := -1, false
	if f.at < len(s) && s[f.at] == '.' {
		f.at++
		precision, _ = f.digits()
		hasPrecision = true
	}
	if f.at == len(s) {
		return fmt.Errorf("incomplete format")
	}
	verb := s[f.at]
	f.at++
	if verb == '%' {
		f.b.buf = append(f.b.buf, '%')
		return nil
	}
	if width > 1000 || precision > 100 || strings.Contains(flags, "#") {
		return fmt.Errorf("the format %%%s%d.%d%c is not supported", flags, width, precision, verb)
	}
	v, err := f.next()
	if err != nil {
		return err
	}
	text, err := f.convert(verb, v, flags, precision, hasPrecision)
	if err != nil {
		return err
	}
	return f.padded(text, flags, width, verb)
}

func (f *percentFormat) digits() (int, bool) {
	start := f.at
	for f.at < len(f.t.s) && isASCIIDigit(f.t.s[f.at]) && f.at-start < 9 {
		f.at++
	}
	n, err := strconv.Atoi(f.t.s[start:f.at])
	return n, err == nil
}

func (f *percentFormat) convert(verb byte, v Value, flags string, precision int, hasPrecision bool) (*Text, error) {
	switch verb {
	case 's', 'r':
		t, err := f.m.str(v)
		if verb == 'r' {
			var b textBuilder
			err = f.m.repr(&b, v, 0)
			t = b.text()
		}
		if err == nil && hasPrecision {
			t = t.slice(0, t.offsets([]int{precision})[0])
		}
		return t, err
	case 'd', 'i', 'u':
		if hasPrecision {
			return nil, fmt.Errorf("a precision for %%d is not supported")
		}
		if b, ok := v.(*big.Int); ok {
			return NewText(signed(b.String(), flags)), nil
		}
		i, x, isInt, ok := number(v)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%%d format: a real number is required, not %s", typeName(v))
		}
		if !isInt {
			whole, _ := big.NewFloat(x).Int(nil)
			return NewText(signed(whole.String(), flags)), nil
		}
		return NewText(signed(strconv.FormatInt(i, 10), flags)), nil
	case 'f', 'F':
		_, x, _, ok := number(v)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("must be real number, not %s", typeName(v))
		}
		if !hasPrecision {
			precision = 6
		}
		return NewText(signed(strconv.FormatFloat(x, 'f', precision, 64), flags)), nil
	}
	return nil, fmt.Errorf("the format %%%c is not supported", verb)
}

func signed(s, flags string) string {
	switch {
	case strings.HasPrefix(s, "-"):
		return s
	case strings.Contains(flags, "+"):
		return "+" + s
	case strings.Contains(flags, " "):
		return " " + s
	}
	return s
}

func (f *percentFormat) padded(t *Text, flags string, width int, verb byte) error {
	left := strings.Contains(flags, "-")
	var err error
	switch {
	case strings.Contains(flags, "0") && !left && verb != 's' && verb != 'r':
		sign := 0
		if t.s != "" && strings.IndexByte("+- ", t.s[0]) >= 0 {
			sign = 1
		}
		f.b.buf = append(f.b.buf, t.s[:sign]...)
		t, err = f.m.pad(t.slice(sign, len(t.s)), int64(width-sign), NewText("0"), true, false)
	default:
		t, err = f.m.pad(t, int64(width), NewText(" "), !left, left)
	}
	if err != nil {
		return err
	}
	return f.m.write(&f.b, t)
}

// formatBraces is str.format with {}, {0} and {name}; other fields are errors.
func (m *machine) formatBraces(t *Text, a args) (*Text, error) {
	var b textBuilder
	next := 0
	for at := 0; at < len(t.s); {
		i := strings.IndexAny(t.s[at:], "{}")
		if i < 0 {
			i = len(t.s) - at
		}
		if err := m.write(&b, t.slice(at, at+i)); err != nil {
			return nil, err
		}
		if at += i; at == len(t.s) {
			break
		}
		if strings.HasPrefix(t.s[at:], "{{") || strings.HasPrefix(t.s[at:], "}}") {
			if err := m.write(&b, t.slice(at, at+1)); err != nil {
				return nil, err
			}
			at += 2
			continue
		}
		end := strings.IndexByte(t.s[at:], '}')
		if t.s[at] == '}' || end < 0 {
			return nil, fmt.Errorf("a single brace in the format string")
		}
		v, err := braceField(t.s[at+1:at+end], a, &next)
		if err != nil {
			return nil, err
		}
		text, err := m.str(v)
		if err == nil {
			err = m.write(&b, text)
		}
		if err != nil {
			return nil, err
		}
		at += end + 1
	}
	return b.text(), m.spend(1, int64(len(b.buf)))
}

// braceField returns the argument that a field names. next counts those
// without name; it is -1 once a field had a number.
func braceField(name string, a args, next *int) (Value, error) {
	if strings.ContainsAny(name, "!:.[{") {
		return nil, fmt.Errorf("the field {%s} is not supported", name)
	}
	i, err := strconv.Atoi(name)
	switch {
	case name == "" && *next < 0, err == nil && *next > 0:
		return nil, fmt.Errorf("numbered fields and {} cannot stand in one format")
	case name == "":
		i = *next
		*next++
	case err == nil:
		*next = -1
	default:
		for _, k := range a.keywords {
			if k.name == name {
				return k.value, nil
			}
		}
		return nil, fmt.Errorf("the argument %s is missing", name)
	}
	if i < 0 || i >= len(a.positional) {
		return nil, fmt.Errorf("argument %d is missing", i)
	}
	return a.positional[i], nil
}
