package translate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/llm"
)

// judgeVersion is that of the stage's algorithm.
const judgeVersion = "1"

// JudgeParams are the parameters of the stage translate.judge.
type JudgeParams struct {
	Sampling  `yaml:",inline"`
	Criteria  string  `yaml:"criteria" json:"criteria"`   // french/v1, or the path of a .txt file
	Format    string  `yaml:"format" json:"format"`       // schema, choice or plain
	Logprobs  bool    `yaml:"logprobs" json:"logprobs"`   // ask for log probabilities, of which p(True) is made
	Threshold float64 `yaml:"threshold" json:"threshold"` // drop below this p(True); 0: the verdict decides
}

// How a verdict is asked for.
const (
	formatSchema = "schema" // response_format with a JSON schema
	formatChoice = "choice" // structured_outputs with the two words; no reason
	formatPlain  = "plain"  // the same JSON, asked for in words alone
)

func judgeDefaults() JudgeParams {
	return JudgeParams{
		Sampling: Sampling{Model: luthSampling(1).Model, TopP: 1, MaxTokens: 256},
		Criteria: "french/v1", Format: formatSchema, Logprobs: true,
	}
}

// The two verdicts, and the class of rows about which the model gives none.
const (
	verdictTrue  = "True"
	verdictFalse = "False"

	deadVerdict  = "bad_verdict"
	deadLogprobs = "no_logprobs"
)

// verdictSchema has the verdict before the reason, and is text because a map
// would be sorted. The probability of the verdict's token is then that of the
// sample alone: after a reason it is hardly ever anything but 0 or 1, and no
// threshold can be set on it. It is also the same quantity as with
// [formatChoice]. The reason is for people; a model that shall reason first
// has `thinking`.
var verdictSchema = json.RawMessage(`{"type":"object","properties":{"verdict":{"type":"string","enum":["True","False"]},"reason":{"type":"string"}},"required":["verdict","reason"],"additionalProperties":false}`)

// judgeTask makes the stage ready: one verdict a sample, and samples that are
// judged False are dropped.
func judgeTask(p JudgeParams) (Task, error) {
	if !strings.HasSuffix(p.Criteria, ".txt") {
		p.Criteria = strings.TrimPrefix(p.Criteria, "judge/") // as luth translate list has it
		if !strings.Contains(p.Criteria, "/") {
			p.Criteria += "/v1"
		}
	}
	switch {
	case p.Format != formatSchema && p.Format != formatChoice && p.Format != formatPlain:
		return Task{}, fmt.Errorf("format: %q is none of %s, %s and %s", p.Format, formatSchema, formatChoice, formatPlain)
	case !(p.Threshold >= 0 && p.Threshold <= 1):
		return Task{}, fmt.Errorf("threshold: %v is not between 0 and 1", p.Threshold)
	case p.Threshold > 0 && !p.Logprobs:
		return Task{}, errors.New("threshold: it needs logprobs: true")
	case p.Threshold > 0 && p.Thinking:
		return Task{}, errors.New("threshold: a verdict after thoughts has no probability worth the name; set thinking: false")
	}
	prompt, name := "judge/"+p.Criteria, p.Criteria
	if file, ok := strings.CutSuffix(p.Criteria, ".txt"); ok {
		prompt, name = p.Criteria, filepath.Base(file)
	}
	task, err := newTask("translate.judge", judgeVersion, p, p.Sampling, prompt, "system", "json", "word", "user", "again")
	if err != nil {
		return Task{}, err
	}
	switch p.Format {
	case formatSchema:
		task.Needs = append(task.Needs, needSchema)
	case formatChoice:
		task.Needs = append(task.Needs, needChoice)
	}
	if p.Threshold > 0 {
		task.Needs = append(task.Needs, need{"logprobs", probeLogprobs, "leave out --threshold, and the verdict decides"})
	}
	j := judge{params: p, prompt: task.Prompt, name: name}
	task.Do, task.Expect = j.do, j.expect
	if task.Canary.Params != nil && p.Logprobs { // a server that refuses them is found out at the start
		task.Canary.Params["logprobs"], task.Canary.Params["top_logprobs"] = true, topLogprobs
	}
	return task, nil
}

const topLogprobs = 5

