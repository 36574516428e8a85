package jinja

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

func isAlphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func listFilter(m *machine, v Value, _ []Value) (Value, error) {
	items, err := m.list(v)
	return &List{items: items, origin: originOf(v)}, err
}

func firstFilter(m *machine, v Value, _ []Value) (Value, error) {
	seq, err := m.iterate(v)
	if err != nil {
		return nil, err
	}
	for item, err := range seq {
		return item, err
	}
	return &undefined{"No first item, sequence was empty."}, nil
}

func lastFilter(m *machine, v Value, _ []Value) (Value, error) {
	if _, ok := v.(*generator); ok {
		return nil, fmt.Errorf("'generator' object is not reversible")
	}
	items, err := m.list(v)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return &undefined{"No last item, sequence was empty."}, nil
	}
	return items[len(items)-1], nil
}

func itemsFilter(_ *machine, v Value, _ []Value) (Value, error) {
	switch v := v.(type) {
	case *undefined:
		return &generator{seq: seqOf(nil)}, nil
	case *Dict:
		return &generator{seq: seqOf(view{"items", v}.list().items)}, nil
	}
	return nil, fmt.Errorf("can only get item pairs from a mapping")
}

func reverseFilter(m *machine, v Value, _ []Value) (Value, error) {
	if t, ok := v.(*Text); ok {
		return m.sliced(t, [3]Value{nil, nil, int64(-1)})
	}
	items, err := m.list(v)
	if err != nil {
		return nil, err
	}
	items = slices.Clone(items)
	slices.Reverse(items)
	if err := m.spend(1, valueSize*int64(len(items))); err != nil {
		return nil, err
	}
	if _, ok := v.(*generator); ok {
		return &List{items: items}, nil
	}
	return &generator{seq: seqOf(items)}, nil
}

// path returns a function that looks up a dotted path, as filters do with
// their argument attribute.
func (m *machine) path(attribute, def Value) (func(Value) (Value, error), error) {
	var parts []Value
	switch a := attribute.(type) {
	case nil, notGiven:
	case int64:
		parts = append(parts, a)
	case *Text:
		for part := range strings.SplitSeq(a.s, ".") {
			if i, err := strconv.ParseInt(part, 10, 64); err == nil && part != "" && isASCIIDigit(part[0]) {
				parts = append(parts, i)
			} else {
				parts = append(parts, NewText(part))
			}
		}
	default:
		return nil, fmt.Errorf("attribute must be a string or an integer, not %s", typeName(a))
	}
	return func(v Value) (Value, error) {
		for _, part := range parts {
			if err := m.spend(1, 0); err != nil {
				return nil, err
			}
			var err error
			if v, err = m.item(v, part); err != nil {
				return nil, err
			}
			if _, undef := v.(*undefined); undef && def != nil {
				v = def
			}
		}
		return v, nil
	}, nil
}

// foldCase is the key by which filters compare without case.
func foldCase(v Value) Value {
	if t, ok := v.(*Text); ok {
		return NewText(lowerText(NewText(t.s)).s)
	}
	return v
}

// keyed returns the items and the keys by which they are compared.
func (m *machine) keyed(v, caseSensitive, attribute Value) (items, keys []Value, err error) {
	if items, err = m.list(v); err != nil {
		return nil, nil, err
	}
	if t, ok := attribute.(*Text); ok && strings.Contains(t.s, ",") {
		return nil, nil, fmt.Errorf("several attributes are not supported")
	}
	get, err := m.path(attribute, nil)
	if err != nil {
		return nil, nil, err
	}
	keys = make([]Value, len(items))
	for i, item := range items {
		if keys[i], err = get(item); err != nil {
			return nil, nil, err
		}
		if !given(caseSensitive) || !truth(caseSensitive) {
			keys[i] = foldCase(keys[i])
		}
	}
	return items, keys, m.spend(int64(len(items)), 2*valueSize*int64(len(items)))
}

// sorted returns the items in the order of their keys, stable.
func sorted[T any](m *machine, items []T, key func(T) Value, reverse bool) ([]T, error) {
	out := slices.Clone(items)
	var failed error
	slices.SortStableFunc(out, func(a, b T) int {
		if failed != nil {
			return 0
		}
		if reverse {
			a, b = b, a
		}
		c, unordered, err := m.order(key(a), key(b), "<")
		if err == nil && unordered {
			err = fmt.Errorf("nan cannot be sorted")
		}
		failed = err
		return c
	})
	return out, failed
}

type keyedItem struct{ key, item Value }

func (m *machine) sortKeyed(items, keys []Value, reverse Value) (Value, error) {
	pairs := make([]keyedItem, len(items))
	for i := range items {
		pairs[i] = keyedItem{keys[i], items[i]}
	}
	pairs, err := sorted(m, pairs, func(p keyedItem) Value { return p.key }, given(reverse) && truth(reverse))
	if err != nil {
		return nil, err
	}
	l := &List{}
	for _, p := range pairs {
		l.items = append(l.items, p.item)
	}
	return l, nil
}

