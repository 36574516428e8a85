// Package fidelity holds the gates that a translation and an answer pass
// before they become data. Every gate is a deterministic function of texts
// alone: it asks no model, keeps no state, and looks at every byte a bounded
// number of times. docs/gates.md lists them with their thresholds and sources.
//
// A gate rejects where the text is certainly not what was asked for: the
// caller asks again, with the findings in the prompt, and then gives the row
// up under the gate's name. It flags where a person or a later stage should
// know: the row stays, marked.
package fidelity

import (
	"slices"
	"strings"

	"github.com/kurakurai/luth/internal/language"
	"github.com/kurakurai/luth/internal/markup"
)

// Gates of translations and answers. They are the values of Finding.Gate,
// counted in reports, and never change their meaning.
const (
	GateEmpty       = "empty"       // nothing visible
	GateWrapper     = "wrapper"     // tags of the prompt, remains of thinking, an introduction of its own
	GateCode        = "code"        // blocks and spans of code differ
	GateAddress     = "address"     // URLs or e-mail addresses differ
	GatePlaceholder = "placeholder" // placeholders or tags differ
	GateFormula     = "formula"     // formulas differ, or do not close
	GateNumber      = "number"      // numbers outside formulas differ in value
	GateStructure   = "structure"   // headings, lists, tables or options differ
	GateLanguage    = "language"    // a passage in another language
	GateLangBound   = "lang_bound"  // the task is about the source's language
	GateCopy        = "copy"        // not translated
	GateLength      = "length"      // much shorter or longer than the source
	GateRepetition  = "repetition"  // turns in circles
	GateAnswered    = "answered"    // answers the request instead of translating it
	GateRegister    = "register"    // tu and vous mixed
	GateConstraint  = "constraint"  // an argument of a constraint is lost, or an answer does not follow one
	GateTruncated   = "truncated"   // ends in the middle
	GateRefusal     = "refusal"     // declines the request
	GateDisclaimer  = "disclaimer"  // speaks of itself as a model
	GateEcho        = "echo"        // repeats the prompt
	GateFence       = "fence"       // a block of code does not close
	GateEscape      = "escape"      // LaTeX whose backslashes a JSON decoder ate
)

// Finding is what a gate has against a text.
type Finding struct {
	Gate   string // one of the Gate constants
	Reject bool   // ask again, then give up; else the row stays, marked
	Detail string // short, in English: for the prompt that asks again and for a person
}

// Rejects reports whether one of the findings rejects the text.
func Rejects(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Reject })
}

// Options say what the gates may expect. The zero value is for translations
// from English to French and for answers in French.
type Options struct {
	From, To    string       // of language.Codes; "en" and "fr" where empty
	Wrapper     []string     // tags and phrases of the prompt that must not come back
	Constraints []Constraint // of a translation, those of the source; of an answer, those that Carry gave
	Thinking    bool         // an answer may begin with a closed <think> block
}

func (o Options) from() string { return orElse(o.From, "en") }
func (o Options) to() string   { return orElse(o.To, "fr") }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// view is a text with what several gates need of it, cut up once.
type view struct {
	text    string
	spans   []markup.Span
	prose   string           // the text with every other span replaced by a space
	lower   string           // prose in lower case
	words   []string         // of lower, between spaces
	letters int              // letters of its words
	verdict language.Verdict // of the prose
}

func newView(text string) *view {
	v := &view{text: text, spans: markup.Spans(text)}
	var prose strings.Builder
	prose.Grow(len(text))
	for _, s := range v.spans {
		if s.Kind == markup.Prose {
			prose.WriteString(s.Text)
		} else {
			prose.WriteByte(' ')
		}
	}
	v.prose = prose.String()
	v.lower = strings.ToLower(v.prose)
	v.words = strings.Fields(v.lower)
	v.verdict = language.Of(v.prose)
	v.letters = v.verdict.Letters
	return v
}

// texts returns the texts of the spans of some kinds.
func (v *view) texts(kinds ...markup.Kind) []string {
	var all []string
	for _, s := range v.spans {
		if slices.Contains(kinds, s.Kind) {
			all = append(all, s.Text)
		}
	}
	return all
}

// Translation returns what the gates have against a translation, in a fixed
// order; nothing where it passes them all.
func Translation(source, target string, opts Options) []Finding {
	if strings.TrimSpace(target) == "" {
		return []Finding{{GateEmpty, true, "the translation is empty"}}
	}
	s, t := newView(source), newView(target)
	var findings []Finding
	for _, gate := range []func(s, t *view, opts Options) []Finding{
		wrapper, sameCode, sameAddresses, samePlaceholders, sameFormulas, sameNumbers, sameStructure,
		targetLanguage, copied, lengths, repeats, answered, register, constraintArguments,
	} {
		findings = append(findings, gate(s, t, opts)...)
	}
	return findings
}

// reject and flag are the findings of one gate.
func reject(gate, detail string) []Finding { return []Finding{{gate, true, detail}} }
func flag(gate, detail string) []Finding   { return []Finding{{gate, false, detail}} }
