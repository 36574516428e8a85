package exam

import "math"

const (
	fullOverlap   = 0.3 // shared words from which the lexical evidence is full
	minForOrder   = 4   // answered questions that a shift can be seen in
	minForRelated = 5   // answered questions that chance can be told from
)

// judge sets the evidence of all candidates.
func (a *alignment) judge(lex *lexicon) {
	related := a.related(lex)
	for i, x := range a.answers {
		if x.unit.link == nil {
			continue
		}
		overlap := lex.overlap(x.words, x.answerWords)
		e := &x.evidence
		e.Path = x.unit.link.path
		e.Sequence = a.sequence(i)
		e.Lexical = math.Min(1, overlap/fullOverlap)
		if x.repeated {
			e.Lexical = 1
		}
		e.Related = related
		e.Clean = x.clean()
		if e.Lexical < 0.3 && lowerWord.MatchString(clean(x.answer)) {
			e.Clean *= 0.8 // the rest of a sentence, or a step of a list
		}
		if a.runsOn(x) || i+1 < len(a.answers) && swallows(x, a.answers[i+1], lex) {
			e.Clean *= 0.5
		}
		if x.unit.folded && !x.unit.first().isChoice() {
			e.Path *= 0.95
		}
	}
	a.setAgreement()
	for _, group := range a.groups() {
		a.setOrder(group, lex)
	}
	a.setShifts(lex)
}

// sequence tells how well the neighbours of a question agree: 1 when the
// answers before and after it stand right before and after its own.
func (a *alignment) sequence(i int) float64 {
	agree := 0.0
	if i == 0 || a.follows(a.answers[i-1], a.answers[i]) {
		agree += 0.5
	}
	if i == len(a.answers)-1 || a.follows(a.answers[i], a.answers[i+1]) {
		agree += 0.5
	}
	return agree
}

// follows tells whether the answer of y comes right after that of x, with
// nothing but headings between them.
func (a *alignment) follows(x, y *candidate) bool {
	if x.unit.link == nil || y.unit.link == nil {
		return false
	}
	before, after := x.unit.link.answer, y.unit.link.answer
	for _, n := range a.correction.nodes[min(before.last+1, after.index):after.index] {
		if !n.Label.Kind.structural() && !n.holds(after) {
			return false
		}
	}
	return before.index < after.index
}

// runsOn tells whether an answer holds the label of a later question of the
// same series that has no answer of its own: it was not recognised.
func (a *alignment) runsOn(x *candidate) bool {
	last := x.unit.nodes[len(x.unit.nodes)-1]
	first, end := x.unit.link.answer.index, x.unit.link.answer.last
	for _, n := range a.correction.nodes[first : end+1] {
		for _, stray := range n.strays {
			for p := last; p.parent != nil && !p.Label.Kind.structural(); p = p.parent {
				if a.unanswered(p.parent.Children, last.index, stray) {
					return true
				}
			}
		}
	}
	return false
}

// swallows tells whether an answer also seems to answer the next question,
// which has none: its heading was not recognised.
func swallows(x, next *candidate, lex *lexicon) bool {
	if next.unit.link != nil || !next.unit.first().Label.Kind.top() {
		return false
	}
	return lex.overlap(next.words, x.answerWords) > 0.2
}

// unanswered tells whether a label is that of a question after some index that
// has no answer.
func (a *alignment) unanswered(siblings []*Node, after int, l Label) bool {
	for _, s := range siblings {
		if s.index > after && a.links[s].answer == nil && s.Label.Kind == l.Kind && s.Label.Value == l.Value {
			return true
		}
	}
	return false
}

// clean is lowered by stray labels and by lengths out of proportion.
func (x *candidate) clean() float64 {
	clean := 1.0
	if !x.unit.folded && x.unit.first().doubts > 0 {
		clean *= 0.6
	}
	if x.unit.link.answer.doubts > 0 {
		clean *= 0.8
	}
	if x.unit.first().swallowsColumn() {
		clean *= 0.6
	}
	question, answer := len(x.question.raw()), len(x.answer.raw())
	if answer > 6000 && answer > 30*question {
		clean *= 0.8
	}
	return clean
}

// swallowsColumn tells whether a question holds numbers of its own kind that
// do not begin anew: they stand in another column.
func (n *Node) swallowsColumn() bool {
	return len(n.Children) > 0 && n.Children[0].Label.Kind == n.Label.Kind && n.Children[0].Label.Value > 1 && n.Label.Style != decimalStyle
}

// groups lists the answered candidates of each exercise.
func (a *alignment) groups() [][]*candidate {
	var groups [][]*candidate
	var top *Node
	for _, x := range a.answers {
		if x.unit.link == nil {
			continue
		}
		if t := x.unit.first().topPart(); len(groups) == 0 || t != top {
			groups, top = append(groups, nil), t
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], x)
	}
	return groups
}

// placing is the share of the answers of a group that fit a question worse than
// its own answer does: 0.5 by chance, close to 1 for true pairs.
func placing(group []*candidate, i int, lex *lexicon) float64 {
	x := group[i]
	own := lex.overlap(x.words, x.answerWords)
	worse := 0.0
	for j, y := range group {
		if j == i {
			continue
		}
		switch other := lex.overlap(x.words, y.answerWords); {
		case other < own:
			worse++
		case other == own:
			worse += 0.5
		}
	}
	return worse / float64(len(group)-1)
}

// meanPlacing is the mean placing of the members of a group of two or more.
func meanPlacing(group []*candidate, lex *lexicon) float64 {
	total := 0.0
	for i := range group {
		total += placing(group, i, lex)
	}
	return total / float64(len(group))
}

// setOrder lowers the evidence of questions whose answers fit other questions
// of their exercise better.
func (a *alignment) setOrder(group []*candidate, lex *lexicon) {
	for _, x := range group {
		x.evidence.Order = 1
	}
	lower := func(members []*candidate, factor float64) {
		for _, x := range members {
			x.evidence.Order = min(x.evidence.Order, factor)
		}
	}
	if len(group) >= minForOrder {
		switch r := meanPlacing(group, lex); {
		case r < 0.5:
			lower(group, 0.5)
		case r < 0.65:
			lower(group, 0.9)
		}
	}
}

// related compares, over the whole paper, the answers of questions with those
// of other questions of the same exercise. On real papers the mean placing is
// above 0.8 for true corrections and below 0.7 for those of other papers.
func (a *alignment) related(lex *lexicon) float64 {
	total, n := 0.0, 0
	for _, group := range a.groups() {
		if len(group) > 1 {
			total += meanPlacing(group, lex) * float64(len(group))
			n += len(group)
		}
	}
	switch mean := total / float64(max(n, 1)); {
	case len(a.answers) >= 10 && n < len(a.answers)/3 && mean < 0.85:
		return 0.6 // hardly a correction of this paper
	case n == 0 || mean >= 0.75:
		return 1
	case n < minForRelated:
		return 0.9
	case mean < 0.7:
		return 0.5
	}
	return 0.85
}
