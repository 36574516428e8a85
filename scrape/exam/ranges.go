package exam

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// upto reads the end of a range after the last label: "et 3.", "à 5)", "-4",
// and of lists such as "1, 2 et 3.".
func (sc *scanner) upto(chain [][]Label) {
	last := chain[len(chain)-1]
	for i, l := range last {
		value, end, ok := sc.rangeEnd(l, chain[:len(chain)-1])
		if !ok {
			continue
		}
		for ok {
			last[i].Upto, sc.pos = value, end
			l.Value = value
			value, end, ok = sc.rangeEnd(l, chain[:len(chain)-1])
		}
		return
	}
}

// joiners stand between the first and the last number of a range; those of
// pairs ask for the next number.
var joiners = []struct {
	text string
	pair bool
}{{"et ", true}, {"à ", false}, {"- ", false}, {"– ", false}, {"-", false}, {"–", false}, {", ", true}, {"& ", true}, {"/", true}}

// rangeEnd reads the second number of a range that begins with l. The numbers
// above it may be repeated: "4.a) à 4.c)".
func (sc *scanner) rangeEnd(l Label, above [][]Label) (value, end int, ok bool) {
	rest := sc.s[sc.pos:]
	trimmed := strings.TrimLeft(rest, " ")
	probe := scanner{s: sc.s, pos: sc.pos + len(rest) - len(trimmed)}
	pair, joined := false, false
	for _, j := range joiners {
		if strings.HasPrefix(trimmed, j.text) {
			probe.pos += len(j.text)
			pair, joined = j.pair, true
			break
		}
	}
	if !joined && l.Style == "/" && rest == trimmed {
		pair, joined = true, true // "2.a/b", whose slash closed the first letter
	}
	if !joined {
		return 0, 0, false
	}
	if l.Kind == KindQuestion && probe.s0() == 'Q' {
		probe.pos++
	}
	probe.skipAbove(above)
	value, ok = probe.value(l.Kind)
	if !ok || value <= l.Value || value > l.Value+12 {
		return 0, 0, false
	}
	if pair && value != l.Value+1 {
		return 0, 0, false
	}
	closed := probe.closing() != ""
	if pair && !closed && !l.Kind.keyword() {
		_, _, more := probe.rangeEnd(Label{Kind: l.Kind, Value: value}, above)
		if !more && !(len(above) > 0 && probe.textFollows()) {
			return 0, 0, false
		}
	}
	r, _ := utf8.DecodeRuneInString(probe.s[probe.pos:])
	return value, probe.pos, !unicode.IsLetter(r)
}

// jointLetter tells whether a letter opens a list: the a of "3a et 3b.".
func (sc *scanner) jointLetter() bool {
	c, probe := sc.s0(), *sc
	probe.pos++
	if c < 'a' || c > 'n' {
		return false
	}
	start := sc.pos
	for start > 0 && (isDigit(sc.s[start-1]) || sc.s[start-1] == '.') {
		start--
	}
	number := scanner{s: sc.s, pos: start}
	v, ok := number.digits()
	if !ok {
		return false
	}
	_, _, ok = probe.rangeEnd(Label{Kind: KindLetter, Value: int(c-'a') + 1}, [][]Label{{{Kind: KindNumber, Value: v}}})
	return ok
}

// skipAbove passes the repeated numbers above the last one of a range.
func (sc *scanner) skipAbove(above [][]Label) {
	probe := *sc
	for _, readings := range above {
		l := readings[0]
		if v, ok := probe.value(l.form()); !ok || v != l.Value {
			return
		}
		if probe.closing() == "" {
			probe.dash()
		}
		for probe.s0() == ' ' {
			probe.pos++
		}
		if !unicode.IsLetter(rune(probe.s0())) && !isDigit(probe.s0()) {
			return
		}
	}
	*sc = probe
}
