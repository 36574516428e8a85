package exam

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The labels of several levels at once: "1.2.1", "A1.", "A-2-c", "I.A – 1)".

// decimal reads the rest of a compound number: "1.2", "1.2.", "1.2.1)".
func (sc *scanner) decimal(first Label) ([][]Label, bool) {
	probe := *sc
	values := []int{first.Value}
	for probe.pos+1 < len(probe.s) && probe.s[probe.pos] == '.' && isDigit(probe.s[probe.pos+1]) {
		probe.pos++
		v, ok := probe.digits()
		if !ok {
			return nil, false
		}
		values = append(values, v)
	}
	if len(values) < 2 || len(values) > 4 {
		return nil, false
	}
	closed := probe.closing()
	if closed == "" && probe.glued() {
		closed = "."
	}
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(probe.s[probe.pos:], " "))
	if closed == "" && probe.pos < len(probe.s) && (probe.s[probe.pos] != ' ' || !unicode.IsUpper(next)) {
		return nil, false
	}
	if next == '%' || next == '×' {
		return nil, false
	}
	labels := make([][]Label, len(values))
	for i, v := range values {
		labels[i] = []Label{{Kind: KindNumber, Value: v, Style: decimalStyle}}
	}
	sc.pos = probe.pos
	return labels, true
}

// numbered reads a heading's letter and the number right after it: "A1.",
// "B2)", "I-1)", "A-2-" and the first half of "A-2-c".
func (sc *scanner) numbered(text string, before [][]Label) ([][]Label, bool) {
	probe := *sc
	dashed := probe.dash()
	v, ok := probe.digits()
	if !ok {
		return nil, false
	}
	readings := alphaReadings(text, "1")
	if len(readings) == 0 || !readings[0].Kind.structural() || !admits(before, readings) {
		return nil, false
	}
	style := probe.closing()
	switch {
	case style == "." || style == ")":
		ok = probe.boundary()
	case dashed && style == "-":
		ok = probe.endsIn(style)
	case dashed && style == "":
		style = "-"
		ok = probe.dashedLetter() || probe.textFollows()
	default:
		ok = false
	}
	if !ok {
		return nil, false
	}
	sc.pos = probe.pos
	return [][]Label{readings, {{Kind: KindNumber, Value: v, Style: style}}}, true
}

// dash passes a dash that joins the parts of a compound.
func (sc *scanner) dash() bool {
	for _, d := range []string{"-", "–"} {
		if strings.HasPrefix(sc.s[sc.pos:], d) {
			sc.pos += len(d)
			return true
		}
	}
	return false
}

// dashedLetter passes to the letter that ends a compound: the c of "A-2-c".
func (sc *scanner) dashedLetter() bool {
	probe := *sc
	if !probe.dash() || !probe.bareLetter() && !probe.closedLetter() {
		return false
	}
	sc.pos = probe.pos
	return true
}

// letterFollows tells whether a letter with a sign follows after a blank.
func (sc *scanner) letterFollows() bool {
	probe := *sc
	for probe.s0() == ' ' {
		probe.pos++
	}
	return probe.pos > sc.pos && probe.closedLetter()
}

// closedLetter tells whether a letter with a sign of its own follows.
func (sc *scanner) closedLetter() bool {
	probe := *sc
	c := probe.s0()
	probe.pos++
	return c >= 'a' && c <= 'n' && probe.closing() != "" && (probe.boundary() || probe.s0() == ' ')
}

// textFollows tells whether a sentence begins after a blank, or nothing does.
func (sc *scanner) textFollows() bool {
	rest := sc.s[sc.pos:]
	text := strings.TrimLeft(rest, " ")
	r, _ := utf8.DecodeRuneInString(text)
	return text == "" || text != rest && (unicode.IsUpper(r) || r == '«' || r == '(')
}

// headingNext tells whether another heading's letter or a number follows, as
// in "I.A.1)" and "I.A – 1)".
func (sc *scanner) headingNext(style string) bool {
	rest := strings.TrimLeft(sc.s[sc.pos:], " ")
	if rest == "" || style != "." && style != "-" {
		return false
	}
	inner := scanner{s: rest}
	if isDigit(rest[0]) {
		_, ok := inner.simple(nil)
		return ok && style == "-"
	}
	return len(rest) > 1 && rest[0] >= 'A' && rest[0] <= 'H' && !followedByLetter(rest[1:]) && sc.s0() != ' '
}
