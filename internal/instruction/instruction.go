// Package instruction verifies that a response follows an instruction, as
// IFEval (Zhou et al. 2023, arXiv 2311.07911) and, for French, M-IFEval
// (Dussolle et al. 2025, arXiv 2502.04688) define it.
package instruction

import (
	"encoding/json"
	"strings"
)

// Instruction is a verifiable instruction: an id of IFEval, such as
// "length_constraints:number_words", and its arguments.
type Instruction struct {
	ID   string `json:"id"`
	Args Args   `json:"args"`
}

// Relations between a count and its argument. IFEval has the first two; the
// others are those of RLVR-IFeval and of prompts.
const (
	LessThan = "less than"
	AtLeast  = "at least"
	AtMost   = "at most"
	MoreThan = "more than"
	Exactly  = "exactly"
	Around   = "around" // within a tenth
)

// Args are the arguments of all instructions; each has its few.
type Args struct {
	Relation         string   `json:"relation,omitempty"`
	N                int      `json:"n,omitempty"` // words, sentences, paragraphs, bullets, …
	NthParagraph     int      `json:"nth_paragraph,omitempty"`
	FirstWord        string   `json:"first_word,omitempty"`
	Keyword          string   `json:"keyword,omitempty"`
	Keywords         []string `json:"keywords,omitempty"`
	ForbiddenWords   []string `json:"forbidden_words,omitempty"`
	Letter           string   `json:"letter,omitempty"`
	Language         string   `json:"language,omitempty"`
	PostscriptMarker string   `json:"postscript_marker,omitempty"`
	SectionSplitter  string   `json:"section_splitter,omitempty"`
	PromptToRepeat   string   `json:"prompt_to_repeat,omitempty"`
	EndPhrase        string   `json:"end_phrase,omitempty"`
	Options          []string `json:"options,omitempty"`
}

// String gives the arguments that are set, for a person: (relation at most, n 75).
func (a Args) String() string {
	packed, err := json.Marshal(a)
	if err != nil {
		return ""
	}
	return strings.NewReplacer(`"`, "", ",", ", ", ":", " ", "{", "(", "}", ")", "_", " ").Replace(string(packed))
}

// Complete reports whether the instruction has all arguments that its check
// needs.
func (i Instruction) Complete() bool {
	a := i.Args
	switch i.ID {
	case "keywords:existence":
		return len(a.Keywords) > 0
	case "keywords:forbidden_words":
		return len(a.ForbiddenWords) > 0
	case "keywords:frequency":
		return a.Keyword != "" && a.N > 0
	case "keywords:letter_frequency":
		return a.Letter != "" && a.N > 0
	case "language:response_language":
		return a.Language != ""
	case "length_constraints:number_words", "length_constraints:number_sentences", "length_constraints:number_paragraphs", "detectable_content:number_placeholders",
		"detectable_format:number_bullet_lists", "detectable_format:number_highlighted_sections", "change_case:capital_word_frequency":
		return a.N > 0
	case "length_constraints:nth_paragraph_first_word":
		return a.N > 0 && a.NthParagraph > 0 && a.FirstWord != ""
	case "detectable_content:postscript":
		return a.PostscriptMarker != ""
	case "detectable_format:multiple_sections":
		return a.N > 0 && a.SectionSplitter != ""
	case "combination:repeat_prompt":
		return a.PromptToRepeat != ""
	case "startend:end_checker":
		return a.EndPhrase != ""
	}
	return true
}
