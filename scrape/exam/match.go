package exam

// maxNodes bounds the table of the alignment; the parts after it are not
// aligned.
const maxNodes = 1200

// step is a label on a node's path, for comparison.
type step struct {
	value      int
	structural bool
	family     byte // numbers, letters and roman numerals are not one another
}

func newStep(l Label) step {
	s := step{value: l.Value, structural: l.Kind.structural()}
	switch l.Kind {
	case KindLetter:
		s.family = 'a'
	case KindLowRoman:
		s.family = 'i'
	}
	return s
}

// profile is what of a node is compared with nodes of the other document.
type profile struct {
	node   *Node
	top    *Node  // its exercise, or the root
	nth    int    // number of its exercise among those of its kind
	steps  []step // from below the exercise down to the node
	key    string // the numbers of the question levels, see extendKey
	terms  map[string]bool
	copied bool // of an answer: it only has words of the subject
}

// matcher aligns the nodes of two documents.
type matcher struct {
	lex         lexicon
	subject     []profile
	correction  []profile
	subjectKeys map[string]int // how often a question number occurs in an exercise
	answerKeys  map[string]int
	answerTops  map[string]bool   // the exercises the correction has headings of
	paper       shingles          // of the subject
	untitled    int               // series of a correction that names no exercises, one for each
	nthTop      map[*Node]int     // number of an exercise of the subject, from 0
	foreign     map[[2]*Node]bool // exercises of one number that do not belong together
}

func newMatcher(s, c *outline) *matcher {
	m := &matcher{subject: profiles(s), correction: profiles(c), answerTops: make(map[string]bool), foreign: make(map[[2]*Node]bool)}
	m.subjectKeys, m.answerKeys = keyCounts(m.subject), keyCounts(m.correction)
	for _, p := range m.subject {
		m.lex.add(p.terms)
	}
	m.paper = newShingles(s.text(place{}, place{len(s.lines), 0}))
	for i := range m.correction {
		p := &m.correction[i]
		p.copied = len(p.node.Children) == 0 && m.paper.contain(p.node.Text)
		m.lex.add(p.terms)
		m.answerTops[p.top.Label.String()] = true
	}
	m.countUntitled(s, c)
	m.settleRivals(s, c)
	m.inOrderOf(s)
	return m
}

func profiles(o *outline) []profile {
	seen := make(map[Kind]int)
	nth := make(map[*Node]int)
	var out []profile
	for _, n := range o.nodes[1:] {
		if len(out) == maxNodes {
			break
		}
		if n.Label.Kind.top() {
			seen[n.Label.Kind]++
			nth[n] = seen[n.Label.Kind]
		}
		p := profile{node: n, top: n.topPart(), terms: terms(n.Text)}
		p.nth = nth[p.top]
		var key []byte
		for _, a := range n.path() {
			if !a.holds(p.top) || p.top == o.root {
				p.steps = append(p.steps, newStep(a.Label))
				key = extendKey(key, a.Label.Kind, a.Label.Value)
			}
		}
		p.key = string(key)
		out = append(out, p)
	}
	return out
}

// keyCounts counts question numbers by exercise.
func keyCounts(ps []profile) map[string]int {
	counts := make(map[string]int)
	for _, p := range ps {
		counts[p.topKey()]++
	}
	return counts
}

func (p profile) topKey() string {
	return p.top.Label.String() + string(rune('0'+p.nth)) + "|" + p.key
}

// pathScore tells how well two paths agree, from 1 for equal paths to 0 for
// paths that contradict each other.
func (m *matcher) pathScore(s, c profile) float64 {
	if s.node.Label.Kind.structural() != c.node.Label.Kind.structural() || s.node.Label.Kind.top() != c.node.Label.Kind.top() {
		return 0
	}
	score := m.topScore(s, c)
	if score == 0 || s.node.Label.Kind.top() {
		return score
	}
	return score * m.stepScore(s, c)
}

// topScore compares the exercises of two nodes.
func (m *matcher) topScore(s, c profile) float64 {
	sRoot, cRoot := s.top.parent == nil, c.top.parent == nil
	switch {
	case sRoot && cRoot:
		return 1
	case cRoot && m.untitled > 1:
		if m.nthTop[s.top] == seriesOf(c.node) {
			return 0.9
		}
		return 0
	case sRoot || cRoot:
		return 0.7
	}
	a, b := s.top.Label, c.top.Label
	switch {
	case m.foreign[[2]*Node{s.top, c.top}]:
		return 0
	case a.Kind == b.Kind && a.Value == b.Value && (a.Value > 0 || s.nth == c.nth):
		return 1
	case a.Kind == b.Kind && (a.Value == 0 || b.Value == 0) && s.nth == c.nth:
		return 0.95
	case a.Kind != b.Kind && a.Value == b.Value && s.nth == c.nth:
		return 0.85
	case !s.node.Label.Kind.top() && a.Kind == b.Kind && b.Value > 0 && b.Value < a.Value && !m.answerTops[a.String()]:
		return 0.7 // the correction lacks this heading: the answers follow those before
	}
	return 0
}

