package fidelity

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kurakurai/luth/internal/markup"
)

// GateResult is that of a rewriting that changes what a text states or comes
// to.
const GateResult = "result_changed"

// Statement rejects the rewriting of a question that has other numbers than
// the question, or lacks one of its formulas.
func Statement(source, rewritten string) []Finding {
	missing, added := changedNumbers(source, rewritten)
	missing = append(missing, lostFormulas(source, rewritten)...)
	if detail := describe(missing, added); detail != "" {
		return reject(GateResult, detail)
	}
	return nil
}

// Wrapped rejects a rewriting that has tags of the prompt, remains of thinking
// or an introduction that its source lacks.
func Wrapped(source, rewritten string, opts Options) []Finding {
	if found := wrapper(newView(source), newView(rewritten), opts); found != nil {
		return found
	}
	presented := func(text string) bool {
		beginning, _, cut := strings.Cut(strings.ToLower(strings.TrimLeft(text, " \n*#")), ":")
		return cut && len(beginning) < introductionBytes && slices.ContainsFunc(presentations, func(words string) bool { return strings.HasPrefix(beginning, words) })
	}
	if presented(rewritten) && !presented(source) {
		return reject(GateWrapper, "begins with an introduction: "+excerpt(rewritten))
	}
	return nil
}

// introductionBytes is how long an introduction before a colon may be.
const introductionBytes = 60

// Result rejects the rewriting of an answer that comes to another result:
// where what it boxes differs, where formulas and numbers of the conclusion
// are gone, or where the number that its own conclusion ends with is nowhere in
// the answer: steps may be added, results may not. One that lacks a number of
// the steps before is flagged. The conclusion is what follows the last « donc », « ainsi »,
// « on obtient » and the like that is followed by a number or a formula; else
// the last line with one.
func Result(source, rewritten string) []Finding {
	var missing, added []string
	if boxes := boxed(source); len(boxes) > 0 {
		missing, added = difference(skeletons(boxes), skeletons(boxed(rewritten)))
	}
	from, concluded := conclusion(source)
	end, within := source[from:], rewritten
	to, _ := conclusion(rewritten)
	if concluded { // a result that was the last thing said stays near the end
		within = tail(rewritten, min(to, len(rewritten)/2))
	}
	missing = append(missing, lostFormulas(end, within)...)
	missing = append(missing, lackingNumbers(end, within)...)
	added = append(added, lackingNumbers(lastNumber(rewritten[to:]), source)...)
	added = append(added, lackingNumbers(strings.Join(boxed(rewritten), "\n"), source)...)
	if detail := describe(unique(missing), unique(added)); detail != "" {
		return reject(GateResult, "the result of the answer is another: "+detail)
	}
	if steps := lackingNumbers(source, rewritten); len(steps) > 0 {
		return flag(GateNumber, "missing "+list(steps))
	}
	return nil
}

