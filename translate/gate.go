package translate

import (
	"fmt"
	"strings"
	"unicode"
)

// Finding is what a gate has against a text. One that does not reject is a
// doubt: it is kept in the sample's step and lets it pass.
type Finding struct {
	Gate   string // name, such as "language"
	Reject bool
	Detail string // what is wrong, for a person and for the model that is asked again
}

// Gate compares what a model made with what it was given.
type Gate func(given, made string) []Finding

// inOrder returns a gate that asks others one after the other, until one
// rejects.
func inOrder(gates ...Gate) Gate {
	return func(given, made string) (all []Finding) {
		for _, gate := range gates {
			found := gate(given, made)
			all = append(all, found...)
			if _, rejected := rejection(found); rejected {
				break
			}
		}
		return all
	}
}

// rejection returns the first finding that rejects.
func rejection(findings []Finding) (Finding, bool) {
	for _, f := range findings {
		if f.Reject {
			return f, true
		}
	}
	return Finding{}, false
}

// doubts returns the names of the gates whose findings let the text pass.
func doubts(findings []Finding) (names []string) {
	for _, f := range findings {
		if !f.Reject {
			names = append(names, f.Gate)
		}
	}
	return names
}

// introductions are how models begin to speak of the translation instead of
// giving it.
var introductions = []string{"voici la traduction", "voici le texte traduit", "traduction :", "traduction:", "here is the translation", "here's the translation", "translation:"}

// form rejects what is no clean text: nothing, control characters, thinking,
// and the tags of our own prompts.
func form(given, made string) []Finding {
	reject := func(gate, format string, args ...any) []Finding {
		return []Finding{{Gate: gate, Reject: true, Detail: fmt.Sprintf(format, args...)}}
	}
	if strings.TrimSpace(made) == "" {
		return reject("empty", "the text was empty")
	}
	for _, r := range made {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return reject("control", "it held the control character %U", r)
		}
	}
	for _, tag := range []string{"<think>", "</think>", "<source", "</source", "<context>", "</context>"} {
		if strings.Contains(made, tag) && !strings.Contains(given, tag) {
			return reject("tags", "it held the tag %s", tag)
		}
	}
	return nil
}

// introduction rejects a translation that announces itself.
func introduction(given, made string) []Finding {
	lower, source := strings.ToLower(made), strings.ToLower(given)
	for _, words := range introductions {
		if strings.HasPrefix(lower, words) && !strings.HasPrefix(source, "translation") && !strings.HasPrefix(source, "here") {
			return []Finding{{Gate: "introduction", Reject: true, Detail: "it began with an introduction instead of the translation"}}
		}
	}
	return nil
}

// tidy takes off what carries no meaning: white space around a text, and
// carriage returns.
func tidy(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}
