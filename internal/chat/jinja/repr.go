package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// maxValueDepth bounds lists and dicts inside one another.
const maxValueDepth = 500

// str is Python's str().
func (m *machine) str(v Value) (*Text, error) {
	switch v := v.(type) {
	case *Text:
		return v, nil
	case *undefined:
		return emptyText, nil
	}
	var b textBuilder
	err := m.repr(&b, v, 0)
	return b.text(), err
}

// repr is Python's repr(). What a tagged list or dict is written as is derived
// from it.
func (m *machine) repr(b *textBuilder, v Value, depth int) error {
	if depth > maxValueDepth {
		return fmt.Errorf("%w: a value is nested too deep", ErrBudget)
	}
	start := len(b.buf)
	var err error
	switch v := v.(type) {
	case nil:
		b.buf = append(b.buf, "None"...)
	case bool:
		b.buf = append(b.buf, map[bool]string{true: "True", false: "False"}[v]...)
	case int64:
		b.buf = strconv.AppendInt(b.buf, v, 10)
	case *big.Int:
		b.buf = v.Append(b.buf, 10)
	case float64:
		b.buf = append(b.buf, floatRepr(v)...)
	case *Text:
		reprText(b, v)
	case *undefined:
		b.buf = append(b.buf, "Undefined"...)
	case *List:
		err = m.reprList(b, v, depth)
	case *Dict:
		err = m.reprDict(b, v, depth)
	case rangeValue:
		b.buf = fmt.Appendf(b.buf, "range(%d, %d", v.start, v.stop)
		if v.step != 1 {
			b.buf = fmt.Appendf(b.buf, ", %d", v.step)
		}
		b.buf = append(b.buf, ')')
	case view:
		b.buf = fmt.Appendf(b.buf, "dict_%s(", v.name)
		err = m.reprList(b, &List{items: v.list().items}, depth)
		b.buf = append(b.buf, ')')
	default:
		return fmt.Errorf("writing a %s as text is not supported", typeName(v))
	}
	if err != nil {
		return err
	}
	if origin := originOf(v); origin > 0 {
		b.claim(start, origin)
	}
	return m.spend(1, int64(len(b.buf)-start))
}

func (m *machine) reprList(b *textBuilder, l *List, depth int) error {
	open, end := byte('['), byte(']')
	if l.tuple {
		open, end = '(', ')'
	}
	b.buf = append(b.buf, open)
	for i, item := range l.items {
		if i > 0 {
			b.buf = append(b.buf, ", "...)
		}
		if err := m.repr(b, item, depth+1); err != nil {
			return err
		}
	}
	if l.tuple && len(l.items) == 1 {
		b.buf = append(b.buf, ',')
	}
	b.buf = append(b.buf, end)
	return nil
}

func (m *machine) reprDict(b *textBuilder, d *Dict, depth int) error {
	b.buf = append(b.buf, '{')
	for i, e := range d.entries {
		if i > 0 {
			b.buf = append(b.buf, ", "...)
		}
		if err := m.repr(b, e.key, depth+1); err != nil {
			return err
		}
		b.buf = append(b.buf, ": "...)
		if err := m.repr(b, e.value, depth+1); err != nil {
			return err
		}
	}
	b.buf = append(b.buf, '}')
	return nil
}

// reprText writes a string literal: in ' unless it holds ' and no ".
func reprText(b *textBuilder, t *Text) {
	quote := byte('\'')
	if strings.Contains(t.s, "'") && !strings.Contains(t.s, `"`) {
		quote = '"'
	}
	b.buf = append(b.buf, quote)
	writeEscaped(b, t, func(r rune) string {
		switch {
		case r == '\\' || r == rune(quote):
			return `\` + string(r)
		case r == '\n':
			return `\n`
		case r == '\r':
			return `\r`
		case r == '\t':
			return `\t`
		case unicode.IsPrint(r):
			return ""
		case r < 0x100:
			return fmt.Sprintf(`\x%02x`, r)
		case r < 0x10000:
			return fmt.Sprintf(`\u%04x`, r)
		}
		return fmt.Sprintf(`\U%08x`, r)
	})
	b.buf = append(b.buf, quote)
}

// writeEscaped copies t, with what escape returns for a character instead of
// it, unless that is empty.
func writeEscaped(b *textBuilder, t *Text, escape func(rune) string) {
	plain := 0
	t.each(func(at, size int, r rune) {
		if s := escape(r); s != "" {
			if at > plain {
				b.write(t.slice(plain, at))
			}
			b.writeDerived(s, t, at)
			plain = at + size
		}
	})
	if plain < len(t.s) || len(t.s) == 0 {
		b.write(t.slice(plain, len(t.s)))
	}
}

// floatRepr is Python's repr of a float: the shortest digits that read back
// the same.
func floatRepr(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	exp, _ := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if exp < -4 || exp >= 16 {
		return s
	}
	if s = strconv.FormatFloat(f, 'f', -1, 64); !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
