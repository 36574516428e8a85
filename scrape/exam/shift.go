package exam

// A correction written for a version with a question more or less has the
// numbers of a series moved from some place on. Its end shows that: the last
// number differs. The words tell from where on.

// shiftFactor lowers the evidence of questions whose numbers seem to be moved.
const shiftFactor = 0.6

// setShifts lowers the order evidence of questions in moved series.
func (a *alignment) setShifts(lex *lexicon) {
	lowered := make(map[*Node]bool)
	for _, series := range a.subject.series() {
		if len(series) > 1 && !a.sameEnd(series) {
			a.findShift(series, lex, lowered)
		}
	}
	for _, x := range a.answers {
		for n := x.unit.first(); n.parent != nil; n = n.parent {
			if lowered[n] {
				x.evidence.Order = min(x.evidence.Order, shiftFactor)
			}
		}
	}
}

// series lists the questions of a document that are numbered in one go: those
// below one question, and those of an exercise as far as their numbers rise,
// through its parts.
func (o *outline) series() [][]*Node {
	var out [][]*Node
	open := make(map[*Node]int) // index in out of the series last seen below a node
	for _, n := range o.nodes[1:] {
		if n.Label.Kind.structural() {
			continue
		}
		above := n.parent
		if above.Label.Kind.structural() {
			above = above.topPart()
		}
		at, ok := open[above]
		if ok {
			last := out[at][len(out[at])-1]
			ok = last.Label.Kind == n.Label.Kind && last.Label.Value < n.Label.Value
		}
		if !ok {
			at = len(out)
			open[above] = at
			out = append(out, nil)
		}
		out[at] = append(out[at], n)
	}
	return out
}

// sameEnd tells whether a series ends with the same number in the subject and
// in the correction.
func (a *alignment) sameEnd(series []*Node) bool {
	answer := a.answerOf(series[len(series)-1])
	if answer == nil {
		return false
	}
	next := a.following(answer)
	return next == nil || a.answersAny(next)
}

// following is the next number of the series of an answer, nil when it is the
// last.
func (a *alignment) following(answer *Node) *Node {
	if a.nextAnswer == nil {
		a.nextAnswer = make(map[*Node]*Node)
		for _, series := range a.correction.series() {
			for i, n := range series[:len(series)-1] {
				a.nextAnswer[n] = series[i+1]
			}
		}
	}
	return a.nextAnswer[answer]
}

// sameLength tells whether the questions next to one have the same last number
// in the subject and in the correction.
func (a *alignment) sameLength(n *Node) bool { return a.sameEnd(n.parent.Children) }

// answerOf is the part of the correction with the number of a question: the
// one linked to it, above the one linked to a part of it, or one that answers
// it together with those before it.
func (a *alignment) answerOf(n *Node) *Node {
	if answer := a.links[n].answer; answer != nil {
		return answer
	}
	for _, c := range n.Children {
		if answer := a.links[c].answer; answer != nil && answer.parent.parent != nil {
			return answer.parent
		}
	}
	for _, s := range n.parent.Children {
		if answer := a.links[s].answer; answer != nil && s.index < n.index && answer.Label.Upto >= n.Label.Value {
			return answer
		}
	}
	return nil
}

// findShift finds from which question of a series on the answers before or
// after fit better than those with its number.
func (a *alignment) findShift(series []*Node, lex *lexicon, lowered map[*Node]bool) {
	questions := make([]map[string]bool, len(series))
	answers := make([]map[string]bool, len(series)+1) // one more: the answer after the last
	for i, n := range series {
		questions[i] = terms(n.whole().raw())
		if answer := a.answerOf(n); answer != nil {
			answers[i] = terms(answer.whole().raw())
			if next := a.following(answer); i == len(series)-1 && next != nil {
				answers[i+1] = terms(next.whole().raw())
			}
		}
	}
	for _, step := range []int{-1, 1} {
		from, gain, best := len(series), 0.0, 0.0
		own := make([]float64, len(series))
		for i := len(series) - 1; i >= 0; i-- {
			if i+step < 0 || answers[i+step] == nil {
				continue
			}
			if own[i] = a.chance(questions[i], answers, lex); answers[i] != nil {
				own[i] = lex.overlap(questions[i], answers[i])
			}
			other := lex.overlap(questions[i], answers[i+step])
			if other > own[i] {
				lowered[series[i]] = true
			}
			if gain += other - own[i]; gain > best {
				from, best = i, gain
			}
		}
		for i := from; i < len(series); i++ {
			lowered[series[i]] = true
		}
		// The question before the first moved one may be the one left out.
		if from--; from >= 0 && from < len(series)-1 && own[from] < 2*a.chance(questions[from], answers, lex) {
			lowered[series[from]] = true
		}
	}
}

// chance is how much a question shares with the answers of its series on
// average.
func (a *alignment) chance(question map[string]bool, answers []map[string]bool, lex *lexicon) float64 {
	total, n := 0.0, 0
	for _, words := range answers {
		if words != nil {
			total += lex.overlap(question, words)
			n++
		}
	}
	return total / float64(max(n, 1))
}

// answersAny tells whether a part of the correction, or one below it, answers
// a question.
func (a *alignment) answersAny(n *Node) bool {
	taken := a.linkedAnswers()
	for _, d := range n.doc.nodes[n.index : n.last+1] {
		if taken[d] {
			return true
		}
	}
	return false
}
