package jinja

import (
	"fmt"
	"strings"
)

// refusedGlobals are globals of Jinja that are not here.
var refusedGlobals = map[string]bool{"lipsum": true, "self": true, "super": true}

// globals are the functions that templates may call, in Jinja's sandbox or of
// transformers.
var globals map[string]Value

func init() {
	globals = make(map[string]Value)
	for name, call := range map[string]func(*machine, args) (Value, error){
		"range": rangeGlobal, "dict": dictGlobal, "namespace": namespaceGlobal, "cycler": cyclerGlobal,
		"joiner": joinerGlobal, "raise_exception": raiseGlobal, "strftime_now": strftimeGlobal,
	} {
		globals[name] = &function{name, func(m *machine, a args) (Value, error) {
			v, err := call(m, a)
			if _, raised := err.(*Raised); err != nil && !raised {
				err = fmt.Errorf("%s: %w", name, err)
			}
			return v, err
		}}
	}
}

// maxRange is what the sandbox of Jinja allows.
const maxRange = 100_000

func rangeGlobal(_ *machine, a args) (Value, error) {
	values, err := bind([]string{"", "", ""}, 1, a)
	if err != nil {
		return nil, err
	}
	var bounds [3]int64
	for i, v := range values {
		if err := defined(v); err != nil {
			return nil, err
		}
		if bounds[i], err = intArg(v, 1); err != nil {
			return nil, err
		}
		if bounds[i] > 1<<40 || bounds[i] < -1<<40 {
			return nil, fmt.Errorf("%d is too large", bounds[i])
		}
	}
	r := rangeValue{bounds[0], bounds[1], bounds[2]}
	if !given(values[1]) {
		r = rangeValue{0, bounds[0], 1}
	}
	if r.step == 0 {
		return nil, fmt.Errorf("arg 3 must not be zero")
	}
	if r.len() > maxRange {
		return nil, fmt.Errorf("range too big: the sandbox blocks ranges larger than %d", maxRange)
	}
	return r, nil
}

// dictGlobal is dict(a=1), dict({...}) or dict([[key, value]]).
func dictGlobal(m *machine, a args) (Value, error) {
	d := NewDict()
	if len(a.positional) > 1 {
		return nil, fmt.Errorf("expected at most 1 argument, got %d", len(a.positional))
	}
	if len(a.positional) == 1 {
		if from, ok := a.positional[0].(*Dict); ok {
			d = from.clone()
		} else {
			pairs, err := m.list(a.positional[0])
			if err != nil {
				return nil, err
			}
			for _, p := range pairs {
				pair, err := m.list(p)
				if err != nil {
					return nil, err
				}
				if len(pair) != 2 {
					return nil, fmt.Errorf("an element has length %d; 2 is required", len(pair))
				}
				if err := d.set(pair[0], pair[1]); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, k := range a.keywords {
		d.Set(k.name, k.value)
	}
	return d, m.spend(1, 2*valueSize*int64(len(d.entries)))
}

func namespaceGlobal(m *machine, a args) (Value, error) {
	v, err := dictGlobal(m, a)
	if err != nil {
		return nil, err
	}
	ns := &namespace{attrs: NewDict()}
	for _, e := range v.(*Dict).entries {
		name, ok := e.key.(*Text)
		if !ok {
			return nil, fmt.Errorf("the name of an attribute must be a string")
		}
		if err := ns.set(name.s, e.value); err != nil {
			return nil, err
		}
	}
	return ns, nil
}

func (n *namespace) set(name string, v Value) error {
	if strings.HasPrefix(name, "_") {
		return fmt.Errorf("a namespace cannot hold the attribute %s: it starts with an underscore", name)
	}
	n.attrs.Set(name, v)
	return nil
}

// cycler is what cycler() returns.
type cycler struct {
	items []Value
	at    int
}

func cyclerGlobal(_ *machine, a args) (Value, error) {
	if len(a.positional) == 0 || len(a.keywords) > 0 {
		return nil, fmt.Errorf("at least one item has to be provided")
	}
	return &cycler{items: a.positional}, nil
}

func (c *cycler) attr(name string) (Value, bool) {
	switch name {
	case "current":
		return c.items[c.at], true
	case "next":
		return &function{name, func(*machine, args) (Value, error) {
			v := c.items[c.at]
			c.at = (c.at + 1) % len(c.items)
			return v, nil
		}}, true
	case "reset":
		return &function{name, func(*machine, args) (Value, error) {
			c.at = 0
			return nil, nil
		}}, true
	}
	return nil, false
}

func joinerGlobal(_ *machine, a args) (Value, error) {
	values, err := bind([]string{"sep"}, 0, a)
	if err != nil {
		return nil, err
	}
	sep := Value(NewText(", "))
	if given(values[0]) {
		sep = values[0]
	}
	used := false
	return &function{"joiner", func(*machine, args) (Value, error) {
		if !used {
			used = true
			return emptyText, nil
		}
		return sep, nil
	}}, nil
}

func raiseGlobal(m *machine, a args) (Value, error) {
	values, err := bind([]string{"message"}, 1, a)
	if err != nil {
		return nil, err
	}
	t, err := m.str(values[0])
	if err != nil {
		return nil, err
	}
	return nil, &Raised{t.s}
}

func strftimeGlobal(m *machine, a args) (Value, error) {
	values, err := bind([]string{"format"}, 1, a)
	if err != nil {
		return nil, err
	}
	format, err := textArg(values[0], nil)
	if err != nil {
		return nil, err
	}
	s, err := strftime(format.s, m.clock())
	return NewText(s), err
}
