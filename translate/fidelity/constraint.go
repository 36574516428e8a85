package fidelity

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/instruction"
)

// Transfer says what a translation does to a constraint.
type Transfer string

const (
	Neutral     Transfer = "neutral"  // counts and formats: the arguments stay
	Lexical     Transfer = "lexical"  // words and phrases: the arguments are translated with the prompt
	Letters     Transfer = "letters"  // letters and case: the arguments stay, accents count by a stated rule
	OfALanguage Transfer = "language" // names a language: does not survive as it is
)

// Constraint is a verifiable instruction of a prompt, from its column to its
// translation.
type Constraint struct {
	Source      string                  `json:"source"` // as the column has it
	Transfer    Transfer                `json:"transfer"`
	Instruction instruction.Instruction `json:"instruction"`
	Verifiable  bool                    `json:"verifiable"` // all arguments are known
}

// tags are the constraints of allenai/tulu-3-sft-personas-instruction-following
// with the instruction of IFEval that each names. The column gives no
// arguments: they stand in the prompt.
var tags = map[string]struct {
	id       string
	transfer Transfer
}{
	"keywords:frequency":                                 {"keywords:frequency", Lexical},
	"keywords:letter frequency":                          {"keywords:letter_frequency", Letters},
	"keywords:exclude words":                             {"keywords:forbidden_words", Lexical},
	"include keywords":                                   {"keywords:existence", Lexical},
	"case: frequency of capital words":                   {"change_case:capital_word_frequency", Letters},
	"case:in english and lowercase":                      {"change_case:english_lowercase", OfALanguage},
	"in english and capital":                             {"change_case:english_capital", OfALanguage},
	"format:use json format":                             {"detectable_format:json_format", Neutral},
	"format:title":                                       {"detectable_format:title", Neutral},
	"format:number of bullet lists":                      {"detectable_format:number_bullet_lists", Neutral},
	"format:number of highlighted sections":              {"detectable_format:number_highlighted_sections", Neutral},
	"format:number of sections":                          {"detectable_format:multiple_sections", Lexical},
	"format:choose one from options":                     {"detectable_format:constrained_response", Lexical},
	"length constraints:number of words":                 {"length_constraints:number_words", Neutral},
	"length constraints:number of sentences":             {"length_constraints:number_sentences", Neutral},
	"length constraints:number of paragraphs":            {"length_constraints:number_paragraphs", Neutral},
	"length constraints:first word of the nth paragraph": {"length_constraints:nth_paragraph_first_word", Lexical},
	"content:include a postscript":                       {"detectable_content:postscript", Neutral},
	"content:number of placeholders":                     {"detectable_content:number_placeholders", Neutral},
	"punctuation:use no comma":                           {"punctuation:no_comma", Neutral},
	"response language":                                  {"language:response_language", OfALanguage},
	"specific ending":                                    {"startend:end_checker", Lexical},
	"repeat the prompt":                                  {"combination:repeat_prompt", Lexical},
	"give two responses":                                 {"combination:two_responses", Neutral},
	"use quotation":                                      {"startend:quotation", Neutral},
}

// ParseTags returns the constraints that Tulu's column names, with the
// arguments that the prompt states. Unknown tags are an error.
func ParseTags(column []string, prompt string) ([]Constraint, error) {
	var all []Constraint
	for _, tag := range column {
		known, ok := tags[strings.ToLower(strings.TrimSpace(tag))]
		if !ok {
			return nil, fmt.Errorf("constraint %q is none of the 25 of tulu-3-sft-personas-instruction-following", tag)
		}
		c := Constraint{Source: tag, Transfer: known.transfer, Instruction: instruction.Instruction{ID: known.id}}
		c.Instruction.Args = stated(known.id, prompt)
		c.Verifiable = c.Instruction.Complete()
		all = append(all, c)
	}
	return all, nil
}

// ReadConstraints reads the constraints of a sample, whose first user message
// is the prompt: tags of Tulu, JSON of RLVR-IFeval, or what WriteConstraints
// wrote. One that it does not know is kept as it is and cannot be verified.
func ReadConstraints(column []string, prompt string) []Constraint {
	var all []Constraint
	for _, text := range column {
		c := Constraint{Source: text}
		if strings.HasPrefix(text, "{") {
			if own, ok := ownConstraint(text); ok {
				c = own
			} else if function, err := ParseFunction(text); err == nil {
				c = function
			}
		} else if parsed, err := ParseTags([]string{text}, prompt); err == nil {
			c = parsed[0]
		}
		all = append(all, c)
	}
	return all
}

