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

// cleanVersion is that of the stage's algorithm.
const cleanVersion = "1"

// cleanTries is how often a text is asked for: what comes out changed twice is
// not to be trusted a third time.
const cleanTries = 2

// CleanParams are the parameters of the stage translate.clean.
type CleanParams struct {
	Sampling `yaml:",inline"`
	Prompt   string `yaml:"prompt" json:"prompt"` // clean/v1, or the path of a .txt file
}

func cleanDefaults() CleanParams {
	return CleanParams{Sampling: luthSampling(2048), Prompt: "clean/v1"}
}

// cleanTask makes the stage ready: every question and every answer of a
// conversation is rewritten, with what it states and comes to unchanged. The
// texts are asked for as they are, not in JSON, which eats the backslashes of
// LaTeX.
func cleanTask(p CleanParams) (Task, error) {
	task, err := newTask("translate.clean", cleanVersion, p, p.Sampling, p.Prompt, "system", "question", "answer", "again")
	c := cleaner{params: p, prompt: task.Prompt}
	task.Do, task.Expect = c.do, c.expect
	return task, err
}

type cleaner struct {
	params CleanParams
	prompt Prompt
}

// passage is a text to rewrite; the question is that of an answer.
type passage struct{ question, text string }

func (c cleaner) do(ctx context.Context, a *Asker, s dataset.Sample) Result {
	s.Messages = slices.Clone(s.Messages)
	var flags []string
	for i, m := range s.Messages {
		if m.Role == dataset.RoleSystem {
			continue
		}
		// An answer is shown with its question as it came: both are asked for
		// whatever becomes of the other.
		made, found, err := c.rewrite(ctx, a, passageOf(s.Messages, i))
		if err != nil {
			return failed(err)
		}
		if f, rejected := rejection(found); rejected {
			return refused(f)
		}
		flags = append(flags, doubts(found)...)
		s.Messages[i].Content = made
	}
	return Result{Sample: s, Flags: flags}
}

func passageOf(messages []dataset.Message, i int) passage {
	p := passage{text: messages[i].Content}
	if messages[i].Role == dataset.RoleAssistant && i > 0 {
		p.question = messages[i-1].Content
	}
	return p
}

func (c cleaner) rewrite(ctx context.Context, a *Asker, p passage) (made string, found []fidelity.Finding, err error) {
	reason := ""
	for try := range cleanTries {
		answer, err := a.Ask(ctx, c.request(p, reason, try))
		if err != nil {
			return "", nil, err
		}
		made = tidy(answer.Content)
		if c.params.Thinking {
			made, _ = parted(made, answer.Reasoning)
		}
		found = cleanGate(p, made)
		if reason = faults(found); reason == "" {
			break
		}
	}
	return made, found, nil
}

// leastShare is how short a rewriting may be, as a share of the text: typing
// a formula in LaTeX makes it longer, and nothing is to be left out.
const leastShare = 0.5

// cleanGate asks whether a rewriting is sound, and still says what the text
// said. A question may come back as it was, which an answer may not.
func cleanGate(p passage, made string) []fidelity.Finding {
	if found := control(made); found != nil {
		return found
	}
	given, same := p.question, fidelity.Result
	if given == "" {
		given, same = p.text, fidelity.Statement
	}
	found := fidelity.Answer(given, made, fidelity.Options{})
	if p.question == "" {
		found = slices.DeleteFunc(found, func(f fidelity.Finding) bool {
			return f.Gate == fidelity.GateEcho || f.Gate == fidelity.GateTruncated || f.Gate == fidelity.GateRefusal
		})
	}
	found = append(found, fidelity.Wrapped(p.text, made, fidelity.Options{Wrapper: ownTags})...)
	found = append(found, same(p.text, made)...)
	if n, of := utf8.RuneCountInString(made), utf8.RuneCountInString(p.text); float64(n) < leastShare*float64(of) {
		found = append(found, fidelity.Finding{Gate: fidelity.GateLength, Reject: true, Detail: fmt.Sprintf("it has %d characters of the text's %d", n, of)})
	}
	return found
}

func (c cleaner) request(p passage, reason string, try int) llm.Request {
	section := "question"
	if p.question != "" {
		section = "answer"
	}
	if reason != "" {
		reason = c.prompt.fill("again", "reason", reason)
	}
	text := c.prompt.fill(section, "again", reason, "question", p.question, "tag", freshTag(p.question+p.text), "text", p.text)
	return c.params.request([]dataset.Message{
		{Role: dataset.RoleSystem, Content: c.prompt.fill("system")},
		{Role: dataset.RoleUser, Content: text},
	}, c.params.budget(p.text), try, nil)
}

func (c cleaner) expect(s dataset.Sample) (list []Expected) {
	for i, m := range s.Messages {
		if m.Role != dataset.RoleSystem {
			list = append(list, Expected{c.request(passageOf(s.Messages, i), "", 0), inFrench(m.Content)})
		}
	}
	return list
}
