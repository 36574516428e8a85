package translate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/fidelity"
	"github.com/kurakurai/luth/translate/llm"
)

// regenerateVersion is that of the stage's algorithm.
const regenerateVersion = "1"

// RegenerateParams are the parameters of the stage translate.regenerate.
type RegenerateParams struct {
	Sampling  `yaml:",inline"`
	Prompt    string `yaml:"prompt" json:"prompt"`       // answer/v1, or the path of a .txt file
	N         int    `yaml:"n" json:"n"`                 // candidates, of which the best is taken
	Reasoning string `yaml:"reasoning" json:"reasoning"` // strip or keep the model's thinking
}

const (
	stripReasoning = "strip"
	keepReasoning  = "keep"
)

func regenerateDefaults() RegenerateParams {
	return RegenerateParams{Sampling: luthSampling(2048), Prompt: "answer/v1", N: 1, Reasoning: stripReasoning}
}

const maxCandidates = 64

// regenerateTask makes the stage ready: every answer of a conversation is
// written anew, from the turns before it and the new answers to them.
func regenerateTask(p RegenerateParams) (Task, error) {
	switch {
	case p.N < 1 || p.N > maxCandidates:
		return Task{}, fmt.Errorf("n: %d is not between 1 and %d", p.N, maxCandidates)
	case p.Reasoning != stripReasoning && p.Reasoning != keepReasoning:
		return Task{}, fmt.Errorf("reasoning: %q is neither %s nor %s", p.Reasoning, stripReasoning, keepReasoning)
	case p.Reasoning == keepReasoning && !p.Thinking:
		return Task{}, fmt.Errorf("reasoning: %s needs thinking: true", keepReasoning)
	}
	task, err := newTask("translate.regenerate", regenerateVersion, p, p.Sampling, p.Prompt, "system", "again")
	r := regenerator{params: p, prompt: task.Prompt, gate: answerGate}
	task.Do, task.Expect = r.do, r.expect
	return task, err
}

type regenerator struct {
	params RegenerateParams
	prompt Prompt
	gate   gate
}

func (r regenerator) do(ctx context.Context, a *Asker, s dataset.Sample) Result {
	s.Messages = slices.Clone(s.Messages)
	var flags []string
	for i, m := range s.Messages {
		if m.Role != dataset.RoleAssistant || i == 0 {
			continue
		}
		best, err := r.answer(ctx, a, s.Messages[:i], constraintsAt(s, i-1))
		if err != nil {
			return failed(err)
		}
		if f, rejected := rejection(best.found); rejected {
			return refused(f)
		}
		// The turns before are asked with the answer alone: a model does not see
		// its own earlier thoughts.
		s.Messages[i].Content = best.text
		flags = append(flags, doubts(best.found)...)
		if r.params.Reasoning == keepReasoning && best.reasoning != "" {
			s.Messages[i].Content = "<think>\n" + best.reasoning + "\n</think>\n\n" + best.text
		}
	}
	return Result{Sample: s, Flags: flags}
}

// candidate is one answer with what the gates say of it.
type candidate struct {
	text, reasoning string
	found           []fidelity.Finding
}

// answer asks for n candidates and returns the best. While a gate rejects all
// of them, it asks for one more with the reason.
func (r regenerator) answer(ctx context.Context, a *Asker, turns []dataset.Message, constraints []fidelity.Constraint) (candidate, error) {
	var list []candidate
	for n := range r.params.N {
		c, err := r.candidate(ctx, a, turns, constraints, "", n)
		if err != nil {
			return candidate{}, err
		}
		list = append(list, c)
	}
	best := bestOf(list)
	for try := 1; try < tries; try++ {
		reason := faults(best.found)
		if reason == "" {
			break
		}
		var err error
		if best, err = r.candidate(ctx, a, turns, constraints, reason, r.params.N-1+try); err != nil {
			return candidate{}, err
		}
	}
	return best, nil
}

// bestOf returns the candidate that no gate rejects and that fewest doubt; of
// equals the longest, which is the one least likely to stop short; of equals
// the first.
func bestOf(list []candidate) candidate {
	best := list[0]
	for _, c := range list[1:] {
		if c.better(best) {
			best = c
		}
	}
	return best
}

func (c candidate) better(other candidate) bool {
	bad, otherBad := fidelity.Rejects(c.found), fidelity.Rejects(other.found)
	switch {
	case bad != otherBad:
		return otherBad
	case len(c.found) != len(other.found):
		return len(c.found) < len(other.found)
	}
	return len(c.text) > len(other.text)
}

func (r regenerator) candidate(ctx context.Context, a *Asker, turns []dataset.Message, constraints []fidelity.Constraint, reason string, seed int) (candidate, error) {
	answer, err := a.Ask(ctx, r.request(turns, reason, seed))
	if err != nil {
		return candidate{}, err
	}
	c := candidate{text: tidy(answer.Content), reasoning: tidy(answer.Reasoning)}
	if r.params.Thinking {
		c.text, c.reasoning = parted(c.text, c.reasoning)
	}
	c.found = r.gate(turns[len(turns)-1].Content, c.text, constraints)
	return c, nil
}

// parted takes the thoughts out of a text, for servers that leave them in it.
func parted(text, reasoning string) (string, string) {
	thoughts, rest, found := strings.Cut(text, "</think>")
	if !found || reasoning != "" {
		return text, reasoning
	}
	return tidy(rest), tidy(strings.TrimPrefix(tidy(thoughts), "<think>"))
}

// request asks for the next turn. A system turn of the conversation comes
// after ours, which is the same for all.
func (r regenerator) request(turns []dataset.Message, reason string, seed int) llm.Request {
	system := r.prompt.fill("system")
	messages := slices.Clone(turns)
	if len(turns) > 0 && turns[0].Role == dataset.RoleSystem {
		system += "\n\n" + turns[0].Content
		messages = messages[1:]
	}
	if reason != "" {
		system += r.prompt.fill("again", "reason", reason)
	}
	messages = append([]dataset.Message{{Role: dataset.RoleSystem, Content: system}}, messages...)
	for i, m := range messages {
		if m.Role == dataset.RoleAssistant {
			_, after, thought := strings.Cut(m.Content, "</think>\n\n")
			if thought && strings.HasPrefix(m.Content, "<think>") {
				messages[i].Content = after
			}
		}
	}
	return r.params.request(messages, r.params.MaxTokens, seed, nil)
}

// expect knows the requests of the first answer, and takes the old answers for
// the new ones in those after it.
func (r regenerator) expect(s dataset.Sample) (list []Expected) {
	for i, m := range s.Messages {
		if m.Role == dataset.RoleAssistant && i > 0 {
			for n := range r.params.N {
				list = append(list, Expected{r.request(s.Messages[:i], "", n), inFrench(m.Content)})
			}
		}
	}
	return list
}