func unique(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// tail returns what follows a byte, from the beginning of a character on.
func tail(text string, at int) string {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[at:]
}

// concluding are the words after which a solution says what it comes to.
var concluding = regexp.MustCompile(`(?i)\b(donc|ainsi|on obtient|on en d[ée]duit|finalement|en conclusion|on conclut|par cons[ée]quent)\b|d['’]où`)

// conclusion returns where the conclusion of a text begins, and whether a word
// says so.
func conclusion(text string) (from int, concluded bool) {
	last := lastResult(text)
	for _, place := range slices.Backward(concluding.FindAllStringIndex(text, -1)) {
		if place[1] <= last {
			return place[0], true
		}
	}
	return strings.LastIndexByte(text[:max(last, 0)], '\n') + 1, false
}

// lastResult returns where the last number or formula of a text begins, below
// 0 when there is none.
func lastResult(text string) int {
	last := strings.LastIndexAny(text, "0123456789")
	offset := 0
	for _, s := range markup.Spans(text) {
		if s.Kind == markup.Formula && s.Closed {
			last = max(last, offset)
		}
		offset += len(s.Text)
	}
	return last
}

func closedFormulas(text string) []string {
	closed, _ := formulas(markup.Spans(text))
	return closed
}

// lostFormulas returns the formulas of a text that another one lacks, however
// it sets them. Those that do not pair their braces are what a rewriting shall
// mend.
func lostFormulas(source, target string) (lost []string) {
	all := skeleton(target)
	for _, f := range closedFormulas(source) {
		if markup.Unbalanced(f) == "" && !strings.Contains(all, skeleton(undelimited(f))) {
			lost = append(lost, f)
		}
	}
	return lost
}

// boxed returns the contents of \boxed{…}.
func boxed(text string) (contents []string) {
	const box = `\boxed`
	for {
		i := strings.Index(text, box)
		if i < 0 {
			return contents
		}
		inner, end := group(text, i+len(box))
		contents = append(contents, inner)
		text = text[max(end, i+len(box)):]
	}
}

func skeletons(texts []string) (all []string) {
	for _, t := range texts {
		all = append(all, skeleton(t))
	}
	return all
}

// reading is one way to read the numbers of a text: how often each occurs.
type reading map[string]int

// readings reads the numbers of a text as French writes them, and as bare runs
// of digits: (1,2) is 1.2, or 1 and 2. Two texts have the same numbers when
// one of the readings says so.
func readings(text string) [2]reading {
	text = plainNumbers(text)
	whole, runs := reading{}, reading{}
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		n := numeral(text[i:], "fr")
		sign := signBefore(text[:i])
		whole[fmt.Sprint(sign, parse(text[i:i+n], "fr"))]++
		for _, run := range strings.FieldsFunc(text[i:i+n], func(r rune) bool { return r < '0' || r > '9' }) {
			runs[sign+run]++
			sign = ""
		}
		i += n
	}
	return [2]reading{whole, runs}
}

// lastNumber returns the last number of a text with its sign.
func lastNumber(text string) (last string) {
	text = plainNumbers(text)
	for i := 0; i < len(text); {
		if !isDigit(text[i]) {
			i++
			continue
		}
		n := numeral(text[i:], "fr")
		last = signBefore(text[:i]) + text[i:i+n]
		i += n
	}
	return last
}

// fractions without braces, as \frac12.
var bareFraction = regexp.MustCompile(`(\\[dtc]?frac)\s*(\d)\s*(\d)`)

var numberSpacing = strings.NewReplacer("{,}", ",", `\,`, "\u202f", `\;`, "\u202f", "~", "\u202f", "−", "-")

// plainNumbers writes the numbers of LaTeX, superscripts and subscripts as
// plain ones.
func plainNumbers(text string) string {
	text = numberSpacing.Replace(bareFraction.ReplaceAllString(text, "$1 {$2}{$3}"))
	var b strings.Builder
	small := false
	for _, r := range text {
		digit := smallDigit(r)
		if digit == 0 {
			small = false
			b.WriteRune(r)
			continue
		}
		if !small {
			b.WriteByte('^') // x²: the 2 is a number of its own
		}
		small = true
		b.WriteRune(digit)
	}
	return b.String()
}

// signBefore returns "-" where a text ends with a minus, which at the
// beginning of a line stands at the number, for else it opens an item.
func signBefore(text string) string {
	trimmed := strings.TrimRight(text, " {")
	if !strings.HasSuffix(trimmed, "-") {
		return ""
	}
	line := strings.TrimSpace(trimmed[strings.LastIndexByte(trimmed, '\n')+1 : len(trimmed)-1])
	if line == "" && trimmed != text {
		return ""
	}
	return "-"
}

// changedNumbers returns the numbers that one of two texts has more often.
func changedNumbers(source, target string) (missing, added []string) {
	s, t := readings(source), readings(target)
	for i := range s {
		m, a := lacking(s[i], t[i]), lacking(t[i], s[i])
		if len(m)+len(a) == 0 {
			return nil, nil
		}
		if i == 0 {
			missing, added = m, a
		}
	}
	return missing, added
}

// lackingNumbers returns the numbers of a text that another has nowhere.
func lackingNumbers(source, target string) (list []string) {
	s, t := readings(source), readings(target)
	for i := range s {
		for n := range s[i] {
			s[i][n] = min(1, s[i][n])
		}
		l := lacking(s[i], t[i])
		if len(l) == 0 {
			return nil
		}
		if i == 0 {
			list = l
		}
	}
	return list
}

// lacking returns, in order, the numbers that a has more often than b.
func lacking(a, b reading) (list []string) {
	for _, n := range slices.Sorted(maps.Keys(a)) {
		if a[n] > b[n] {
			list = append(list, n)
		}
	}
	return list
}
