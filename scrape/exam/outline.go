package exam

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/kurakurai/luth/scrape/document"
)

// Node is a numbered part of a document: an exercise, a part, a question. The
// root stands for the whole document.
type Node struct {
	Label    Label   `json:"label"`
	Start    int     `json:"start"` // byte offset of the label in document.Text.String
	Text     string  `json:"text"`  // its own text, up to the next label
	Children []*Node `json:"children,omitempty"`

	parent *Node
	doc    *outline
	index  int   // place in preorder; the root is 0
	last   int   // index of the last node of its subtree
	from   place // where the label begins
	body   place // where the text after the label begins
	end    place // where the next label begins
	x      float64
	run    int     // how often its series had started before under the same parent
	doubts int     // labels of its own series that were left in its text
	strays []Label // all labels that were left in its text

	divided      bool // asked and after are set, see splitStatement
	asked, after passage
	choice       *bool        // see isChoice
	defined      []definition // by a question, see definitions
}

// outline is a parsed document.
type outline struct {
	lines []line
	root  *Node
	nodes []*Node // preorder, the root first
}

// ParseOutline finds the numbered parts of a document. It never fails: a
// document without numbering is a root without children. Time and memory are
// bounded by limits on lines and labels.
func ParseOutline(t document.Text) *Node { return parseOutline(t, nil).root }

func parseOutline(t document.Text, g guide) *outline {
	o := &outline{lines: layout(t)}
	marks := findMarks(o.lines)
	o.build(bestReading(marks, g))
	o.pruneLists(g == nil)
	o.raiseHeadings()
	o.countDoubts(marks)
	return o
}

// build makes the tree that events describe.
func (o *outline) build(events []*event) {
	o.root = &Node{doc: o}
	o.nodes = []*Node{o.root}
	open := []*Node{o.root}
	for _, e := range events {
		keep := min(e.keep, len(open)-1)
		open = open[:keep+1]
		for i, l := range e.opened {
			parent := open[len(open)-1]
			n := &Node{
				Label: Label{Kind: l.kind, Value: l.value, Style: l.style}, parent: parent, doc: o,
				index: len(o.nodes), from: e.mark.from, body: e.mark.to, x: e.mark.x, run: l.run,
			}
			if i == len(e.opened)-1 {
				n.Label.Upto = e.upto
			} else {
				n.body = e.mark.from
			}
			parent.Children = append(parent.Children, n)
			o.nodes = append(o.nodes, n)
			open = append(open, n)
		}
	}
	o.measure()
}

// measure sets the extent of every node.
func (o *outline) measure() {
	end := place{len(o.lines), 0}
	for i := len(o.nodes) - 1; i >= 0; i-- {
		n := o.nodes[i]
		n.end = end
		if n.end.before(n.body) {
			n.end = n.body
		}
		end = o.beforeScripts(n.from)
		n.last = i
		if c := len(n.Children); c > 0 {
			n.last = n.Children[c-1].last
		}
		n.Start = o.offset(n.from)
		n.Text = o.text(n.body, n.end)
	}
}

// script is an exponent or a limit that was set above the line it belongs to.
var script = regexp.MustCompile(`^[\pL\d+\-−′∞/=()\s]{1,8}$`)

// beforeScripts steps back from a label over the scripts that stand right above
// its line: they belong to it and not to the part before.
func (o *outline) beforeScripts(p place) place {
	for p.off == 0 && p.line > 0 && p.line < len(o.lines) {
		above, here := o.lines[p.line-1], o.lines[p.line]
		if above.page != here.page || above.Y1 == 0 || above.Y1 < here.Y0-1 || above.Size >= here.body || !script.MatchString(above.Text) {
			break
		}
		p.line--
	}
	return p
}

// offset is the byte offset of a place in document.Text.String.
func (o *outline) offset(p place) int {
	if p.line < len(o.lines) {
		return o.lines[p.line].start + p.off
	}
	if len(o.lines) == 0 {
		return 0
	}
	last := o.lines[len(o.lines)-1]
	return last.start + len(last.Text)
}

// text is the verbatim text between two places, one line a line.
func (o *outline) text(from, to place) string {
	var b strings.Builder
	for _, s := range o.segments(from, to) {
		b.WriteString(s.text)
		b.WriteByte('\n')
	}
	return b.String()
}

