package jinja

import "fmt"

type forStmt struct {
	target    target
	iter      expr
	test      expr
	recursive bool
	loop      int // id of the name loop
	scope     *scopeNode
	body      []stmt
	elseScope *scopeNode
	otherwise []stmt
	line      int
}

func (st *forStmt) run(m *machine, s *scope, out *textBuilder) (signal, error) {
	v, err := st.iter.eval(m, s)
	if err != nil {
		return signalNone, fail(st.line, err)
	}
	sig, err := st.over(m, s, out, v, 0)
	return sig, fail(st.line, err)
}

// over runs the loop over the items of v. As in jinja2, the else runs unless
// an iteration came to its end, without break or continue; and a break or
// continue in the else is one of the loop around.
func (st *forStmt) over(m *machine, s *scope, out *textBuilder, v Value, depth int) (signal, error) {
	items, err := m.list(v)
	if err != nil {
		return signalNone, err
	}
	if items, err = st.tested(m, s, items); err != nil {
		return signalNone, err
	}
	ended, err := st.iterate(m, s, out, items, depth)
	if err != nil || ended || st.elseScope == nil {
		return signalNone, err
	}
	return m.run(st.otherwise, m.open(s, st.elseScope), out)
}

// iterate reports whether an iteration came to its end.
func (st *forStmt) iterate(m *machine, s *scope, out *textBuilder, items []Value, depth int) (ended bool, err error) {
	l := &loopState{items: items, depth: depth}
	if st.recursive {
		l.recurse = func(m *machine, v Value) (*Text, error) {
			if err := m.enter(); err != nil {
				return nil, err
			}
			defer m.leave()
			var b textBuilder
			_, err := st.over(m, s, &b, v, depth+1)
			return b.text(), err
		}
	}
	inner := &scope{parent: s}
	for l.index < len(items) {
		if err := m.spend(3, 0); err != nil {
			return ended, err
		}
		item := items[l.index]
		inner.vars = inner.vars[:0]
		m.hide(inner, st.scope)
		if err := m.assign(inner, st.target, item); err != nil {
			return ended, err
		}
		inner.set(st.loop, l)
		start := len(out.buf)
		sig, err := m.run(st.body, inner, out)
		if err != nil {
			return ended, err
		}
		claim(out, start, item)
		if sig == signalBreak {
			break
		}
		ended = ended || sig == signalNone
		l.index++
	}
	return ended, nil
}

// claim says that what an iteration has written was written for its item.
func claim(out *textBuilder, start int, item Value) {
	switch item.(type) {
	case *List, *Dict:
		if origin := originOf(item); origin > 0 {
			out.claim(start, origin)
		}
	}
}

// tested returns the items for which the loop's own condition holds.
func (st *forStmt) tested(m *machine, s *scope, items []Value) ([]Value, error) {
	if st.test == nil {
		return items, nil
	}
	var out []Value
	inner := &scope{parent: s}
	for _, item := range items {
		inner.vars = inner.vars[:0]
		if err := m.assign(inner, st.target, item); err != nil {
			return nil, err
		}
		ok, err := st.test.eval(m, inner)
		if err != nil {
			return nil, err
		}
		if truth(ok) {
			out = append(out, item)
		}
	}
	return out, m.spend(int64(len(items)), valueSize*int64(len(out)))
}

// loopState is the variable loop.
type loopState struct {
	items   []Value
	index   int
	depth   int
	last    []Value // what loop.changed was called with
	called  bool
	recurse func(m *machine, v Value) (*Text, error)
}

func (l *loopState) attr(name string) (Value, bool) {
	n := len(l.items)
	switch name {
	case "index":
		return int64(l.index + 1), true
	case "index0":
		return int64(l.index), true
	case "revindex":
		return int64(n - l.index), true
	case "revindex0":
		return int64(n - l.index - 1), true
	case "first":
		return l.index == 0, true
	case "last":
		return l.index == n-1, true
	case "length":
		return int64(n), true
	case "depth":
		return int64(l.depth + 1), true
	case "depth0":
		return int64(l.depth), true
	case "previtem":
		if l.index == 0 {
			return &undefined{"there is no previous item"}, true
		}
		return l.items[l.index-1], true
	case "nextitem":
		if l.index == n-1 {
			return &undefined{"there is no next item"}, true
		}
		return l.items[l.index+1], true
	case "cycle":
		return &function{name, l.cycle}, true
	case "changed":
		return &function{name, l.changed}, true
	}
	return nil, false
}

func (l *loopState) cycle(_ *machine, a args) (Value, error) {
	if len(a.positional) == 0 || len(a.keywords) > 0 {
		return nil, fmt.Errorf("loop.cycle needs the values to cycle through")
	}
	return a.positional[l.index%len(a.positional)], nil
}

func (l *loopState) changed(m *machine, a args) (Value, error) {
	if l.called {
		same, err := m.equal(&List{items: l.last}, &List{items: a.positional})
		if err != nil || same {
			return false, err
		}
	}
	l.last, l.called = a.positional, true
	return true, nil
}
