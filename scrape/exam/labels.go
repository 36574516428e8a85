package exam

import (
	"strconv"
	"strings"
)

// Kind is the sort of a numbered part, from whole exercises down to the
// smallest question.
type Kind uint8

// The kinds, outermost first.
const (
	KindRoot     Kind = iota
	KindSubject       // Sujet 1, Dissertation n°1
	KindExercise      // Exercice 2, Exercice A
	KindProblem       // Problème 1
	KindPart          // Partie B, Première partie
	KindRoman         // I., II -, III
	KindCapital       // A., B)
	KindSection       // 1 Title: a numbered heading without punctuation
	KindQuestion      // Question 12, Q12, Q.1
	KindClaim         // Affirmation 1
	KindNumber        // 1., 1), 1°)
	KindLetter        // a), (a), a.
	KindLowRoman      // i), (ii)
	kinds
)

var kindNames = [kinds]string{"", "Sujet", "Exercice", "Problème", "Partie", "", "", "", "Question", "Affirmation", "", "", ""}

// rank orders kinds from the outside in; a part opens only inside parts of a
// lower or equal rank.
var rank = [kinds]int{0, 1, 1, 1, 2, 3, 3, 3, 4, 4, 5, 6, 6}

// structural tells the kinds that head a section from those that number a
// question.
func (k Kind) structural() bool { return k <= KindSection }

// top tells the kinds a paper is divided into first.
func (k Kind) top() bool { return k == KindSubject || k == KindExercise || k == KindProblem }

// keyword tells the kinds that are announced by a word.
func (k Kind) keyword() bool {
	return k.top() || k == KindPart || k == KindQuestion || k == KindClaim
}

// Label is one number as it stands in a text.
type Label struct {
	Kind  Kind
	Value int    // 1 for "1", "a", "A", "I", "i"; 0 for a heading without a number
	Upto  int    // last value of a range such as "2. et 3.", 0 for a single number
	Style string // prefix and punctuation, equal for labels of one series
}

// String gives the canonical form: "Exercice 2", "Partie B", "3", "a", "ii".
func (l Label) String() string {
	name := formatValue(l.form(), l.Value)
	if l.Upto > l.Value {
		name += "-" + formatValue(l.form(), l.Upto)
	}
	if word := kindNames[l.Kind]; word != "" {
		if l.Value == 0 {
			return word
		}
		return word + " " + name
	}
	return name
}

// form is the kind whose way of writing numbers the label follows: « Partie I »
// is written in roman numerals, « Partie A » in letters.
func (l Label) form() Kind {
	if l.Kind == KindPart {
		switch {
		case strings.HasSuffix(l.Style, "I"):
			return KindRoman
		case strings.HasSuffix(l.Style, "A"):
			return KindCapital
		}
	}
	return l.Kind
}

func formatValue(k Kind, v int) string {
	switch k {
	case KindRoman:
		return strings.ToUpper(romanNumeral(v))
	case KindLowRoman:
		return romanNumeral(v)
	case KindCapital:
		return string(rune('A' + v - 1))
	case KindLetter:
		return string(rune('a' + v - 1))
	}
	if v > lettered {
		return string(rune('A' + v - lettered - 1))
	}
	return strconv.Itoa(v)
}

// lettered is added to the value of an exercise named by a letter: a paper may
// have an exercise 1 for all and exercises A and B to choose from.
const lettered = 100

func (l Label) lettered() bool { return l.Value > lettered }

// first tells whether the label opens a series.
func (l Label) first() bool { return l.Value%lettered == 1 }

// decimalStyle is the style of the numbers of a compound such as "1.2.1".
const decimalStyle = "1.1"

func romanNumeral(v int) string {
	units := []string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"}
	if v < 1 || v > 39 {
		return strconv.Itoa(v)
	}
	return strings.Repeat("x", v/10) + units[v%10]
}
