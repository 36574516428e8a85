package fidelity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/language"
)

// foreignLetters is the length of a passage in another language from which it
// counts: below, the language is not certain (research/llm.md, 5, check 7).
const foreignLetters = 40

// targetLanguage rejects a translation with a passage in another language than
// the target's. Where the task is about the source's language such passages
// are material, and the row is marked instead.
func targetLanguage(s, t *view, opts Options) []Finding {
	foreign := drift(t, opts.to())
	bound := LangBound(s.text)
	switch {
	case bound && t.verdict.Share(opts.to()) > 0.2:
		return flag(GateLangBound, "the task is about a language; keep what it works on, or leave the row out")
	case len(foreign) > 0:
		return reject(GateLanguage, describePassage(t.text, foreign[0]))
	}
	return nil
}

// drift returns the passages of a text in another language than wanted, those
// between quotation marks left out where other passages are in the language.
func drift(v *view, wanted string) []language.Segment {
	foreign := slices.DeleteFunc(v.verdict.Foreign(wanted), func(f language.Segment) bool { return f.Letters < foreignLetters })
	if len(foreign) == 0 || v.verdict.Share(wanted) == 0 {
		return foreign
	}
	quotes := quotations(v.text)
	return slices.DeleteFunc(foreign, func(f language.Segment) bool {
		return slices.ContainsFunc(quotes, func(q [2]int) bool { return q[0] <= f.Start && f.End <= q[1] })
	})
}

func describePassage(text string, s language.Segment) string {
	return fmt.Sprintf("a passage looks like %s: %s", s.Code, excerpt(text[s.Start:s.End]))
}

// quotations returns where passages between quotation marks begin and end.
// Straight marks pair within a paragraph.
func quotations(text string) [][2]int {
	var all [][2]int
	open, closing := -1, ""
	for i := 0; i < len(text); {
		size := runeLength(text[i:])
		mark := text[i : i+size]
		switch {
		case open >= 0 && mark == closing:
			all = append(all, [2]int{open, i + size})
			open = -1
		case mark == "\n" && closing == `"` && strings.HasPrefix(text[i+1:], "\n"):
			open = -1
		case open < 0 && closings[mark] != "":
			open, closing = i, closings[mark]
		}
		i += size
	}
	return all
}

var closings = map[string]string{"«": "»", "“": "”", `"`: `"`, "„": "“"}

// languageTasks are words of tasks that are about a language: what is to be
// rhymed, spelled or translated does not survive translation.
var languageTasks = []string{
	"in english", "into english", "to english", "from english", "english word", "english sentence", "english grammar", "english language", "english text", "in french", "into french", "translate", "translation",
	"spelling", "spelled", "spell ", "rhyme", "rhyming", "anagram", "palindrome", "acrostic", "pun ", "puns", "wordplay", "tongue twister", "haiku", "limerick", "syllable",
	"starts with the letter", "start with the letter", "starting with the letter", "begins with the letter", "beginning with the letter", "part of speech", "parts of speech", "grammatical", "synonym", "antonym", "homophone", "etymology", "proofread", "typo", "alphabetical",
}

// LangBound reports whether an English prompt asks about a language itself, so
// that its translation is another task.
func LangBound(source string) bool {
	lower := strings.ToLower(source)
	return slices.ContainsFunc(languageTasks, func(words string) bool { return strings.Contains(lower, words) })
}

// copied rejects a translation that says what the source says in its words.
func copied(s, t *view, opts Options) []Finding {
	if s.letters < 12 || opts.from() == opts.to() {
		return nil
	}
	source, target := strings.Fields(s.lower), strings.Fields(t.lower)
	if slices.Equal(source, target) && (s.verdict.Code == opts.from() || s.letters >= foreignLetters) {
		return reject(GateCopy, "the text was given back untranslated")
	}
	return nil
}
