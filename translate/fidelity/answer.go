package fidelity

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kurakurai/luth/internal/markup"
)

// Answer returns what the gates have against an answer, in a fixed order;
// nothing where it passes them all. The finish reason is the client's to judge.
func Answer(prompt, answer string, opts Options) []Finding {
	var findings []Finding
	answer, findings = thinking(answer, opts)
	if strings.TrimSpace(answer) == "" {
		return append(findings, Finding{GateEmpty, true, "the answer is empty"})
	}
	p, a := newView(prompt), newView(answer)
	for _, gate := range []func(p, a *view, opts Options) []Finding{
		answerLanguage, truncated, repeats, refusal, disclaimer, echoed, openFence, openFormula, eatenBackslash, followed,
	} {
		findings = append(findings, gate(p, a, opts)...)
	}
	return findings
}

// thinking returns an answer without its block of thinking, and rejects what
// remains of one.
func thinking(answer string, opts Options) (string, []Finding) {
	if opts.Thinking {
		if rest, ok := strings.CutPrefix(strings.TrimLeft(answer, " \n"), "<think>"); ok {
			if _, after, closed := strings.Cut(rest, "</think>"); closed {
				answer = after
			}
		}
	}
	for _, tag := range [...]string{"<think>", "</think>", "<|im_start|>", "<|im_end|>", "[THINK]", "[/THINK]"} {
		if strings.Contains(answer, tag) {
			return answer, reject(GateWrapper, "contains "+tag)
		}
	}
	return answer, nil
}

// answerLanguage rejects an answer with a passage in another language, unless
// the prompt asks for one or has it.
func answerLanguage(p, a *view, opts Options) []Finding {
	foreign := drift(a, opts.to())
	if strange := strangeLetters(a.text, p.text); foreign == "" && strange != "" {
		foreign = "letters of another alphabet: " + strange
	}
	switch {
	case foreign == "":
		return nil
	case asksForLanguage(p.lower) || p.verdict.Share(opts.to()) < 1:
		return flag(GateLangBound, foreign)
	}
	return reject(GateLanguage, foreign)
}

var otherLanguages = []string{
	"en anglais", "en espagnol", "en allemand", "en italien", "en portugais", "en latin", "l'anglais", "l’anglais", "l'espagnol", "l’espagnol", "l'allemand", "l’allemand", "l'italien", "l’italien", "le portugais", "tradui", "traduction",
	"langue", "in english", "in spanish", "translate", "anglophone",
}

func asksForLanguage(lower string) bool {
	return slices.ContainsFunc(otherLanguages, func(words string) bool { return strings.Contains(lower, words) })
}

// truncated rejects an answer that ends in the middle of a word, a sentence, a
// formula or a block of code.
func truncated(_, a *view, _ Options) []Finding {
	last := a.spans[len(a.spans)-1]
	if !last.Closed {
		return reject(GateTruncated, "ends inside "+article(last.Kind))
	}
	if last.Kind != markup.Prose {
		return nil
	}
	text := strings.TrimRightFunc(a.text, unicode.IsSpace)
	end, size := utf8.DecodeLastRuneInString(text)
	line := text[strings.LastIndexByte(text, '\n')+1:]
	switch {
	case strings.ContainsRune(",;(-–—«“/=+&", end) && !isRule(line):
		return reject(GateTruncated, "ends with "+text[len(text)-size:])
	case end == ':' && utf8.RuneCountInString(line) > 1:
		return reject(GateTruncated, "ends with a colon")
	case !unicode.IsLetter(end) && end != '\'' && end != '’':
		return nil
	}
	if word := lastWord(line); unfinished[word] || strings.HasSuffix(word, "'") || strings.HasSuffix(word, "’") {
		return reject(GateTruncated, "ends with the word "+word)
	}
	if isSentence(line) {
		return flag(GateTruncated, "the last sentence has no full stop: "+excerpt(line))
	}
	return nil
}

func article(k markup.Kind) string {
	if k == markup.Formula {
		return "a formula"
	}
	return "a block of code"
}

// isRule reports whether a line is a rule of Markdown, a heading of a list or
// a signature.
func isRule(line string) bool { return strings.Trim(line, "-–—*_ ") == "" }

// unfinished are words after which a French sentence goes on.
var unfinished = wordSet(`le la les un une des du de au aux et ou mais donc or ni car ce cet cette ces que qui dont dans par pour sur avec sans sous entre vers chez depuis pendant si comme lorsque puisque
	son sa ses mon ma mes ton ta tes notre nos votre vos leur leurs est sont étaient était sera seront a ont avait très plus quel quelle quels quelles chaque the of and to in is are with for that`)

func lastWord(line string) string {
	i := strings.LastIndexAny(line, " \t(\u00a0")
	return strings.ToLower(line[i+1:])
}

// isSentence reports whether a line is prose long enough to want a full stop,
// and not a heading, an item, a row of a table, or a line of verse.
func isSentence(line string) bool {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || strings.IndexByte("#-*|>•+", trimmed[0]) >= 0 || isDigit(trimmed[0]) {
		return false
	}
	return len(strings.Fields(trimmed)) > 12
}

var refusals = []string{
	"je ne peux pas répondre", "je ne peux pas vous aider", "je ne peux pas t'aider", "je ne suis pas en mesure de", "je ne peux pas fournir", "je ne peux pas accéder", "je ne peux pas satisfaire", "je ne peux pas générer", "je ne peux pas créer",
	"je refuse de", "je suis désolé, mais je n", "je suis désolé mais je n", "désolé, mais je ne peux", "désolé, je ne peux", "je m'excuse, mais je ne", "il m'est impossible de répondre", "je dois décliner", "je regrette, mais je ne",
	"i cannot", "i can't", "i can not", "i'm sorry, but", "i am sorry, but", "i'm unable", "i am unable", "sorry, but i can", "i won't be able",
}

