package latex

import "strings"

// newif defines \ifname, \nametrue and \namefalse.
func (p *parser) newif() {
	name := strings.TrimPrefix(p.macroName(), "if")
	if name != "" {
		p.flags[name] = false
	}
}

// setFlag handles \nametrue and \namefalse of a \newif.
func (p *parser) setFlag(command string) bool {
	for _, value := range []bool{true, false} {
		suffix := map[bool]string{true: "true", false: "false"}[value]
		name, ok := strings.CutSuffix(command, suffix)
		if _, known := p.flags[name]; ok && known {
			p.flags[name] = value
			return true
		}
	}
	return false
}

// conditional handles \if commands: those of \newif, \iftrue and \iffalse are
// decided, the others count as unknown and as false.
func (p *parser) conditional(command string) bool {
	name, ok := strings.CutPrefix(command, "if")
	if !ok {
		return false
	}
	value, known := p.flags[name]
	switch {
	case known:
	case name == "true" || name == "false":
		value = name == "true"
	case primitives[name]:
		p.miss(`\` + command)
	default:
		return false
	}
	if !value {
		p.skipBranch(true)
	}
	return true
}

// primitives are TeX's conditions, without their "if".
var primitives = map[string]bool{
	"": true, "x": true, "num": true, "dim": true, "odd": true, "cat": true, "mmode": true, "hmode": true,
	"vmode": true, "case": true, "defined": true, "csname": true, "void": true, "eof": true, "inner": true, "pdf": true,
}

// skipBranch reads past the branch of a condition that is not taken: to its
// \fi, or with stopAtElse to its \else.
func (p *parser) skipBranch(stopAtElse bool) {
	for open := 1; ; {
		switch p.in.next() {
		case 0:
			p.note(`\if without \fi`)
			return
		case '%':
			p.in.skipComment()
		case '\\':
			switch name := p.in.control(); {
			case name == "fi":
				open--
			case name == "else" && open == 1 && stopAtElse:
				return
			case p.opensCondition(name):
				open++
			}
		}
		if open == 0 {
			return
		}
	}
}

func (p *parser) opensCondition(command string) bool {
	name, ok := strings.CutPrefix(command, "if")
	_, known := p.flags[name]
	return ok && (known || primitives[name] || name == "true" || name == "false")
}
