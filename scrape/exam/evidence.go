package exam

import "math"

const (
	fullOverlap   = 0.3 // shared words from which the lexical evidence is full
	minForOrder   = 4   // answered questions that a shift can be seen in
	minForRelated = 6   // answered questions that chance can be told from
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
		e.Order, e.Related = 1, related
		e.Clean = x.clean()
		if a.runsOn(x) {
			e.Clean *= 0.5
		}
		if x.unit.folded && !x.unit.first().isChoice() {
			e.Path *= 0.95
		}
	}
	for _, group := range a.groups() {
		order := orderOf(group, lex)
		for _, x := range group {
			x.evidence.Order = order
		}
	}
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
	if last.parent == nil {
		return false
	}
	first, end := x.unit.link.answer.index, x.unit.link.answer.last
	for _, n := range a.correction.nodes[first : end+1] {
		for _, stray := range n.strays {
			for _, s := range last.parent.Children {
				unanswered := s.index > last.index && a.links[s].answer == nil
				if unanswered && s.Label.Kind == stray.Kind && s.Label.Value == stray.Value {
					return true
				}
			}
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
	question, answer := len(x.question.raw()), len(x.answer.raw())
	if answer > 6000 && answer > 30*question {
		clean *= 0.8
	}
	return clean
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

// orderOf compares how well the answers of an exercise fit their questions
// with how well they would fit the question before or after. An old version
// of a subject with a question more shows here.
func orderOf(group []*candidate, lex *lexicon) float64 {
	n := len(group)
	if n < minForOrder {
		return 1
	}
	fit := func(shift int) float64 {
		total, count := 0.0, 0
		for i := range group {
			if j := i + shift; j >= 0 && j < n {
				total += lex.overlap(group[i].words, group[j].answerWords)
				count++
			}
		}
		return total / float64(count)
	}
	here, shifted := fit(0), max(fit(1), fit(-1))
	switch {
	case shifted > 1.1*here+0.02:
		return 0.5
	case shifted > here:
		return 0.9
	}
	return 1
}

// related tells whether the answers fit their questions better than those of
// other questions do; a correction of another subject does not.
func (a *alignment) related(lex *lexicon) float64 {
	var answered []*candidate
	for _, x := range a.answers {
		if x.unit.link != nil {
			answered = append(answered, x)
		}
	}
	n := len(answered)
	if n < minForRelated {
		return 1
	}
	var own, other float64
	for i, x := range answered {
		own += lex.overlap(x.words, x.answerWords)
		for _, step := range []int{n / 3, n / 2} {
			other += lex.overlap(x.words, answered[(i+step)%n].answerWords) / 2
		}
	}
	switch {
	case own < 1.05*other:
		return 0.6
	case own < 1.25*other:
		return 0.9
	}
	return 1
}
