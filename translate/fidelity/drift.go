package fidelity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/language"
)

// foreignLetters is the length of a passage in another language from which it
// counts: below, the language is not certain.
const foreignLetters = 40

// targetLanguage rejects a translation with a passage in another language than
// the target's. Where the task is about the source's language such passages
// are material, and the row is marked instead.
func targetLanguage(s, t *view, opts Options) []Finding {
	foreign := drift(t, opts.to())
	bound := LangBound(s.text)
	strange := strangeLetters(t.text, s.text)
	switch {
	case strange != "":
		return reject(GateLanguage, "letters of another alphabet: "+strange)
	case bound && (foreign == "" || t.verdict.Share(opts.to()) > 0.2):
		return flag(GateLangBound, "the task is about a language; keep what it works on, or leave the row out")
	case foreign != "":
		return reject(GateLanguage, foreign)
	}
	return nil
}

// drift describes the first passage of a text in another language than wanted;
// nothing without one. What stands between quotation marks does not count
// where the rest is in the language.
func drift(v *view, wanted string) string {
	detail := firstForeign(v.prose, v.verdict, wanted)
	if detail == "" {
		return ""
	}
	outside := unquoted(v.prose)
	if verdict := language.Of(outside); verdict.Code == wanted {
		return firstForeign(outside, verdict, wanted)
	}
	return detail
}

func firstForeign(text string, verdict language.Verdict, wanted string) string {
	for _, s := range verdict.Foreign(wanted) {
		if s.Letters >= foreignLetters {
			return fmt.Sprintf("a passage looks like %s: %s", s.Code, excerpt(text[s.Start:s.End]))
		}
	}
	return ""
}

// mostStrange is the length in letters of what strangeLetters returns.
const mostStrange = 12

// strangeLetters returns the first letters of a text that belong to another
// alphabet than Latin and Greek and that the text it comes from lacks: models
// slip into the Chinese of their training. One letter alone is a symbol.
func strangeLetters(text, origin string) string {
	var strange []rune
	for _, r := range text {
		if r >= 0x400 && language.ScriptOf(r) != "" && !strings.ContainsRune(origin, r) {
			if strange = append(strange, r); len(strange) == mostStrange {
				break
			}
		}
	}
	if len(strange) < 2 {
		return ""
	}
	return string(strange)
}

// quotations returns where passages between quotation marks begin and end.
// Straight marks pair within a paragraph.
func quotations(text string) [][2]int {
	var all [][2]int
	open, closing := -1, ""
	for i := 0; i < len(text); {
		c := text[i]
		if c != '"' && c != '\n' && c != 0xc2 && c != 0xe2 { // « and » begin with 0xc2, the others with 0xe2
			i++
			continue
		}
		size := runeLength(text[i:])
		mark := text[i : i+size]
		switch {
		case open >= 0 && mark == closing:
			all = append(all, [2]int{open, i + size})
			open = -1
		case mark == "\n":
			if closing == `"` && strings.HasPrefix(text[i+1:], "\n") {
				open = -1
			}
		case open < 0:
			if closing = closingMark(mark); closing != "" {
				open = i
			}
		}
		i += size
	}
	return all
}

// closingMark returns the mark that closes what a quotation mark opens.
func closingMark(mark string) string {
	switch mark {
	case "«":
		return "»"
	case "“":
		return "”"
	case "„":
		return "“"
	case `"`:
		return `"`
	}
	return ""
}

// languageTasks are words of tasks that are about a language: what is to be
// spelled, translated or rhymed with a word does not survive translation. A
// poem that rhymes does, and so do words that begin with a letter.
var languageTasks = []string{
	"in english", "into english", "to english", "from english", "english word", "english sentence", "english grammar", "english language", "english text", "in french", "into french", "translate", "translation",
	"spelling", "spelled", "spell ", "rhyme with", "rhymes with", "rhyming with", "anagram", "palindrome", "acrostic", "wordplay", "part of speech", "parts of speech", "grammatical", "synonym", "antonym",
	"homophone", "homonym", "etymology", "proofread", "typo",
}

// LangBound reports whether an English prompt asks about a language itself, so
// that its translation is another task.
func LangBound(source string) bool {
	lower := strings.ToLower(source)
	return slices.ContainsFunc(languageTasks, func(words string) bool { return strings.Contains(lower, words) })
}

// copied rejects a translation that says what the source says in its words.
func copied(s, t *view, opts Options) []Finding {
	if s.letters < 6 || opts.from() == opts.to() {
		return nil
	}
	if slices.Equal(s.words, t.words) && (s.verdict.Code == opts.from() || s.letters >= foreignLetters || asks(s.lower)) {
		return reject(GateCopy, "the text was given back untranslated")
	}
	return nil
}
