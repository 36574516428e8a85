package translate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/fidelity"
)

// gate says what is against a text that a model made of one it was given,
// which has constraints or none.
type gate func(given, made string, constraints []fidelity.Constraint) []fidelity.Finding

// gateControl is the gate of characters that the record does not allow.
const gateControl = "control"

// ownTags are those of the prompts; freshTag makes more of the first.
var ownTags = []string{"<source", "</source", "<context>", "</context>"}

// translationGate asks the gates of translations.
func translationGate(given, made string, constraints []fidelity.Constraint) []fidelity.Finding {
	if found := control(made); found != nil {
		return found
	}
	return fidelity.Translation(given, made, fidelity.Options{Wrapper: ownTags, Constraints: constraints})
}

// answerGate asks the gates of answers. The model's thoughts are taken out
// before.
func answerGate(given, made string, constraints []fidelity.Constraint) []fidelity.Finding {
	if found := control(made); found != nil {
		return found
	}
	return fidelity.Answer(given, made, fidelity.Options{Constraints: constraints})
}

func control(made string) []fidelity.Finding {
	for _, r := range made {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return []fidelity.Finding{{Gate: gateControl, Reject: true, Detail: fmt.Sprintf("it holds the control character %U", r)}}
		}
	}
	return nil
}

// rejection returns the first finding that rejects.
func rejection(findings []fidelity.Finding) (fidelity.Finding, bool) {
	i := slices.IndexFunc(findings, func(f fidelity.Finding) bool { return f.Reject })
	if i < 0 {
		return fidelity.Finding{}, false
	}
	return findings[i], true
}

// faults returns what all rejecting findings say, for the prompt that asks
// again.
func faults(findings []fidelity.Finding) string {
	var list []string
	for _, f := range findings {
		if f.Reject {
			list = append(list, f.Gate+": "+f.Detail)
		}
	}
	return strings.Join(list, "; ")
}

// doubts returns the names of the gates whose findings let the text pass.
func doubts(findings []fidelity.Finding) (names []string) {
	for _, f := range findings {
		if !f.Reject {
			names = append(names, f.Gate)
		}
	}
	return names
}

// constraintsAt returns the constraints of a sample where message i is the one
// they belong to, its first user message.
func constraintsAt(s dataset.Sample, i int) []fidelity.Constraint {
	first := slices.IndexFunc(s.Messages, func(m dataset.Message) bool { return m.Role == dataset.RoleUser })
	if i != first {
		return nil
	}
	return fidelity.ReadConstraints(s.Constraints, s.Messages[i].Content)
}

// tidy takes off what carries no meaning: white space around a text, and
// carriage returns.
func tidy(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}
