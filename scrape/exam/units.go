package exam

import "regexp"

// multipleChoice recognises the statement of a questionnaire, whose lettered
// choices belong to their question.
var multipleChoice = regexp.MustCompile(`(?i)(QCM|choix multiples?|une? seule? des (deux|trois|quatre|cinq|réponses|propositions|affirmations)|(une|la) seule réponse|réponses? (proposées?|exactes?|correctes?)|cocher la)`)

// unit is a question of the subject that is answered as a whole.
type unit struct {
	nodes  []*Node // more than one when the correction answers them together
	folded bool    // the question is given with its parts
	link   *link   // nil when the correction has no answer
}

func (u *unit) first() *Node { return u.nodes[0] }

// question is the text of the unit and the statement that follows it.
func (u *unit) question() (question, statement passage) {
	last := u.nodes[len(u.nodes)-1]
	if len(u.nodes) == 1 && !u.folded && len(last.Children) == 0 {
		return last.splitStatement()
	}
	first := u.first()
	p := first.doc.passage(first.body, last.subtreeEnd())
	leaf := last.doc.nodes[last.last]
	_, statement = leaf.splitStatement()
	if !statement.empty() {
		p = first.doc.passage(first.body, statement.segs[0].at)
	}
	return p, statement
}

// units lists the questions of a subject under a matching.
func units(o *outline, links map[*Node]link) []*unit {
	b := unitBuilder{links: links}
	b.children(o.root)
	return b.units
}

type unitBuilder struct {
	links map[*Node]link
	units []*unit
}

func (b *unitBuilder) add(nodes []*Node, folded bool) {
	u := &unit{nodes: nodes, folded: folded}
	if l, ok := b.links[nodes[0]]; ok {
		u.link = &l
	}
	b.units = append(b.units, u)
}

// children makes units of the parts of a node, joining those that the
// correction answers together.
func (b *unitBuilder) children(n *Node) {
	for i := 0; i < len(n.Children); i++ {
		c := n.Children[i]
		if merged := b.mergedWith(n.Children[i:]); merged > 1 {
			b.add(n.Children[i:i+merged], true)
			i += merged - 1
			continue
		}
		b.node(c)
	}
}

// mergedWith counts the siblings that the answer to the first one's label
// covers: « 2. et 3. ».
func (b *unitBuilder) mergedWith(siblings []*Node) int {
	l, ok := b.links[siblings[0]]
	if !ok || l.answer.Label.Upto == 0 || siblings[0].Label.Upto != 0 {
		return 1
	}
	n := 1
	for n < len(siblings) && siblings[n].Label.Value <= l.answer.Label.Upto && siblings[n].Label.Kind == siblings[0].Label.Kind {
		n++
	}
	return n
}

func (b *unitBuilder) node(n *Node) {
	switch {
	case len(n.Children) == 0:
		if !n.Label.Kind.structural() || n.Label.Kind.top() && asksSomething(n.Text) || asksDirectly(n.Text) {
			b.add([]*Node{n}, false)
		}
	case n.Label.Kind.structural():
		b.children(n)
	case n.isChoice() || b.answeredWhole(n):
		b.add([]*Node{n}, true)
	default:
		b.children(n)
	}
}

// isChoice tells whether the parts of a question are the choices of a
// multiple-choice question.
func (n *Node) isChoice() bool {
	if n.choice == nil {
		choice := n.readsAsChoice()
		n.choice = &choice
	}
	return *n.choice
}

func (n *Node) readsAsChoice() bool {
	for _, c := range n.Children {
		if k := c.Label.Kind; k != KindLetter && k != KindCapital || asksSomething(c.Text) && len(c.Text) > 150 {
			return false
		}
	}
	if multipleChoice.MatchString(n.Text) {
		return true
	}
	for p := n.parent; p != nil; p = p.parent {
		if multipleChoice.MatchString(p.Text) {
			return true
		}
		if p.Label.Kind.top() {
			break
		}
	}
	return false
}

// answeredWhole tells whether the correction has the number of a question and
// none of its parts.
func (b *unitBuilder) answeredWhole(n *Node) bool {
	l, ok := b.links[n]
	if !ok || len(l.answer.Children) > 0 {
		return false
	}
	for _, d := range n.doc.nodes[n.index+1 : n.last+1] {
		if _, ok := b.links[d]; ok {
			return false
		}
	}
	// A label of one of its parts in the answer was only not recognised.
	for _, stray := range l.answer.strays {
		if stray.Kind == n.Children[0].Label.Kind && stray.Value <= len(n.Children) {
			return false
		}
	}
	return true
}
