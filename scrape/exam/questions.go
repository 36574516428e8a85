package exam

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// orders are the verbs a question gives its order with, folded: infinitives
// and, by their stem, imperatives.
var orders = stems(`montrer demontrer determiner calculer justifier donner ecrire deduire verifier resoudre
 etudier expliquer exprimer preciser etablir indiquer proposer citer tracer representer completer identifier
 interpreter conclure rappeler comparer prouver trouver estimer evaluer enoncer decrire definir construire placer
 developper factoriser simplifier discuter commenter nommer schematiser rediger recopier reproduire associer
 argumenter analyser examiner encadrer chercher dresser lire choisir cocher schematiser programmer implementer
 modifier traduire reecrire retrouver obtenir preparer presenter relever repondre classer calculez montrez
 determinez justifiez donnez ecrivez deduisez expliquez exprimez precisez indiquez proposez citez tracez
 completez identifiez concluez rappelez comparez trouvez decrivez dites dire deviner conjecturer appliquer
 utiliser effectuer reconnaitre caracteriser illustrer situer legender conclure deriver integrer diagonaliser
 former formuler caracterisez illustrez prevoir qualifier attribuer nommez dater relier reperer lister enumerer
 distinguer convertir denombrer majorer minorer reporter prolonger rendre prevoyez qualifiez`)

func stems(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

var asking = regexp.MustCompile(`(?i)\?|\b(quel|quels|quelle|quelles|combien|pourquoi|comment|que peut-on|que vaut|que dire|est-ce|est-il|est-elle|sont-ils|sont-elles|a-t-on|peut-on|vrai ou faux|affirmation)\b`)

// asksDirectly tells whether a sentence of the text is a question or begins
// with an order; « Pour déterminer la masse, on… » is neither.
func asksDirectly(text string) bool {
	if strings.Contains(text, "?") {
		return true
	}
	return slices.ContainsFunc(sentenceEnd.Split(wrap.ReplaceAllString(text, " $1"), -1), opensWithOrder)
}

// opensWithOrder tells whether a sentence begins with an order: « Montrer… »,
// « En déduire… ».
func opensWithOrder(sentence string) bool {
	words := tokenize(sentence)
	if len(words) > 1 && words[0].text == "en" {
		words = words[1:]
	}
	return len(words) > 0 && orders[words[0].text]
}

// ordersAloud tells whether a sentence of a text is a question or begins with an
// order and a capital: the steps of an experiment, « - placer un volume… »,
// are none.
func ordersAloud(text string) bool {
	for _, sentence := range fullStop.Split(wrap.ReplaceAllString(text, " $1"), -1) {
		if first, _ := utf8.DecodeRuneInString(strings.TrimSpace(sentence)); unicode.IsUpper(first) && opensWithOrder(sentence) {
			return true
		}
	}
	return strings.Contains(text, "?")
}

var fullStop = regexp.MustCompile(`[.;:!]\s|\n`)

// wrap is a line break inside a sentence.
var wrap = regexp.MustCompile(`\n([^\p{Lu}\n])`)

var sentenceEnd = regexp.MustCompile(`[.;:!]\s|\n|, (?:puis|et) `)

// asksSomething tells whether a text reads as a question or an order.
func asksSomething(text string) bool {
	if asking.MatchString(text) {
		return true
	}
	for _, t := range tokenize(text) {
		if orders[t.text] {
			return true
		}
	}
	return false
}