// ownConstraint reads one constraint that WriteConstraints wrote.
func ownConstraint(text string) (Constraint, bool) {
	var c Constraint
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&c) != nil || c.Source == "" || c.Instruction.ID == "" {
		return Constraint{}, false
	}
	c.Verifiable = c.Verifiable && c.Instruction.Complete()
	return c, true
}

// WriteConstraints is the opposite of ReadConstraints: a JSON object for each
// that is understood, the text as it was for the others.
func WriteConstraints(constraints []Constraint) ([]string, error) {
	var column []string
	for _, c := range constraints {
		if c.Instruction.ID == "" {
			column = append(column, c.Source)
			continue
		}
		text, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("write the constraint %s: %w", excerpt(c.Source), err)
		}
		column = append(column, string(text))
	}
	return column, nil
}

// verifiers are the functions of allenai/RLVR-IFeval.
var verifiers = map[string]string{
	"verify_keywords": "include keywords", "verify_keyword_frequency": "keywords:frequency", "validate_forbidden_words": "keywords:exclude words",
	"verify_letter_frequency": "keywords:letter frequency", "validate_response_language": "response language", "verify_paragraph_count": "length constraints:number of paragraphs",
	"validate_word_constraint": "length constraints:number of words", "verify_sentence_constraint": "length constraints:number of sentences",
	"validate_paragraphs": "length constraints:first word of the nth paragraph", "verify_postscript": "content:include a postscript",
	"validate_placeholders": "content:number of placeholders", "verify_bullet_points": "format:number of bullet lists", "validate_title": "format:title",
	"validate_choice": "format:choose one from options", "validate_highlighted_sections": "format:number of highlighted sections", "validate_sections": "format:number of sections",
	"validate_json_format": "format:use json format", "validate_repeat_prompt": "repeat the prompt", "validate_two_responses": "give two responses",
	"validate_uppercase": "in english and capital", "validate_lowercase": "case:in english and lowercase", "validate_frequency_capital_words": "case: frequency of capital words",
	"validate_end": "specific ending", "validate_quotation": "use quotation", "validate_no_commas": "punctuation:use no comma",
}

// groundTruth is the column of RLVR-IFeval: a function and its arguments.
type groundTruth struct {
	Function         string   `json:"func_name"`
	N                int      `json:"N"`
	Quantifier       string   `json:"quantifier"`
	EndPhrase        string   `json:"end_phrase"`
	KeywordList      []string `json:"keyword_list"`
	Word             string   `json:"word"`
	ForbiddenWords   []string `json:"forbidden_words"`
	Letter           string   `json:"letter"`
	I                int      `json:"i"`
	FirstWord        string   `json:"first_word"`
	PostscriptMarker string   `json:"postscript_marker"`
	Options          string   `json:"options"`
	SectionSplitter  string   `json:"section_splitter"`
	OriginalPrompt   string   `json:"original_prompt"`
	Language         string   `json:"language"`
}

// ParseFunction returns the constraint that a row of RLVR-IFeval names as JSON.
func ParseFunction(column string) (Constraint, error) {
	var g groundTruth
	if err := json.Unmarshal([]byte(column), &g); err != nil {
		return Constraint{}, fmt.Errorf("constraint %s: %w", excerpt(column), err)
	}
	tag, ok := verifiers[g.Function]
	if !ok {
		return Constraint{}, fmt.Errorf("constraint %s: %q is no function of RLVR-IFeval", excerpt(column), g.Function)
	}
	known := tags[tag]
	c := Constraint{Source: g.Function, Transfer: known.transfer, Instruction: instruction.Instruction{ID: known.id, Args: instruction.Args{
		Relation: orElse(g.Quantifier, "at least"), N: g.N, EndPhrase: g.EndPhrase, Keywords: g.KeywordList, Keyword: g.Word, ForbiddenWords: g.ForbiddenWords, Letter: g.Letter,
		NthParagraph: g.I, FirstWord: g.FirstWord, PostscriptMarker: g.PostscriptMarker, SectionSplitter: g.SectionSplitter, PromptToRepeat: g.OriginalPrompt, Language: g.Language,
	}}}
	for option := range strings.SplitSeq(g.Options, ",") {
		if option = strings.TrimSpace(option); option != "" {
			c.Instruction.Args.Options = append(c.Instruction.Args.Options, option)
		}
	}
	c.Verifiable = c.Instruction.Complete()
	return c, nil
}