func sortFilter(m *machine, v Value, a []Value) (Value, error) {
	items, keys, err := m.keyed(v, a[1], a[2])
	if err != nil {
		return nil, err
	}
	return m.sortKeyed(items, keys, a[0])
}

func dictsortFilter(m *machine, v Value, a []Value) (Value, error) {
	d, ok := v.(*Dict)
	if !ok {
		if err := defined(v); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("a dict is needed, not %s", typeName(v))
	}
	by, err := textArg(a[1], NewText("key"))
	if err != nil {
		return nil, err
	}
	place := int64(0)
	switch by.s {
	case "key":
	case "value":
		place = 1
	default:
		return nil, fmt.Errorf(`by must be "key" or "value"`)
	}
	items, keys, err := m.keyed(view{"items", d}, a[0], place)
	if err != nil {
		return nil, err
	}
	return m.sortKeyed(items, keys, a[2])
}

func extremeFilter(sign int) func(*machine, Value, []Value) (Value, error) {
	return func(m *machine, v Value, a []Value) (Value, error) {
		items, keys, err := m.keyed(v, a[0], a[1])
		if err != nil {
			return nil, err
		}
		if len(items) == 0 {
			return &undefined{"No aggregated item, sequence was empty."}, nil
		}
		best := 0
		for i := range items {
			if i == 0 {
				continue
			}
			c, unordered, err := m.order(keys[i], keys[best], map[int]string{1: ">", -1: "<"}[sign])
			if err != nil {
				return nil, err
			}
			if !unordered && c == sign {
				best = i
			}
		}
		return items[best], nil
	}
}

func uniqueFilter(m *machine, v Value, a []Value) (Value, error) {
	items, keys, err := m.keyed(v, a[0], a[1])
	if err != nil {
		return nil, err
	}
	seen := make(map[any]bool)
	var out []Value
	for i, key := range keys {
		h, err := hashKey(key)
		if err != nil {
			return nil, err
		}
		if !seen[h] {
			seen[h] = true
			out = append(out, items[i])
		}
	}
	return &generator{seq: seqOf(out)}, nil
}

func sumFilter(m *machine, v Value, a []Value) (Value, error) {
	items, err := m.list(v)
	if err != nil {
		return nil, err
	}
	get, err := m.path(a[0], nil)
	if err != nil {
		return nil, err
	}
	sum := Value(int64(0))
	if given(a[1]) {
		sum = a[1]
	}
	if _, ok := sum.(*Text); ok {
		return nil, fmt.Errorf("strings cannot be summed: use join")
	}
	for _, item := range items {
		x, err := get(item)
		if err != nil {
			return nil, err
		}
		if sum, err = m.binary("+", sum, x); err != nil {
			return nil, err
		}
	}
	return sum, nil
}

func joinFilter(m *machine, v Value, a []Value) (Value, error) {
	sep := emptyText
	if given(a[0]) {
		var err error
		if sep, err = m.str(a[0]); err != nil {
			return nil, err
		}
	}
	if !given(a[1]) || a[1] == nil {
		return m.join(sep, v, false)
	}
	items, err := m.list(v)
	if err != nil {
		return nil, err
	}
	get, err := m.path(a[1], nil)
	if err != nil {
		return nil, err
	}
	values := &List{origin: originOf(v)}
	for _, item := range items {
		x, err := get(item)
		if err != nil {
			return nil, err
		}
		values.items = append(values.items, x)
	}
	return m.join(sep, values, false)
}

func batchFilter(m *machine, v Value, a []Value) (Value, error) {
	size, err := intArg(a[0], 0)
	if err != nil {
		return nil, err
	}
	items, err := m.list(v)
	if err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, fmt.Errorf("batches of %d items are not supported", size)
	}
	var out []Value
	for part := range slices.Chunk(items, int(min(size, int64(len(items)+1)))) {
		part = slices.Clone(part)
		if fill := orNone(a[1]); fill != nil {
			if err := m.spend(1, valueSize*(size-int64(len(part)))); err != nil {
				return nil, err
			}
			for int64(len(part)) < size {
				part = append(part, fill)
			}
		}
		out = append(out, &List{items: part})
	}
	return &generator{seq: seqOf(out)}, m.spend(int64(len(items)), valueSize*int64(len(items)))
}

func sliceFilter(m *machine, v Value, a []Value) (Value, error) {
	n, err := intArg(a[0], 0)
	if err != nil {
		return nil, err
	}
	items, err := m.list(v)
	if err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, fmt.Errorf("%d slices are not supported", n)
	}
	if err := m.spend(n, valueSize*(n+int64(len(items)))); err != nil {
		return nil, err
	}
	size, extra := int64(len(items))/n, int64(len(items))%n
	var out []Value
	at := int64(0)
	for i := range n {
		end := at + size
		if i < extra {
			end++
		}
		part := slices.Clone(items[at:end])
		if fill := orNone(a[1]); fill != nil && i >= extra {
			part = append(part, fill)
		}
		out = append(out, &List{items: part})
		at = end
	}
	return &generator{seq: seqOf(out)}, nil
}
