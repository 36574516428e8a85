package exam

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// keywords are the words that announce a part, folded to plain lower case.
var keywords = map[string]Kind{
	"exercice": KindExercise, "exercices": KindExercise, "exo": KindExercise, "ex": KindExercise,
	"probleme": KindProblem, "problemes": KindProblem,
	"sujet": KindSubject, "dissertation": KindSubject,
	"partie":      KindPart,
	"question":    KindQuestion,
	"questions":   KindQuestion,
	"q":           KindQuestion,
	"affirmation": KindClaim, "affirmations": KindClaim, "proposition": KindClaim,
}

// ordinals number a part in words: « Deuxième partie ».
var ordinals = map[string]int{
	"premiere": 1, "premier": 1, "1ere": 1, "1re": 1, "1er": 1,
	"deuxieme": 2, "seconde": 2, "second": 2, "2eme": 2, "2e": 2, "2nde": 2,
	"troisieme": 3, "3eme": 3, "3e": 3,
	"quatrieme": 4, "4eme": 4, "4e": 4,
	"cinquieme": 5, "5eme": 5, "5e": 5,
	"sixieme": 6, "septieme": 7, "huitieme": 8,
}

// formSuffix tells in a label's style how its number is written.
var formSuffix = map[Kind]string{KindNumber: "", KindRoman: " I", KindCapital: " A"}

// answerWords stand before a keyword in corrections: « Corrigé de
// l'exercice 2 », « Réponse à la question 3 », « Solution 4 ».
var answerWords = map[string]bool{
	"corrige": true, "correction": true, "solution": true, "reponse": true, "reponses": true,
	"de": true, "du": true, "des": true, "a": true, "la": true, "l": true, "le": true, "aux": true, "au": true,
}

// keyword reads a label that a word announces: "Exercice 2", "PARTIE B :",
// "Deuxième partie", "Q12", "Question 3.", "PROBLÈME".
func (sc *scanner) keyword() ([]Label, bool) {
	start := sc.pos
	if first, _ := utf8.DecodeRuneInString(sc.s[start:]); !unicode.IsUpper(first) && !isDigit(sc.s0()) {
		return nil, false
	}
	word := sc.word()
	for n := 0; answerWords[word] && n < 5; n++ {
		word = sc.word()
	}
	if v := ordinals[word]; v > 0 {
		kind, ok := keywords[sc.word()]
		if ok && kind != KindQuestion && sc.headingEnds() {
			return []Label{{Kind: kind, Value: v, Style: "word"}}, true
		}
	} else if word == "explication" || word == "commentaire" {
		if sc.word() == "de" && sc.word() == "texte" {
			if l, ok := sc.textToExplain(); ok {
				return l, true
			}
		}
	} else if kind, ok := keywords[word]; ok {
		if kind == KindQuestion && sc.preliminary() {
			return []Label{{Kind: KindNumber, Style: "preliminary"}}, true
		}
		if l, ok := sc.keywordValue(kind, word); ok {
			return l, true
		}
	}
	sc.pos = start
	return nil, false
}

// textToExplain reads the end of the heading « Explication de texte », with a
// number or without one.
func (sc *scanner) textToExplain() ([]Label, bool) {
	if l, ok := sc.keywordValue(KindSubject, "texte"); ok {
		return l, true
	}
	return []Label{{Kind: KindSubject, Style: "texte"}}, sc.headingEnds()
}

// preliminary reads the rest of « Question préliminaire : », which counts as
// number 0 of the series after it.
func (sc *scanner) preliminary() bool {
	probe := *sc
	if word := probe.word(); word != "preliminaire" && word != "preliminaires" || !probe.questionEnds() {
		return false
	}
	sc.pos = probe.pos
	return true
}

// s0 is the byte at the current place, 0 at the end.
func (sc *scanner) s0() byte {
	if sc.pos < len(sc.s) {
		return sc.s[sc.pos]
	}
	return 0
}

// word reads the next word, folded to plain lower case; apostrophes and
// blanks separate words. A digit ends a word that began with a letter.
func (sc *scanner) word() string {
	for sc.pos < len(sc.s) {
		r, n := utf8.DecodeRuneInString(sc.s[sc.pos:])
		if r != ' ' && r != '\'' && r != '’' {
			break
		}
		sc.pos += n
	}
	start := sc.pos
	digits := sc.pos < len(sc.s) && isDigit(sc.s[sc.pos])
	for sc.pos < len(sc.s) && sc.pos-start < 24 {
		r, n := utf8.DecodeRuneInString(sc.s[sc.pos:])
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) && !(digits && unicode.IsDigit(r)) {
			break
		}
		sc.pos += n
	}
	return fold(sc.s[start:sc.pos])
}

