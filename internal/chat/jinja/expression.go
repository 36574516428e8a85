package jinja

// tupleOptions are the ways in which Jinja reads what may be a tuple.
type tupleOptions struct {
	simple      bool   // names and literals only
	noCond      bool   // no inline if
	parentheses bool   // inside ( ), where nothing is the empty tuple
	namespace   bool   // a target, which may be an attribute of a namespace
	end         string // name that ends it
}

func (p *parser) tupleEnd(o tupleOptions) bool {
	t := p.peek()
	switch t.kind {
	case tokenVariableEnd, tokenBlockEnd, tokenEOF:
		return true
	case tokenOperator:
		return t.text == ")"
	}
	return o.end != "" && p.isName(o.end)
}

// tuple reads one expression, or several with commas between.
func (p *parser) tuple(o tupleOptions) (expr, error) {
	line := p.peek().line
	var items []expr
	isTuple := false
	for !p.tupleEnd(o) {
		var e expr
		var err error
		if o.noCond {
			e, err = p.or()
		} else {
			e, err = p.expression()
		}
		if err != nil {
			return nil, err
		}
		items = append(items, e)
		if !p.skipOp(",") {
			break
		}
		isTuple = true
	}
	if isTuple || len(items) == 0 && o.parentheses {
		return &listExpr{items: items, tuple: true}, nil
	}
	if len(items) == 0 {
		return nil, p.fail(line, "expected an expression, found %s", p.peek().describe())
	}
	return items[0], nil
}

// reserved names are constants, or operators in Python.
var reserved = map[string]bool{"true": true, "false": true, "none": true, "True": true, "False": true, "None": true, "and": true, "or": true, "not": true, "if": true, "in": true, "is": true, "else": true}

// target reads what can be assigned to. A dry run declares nothing.
func (p *parser) target(o tupleOptions, dry bool) (target, error) {
	var out target
	for count := 0; ; count++ {
		if count > 0 && p.tupleEnd(o) {
			break
		}
		item, err := p.targetItem(o, dry)
		if err != nil {
			return target{}, err
		}
		out.items = append(out.items, item)
		if !p.skipOp(",") {
			break
		}
		out.tuple = true
	}
	if !out.tuple {
		return out.items[0], nil
	}
	return out, nil
}

func (p *parser) targetItem(o tupleOptions, dry bool) (target, error) {
	if err := p.enter(); err != nil {
		return target{}, err
	}
	defer p.leave()
	t := p.next()
	if t.kind == tokenOperator && t.text == "(" {
		inner, err := p.target(tupleOptions{simple: true}, dry)
		if err != nil {
			return target{}, err
		}
		return inner, p.expectOp(")")
	}
	if t.kind != tokenName || reserved[t.text] {
		return target{}, p.fail(t.line, "cannot assign to %s", t.describe())
	}
	out := target{id: p.id(t.text), name: t.text}
	if o.namespace && p.skipOp(".") {
		attr, err := p.expectKind(tokenName, "the name of an attribute")
		if err != nil {
			return target{}, err
		}
		out.attr = attr.text
		if !dry {
			p.read(out.id)
		}
		return out, nil
	}
	if !dry {
		p.assign(out.id)
	}
	return out, nil
}

func (p *parser) expression() (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	e, err := p.or()
	for err == nil && p.skipName("if") {
		c := &condExpr{then: e}
		if err = p.link(); err != nil {
			break
		}
		if c.test, err = p.or(); err != nil {
			break
		}
		if p.skipName("else") {
			c.otherwise, err = p.expression()
		}
		e = c
	}
	return e, err
}

func (p *parser) or() (expr, error) {
	e, err := p.and()
	for err == nil && p.skipName("or") {
		var right expr
		if right, err = p.and(); err == nil {
			e, err = &orExpr{e, right}, p.link()
		}
	}
	return e, err
}

func (p *parser) and() (expr, error) {
	e, err := p.not()
	for err == nil && p.skipName("and") {
		var right expr
		if right, err = p.not(); err == nil {
			e, err = &andExpr{e, right}, p.link()
		}
	}
	return e, err
}

