package jinja

import (
	"fmt"
	"slices"
	"strings"
)

// filters are the filters that templates may use. Those of Jinja that are not
// here mark text as safe HTML, or give other results in every render.
var filters map[string]builtin

func init() {
	filters = map[string]builtin{
		"abs":        {f: absFilter},
		"attr":       {params: []string{"name"}, required: 1, f: attrFilter},
		"batch":      {params: []string{"linecount", "fill_with"}, required: 1, f: batchFilter},
		"capitalize": textFilter("capitalize"),
		"center":     {params: []string{"width"}, f: centerFilter},
		"count":      {f: lengthFilter},
		"d":          {params: []string{"default_value", "boolean"}, f: defaultFilter},
		"default":    {params: []string{"default_value", "boolean"}, f: defaultFilter},
		"dictsort":   {params: []string{"case_sensitive", "by", "reverse"}, f: dictsortFilter},
		"first":      {f: firstFilter},
		"float":      {params: []string{"default"}, f: floatFilter},
		"format":     {free: formatFilter},
		"indent":     {params: []string{"width", "first", "blank"}, f: indentFilter},
		"int":        {params: []string{"default", "base"}, f: intFilter},
		"items":      {f: itemsFilter},
		"join":       {params: []string{"d", "attribute"}, f: joinFilter},
		"last":       {f: lastFilter},
		"length":     {f: lengthFilter},
		"list":       {f: listFilter},
		"lower":      textFilter("lower"),
		"map":        {free: mapFilter},
		"max":        {params: []string{"case_sensitive", "attribute"}, f: extremeFilter(1)},
		"min":        {params: []string{"case_sensitive", "attribute"}, f: extremeFilter(-1)},
		"reject":     {free: selectFilter(false, false)},
		"rejectattr": {free: selectFilter(false, true)},
		"replace":    {params: []string{"old", "new", "count"}, required: 2, f: replaceFilter},
		"reverse":    {f: reverseFilter},
		"round":      {params: []string{"precision", "method"}, f: roundFilter},
		"safe":       {f: func(*machine, Value, []Value) (Value, error) { return nil, fmt.Errorf("not supported here") }},
		"select":     {free: selectFilter(true, false)},
		"selectattr": {free: selectFilter(true, true)},
		"slice":      {params: []string{"slices", "fill_with"}, required: 1, f: sliceFilter},
		"sort":       {params: []string{"reverse", "case_sensitive", "attribute"}, f: sortFilter},
		"string":     {f: func(m *machine, v Value, _ []Value) (Value, error) { return m.str(v) }},
		"sum":        {params: []string{"attribute", "start"}, f: sumFilter},
		"title":      {f: titleFilter},
		"tojson":     {params: []string{"ensure_ascii", "indent", "separators", "sort_keys"}, f: tojsonFilter},
		"trim":       {params: []string{"chars"}, f: trimFilter},
		"truncate":   {params: []string{"length", "killwords", "end", "leeway"}, f: truncateFilter},
		"unique":     {params: []string{"case_sensitive", "attribute"}, f: uniqueFilter},
		"upper":      textFilter("upper"),
		"wordcount":  {f: wordcountFilter},
	}
}

// textFilter is a method of str for any value, as text.
func textFilter(method string) builtin {
	return builtin{f: func(m *machine, v Value, _ []Value) (Value, error) {
		t, err := m.str(v)
		if err != nil {
			return nil, err
		}
		return textMethods[method].call(m, t, args{})
	}}
}

func attrFilter(m *machine, v Value, a []Value) (Value, error) {
	name, err := textArg(a[0], nil)
	if err == nil {
		err = defined(v)
	}
	if err != nil {
		return nil, err
	}
	got, ok, err := m.method(v, name.s)
	if !ok && err == nil {
		return missing(v, "attribute", name.s), nil
	}
	return got, err
}

func centerFilter(m *machine, v Value, a []Value) (Value, error) {
	t, err := m.str(v)
	if err != nil {
		return nil, err
	}
	width, err := intArg(a[0], 80)
	if err != nil {
		return nil, err
	}
	return m.pad(t, width, NewText(" "), true, true)
}

func lengthFilter(_ *machine, v Value, _ []Value) (Value, error) {
	n, ok := length(v)
	if !ok {
		return nil, fmt.Errorf("object of type '%s' has no len()", typeName(v))
	}
	return n, nil
}

func defaultFilter(_ *machine, v Value, a []Value) (Value, error) {
	_, undef := v.(*undefined)
	if !undef && (!given(a[1]) || !truth(a[1]) || truth(v)) {
		return v, nil
	}
	if !given(a[0]) {
		return emptyText, nil
	}
	return a[0], nil
}

func formatFilter(m *machine, v Value, a args) (Value, error) {
	t, err := m.str(v)
	if err != nil {
		return nil, err
	}
	if len(a.keywords) == 0 {
		return m.formatPercent(t, &List{items: a.positional, tuple: true})
	}
	if len(a.positional) > 0 {
		return nil, fmt.Errorf("can't handle positional and keyword arguments at the same time")
	}
	d := NewDict()
	for _, k := range a.keywords {
		d.Set(k.name, k.value)
	}
	return m.formatPercent(t, d)
}

