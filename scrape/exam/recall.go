package exam

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A question may need what an earlier one says: « En déduire que f = g » the
// result to start from, « Calculer N(x) » the definition of N.

// refersBack recognises a question that builds on the one before it.
var refersBack = regexp.MustCompile(`(?i)(^\s*|[.;:?!]\s*)(en (déduire|conclure)|(déduire|conclure|construire|obtenir) (alors|en|finalement|des? |que)|conclure\b)|questions? précédente|(résultat|relation|égalité|inégalité|expression|formule|encadrement|propriété|suite|fonction|somme|équation)s? (obtenue?s? )?précédente?s?|\b(montrer|déterminer|calculer|prouver) (alors|finalement)\b|de la même (façon|manière)`)

// defines recognises a sentence that gives something a name, and the name.
var defines = regexp.MustCompile(`On (?:pose|note|notera|appelle|appellera|désigne|définit)(?: alors| aussi| également| désormais| encore)? [^.\n]{0,40}?([\pL][\pL\d_^{}′^∗+]*)(?:\([^)]{1,12}\))?\s?(?:=|:|l[’']|le |la |les |un |une )`)

// recalled is what a question needs of an earlier one: all of it where it
// refers back to it, else the sentences that define what it speaks of.
func (n *Node) recalled(earlier *Node) passage {
	asked, _ := earlier.splitStatement()
	if asked.empty() || earlier.topPart() != n.topPart() {
		return passage{doc: n.doc}
	}
	if earlier == n.questionBefore() && refersBack.MatchString(n.Text) {
		whole := n.doc.passage(earlier.from, asked.end())
		raw := whole.raw()
		return whole.from(len(raw) - len(strings.TrimLeftFunc(raw, isMark)))
	}
	for _, d := range earlier.definitions() {
		if mentions(n.Text, d.name) {
			return d.text
		}
	}
	return passage{doc: n.doc}
}

// definition is a sentence of a question that gives something a name.
type definition struct {
	name string
	text passage
}

// definitions lists the definitions in a question.
func (n *Node) definitions() []definition {
	if n.defined != nil {
		return n.defined
	}
	n.defined = []definition{}
	asked, _ := n.splitStatement()
	raw := asked.raw()
	for _, m := range defines.FindAllStringSubmatchIndex(raw, -1) {
		end := len(raw)
		if dot := strings.Index(raw[m[1]:], ". "); dot >= 0 {
			end = m[1] + dot + 1
		}
		n.defined = append(n.defined, definition{raw[m[2]:m[3]], asked.upTo(end).from(m[0])})
	}
	return n.defined
}

// questionBefore is the question asked right before n in its section, without
// parts of its own; nil when there is none.
func (n *Node) questionBefore() *Node {
	before := n.doc.nodes[n.index-1]
	for before.holds(n) && !before.Label.Kind.structural() {
		before = n.doc.nodes[before.index-1]
	}
	if before.Label.Kind.structural() || before.parent == nil || before.section() != n.section() {
		return nil
	}
	return before
}

// isMark tells what papers set before a label from the label.
func isMark(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '(' }

// mentions tells whether a text speaks of something by its name.
func mentions(text, name string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\t()[]{},;:.=<>+-×/|⟦⟧∈⊂∪∩", r) }), func(w string) bool {
		return w == name || strings.HasPrefix(w, name+"_") || strings.HasPrefix(w, name+"^")
	})
}

// end is the place after a passage.
func (p passage) end() place {
	last := p.segs[len(p.segs)-1]
	return place{last.at.line, last.at.off + len(last.text)}
}