func (p *parser) not() (expr, error) {
	if !p.isName("not") {
		return p.compare()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.at++
	e, err := p.not()
	return &notExpr{e}, err
}

// comparison returns the operator at the parser's place and moves behind it.
func (p *parser) comparison() string {
	t := p.peek()
	switch {
	case t.kind == tokenOperator:
		switch t.text {
		case "==", "!=", "<", "<=", ">", ">=":
			p.at++
			return t.text
		}
	case p.skipName("in"):
		return "in"
	case p.isName("not") && p.look().kind == tokenName && p.look().text == "in":
		p.at += 2
		return "not in"
	}
	return ""
}

func (p *parser) compare() (expr, error) {
	e, err := p.sum()
	if err != nil {
		return nil, err
	}
	c := &compareExpr{first: e, line: p.peek().line}
	for op := p.comparison(); op != ""; op = p.comparison() {
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		c.rest = append(c.rest, comparand{op, right})
	}
	if len(c.rest) == 0 {
		return e, nil
	}
	return c, nil
}

func (p *parser) sum() (expr, error) {
	line := p.peek().line
	e, err := p.concat()
	for err == nil && (p.isOp("+") || p.isOp("-")) {
		op := p.next().text
		var right expr
		if right, err = p.concat(); err != nil {
			break
		}
		if op == "+" {
			if s, ok := e.(*sumExpr); ok && s.open {
				s.items = append(s.items, right)
			} else {
				e, err = &sumExpr{items: []expr{e, right}, line: line, open: true}, p.link()
			}
		} else {
			e, err = &binaryExpr{op: op, left: e, right: right, line: line}, p.link()
		}
	}
	if s, ok := e.(*sumExpr); ok {
		s.open = false // a + behind parentheses adds to their value
	}
	return e, err
}

func (p *parser) concat() (expr, error) {
	line := p.peek().line
	e, err := p.product()
	if err != nil || !p.isOp("~") {
		return e, err
	}
	c := &concatExpr{items: []expr{e}, line: line}
	for p.skipOp("~") {
		if e, err = p.product(); err != nil {
			return nil, err
		}
		c.items = append(c.items, e)
	}
	return c, nil
}

func (p *parser) product() (expr, error) {
	return p.leftAssociative(p.power, "*", "/", "//", "%")
}

func (p *parser) power() (expr, error) {
	return p.leftAssociative(func() (expr, error) { return p.unary(true) }, "**")
}

func (p *parser) leftAssociative(operand func() (expr, error), ops ...string) (expr, error) {
	line := p.peek().line
	e, err := operand()
next:
	for err == nil {
		for _, op := range ops {
			if p.skipOp(op) {
				var right expr
				if right, err = operand(); err == nil {
					e, err = &binaryExpr{op: op, left: e, right: right, line: line}, p.link()
				}
				continue next
			}
		}
		break
	}
	return e, err
}

func (p *parser) unary(filters bool) (expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	var e expr
	var err error
	line := p.peek().line
	switch {
	case p.skipOp("-"):
		e, err = p.unary(false)
		e = &signExpr{minus: true, x: e, line: line}
	case p.skipOp("+"):
		e, err = p.unary(false)
		e = &signExpr{x: e, line: line}
	default:
		e, err = p.primary()
	}
	if err == nil {
		e, err = p.postfix(e)
	}
	if err == nil && filters {
		e, err = p.filterExpression(e)
	}
	return e, err
}

func (p *parser) primary() (expr, error) {
	t := p.next()
	switch t.kind {
	case tokenName:
		switch t.text {
		case "true", "True":
			return constExpr{true}, nil
		case "false", "False":
			return constExpr{false}, nil
		case "none", "None":
			return constExpr{nil}, nil
		}
		id := p.id(t.text)
		p.read(id)
		p.macro.reads(t.text)
		if refusedGlobals[t.text] {
			return nil, p.unsupported(t.line, t.text)
		}
		return &nameExpr{id: id, name: t.text}, nil
	case tokenString:
		s := t.text
		for p.peek().kind == tokenString {
			s += p.next().text
		}
		return constExpr{NewText(s)}, nil
	case tokenInteger, tokenFloat:
		return constExpr{t.value}, nil
	case tokenOperator:
		switch t.text {
		case "(":
			e, err := p.tuple(tupleOptions{parentheses: true})
			if err != nil {
				return nil, err
			}
			return e, p.expectOp(")")
		case "[":
			return p.listLiteral()
		case "{":
			return p.dictLiteral()
		}
	}
	return nil, p.fail(t.line, "unexpected %s", t.describe())
}

func (p *parser) listLiteral() (expr, error) {
	l := &listExpr{}
	for !p.isOp("]") {
		if len(l.items) > 0 {
			if err := p.expectOp(","); err != nil {
				return nil, err
			}
			if p.isOp("]") {
				break
			}
		}
		e, err := p.expression()
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, e)
	}
	return l, p.expectOp("]")
}

func (p *parser) dictLiteral() (expr, error) {
	d := &dictExpr{line: p.peek().line}
	for !p.isOp("}") {
		if len(d.keys) > 0 {
			if err := p.expectOp(","); err != nil {
				return nil, err
			}
			if p.isOp("}") {
				break
			}
		}
		k, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expectOp(":"); err != nil {
			return nil, err
		}
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		d.keys, d.values = append(d.keys, k), append(d.values, v)
	}
	return d, p.expectOp("}")
}
