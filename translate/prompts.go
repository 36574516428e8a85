package translate

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/fidelity"
	"github.com/kurakurai/luth/translate/llm"
)

// promptsVersion is that of the stage's algorithm. It changes whenever the
// same answers may give another output.
const promptsVersion = "1"

// tries is how often a text is asked for: once, and again while a gate rejects
// what came.
const tries = 3

// PromptsParams are the parameters of the stage translate.prompts.
type PromptsParams struct {
	Sampling `yaml:",inline"`
	Prompt   string `yaml:"prompt" json:"prompt"`   // translate/v1, or the path of a .txt file
	Context  int    `yaml:"context" json:"context"` // characters of the turns before that are shown beside a later one
}

func promptsDefaults() PromptsParams {
	return PromptsParams{Sampling: luthSampling(1024), Prompt: "translate/v1", Context: 1500}
}

// promptsTask makes the stage ready: English to French for the turns of the
// user and of the system. Answers stay as they are; regenerate replaces them.
func promptsTask(p PromptsParams) (Task, error) {
	task, err := newTask("translate.prompts", promptsVersion, p, p.Sampling, p.Prompt, "system", "user", "context", "again")
	t := translator{params: p, prompt: task.Prompt, gate: translationGate}
	task.Do, task.Expect = t.do, t.expect
	return task, err
}

type translator struct {
	params PromptsParams
	prompt Prompt
	gate   gate
}

// wanted tells whether a message is translated.
func wanted(m dataset.Message) bool {
	return m.Role == dataset.RoleUser || m.Role == dataset.RoleSystem
}

func (t translator) do(ctx context.Context, a *Asker, s dataset.Sample) Result {
	source := s
	s.Messages = slices.Clone(s.Messages)
	var flags []string
	for i, m := range source.Messages {
		if !wanted(m) {
			continue
		}
		constraints := constraintsAt(source, i)
		made, found, err := t.turn(ctx, a, m.Content, t.before(source.Messages[:i]), constraints)
		if err != nil {
			return failed(err)
		}
		if f, rejected := rejection(found); rejected {
			return refused(f)
		}
		s.Messages[i].Content = made
		flags = append(flags, doubts(found)...)
		if len(constraints) > 0 {
			carried, _ := fidelity.Carry(constraints, m.Content, made)
			if s.Constraints, err = fidelity.WriteConstraints(carried); err != nil {
				return failed(err)
			}
		}
	}
	return Result{Sample: s, Flags: flags}
}

// turn translates one text, whose long blocks of code the model does not see.
// It asks again while a gate rejects, and returns the last translation with
// what the gates found.
func (t translator) turn(ctx context.Context, a *Asker, text, before string, constraints []fidelity.Constraint) (made string, found []fidelity.Finding, err error) {
	shown, blocks := fidelity.Protect(text)
	reason := ""
	for try := range tries {
		answer, err := a.Ask(ctx, t.request(shown, before, reason, try))
		if err != nil {
			return "", nil, err
		}
		if made, err = fidelity.Restore(tidy(answer.Content), blocks); err != nil {
			found = []fidelity.Finding{{Gate: fidelity.GateCode, Reject: true, Detail: err.Error()}}
		} else {
			found = t.gate(text, made, constraints)
		}
		if reason = faults(found); reason == "" {
			break
		}
	}
	return made, found, nil
}

// request puts the fixed text first, which servers keep from one request to
// the next, and the text to translate between tags that it does not hold.
func (t translator) request(text, before, reason string, try int) llm.Request {
	if before != "" {
		before = t.prompt.fill("context", "context", before)
	}
	if reason != "" {
		reason = t.prompt.fill("again", "reason", reason)
	}
	question := t.prompt.fill("user", "context", before, "again", reason, "tag", freshTag(text), "text", text)
	return t.params.request([]dataset.Message{
		{Role: dataset.RoleSystem, Content: t.prompt.fill("system")},
		{Role: dataset.RoleUser, Content: question},
	}, t.params.budget(text), try, nil)
}

// before returns the end of the conversation before a turn, at most as many
// characters as the parameters say.
func (t translator) before(turns []dataset.Message) string {
	text := ""
	for i := len(turns) - 1; i >= 0 && utf8.RuneCountInString(text) < t.params.Context; i-- {
		if turns[i].Role != dataset.RoleSystem {
			text = fmt.Sprintf("%s: %s\n", turns[i].Role, turns[i].Content) + text
		}
	}
	if runes := []rune(text); len(runes) > t.params.Context {
		return "…" + string(runes[len(runes)-t.params.Context:])
	}
	return text
}

func (t translator) expect(s dataset.Sample) (list []Expected) {
	for i, m := range s.Messages {
		if wanted(m) {
			shown, _ := fidelity.Protect(m.Content)
			list = append(list, Expected{t.request(shown, t.before(s.Messages[:i]), "", 0), inFrench(shown)})
		}
	}
	return list
}