type judge struct {
	params JudgeParams
	prompt Prompt
	name   string // of the criteria, without the folders of a file
}

// verdict is what the model answers.
type verdict struct {
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
}

func (j judge) do(ctx context.Context, a *Asker, s dataset.Sample) Result {
	v, answer, err := j.ask(ctx, a, s)
	var bad badVerdict
	switch {
	case errors.As(err, &bad):
		return Result{Dead: deadVerdict, Detail: bad.Error()}
	case err != nil:
		return failed(err)
	}
	r, known := Result{Sample: s}, false
	if j.params.Logprobs && !j.params.Thinking {
		r.Confidence, known = probability(answer)
	}
	passes := v.Verdict == verdictTrue
	if j.params.Threshold > 0 {
		if !known {
			return Result{Dead: deadLogprobs, Detail: "the answer has no probabilities of the two verdicts"}
		}
		passes = r.Confidence >= j.params.Threshold
	}
	if !passes {
		r.Dropped, r.Detail, r.Threshold = j.name, oneLine(v.Reason), j.params.Threshold
	}
	return r
}

// ask asks until an answer is a verdict to the letter.
func (j judge) ask(ctx context.Context, a *Asker, s dataset.Sample) (v verdict, answer llm.Answer, err error) {
	reason := ""
	for try := range tries {
		if answer, err = a.Ask(ctx, j.request(s, reason, try)); err != nil {
			return verdict{}, answer, err
		}
		text := answer.Content
		if j.params.Thinking {
			text, _ = parted(tidy(text), answer.Reasoning)
		}
		if v, err = j.read(text); err == nil {
			return v, answer, nil
		}
		reason = err.Error()
	}
	return verdict{}, answer, err
}

// badVerdict is an answer that is no verdict.
type badVerdict string

func (b badVerdict) Error() string { return string(b) }

// read takes nothing but the whole answer: "I would not say True" is none.
func (j judge) read(text string) (verdict, error) {
	var v verdict
	if j.params.Format == formatChoice {
		v.Verdict = strings.TrimSpace(text)
	} else {
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if d.Decode(&v) != nil {
			return v, badVerdict("it is not the JSON object that was asked for")
		}
		if _, err := d.Token(); err != io.EOF {
			return v, badVerdict("something stands behind the JSON object")
		}
	}
	if v.Verdict != verdictTrue && v.Verdict != verdictFalse {
		return v, badVerdict("the verdict is neither True nor False")
	}
	return v, nil
}

// request shows the whole conversation, since an error in any turn counts.
func (j judge) request(s dataset.Sample, reason string, try int) llm.Request {
	var text strings.Builder
	for _, m := range s.Messages {
		fmt.Fprintf(&text, "[%s]\n%s\n\n", m.Role, m.Content)
	}
	shown := strings.TrimRight(text.String(), "\n")
	if reason != "" {
		reason = j.prompt.fill("again", "reason", reason)
	}
	format, extra := j.prompt.fill("json"), map[string]any{}
	switch j.params.Format {
	case formatSchema:
		extra["response_format"] = responseFormat("verdict", verdictSchema)
	case formatChoice:
		format = j.prompt.fill("word")
		extra["structured_outputs"] = map[string]any{"choice": []string{verdictTrue, verdictFalse}}
	}
	if j.params.Logprobs {
		extra["logprobs"], extra["top_logprobs"] = true, topLogprobs
	}
	return j.params.request([]dataset.Message{
		{Role: dataset.RoleSystem, Content: j.prompt.fill("system")},
		{Role: dataset.RoleUser, Content: j.prompt.fill("user", "again", reason, "tag", freshTag(shown), "text", shown, "format", format)},
	}, j.params.MaxTokens, try, extra)
}

// responseFormat asks for JSON that follows a schema.
func responseFormat(name string, schema json.RawMessage) map[string]any {
	return map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": name, "strict": true, "schema": schema}}
}

// verdictCharacters is about the length of a verdict with its reason.
const verdictCharacters = 120

func (j judge) expect(s dataset.Sample) []Expected {
	return []Expected{{j.request(s, "", 0), verdictCharacters}}
}

// oneLine puts a text of a model into one line of bounded length.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > maxDetail {
		return string(runes[:maxDetail]) + "…"
	}
	return text
}

const maxDetail = 300
