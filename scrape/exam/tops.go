package exam

import (
	"cmp"
	"slices"
)

// rivalMargin is how much better than the next one an exercise must fit its
// correction when several have its number.
const rivalMargin = 1.4

// tops lists the exercises, problems and subjects of a document.
func (o *outline) tops() []*Node {
	var tops []*Node
	for _, n := range o.nodes[1:] {
		if n.Label.Kind.top() {
			tops = append(tops, n)
		}
	}
	return tops
}

// settleRivals decides which of several exercises with one number, as papers
// for candidates of two tracks have, a correction with fewer of them answers.
// Where the words do not tell, none is.
func (m *matcher) settleRivals(s, c *outline) {
	rivals, answers := byLabel(s.tops()), byLabel(c.tops())
	for label, tops := range rivals {
		if n := len(answers[label]); n == 0 || n >= len(tops) {
			continue
		}
		for _, answer := range answers[label] {
			best := m.bestTop(tops, answer)
			for _, t := range tops {
				if t != best {
					m.foreign[[2]*Node{t, answer}] = true
				}
			}
		}
	}
}

// countUntitled finds out whether a correction without headings begins its
// numbers anew as often as the subject has exercises.
func (m *matcher) countUntitled(s, c *outline) {
	m.nthTop = make(map[*Node]int)
	for i, t := range s.tops() {
		m.nthTop[t] = i
	}
	series := 0
	for _, n := range c.root.Children {
		if n.Label.Kind.structural() {
			return
		}
		series = max(series, n.run+1)
	}
	if series == len(m.nthTop) {
		m.untitled = series
	}
}

// seriesOf tells how often the numbers of a document had begun anew before a
// part of it.
func seriesOf(n *Node) int {
	for n.parent.parent != nil {
		n = n.parent
	}
	return n.run
}

func byLabel(tops []*Node) map[string][]*Node {
	out := make(map[string][]*Node)
	for _, t := range tops {
		if t.Label.Value > 0 {
			out[t.Label.String()] = append(out[t.Label.String()], t)
		}
	}
	return out
}

// bestTop finds the exercise whose questions share most words with the answers
// of their numbers, nil when two do about as well.
func (m *matcher) bestTop(tops []*Node, answer *Node) *Node {
	var best *Node
	first, second := 0.0, 0.0
	for _, t := range tops {
		switch fit := m.fit(t, answer); {
		case fit > first:
			best, first, second = t, fit, first
		case fit > second:
			second = fit
		}
	}
	if first < rivalMargin*second {
		return nil
	}
	return best
}

// fit is the mean overlap of the questions of an exercise with the answers
// that have their numbers. A number that only one side has counts as a miss.
func (m *matcher) fit(question, answer *Node) float64 {
	answers := make(map[string]map[string]bool)
	for _, p := range m.correction {
		if p.top == answer && p.key != "" {
			answers[p.key] = p.terms
		}
	}
	total, n := 0.0, len(answers)
	for _, p := range m.subject {
		if p.top != question || p.key == "" {
			continue
		}
		if found, ok := answers[p.key]; ok {
			total += m.lex.overlap(p.terms, found)
		} else {
			n++
		}
	}
	return total / float64(max(n, 1))
}

// inOrderOf sorts the parts of a correction by the exercises of the subject, so
// that it may correct them in another order.
func (m *matcher) inOrderOf(s *outline) {
	place := make(map[string]int)
	for i, t := range s.tops() {
		if label := t.Label.String(); t.Label.Value > 0 && place[label] == 0 {
			place[label] = i + 1
		}
	}
	order := make(map[*Node]int)
	last := 0
	for _, p := range m.correction {
		if _, ok := order[p.top]; ok {
			continue
		}
		if at := place[p.top.Label.String()]; at > 0 && p.top.parent != nil {
			last = at
		}
		order[p.top] = last
	}
	slices.SortStableFunc(m.correction, func(a, b profile) int { return cmp.Compare(order[a.top], order[b.top]) })
}
