package exam

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// place is a position in the lines of a document.
type place struct{ line, off int }

func (p place) before(q place) bool {
	return p.line < q.line || p.line == q.line && p.off < q.off
}

// mark is a place where a line may open a numbered part.
type mark struct {
	from, to place     // the label itself
	chain    [][]Label // each label with its readings
	weight   float64   // how much the line looks like the start of a part
	x        float64   // indent, 0 when not known
}

// findMarks lists the candidate labels of a document.
func findMarks(lines []line) []mark {
	var marks []mark
	for i := range lines {
		l := &lines[i]
		chain, end := scanLabels(l.Text)
		if len(chain) == 0 || len(marks) >= maxMarks {
			continue
		}
		m := mark{from: place{i, 0}, to: place{i, end}, chain: chain, x: l.X0}
		if m.weigh(lines) {
			marks = append(marks, m)
			marks = append(marks, m.inLine(l.Text)...)
		}
	}
	return marks
}

// weigh sets the weight from the line and the one before it. It reports false
// for lines that cannot be a label.
func (m *mark) weigh(lines []line) bool {
	l := &lines[m.from.line]
	first, last := m.chain[0][0], m.chain[len(m.chain)-1][0]
	rest := strings.TrimSpace(l.Text[m.to.off:])
	if first.Style == "bare" {
		short := len(rest) < 90 && !strings.HasSuffix(rest, ".")
		if !l.setApart() && !(l.Break && short) {
			return false
		}
		if !l.setApart() {
			m.weight--
		}
	}
	if first.Kind.keyword() {
		m.weight += 1.5
	}
	if l.Break || l.setApart() {
		m.weight += 0.6
	}
	if l.small() {
		m.weight -= 3
	}
	switch r, _ := utf8.DecodeRuneInString(rest); {
	case rest == "":
		m.weight -= 0.2
	case unicode.IsUpper(r):
		m.weight += 0.4
	case lowerWord.MatchString(rest) && len(m.chain) == 1 && !first.Kind.keyword():
		m.weight -= 1.5
	case unicode.IsLower(r) && len(m.chain) == 1 && !first.Kind.keyword():
		m.weight -= 0.5
	}
	if asksDirectly(rest[:min(len(rest), 80)]) {
		m.weight += 0.5
	}
	if last.Kind == KindNumber && last.Style == "()" {
		if m.weight -= 2; l.right > 0 && l.X0 > l.right/2 {
			return false // the number of an equation
		}
	}
	if m.from.line > 0 && lines[m.from.line-1].page == l.page {
		m.weight -= wrapped(&lines[m.from.line-1], l.Break, first.Kind.keyword())
	}
	return true
}

// lowerWord is a word of running text, where questions begin with a capital or
// a formula.
var lowerWord = regexp.MustCompile(`^\p{Ll}{2,}[\s,’']`)

// wrapped is how much the line before makes it likely that a label is only the
// end of its sentence: « d'après la question / 2. On en déduit ».
func wrapped(before *line, gap, keyword bool) float64 {
	text := strings.TrimRightFunc(before.Text, unicode.IsSpace)
	if chain, _ := scanLabels(text); len(chain) == 1 && chain[0][0].Kind.structural() {
		return 0
	}
	if referring[lastWord(text)] {
		return 4
	}
	if strings.HasSuffix(text, " à") {
		return 1.8
	}
	r, _ := utf8.DecodeLastRuneInString(text)
	if gap || before.Formula || !before.full() || !unicode.IsLetter(r) && r != ',' {
		return 0
	}
	if keyword {
		return 0.8
	}
	return 1.8
}

// referring words are never the last of a paragraph: a number follows.
var referring = map[string]bool{
	"question": true, "questions": true, "exercice": true, "partie": true, "figure": true, "la": true,
	"le": true, "les": true, "des": true, "du": true, "de": true, "et": true, "ou": true, "par": true,
	"l": true, "d": true, "en": true, "egal": true, "egale": true, "vaut": true, "annexe": true, "document": true,
}

func lastWord(s string) string {
	end := len(s)
	for end > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:end])
		if !unicode.IsLetter(r) {
			break
		}
		end -= n
	}
	return fold(s[end:])
}

// inLine finds the labels further on in a line that opens with a label:
// « 1. f(x) = x 2. f(x) = 2x 3. f(x) = 3x ». A single number may be the end
// of a sentence, so numbers count only in a row of three.
func (m *mark) inLine(text string) []mark {
	last := m.chain[len(m.chain)-1][0]
	if last.Kind.structural() || last.Kind.keyword() || last.Style == "bare" || last.Style == "-" {
		return nil
	}
	var marks []mark
	from, tabs := m.to.off, true
	for v := last.Value + 1; v < last.Value+12; v++ {
		sign := formatValue(last.Kind, v) + last.Style
		if last.Style == "()" {
			sign = "(" + formatValue(last.Kind, v) + ")"
		}
		at, tab := indexSign(text[from:], sign)
		if at < 0 || referring[lastWord(strings.TrimSpace(text[from:from+at]))] {
			break
		}
		at += from + 1
		tabs = tabs && tab
		from = at + len(sign)
		marks = append(marks, mark{
			from: place{m.from.line, at}, to: place{m.from.line, from},
			chain: [][]Label{{{Kind: last.Kind, Value: v, Style: last.Style}}}, weight: -0.5,
		})
	}
	if last.Kind == KindNumber && len(marks) < 2 && !tabs {
		marks = nil
	}
	if len(marks) == 0 {
		marks = m.nextColumn(text)
	}
	return marks
}

var columnLabel = regexp.MustCompile(`\t(\d{1,2}|[a-z])([.)]) `)

// nextColumn finds a later label of the same series after a wide gap, where
// questions stand in columns and are read line by line. It is a weak candidate
// that at least casts doubt on the text it stands in.
func (m *mark) nextColumn(text string) []mark {
	last := m.chain[len(m.chain)-1][0]
	at := columnLabel.FindStringSubmatchIndex(text[m.to.off:])
	if at == nil || text[m.to.off+at[4]:m.to.off+at[5]] != last.Style {
		return nil
	}
	probe := scanner{s: text, pos: m.to.off + at[2]}
	v, ok := probe.value(last.Kind)
	if !ok || v <= last.Value {
		return nil
	}
	return []mark{{
		from: place{m.from.line, m.to.off + at[2]}, to: place{m.from.line, m.to.off + at[5]},
		chain: [][]Label{{{Kind: last.Kind, Value: v, Style: last.Style}}}, weight: -1,
	}}
}

// indexSign finds a label between blanks. A tab before it is a wide gap in the
// line, as columns have.
func indexSign(text, sign string) (at int, tab bool) {
	for _, before := range []string{"\t", " "} {
		if at = strings.Index(text, before+sign+" "); at >= 0 {
			return at, before == "\t"
		}
	}
	return -1, false
}
