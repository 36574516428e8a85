package exam

import "slices"

// minKeywordQuestions is how many « Question n » or Qn an exercise needs for
// its plain numbers to be taken for ordinary lists.
const minKeywordQuestions = 3

// pruneLists takes out of the outline what is numbered but is no question:
// steps, axioms and options listed in a statement. Their text goes back to the
// part they stand in.
func (o *outline) pruneLists(subject bool) {
	drop := make(map[*Node]bool)
	for _, n := range o.divisions() {
		markUnannounced(n, drop)
	}
	for _, n := range o.nodes {
		if subject {
			markStatementLists(n, drop)
		}
	}
	if len(drop) > 0 {
		prune(o.root, drop)
		o.reindex()
	}
}

// divisions are the exercises of a paper, or its root when it has none.
func (o *outline) divisions() []*Node {
	var tops []*Node
	for _, n := range o.nodes {
		if n.Label.Kind.top() {
			tops = append(tops, n)
		}
	}
	if len(tops) == 0 {
		return []*Node{o.root}
	}
	return tops
}

func prune(n *Node, drop map[*Node]bool) {
	n.Children = slices.DeleteFunc(n.Children, func(c *Node) bool { return drop[c] })
	for _, c := range n.Children {
		prune(c, drop)
	}
}

// reindex renews the preorder and the extents after nodes were taken out.
func (o *outline) reindex() {
	o.nodes = o.nodes[:0]
	var walk func(*Node)
	walk = func(n *Node) {
		n.index = len(o.nodes)
		o.nodes = append(o.nodes, n)
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(o.root)
	o.measure()
}

// markUnannounced marks, in an exercise whose questions are announced by a
// word (Question 5, Q5), the plain numbers outside of them.
func markUnannounced(top *Node, drop map[*Node]bool) {
	announced := 0
	var plain []*Node
	for _, n := range top.doc.nodes[top.index+1 : top.last+1] {
		switch {
		case n.Label.Kind == KindQuestion:
			announced++
		case !n.Label.Kind.structural() && n.Label.Kind != KindClaim && !n.inKeyword():
			plain = append(plain, n)
		}
	}
	if announced < minKeywordQuestions {
		return
	}
	for _, n := range plain {
		if !n.holdsKeyword() {
			drop[n] = true
		}
	}
}

// raiseHeadings turns the numbers that stand between announced questions into
// headings: « 2. Acide ascorbique dans un kiwi » after Q6 and before Q7 is no
// part of Q6, which a series inside Q6 would show by beginning at 1.
func (o *outline) raiseHeadings() {
	raised := o.raiseClaimStatements()
	for _, q := range o.nodes {
		if q.Label.Kind != KindQuestion && q.Label.Kind != KindClaim || len(q.Children) == 0 || q.Children[0].Label.Value < 2 || q.Children[0].Label.Kind != KindNumber {
			continue
		}
		at := slices.Index(q.parent.Children, q) + 1
		for i, c := range q.Children {
			c.Label.Kind, c.parent = KindSection, q.parent
			q.parent.Children = slices.Insert(q.parent.Children, at+i, c)
		}
		q.Children = nil
		raised = true
	}
	if raised {
		o.reindex()
	}
}

// raiseClaimStatements turns the numbers that only introduce the statements to
// judge into headings: « 1. On considère… Affirmation 1 : … ».
func (o *outline) raiseClaimStatements() bool {
	raised := false
	for _, n := range o.nodes[1:] {
		if n.Label.Kind != KindNumber || len(n.Children) > 0 || asksDirectly(n.Text) {
			continue
		}
		if next := n.index + 1; next < len(o.nodes) && o.nodes[next].Label.Kind == KindClaim && o.nodes[next].parent == n.parent {
			n.Label.Kind = KindSection
			raised = true
		}
	}
	return raised
}

func (n *Node) inKeyword() bool {
	for p := n.parent; p != nil; p = p.parent {
		if p.Label.Kind == KindQuestion {
			return true
		}
	}
	return false
}

func (n *Node) holdsKeyword() bool {
	for _, d := range n.doc.nodes[n.index+1 : n.last+1] {
		if d.Label.Kind == KindQuestion {
			return true
		}
	}
	return false
}

// markStatementLists marks the series of a part that asks nothing when the
// same numbers start again below it and do ask.
func markStatementLists(n *Node, drop map[*Node]bool) {
	runs := make(map[int][]*Node)
	for _, c := range n.Children {
		if !c.Label.Kind.structural() {
			runs[c.run] = append(runs[c.run], c)
		}
	}
	if len(runs) < 2 {
		return
	}
	asks := func(nodes []*Node) float64 {
		count := 0
		for _, c := range nodes {
			if asksSomething(c.doc.text(c.body, c.subtreeEnd())) {
				count++
			}
		}
		return float64(count) / float64(len(nodes))
	}
	best := 0.0
	for _, nodes := range runs {
		best = max(best, asks(nodes))
	}
	for _, nodes := range runs {
		if best >= 0.5 && asks(nodes) == 0 {
			for _, c := range nodes {
				drop[c] = true
			}
		}
	}
}
