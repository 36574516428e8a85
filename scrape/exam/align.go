// Package exam pairs the files of exam papers with their corrections and
// aligns the questions of a subject with the answers of its correction, by
// rules and word for word.
//
// ParseOutline reads the numbering of a document (exercises, parts, questions)
// into a tree: the best consistent reading of everything at the start of a
// line that could be a label, found by a beam search. Align matches the trees
// of a subject and its correction by number, order and words; every Pair has
// the question, the statements it stands under, its answer and a confidence
// whose parts Evidence documents. Pairs under the threshold, questions that
// need a figure and the like are returned too, with the reason why they are
// not kept. PairFiles finds out which file of a folder corrects which, by name.
package exam

import (
	"regexp"
	"strings"

	"github.com/kurakurai/luth/scrape/document"
)

// DefaultThreshold is the confidence from which pairs are kept. It was set on
// 22 real subjects with their corrections so that no pair read above it was
// wrong, and is checked on generated papers and on the bundled ones.
const DefaultThreshold = 0.65

// Options changes how strict Align is.
type Options struct {
	Threshold float64 // keep pairs from this confidence on; 0 means DefaultThreshold
}

// Align pairs the questions of a subject with the answers of its correction,
// in the order of the subject. It returns a Pair for every question, also for
// those that have no answer, and what became of them. It never fails: texts
// without numbering give no pairs.
func Align(subject, correction document.Text, opts Options) ([]Pair, Report) {
	threshold := opts.Threshold
	if threshold == 0 {
		threshold = DefaultThreshold
	}
	s := parseOutline(subject, nil)
	c := parseOutline(correction, s.guide())
	m := newMatcher(s, c)
	links := m.align()
	a := alignment{subject: s, correction: c, links: links, identical: identical(s, c), paper: m.paper}
	for _, u := range units(s, links) {
		a.answers = append(a.answers, a.answer(u))
	}
	a.judge(&m.lex)

	var report Report
	report.Identical = a.identical
	pairs := make([]Pair, len(a.answers))
	for i, x := range a.answers {
		pairs[i] = a.pair(x, threshold)
		report.count(pairs[i])
	}
	return pairs, report
}

// guide lists the question numbers of a subject.
func (o *outline) guide() guide {
	g := make(guide)
	for _, n := range o.nodes[1:] {
		var key []byte
		for _, a := range n.path() {
			key = extendKey(key, a.Label.Kind, a.Label.Value)
		}
		g[string(key)] = true
	}
	return g
}

// identical tells whether a correction has only the text of its subject, as
// scans of handwritten corrections have.
func identical(s, c *outline) bool {
	a, b := s.text(place{}, place{len(s.lines), 0}), c.text(place{}, place{len(c.lines), 0})
	return len(b) > 0 && float64(len(b)) < 1.2*float64(len(a)) && newShingles(a).share(b) > 0.9
}

// alignment is a subject and its correction while they are paired.
type alignment struct {
	subject, correction *outline
	links               map[*Node]link
	identical           bool
	answers             []*candidate
	taken               map[*Node]bool  // see linkedAnswers
	nextAnswer          map[*Node]*Node // see following
	paper               shingles        // of the subject
}

// candidate is a question with the answer found for it.
type candidate struct {
	unit             *unit
	question, answer passage
	evidence         Evidence
	words            map[string]bool // terms of the question
	answerWords      map[string]bool
	repeated         bool // the answer began with the question
}

// answer cuts the texts of a question and its answer out of their documents.
func (a *alignment) answer(u *unit) *candidate {
	question, statement := u.question()
	x := &candidate{unit: u, question: question.withoutTitle(u.first()).withoutNotices().withoutTrailingHeadings()}
	x.words = terms(x.question.raw())
	if u.link == nil {
		return x
	}
	answer := u.link.answer.whole().withoutTitle(u.link.answer).withoutColophon().withoutTrailingHeadings()
	x.answer, x.repeated = withoutRepeat(x.question, statement, answer)
	x.answerWords = terms(answer.raw())
	return x
}

