package instruction

import (
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		l        *Language
		id       string
		args     Args
		response string
		want     bool
	}{
		{English, "keywords:existence", Args{Keywords: []string{"Sea", "sun"}}, "The SEA and sunshine", true},
		{English, "keywords:existence", Args{Keywords: []string{"s.n"}}, "a son", true},
		{English, "keywords:existence", Args{Keywords: []string{"sea", "moon"}}, "the sea", false},
		{French, "keywords:existence", Args{Keywords: []string{"Été"}}, "un bel été", true},
		{English, "keywords:frequency", Args{Keyword: "sea", N: 2, Relation: AtLeast}, "Sea, seaside", true},
		{English, "keywords:frequency", Args{Keyword: "sea", N: 2, Relation: LessThan}, "sea sea", false},
		{English, "keywords:forbidden_words", Args{ForbiddenWords: []string{"rock"}}, "a rocket", true},
		{English, "keywords:forbidden_words", Args{ForbiddenWords: []string{"rock"}}, "a Rock.", false},
		{French, "keywords:forbidden_words", Args{ForbiddenWords: []string{"été"}}, "l'été", false},
		{French, "keywords:forbidden_words", Args{ForbiddenWords: []string{"ete"}}, "répétée", true},
		{English, "keywords:letter_frequency", Args{Letter: "E", N: 3, Relation: AtLeast}, "eEe", true},
		{French, "keywords:letter_frequency", Args{Letter: "e", N: 1, Relation: AtLeast}, "é", false},
		{French, "language:response_language", Args{Language: "fr"}, "Voici la réponse à la question que vous avez posée.", true},
		{French, "language:response_language", Args{Language: "fr"}, "Here is the answer to the question that you asked.", false},
		{French, "language:response_language", Args{Language: "mr"}, "यह एक वाक्य है जो यहाँ लिखा है", true},
		{English, "length_constraints:number_words", Args{N: 4, Relation: Exactly}, "one two-three, four", true},
		{French, "length_constraints:number_words", Args{N: 3, Relation: LessThan}, "l'eau vive", false},
		{English, "length_constraints:number_sentences", Args{N: 2, Relation: Exactly}, "Dr. Smith left. He was tired.", true},
		{French, "length_constraints:number_sentences", Args{N: 3, Relation: Exactly}, "Bonjour ! Ça va ? Oui, etc. et tout va bien.", true},
		{English, "length_constraints:number_paragraphs", Args{N: 2}, "a\n***\nb", true},
		{English, "length_constraints:number_paragraphs", Args{N: 2}, "***\na\n***\nb\n***", true},
		{English, "length_constraints:number_paragraphs", Args{N: 2}, "a\n***\n***\nb", false},
		{English, "length_constraints:nth_paragraph_first_word", Args{N: 2, NthParagraph: 2, FirstWord: "However"}, "One.\n\n\"However, two.", true},
		{English, "length_constraints:nth_paragraph_first_word", Args{N: 3, NthParagraph: 2, FirstWord: "However"}, "One.\n\nHowever, two.", false},
		{English, "detectable_content:number_placeholders", Args{N: 2}, "[a] and [b] and [c", true},
		{English, "detectable_content:number_placeholders", Args{N: 2}, "[a\n] and [b]", false},
		{English, "detectable_content:postscript", Args{PostscriptMarker: "P.S."}, "Bye.\n\nP. S. I left.", true},
		{English, "detectable_content:postscript", Args{PostscriptMarker: "P.P.S"}, "P.S. I left.", false},
		{French, "detectable_content:postscript", Args{PostscriptMarker: "P.-S."}, "P.-S. Je pars.", true},
		{Translated, "detectable_content:postscript", Args{PostscriptMarker: "P.S."}, "Bien à vous.\n\n**P.-S.** : Je pars.", true},
		{Translated, "detectable_content:postscript", Args{PostscriptMarker: "P.S."}, "Bien à vous. Les PS4 sont là.", false},
		{Translated, "detectable_format:title", Args{}, "<<Un titre>>\n##non##", true},
		{English, "detectable_format:number_bullet_lists", Args{N: 3}, "* a\n- b\n  - c\n** d", true},
		{English, "detectable_format:number_bullet_lists", Args{N: 2}, "* a\n- b\n- c", false},
		{English, "detectable_format:constrained_response", Args{}, "Well. My answer is no.", true},
		{French, "detectable_format:constrained_response", Args{}, "Peut-être.", true},
		{French, "detectable_format:constrained_response", Args{Options: []string{"bleu", "vert"}}, "Oui.", false},
		{English, "detectable_format:number_highlighted_sections", Args{N: 2}, "*a* and **b**", true},
		{English, "detectable_format:number_highlighted_sections", Args{N: 1}, "* a\n** **", false},
		{English, "detectable_format:multiple_sections", Args{N: 2, SectionSplitter: "SECTION"}, "SECTION 1\na\nSECTION2\nb", true},
		{English, "detectable_format:multiple_sections", Args{N: 2, SectionSplitter: "SECTION"}, "SECTION one\nSECTION 2", false},
		{English, "detectable_format:json_format", Args{}, "```json\n{\"a\": [NaN, -Infinity, \"NaN\"]}\n```", true},
		{English, "detectable_format:json_format", Args{}, "{a: 1}", false},
		{English, "detectable_format:title", Args{}, "<<A title>>\ntext", true},
		{English, "detectable_format:title", Args{}, "<< >>\n<<a\n>>", false},
		{French, "detectable_format:title", Args{}, "##Un titre##\ntexte", true},
		{English, "combination:two_responses", Args{}, "a\n******\nb", true},
		{English, "combination:two_responses", Args{}, "a\n******\na", false},
		{English, "combination:two_responses", Args{}, "a******b******c", false},
		{English, "combination:repeat_prompt", Args{PromptToRepeat: "Say it."}, " say IT. It.", true},
		{English, "startend:end_checker", Args{EndPhrase: "the end"}, "This is THE END\"\n", true},
		{English, "startend:end_checker", Args{EndPhrase: "the end"}, "This is the end.", false},
		{English, "startend:quotation", Args{}, "\"a\"\n", true},
		{English, "startend:quotation", Args{}, "\"", false},
		{French, "startend:quotation", Args{}, "« a »", true},
		{English, "change_case:capital_word_frequency", Args{N: 2, Relation: AtLeast}, "NASA and I", true},
		{English, "change_case:capital_word_frequency", Args{N: 2, Relation: LessThan}, "NASA and you", true},
		{English, "change_case:english_capital", Args{}, "THIS IS WHAT IS WRITTEN IN THE TEXT.", true},
		{English, "change_case:english_lowercase", Args{}, "this is what is written in the text, and I know it.", false},
		{English, "punctuation:no_comma", Args{}, "a; b", true},
		{English, "punctuation:no_comma", Args{}, "a, b", false},
		{English, "punctuation:no_comma", Args{}, " \n", false},
	}
	for _, test := range tests {
		got, err := test.l.Check(Instruction{test.id, test.args}, test.response)
		if err != nil || got != test.want {
			t.Errorf("%s %s %+v of %q: %v, %v", test.l.Code, test.id, test.args, test.response, got, err)
		}
	}
	for _, bad := range []Instruction{{"rhyme", Args{}}, {"keywords:existence", Args{}}, {"keywords:existence", Args{Keywords: []string{"("}}}, {"language:response_language", Args{Language: "fi"}}, {"length_constraints:number_words", Args{N: 2, Relation: "nearly"}}} {
		if _, err := English.Check(bad, "Sea"); err == nil {
			t.Errorf("%+v is no error", bad)
		}
	}
}

