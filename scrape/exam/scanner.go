package exam

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner reads the labels at the start of a line.
type scanner struct {
	s     string
	pos   int
	inner [][]Label // numbers after a word and its number: the 2 of "Question 1.2"
	boxed bool      // a mark that papers put before questions stands in front
}

// blanks makes all kinds of blanks plain ones without moving a byte.
var blanks = strings.NewReplacer("\t", " ", "\u00a0", "  ", "\u202f", "   ", "\u2009", "   ")

// scanLabels reads the chain of labels that a line opens with, such as
// "II.3.b)" or "1. a.", and the offset where the text after it begins. The
// chain is empty when the line opens with ordinary text. Every label comes
// with its possible readings: "i)" is a roman one or the ninth letter.
func scanLabels(line string) (chain [][]Label, end int) {
	sc := &scanner{s: blanks.Replace(line)}
	sc.skipMarks()
	if readings, ok := sc.keyword(); ok {
		chain = append(append(chain, readings), sc.inner...)
	} else if !sc.boxed {
		if readings, ok := sc.heading(); ok {
			return [][]Label{readings}, sc.pos
		}
	}
	for len(chain) < maxDepth {
		start := sc.pos
		readings, ok := sc.simple(chain)
		if !ok {
			sc.pos = start
			break
		}
		chain = append(chain, readings...)
	}
	if len(chain) == 0 {
		return nil, 0
	}
	sc.upto(chain)
	return chain, sc.pos
}

// skipMarks passes blanks and the marks that papers put before a number.
func (sc *scanner) skipMarks() {
	for sc.pos < len(sc.s) {
		r, n := utf8.DecodeRuneInString(sc.s[sc.pos:])
		if !unicode.IsSpace(r) && !strings.ContainsRune("□▶►▷❒❑◻☞•●■❑☐❏◮◆◇★∗*⊳▪▸➢➤\ufffd\uf0a7\uf0b7", r) {
			break
		}
		sc.boxed = sc.boxed || strings.ContainsRune("□▶►▷❒❑◻☞☐❏⊳", r)
		sc.pos += n
	}
	for _, script := range []string{"_{Q", "^{Q"} { // a line above shifted the label
		if strings.HasPrefix(sc.s[sc.pos:], script) {
			sc.pos += len(script) - 1
		}
	}
	// Some fonts have the triangle before a question at the place of a letter.
	if rest := sc.s[sc.pos:]; len(rest) > 3 && isASCIILetter(rest[0]) && rest[1] == ' ' {
		if strings.HasPrefix(rest[2:], "Question ") || rest[2] == 'Q' && isDigit(rest[3]) {
			sc.pos += 2
		}
	}
}

// value reads a bare number written in the way of a kind.
func (sc *scanner) value(k Kind) (int, bool) {
	switch k {
	case KindLetter, KindCapital:
		r, n := utf8.DecodeRuneInString(sc.s[sc.pos:])
		base := 'a'
		if k == KindCapital {
			base = 'A'
		}
		if r < base || r > base+25 || followedByLetter(sc.s[sc.pos+n:]) {
			return 0, false
		}
		sc.pos += n
		return int(r-base) + 1, true
	case KindRoman, KindLowRoman:
		return sc.roman(k == KindRoman)
	}
	return sc.digits()
}

// digits reads a number of one or two digits.
func (sc *scanner) digits() (int, bool) {
	n := sc.pos
	for n < len(sc.s) && isDigit(sc.s[n]) {
		n++
	}
	if n == sc.pos || n-sc.pos > 2 || sc.s[sc.pos] == '0' {
		return 0, false
	}
	v, _ := strconv.Atoi(sc.s[sc.pos:n])
	sc.pos = n
	return v, true
}

// roman reads a roman numeral up to twenty.
func (sc *scanner) roman(upper bool) (int, bool) {
	n := sc.pos
	set := "ivx"
	if upper {
		set = "IVX"
	}
	for n < len(sc.s) && strings.IndexByte(set, sc.s[n]) >= 0 {
		n++
	}
	text := strings.ToLower(sc.s[sc.pos:n])
	for v := 1; v <= 20; v++ {
		if romanNumeral(v) == text {
			if followedByLetter(sc.s[n:]) {
				return 0, false
			}
			sc.pos = n
			return v, true
		}
	}
	return 0, false
}

