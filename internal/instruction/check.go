package instruction

import (
	"fmt"
	"strings"
	"unicode"
)

// Language holds what the checks need to know of the language of a response.
type Language struct {
	Code         string
	Options      []string    // of constrained_response, where the instruction has none
	Titles       [2]string   // marks around a title
	Quotations   [][2]string // marks around a whole response
	FirstWordEnd string      // marks that end the first word of a paragraph
	postscript   func(text, marker string) (bool, error)
	sentences    func() *punkt
}

// English is IFEval, French is M-IFEval. Translated is for French responses to
// instructions of IFEval that were translated: its marks, the sentences and
// postscripts of French.
var (
	English = &Language{
		Code: "en", Options: []string{"My answer is yes.", "My answer is no.", "My answer is maybe."}, Titles: [2]string{"<<", ">>"},
		Quotations: [][2]string{{`"`, `"`}}, FirstWordEnd: `.,?!'"`, postscript: englishPostscript, sentences: loadPunkt(punktEnglish),
	}
	French = &Language{
		Code: "fr", Options: []string{"Oui.", "Non.", "Peut-être."}, Titles: [2]string{"##", "##"},
		Quotations: [][2]string{{`"`, `"`}, {"«", "»"}, {"'", "'"}}, FirstWordEnd: `.,?!'"`, postscript: frenchPostscript, sentences: loadPunkt(punktFrench),
	}
	Translated = &Language{
		Code: "fr", Options: French.Options, Titles: English.Titles,
		Quotations: [][2]string{{`"`, `"`}, {"«", "»"}, {"“", "”"}}, FirstWordEnd: `.,?!'"’;:`, postscript: translatedPostscript, sentences: French.sentences,
	}
)

// Check reports whether a response follows an instruction, strictly. An empty
// response follows none. An instruction without its arguments, or of an
// unknown kind, is an error.
func (l *Language) Check(i Instruction, response string) (bool, error) {
	check, ok := checks[i.ID]
	switch {
	case !ok:
		return false, fmt.Errorf("instruction %q has no check", i.ID)
	case !i.Complete():
		return false, fmt.Errorf("instruction %q lacks arguments", i.ID)
	case strings.TrimFunc(response, isSpace) == "":
		return false, nil
	}
	followed, err := check(l, i.Args, response)
	if err != nil {
		return false, fmt.Errorf("instruction %q: %w", i.ID, err)
	}
	return followed, nil
}

// CheckLoosely is Check of any of eight readings of a response: without its
// first line, its last, both, or neither, each with and without asterisks.
func (l *Language) CheckLoosely(i Instruction, response string) (bool, error) {
	for _, reading := range readings(response) {
		if followed, err := l.Check(i, reading); followed || err != nil {
			return followed, err
		}
	}
	return false, nil
}

func readings(response string) []string {
	lines := strings.Split(response, "\n")
	join := func(lines []string) string { return strings.TrimFunc(strings.Join(lines, "\n"), isSpace) }
	first, last := lines[1:], lines[:len(lines)-1]
	var both []string
	if len(lines) > 2 {
		both = lines[1 : len(lines)-1]
	}
	var all []string
	for _, reading := range []string{response, join(first), join(last), join(both)} {
		all = append(all, reading, strings.ReplaceAll(reading, "*", ""))
	}
	return all
}

// check is the rule of one instruction.
type check func(l *Language, a Args, response string) (bool, error)

// yes makes a check of a rule that cannot fail.
func yes(rule func(l *Language, a Args, response string) bool) check {
	return func(l *Language, a Args, response string) (bool, error) { return rule(l, a, response), nil }
}

// counts makes a check of a count that the relation compares with N.
func counts(count func(l *Language, a Args, response string) int) check {
	return func(l *Language, a Args, response string) (bool, error) {
		return compare(count(l, a, response), a.Relation, a.N)
	}
}

