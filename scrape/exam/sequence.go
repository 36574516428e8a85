package exam

import (
	"cmp"
	"slices"
)

// The outline is the best consistent reading of a document's candidate labels:
// a beam search over stacks of open levels, where a label that continues a
// series gains, one that jumps, restarts or stands at an odd indent loses, and
// every candidate may also be plain text.

const (
	beamWidth  = 48
	maxChoices = 24 // ways to place one candidate that are followed up
)

// The gains and losses of the search, in arbitrary units.
const (
	gainNext      = 3.0  // continues its series: 3 after 2
	gainNextStyle = 1.0  // the same with other punctuation
	gainFirst     = 0.6  // opens a series at 1
	gainThrough   = 1.5  // opens a level where the numbering of the paper goes on
	gainHeading   = 2.0  // a heading without a number
	lossGap       = 2.5  // leaves out a number
	lossPerGap    = 0.8  // and for each number left out
	gainRepeat    = 1.0  // a compound repeats the number it stands under
	lossLate      = 1.8  // opens a series in the middle
	lossTwin      = 0.5  // an exercise with the number of the one before, for another track
	lossRestart   = 1.5  // starts the same series again under the same parent
	lossPop       = 0.4  // a new series closes a level
	gainIndent    = 0.5  // stands where the label before it stands
	lossIndent    = 1.0  // stands elsewhere
	lossOutdent   = 0.7  // a child stands left of its parent
	lossUnusual   = 0.8  // kinds nested in a way that is rare
	lossSkip      = 0.3  // a good candidate is taken for text
	lossSkipWord  = 1.5  // the same for one announced by a word
	gainGuide     = 0.3  // the correction's path exists in the subject
	lossGuide     = 0.8  // it does not
	indentSlack   = 6.0  // points
	indentFar     = 25.0 // points
)

// level is an open level of numbering.
type level struct {
	kind  Kind
	style string
	value int
	x     float64
	run   int // restarts so far
}

// reading is a state of the search: the open levels after some candidates.
type reading struct {
	score   float64
	stack   []level // immutable, shared
	through [kinds]int
	prev    *reading
	step    *event // nil when the candidate was taken for text
}

// event is an accepted candidate: the levels kept open and those it opened.
type event struct {
	mark   *mark
	keep   int
	opened []level
	upto   int
}

// guide holds the question numbers of the subject while its correction is
// read.
type guide map[string]bool

// bestReading returns the accepted candidates in document order.
func bestReading(marks []mark, g guide) []*event {
	beam := []*reading{{}}
	for i := range marks {
		beam = advance(beam, &marks[i], g)
	}
	var events []*event
	for r := beam[0]; r != nil; r = r.prev {
		if r.step != nil {
			events = append(events, r.step)
		}
	}
	slices.Reverse(events)
	return events
}

// advance reads one more candidate in every state of the beam.
func advance(beam []*reading, m *mark, g guide) []*reading {
	var next []*reading
	for _, r := range beam {
		skipped := &reading{score: r.score - r.skipLoss(m), stack: r.stack, through: r.through, prev: r}
		next = append(next, skipped)
		next = append(next, r.accept(m, g)...)
	}
	slices.SortStableFunc(next, func(a, b *reading) int { return cmp.Compare(b.score, a.score) })
	kept := next[:0]
	for _, r := range next {
		if len(kept) == beamWidth {
			break
		}
		if !slices.ContainsFunc(kept, func(k *reading) bool { return sameStack(k, r) }) {
			kept = append(kept, r)
		}
	}
	return slices.Clone(kept)
}

// skipLoss is the loss for taking a candidate for text. It is nothing when the
// part it names is open already: « Affirmation 1 : vraie » at the end of the
// answer to « Affirmation 1 ».
func (r *reading) skipLoss(m *mark) float64 {
	repeats := slices.ContainsFunc(r.stack, func(l level) bool {
		return l.kind == m.chain[0][0].Kind && l.value == m.chain[0][0].Value
	})
	switch {
	case m.weight < 0.5, repeats:
		return 0
	case m.chain[0][0].Kind.keyword() && m.weight > 1:
		return lossSkipWord
	}
	return lossSkip
}

// sameStack tells whether two states have the same future.
func sameStack(a, b *reading) bool {
	return a.through == b.through && slices.EqualFunc(a.stack, b.stack, func(x, y level) bool {
		return x.kind == y.kind && x.value == y.value && x.style == y.style && x.run == y.run
	})
}

// attempt is a chain of labels that is being placed on a stack.
type attempt struct {
	score   float64
	stack   []level
	keep    int // levels of the old stack that stay
	opened  []level
	through [kinds]int
	upto    int
}

