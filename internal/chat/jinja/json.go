package jinja

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// FromJSON reads one JSON value as Python's json.loads does: objects keep the
// order of their keys, integers may be of any size. Half characters, which
// Python would keep, are errors.
func FromJSON(data []byte) (Value, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("the JSON is not UTF-8")
	}
	if bytes.Contains(data, []byte(`\u`)) && halfCharacter(data) {
		return nil, fmt.Errorf(`the JSON has half of a character: a \ud800 to \udfff without its other half`)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := readJSON(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("text follows the JSON value")
	}
	return v, nil
}

var unicodeEscapes = regexp.MustCompile(`(?:\\u[0-9a-fA-F]{4})+|\\.`)

func halfCharacter(data []byte) bool {
	for _, run := range unicodeEscapes.FindAll(data, -1) {
		if len(run) < 6 { // another escape
			continue
		}
		for i := 0; i < len(run); i += 6 {
			code, _ := strconv.ParseUint(string(run[i+2:i+6]), 16, 16)
			if !utf16.IsSurrogate(rune(code)) {
				continue
			}
			if i+12 > len(run) {
				return true
			}
			low, _ := strconv.ParseUint(string(run[i+8:i+12]), 16, 16)
			if utf16.DecodeRune(rune(code), rune(low)) == utf8.RuneError {
				return true
			}
			i += 6
		}
	}
	return false
}

func readJSON(dec *json.Decoder, depth int) (Value, error) {
	if depth > maxValueDepth {
		return nil, fmt.Errorf("the JSON is nested deeper than %d", maxValueDepth)
	}
	t, err := dec.Token()
	if err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	switch t := t.(type) {
	case nil:
		return nil, nil
	case bool:
		return t, nil
	case string:
		return NewText(t), nil
	case json.Number:
		return jsonNumber(t.String())
	case json.Delim:
		if t == '[' {
			return readArray(dec, depth)
		}
		return readObject(dec, depth)
	}
	return nil, fmt.Errorf("unexpected %v", t)
}

func readArray(dec *json.Decoder, depth int) (Value, error) {
	l := &List{}
	for dec.More() {
		v, err := readJSON(dec, depth+1)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, v)
	}
	_, err := dec.Token()
	return l, err
}

func readObject(dec *json.Decoder, depth int) (Value, error) {
	d := NewDict()
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := readJSON(dec, depth+1)
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, fmt.Errorf("the key %v is no string", key)
		}
		d.Set(name, v)
	}
	_, err := dec.Token()
	return d, err
}

func jsonNumber(s string) (Value, error) {
	if !strings.ContainsAny(s, ".eE") {
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return i, nil
		}
		if len(s) > 4300 {
			return nil, fmt.Errorf("an integer has %d digits; Python reads 4300", len(s))
		}
		i, ok := new(big.Int).SetString(s, 10)
		if !ok {
			return nil, fmt.Errorf("bad number %q", s)
		}
		return i, nil
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range is infinity, as in Python
	return f, nil
}

// jsonStyle are the arguments of tojson, and json.dumps.
type jsonStyle struct {
	ascii    bool
	indent   string
	lines    bool // items stand on lines of their own
	comma    string
	colon    string
	sortKeys bool
}

// toJSON writes v as json.dumps does. What a tagged value is written as is
// derived from it.
func (m *machine) toJSON(b *textBuilder, v Value, style jsonStyle, depth int) error {
	if depth > maxValueDepth {
		return fmt.Errorf("%w: a value is nested too deep", ErrBudget)
	}
	start := len(b.buf)
	var err error
	switch v := v.(type) {
	case nil:
		b.buf = append(b.buf, "null"...)
	case bool:
		b.buf = strconv.AppendBool(b.buf, v)
	case int64:
		b.buf = strconv.AppendInt(b.buf, v, 10)
	case *big.Int:
		b.buf = v.Append(b.buf, 10)
	case float64:
		b.buf = append(b.buf, jsonFloat(v)...)
	case *Text:
		jsonText(b, v, style.ascii)
	case *List:
		err = m.jsonItems(b, '[', ']', len(v.items), style, depth, func(i int) error {
			return m.toJSON(b, v.items[i], style, depth+1)
		})
	case *Dict:
		err = m.jsonDict(b, v, style, depth)
	default:
		return fmt.Errorf("an object of type %s is not JSON serializable", typeName(v))
	}
	if err != nil {
		return err
	}
	if origin := originOf(v); origin > 0 {
		b.claim(start, origin)
	}
	return m.spend(1, int64(len(b.buf)-start))
}

func (m *machine) jsonItems(b *textBuilder, open, end byte, n int, style jsonStyle, depth int, item func(int) error) error {
	b.buf = append(b.buf, open)
	line := func(depth int) error {
		b.buf = append(b.buf, '\n')
		b.buf = append(b.buf, strings.Repeat(style.indent, depth)...)
		return m.spend(1, int64(len(style.indent)*depth))
	}
	for i := range n {
		if i > 0 {
			b.buf = append(b.buf, style.comma...)
		}
		if style.lines {
			if err := line(depth + 1); err != nil {
				return err
			}
		}
		if err := item(i); err != nil {
			return err
		}
	}
	if style.lines && n > 0 {
		if err := line(depth); err != nil {
			return err
		}
	}
	b.buf = append(b.buf, end)
	return nil
}

func (m *machine) jsonDict(b *textBuilder, d *Dict, style jsonStyle, depth int) error {
	entries := d.entries
	if style.sortKeys {
		var err error
		entries, err = sorted(m, entries, func(e entry) Value { return e.key }, false)
		if err != nil {
			return err
		}
	}
	return m.jsonItems(b, '{', '}', len(entries), style, depth, func(i int) error {
		key, err := jsonKey(entries[i].key)
		if err != nil {
			return err
		}
		jsonText(b, key, style.ascii)
		b.buf = append(b.buf, style.colon...)
		return m.toJSON(b, entries[i].value, style, depth+1)
	})
}

func jsonKey(v Value) (*Text, error) {
	switch v := v.(type) {
	case *Text:
		return v, nil
	case nil:
		return NewText("null"), nil
	case bool:
		return NewText(strconv.FormatBool(v)), nil
	case int64:
		return NewText(strconv.FormatInt(v, 10)), nil
	case *big.Int:
		return NewText(v.String()), nil
	case float64:
		return NewText(jsonFloat(v)), nil
	}
	return nil, fmt.Errorf("keys must be str, int, float, bool or None, not %s", typeName(v))
}

func jsonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return floatRepr(f)
}

func jsonText(b *textBuilder, t *Text, ascii bool) {
	b.buf = append(b.buf, '"')
	writeEscaped(b, t, func(r rune) string {
		switch r {
		case '"':
			return `\"`
		case '\\':
			return `\\`
		case '\n':
			return `\n`
		case '\r':
			return `\r`
		case '\t':
			return `\t`
		case '\f':
			return `\f`
		case '\b':
			return `\b`
		}
		if r >= 0x20 && (!ascii || r < 0x7f) {
			return ""
		}
		if r >= 0x10000 {
			high, low := utf16.EncodeRune(r)
			return fmt.Sprintf(`\u%04x\u%04x`, high, low)
		}
		return fmt.Sprintf(`\u%04x`, r)
	})
	b.buf = append(b.buf, '"')
}