// fixed makes a check of a count whose relation IFEval fixes. An instruction
// that states another keeps it.
func fixed(relation string, count func(l *Language, a Args, response string) int) check {
	return func(l *Language, a Args, response string) (bool, error) {
		if a.Relation == "" {
			a.Relation = relation
		}
		return compare(count(l, a, response), a.Relation, a.N)
	}
}

// compare reports whether a count has its relation to n.
func compare(count int, relation string, n int) (bool, error) {
	switch relation {
	case LessThan, "moins de":
		return count < n, nil
	case AtLeast, "au moins":
		return count >= n, nil
	case AtMost:
		return count <= n, nil
	case MoreThan:
		return count > n, nil
	case Exactly:
		return count == n, nil
	case Around:
		return 10*max(count-n, n-count) <= max(n, 10), nil
	}
	return false, fmt.Errorf("unknown relation %q", relation)
}

// checks are the rules by id.
var checks = map[string]check{
	"keywords:existence":                            existence,
	"keywords:frequency":                            frequency,
	"keywords:forbidden_words":                      yes(forbidden),
	"keywords:letter_frequency":                     counts(letterCount),
	"language:response_language":                    responseLanguage,
	"length_constraints:number_words":               counts(wordCount),
	"length_constraints:number_sentences":           counts(sentenceCount),
	"length_constraints:number_paragraphs":          paragraphs,
	"length_constraints:nth_paragraph_first_word":   yes(firstWord),
	"detectable_content:number_placeholders":        fixed(AtLeast, placeholderCount),
	"detectable_content:postscript":                 postscript,
	"detectable_format:number_bullet_lists":         fixed(Exactly, bulletCount),
	"detectable_format:constrained_response":        yes(constrained),
	"detectable_format:number_highlighted_sections": fixed(AtLeast, highlightCount),
	"detectable_format:multiple_sections":           sections,
	"detectable_format:json_format":                 yes(isJSON),
	"detectable_format:title":                       yes(hasTitle),
	"combination:two_responses":                     yes(twoResponses),
	"combination:repeat_prompt":                     yes(repeatsPrompt),
	"startend:end_checker":                          yes(endsWith),
	"startend:quotation":                            yes(isQuoted),
	"change_case:capital_word_frequency":            counts(capitalCount),
	"change_case:english_capital":                   yes(allCapital),
	"change_case:english_lowercase":                 yes(allLower),
	"punctuation:no_comma":                          yes(noComma),
}

func noComma(_ *Language, _ Args, response string) bool { return !strings.Contains(response, ",") }

func endsWith(_ *Language, a Args, response string) bool {
	response = strings.ToLower(strings.Trim(strings.TrimFunc(response, isSpace), `"`))
	return strings.HasSuffix(response, strings.ToLower(strings.TrimFunc(a.EndPhrase, isSpace)))
}

func repeatsPrompt(_ *Language, a Args, response string) bool {
	normal := func(text string) string { return strings.ToLower(strings.TrimFunc(text, isSpace)) }
	return strings.HasPrefix(normal(response), normal(a.PromptToRepeat))
}

func isQuoted(l *Language, _ Args, response string) bool {
	response = strings.TrimFunc(response, isSpace)
	for _, q := range l.Quotations {
		if len(response) > len(q[0]) && strings.HasPrefix(response, q[0]) && strings.HasSuffix(response, q[1]) {
			return true
		}
	}
	return false
}

func constrained(l *Language, a Args, response string) bool {
	options := a.Options
	if len(options) == 0 {
		options = l.Options
	}
	for _, option := range options {
		if strings.Contains(response, option) {
			return true
		}
	}
	return false
}

// cased reports whether all letters of a text that have a case have the given
// one, and there is one: isupper and islower of Python.
func cased(text string, is, other func(rune) bool) bool {
	return strings.ContainsFunc(text, is) && !strings.ContainsFunc(text, func(r rune) bool { return other(r) || unicode.IsTitle(r) })
}