// closing reads the punctuation that ends a label and returns its style.
func (sc *scanner) closing() string {
	rest := sc.s[sc.pos:]
	for _, c := range closings {
		if strings.HasPrefix(rest, c.text) {
			sc.pos += len(c.text)
			return c.style
		}
	}
	trimmed := strings.TrimLeft(rest, " ")
	for _, sign := range []string{".", ")"} {
		// French printers also set a blank before the sign: "1 . Montrer".
		after, ok := strings.CutPrefix(trimmed, sign+" ")
		if r, _ := utf8.DecodeRuneInString(after); ok && unicode.IsUpper(r) {
			sc.pos += len(rest) - len(after) - 1
			return sign
		}
	}
	for _, dash := range []string{"-", "–", "—", ":"} {
		after, ok := strings.CutPrefix(trimmed, dash)
		if ok && (after == "" || after[0] == ' ') {
			sc.pos += len(rest) - len(after)
			return "-"
		}
	}
	return ""
}

var closings = []struct{ text, style string }{
	{".)", ")"}, {"°)", ")"}, {"°.", "."}, {"°/", ")"}, {"º)", ")"}, {"◦)", ")"}, {"^{◦})", ")"}, {"^◦)", ")"}, {"^°)", ")"},
	{").", ")"}, {".-", "."}, {"°", "°"}, {"º", "°"}, {"/", "/"}, {")", ")"}, {".", "."}, {":", "-"},
}

// simple reads one label without a word before it: "1.", "a)", "(ii)", "II -",
// or a compound such as "1.2." that yields several.
func (sc *scanner) simple(before [][]Label) (labels [][]Label, ok bool) {
	for sc.pos < len(sc.s) && sc.s[sc.pos] == ' ' {
		sc.pos++
	}
	if sc.pos >= len(sc.s) {
		return nil, false
	}
	if sc.s[sc.pos] == '(' {
		return sc.parenthesised(before)
	}
	if isDigit(sc.s[sc.pos]) {
		return sc.number(before)
	}
	return sc.letter(before)
}

// parenthesised reads "(a)", "(ii)" and "(1)".
func (sc *scanner) parenthesised(before [][]Label) ([][]Label, bool) {
	for _, k := range []Kind{KindNumber, KindLowRoman, KindLetter} {
		probe := scanner{s: sc.s, pos: sc.pos + 1}
		if _, ok := probe.value(k); !ok || probe.pos >= len(sc.s) || sc.s[probe.pos] != ')' {
			continue
		}
		readings := alphaReadings(sc.s[sc.pos+1:probe.pos], "()")
		if k == KindNumber {
			v, _ := strconv.Atoi(sc.s[sc.pos+1 : probe.pos])
			readings = []Label{{Kind: KindNumber, Value: v, Style: "()"}}
		}
		sc.pos = probe.pos + 1
		if !admits(before, readings) || !sc.boundary() {
			return nil, false
		}
		return [][]Label{readings}, true
	}
	return nil, false
}

// number reads "1.", "1)", the first half of "3a." and compounds like "1.2.1".
func (sc *scanner) number(before [][]Label) ([][]Label, bool) {
	v, ok := sc.digits()
	if !ok {
		return nil, false
	}
	first := Label{Kind: KindNumber, Value: v}
	if !admits(before, []Label{first}) {
		return nil, false
	}
	if labels, ok := sc.decimal(first); ok {
		return labels, true
	}
	first.Style = sc.closing()
	if first.Style == "" && sc.glued() {
		return [][]Label{{first}}, true
	}
	if first.Style == "" && sc.boxed && (sc.textFollows() || sc.letterFollows()) {
		return [][]Label{{first}}, true // "▷ 3 Montrer"
	}
	_, _, joint := sc.rangeEnd(first, before)
	return [][]Label{{first}}, joint || sc.endsIn(first.Style)
}

// endsIn tells whether a label that closes in a style can end here. Dashes,
// colons and degree signs also stand in formulas: a capital must follow.
func (sc *scanner) endsIn(style string) bool {
	switch style {
	case "":
		return false
	case ".", ")":
		return sc.boundary()
	}
	rest := strings.TrimLeft(sc.s[sc.pos:], " ")
	r, _ := utf8.DecodeRuneInString(rest)
	if unicode.IsUpper(r) || rest == "" {
		return true
	}
	inner := scanner{s: rest}
	_, ok := inner.simple(nil)
	return ok && !isDigit(rest[0])
}

