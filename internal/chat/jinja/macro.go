package jinja

import "fmt"

// macroNode is a macro, or the body of a call block, as it is written.
type macroNode struct {
	name   string
	params []macroParam
	scope  *scopeNode
	body   []stmt
	line   int
	resume int // where the body of a call block goes on, for the parser

	outer   *macroNode
	special [3]int // ids of varargs, kwargs, caller

	varargs, kwargs, caller bool // the body reads them
}

var specialNames = [3]string{"varargs", "kwargs", "caller"}

type macroParam struct {
	id   int
	name string
	def  expr
}

// reads notes that the body reads a name which may be special.
func (n *macroNode) reads(name string) {
	for ; n != nil; n = n.outer {
		n.varargs = n.varargs || name == "varargs"
		n.kwargs = n.kwargs || name == "kwargs"
		n.caller = n.caller || name == "caller"
	}
}

// macro is a macro with the scope that it was defined in.
type macro struct {
	*macroNode
	defined *scope
}

type macroStmt struct {
	id    int
	macro *macroNode
}

func (st *macroStmt) run(_ *machine, s *scope, _ *textBuilder) (signal, error) {
	s.set(st.id, &macro{st.macro, s})
	return signalNone, nil
}

type callStmt struct {
	call   *callExpr
	caller *macroNode
	line   int
}

func (st *callStmt) run(m *machine, s *scope, out *textBuilder) (signal, error) {
	v, err := st.call.evalWith(m, s, &macro{st.caller, s})
	var t *Text
	if err == nil {
		t, err = m.str(v)
	}
	if err == nil {
		err = m.write(out, t)
	}
	return signalNone, fail(st.line, err)
}

// call runs the macro. caller is the body of a call block, or nil.
func (c *macro) call(m *machine, a args, caller *macro) (Value, error) {
	if err := m.enter(); err != nil {
		return nil, err
	}
	defer m.leave()
	s := m.open(c.defined, c.scope)
	if err := c.bind(m, s, a, caller); err != nil {
		return nil, err
	}
	return m.capture(c.body, s)
}

// bind gives the parameters their values.
func (c *macro) bind(m *machine, s *scope, a args, caller *macro) error {
	given := make([]bool, len(c.params))
	for i, p := range c.params {
		if i < len(a.positional) {
			s.set(p.id, a.positional[i])
			given[i] = true
		}
	}
	kwargs := NewDict()
keywords:
	for _, k := range a.keywords {
		for i, p := range c.params {
			if p.name == k.name {
				if given[i] {
					return fmt.Errorf("macro %s got two values for %s", c.name, k.name)
				}
				s.set(p.id, k.value)
				given[i] = true
				continue keywords
			}
		}
		if k.name == "caller" {
			return fmt.Errorf("giving caller to a macro is supported by {%% call %%} only")
		}
		if !c.kwargs {
			return fmt.Errorf("macro %s takes no argument %s", c.name, k.name)
		}
		kwargs.Set(k.name, k.value)
	}
	extra := a.positional[min(len(c.params), len(a.positional)):]
	if len(extra) > 0 && !c.varargs {
		return fmt.Errorf("macro %s takes not more than %d arguments", c.name, len(c.params))
	}
	if caller != nil && !c.caller {
		return fmt.Errorf("macro %s was called by a call block but does not use caller", c.name)
	}
	c.bindSpecial(s, extra, kwargs, caller)
	for i, p := range c.params {
		if given[i] {
			continue
		}
		if p.def == nil {
			s.set(p.id, &undefined{fmt.Sprintf("parameter '%s' was not provided", p.name)})
			continue
		}
		v, err := p.def.eval(m, s)
		if err != nil {
			return err
		}
		s.set(p.id, v)
	}
	return nil
}

func (c *macro) bindSpecial(s *scope, varargs []Value, kwargs *Dict, caller *macro) {
	if c.varargs {
		s.set(c.special[0], &List{items: varargs, tuple: true})
	}
	if c.kwargs {
		s.set(c.special[1], kwargs)
	}
	if c.caller {
		if caller != nil {
			s.set(c.special[2], caller)
		} else {
			s.set(c.special[2], &undefined{"No caller defined"})
		}
	}
}
