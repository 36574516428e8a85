package exam

import "strings"

// Two numberings of one paper agree almost everywhere: on real pairs the
// questions of a section have the answers' numbers and parts one for one. A
// correction written for another version, or read wrongly, shows in numbers
// that only one side has and in questions divided on one side only.

// minForAgreement is how many questions a section needs for its agreement to
// mean something.
const minForAgreement = 2

// setAgreement lowers the evidence of questions in sections whose numbering
// differs from that of their answers.
func (a *alignment) setAgreement() {
	for start := 0; start < len(a.answers); {
		end, section := start, a.answers[start].unit.first().section()
		for end < len(a.answers) && a.answers[end].unit.first().section() == section {
			end++
		}
		factor := agreementFactor(a.agreement(a.answers[start:end]))
		for _, x := range a.answers[start:end] {
			x.evidence.Agreement = factor
		}
		start = end
	}
}

func agreementFactor(agreement float64) float64 {
	switch {
	case agreement >= 0.85:
		return 1
	case agreement >= 0.7:
		return 0.9
	case agreement > 0.5:
		return 0.75
	}
	return 0.6
}

// agreement is the share of the numbers of a section that stand in both
// documents. A question that is divided in one of them counts less: little
// less where the answers have the parts, as a list in an answer may be, and the
// numbers above end alike.
func (a *alignment) agreement(section []*candidate) float64 {
	agree, all := 0.0, 0.0
	var first, last *Node               // the answers of the section
	var questions, answers []*candidate // divided in the subject or the correction only
	linked := make(map[*Node]bool)
	for _, x := range section {
		if x.unit.link == nil {
			if a.missesTheEnd(x.unit.first()) {
				all++
			}
			continue
		}
		all++
		answer := x.unit.link.answer
		linked[answer] = true
		if first == nil || answer.index < first.index {
			first = answer
		}
		if last == nil || answer.last > last.last {
			last = answer
		}
		switch x.unit.divided() {
		case inSubject:
			questions = append(questions, x)
		case inCorrection:
			answers = append(answers, x)
		default:
			agree++
		}
	}
	if first != nil {
		all += float64(a.extraAnswers(first, last, linked))
	}
	if all < minForAgreement {
		return 1
	}
	for _, x := range append(questions, answers...) {
		switch {
		case len(questions) > 0 && len(answers) > 0: // one after the other: a shift
		case a.sameLength(x.unit.first()):
			agree += 0.9
		default:
			agree += 0.5
		}
	}
	return agree / all
}

// division tells which side divides a question into parts.
type division uint8

const (
	alike division = iota
	inSubject
	inCorrection
)

func (u *unit) divided() division {
	first, answer := u.first(), u.link.answer
	switch {
	case len(u.nodes) > 1, first.isChoice():
		return alike
	case u.folded:
		return inSubject
	case len(first.Children) == 0 && len(answer.Children) > 1 && !answer.listsSteps():
		return inCorrection
	}
	return alike
}

// missesTheEnd tells whether a question without an answer is among the last of
// its series. One that the correction leaves out between others says nothing:
// the numbers after it agree.
func (a *alignment) missesTheEnd(n *Node) bool {
	for ; n.parent != nil && !n.Label.Kind.structural(); n = n.parent {
		answered := false
		for _, s := range n.parent.Children {
			if !a.answered(s) {
				continue
			}
			if s.index > n.index {
				return false
			}
			answered = true
		}
		if answered {
			return true
		}
	}
	return false
}

// answered tells whether a question or a part of it has an answer.
func (a *alignment) answered(n *Node) bool {
	for _, d := range n.doc.nodes[n.index : n.last+1] {
		if _, ok := a.links[d]; ok {
			return true
		}
	}
	return false
}

// listsSteps tells whether the parts of an answer are the steps of a list, which
// go on in the sentence above them.
func (n *Node) listsSteps() bool {
	steps := 0
	for _, c := range n.Children {
		if lowerWord.MatchString(strings.TrimSpace(c.Text)) {
			steps++
		}
	}
	return 2*steps > len(n.Children)
}

// extraAnswers counts the numbers among the answers of a section, and right
// after them, that no question has.
func (a *alignment) extraAnswers(first, last *Node, linked map[*Node]bool) int {
	taken := a.linkedAnswers()
	extra := 0
	for i := first.index; i < len(a.correction.nodes); i++ {
		n := a.correction.nodes[i]
		if i > last.last && (n.Label.Kind.structural() || taken[n] && !linked[n] || n.run != last.run) {
			break
		}
		switch {
		case linked[n]:
			i = n.last // what is below is part of the answer
		case len(n.Children) == 0 && !n.Label.Kind.structural() && !taken[n]:
			extra++
		}
	}
	return extra
}

// linkedAnswers are the parts of the correction that answer a question.
func (a *alignment) linkedAnswers() map[*Node]bool {
	if a.taken == nil {
		a.taken = make(map[*Node]bool)
		for _, x := range a.answers {
			if x.unit.link != nil {
				a.taken[x.unit.link.answer] = true
			}
		}
	}
	return a.taken
}
