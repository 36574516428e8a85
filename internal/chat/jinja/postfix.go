package jinja

// postfix reads the attributes, items and calls that follow a value.
func (p *parser) postfix(e expr) (expr, error) {
	for {
		var err error
		switch {
		case p.isOp("."):
			e, err = p.attribute(e)
		case p.isOp("["):
			e, err = p.item(e)
		case p.isOp("("):
			e, err = p.call(e)
		default:
			return e, nil
		}
		if err == nil {
			err = p.link()
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *parser) attribute(e expr) (expr, error) {
	line := p.next().line
	t := p.next()
	if t.kind == tokenInteger {
		return &itemExpr{x: e, item: constExpr{t.value}, line: line}, nil
	}
	if t.kind != tokenName {
		return nil, p.fail(t.line, "expected the name of an attribute, found %s", t.describe())
	}
	if p.isOp("(") && !knownMethods[t.text] {
		return nil, p.unsupported(t.line, "the method ."+t.text+"()")
	}
	return &attrExpr{x: e, name: NewText(t.text), line: line}, nil
}

func (p *parser) item(e expr) (expr, error) {
	line := p.next().line
	var items []expr
	slices := 0
	for !p.isOp("]") {
		if len(items) > 0 {
			if err := p.expectOp(","); err != nil {
				return nil, err
			}
		}
		item, err := p.subscript(line)
		if err != nil {
			return nil, err
		}
		if _, ok := item.(*sliceExpr); ok {
			slices++
		}
		items = append(items, item)
	}
	p.at++
	if len(items) == 1 {
		if s, ok := items[0].(*sliceExpr); ok {
			s.x = e
			return s, nil
		}
		return &itemExpr{x: e, item: items[0], line: line}, nil
	}
	if slices > 0 {
		return nil, p.unsupported(line, "a slice in several dimensions")
	}
	return &itemExpr{x: e, item: &listExpr{items: items, tuple: true}, line: line}, nil
}

// subscript reads an index, or a slice whose parts may be missing.
func (p *parser) subscript(line int) (expr, error) {
	s := &sliceExpr{line: line}
	part := func() (expr, error) {
		if p.isOp(":") || p.isOp("]") || p.isOp(",") {
			return nil, nil
		}
		return p.expression()
	}
	var err error
	if !p.isOp(":") {
		if s.from, err = p.expression(); err != nil || !p.isOp(":") {
			return s.from, err
		}
	}
	p.at++
	if s.to, err = part(); err != nil {
		return nil, err
	}
	if p.skipOp(":") {
		s.step, err = part()
	}
	return s, err
}

func (p *parser) call(e expr) (expr, error) {
	c := &callExpr{f: e, line: p.peek().line}
	var err error
	c.args, err = p.arguments()
	return c, err
}

// arguments reads (a, b, name=c, *d, **e).
func (p *parser) arguments() (argExprs, error) {
	line := p.next().line
	var a argExprs
	bad := func() error { return p.fail(line, "the arguments of this call stand in a wrong order") }
	for count := 0; !p.isOp(")"); count++ {
		if count > 0 {
			if err := p.expectOp(","); err != nil {
				return a, err
			}
			if p.isOp(")") {
				break
			}
		}
		var err error
		switch {
		case p.skipOp("*"):
			if a.rest != nil || a.named != nil {
				return a, bad()
			}
			a.rest, err = p.expression()
		case p.skipOp("**"):
			if a.named != nil {
				return a, bad()
			}
			a.named, err = p.expression()
		case p.peek().kind == tokenName && p.look().kind == tokenOperator && p.look().text == "=":
			if a.named != nil {
				return a, bad()
			}
			name := p.next().text
			p.at++
			var v expr
			v, err = p.expression()
			for _, k := range a.keywords {
				if k.name == name {
					return a, p.fail(line, "the argument %s is given twice", name)
				}
			}
			a.keywords = append(a.keywords, keywordExpr{name, v})
		default:
			if a.rest != nil || a.named != nil || len(a.keywords) > 0 {
				return a, bad()
			}
			var v expr
			v, err = p.expression()
			a.positional = append(a.positional, v)
		}
		if err != nil {
			return a, err
		}
	}
	return a, p.expectOp(")")
}

// filterExpression reads the filters, tests and calls that follow an operand.
func (p *parser) filterExpression(e expr) (expr, error) {
	for {
		var err error
		switch {
		case p.isOp("|"):
			e, err = p.filters(e)
		case p.isName("is"):
			e, err = p.test(e)
		case p.isOp("("):
			e, err = p.call(e)
		default:
			return e, nil
		}
		if err != nil {
			return nil, err
		}
		if err := p.link(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) dottedName(what string) (string, int, error) {
	t, err := p.expectKind(tokenName, what)
	name := t.text
	for err == nil && p.skipOp(".") {
		var part token
		part, err = p.expectKind(tokenName, what)
		name += "." + part.text
	}
	return name, t.line, err
}

// filters reads |a|b(c) behind e.
func (p *parser) filters(e expr) (expr, error) {
	for p.skipOp("|") {
		if err := p.link(); err != nil {
			return nil, err
		}
		name, line, err := p.dottedName("the name of a filter")
		if err != nil {
			return nil, err
		}
		f := &filterExpr{x: e, name: name, line: line}
		var ok bool
		if f.f, ok = filters[name]; !ok {
			return nil, p.unsupported(line, "the filter |"+name)
		}
		if name == "safe" {
			p.safe++
		}
		if p.isOp("(") {
			if f.args, err = p.arguments(); err != nil {
				return nil, err
			}
		}
		e = f
	}
	return e, nil
}

func (p *parser) test(e expr) (expr, error) {
	p.at++
	negated := p.skipName("not")
	name, line, err := p.dottedName("the name of a test")
	if err != nil {
		return nil, err
	}
	t := &testExpr{x: e, name: name, line: line, negated: negated}
	var ok bool
	if t.f, ok = tests[name]; !ok {
		return nil, p.unsupported(line, "the test \"is "+name+"\"")
	}
	if p.isOp("(") {
		t.args, err = p.arguments()
		return t, err
	}
	if !p.startsTestArgument() {
		return t, nil
	}
	if p.isName("is") {
		return nil, p.fail(line, "tests cannot be chained with is")
	}
	arg, err := p.primary()
	if err == nil {
		arg, err = p.postfix(arg)
	}
	t.args.positional = []expr{arg}
	return t, err
}

func (p *parser) startsTestArgument() bool {
	t := p.peek()
	switch t.kind {
	case tokenName:
		return t.text != "else" && t.text != "or" && t.text != "and"
	case tokenString, tokenInteger, tokenFloat:
		return true
	case tokenOperator:
		return t.text == "[" || t.text == "{"
	}
	return false
}