// accept returns the states in which the candidate opens parts.
func (r *reading) accept(m *mark, g guide) []*reading {
	attempts := []attempt{{score: r.score + m.weight, stack: r.stack, keep: len(r.stack), through: r.through}}
	for i, readings := range m.chain {
		var next []attempt
		for _, a := range attempts {
			for _, l := range readings {
				next = append(next, a.place(l, m, i)...)
			}
		}
		slices.SortStableFunc(next, func(x, y attempt) int { return cmp.Compare(y.score, x.score) })
		attempts = next[:min(len(next), maxChoices)]
	}
	var states []*reading
	for _, a := range attempts {
		if len(a.opened) == 0 {
			continue
		}
		a.score += g.judge(a.stack)
		states = append(states, &reading{
			score: a.score, stack: a.stack, through: a.through, prev: r,
			step: &event{mark: m, keep: a.keep, opened: a.opened, upto: a.upto},
		})
	}
	return states
}

// place puts the i-th label of a chain on the stack in every possible way.
func (a attempt) place(l Label, m *mark, i int) []attempt {
	last := i == len(m.chain)-1
	if len(a.opened) > 0 {
		return a.descend(l)
	}
	var out []attempt
	for depth := range a.stack {
		at := a.stack[depth]
		if at.kind != l.Kind && !sameHeading(at.kind, l) || i > 0 && depth != a.keep {
			continue
		}
		if !last && at.value == l.Value {
			b := a
			b.keep = depth + 1
			b.score += gainRepeat
			out = append(out, b)
			continue
		}
		if gain, run, ok := sibling(at, l); ok {
			if !last && l.Style == decimalStyle {
				gain = 0 // "2.1" alone does not show where 2 begins
			}
			b := a.open(depth, l, m.x)
			b.score += gain + indentGain(at, m.x)
			b.setRun(run)
			out = append(out, b)
		}
	}
	floor := 0
	if i > 0 {
		floor = a.keep
	}
	for depth := len(a.stack); depth >= floor; depth-- {
		if i > 0 && depth != a.keep || depth > 0 && !last && names(a.stack[depth-1], l) {
			continue
		}
		if b, ok := a.child(depth, l, m.x, i > 0); ok {
			out = append(out, b)
		}
	}
	return out
}

// sameHeading lets "II.3" continue under « Partie II », and "2.a" under Q2.
func sameHeading(open Kind, l Label) bool {
	switch open {
	case KindPart:
		return l.Kind == KindRoman || l.Kind == KindCapital
	case KindQuestion:
		return l.Kind == KindNumber
	}
	return false
}

// names tells whether a label in a compound is the name of an open heading.
func names(open level, l Label) bool {
	return sameHeading(open.kind, l) && open.value == l.Value
}

// descend opens a further level below one that the same candidate opened.
func (a attempt) descend(l Label) []attempt {
	depth := a.keep + len(a.opened)
	parent := a.stack[depth-1]
	if !contains(parent.kind, l.Kind) && !(parent.kind == KindNumber && l.Kind == KindNumber) {
		return nil
	}
	b := a.push(depth, l, 0)
	if l.first() {
		b.score += gainFirst
	} else {
		b.score -= lossLate
	}
	return []attempt{b}
}

// sibling is the gain of a label that continues an open level.
func sibling(at level, l Label) (gain float64, run int, ok bool) {
	run = at.run
	switch {
	case at.kind != l.Kind:
		return 0, 0, false
	case l.Value == 0 && (at.value == 0 || l.Kind == KindSubject):
		return gainHeading, run, true
	case l.Value == at.value && l.Kind.top():
		return -lossTwin, run, true
	case l.Value == at.value+1 && at.style == l.Style:
		return gainNext, run, true
	case l.Value == at.value+1:
		return gainNextStyle, run, true
	case l.lettered() && at.value <= lettered:
		if l.first() {
			return gainThrough, run, true
		}
		return -lossLate, run, true
	case l.Value > at.value+1:
		gap := float64(l.Value - at.value - 1)
		gain = gainNext - lossGap - lossPerGap*gap
		if at.style != l.Style {
			gain--
		}
		if l.Kind.keyword() {
			gain++
		}
		return gain, run, true
	case l.Value == 1 && at.value > 1 && at.style == l.Style:
		return -lossRestart, run + 1, true
	}
	return 0, 0, false
}

func indentGain(at level, x float64) float64 {
	if at.x == 0 || x == 0 || at.kind.keyword() {
		return 0
	}
	switch dx := max(at.x-x, x-at.x); {
	case dx < indentSlack:
		return gainIndent
	case dx > indentFar:
		return -lossIndent
	}
	return 0
}

