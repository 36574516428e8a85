package latex

import "strings"

// control handles a control sequence of the text or the preamble, whose name
// is consumed.
func (p *parser) control(name string) {
	word := name != "" && p.in.isLetter(name[0])
	if define := definitions[name]; define != nil {
		p.in.skipSpace()
		define(p)
		return
	}
	if p.conditional(name) || p.setFlag(name) {
		return
	}
	if !p.body {
		return
	}
	if m := p.macros[name]; m != nil {
		if word && !strings.Contains(m.body, `\xspace`) {
			p.in.skipSpace()
		}
		p.expand(m)
		return
	}
	if word && name != "fg" && name != "xspace" {
		p.in.skipSpace()
	}
	p.builtin(name)
}

// builtin handles a control sequence that the source does not define.
func (p *parser) builtin(name string) {
	_, isSection := sections[name]
	arguments, isSkipped := skipped[name]
	counter, isThe := strings.CutPrefix(name, "the")
	switch {
	case commands[name] != nil:
		commands[name](p)
	case isSection:
		p.section(name)
	case name == "paragraph" || name == "subparagraph":
		p.in.accept('*')
		p.out.paragraph()
		p.openArgument(true, func(p *parser) { p.out.space() })
	case isSkipped:
		p.skip(arguments)
	case p.symbol(name):
	case isThe && p.counters[counter] != nil:
		p.theCounter(counter)
	case defaultLabels[name] != "":
		p.insert(defaultLabels[name])
	default:
		p.unknownMacro(name)
	}
}

// defaultLabels are the standard classes' labels of nested enumerates.
var defaultLabels = map[string]string{
	"labelenumi": `\theenumi.`, "labelenumii": `(\theenumii)`, "labelenumiii": `\theenumiii.`, "labelenumiv": `\theenumiv.`,
}

// unknownMacro drops a macro and keeps its arguments, but for options in
// brackets.
func (p *parser) unknownMacro(name string) {
	p.miss(`\` + name)
	p.in.accept('*')
	if option, ok := p.in.enclosed('[', ']'); ok && p.in.peek() != '{' {
		p.in.push("[" + option + "]")
	}
}

// lineBreak is \\ with its star and its length; a bracket that holds no length
// is text.
func (p *parser) lineBreak() {
	p.in.accept('*')
	if length, ok := p.in.enclosed('[', ']'); ok && strings.Trim(length, " 0123456789.,-+cmpteixnb") != "" && !strings.Contains(length, `\`) {
		p.in.push("[" + length + "]")
	}
	if !p.out.onlyLabel() {
		p.out.breakLine()
	}
}

// verticalSpace between two lines begins a paragraph; inside one it only moves
// what follows.
func (p *parser) verticalSpace() {
	if p.out.text.Len() == 0 {
		p.out.paragraph()
	}
}

// pageBreak is \pagebreak with a wish from 0 to 4.
func (p *parser) pageBreak() {
	p.in.optional()
	p.out.page()
}

// bolden makes the rest of the group bold.
func (p *parser) bolden() {
	if n := len(p.scopes); n > 0 {
		p.scopes[n-1].bold = true
	}
}

// quote sets its argument between French quotation marks.
func (p *parser) quote() {
	p.write("«")
	p.out.space()
	p.openArgument(p.bold(), func(p *parser) { p.out.space(); p.write("»") })
}

// footnote sets a note in parentheses where it is called.
func (p *parser) footnote() {
	p.in.optional()
	p.out.space()
	p.write("(")
	p.openArgument(false, func(p *parser) { p.out.glue(); p.write(")") })
}

// caption is a line of its own.
func (p *parser) caption() {
	p.in.accept('*')
	p.in.optional()
	p.out.breakLine()
	p.openArgument(false, func(p *parser) { p.out.breakLine() })
}

// tikz is \tikz[options]{picture} or \tikz[options] picture;
func (p *parser) tikz() {
	p.in.optional()
	p.in.skipSpace()
	if p.in.peek() == '{' {
		p.in.argument()
	} else {
		p.in.until(';', maxOptional)
	}
	p.figure()
}

// include notes a file that the source reads, which is not followed.
func (p *parser) include() {
	p.note(`\input{` + strings.TrimSpace(p.in.argument()) + "} is not read")
}

// verb writes \verb|code|, \lstinline|code| or \lstinline{code} between
// backquotes.
func (p *parser) verb() {
	p.in.accept('*')
	p.in.enclosed('[', ']')
	end := p.in.next()
	if end == '{' {
		end = '}'
	}
	var code strings.Builder
	for c := p.in.peek(); c != end && c != '\n' && c != 0; c = p.in.peek() {
		code.WriteByte(p.in.next())
	}
	p.in.accept(end)
	if code.Len() > 0 {
		p.write("`" + code.String() + "`")
	}
}

// resolve returns the text of a reference.
func (p *parser) resolve(command, label string) string {
	text := p.known[label]
	if text == "" {
		text = "??"
	}
	if command == "eqref" {
		return "(" + text + ")"
	}
	return text
}

// numprint writes a number in groups of three digits.
func (p *parser) numprint() {
	p.in.optional()
	p.write(groupDigits(p.inline(p.in.argument()), " "))
}

// quantity writes siunitx's \SI{number}{unit}.
func (p *parser) quantity() {
	p.in.optional()
	p.write(groupDigits(p.in.argument(), " ") + " " + unit(p.in.argument(), "·"))
}

// ifthenelse reads {condition}{then}{else}; only flags of \newif are decided.
func (p *parser) ifthenelse() {
	condition := strings.TrimSpace(p.in.argument())
	then, other := p.in.argument(), p.in.argument()
	flag, ok := strings.CutPrefix(condition, `\boolean`)
	value, known := p.flags[strings.Trim(flag, "{} ")]
	if !ok || !known {
		p.miss(`\ifthenelse`)
	}
	if value {
		other = then
	}
	p.insert(other)
}
