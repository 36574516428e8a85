package latex

import (
	"strconv"
	"strings"
)

// counter is a LaTeX counter and those that it sets back to zero.
type counter struct {
	value int
	owns  []string
}

// newCounters returns the counters that the classes define.
func newCounters() map[string]*counter {
	counters := map[string]*counter{
		"part": {}, "chapter": {owns: []string{"section"}},
		"section": {owns: []string{"subsection"}}, "subsection": {owns: []string{"subsubsection"}},
		"secnumdepth": {value: 3}, "page": {value: 1},
		"question": {owns: []string{"partno"}}, "partno": {owns: []string{"subpart"}},
	}
	for _, name := range []string{"subsubsection", "enumi", "enumii", "enumiii", "enumiv", "equation", "subpart", "task", "exercice"} {
		counters[name] = &counter{}
	}
	return counters
}

// counter returns the counter of that name, made at need: sources set counters
// of classes we do not have.
func (p *parser) counter(name string) *counter {
	name = strings.TrimSpace(name)
	if p.counters[name] == nil {
		p.counters[name] = &counter{}
	}
	return p.counters[name]
}

// step adds one to a counter and sets back those it owns, at most two levels
// down, so that counters that own each other do no harm.
func (p *parser) step(name string) {
	c := p.counter(name)
	c.value++
	for _, owned := range c.owns {
		p.counter(owned).value = 0
		for _, o := range p.counter(owned).owns {
			p.counter(o).value = 0
		}
	}
}

// refer makes the counter's printed value what \label records next.
func (p *parser) refer(name string) {
	p.step(name)
	p.reference = `\the` + strings.TrimSpace(name)
}

// newcounter reads {name}[owner].
func (p *parser) newcounter() {
	name := strings.TrimSpace(p.in.argument())
	p.counters[name] = &counter{}
	if owner, ok := p.in.optional(); ok {
		p.own(owner, name)
	}
}

func (p *parser) own(owner, name string) {
	c := p.counter(owner)
	c.owns = append(c.owns, strings.TrimSpace(name))
}

// number reads an argument that is a number: digits, or \value{counter}.
func (p *parser) number() int {
	n, _ := strconv.Atoi(strings.TrimSpace(p.inline(p.in.argument())))
	return n
}

// theCounter writes \the<name> where the source does not define it.
func (p *parser) theCounter(name string) {
	value := p.counter(name).value
	switch name {
	case "part":
		p.write(roman(value))
	case "subsection":
		p.write(p.inline(`\thesection`) + "." + strconv.Itoa(value))
	case "subsubsection":
		p.write(p.inline(`\thesubsection`) + "." + strconv.Itoa(value))
	case "enumii", "partno":
		p.write(alph(value))
	case "enumiii", "subpart":
		p.write(strings.ToLower(roman(value)))
	case "enumiv":
		p.write(strings.ToUpper(alph(value)))
	default:
		p.write(strconv.Itoa(value))
	}
}

// alph numbers with letters; past z it falls back to digits.
func alph(n int) string {
	if n < 1 || n > 26 {
		return strconv.Itoa(n)
	}
	return string(rune('a' + n - 1))
}

// roman numbers with capital Roman figures; past 3999 it falls back to digits.
func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, r := range []struct {
		value  int
		figure string
	}{
		{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
		{40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
	} {
		for ; n >= r.value; n -= r.value {
			b.WriteString(r.figure)
		}
	}
	return b.String()
}