var disclaimers = []string{
	"en tant que modèle de langage", "en tant qu'ia", "en tant qu'intelligence artificielle", "en tant qu'assistant virtuel", "en tant qu'assistant ia", "en tant que modèle d'ia", "en tant que grand modèle", "en tant qu'assistant d'intelligence",
	"je suis un modèle de langage", "je suis une intelligence artificielle", "je suis une ia", "je suis qwen", "je suis chatgpt", "développé par openai", "créé par openai", "alibaba cloud", "ma date de coupure", "mes données d'entraînement", "ma base de connaissances s'arrête",
	"as an ai", "as a language model", "as a large language model", "i'm an ai", "i am an ai", "my training data", "my knowledge cutoff",
}

// refusalBytes is how far from its beginning an answer may decline: later it
// may quote, or write a character who does.
const refusalBytes = 300

func refusal(_, a *view, _ Options) []Finding {
	beginning := straight(unquoted(a.lower[:min(len(a.lower), refusalBytes)]))
	if words := firstOf(refusals, beginning); words != "" {
		return reject(GateRefusal, "says: "+words)
	}
	return nil
}

// disclaimer rejects an answer that speaks of itself as a model where the
// prompt does not speak of models.
func disclaimer(p, a *view, _ Options) []Finding {
	if words := firstOf(disclaimers, straight(a.lower)); words != "" && !strings.Contains(straight(p.lower), words) {
		return reject(GateDisclaimer, "says: "+words)
	}
	return nil
}

// straight returns a text with typewriter apostrophes.
func straight(text string) string { return strings.ReplaceAll(text, "’", "'") }

func firstOf(phrases []string, text string) string {
	for _, words := range phrases {
		if strings.Contains(text, words) {
			return words
		}
	}
	return ""
}

// echoBytes is the length of a prompt's passage that an answer may not repeat
// at its beginning.
const echoBytes = 80

// echoed rejects an answer that is its prompt again, flags one that begins
// with it. A prompt that asks to be repeated, asks for it.
func echoed(p, a *view, _ Options) []Finding {
	prompt, answer := strings.Join(p.words, " "), strings.Join(a.words, " ")
	if strings.Contains(prompt, "répét") || strings.Contains(prompt, "repeat") || len(prompt) < 16 {
		return nil
	}
	switch {
	case answer == prompt:
		return reject(GateEcho, "the answer is the prompt again")
	case len(prompt) >= echoBytes && strings.HasPrefix(answer, prompt):
		return reject(GateEcho, "the answer begins with the whole prompt")
	case len(answer) >= echoBytes && strings.Contains(prompt, answer):
		return reject(GateEcho, "the answer is a passage of the prompt")
	}
	return nil
}

// openFence rejects an answer with a block of code that does not close.
func openFence(_, a *view, _ Options) []Finding {
	for _, s := range a.spans {
		if s.Kind == markup.Fence && !s.Closed {
			return reject(GateFence, "a block of code does not close")
		}
	}
	return nil
}

// openFormula rejects an answer with a formula that does not close, or in
// which braces, \left and \right or environments do not pair.
func openFormula(_, a *view, _ Options) []Finding {
	offset := 0
	for _, s := range a.spans {
		switch {
		case s.Kind != markup.Formula:
		case !s.Closed:
			return reject(GateFormula, "a formula does not close: "+excerpt(a.text[offset:]))
		default:
			if what := markup.Unbalanced(s.Text); what != "" {
				return reject(GateFormula, what+" do not pair: "+excerpt(s.Text))
			}
		}
		offset += len(s.Text)
	}
	return nil
}

// eaten are what macros become whose backslash and first letter a JSON decoder
// read as a control character.
var eaten = map[byte][]string{
	'\f': {"rac", "orall", "box", "lat"},
	'\t': {"ext", "imes", "heta", "an ", "frac", "riangle", "au_", "ilde"},
	'\b': {"eta", "egin", "inom", "ig", "oxed", "ar", "mod", "f{", "oldsymbol"},
	'\r': {"ho", "ight", "m{", "angle", "vert", "ceil", "floor"},
	'\v': {"ec", "arepsilon", "arphi", "ert", "dots"},
	'\a': {"lpha", "pprox", "ngle", "rctan", "st"},
	'\n': {"abla", "eq ", "otin", "rightarrow"}, // u_n begins many a line
}

// eatenInProse are those of the remains behind a tab that no text has there.
var eatenInProse = []string{"ext{", "imes", "heta", "frac{", "riangle", "ilde{"}

// eatenBackslash rejects an answer with the remains of a macro of LaTeX.
func eatenBackslash(_, a *view, _ Options) []Finding {
	for _, s := range a.spans {
		if s.Kind.IsCode() {
			continue
		}
		for i := range len(s.Text) {
			if c := s.Text[i]; c < ' ' {
				if stem := eatenAt(c, s.Text[i+1:], s.Kind == markup.Formula); stem != "" {
					return reject(GateEscape, fmt.Sprintf("%q before %q: a backslash was read as an escape", c, stem))
				}
			}
		}
	}
	return nil
}

// eatenAt returns the remains of a macro that a control character stands
// before. Outside formulas tabs and newlines are what they seem.
func eatenAt(control byte, rest string, formula bool) string {
	stems := eaten[control]
	switch {
	case formula:
	case control == '\t':
		stems = eatenInProse
	case control == '\n' || control == '\r':
		return ""
	}
	for _, stem := range stems {
		if strings.HasPrefix(rest, stem) {
			return stem
		}
	}
	return ""
}