// glued passes to a letter label that follows a number directly, as in "3a."
// and "3-b)".
func (sc *scanner) glued() bool {
	probe := *sc
	if probe.s0() == '-' {
		probe.pos++
	}
	at := probe.pos
	if c := probe.s0(); c < 'a' || c > 'n' {
		return false
	}
	if !probe.jointLetter() {
		probe.pos++
		if probe.closing() == "" || !probe.boundary() {
			return false
		}
	}
	sc.pos = at
	return true
}

// letter reads "a)", "i.", "A.", "II -" and their compounds with what follows.
func (sc *scanner) letter(before [][]Label) ([][]Label, bool) {
	start := sc.pos
	n := start
	for n < len(sc.s) && n-start < 6 && isASCIILetter(sc.s[n]) {
		n++
	}
	text := sc.s[start:n]
	if text == "" {
		return nil, false
	}
	bare := len(before) > 0 && sc.bareLetter()
	sc.pos = n
	if labels, ok := sc.numbered(text, before); ok {
		return labels, true
	}
	style := sc.closing()
	if bare {
		return [][]Label{alphaReadings(text, ".")}, true
	}
	readings := alphaReadings(text, style)
	if len(readings) == 0 || !admits(before, readings) {
		return nil, false
	}
	// "II.3" and "A.2.c": a number follows at once.
	compound := readings[0].Kind.structural() && (style == "." && isDigit(sc.s0()) || sc.headingNext(style))
	_, _, joint := sc.rangeEnd(readings[len(readings)-1], before)
	return [][]Label{readings}, compound || joint || sc.endsIn(style)
}

// boundary tells whether the text after a label can begin here: at the end of
// the line, after a blank, at an opening sign or a capital letter.
func (sc *scanner) boundary() bool {
	r, _ := utf8.DecodeRuneInString(sc.s[sc.pos:])
	if sc.pos >= len(sc.s) || unicode.IsSpace(r) || strings.ContainsRune("([«{∀∃√□", r) || unicode.IsUpper(r) {
		return true
	}
	// "1.a)" and "2)b)": another label follows at once.
	probe := scanner{s: sc.s, pos: sc.pos}
	if r < 'a' || r > 'z' {
		return false
	}
	if probe.bareLetter() || probe.jointLetter() {
		return true
	}
	probe.pos++
	for probe.pos < len(probe.s) && strings.IndexByte("ivx", probe.s[probe.pos]) >= 0 {
		probe.pos++
	}
	return probe.closing() != ""
}

// bareLetter tells whether a letter ends a compound without a sign of its own:
// the c of "A.2.c Donner" and "A-2-c Donner".
func (sc *scanner) bareLetter() bool {
	if c := sc.s0(); c < 'a' || c > 'n' || sc.pos == 0 || sc.s[sc.pos-1] != '.' && sc.s[sc.pos-1] != '-' {
		return false
	}
	rest := sc.s[sc.pos+1:]
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " "))
	return rest == "" || rest[0] == ' ' && unicode.IsUpper(r)
}

// alphaReadings gives the labels that letters can mean.
func alphaReadings(text, style string) []Label {
	upper := text[0] >= 'A' && text[0] <= 'Z'
	var readings []Label
	probe := scanner{s: text}
	if v, ok := probe.roman(upper); ok && probe.pos == len(text) {
		kind := KindLowRoman
		if upper {
			kind = KindRoman
		}
		readings = append(readings, Label{Kind: kind, Value: v, Style: style})
	}
	if len(text) == 1 {
		kind, v := KindLetter, int(text[0]-'a')+1
		if upper {
			kind, v = KindCapital, int(text[0]-'A')+1
		}
		if v <= 22 {
			readings = append(readings, Label{Kind: kind, Value: v, Style: style})
		}
	}
	return readings
}

// admits tells whether readings may follow a chain: each label of a chain is
// of a deeper rank than the one before, and numbers do not follow numbers.
func admits(before [][]Label, readings []Label) bool {
	if len(before) == 0 {
		return true
	}
	for _, b := range before[len(before)-1] {
		for _, r := range readings {
			if rank[r.Kind] > rank[b.Kind] || b.Kind == KindLetter && r.Kind == KindLowRoman || b.Kind == KindRoman && r.Kind == KindCapital {
				return true
			}
		}
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func followedByLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
