package jinja

import "fmt"

// builtin is a method or a filter. Its parameters may be given by place or by
// name; one whose name is empty by place only.
type builtin struct {
	params   []string
	required int
	f        func(m *machine, recv Value, a []Value) (Value, error) // a: one per parameter, notGiven{} where it was left out
	free     func(m *machine, recv Value, a args) (Value, error)    // instead of f, for any arguments
}

type notGiven struct{}

func (b builtin) call(m *machine, recv Value, a args) (Value, error) {
	if b.free != nil {
		return b.free(m, recv, a)
	}
	values, err := bind(b.params, b.required, a)
	if err != nil {
		return nil, err
	}
	return b.f(m, recv, values)
}

// bind puts arguments in the order of the parameters.
func bind(params []string, required int, a args) ([]Value, error) {
	if len(a.positional) > len(params) {
		return nil, fmt.Errorf("%d arguments are too many", len(a.positional))
	}
	values := make([]Value, len(params))
	for i := range values {
		values[i] = notGiven{}
	}
	copy(values, a.positional)
keywords:
	for _, k := range a.keywords {
		for i, name := range params {
			if name != k.name || name == "" {
				continue
			}
			if _, free := values[i].(notGiven); !free {
				return nil, fmt.Errorf("the argument %s is given twice", name)
			}
			values[i] = k.value
			continue keywords
		}
		return nil, fmt.Errorf("there is no argument %s", k.name)
	}
	for i := range required {
		if _, free := values[i].(notGiven); free {
			return nil, fmt.Errorf("argument %d is missing", i+1)
		}
	}
	return values, nil
}

func given(v Value) bool {
	_, not := v.(notGiven)
	return !not
}

// intArg returns an integer argument, or def where it was left out.
func intArg(v Value, def int64) (int64, error) {
	if !given(v) {
		return def, nil
	}
	i, _, isInt, ok := number(v)
	if !ok || !isInt {
		return 0, fmt.Errorf("an integer is needed, not %s", typeName(v))
	}
	return i, nil
}

// textArg returns a string argument, or def where it was left out.
func textArg(v Value, def *Text) (*Text, error) {
	if !given(v) {
		return def, nil
	}
	t, ok := v.(*Text)
	if !ok {
		if err := defined(v); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("a string is needed, not %s", typeName(v))
	}
	return t, nil
}

// stringMethod makes a method of a function of the text.
func stringMethod(required int, params []string, f func(m *machine, t *Text, a []Value) (Value, error)) builtin {
	return builtin{params: params, required: required, f: func(m *machine, recv Value, a []Value) (Value, error) {
		t := recv.(*Text)
		if err := m.spend(1+int64(len(t.s)/64), int64(len(t.s))); err != nil {
			return nil, err
		}
		return f(m, t, a)
	}}
}

// methods are the attributes of values that can be called, by type.
var methods map[string]map[string]builtin

// knownMethods are the names of all methods: a call of any other is refused
// when the template is read.
var knownMethods = map[string]bool{"cycle": true, "changed": true, "next": true, "reset": true}

func init() {
	methods = map[string]map[string]builtin{
		"str":   textMethods,
		"dict":  dictMethods,
		"list":  {"index": listIndex, "count": listCount, "copy": listCopy},
		"tuple": {"index": listIndex, "count": listCount},
	}
	for _, table := range methods {
		for name := range table {
			knownMethods[name] = true
		}
	}
	for name := range mutators { // refused when they are called
		knownMethods[name] = true
	}
}

var dictMethods = map[string]builtin{
	"get": {params: []string{"", ""}, required: 1, f: func(_ *machine, recv Value, a []Value) (Value, error) {
		if _, err := hashKey(a[0]); err != nil && defined(a[0]) == nil {
			return nil, err
		}
		if v, ok := recv.(*Dict).lookup(a[0]); ok {
			return v, nil
		}
		if given(a[1]) {
			return a[1], nil
		}
		return nil, nil
	}},
	"items":  dictView("items"),
	"keys":   dictView("keys"),
	"values": dictView("values"),
	"copy": {f: func(m *machine, recv Value, _ []Value) (Value, error) {
		d := recv.(*Dict)
		return d.clone(), m.spend(1, 2*valueSize*int64(len(d.entries)))
	}},
}

func dictView(name string) builtin {
	return builtin{f: func(m *machine, recv Value, _ []Value) (Value, error) {
		d := recv.(*Dict)
		return view{name, d}, m.spend(1, 2*valueSize*int64(len(d.entries)))
	}}
}

var listIndex = builtin{params: []string{"", "", ""}, required: 1, f: func(m *machine, recv Value, a []Value) (Value, error) {
	l := recv.(*List)
	part, err := m.sliced(l, [3]Value{orNone(a[1]), orNone(a[2]), nil})
	if err != nil {
		return nil, err
	}
	from, _, _, err := sliceBounds([3]Value{orNone(a[1]), nil, nil}, int64(len(l.items)))
	if err != nil {
		return nil, err
	}
	for i, item := range part.(*List).items {
		if same, err := m.equal(item, a[0]); err != nil || same {
			return from + int64(i), err
		}
	}
	return nil, fmt.Errorf("the value is not in the list")
}}

func orNone(v Value) Value {
	if given(v) {
		return v
	}
	return nil
}

var listCount = builtin{params: []string{""}, required: 1, f: func(m *machine, recv Value, a []Value) (Value, error) {
	var n int64
	for _, item := range recv.(*List).items {
		same, err := m.equal(item, a[0])
		if err != nil {
			return nil, err
		}
		if same {
			n++
		}
	}
	return n, nil
}}

var listCopy = builtin{f: func(m *machine, recv Value, _ []Value) (Value, error) {
	l := recv.(*List)
	return &List{items: l.items, origin: l.origin}, m.spend(1, valueSize*int64(len(l.items)))
}}