// segment is a line or a piece of one.
type segment struct {
	*line
	text string
	at   place
}

// segments lists the pieces of lines between two places, leaving out blanks.
func (o *outline) segments(from, to place) []segment {
	var out []segment
	for i := from.line; i < len(o.lines) && i <= to.line; i++ {
		text, off := o.lines[i].Text, 0
		if i == to.line {
			text = text[:to.off]
		}
		if i == from.line {
			off = min(from.off, len(text))
			text = text[off:]
		}
		if strings.TrimSpace(text) != "" && !o.lines[i].foot {
			out = append(out, segment{&o.lines[i], text, place{i, off}})
		}
	}
	return out
}

// subtreeEnd is where the text of the node and all below it ends.
func (n *Node) subtreeEnd() place { return n.doc.nodes[n.last].end }

// path lists the nodes from below the root down to n.
func (n *Node) path() []*Node {
	var path []*Node
	for ; n != nil && n.parent != nil; n = n.parent {
		path = append(path, n)
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

// Path is the canonical path of a node: "Exercice 2/Partie B/3.a". Headings
// are separated by slashes, numbers of questions by points.
func (n *Node) Path() string {
	var b strings.Builder
	for i, p := range n.path() {
		if i > 0 {
			if p.parent.Label.Kind.structural() || p.Label.Kind.keyword() {
				b.WriteByte('/')
			} else {
				b.WriteByte('.')
			}
		}
		b.WriteString(p.Label.String())
		b.WriteString(p.distinct())
	}
	return b.String()
}

// distinct tells apart exercises that are headed alike, so that paths differ:
// « Problème » a second time is Problème 2, « Exercice 4 » is Exercice 4 bis.
func (n *Node) distinct() string {
	if !n.Label.Kind.top() {
		return ""
	}
	nth, all := 0, 0
	for _, m := range n.doc.nodes[1:] {
		if m.Label.Kind == n.Label.Kind && m.Label.Value == n.Label.Value {
			if all++; m.index <= n.index {
				nth++
			}
		}
	}
	switch {
	case n.Label.Value == 0 && all > 1:
		return " " + strconv.Itoa(nth)
	case nth == 2:
		return " bis"
	case nth > 2:
		return " bis " + strconv.Itoa(nth-1)
	}
	return ""
}

// section is the nearest heading at or above a node, or the root.
func (n *Node) section() *Node {
	for n.parent != nil && !n.Label.Kind.structural() {
		n = n.parent
	}
	return n
}

// topPart is the exercise, problem or subject a node belongs to, or the root.
func (n *Node) topPart() *Node {
	for n.parent != nil && !n.Label.Kind.top() {
		n = n.parent
	}
	return n
}

// countDoubts counts, for every node, the candidate labels in its text that
// would continue its own series but were left out.
func (o *outline) countDoubts(marks []mark) {
	next := 0
	for _, n := range o.nodes[1:] {
		for next < len(marks) && marks[next].from.before(n.body) {
			next++
		}
		for i := next; i < len(marks) && marks[i].from.before(n.end); i++ {
			for _, readings := range marks[i].chain {
				n.strays = append(n.strays, readings...)
			}
			if m := &marks[i]; n.continuedBy(m.chain[0], m.x) || n.restartedBy(m, o.lines) {
				n.doubts++
			}
		}
	}
}

// restartedBy tells whether a candidate in the node's text opens a series like
// its own anew, with a question.
func (n *Node) restartedBy(m *mark, lines []line) bool {
	l := m.chain[0][0]
	return l.Value == 1 && l.Kind == n.Label.Kind && l.Style == n.Label.Style && asksDirectly(lines[m.to.line].Text[m.to.off:])
}

// continuedBy tells whether a candidate in the node's text looks like a later
// member of a series the node is in.
func (n *Node) continuedBy(readings []Label, x float64) bool {
	for p := n; p.parent != nil; p = p.parent {
		far := x > 0 && x < p.x-indentSlack // further right may be a column
		for _, l := range readings {
			if l.Kind == p.Label.Kind && l.Style == p.Label.Style && l.Value > p.Label.Value && l.Value <= p.Label.Value+4 && !far {
				return true
			}
		}
	}
	return false
}