// keywordValue reads the number after a keyword.
func (sc *scanner) keywordValue(kind Kind, word string) ([]Label, bool) {
	if sc.s0() == '.' && (kind == KindQuestion || word == "ex") {
		sc.pos++
	}
	sc.skipNumberSign()
	start := sc.pos
	for _, form := range []Kind{KindNumber, KindRoman, KindCapital} {
		sc.pos = start
		v, ok := sc.value(form)
		if !ok || kind == KindQuestion && form != KindNumber {
			continue
		}
		l := Label{Kind: kind, Value: v, Style: word + formSuffix[form]}
		if form == KindCapital && kind.top() {
			l.Value += lettered
		}
		if kind == KindQuestion || kind == KindClaim {
			sc.innerNumber()
			return []Label{l}, sc.questionEnds()
		}
		if !sc.headingEnds() && !shouted(sc.s[:start]) {
			return nil, false
		}
		return []Label{l}, true
	}
	sc.pos = start
	if kind != KindExercise && kind != KindProblem || word == "ex" || word == "exercices" || word == "problemes" {
		return nil, false
	}
	rest := strings.TrimSpace(sc.s[sc.pos:])
	if rest == "" || strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, ":") {
		sc.closing()
		return []Label{{Kind: kind, Style: word}}, true
	}
	return nil, false
}

// innerNumber reads the second number of "Question 1.2".
func (sc *scanner) innerNumber() {
	probe := *sc
	if probe.s0() != '.' || probe.pos+1 >= len(probe.s) || !isDigit(probe.s[probe.pos+1]) {
		return
	}
	probe.pos++
	if v, ok := probe.digits(); ok {
		sc.pos = probe.pos
		sc.inner = [][]Label{{{Kind: KindNumber, Value: v, Style: decimalStyle}}}
	}
}

// shouted tells whether a keyword is written in capitals, as in « EXERCICE 1
// commun à tous les candidats », where any text may follow its number.
func shouted(s string) bool {
	return len(strings.TrimSpace(s)) > 3 && strings.ToUpper(s) == s
}

// skipNumberSign passes « n° », « numéro » and blanks.
func (sc *scanner) skipNumberSign() {
	for sc.s0() == ' ' {
		sc.pos++
	}
	rest := sc.s[sc.pos:]
	for _, sign := range []string{"n°", "N°", "nº", "n^o", "n^{o}", "no ", "n ° ", "numéro "} {
		if strings.HasPrefix(rest, sign) {
			sc.pos += len(sign)
			break
		}
	}
	for sc.s0() == ' ' {
		sc.pos++
	}
}

// headingEnds tells whether the words after a heading's number read as a
// title and not as the rest of a sentence, and passes its punctuation.
func (sc *scanner) headingEnds() bool {
	if sc.closing() != "" {
		return true
	}
	if sc.pos >= len(sc.s) {
		return true
	}
	rest := strings.TrimLeft(sc.s[sc.pos:], " ")
	r, _ := utf8.DecodeRuneInString(rest)
	if rest == "" || unicode.IsUpper(r) || isDigit(byte(r)) && sc.s[sc.pos] == ' ' {
		return true
	}
	return strings.ContainsRune("(–—-:.[«/,•", r) && !strings.HasPrefix(rest, "(voir")
}

// questionEnds does the same after the number of a question, where the text
// of the question follows on the line.
func (sc *scanner) questionEnds() bool {
	if sc.closing() != "" || sc.pos >= len(sc.s) {
		return true
	}
	probe := *sc
	for probe.s0() == ' ' {
		probe.pos++
	}
	if sc.glued() || probe.glued() {
		return true
	}
	rest := strings.TrimLeft(sc.s[sc.pos:], " ")
	for _, run := range []string{"et ", "à ", "- ", "-", "–", "& "} {
		after, ok := strings.CutPrefix(rest, run)
		if after = strings.TrimPrefix(after, "Q"); ok && after != "" && isDigit(after[0]) {
			return true
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || sc.s[sc.pos] == ' ' && (unicode.IsUpper(r) || r == '(' || r == '[' || r == '«' || isDigit(byte(r)))
}

// heading reads a title with a bare number before it: "1 Approche
// exhaustive", "II Différentiels". Only lines set apart by their type can be
// such headings; the caller knows that.
func (sc *scanner) heading() ([]Label, bool) {
	start := sc.pos
	kind := KindSection
	v, ok := sc.digits()
	if !ok {
		kind = KindRoman
		v, ok = sc.roman(true)
	}
	rest := sc.s[sc.pos:]
	title := strings.TrimLeft(rest, " ")
	r, n := utf8.DecodeRuneInString(title)
	next, _ := utf8.DecodeRuneInString(title[n:])
	if !ok || title == rest || !unicode.IsUpper(r) || !unicode.IsLower(next) || len(title) > 120 {
		sc.pos = start
		return nil, false
	}
	sc.pos = len(sc.s) - len(title)
	return []Label{{Kind: kind, Value: v, Style: "bare"}}, true
}
