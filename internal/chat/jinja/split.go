package jinja

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// pieces makes a list of parts of t, from pairs of places.
func (m *machine) pieces(t *Text, cuts []int) (Value, error) {
	if err := m.spend(int64(len(cuts)/2), 4*valueSize*int64(len(cuts))); err != nil {
		return nil, err
	}
	l := &List{origin: originOf(t), items: make([]Value, 0, len(cuts)/2)}
	for i := 0; i < len(cuts); i += 2 {
		l.items = append(l.items, t.slice(cuts[i], cuts[i+1]))
	}
	return l, nil
}

func splitMethod(fromRight bool) func(*machine, *Text, []Value) (Value, error) {
	return func(m *machine, t *Text, a []Value) (Value, error) {
		limit, err := intArg(a[1], -1)
		if err != nil {
			return nil, err
		}
		if limit < 0 {
			limit = math.MaxInt64
		}
		if !given(a[0]) || a[0] == nil {
			return m.pieces(t, splitSpace(t.s, limit, fromRight))
		}
		sep, err := textArg(a[0], nil)
		if err != nil {
			return nil, err
		}
		if sep.s == "" {
			return nil, fmt.Errorf("empty separator")
		}
		return m.pieces(t, splitAt(t.s, sep.s, limit, fromRight))
	}
}

func splitAt(s, sep string, limit int64, fromRight bool) (cuts []int) {
	if fromRight {
		end := len(s)
		for limit > 0 {
			i := strings.LastIndex(s[:end], sep)
			if i < 0 {
				break
			}
			cuts = append(cuts, end, i+len(sep))
			end = i
			limit--
		}
		cuts = append(cuts, end, 0)
		return reversed(cuts)
	}
	at := 0
	for limit > 0 {
		i := strings.Index(s[at:], sep)
		if i < 0 {
			break
		}
		cuts = append(cuts, at, at+i)
		at += i + len(sep)
		limit--
	}
	return append(cuts, at, len(s))
}

func reversed(cuts []int) []int {
	for i, j := 0, len(cuts)-1; i < j; i, j = i+1, j-1 {
		cuts[i], cuts[j] = cuts[j], cuts[i]
	}
	return cuts
}

// splitSpace cuts at runs of white space, which also vanish at the ends.
func splitSpace(s string, limit int64, fromRight bool) (cuts []int) {
	if fromRight {
		for end := len(strings.TrimRightFunc(s, IsSpace)); end > 0; limit-- {
			start := 0
			if limit > 0 {
				if i := strings.LastIndexFunc(s[:end], IsSpace); i >= 0 {
					start = i + runeLen(s, i)
				}
			}
			cuts = append(cuts, end, start)
			if limit <= 0 {
				break
			}
			end = len(strings.TrimRightFunc(s[:start], IsSpace))
		}
		return reversed(cuts)
	}
	skip := func(at int) int { return len(s) - len(strings.TrimLeftFunc(s[at:], IsSpace)) }
	for at := skip(0); at < len(s); limit-- {
		end := len(s)
		if limit > 0 {
			if i := strings.IndexFunc(s[at:], IsSpace); i >= 0 {
				end = at + i
			}
		}
		cuts = append(cuts, at, end)
		if limit <= 0 {
			break
		}
		at = skip(end)
	}
	return cuts
}

func (m *machine) splitLines(t *Text, keep bool) (Value, error) {
	var cuts []int
	at := 0
	for i := 0; i < len(t.s); {
		r, size := utf8.DecodeRuneInString(t.s[i:])
		if !strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) {
			i += size
			continue
		}
		if strings.HasPrefix(t.s[i:], "\r\n") {
			size = 2
		}
		end := i
		if keep {
			end += size
		}
		cuts = append(cuts, at, end)
		i += size
		at = i
	}
	if at < len(t.s) {
		cuts = append(cuts, at, len(t.s))
	}
	return m.pieces(t, cuts)
}

func partitionMethod(last bool) func(*machine, *Text, []Value) (Value, error) {
	return func(_ *machine, t *Text, a []Value) (Value, error) {
		sep, err := textArg(a[0], nil)
		if err != nil {
			return nil, err
		}
		if sep.s == "" {
			return nil, fmt.Errorf("empty separator")
		}
		i := strings.Index(t.s, sep.s)
		if last {
			i = strings.LastIndex(t.s, sep.s)
		}
		l := &List{tuple: true, origin: originOf(t)}
		n := len(t.s)
		switch {
		case i >= 0:
			l.items = []Value{t.slice(0, i), t.slice(i, i+len(sep.s)), t.slice(i+len(sep.s), n)}
		case last:
			l.items = []Value{emptyText, emptyText, t}
		default:
			l.items = []Value{t, emptyText, emptyText}
		}
		return l, nil
	}
}
