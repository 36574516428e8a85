package jinja

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

var textMethods = map[string]builtin{
	"strip":  stringMethod(0, []string{""}, stripMethod(true, true)),
	"lstrip": stringMethod(0, []string{""}, stripMethod(true, false)),
	"rstrip": stringMethod(0, []string{""}, stripMethod(false, true)),
	"split":  stringMethod(0, []string{"sep", "maxsplit"}, splitMethod(false)),
	"rsplit": stringMethod(0, []string{"sep", "maxsplit"}, splitMethod(true)),
	"splitlines": stringMethod(0, []string{"keepends"}, func(m *machine, t *Text, a []Value) (Value, error) {
		return m.splitLines(t, given(a[0]) && truth(a[0]))
	}),
	"partition":  stringMethod(1, []string{""}, partitionMethod(false)),
	"rpartition": stringMethod(1, []string{""}, partitionMethod(true)),
	"startswith": stringMethod(1, []string{"", "", ""}, affixMethod(strings.HasPrefix)),
	"endswith":   stringMethod(1, []string{"", "", ""}, affixMethod(strings.HasSuffix)),
	"removeprefix": stringMethod(1, []string{""}, func(_ *machine, t *Text, a []Value) (Value, error) {
		p, err := textArg(a[0], nil)
		if err != nil || !strings.HasPrefix(t.s, p.s) {
			return t, err
		}
		return t.slice(len(p.s), len(t.s)), nil
	}),
	"removesuffix": stringMethod(1, []string{""}, func(_ *machine, t *Text, a []Value) (Value, error) {
		p, err := textArg(a[0], nil)
		if err != nil || !strings.HasSuffix(t.s, p.s) {
			return t, err
		}
		return t.slice(0, len(t.s)-len(p.s)), nil
	}),
	"replace": stringMethod(2, []string{"", "", ""}, func(m *machine, t *Text, a []Value) (Value, error) {
		return m.replace(t, a[0], a[1], a[2])
	}),
	"join": stringMethod(1, []string{""}, func(m *machine, t *Text, a []Value) (Value, error) {
		return m.join(t, a[0], true)
	}),
	"find":   stringMethod(1, []string{"", "", ""}, findMethod(strings.Index, false)),
	"rfind":  stringMethod(1, []string{"", "", ""}, findMethod(strings.LastIndex, false)),
	"index":  stringMethod(1, []string{"", "", ""}, findMethod(strings.Index, true)),
	"rindex": stringMethod(1, []string{"", "", ""}, findMethod(strings.LastIndex, true)),
	"count":  stringMethod(1, []string{"", "", ""}, countMethod),
	"upper":  stringMethod(0, nil, recase(upperText)),
	"lower":  stringMethod(0, nil, recase(lowerText)),
	"casefold": stringMethod(0, nil, recase(func(t *Text) *Text {
		return foldText(t)
	})),
	"capitalize": stringMethod(0, nil, recase(capitalizeText)),
	"title":      stringMethod(0, nil, recase(titleText)),
	"swapcase":   stringMethod(0, nil, recase(swapText)),
	"center":     stringMethod(1, []string{"", ""}, padMethod(true, true)),
	"ljust":      stringMethod(1, []string{"", ""}, padMethod(false, true)),
	"rjust":      stringMethod(1, []string{"", ""}, padMethod(true, false)),
	"zfill":      stringMethod(1, []string{""}, zfillMethod),
	"format":     {free: func(m *machine, recv Value, a args) (Value, error) { return m.formatBraces(recv.(*Text), a) }},
	"isspace":    classMethod(IsSpace),
	"isalpha":    classMethod(unicode.IsLetter),
	"isalnum":    classMethod(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
	"isdigit":    classMethod(isDigit),
	"isdecimal":  classMethod(unicode.IsDigit),
	"isnumeric":  classMethod(unicode.IsNumber),
	"isascii": stringMethod(0, nil, func(_ *machine, t *Text, _ []Value) (Value, error) {
		return strings.IndexFunc(t.s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0, nil
	}),
	"islower": stringMethod(0, nil, func(_ *machine, t *Text, _ []Value) (Value, error) {
		return isCased(t.s, unicode.IsUpper, isLower), nil
	}),
	"isupper": stringMethod(0, nil, func(_ *machine, t *Text, _ []Value) (Value, error) {
		return isCased(t.s, isLower, unicode.IsUpper), nil
	}),
}

// strip removes characters of a set, white space where it is nil, from the ends.
func strip(t *Text, set *Text, left, right bool) *Text {
	cut := IsSpace
	if set != nil {
		cut = func(r rune) bool { return strings.ContainsRune(set.s, r) }
	}
	from, to := 0, len(t.s)
	if right {
		to = len(strings.TrimRightFunc(t.s, cut))
	}
	if left {
		from = to - len(strings.TrimLeftFunc(t.s[:to], cut))
	}
	return t.slice(from, to)
}

func stripMethod(left, right bool) func(*machine, *Text, []Value) (Value, error) {
	return func(_ *machine, t *Text, a []Value) (Value, error) {
		if !given(a[0]) || a[0] == nil {
			return strip(t, nil, left, right), nil
		}
		set, err := textArg(a[0], nil)
		if err != nil {
			return nil, err
		}
		return strip(t, set, left, right), nil
	}
}

// window returns the part of t that the optional bounds leave, and where it
// starts, in characters. ok is false where the start is behind the end of t.
func window(t *Text, from, to Value) (part *Text, start int64, ok bool, err error) {
	if !given(from) && !given(to) {
		return t, 0, true, nil
	}
	n := int64(t.runeCount())
	start, count, _, err := sliceBounds([3]Value{orNone(from), orNone(to), nil}, n)
	if err != nil {
		return nil, 0, false, err
	}
	if i, _, _, isNumber := number(orNone(from)); isNumber && i > n {
		return emptyText, 0, false, nil
	}
	at := t.offsets([]int{int(start), int(start + count)})
	return t.slice(at[0], at[1]), start, true, nil
}

func affixMethod(has func(s, affix string) bool) func(*machine, *Text, []Value) (Value, error) {
	return func(_ *machine, t *Text, a []Value) (Value, error) {
		affixes := []Value{a[0]}
		if l, isList := a[0].(*List); isList && l.tuple {
			affixes = l.items
		}
		part, _, ok, err := window(t, a[1], a[2])
		if err != nil {
			return nil, err
		}
		for _, v := range affixes {
			affix, err := textArg(v, nil)
			if err != nil {
				return nil, err
			}
			if ok && has(part.s, affix.s) {
				return true, nil
			}
		}
		return false, nil
	}
}

func findMethod(find func(s, sub string) int, must bool) func(*machine, *Text, []Value) (Value, error) {
	return func(_ *machine, t *Text, a []Value) (Value, error) {
		sub, err := textArg(a[0], nil)
		if err != nil {
			return nil, err
		}
		part, start, ok, err := window(t, a[1], a[2])
		if err != nil {
			return nil, err
		}
		i := -1
		if ok {
			i = find(part.s, sub.s)
		}
		if i < 0 {
			if must {
				return nil, fmt.Errorf("substring not found")
			}
			return int64(-1), nil
		}
		return start + int64(utf8.RuneCountInString(part.s[:i])), nil
	}
}

func countMethod(_ *machine, t *Text, a []Value) (Value, error) {
	sub, err := textArg(a[0], nil)
	if err != nil {
		return nil, err
	}
	part, _, ok, err := window(t, a[1], a[2])
	if err != nil || !ok {
		return int64(0), err
	}
	return int64(strings.Count(part.s, sub.s)), nil
}

// replace is str.replace. What stands for a tagged piece is derived from it.
func (m *machine) replace(t *Text, from, to, count Value) (*Text, error) {
	old, err := textArg(from, nil)
	if err != nil {
		return nil, err
	}
	replacement, err := textArg(to, nil)
	if err != nil {
		return nil, err
	}
	limit := int64(-1)
	if given(count) && count != nil {
		if limit, err = intArg(count, -1); err != nil {
			return nil, err
		}
	}
	if len(t.runs) == 0 && len(replacement.runs) == 0 {
		return m.replacePlain(t, old.s, replacement.s, int(max(-1, min(limit, math.MaxInt32))))
	}
	var b textBuilder
	at := 0
	for ; limit != 0; limit-- {
		i := strings.Index(t.s[at:], old.s)
		if old.s == "" && b.buf != nil { // before every character, and at the end
			if at == len(t.s) {
				break
			}
			i = runeLen(t.s, at)
		}
		if i < 0 {
			break
		}
		if err := m.write(&b, t.slice(at, at+i)); err != nil {
			return nil, err
		}
		at += i
		if err := m.spend(4, int64(len(replacement.s))); err != nil {
			return nil, err
		}
		if len(replacement.runs) > 0 {
			b.write(replacement)
		} else {
			b.writeDerived(replacement.s, t, min(at, len(t.s)-1))
		}
		if b.buf == nil {
			b.buf = []byte{}
		}
		at += len(old.s)
	}
	if at == 0 && b.buf == nil {
		return t, nil
	}
	err = m.write(&b, t.slice(at, len(t.s)))
	return b.text(), err
}

// replacePlain is replace for text without origin.
func (m *machine) replacePlain(t *Text, from, to string, limit int) (*Text, error) {
	n := strings.Count(t.s, from)
	if limit >= 0 {
		n = min(n, limit)
	}
	if err := m.spend(int64(1+n/4), int64(len(t.s)+n*(len(to)-len(from)))); err != nil {
		return nil, err
	}
	return NewText(strings.Replace(t.s, from, to, limit)), nil
}

// join is str.join, or the filter, which turns the items into text first.
// What stands between items of a tagged list is derived from it.
func (m *machine) join(sep *Text, items Value, strict bool) (*Text, error) {
	list, err := m.list(items)
	if err != nil {
		return nil, err
	}
	var b textBuilder
	for i, item := range list {
		t, ok := item.(*Text)
		if !ok && strict {
			return nil, fmt.Errorf("sequence item %d: expected str instance, %s found", i, typeName(item))
		}
		if !ok {
			if t, err = m.str(item); err != nil {
				return nil, err
			}
		}
		if i > 0 {
			if err := m.write(&b, sep); err != nil {
				return nil, err
			}
		}
		if err := m.write(&b, t); err != nil {
			return nil, err
		}
	}
	if origin := originOf(items); origin > 0 {
		b.claim(0, origin)
	}
	return b.text(), m.spend(int64(len(list)), int64(len(b.buf)))
}

func padMethod(left, right bool) func(*machine, *Text, []Value) (Value, error) {
	return func(m *machine, t *Text, a []Value) (Value, error) {
		width, err := intArg(a[0], 0)
		if err != nil {
			return nil, err
		}
		fill, err := textArg(a[1], NewText(" "))
		if err != nil {
			return nil, err
		}
		if fill.runeCount() != 1 {
			return nil, fmt.Errorf("the fill character must be exactly one character long")
		}
		return m.pad(t, width, fill, left, right)
	}
}

func (m *machine) pad(t *Text, width int64, fill *Text, left, right bool) (*Text, error) {
	space := width - int64(t.runeCount())
	if space <= 0 {
		return t, nil
	}
	before := int64(0)
	switch {
	case left && right:
		before = space/2 + space&width&1
	case left:
		before = space
	}
	l, err := m.repeat(fill, before)
	if err != nil {
		return nil, err
	}
	r, err := m.repeat(fill, space-before)
	if err != nil {
		return nil, err
	}
	var b textBuilder
	for _, part := range []*Text{l.(*Text), t, r.(*Text)} {
		if err := m.write(&b, part); err != nil {
			return nil, err
		}
	}
	return b.text(), nil
}

func zfillMethod(m *machine, t *Text, a []Value) (Value, error) {
	width, err := intArg(a[0], 0)
	if err != nil {
		return nil, err
	}
	sign := 0
	if strings.HasPrefix(t.s, "-") || strings.HasPrefix(t.s, "+") {
		sign = 1
	}
	digits, err := m.pad(t.slice(sign, len(t.s)), width-int64(sign), NewText("0"), true, false)
	if err != nil || sign == 0 {
		return digits, err
	}
	return m.add(t.slice(0, sign), digits)
}

func classMethod(is func(rune) bool) builtin {
	return stringMethod(0, nil, func(_ *machine, t *Text, _ []Value) (Value, error) {
		return t.s != "" && strings.IndexFunc(t.s, func(r rune) bool { return !is(r) }) < 0, nil
	})
}
