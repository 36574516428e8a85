package jinja

import (
	"fmt"
)

type keywordExpr struct {
	name string
	x    expr
}

// argExprs are the arguments of a call as they are written.
type argExprs struct {
	positional  []expr
	keywords    []keywordExpr
	rest, named expr // *rest, **named
}

type keyword struct {
	name  string
	value Value
}

// args are the arguments of a call.
type args struct {
	positional []Value
	keywords   []keyword
}

func (e *argExprs) eval(m *machine, s *scope) (a args, err error) {
	if len(e.positional) > 0 {
		if a.positional, err = m.evalAll(s, e.positional); err != nil {
			return a, err
		}
	}
	for _, k := range e.keywords {
		v, err := k.x.eval(m, s)
		if err != nil {
			return a, err
		}
		a.keywords = append(a.keywords, keyword{k.name, v})
	}
	if e.rest != nil {
		v, err := e.rest.eval(m, s)
		if err != nil {
			return a, err
		}
		items, err := m.list(v)
		if err != nil {
			return a, err
		}
		a.positional = append(a.positional, items...)
	}
	if e.named != nil {
		return a, e.evalNamed(m, s, &a)
	}
	return a, nil
}

func (e *argExprs) evalNamed(m *machine, s *scope, a *args) error {
	v, err := e.named.eval(m, s)
	if err != nil {
		return err
	}
	d, ok := v.(*Dict)
	if !ok {
		return fmt.Errorf("argument after ** must be a mapping, not %s", typeName(v))
	}
	for _, entry := range d.entries {
		name, ok := entry.key.(*Text)
		if !ok {
			return fmt.Errorf("keywords must be strings")
		}
		for _, k := range a.keywords {
			if k.name == name.s {
				return fmt.Errorf("the argument %s is given twice", k.name)
			}
		}
		a.keywords = append(a.keywords, keyword{name.s, entry.value})
	}
	return nil
}

type callExpr struct {
	f    expr
	args argExprs
	line int
}

func (e *callExpr) eval(m *machine, s *scope) (Value, error) { return e.evalWith(m, s, nil) }

func (e *callExpr) evalWith(m *machine, s *scope, caller *macro) (Value, error) {
	f, err := e.f.eval(m, s)
	if err != nil {
		return nil, err
	}
	a, err := e.args.eval(m, s)
	if err == nil {
		err = m.spend(1, 0)
	}
	if err != nil {
		return nil, fail(e.line, err)
	}
	v, err := m.call(f, a, caller)
	return v, fail(e.line, err)
}

func (m *machine) call(f Value, a args, caller *macro) (Value, error) {
	switch f := f.(type) {
	case *macro:
		return f.call(m, a, caller)
	case *function:
		if caller != nil {
			return nil, fmt.Errorf("a call block around %s, which is no macro, is not supported", f.name)
		}
		return f.call(m, a)
	case *loopState:
		if f.recurse == nil || len(a.positional) != 1 || len(a.keywords) > 0 {
			return nil, fmt.Errorf("loop can be called with one argument, in a loop marked recursive")
		}
		return f.recurse(m, a.positional[0])
	case *undefined:
		return nil, defined(f)
	}
	return nil, fmt.Errorf("'%s' object is not callable", typeName(f))
}

type filterExpr struct {
	x    expr
	f    builtin
	name string
	args argExprs
	line int
}

func (e *filterExpr) eval(m *machine, s *scope) (Value, error) {
	v, err := e.x.eval(m, s)
	if err != nil {
		return nil, err
	}
	a, err := e.args.eval(m, s)
	if err == nil {
		err = m.spend(1, 0)
	}
	if err == nil {
		v, err = e.f.call(m, v, a)
	}
	if err != nil {
		return nil, fail(e.line, fmt.Errorf("filter %s: %w", e.name, err))
	}
	return v, nil
}

type testExpr struct {
	x       expr
	f       test
	name    string
	negated bool
	args    argExprs
	line    int
}

func (e *testExpr) eval(m *machine, s *scope) (Value, error) {
	v, err := e.x.eval(m, s)
	if err != nil {
		return nil, err
	}
	a, err := e.args.eval(m, s)
	if err == nil {
		err = m.spend(1, 0)
	}
	if err != nil {
		return nil, fail(e.line, err)
	}
	ok, err := e.f.call(m, v, a)
	if err != nil {
		return nil, fail(e.line, fmt.Errorf("test %s: %w", e.name, err))
	}
	return ok != e.negated, nil
}