func TestCompare(t *testing.T) {
	tests := []struct {
		relation string
		n        int
		pass     []int
		fail     []int
	}{
		{LessThan, 5, []int{4}, []int{5}}, {AtLeast, 5, []int{5, 6}, []int{4}}, {AtMost, 5, []int{5}, []int{6}}, {MoreThan, 5, []int{6}, []int{5}}, {Exactly, 5, []int{5}, []int{4, 6}},
		{Around, 100, []int{90, 110}, []int{89, 111}}, {Around, 3, []int{2, 3, 4}, []int{1, 5}}, {"au moins", 5, []int{5}, []int{4}}, {"moins de", 5, []int{4}, []int{5}},
	}
	for _, test := range tests {
		for _, count := range test.pass {
			if ok, err := compare(count, test.relation, test.n); !ok || err != nil {
				t.Errorf("%d %s %d: %v, %v", count, test.relation, test.n, ok, err)
			}
		}
		for _, count := range test.fail {
			if ok, err := compare(count, test.relation, test.n); ok || err != nil {
				t.Errorf("%d %s %d: %v, %v", count, test.relation, test.n, ok, err)
			}
		}
	}
}

// complete has arguments for every instruction.
var complete = Args{
	Relation: AtLeast, N: 2, NthParagraph: 1, FirstWord: "a", Keyword: "a", Keywords: []string{"a"}, ForbiddenWords: []string{"b."}, Letter: "a", Language: "fr", PostscriptMarker: "P.S.",
	SectionSplitter: "S", PromptToRepeat: "a", EndPhrase: "a",
}

func FuzzCheck(f *testing.F) {
	f.Add("Dr. A. b. . . c 12. D? \"x\" (y) -- z...\n\n* a\n- b\n***\n[c] <<d>> ##e## S 1 {\"f\": NaN} ******", "k")
	f.Fuzz(func(t *testing.T, response, word string) {
		args := complete
		args.Keyword, args.Keywords, args.ForbiddenWords, args.SectionSplitter = word+"a", []string{word + "a"}, []string{word}, word+"S"
		for id := range checks {
			for _, l := range []*Language{English, French} {
				strict, err := l.Check(Instruction{id, args}, response)
				loose, looseErr := l.CheckLoosely(Instruction{id, args}, response)
				if err == nil && looseErr == nil && strict && !loose {
					t.Errorf("%s of %q is followed strictly, but not loosely", id, response)
				}
			}
		}
	})
}

// TestChecksAreLinear gives the checks texts that make a careless one look at
// the same bytes again and again: with such a one it does not come to its end.
func TestChecksAreLinear(t *testing.T) {
	for _, piece := range []string{"!", ". ", "a. ", ".", "a.b", "-", "\"", "*", "* a\n", "\n\n", "[", "<<", "***", "S 1", "NaN", " ", "A! "} {
		text := strings.Repeat(piece, 1<<16/len(piece))
		for id := range checks {
			if _, err := French.Check(Instruction{id, complete}, text); err != nil {
				t.Fatal(err)
			}
		}
	}
}
