// Package jsonrepair mends the JSON that language models write, by rules
// alone. It knows what they get wrong: fences and words around the value,
// backslashes of LaTeX that are not escaped, raw newlines in strings, commas
// before a closing bracket.
//
// LaTeX is the dangerous case, for much of it is valid JSON with another
// meaning: "\frac" decodes to a form feed and "rac", "\theta" to a tab and
// "heta". An escape is taken for the beginning of a macro where letters follow
// that make one and that no text has behind a tab or a newline; where a text
// might have them, as "\nu" and "\to", only when the JSON has other macros
// that nobody escaped, and mathematics follows.
package jsonrepair

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrCut is returned for JSON that ends before its value does. It is not
// mended: what is missing is missing.
var ErrCut = errors.New("the JSON is cut off at its end")

// Repair returns the first JSON object or array of a text, mended, and what
// was mended. The result is valid JSON. Valid JSON comes back byte for byte,
// but for strings in which an escape can only be a macro of LaTeX that lost
// its backslash: its decoded text would hold a control character before the
// rest of the macro's name.
func Repair(text string) (repaired string, repairs []string, err error) {
	body, repairs, err := extract(text)
	if err != nil {
		return "", nil, err
	}
	m := mender{in: body, raw: hasRawMacro(body)}
	if err := m.mend(); err != nil {
		return "", nil, err
	}
	repaired = m.out.String()
	if !json.Valid([]byte(repaired)) {
		var value any
		return "", nil, fmt.Errorf("the JSON cannot be mended by rules: %w", json.Unmarshal([]byte(repaired), &value))
	}
	return repaired, append(repairs, m.repairs()...), nil
}

// extract returns the text from the first bracket of a value on, without the
// fence and the words around it.
func extract(text string) (body string, repairs []string, err error) {
	trimmed := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if json.Valid([]byte(trimmed)) {
		return trimmed, nil, nil
	}
	start := strings.IndexAny(trimmed, "{[")
	if start < 0 {
		return "", nil, errors.New("there is no JSON object or array in the text")
	}
	if start > 0 {
		if strings.HasPrefix(trimmed, "```") {
			repairs = append(repairs, "removed the fence around it")
		} else {
			repairs = append(repairs, "removed the words before it")
		}
	}
	return trimmed[start:], repairs, nil
}

// mender copies a value and mends what it meets.
type mender struct {
	in  string
	raw bool // holds macros with one backslash
	out strings.Builder

	macros, escapes, raws, commas, tails, invalid int
}

func (m *mender) repairs() []string {
	var all []string
	for _, r := range []struct {
		n    int
		what string
	}{
		{m.macros, "escaped the backslash of %d LaTeX macros"}, {m.escapes, "escaped %d other backslashes"}, {m.raws, "escaped %d control characters in strings"},
		{m.commas, "removed %d commas before a closing bracket"}, {m.invalid, "replaced %d bytes that are no UTF-8"}, {m.tails, "removed the words after it"},
	} {
		switch {
		case r.n == 0:
		case strings.Contains(r.what, "%d"):
			all = append(all, fmt.Sprintf(r.what, r.n))
		default:
			all = append(all, r.what)
		}
	}
	return all
}

// mend copies one value. Brackets are counted, not matched: json.Valid has the
// last word.
func (m *mender) mend() error {
	m.out.Grow(len(m.in) + len(m.in)/16)
	depth := 0
	for i := 0; i < len(m.in); {
		c := m.in[i]
		switch c {
		case '"':
			end, ok := m.text(i)
			if !ok {
				return ErrCut
			}
			i = end
			if depth == 0 {
				m.finish(i)
				return nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			rest := strings.TrimLeft(m.in[i+1:], " \t\r\n")
			if rest != "" && (rest[0] == '}' || rest[0] == ']') {
				m.commas++
				i++
				continue
			}
		}
		m.out.WriteByte(c)
		i++
		if (c == '}' || c == ']') && depth <= 0 {
			m.finish(i)
			return nil
		}
	}
	if depth > 0 {
		return ErrCut
	}
	return nil
}

// finish looks at what stands behind the value.
func (m *mender) finish(end int) {
	rest := strings.TrimSpace(m.in[end:])
	rest = strings.TrimSpace(strings.TrimPrefix(rest, "```"))
	if rest != "" {
		m.tails++
	}
}

// text copies the string that begins at i and returns where it ends; false
// where it does not end.
func (m *mender) text(i int) (end int, ok bool) {
	m.out.WriteByte('"')
	for i++; i < len(m.in); {
		switch c := m.in[i]; {
		case c == '"':
			m.out.WriteByte('"')
			return i + 1, true
		case c == '\\':
			if i+1 == len(m.in) {
				return 0, false
			}
			i = m.backslash(i)
		case c < ' ':
			i = m.control(i)
		case c < utf8.RuneSelf:
			m.out.WriteByte(c)
			i++
		default:
			r, size := utf8.DecodeRuneInString(m.in[i:])
			if r == utf8.RuneError && size == 1 {
				m.out.WriteString(`\ufffd`)
				m.invalid++
			} else {
				m.out.WriteString(m.in[i : i+size])
			}
			i += size
		}
	}
	return 0, false
}

// control writes a control character that stands raw in a string: as its
// escape, or as the macro whose beginning a decoder ate.
func (m *mender) control(i int) int {
	c := m.in[i]
	if first := letters[c]; first != 0 && c != '\n' && c != '\t' && c != '\r' && m.isMacro(string(first)+m.in[i+1:min(len(m.in), i+longestMacro)]) {
		m.out.WriteString(`\\`)
		m.out.WriteByte(first)
		m.macros++
		return i + 1
	}
	switch c {
	case '\n':
		m.out.WriteString(`\n`)
	case '\t':
		m.out.WriteString(`\t`)
	case '\r':
		m.out.WriteString(`\r`)
	default:
		fmt.Fprintf(&m.out, `\u%04x`, c)
	}
	m.raws++
	return i + 1
}

// letters are those of the escapes of control characters.
var letters = map[byte]byte{'\f': 'f', '\b': 'b', '\t': 't', '\n': 'n', '\r': 'r', '\a': 'a', '\v': 'v'}

// backslash writes the escape at i, or a backslash where it begins a macro,
// and returns where to go on.
func (m *mender) backslash(i int) int {
	next := m.in[i+1]
	switch {
	case next == '\\' && m.raw && isLineBreak(m.in[i+2:]):
		m.out.WriteString(`\\\\`)
		m.macros++
		return i + 2
	case next == '"' || next == '/' || next == '\\':
		m.out.WriteString(m.in[i : i+2])
		return i + 2
	case next == 'u' && isHex(m.in[i+2:]):
		m.out.WriteString(m.in[i : i+6])
		return i + 6
	case strings.IndexByte("bfnrt", next) >= 0:
		if m.isMacro(m.in[i+1 : min(len(m.in), i+1+longestMacro)]) {
			break
		}
		m.out.WriteString(m.in[i : i+2])
		return i + 2
	}
	m.out.WriteString(`\\`)
	if next|0x20-'a' < 26 {
		m.macros++
	} else {
		m.escapes++
	}
	return i + 1
}

func isHex(text string) bool {
	if len(text) < 4 {
		return false
	}
	for i := range 4 {
		if c := text[i] | 0x20; text[i]-'0' > 9 && c-'a' > 5 {
			return false
		}
	}
	return true
}
