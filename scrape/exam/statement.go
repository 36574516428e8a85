package exam

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hint opens a paragraph that still belongs to the question above it.
var hint = regexp.MustCompile(`(?i)^(on (pourra|pourrait|donnera|précisera|justifiera|rappelle|ne demande|remarquera|attend|exprimera|arrondira|utilisera|veillera|prendra|cherchera|vérifiera|commencera|distinguera|admettra)|indications?\b|aide\b|rappels?\b|remarques?\b|nb\b|n\.b\.|le candidat|la candidate|la démarche|toute (démarche|trace|piste)|les résultats|vous (pourrez|organiserez|rédigerez|veillerez|appuierez)|il est|cette fonction|exemples?\b|par exemple|données?\b|dans cette question|l[’']usage|arrondir|on n[’'])`)

// always marks the hints that belong to a question whatever their length.
var always = regexp.MustCompile(`(?i)^(le candidat|la démarche|indications?\b|aide\b|vous )`)

// opener begins a statement for the questions below.
var opener = regexp.MustCompile(`(?i)^(on (pose|note|considère|suppose|définit|désigne|s[’']intéresse|dispose|se donne|étudie|introduit|appelle|fixe)\b|soi(t|ent) |dans (toute )?la suite|pour la suite|pour les questions|désormais|à présent)`)

// splitStatement divides the text of a question without parts into the
// question and what follows it before the next one: « On pose désormais… »
// belongs to the questions below.
func (n *Node) splitStatement() (question, statement passage) {
	if !n.divided {
		n.asked, n.after = n.divide()
		n.divided = true
	}
	return n.asked, n.after
}

func (n *Node) divide() (question, statement passage) {
	paragraphs := n.own().paragraphs()
	for i := 1; i < len(paragraphs); i++ {
		question, statement = join(paragraphs[:i]), join(paragraphs[i:])
		if n.startsStatement(paragraphs[i], question, statement) {
			return question, statement
		}
	}
	return n.own(), passage{doc: n.doc}
}

// startsStatement tells whether a paragraph opens a statement of its own.
func (n *Node) startsStatement(p, before, rest passage) bool {
	text := strings.TrimSpace(p.raw())
	first, _ := utf8.DecodeRuneInString(text)
	if p.segs[0].Formula && !opener.MatchString(text) || !unicode.IsUpper(first) || p.segs[0].at.off != 0 || looksLikeCode(p.segs[0].text) {
		return false
	}
	if end := strings.TrimSpace(before.raw()); strings.HasSuffix(end, ":") || strings.HasSuffix(end, ",") || !asksSomething(end) && !n.inChoice() {
		return false
	}
	x := p.segs[0].X0
	if n.x > 0 && x > 0 {
		if x < n.x-3 {
			return true
		}
		if body := n.bodyIndent(); body > n.x+8 {
			return x <= n.x+3
		}
	}
	isHint := hint.MatchString(text) && (len(text) < 200 || always.MatchString(text))
	gap := p.segs[0].Break || len(rest.raw()) > 120 || opener.MatchString(text)
	return gap && !isHint && !ordersAloud(rest.raw()) && len(text) > 30
}

// inChoice tells whether a node is a choice of a multiple-choice question.
func (n *Node) inChoice() bool {
	return n.parent != nil && n.parent.parent != nil && n.parent.isChoice()
}

// bodyIndent is where the second and later lines of a question stand, 0 when
// it has one line.
func (n *Node) bodyIndent() float64 {
	segs := n.own().segs
	if len(segs) < 2 || segs[0].at.off == 0 || segs[1].Break {
		return 0
	}
	return segs[1].X0
}

// instructions are the lines of a cover page, which no question needs.
var instructions = regexp.MustCompile(`(?i)(durée|coefficient|calculatrice|dictionnaire|ce sujet comporte|dès que (ce|le) sujet|assurez-vous|baccalauréat|épreuve|session|candidats?\b|tournez la page|copie|numérot|toute la durée|concours|banque|filière|année scolaire|avertissement|rédaction|présentation|prendr(e|ont) soin|est invité|barème|devoir|à rendre|consignes?|si, au cours|ministère|enseignement)`)

// context is the statement a question stands under: the introductions of its
// exercise, part and parent question, the statements between the questions
// before it and what it needs of those, in the order of the paper.
func (n *Node) context() []passage {
	var out []passage
	if n.topPart() == n.doc.root {
		out = append(out, n.doc.preamble()...)
	}
	above := n.path()
	for _, p := range n.doc.nodes[1:n.index] {
		switch {
		case p.holds(n):
			out = append(out, p.own().withoutTrailingHeadings())
		case len(p.Children) > 0 || !p.section().holds(n) && !p.raisedAbove(above):
		case p.Label.Kind.structural():
			out = append(out, p.own().withoutTrailingHeadings())
		default:
			_, statement := p.splitStatement()
			out = append(out, n.recalled(p), statement.withoutTrailingHeadings())
		}
	}
	kept := out[:0]
	for _, p := range out {
		if !p.empty() {
			kept = append(kept, p)
		}
	}
	return kept
}

// holds tells whether a node is in the subtree of n, or n itself.
func (n *Node) holds(d *Node) bool {
	return n.doc == d.doc && n.index <= d.index && d.index <= n.last
}

// raisedAbove tells whether a heading between questions stands under the same
// parent as one of the nodes of a path.
func (n *Node) raisedAbove(path []*Node) bool {
	if !n.Label.Kind.structural() {
		return false
	}
	for _, p := range path {
		if p.parent == n.parent && !p.Label.Kind.structural() {
			return true
		}
	}
	return false
}

// preamble is the introduction of a paper that is not divided into exercises,
// without the instructions of its cover.
func (o *outline) preamble() []passage {
	var out []passage
	for _, p := range o.passage(place{}, o.root.end).paragraphs() {
		if text := p.raw(); len(text) > 60 && !instructions.MatchString(text) {
			out = append(out, p)
		}
	}
	return out
}