// Carry returns the constraints of a source prompt as its translation states
// them: the arguments of lexical ones are the quotations that stand in the
// same place. It says which constraints are lost.
func Carry(constraints []Constraint, source, target string) (carried []Constraint, lost []string) {
	from, to := quoted(source), quoted(target)
	for _, c := range constraints {
		switch c.Transfer {
		case Lexical:
			args, err := carryArgs(c.Instruction.Args, from, to, target)
			if err != nil {
				lost = append(lost, fmt.Sprintf("%s: %v", c.Source, err))
				continue
			}
			c.Instruction.Args = args
		case OfALanguage:
			if c.Instruction.ID == "language:response_language" && c.Instruction.Args.Language != "fr" || strings.Contains(strings.ToLower(target), "anglais") {
				lost = append(lost, c.Source+": asks for an answer in another language")
				continue
			}
		}
		carried = append(carried, c)
	}
	return carried, lost
}

// carryArgs replaces the words and phrases among arguments by those of the
// translation.
func carryArgs(a instruction.Args, from, to []string, target string) (instruction.Args, error) {
	var failure error
	phrase := func(s string) string {
		if s == "" {
			return s
		}
		if other, ok := counterpart(s, from, to, target); ok {
			return other
		}
		if failure == nil {
			failure = fmt.Errorf("%q has no counterpart between quotation marks", s)
		}
		return s
	}
	phrases := func(all []string) (out []string) {
		for _, s := range all {
			out = append(out, phrase(s))
		}
		return out
	}
	a.Keyword, a.FirstWord, a.EndPhrase, a.SectionSplitter = phrase(a.Keyword), phrase(a.FirstWord), phrase(a.EndPhrase), phrase(a.SectionSplitter)
	a.Keywords, a.ForbiddenWords, a.Options = phrases(a.Keywords), phrases(a.ForbiddenWords), phrases(a.Options)
	if a.PromptToRepeat != "" {
		a.PromptToRepeat = ""
		failure = fmt.Errorf("the prompt to repeat is another one now")
	}
	return a, failure
}

// counterpart returns what a phrase of the source is in the translation: the
// quotation in the same place, or itself where the translation kept it.
func counterpart(phrase string, from, to []string, target string) (string, bool) {
	if i := slices.IndexFunc(from, func(q string) bool { return strings.EqualFold(q, phrase) }); i >= 0 && len(from) == len(to) {
		return to[i], true
	}
	if strings.Contains(strings.ToLower(target), strings.ToLower(phrase)) {
		return phrase, true
	}
	return "", false
}

// quoted returns what stands between quotation marks in a text, in order.
func quoted(text string) []string {
	var all []string
	for _, q := range quotations(text) {
		inner := text[q[0]:q[1]]
		inner = inner[runeLength(inner):]
		inner = inner[:len(inner)-lastRuneLength(inner)]
		all = append(all, strings.TrimRight(strings.TrimSpace(inner), ","))
	}
	return all
}

// constraintArguments rejects a translation that loses an argument of a
// constraint.
func constraintArguments(s, t *view, opts Options) []Finding {
	if len(opts.Constraints) == 0 {
		return nil
	}
	if _, lost := Carry(opts.Constraints, s.text, t.text); len(lost) > 0 {
		return reject(GateConstraint, strings.Join(lost, "; "))
	}
	return nil
}

// followed rejects a French answer that does not follow a constraint of its
// prompt, as Carry gave it. Letters are flagged only: whether é counts as e is
// our rule and not the prompt's. What cannot be verified passes.
func followed(_, a *view, opts Options) []Finding {
	var findings []Finding
	for _, c := range opts.Constraints {
		if !c.Verifiable || opts.to() != instruction.Translated.Code {
			continue
		}
		ok, err := instruction.Translated.Check(c.Instruction, a.text)
		if ok || err != nil {
			continue
		}
		findings = append(findings, Finding{GateConstraint, c.Transfer != Letters, "does not follow " + c.Source + " " + c.Instruction.Args.String()})
	}
	return findings
}
