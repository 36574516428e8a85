package fidelity

import (
	"reflect"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/instruction"
)

func TestParseTags(t *testing.T) {
	tests := []struct {
		tag, prompt string
		want        instruction.Args
		transfer    Transfer
		verifiable  bool
	}{
		{"length constraints:number of words", "Answer in no more than 75 words.", instruction.Args{Relation: "at most", N: 75}, Neutral, true},
		{"length constraints:number of words", "Write at least two short paragraphs of 1,200 words.", instruction.Args{Relation: "exactly", N: 1200}, Neutral, true},
		{"length constraints:number of words", "Do not use more than 75 words.", instruction.Args{Relation: "at most", N: 75}, Neutral, true},
		{"length constraints:number of words", "The text should not exceed 75 words.", instruction.Args{Relation: "at most", N: 75}, Neutral, true},
		{"length constraints:number of words", "It must exceed 75 words.", instruction.Args{Relation: "more than", N: 75}, Neutral, true},
		{"length constraints:number of sentences", "Don't write fewer than 3 sentences.", instruction.Args{Relation: "at least", N: 3}, Neutral, true},
		{"length constraints:number of paragraphs", "Never write 3 paragraphs.", instruction.Args{}, Neutral, false},
		{"length constraints:number of words", "Keep it short.", instruction.Args{}, Neutral, false},
		{"length constraints:number of sentences", "Summarize it in exactly 3 sentences.", instruction.Args{Relation: "exactly", N: 3}, Neutral, true},
		{"length constraints:number of paragraphs", "The essay has two paragraphs.", instruction.Args{Relation: "exactly", N: 2}, Neutral, true},
		{"format:number of bullet lists", "Give 4 bullet points.", instruction.Args{Relation: "exactly", N: 4}, Neutral, true},
		{"format:number of highlighted sections", "Highlight at least 3 sections with markdown.", instruction.Args{Relation: "at least", N: 3}, Neutral, true},
		{"content:number of placeholders", "Use at least 5 placeholders such as [address].", instruction.Args{Relation: "at least", N: 5}, Neutral, true},
		{"content:include a postscript", "End with a postscript that starts with P.P.S", instruction.Args{PostscriptMarker: "P.P.S"}, Neutral, true},
		{"include keywords", `Include the keywords "river" and "stone".`, instruction.Args{Keywords: []string{"river", "stone"}}, Lexical, true},
		{"keywords:exclude words", `Do not use the word "nice".`, instruction.Args{ForbiddenWords: []string{"nice"}}, Lexical, true},
		{"keywords:frequency", `Use the word "sea" at least 3 times.`, instruction.Args{Relation: "at least", N: 3, Keyword: "sea"}, Lexical, true},
		{"keywords:letter frequency", "The letter q should appear at least 4 times.", instruction.Args{Relation: "at least", N: 4, Letter: "q"}, Letters, true},
		{"specific ending", `End with "Is there anything else?"`, instruction.Args{EndPhrase: "Is there anything else?"}, Lexical, true},
		{"length constraints:first word of the nth paragraph", `Write 3 paragraphs. The second paragraph must start with "However".`, instruction.Args{Relation: "exactly", N: 3, NthParagraph: 2, FirstWord: "However"}, Lexical, true},
		{"format:number of sections", "Write 3 sections, marked SECTION X.", instruction.Args{Relation: "exactly", N: 3, SectionSplitter: "SECTION"}, Lexical, true},
		{"response language", "Answer in German only.", instruction.Args{Language: "de"}, OfALanguage, true},
		{"punctuation:use no comma", "No commas.", instruction.Args{}, Neutral, true},
		{" give two responses", "Give two answers.", instruction.Args{}, Neutral, true},
	}
	for _, test := range tests {
		got, err := ParseTags([]string{test.tag}, test.prompt)
		if err != nil {
			t.Errorf("%s: %v", test.tag, err)
			continue
		}
		if c := got[0]; !reflect.DeepEqual(c.Instruction.Args, test.want) || c.Transfer != test.transfer || c.Verifiable != test.verifiable || c.Source != test.tag {
			t.Errorf("%s of %q: %+v", test.tag, test.prompt, c)
		}
	}
	if _, err := ParseTags([]string{"rhyme"}, ""); err == nil {
		t.Error("an unknown tag is no error")
	}
	if len(tags) != 25 || len(verifiers) != 25 {
		t.Errorf("%d tags, %d functions", len(tags), len(verifiers))
	}
	for function, tag := range verifiers {
		if tags[tag].id == "" {
			t.Errorf("%s: unknown tag %q", function, tag)
		}
	}
}