// child opens a new level below the first depth open ones.
func (a attempt) child(depth int, l Label, x float64, inChain bool) (attempt, bool) {
	parent := level{kind: KindRoot}
	if depth > 0 {
		parent = a.stack[depth-1]
	}
	decimal := inChain && parent.kind == KindNumber && l.Kind == KindNumber
	if depth == maxDepth || !contains(parent.kind, l.Kind) && !decimal {
		return a, false
	}
	if depth < len(a.stack) && !closes(a.stack[depth].kind, l.Kind) {
		return a, false
	}
	for _, open := range a.stack[:depth] {
		inner := decimal || open.x > 0 && x > open.x+2*indentSlack
		if open.kind == l.Kind && open.style == l.Style && !inner || open.kind.top() && l.Kind.top() {
			return a, false
		}
	}
	b := a.open(depth, l, x)
	if !decimal {
		b.score += nesting(parent.kind, l.Kind)
	}
	if l.Style == decimalStyle && len(a.opened) == 0 && !inChain {
		b.score -= gainFirst
	}
	if !l.Kind.structural() {
		b.score -= lossPop * float64(len(a.stack)-depth)
		if x > 0 && parent.x > 0 && x < parent.x-indentSlack && !parent.kind.keyword() {
			b.score -= lossOutdent
		}
	}
	switch {
	case l.first():
		b.score += gainFirst
	case l.Value == 0:
		b.score += gainHeading
	case l.Value == a.through[l.Kind]+1 && !decimal && (parent.kind.structural() || l.Kind.keyword()):
		b.score += gainThrough
	case l.Kind.keyword():
		b.score -= 0.5
	default:
		b.score -= lossLate + 0.1*float64(min(l.Value, 10))
	}
	return b, true
}

// closes tells whether a label can end an open level without being its
// sibling: questions do not end a section, parts do not end an exercise.
func closes(open, l Kind) bool {
	switch {
	case open == l:
		return false
	case open.top():
		return l.top()
	case open.structural():
		return l.structural()
	}
	return true
}

// open replaces the levels from depth on by one for the label.
func (a attempt) open(depth int, l Label, x float64) attempt {
	b := a
	b.keep = depth
	for _, closed := range a.stack[depth:] {
		b.through[closed.kind] = closed.value
	}
	return b.push(depth, l, x)
}

func (a attempt) push(depth int, l Label, x float64) attempt {
	opened := level{kind: l.Kind, style: l.Style, value: max(l.Value, l.Upto), x: x}
	a.stack = append(slices.Clone(a.stack[:depth]), opened)
	opened.value = l.Value
	a.opened = append(slices.Clone(a.opened), opened)
	a.upto = l.Upto
	return a
}

// setRun marks the level just opened as belonging to a repeated series.
func (a *attempt) setRun(run int) {
	a.stack[len(a.stack)-1].run = run
	a.opened[len(a.opened)-1].run = run
}

// contains tells whether a part of one kind can hold parts of another.
func contains(parent, child Kind) bool {
	if child.top() {
		return parent == KindRoot || parent == KindPart
	}
	if rank[child] > rank[parent] {
		return true
	}
	switch parent {
	case KindRoman, KindCapital, KindSection:
		return rank[child] == rank[parent] && child != parent
	case KindNumber:
		return child == KindNumber || child == KindQuestion || child == KindClaim
	case KindLetter:
		return child == KindNumber || child == KindLowRoman
	case KindLowRoman:
		return child == KindLetter
	}
	return false
}

// nesting is the loss for a rare way of nesting kinds.
func nesting(parent, child Kind) float64 {
	switch {
	case parent == KindNumber && child.keyword():
		return -0.2
	case rank[child] < rank[parent], parent == child, parent == KindPart && child.top():
		return -lossUnusual
	case parent == KindLetter && child == KindNumber:
		return -lossUnusual
	case child == KindLowRoman && parent.structural(), child == KindLetter && parent == KindRoot:
		return -0.3
	}
	return 0
}

// judge compares a path with those of the subject.
func (g guide) judge(stack []level) float64 {
	if g == nil {
		return 0
	}
	last := len(stack) - 1
	switch {
	case stack[last].kind.structural(), g[guideKey(stack)]:
		return gainGuide
	case last > 0 && !stack[last-1].kind.structural() && g[guideKey(stack[:last])]:
		return 0 // a list inside an answer
	}
	return -lossGuide
}

// guideKey is the path below the last heading.
func guideKey(stack []level) string {
	var key []byte
	for _, l := range stack {
		key = extendKey(key, l.kind, l.value)
	}
	return string(key)
}

// extendKey adds a level to the numbers of a question. A heading begins them
// anew, and so does a word: « Question 12 » needs no number above it.
func extendKey(key []byte, kind Kind, value int) []byte {
	if kind.structural() {
		return key[:0]
	}
	if kind.keyword() {
		key = key[:0]
	}
	switch kind {
	case KindClaim:
		key = append(key, 'A') // « Affirmation 2 » may stand beside question 2
	case KindLetter, KindLowRoman:
		key = append(key, 'a') // a) is not 1.
	}
	return append(key, byte(value), '.')
}
