package latex

import (
	"fmt"
	"strconv"
	"strings"
)

// macro is a definition that the source makes.
type macro struct {
	prefix   string   // what must stand before the first parameter
	delims   []string // for each parameter, the text that ends it; "" when it is a TeX argument
	optional *string  // default of the first parameter, when that is in brackets
	body     string
}

// environment is a \newenvironment; both halves may use the arguments.
type environment struct {
	begin macro
	end   string
}

// protected are the commands that a source redefines only to change how they
// look; they keep their meaning here.
var protected = map[string]bool{
	"begin": true, "end": true, "item": true, "par": true, "part": true, "chapter": true, "section": true,
	"subsection": true, "subsubsection": true, "paragraph": true, "textbf": true, "footnote": true,
	"includegraphics": true, "caption": true, "maketitle": true, "newpage": true,
}

func (p *parser) define(name string, m macro) {
	if name != "" && !protected[name] {
		p.macros[name] = &m
	}
}

// macroName reads the name that a definition gives: \name or {\name}.
func (p *parser) macroName() string {
	return strings.TrimPrefix(strings.TrimSpace(p.in.argument()), `\`)
}

// newcommand reads {\name}[count][default]{body}.
func (p *parser) newcommand() {
	p.in.accept('*')
	name := p.macroName()
	m := p.parameters()
	m.body = p.in.argument()
	p.define(name, m)
}

// providecommand is newcommand for names that have no meaning yet.
func (p *parser) providecommand() {
	p.in.accept('*')
	name := p.macroName()
	m := p.parameters()
	m.body = p.in.argument()
	if p.macros[name] == nil && commands[name] == nil {
		p.define(name, m)
	}
}

// parameters reads the [count][default] of a definition.
func (p *parser) parameters() macro {
	var m macro
	if count, ok := p.in.optional(); ok {
		n, _ := strconv.Atoi(strings.TrimSpace(count))
		m.delims = make([]string, min(max(n, 0), 9))
	}
	if value, ok := p.in.optional(); ok && len(m.delims) > 0 {
		m.optional = &value
	}
	return m
}

// documentCommand reads xparse's {\name}{specification}{body}, where every
// argument is mandatory but for an optional first one.
func (p *parser) documentCommand() {
	name := p.macroName()
	specification := strings.Fields(p.in.argument())
	m := macro{body: p.in.argument()}
	for i, s := range specification {
		switch {
		case s == "m" || s == "+m":
		case i == 0 && (s == "o" || strings.HasPrefix(s, "O{")):
			value := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(s, "O"), "{"), "}")
			if s == "o" {
				value = ""
			}
			m.optional = &value
		default:
			return
		}
		m.delims = append(m.delims, "")
	}
	p.define(name, m)
}

// def reads TeX's \def\name<parameters>{body}, parameters with delimiters
// included.
func (p *parser) def() {
	name := p.macroName()
	pattern, ok := p.in.until('{', 0)
	if !ok {
		return
	}
	body, _ := p.in.until('}', 0)
	parts := strings.Split(pattern, "#")
	m := macro{prefix: parts[0], body: body}
	for _, part := range parts[1:] {
		m.delims = append(m.delims, strings.TrimLeft(part, "123456789"))
	}
	p.define(name, m)
}

// let reads \let\name=\other.
func (p *parser) let() {
	name := p.macroName()
	p.in.skipSpace()
	p.in.accept('=')
	other := p.in.argument()
	if m := p.macros[strings.TrimPrefix(other, `\`)]; m != nil {
		p.define(name, *m)
	} else if other != `\`+name {
		p.define(name, macro{body: other})
	}
}

// mathOperator reads \DeclareMathOperator{\name}{text}.
func (p *parser) mathOperator() {
	operator := `\operatorname{`
	if p.in.accept('*') {
		operator = `\operatorname*{`
	}
	name := p.macroName()
	p.define(name, macro{body: operator + p.in.argument() + "}"})
}

// newenvironment reads {name}[count][default]{begin}{end}.
func (p *parser) newenvironment() {
	p.in.accept('*')
	name := strings.TrimSpace(p.in.argument())
	e := environment{begin: p.parameters()}
	e.begin.body = p.in.argument()
	e.end = p.in.argument()
	if _, builtin := environments[name]; !builtin {
		p.environments[name] = &e
	}
}

// arguments reads the arguments of a macro from the input.
func (p *parser) arguments(m *macro) []string {
	if m.prefix != "" {
		for i := 0; i < len(m.prefix) && p.in.accept(m.prefix[i]); i++ {
		}
	}
	args := make([]string, 0, len(m.delims))
	for i, delim := range m.delims {
		switch {
		case i == 0 && m.optional != nil:
			value, ok := p.in.optional()
			if !ok {
				value = *m.optional
			}
			args = append(args, value)
		case delim != "":
			value, _ := p.in.until(delim[0], 0)
			for _, c := range []byte(delim[1:]) {
				p.in.accept(c)
			}
			args = append(args, value)
		default:
			args = append(args, p.in.argument())
		}
	}
	return args
}

// expand replaces a macro, whose name is consumed, by its meaning.
func (p *parser) expand(m *macro) {
	p.insert(substitute(m.body, p.arguments(m)))
}

// insert puts a macro's replacement into the input, within the limits.
func (p *parser) insert(text string) {
	if !p.spend(len(text)) {
		return
	}
	if endsInWord(text) && isLetter(p.in.peek()) {
		text += " "
	}
	p.in.push(text)
}

// spend counts one expansion of that many bytes and reports whether the limits
// allow it.
func (p *parser) spend(bytes int) bool {
	p.expansions++
	switch {
	case p.expansions > p.limits.Expansions:
		p.fail(fmt.Sprintf("more than %d macro calls", p.limits.Expansions))
	case p.in.pushed+bytes > p.limits.Expanded:
		p.fail(fmt.Sprintf("macros expand to more than %d bytes", p.limits.Expanded))
	case len(p.in.frames) > p.limits.Depth:
		p.fail(fmt.Sprintf("macros nested deeper than %d", p.limits.Depth))
	}
	return p.failure == ""
}

// substitute puts args into body for #1 to #9, and # for ##.
func substitute(body string, args []string) string {
	if !strings.Contains(body, "#") {
		return body
	}
	var b strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] != '#' || i+1 == len(body) {
			b.WriteByte(body[i])
			continue
		}
		i++
		n := int(body[i] - '1')
		switch {
		case n >= 0 && n < len(args):
			if args[n] != "" && isLetter(args[n][0]) && endsInWord(body[:i-1]) {
				b.WriteByte(' ') // \cdot#1 with x is \cdot x
			}
			b.WriteString(args[n])
		default:
			b.WriteByte('#')
			if body[i] != '#' {
				b.WriteByte(body[i])
			}
		}
	}
	return b.String()
}

// endsInWord reports whether text ends in a control word, to which a letter
// must not be joined.
func endsInWord(text string) bool {
	word := strings.TrimRightFunc(text, func(r rune) bool { return r < 128 && isLetter(byte(r)) })
	return len(word) < len(text) && strings.HasSuffix(word, `\`) && !strings.HasSuffix(word, `\\`)
}
