package latex

import (
	"strconv"
	"strings"
)

// definitions are the commands that count in the preamble as well; commands
// are those of the text. Both are filled in by init, because their functions
// come back to them through the parser.
var definitions, commands map[string]func(*parser)

func init() {
	definitions = map[string]func(*parser){
		"newcommand": (*parser).newcommand, "renewcommand": (*parser).newcommand,
		"DeclareRobustCommand": (*parser).newcommand, "providecommand": (*parser).providecommand,
		"NewDocumentCommand": (*parser).documentCommand, "RenewDocumentCommand": (*parser).documentCommand,
		"def": (*parser).def, "gdef": (*parser).def, "edef": (*parser).def, "xdef": (*parser).def,
		"let": (*parser).let, "DeclareMathOperator": (*parser).mathOperator,
		"newenvironment": (*parser).newenvironment, "renewenvironment": (*parser).newenvironment,
		"newtheorem": (*parser).newtheorem, "newcounter": (*parser).newcounter, "newif": (*parser).newif,
		"setcounter":     func(p *parser) { c := p.counter(p.in.argument()); c.value = p.number() },
		"addtocounter":   func(p *parser) { c := p.counter(p.in.argument()); c.value += p.number() },
		"counterwithin":  func(p *parser) { p.in.accept('*'); owned := p.in.argument(); p.own(p.in.argument(), owned) },
		"setlist":        (*parser).setlist,
		"setenumerate":   (*parser).setlist,
		"titleformat":    (*parser).titleformat,
		"makeatletter":   func(p *parser) { p.in.atLetter = true },
		"makeatother":    func(p *parser) { p.in.atLetter = false },
		"ExplSyntaxOn":   func(p *parser) { p.in.raw(`\ExplSyntaxOff`) },
		"excludecomment": func(p *parser) { p.hidden[p.in.argument()] = true },
		"includecomment": func(p *parser) { delete(p.hidden, p.in.argument()) },
		"title":          func(p *parser) { p.front["title"] = p.in.argument() },
		"author":         func(p *parser) { p.front["author"] = p.in.argument() },
		"date":           func(p *parser) { p.front["date"] = p.in.argument() },
		"begin":          (*parser).begin,
		"else":           func(p *parser) { p.skipBranch(false) },
	}
	commands = textCommands()
}

func textCommands() map[string]func(*parser) {
	figure := func(arguments string) func(*parser) {
		return func(p *parser) { p.skip(arguments); p.figure() }
	}
	number := func(format func(int) string) func(*parser) {
		return func(p *parser) { p.write(format(p.counter(p.in.argument()).value)) }
	}
	return map[string]func(*parser){
		"end": (*parser).end, "(": func(p *parser) { p.inlineMath(`\(`, `\)`) }, "[": func(p *parser) { p.displayMath(`\[`, `\]`) },
		"ensuremath": func(p *parser) { p.insert("$" + p.in.argument() + "$") },
		"par":        func(p *parser) { p.out.paragraph() },
		`\`:          (*parser).lineBreak, "newline": (*parser).lineBreak, "linebreak": (*parser).lineBreak, "tabularnewline": (*parser).lineBreak,
		"newpage": func(p *parser) { p.out.page() }, "clearpage": func(p *parser) { p.out.page() }, "pagebreak": (*parser).pageBreak,
		"cleardoublepage": func(p *parser) { p.out.page() },
		"bigskip":         (*parser).verticalSpace, "medskip": (*parser).verticalSpace, "smallskip": (*parser).verticalSpace,
		"vspace": func(p *parser) { p.skip("sm"); p.verticalSpace() },
		"hfill":  func(p *parser) { p.out.gap() }, "hrulefill": func(p *parser) { p.out.gap() },
		"textbf": func(p *parser) { p.openArgument(true, nil) }, "bfseries": (*parser).bolden, "bf": (*parser).bolden,
		"og": func(p *parser) { p.write("«"); p.out.space() }, "fg": func(p *parser) { p.out.space(); p.write("»") },
		"frquote": (*parser).quote, "enquote": (*parser).quote,
		"item": (*parser).item, "task": (*parser).item, "question": (*parser).examItem, "subpart": (*parser).examItem,
		"part": (*parser).part, "footnote": (*parser).footnote, "caption": (*parser).caption,
		"includegraphics": figure("som"), "pstree": figure("omm"), "tikz": (*parser).tikz, "epsfig": figure("m"), "psfig": figure("m"),
		"epsfbox": figure("m"), "scantokens": figure("m"), "input": (*parser).include, "include": (*parser).include, "subfile": (*parser).include,
		"verb": (*parser).verb, "lstinline": (*parser).verb, "mintinline": func(p *parser) { p.in.optional(); p.in.argument(); p.verb() },
		"url": func(p *parser) { p.write(p.in.argument()) }, "maketitle": (*parser).maketitle,
		"label":   func(p *parser) { p.labels[p.in.argument()] = p.inline(p.reference) },
		"ref":     func(p *parser) { p.write(p.resolve("ref", p.in.argument())) },
		"eqref":   func(p *parser) { p.write(p.resolve("eqref", p.in.argument())) },
		"pageref": func(p *parser) { p.in.argument(); p.write("??") },
		"arabic":  number(strconv.Itoa), "alph": number(alph), "value": number(strconv.Itoa),
		"Alph":        number(func(n int) string { return strings.ToUpper(alph(n)) }),
		"roman":       number(func(n int) string { return strings.ToLower(roman(n)) }),
		"Roman":       number(roman),
		"stepcounter": func(p *parser) { p.step(p.in.argument()) }, "refstepcounter": func(p *parser) { p.refer(p.in.argument()) },
		"np": (*parser).numprint, "numprint": (*parser).numprint, "nombre": (*parser).numprint, "num": (*parser).numprint,
		"SI": (*parser).quantity, "qty": (*parser).quantity,
		"si":       func(p *parser) { p.in.optional(); p.write(unit(p.in.argument(), "·")) },
		"unit":     func(p *parser) { p.in.optional(); p.write(unit(p.in.argument(), "·")) },
		"endinput": func(p *parser) { p.done = true }, "ifthenelse": (*parser).ifthenelse,
	}
}
