package fidelity

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// agreements are how answers begin, and how a source begins of which that is a
// translation. Presentations begin prompts too: "I have this function" is
// "Voici ma fonction"; they speak for an answer where nothing is asked any more.
var (
	agreements          = []string{"bien sûr", "certainement", "avec plaisir", "d'accord", "absolument", "sure", "certainly", "of course"}
	englishAgreements   = []string{"of course", "sure", "certainly", "okay", "ok", "absolutely", "alright", "with pleasure"}
	presentations       = []string{"voici", "voilà", "ci-dessous", "here is", "here are", "here's"}
	englishPresentation = []string{"here", "this is", "these are", "below", "the following", "there"}
)

// requests are words of those who ask, in lower case: of the source, and
// beginnings of words of its translation.
var (
	englishRequests = wordSet(`write explain describe list give create generate compose summarize summarise calculate compute find determine solve prove show provide outline suggest
		discuss identify compare analyze analyse design draft develop translate rewrite paraphrase classify evaluate define tell help implement construct convert complete answer
		imagine name propose prepare make plan recommend illustrate simplify factor derive estimate please can could would what why how who which where when`)
	frenchRequests = []string{
		"écri", "rédig", "expliqu", "décri", "list", "énumér", "donn", "cré", "génér", "compos", "résum", "calcul", "trouv", "détermin", "résou", "résolv", "démontr", "montr", "prouv", "fourni", "propos", "suggér", "discut",
		"identifi", "compar", "analys", "concev", "élabor", "développ", "tradui", "réécri", "reformul", "class", "évalu", "défini", "aid", "implément", "constru", "convert", "complét", "répond", "imagin", "nomm", "prépar",
		"planifi", "recommand", "illustr", "simplifi", "factoris", "estim", "veuill", "pouv", "peux", "pourr", "pourr", "présent", "indiqu", "cite", "parle", "racont", "précis", "utilis", "inclu", "dis", "dites", "fais", "faites", "faire", "assur", "expos", "vérifi", "cherch",
	}
	frenchVerbEndings = []string{"ez", "er", "ir", "re", "e", "s", "x"}
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
	opens := func(text string, phrases []string) bool {
		return slices.ContainsFunc(phrases, func(words string) bool { return begins(text, words) })
	}
	gone := asks(source) && !asksFrench(target)
	if opens(target, agreements) && !opens(source, englishAgreements) || gone && opens(target, presentations) && !opens(source, englishPresentation) {
		return reject(GateAnswered, "begins as an answer does: "+excerpt(t.text))
	}
	if s.letters == 0 || !gone {
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
	next, _ := utf8.DecodeRuneInString(rest)
	return ok && !unicode.IsLetter(next)
}

// asks reports whether an English text, in lower case, asks for something:
// with a question mark or a verb of asking at the beginning of a clause.
func asks(text string) bool {
	return strings.Contains(text, "?") || slices.ContainsFunc(firstWords(text), func(word string) bool { return englishRequests[word] })
}

// asksFrench reports whether a French text, in lower case, asks for something.
// Items of lists do not count: answers have them in the infinitive.
func asksFrench(text string) bool {
	if strings.Contains(text, "?") {
		return true
	}
	return slices.ContainsFunc(firstWords(text), func(word string) bool {
		word, _, _ = strings.Cut(word, "-")
		asks := func(stem string) bool { return strings.HasPrefix(word, stem) }
		ends := func(ending string) bool { return strings.HasSuffix(word, ending) }
		return word == "je" || word == "j'ai" || word == "j’ai" || slices.ContainsFunc(frenchRequests, asks) && slices.ContainsFunc(frenchVerbEndings, ends)
	})
}

// firstWords returns the first word of every clause of a text that is no item
// of a list.
func firstWords(text string) []string {
	var words []string
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, " \t#\"«\u00a0")
		if line != "" && (strings.IndexByte("-*+", line[0]) >= 0 || isDigit(line[0])) {
			continue
		}
		for clause := range strings.FieldsFuncSeq(line, func(r rune) bool { return strings.ContainsRune(".!:;,\n", r) }) {
			word, _, _ := strings.Cut(strings.TrimLeft(clause, " \t\"«\u00a0("), " ")
			words = append(words, word)
		}
	}
	return words
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
