package fidelity

import (
	"fmt"
	"slices"
	"strings"
)

// introductions are how models begin when they speak for themselves instead of
// giving the text that was asked for.
var introductions = []string{
	"voici la traduction", "voici une traduction", "voici votre traduction", "voici le texte traduit", "voici la version française", "traduction :", "traduction:", "**traduction", "texte traduit :",
	"here is the translation", "here's the translation", "here is the translated", "translation:", "translated text:", "la traduction est", "la traduction française", "le texte traduit", "en français :",
}

// wrappers are tags and headings of prompts and of thinking.
var wrappers = []string{
	"<think>", "</think>", "<|im_start|>", "<|im_end|>", "prompt to translate", "text to translate", "texte à traduire", "<translation>", "</translation>", "<traduction>", "</traduction>", "<source>", "</source>",
}

// wrapper rejects a translation that brings back what stood around the text,
// or introduces itself.
func wrapper(s, t *view, opts Options) []Finding {
	source, target := strings.ToLower(s.text), strings.ToLower(t.text)
	for _, tag := range slices.Concat(wrappers, opts.Wrapper) {
		if tag = strings.ToLower(tag); strings.Contains(target, tag) && !strings.Contains(source, tag) {
			return reject(GateWrapper, "contains "+tag)
		}
	}
	beginning := strings.TrimLeft(target, " \n\t*#_\"«>")
	for _, words := range introductions {
		if strings.HasPrefix(beginning, strings.TrimLeft(words, "*")) && !strings.Contains(source, "translat") {
			return reject(GateWrapper, "begins with an introduction: "+excerpt(t.text))
		}
	}
	return nil
}

// openers are how answers begin, and how a source begins of which that is a
// translation.
var openers = []struct{ target, source []string }{
	{[]string{"bien sûr", "certainement", "avec plaisir", "d'accord", "absolument", "sure", "certainly", "of course"}, []string{"of course", "sure", "certainly", "okay", "ok", "absolutely", "alright", "with pleasure"}},
	{[]string{"voici", "voilà", "ci-dessous", "here is", "here are", "here's"}, []string{"here", "this is", "these are", "below", "the following", "there"}},
}

// requests are words of those who ask, in lower case: of the source, and
// beginnings of words of its translation.
var (
	englishRequests = wordSet(`write explain describe list give create generate compose summarize summarise calculate compute find determine solve prove show provide outline suggest
		discuss identify compare analyze analyse design draft develop translate rewrite paraphrase classify evaluate define tell help implement construct convert complete answer
		imagine name propose prepare make plan recommend illustrate simplify factor derive estimate please can could would what why how who which where when`)
	frenchRequests = []string{
		"écri", "rédig", "expliqu", "décri", "list", "énumér", "donn", "cré", "génér", "compos", "résum", "calcul", "trouv", "détermin", "résou", "résolv", "démontr", "montr", "prouv", "fourni", "propos", "suggér", "discut",
		"identifi", "compar", "analys", "conce", "conç", "élabor", "développ", "tradui", "réécri", "reformul", "class", "évalu", "défini", "di", "aid", "implément", "constru", "convert", "complét", "répond", "imagin", "nomm", "prépar",
		"fai", "planifi", "recommand", "illustr", "simplifi", "factoris", "estim", "veuillez", "pouv", "peux", "pourr", "quel", "pourquoi", "comment", "qui", "où", "quand", "combien", "que", "qu", "est-ce", "présent", "indiqu", "cit", "parl", "racont", "précis", "argument", "plan", "utilis", "inclu", "je",
	}
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// answered rejects a translation that answers the request of its source. It
// opens as answers do, or the request has gone while the length is that of
// something else.
func answered(s, t *view, opts Options) []Finding {
	if opts.to() != "fr" || opts.from() != "en" {
		return nil
	}
	source, target := strings.TrimLeft(s.lower, " \n\t*#_\"«"), strings.TrimLeft(t.lower, " \n\t*#_\"«")
	for _, o := range openers {
		opens := func(words string) bool { return begins(target, words) }
		if slices.ContainsFunc(o.target, opens) && !slices.ContainsFunc(o.source, func(words string) bool { return begins(source, words) }) {
			return reject(GateAnswered, "begins as an answer does: "+excerpt(t.text))
		}
	}
	if s.letters == 0 || !asks(source) || asksFrench(target) {
		return nil
	}
	share := float64(t.letters) / float64(s.letters)
	a, b := outlineOf(s.spans), outlineOf(t.spans)
	if share > longShare || share < 0.6 || b.bullets+b.steps >= a.bullets+a.steps+3 {
		return reject(GateAnswered, fmt.Sprintf("the request is gone and the text has %.1f times as many letters", share))
	}
	return nil
}

// begins reports whether a text begins with words and not with a longer word.
func begins(text, words string) bool {
	rest, ok := strings.CutPrefix(text, words)
	return ok && (rest == "" || !isWordRune(rune(rest[0])))
}

// asks reports whether an English text, in lower case, asks for something:
// with a question mark or a verb of asking at the beginning of a sentence.
func asks(text string) bool {
	if strings.Contains(text, "?") {
		return true
	}
	for sentence := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".!:;,\n", r) }) {
		word, _, _ := strings.Cut(strings.TrimLeft(sentence, " -*•\t\"0123456789)"), " ")
		if englishRequests[word] {
			return true
		}
	}
	return false
}

// asksFrench reports whether a French text, in lower case, asks for something.
func asksFrench(text string) bool {
	if strings.Contains(text, "?") {
		return true
	}
	for sentence := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".!:;,\n", r) }) {
		word, _, _ := strings.Cut(strings.TrimLeft(sentence, " -*•\t\"«\u00a00123456789)"), " ")
		if slices.ContainsFunc(frenchRequests, func(stem string) bool { return strings.HasPrefix(word, stem) }) {
			return true
		}
	}
	return false
}

// register flags a translation that says both tu and vous to the reader.
// What stands between quotation marks is said by somebody else.
func register(_, t *view, opts Options) []Finding {
	if opts.to() != "fr" {
		return nil
	}
	tu, vous := 0, 0
	prose := unquoted(t.lower)
	for word := range strings.FieldsFuncSeq(prose, func(r rune) bool {
		return !isWordRune(r) && r != '’' && r != '\'' || r == '\u00a0' || r == '\u202f' || r == '«' || r == '»'
	}) {
		switch word {
		case "tu", "toi", "tes":
			tu++
		case "vous", "votre", "vos":
			vous++
		}
		if strings.HasPrefix(word, "t'") || strings.HasPrefix(word, "t’") {
			tu++
		}
	}
	if tu > 0 && vous > 0 {
		return flag(GateRegister, fmt.Sprintf("tu %d times and vous %d times", tu, vous))
	}
	return nil
}

// unquoted returns a text without what stands between quotation marks.
func unquoted(text string) string {
	var b strings.Builder
	at := 0
	for _, q := range quotations(text) {
		b.WriteString(text[at:q[0]])
		b.WriteByte(' ')
		at = q[1]
	}
	b.WriteString(text[at:])
	return b.String()
}