func indentFilter(m *machine, v Value, a []Value) (Value, error) {
	t, ok := v.(*Text)
	if !ok {
		if err := defined(v); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("a string is needed, not %s", typeName(v))
	}
	indention, err := indentText(m, a[0], 4)
	if err != nil {
		return nil, err
	}
	lines, err := m.splitLines(&Text{s: t.s + "\n", runs: t.runs}, false)
	if err != nil {
		return nil, err
	}
	blank := given(a[2]) && truth(a[2])
	var b textBuilder
	for i, item := range lines.(*List).items {
		line := item.(*Text)
		if i > 0 {
			b.buf = append(b.buf, '\n')
		}
		if i == 0 && given(a[1]) && truth(a[1]) || i > 0 && (blank || line.s != "") {
			if err := m.write(&b, indention); err != nil {
				return nil, err
			}
		}
		if err := m.write(&b, line); err != nil {
			return nil, err
		}
	}
	if r, ok := t.origin(); ok {
		b.claim(0, r.Origin)
	}
	return b.text(), m.spend(1, int64(len(b.buf)))
}

// indentText returns an indentation that is given as a number or as text.
func indentText(m *machine, v Value, def int64) (*Text, error) {
	if t, ok := v.(*Text); ok {
		return t, nil
	}
	n, err := intArg(v, def)
	if err != nil {
		return nil, err
	}
	spaces, err := m.repeat(NewText(" "), n)
	if err != nil {
		return nil, err
	}
	return spaces.(*Text), nil
}

func replaceFilter(m *machine, v Value, a []Value) (Value, error) {
	t, err := m.str(v)
	if err != nil {
		return nil, err
	}
	from, err := m.str(a[0])
	if err != nil {
		return nil, err
	}
	to, err := m.str(a[1])
	if err != nil {
		return nil, err
	}
	return m.replace(t, from, to, a[2])
}

// titleFilter starts words with a capital as the filter does: it knows words
// by what stands before them, unlike str.title.
func titleFilter(m *machine, v Value, _ []Value) (Value, error) {
	t, err := m.str(v)
	if err != nil {
		return nil, err
	}
	starts := true
	out := convert(t, func(at int, r rune) string {
		first := starts
		starts = IsSpace(r) || strings.ContainsRune("-({[<", r)
		if first && !starts {
			return upperRune(r)
		}
		return lowerRune(t.s, at, r)
	})
	return out, m.spend(int64(1+len(t.s)/64), int64(len(out.s)+runSize*len(out.runs)))
}

func tojsonFilter(m *machine, v Value, a []Value) (Value, error) {
	style := jsonStyle{comma: ", ", colon: ": "}
	style.ascii = given(a[0]) && truth(a[0])
	style.sortKeys = given(a[3]) && truth(a[3])
	if given(a[1]) && a[1] != nil {
		indent, err := indentText(m, a[1], 0)
		if err != nil {
			return nil, err
		}
		style.indent, style.lines, style.comma = indent.s, true, ","
	}
	if given(a[2]) && a[2] != nil {
		l, ok := a[2].(*List)
		if !ok || len(l.items) != 2 || !allTexts(l.items) {
			return nil, fmt.Errorf("separators must be two strings")
		}
		style.comma, style.colon = l.items[0].(*Text).s, l.items[1].(*Text).s
	}
	var b textBuilder
	err := m.toJSON(&b, v, style, 0)
	return b.text(), err
}

func trimFilter(m *machine, v Value, a []Value) (Value, error) {
	t, err := m.str(v)
	if err != nil {
		return nil, err
	}
	return stringMethod(0, []string{""}, stripMethod(true, true)).call(m, t, args{positional: slices.DeleteFunc(a, func(v Value) bool { return !given(v) })})
}

func truncateFilter(m *machine, v Value, a []Value) (Value, error) {
	t, ok := v.(*Text)
	if !ok {
		return nil, fmt.Errorf("a string is needed, not %s", typeName(v))
	}
	limit, err := intArg(a[0], 255)
	if err != nil {
		return nil, err
	}
	end, err := textArg(a[2], NewText("..."))
	if err != nil {
		return nil, err
	}
	leeway := int64(5)
	if given(a[3]) && a[3] != nil {
		if leeway, err = intArg(a[3], 5); err != nil {
			return nil, err
		}
	}
	keep := limit - int64(end.runeCount())
	if keep < 0 || leeway < 0 {
		return nil, fmt.Errorf("length or leeway is too small")
	}
	if int64(t.runeCount()) <= limit+leeway {
		return t, nil
	}
	part := t.slice(0, t.offsets([]int{int(keep)})[0])
	if !given(a[1]) || !truth(a[1]) {
		if i := strings.LastIndexByte(part.s, ' '); i >= 0 {
			part = part.slice(0, i)
		}
	}
	return m.add(part, end)
}

func wordcountFilter(m *machine, v Value, _ []Value) (Value, error) {
	t, err := m.str(v)
	if err != nil {
		return nil, err
	}
	words := strings.FieldsFunc(t.s, func(r rune) bool { return r != '_' && !isAlphanumeric(r) })
	return int64(len(words)), m.spend(int64(1+len(t.s)/64), 0)
}
