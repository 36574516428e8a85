package jinja

import "slices"

// ifStatement reads an if with its elifs, which are ifs inside its else.
func (p *parser) ifStatement() (stmt, error) {
	s := &ifStmt{}
	end, err := "elif", error(nil)
	body, err := p.inBranch(func() error { end, err = p.ifArm(s); return err })
	if err != nil {
		return nil, err
	}
	elifs, err := p.inBranch(func() error {
		for end == "elif" {
			arm, err := p.inBranch(func() error { end, err = p.ifArm(s); return err })
			if err != nil {
				return err
			}
			p.symbols.merge(arm, branch{}, branch{})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	otherwise, err := p.inBranch(func() error {
		if end == "else" {
			s.otherwise, _, err = p.block("endif")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p.symbols.merge(body, elifs, otherwise)
	return s, nil
}

func (p *parser) ifArm(s *ifStmt) (end string, err error) {
	test, err := p.tuple(tupleOptions{noCond: true})
	if err != nil {
		return "", err
	}
	body, end, err := p.block("elif", "else", "endif")
	s.arms = append(s.arms, ifArm{test, body})
	return end, err
}

func (p *parser) forStatement(line int) (stmt, error) {
	s := &forStmt{line: line, loop: p.id("loop")}
	at := p.at
	if err := p.skipTarget(); err != nil {
		return nil, err
	}
	iter, err := p.tuple(tupleOptions{noCond: true, end: "recursive"})
	if err != nil {
		return nil, err
	}
	s.iter = iter
	after := p.at
	s.scope = p.openScope()
	p.at = at
	if s.target, err = p.target(tupleOptions{simple: true, end: "in"}, false); err != nil {
		return nil, err
	}
	if s.target.assigns("loop") {
		return nil, p.fail(line, "a loop cannot assign its special variable loop")
	}
	p.at = after
	if p.skipName("if") {
		if s.test, err = p.expression(); err != nil {
			return nil, err
		}
	}
	s.recursive = p.skipName("recursive")
	p.assign(s.loop)
	p.loops++
	body, end, err := p.block("else", "endfor")
	p.loops--
	p.closeScope()
	if err != nil {
		return nil, err
	}
	s.body = body
	if end == "else" {
		err = p.loopElse(s)
	}
	return s, err
}

// loopElse reads the else of a loop. A recursive loop is a function in jinja2,
// so there nothing breaks or continues the loop around.
func (p *parser) loopElse(s *forStmt) (err error) {
	loops := p.loops
	if s.recursive {
		p.loops = 0
	}
	s.elseScope = p.openScope()
	s.otherwise, _, err = p.block("endfor")
	p.closeScope()
	p.loops = loops
	return err
}

// skipTarget moves to behind the "in" of a for: the names before it belong to
// a scope that opens only after what is iterated over.
func (p *parser) skipTarget() error {
	if _, err := p.target(tupleOptions{simple: true, end: "in"}, true); err != nil {
		return err
	}
	if !p.skipName("in") {
		t := p.peek()
		return p.fail(t.line, `expected "in", found %s`, t.describe())
	}
	return nil
}

func (p *parser) setStatement(line int) (stmt, error) {
	at := p.at
	if _, err := p.target(tupleOptions{simple: true, namespace: true}, true); err != nil {
		return nil, err
	}
	finish := func() (t target, err error) { // a name is read before it is assigned
		after := p.at
		p.at = at
		t, err = p.target(tupleOptions{simple: true, namespace: true}, false)
		p.at = after
		return t, err
	}
	if p.skipOp("=") {
		value, err := p.tuple(tupleOptions{})
		if err != nil {
			return nil, err
		}
		t, err := finish()
		if err != nil {
			return nil, err
		}
		return &setStmt{target: t, value: value, line: line}, nil
	}
	s := &setBlockStmt{line: line}
	var err error
	if s.filter, err = p.filters(&s.hole); err != nil {
		return nil, err
	}
	if s.target, err = finish(); err != nil {
		return nil, err
	}
	s.scope = p.openScope()
	s.body, _, err = p.block("endset")
	p.closeScope()
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (p *parser) filterStatement(line int) (stmt, error) {
	s := &filterStmt{line: line, scope: p.openScope()}
	defer p.closeScope()
	p.at-- // as if a | stood before the name
	p.tokens[p.at] = token{kind: tokenOperator, text: "|", line: line}
	var err error
	if s.filter, err = p.filters(&s.hole); err != nil {
		return nil, err
	}
	if s.body, _, err = p.block("endfilter"); err != nil {
		return nil, err
	}
	return s, nil
}

func (p *parser) withStatement() (stmt, error) {
	s := &withStmt{}
	var targets []int // where they stand
	for p.peek().kind != tokenBlockEnd {
		if len(targets) > 0 {
			if err := p.expectOp(","); err != nil {
				return nil, err
			}
		}
		targets = append(targets, p.at)
		if _, err := p.target(tupleOptions{simple: true}, true); err != nil {
			return nil, err
		}
		if err := p.expectOp("="); err != nil {
			return nil, err
		}
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		s.values = append(s.values, v)
	}
	s.scope = p.openScope()
	defer p.closeScope()
	after := p.at
	for _, at := range targets {
		p.at = at
		t, err := p.target(tupleOptions{simple: true}, false)
		if err != nil {
			return nil, err
		}
		s.targets = append(s.targets, t)
	}
	p.at = after
	var err error
	s.body, _, err = p.block("endwith")
	return s, err
}

// generationStatement reads {% generation %}, which transformers defines: the
// text inside is what an assistant has generated. Like the body of a call
// block it has variables of its own.
func (p *parser) generationStatement() (stmt, error) {
	s := &generationStmt{scope: p.openScope()}
	defer p.closeScope()
	loops := p.loops
	p.loops = 0
	defer func() { p.loops = loops }()
	var err error
	s.body, _, err = p.block("endgeneration")
	return s, err
}

func (p *parser) printStatement(line int) (stmt, error) {
	s := &outputStmt{line: line}
	for p.peek().kind != tokenBlockEnd {
		if len(s.parts) > 0 {
			if err := p.expectOp(","); err != nil {
				return nil, err
			}
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, e)
	}
	return s, nil
}

func (p *parser) macroStatement(line int) (stmt, error) {
	name, err := p.expectKind(tokenName, "the name of a macro")
	if err != nil {
		return nil, err
	}
	p.assign(p.id(name.text))
	m := &macroNode{name: name.text, line: line}
	if err := p.macroBody(m, true, "endmacro"); err != nil {
		return nil, err
	}
	return &macroStmt{id: p.id(name.text), macro: m}, nil
}

func (p *parser) callStatement(line int) (stmt, error) {
	m := &macroNode{name: "caller", line: line}
	at := p.at // the signature belongs to the scope of the body
	if p.isOp("(") {
		for depth := 0; ; {
			t := p.next()
			if t.kind == tokenEOF {
				return nil, p.fail(line, "the call block is not closed")
			}
			if t.kind == tokenOperator && t.text == "(" {
				depth++
			}
			if t.kind == tokenOperator && t.text == ")" {
				if depth--; depth == 0 {
					break
				}
			}
		}
	}
	hasSignature := p.at > at
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	call, ok := e.(*callExpr)
	if !ok {
		return nil, p.fail(line, "{%% call %%} needs a call")
	}
	after := p.at
	if hasSignature {
		p.at = at
	}
	m.resume = after
	if err := p.macroBody(m, hasSignature, "endcall"); err != nil {
		return nil, err
	}
	return &callStmt{call: call, caller: m, line: line}, nil
}

// macroBody reads the signature, where there is one, and the body.
func (p *parser) macroBody(m *macroNode, signature bool, end string) error {
	m.scope = p.openScope()
	defer p.closeScope()
	outer, loops := p.macro, p.loops
	m.outer = outer
	p.macro, p.loops = m, 0
	defer func() { p.macro, p.loops = outer, loops }()
	if signature {
		if err := p.signature(m); err != nil {
			return err
		}
	}
	if m.resume > 0 {
		p.at = m.resume
	}
	for i, name := range specialNames {
		m.special[i] = p.id(name)
		p.assign(m.special[i])
	}
	var err error
	m.body, _, err = p.block(end)
	return err
}

func (p *parser) signature(m *macroNode) error {
	if err := p.expectOp("("); err != nil {
		return err
	}
	for !p.isOp(")") {
		if len(m.params) > 0 {
			if err := p.expectOp(","); err != nil {
				return err
			}
			if p.isOp(")") {
				break
			}
		}
		name, err := p.expectKind(tokenName, "the name of a parameter")
		if err != nil {
			return err
		}
		if reserved[name.text] || slices.Contains(specialNames[:], name.text) {
			return p.fail(name.line, "%s is no name for a parameter", name.text)
		}
		param := macroParam{id: p.id(name.text), name: name.text}
		if p.skipOp("=") {
			if param.def, err = p.expression(); err != nil {
				return err
			}
		} else if n := len(m.params); n > 0 && m.params[n-1].def != nil {
			return p.fail(name.line, "parameter %s without default follows one with", name.text)
		}
		p.assign(param.id)
		m.params = append(m.params, param)
	}
	return p.expectOp(")")
}