// pair makes the pair of a question and says whether it is kept.
func (a *alignment) pair(x *candidate, threshold float64) Pair {
	p := Pair{
		Path: x.unit.path(), Question: clean(x.question), Answer: clean(x.answer), Evidence: x.evidence,
		QuestionPages: x.question.pages(), AnswerPages: x.answer.pages(),
		QuestionSpan: x.question.span(), AnswerSpan: x.answer.span(),
	}
	context := x.unit.first().context()
	blocks := make([]string, 0, len(context))
	for _, c := range context {
		if text := clean(c); text != "" {
			blocks = append(blocks, text)
		}
	}
	p.Context = strings.Join(blocks, "\n\n")
	if x.unit.link != nil {
		p.Confidence = x.evidence.confidence()
	}
	p.Reason = a.reason(x, p, threshold)
	p.Kept = p.Reason == ReasonNone
	return p
}

// path is the canonical path of a unit, "Exercice 1/2-3" for a joint answer.
func (u *unit) path() string {
	path := u.first().Path()
	if last := u.nodes[len(u.nodes)-1]; last != u.first() {
		path += "-" + formatValue(last.Label.form(), last.Label.Value)
	}
	return path
}

// reason finds what speaks against a pair.
func (a *alignment) reason(x *candidate, p Pair, threshold float64) Reason {
	switch {
	case a.identical:
		return ReasonIdentical
	case len(tokenize(p.Question)) < 2 && !asksDirectly(p.Question):
		return ReasonEmptyQuestion
	case !x.asks(p.Question):
		return ReasonNoQuestion
	case x.unit.link == nil:
		return ReasonNoAnswer
	case len(tokenize(p.Answer)) == 0:
		return ReasonEmptyAnswer
	case garbled(p.Question) || garbled(p.Answer):
		return ReasonGarbled
	case asksAgain(p.Question, p.Answer), a.paper.contain(p.Answer):
		return ReasonRepeats
	case p.Confidence < threshold:
		return ReasonLowConfidence
	}
	need := needs(p.Question, p.Answer, x.unit.above(), x.unit.first().section().Text)
	if need == ReasonNone && unfinished.MatchString(p.Answer) {
		return ReasonUnfinished
	}
	return need
}

// asks tells whether a question asks something, by itself or by the statement
// of a part it stands in.
func (x *candidate) asks(question string) bool {
	if asksSomething(question) || openEnd.MatchString(question) || x.unit.first().isChoice() {
		return true
	}
	for p := x.unit.first().parent; p != nil && p.parent != nil; p = p.parent {
		if asksSomething(p.Text) {
			return true
		}
	}
	return false
}

// unfinished is the end of an answer that announces a formula or a drawing
// which the text does not have.
var unfinished = regexp.MustCompile(`(?i)(\pL\s?:|\b(on a|alors|donc|soit|il vient|par))\s*$`)

// openEnd is the end of a question that is to be continued: « cos(x) = ».
var openEnd = regexp.MustCompile(`(=|…|\.\.\.|:)\s*$`)

// above is the statement that stands right above a question, if it is short:
// a long one introduces a whole part, and what it shows the question need not
// be about.
func (u *unit) above() string {
	n := u.first()
	before := n.doc.nodes[n.index-1]
	statement := before.own()
	if !before.holds(n) {
		_, statement = before.splitStatement()
	}
	paragraphs := statement.paragraphs()
	var parts []string
	if p := n.parent; p != before && !p.Label.Kind.structural() && len(p.Text) < maxAbove {
		parts = append(parts, p.Text)
	}
	for _, p := range paragraphs[max(0, len(paragraphs)-2):] {
		if raw := p.raw(); len(raw) < maxAbove {
			parts = append(parts, raw)
		}
	}
	return strings.Join(parts, "\n")
}

// maxAbove is the length up to which a statement counts as part of the
// question below it.
const maxAbove = 600

// garbled tells whether too many characters of a text have no meaning.
func garbled(s string) bool {
	bad, all := 0, 0
	for _, r := range s {
		all++
		if r == '\ufffd' || r >= 0xe000 && r <= 0xf8ff {
			bad++
		}
	}
	return float64(bad) > 0.03*float64(all)
}