func TestParseFunction(t *testing.T) {
	c, err := ParseFunction(`{"func_name": "validate_word_constraint", "N": 17, "quantifier": "at least", "end_phrase": null, "keyword_list": null, "options": null}`)
	if err != nil || c.Transfer != Neutral || !c.Verifiable || c.Instruction.ID != "length_constraints:number_words" || c.Instruction.Args.N != 17 {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = ParseFunction(`{"func_name": "verify_keywords", "keyword_list": ["sea", "sun"]}`)
	if err != nil || c.Transfer != Lexical || len(c.Instruction.Args.Keywords) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []string{"", "{}", `{"func_name": "validate_rhyme"}`, `{"func_name": 3}`} {
		if _, err := ParseFunction(bad); err == nil {
			t.Errorf("%q is no error", bad)
		}
	}
}

func TestCarry(t *testing.T) {
	parse := func(prompt string, column ...string) []Constraint {
		all, err := ParseTags(column, prompt)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	source := `Write about the coast. Include the keywords "river" and "stone". Use at least 100 words.`
	constraints := parse(source, "include keywords", "length constraints:number of words")

	carried, lost := Carry(constraints, source, `Parlez de la côte. Incluez les mots-clés « rivière » et « pierre ». Utilisez au moins 100 mots.`)
	if len(lost) > 0 || len(carried) != 2 || strings.Join(carried[0].Instruction.Args.Keywords, " ") != "rivière pierre" || carried[1].Instruction.Args.N != 100 {
		t.Errorf("%+v, %v", carried, lost)
	}
	if constraints[0].Instruction.Args.Keywords[0] != "river" {
		t.Error("the source's constraint has changed")
	}
	carried, lost = Carry(constraints, source, `Parlez de la côte en citant une rivière et une pierre, en 100 mots au moins.`)
	if len(lost) != 1 || len(carried) != 1 {
		t.Errorf("%+v, %v", carried, lost)
	}
	if got := Translation(source, "Parlez de la côte. Incluez les mots-clés rivière et pierre. Utilisez au moins 100 mots.", Options{Constraints: constraints}); gates(got) != "constraint!" {
		t.Errorf("%+v", got)
	}
	german := "Answer in German."
	if _, lost := Carry(parse(german, "response language"), german, "Répondez en allemand."); len(lost) != 1 {
		t.Errorf("%v", lost)
	}
}

func TestAnswerFollows(t *testing.T) {
	source := `Name three fruits in at most 12 words, with "apple" and no commas.`
	constraints, err := ParseTags([]string{"length constraints:number of words", "include keywords", "punctuation:use no comma", "keywords:letter frequency", "use quotation"}, source)
	if err != nil {
		t.Fatal(err)
	}
	prompt := `Nommez trois fruits en 12 mots au plus, avec « pomme » et sans virgules.`
	carried, lost := Carry(constraints, source, prompt)
	if len(lost) > 0 {
		t.Fatal(lost)
	}
	tests := []struct{ answer, want string }{
		{"« La pomme et la poire et la prune. »", ""},
		{"« La pomme, la poire et la prune. »", "constraint!"},
		{"La poire et la prune et le raisin et la pêche et la fraise et la cerise.", "constraint! constraint! constraint!"},
	}
	for _, test := range tests {
		if got := Answer(prompt, test.answer, Options{Constraints: carried}); gates(got) != test.want {
			t.Errorf("%q: %+v", test.answer, got)
		}
	}
	got := Answer(prompt, "« La pomme, la poire. »", Options{Constraints: carried})
	if len(got) != 1 || got[0].Detail != "does not follow punctuation:use no comma ()" {
		t.Errorf("%+v", got)
	}
}

func FuzzConstraints(f *testing.F) {
	f.Add(`Use "sea" at least 3 times, «a» “b`, `{"func_name": "validate_end", "N": 2}`)
	f.Fuzz(func(_ *testing.T, prompt, column string) {
		if c, err := ParseFunction(column); err == nil {
			Carry([]Constraint{c}, prompt, column)
		}
		for tag := range tags {
			c, err := ParseTags([]string{tag}, prompt)
			if err == nil {
				Carry(c, prompt, column)
			}
		}
	})
}

// What is written is read again; what is not understood stays as it is.
func TestReadAndWriteConstraints(t *testing.T) {
	column := []string{"include keywords", `{"func_name":"validate_no_commas"}`, "rhyme", `{"not": "ours"}`, "{", `{"source":"x","verifiable":true}`}
	first := ReadConstraints(column, `Say "sea".`)
	written, err := WriteConstraints(first)
	if err != nil {
		t.Fatal(err)
	}
	if again := ReadConstraints(written, "another prompt"); !reflect.DeepEqual(again, first) {
		t.Errorf("%+v, want %+v", again, first)
	}
	if written[2] != "rhyme" || written[3] != column[3] || written[4] != "{" {
		t.Errorf("written %q", written)
	}
	for i, want := range []bool{true, true, false, false, false, false} {
		if first[i].Verifiable != want {
			t.Errorf("%q: verifiable %v", column[i], first[i].Verifiable)
		}
	}
}