// stepScore compares the paths below the exercise.
func (m *matcher) stepScore(s, c profile) float64 {
	if sameValues(s.steps, c.steps) {
		return sameFamilies(s.steps, c.steps)
	}
	if s.key != c.key || s.key == "" || newStep(s.node.Label).family != newStep(c.node.Label).family {
		return 0
	}
	a, b := headings(s.steps), headings(c.steps)
	unique := m.subjectKeys[s.topKey()] == 1 && m.answerKeys[c.topKey()] == 1
	switch {
	case len(a) > 0 && len(b) > 0 && !sameValues(suffix(a, len(b)), suffix(b, len(a))):
		if unique && s.node.Label.Kind == KindQuestion && c.node.Label.Kind == KindQuestion {
			return 0.85
		}
		return 0
	case unique:
		return 0.92
	}
	return 0.6
}

func sameValues(a, b []step) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].value != b[i].value {
			return false
		}
	}
	return true
}

// sameFamilies is 1 when two paths are written alike, less when one has
// letters where the other has numbers.
func sameFamilies(a, b []step) float64 {
	for i := range a {
		if a[i].family != b[i].family {
			return 0.6
		}
	}
	return 1
}

func headings(steps []step) []step {
	var out []step
	for _, s := range steps {
		if s.structural {
			out = append(out, s)
		}
	}
	return out
}

func suffix(steps []step, n int) []step { return steps[max(0, len(steps)-n):] }

// link is a question and the part of the correction that answers it.
type link struct {
	path    float64 // agreement of the paths
	overlap float64 // shared words of the node's own texts
	answer  *Node
}

// align finds the pairing of nodes that keeps the order of both documents and
// agrees best in numbers and words. The result is indexed by subject node.
func (m *matcher) align() map[*Node]link {
	rows, cols := len(m.subject), len(m.correction)
	best := make([]float32, (rows+1)*(cols+1))
	links := make(map[[2]int]link)
	at := func(i, j int) *float32 { return &best[i*(cols+1)+j] }
	for i := rows - 1; i >= 0; i-- {
		for j := cols - 1; j >= 0; j-- {
			*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			l, gain := m.link(m.subject[i], m.correction[j])
			if gain <= 0 {
				continue
			}
			links[[2]int{i, j}] = l
			if total := float32(gain) + *at(i+1, j+1); total > *at(i, j) {
				*at(i, j) = total
			}
		}
	}
	out := make(map[*Node]link)
	for i, j := 0, 0; i < rows && j < cols; {
		l, ok := links[[2]int{i, j}]
		switch here := *at(i, j); {
		case here == *at(i+1, j):
			i++
		case here == *at(i, j+1):
			j++
		case ok:
			out[m.subject[i].node] = l
			i, j = i+1, j+1
		default:
			i++
		}
	}
	return out
}

// link weighs the pairing of two nodes; it has no gain when their paths do not
// allow it.
func (m *matcher) link(s, c profile) (link, float64) {
	path := m.pathScore(s, c)
	if path == 0 {
		return link{}, 0
	}
	if path < 0.92 && nthSeries(s, c) {
		path = max(path, 0.85)
	}
	l := link{path: path, overlap: m.lex.overlap(s.terms, c.terms), answer: c.node}
	gain := path + 1.2*l.overlap
	if c.copied || l.overlap > 0.5 && m.isRepeat(s.node, c.node) {
		gain = 0.2 * path
	}
	return l, max(gain, 0.01)
}

// nthSeries tells whether the correction has as many series of numbers in the
// exercise as the subject has parts, and both nodes are in the n-th: its parts
// then have titles in place of numbers.
func nthSeries(s, c profile) bool {
	a := headings(s.steps)
	if len(a) != 1 || len(headings(c.steps)) > 0 || s.node.Label.Kind.structural() {
		return false
	}
	part := s.node.section()
	series, last := 0, 0
	for n := c.node; n.parent != nil && n != c.top; n = n.parent {
		series = n.run
	}
	for _, n := range c.top.Children {
		last = max(last, n.run)
	}
	siblings := part.parent.Children
	return len(siblings) == last+1 && series < len(siblings) && siblings[series] == part
}

// isRepeat tells whether a part of the correction only repeats the question.
func (m *matcher) isRepeat(s, c *Node) bool {
	if len(c.Children) > 0 {
		return false
	}
	cut := repeats(s.Text, c.Text)
	return cut > 0 && len(tokenize(c.Text[cut:])) < 3
}
