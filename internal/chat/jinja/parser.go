package jinja

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Bounds of what Parse accepts. No chat template comes near them; they keep a
// hostile one from exhausting the stack.
const (
	maxSource  = 1 << 20 // bytes
	maxNesting = 200     // statements and expressions inside one another
	maxChain   = 2000    // operators, filters and calls of one tag
)

// parser turns tokens into a tree by the grammar of Jinja 3.1.
type parser struct {
	tokens  []token
	at      int
	depth   int
	chain   int
	safe    int // uses of |safe in this tag
	loops   int // for blocks around, inside the same macro
	names   map[string]int
	symbols *symbols
	macro   *macroNode // the innermost macro or call block
}

// Parse reads a template. Constructs that this package does not run are
// errors that name them and their line.
func Parse(source string) (*Template, error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("the template has %d bytes; at most %d are read", len(source), maxSource)
	}
	if !utf8.ValidString(source) {
		return nil, fmt.Errorf("the template is not UTF-8")
	}
	tokens, err := lex(source)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, names: make(map[string]int)}
	root := p.openScope()
	body, err := p.body()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEOF {
		return nil, p.unexpectedTag(t)
	}
	p.symbols.finish(nil)
	return &Template{body: body, names: p.names, root: root}, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) look() token { return p.tokens[min(p.at+1, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEOF {
		p.at++
	}
	return t
}

func (p *parser) isOp(op string) bool {
	t := p.peek()
	return t.kind == tokenOperator && t.text == op
}

func (p *parser) isName(name string) bool {
	t := p.peek()
	return t.kind == tokenName && t.text == name
}

func (p *parser) skipOp(op string) bool {
	if p.isOp(op) {
		p.at++
		return true
	}
	return false
}

func (p *parser) skipName(name string) bool {
	if p.isName(name) {
		p.at++
		return true
	}
	return false
}

func (p *parser) fail(line int, format string, a ...any) error {
	return &Error{Line: line, Err: fmt.Errorf(format, a...)}
}

func (p *parser) unsupported(line int, what string) error {
	return p.fail(line, "%s is not supported", what)
}

func (p *parser) expectOp(op string) error {
	if !p.skipOp(op) {
		t := p.peek()
		return p.fail(t.line, "expected %q, found %s", op, t.describe())
	}
	return nil
}

func (p *parser) expectKind(kind tokenKind, what string) (token, error) {
	t := p.next()
	if t.kind != kind {
		return t, p.fail(t.line, "expected %s, found %s", what, t.describe())
	}
	return t, nil
}

// enter guards the recursion of the parser and of what will walk its tree.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxNesting {
		return p.fail(p.peek().line, "more than %d constructs stand inside one another", maxNesting)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) link() error {
	if p.chain++; p.chain > maxChain {
		return p.fail(p.peek().line, "one tag has more than %d operators", maxChain)
	}
	return nil
}

// id returns the number by which a name is looked up.
func (p *parser) id(name string) int {
	id, ok := p.names[name]
	if !ok {
		id = len(p.names)
		p.names[name] = id
	}
	return id
}

// body reads text and tags up to a block tag that stands in ends, and leaves
// the parser at the name of that tag; or up to the end of the template.
func (p *parser) body(ends ...string) ([]stmt, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	var out []stmt
	for {
		p.chain = 0
		t := p.next()
		switch t.kind {
		case tokenEOF:
			if len(ends) > 0 {
				return nil, p.fail(t.line, "the template ends where {%% %s %%} should stand", ends[len(ends)-1])
			}
			return out, nil
		case tokenData:
			out = append(out, &outputStmt{parts: []expr{constExpr{NewText(t.text)}}, line: t.line})
		case tokenVariableBegin:
			s, err := p.output(t.line)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		case tokenBlockBegin:
			name := p.peek()
			if name.kind == tokenName && slices.Contains(ends, name.text) {
				return out, nil
			}
			s, err := p.statement()
			if err != nil {
				return nil, err
			}
			if err := p.endTag(tokenBlockEnd, "%}"); err != nil {
				return nil, err
			}
			out = append(out, s)
		default:
			return nil, p.fail(t.line, "unexpected %s", t.describe())
		}
	}
}

// endTag reads the end of a tag. Text marked safe changes what is added to it,
// which is not done here; only where a tag ends with the mark it means nothing.
func (p *parser) endTag(kind tokenKind, end string) error {
	t := p.next()
	if t.kind != kind {
		return p.fail(t.line, "expected %q, found %s", end, t.describe())
	}
	if p.safe > 0 {
		return p.unsupported(t.line, "the filter |safe anywhere but at the end of {{ }}")
	}
	return nil
}

// block reads the rest of an opening tag, a body, and the name of the tag that
// ends it.
func (p *parser) block(ends ...string) (body []stmt, end string, err error) {
	p.skipOp(":")
	if err := p.endTag(tokenBlockEnd, "%}"); err != nil {
		return nil, "", err
	}
	if body, err = p.body(ends...); err != nil {
		return nil, "", err
	}
	return body, p.next().text, nil
}

func (p *parser) output(line int) (stmt, error) {
	e, err := p.tuple(tupleOptions{})
	if err != nil {
		return nil, err
	}
	if f, ok := e.(*filterExpr); ok && f.name == "safe" {
		e = f.x // nothing is escaped, so that at the end it changes nothing
		p.safe--
	}
	if err := p.endTag(tokenVariableEnd, "}}"); err != nil {
		return nil, err
	}
	return &outputStmt{parts: []expr{e}, line: line}, nil
}

func (p *parser) unexpectedTag(t token) error {
	if t.kind != tokenName {
		return p.fail(t.line, "expected the name of a tag, found %s", t.describe())
	}
	return p.fail(t.line, "unexpected tag {%% %s %%}", t.text)
}

var refusedTags = map[string]bool{
	"extends": true, "block": true, "include": true, "import": true, "from": true,
	"autoescape": true, "trans": true, "debug": true,
}

// statement reads one block tag, from its name on, and what belongs to it.
func (p *parser) statement() (stmt, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	t := p.peek()
	if t.kind != tokenName {
		return nil, p.unexpectedTag(t)
	}
	if refusedTags[t.text] {
		return nil, p.unsupported(t.line, "the tag {% "+t.text+" %}")
	}
	p.at++
	switch t.text {
	case "if":
		return p.ifStatement()
	case "for":
		return p.forStatement(t.line)
	case "set":
		return p.setStatement(t.line)
	case "macro":
		return p.macroStatement(t.line)
	case "call":
		return p.callStatement(t.line)
	case "filter":
		return p.filterStatement(t.line)
	case "with":
		return p.withStatement()
	case "generation":
		return p.generationStatement()
	case "print":
		return p.printStatement(t.line)
	case "break", "continue":
		if p.loops == 0 {
			return nil, p.fail(t.line, "{%% %s %%} outside a loop", t.text)
		}
		if t.text == "break" {
			return jumpStmt(signalBreak), nil
		}
		return jumpStmt(signalContinue), nil
	}
	p.at--
	return nil, p.unexpectedTag(t)
}
