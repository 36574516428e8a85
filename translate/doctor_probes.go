package translate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/llm"
)

// prober asks one model of one server.
type prober struct {
	endpoint *llm.Endpoint
	model    string
	context  int
	timeout  time.Duration
	pool     *llm.Pool // asks in the endpoint's place where set
}

// probes are run in this order.
var probes = []struct {
	name string
	run  func(context.Context, prober) (Verdict, string)
}{
	{"answer", probeAnswer},
	{"finish_reason", probeFinish},
	{"temperature 0", probeTemperature},
	{"seed", probeSeed},
	{"thinking switch", probeThinking},
	{"json_schema", probeSchema},
	{"structured_outputs", probeChoice},
	{"logprobs", probeLogprobs},
	{"prompt_logprobs", probePromptLogprobs},
	{"echo", probeEcho},
	{"long prompts", probeLong},
}

// ask is send with the failure as text.
func (p prober) ask(ctx context.Context, question string, maxTokens int, params map[string]any) (answer llm.Answer, failure string) {
	answer, err := p.send(ctx, question, maxTokens, params)
	if err != nil {
		return answer, err.Error()
	}
	return answer, ""
}

// send sends one question. A cut or empty answer is an answer here.
func (p prober) send(ctx context.Context, question string, maxTokens int, params map[string]any) (answer llm.Answer, err error) {
	r := llm.Request{Model: p.model, MaxTokens: maxTokens, Params: params, Messages: []dataset.Message{{Role: dataset.RoleUser, Content: question}}}
	wire, err := r.Wire()
	if err != nil {
		return answer, err
	}
	if p.pool != nil {
		answer, err = p.pool.Ask(ctx, wire)
	} else {
		answer, err = p.endpoint.Send(ctx, wire, 0, p.timeout)
	}
	var e *llm.Error
	switch {
	case errors.As(err, &e) && (e.Class == llm.Length || e.Class == llm.Finish):
		return e.Answer, nil
	case errors.As(err, &e) && e.Class == llm.Empty:
		return llm.Answer{Finish: "stop"}, nil
	}
	return answer, err
}

const question = "Write two sentences about the sea, with a number in each."

func quiet(more map[string]any) map[string]any {
	params := map[string]any{"temperature": 0, "chat_template_kwargs": map[string]any{"enable_thinking": false}}
	for name, value := range more {
		params[name] = value
	}
	return params
}

func probeAnswer(ctx context.Context, p prober) (Verdict, string) {
	a, failure := p.ask(ctx, question, 64, quiet(nil))
	if failure != "" {
		return Refused, failure
	}
	return Honoured, fmt.Sprintf("%d tokens in %s; usage is reported: %t", a.CompletionTokens, a.Latency.Round(time.Millisecond), a.PromptTokens > 0)
}

func probeFinish(ctx context.Context, p prober) (Verdict, string) {
	a, failure := p.ask(ctx, question, 1, quiet(nil))
	switch {
	case failure != "":
		return Refused, failure
	case a.Finish == "length":
		return Honoured, "an answer of 1 token ends with length"
	}
	return Ignored, fmt.Sprintf("an answer of at most 1 token ends with %q: cut answers cannot be told from whole ones", a.Finish)
}

// differ asks three times and tells how many different answers came.
func (p prober) differ(ctx context.Context, params map[string]any) (n int, failure string) {
	var seen []string
	for range 3 {
		a, failure := p.ask(ctx, question, 32, params)
		if failure != "" {
			return 0, failure
		}
		if !slices.Contains(seen, a.Content+a.Reasoning) {
			seen = append(seen, a.Content+a.Reasoning)
		}
	}
	return len(seen), ""
}

func probeTemperature(ctx context.Context, p prober) (Verdict, string) {
	cold, failure := p.differ(ctx, quiet(nil))
	if failure != "" {
		return Refused, failure
	}
	warm, failure := p.differ(ctx, quiet(map[string]any{"temperature": 1.5}))
	switch {
	case failure != "":
		return Unclear, failure
	case cold == 1 && warm > 1:
		return Honoured, "three equal answers at 0, different ones at 1.5"
	case cold == 1:
		return Unclear, "three equal answers at 0, and also at 1.5"
	}
	return Ignored, fmt.Sprintf("%d different answers in three at temperature 0", cold)
}

func probeSeed(ctx context.Context, p prober) (Verdict, string) {
	same, failure := p.differ(ctx, quiet(map[string]any{"temperature": 1.5, "seed": 7}))
	if failure != "" {
		return Refused, failure
	}
	if same == 1 {
		return Honoured, "three equal answers with one seed at temperature 1.5"
	}
	return Ignored, fmt.Sprintf("%d different answers in three with one seed", same)
}

func thinks(a llm.Answer) bool { return a.Reasoning != "" || strings.Contains(a.Content, "<think>") }

func probeThinking(ctx context.Context, p prober) (Verdict, string) {
	off, failure := p.ask(ctx, question, 64, quiet(nil))
	if failure != "" {
		return Refused, failure
	}
	on, failure := p.ask(ctx, question, 64, quiet(map[string]any{"chat_template_kwargs": map[string]any{"enable_thinking": true}}))
	switch {
	case failure != "":
		return Unclear, failure
	case thinks(off):
		return Ignored, "it thinks with enable_thinking: false"
	case thinks(on):
		return Honoured, "it thinks with enable_thinking: true, and not with false"
	}
	return Unclear, "it thinks neither with enable_thinking: true nor with false"
}

// beasts are answers that no model gives to the question by itself.
var beasts = []string{"quagga", "okapi"}

func probeSchema(ctx context.Context, p prober) (Verdict, string) {
	schema := map[string]any{
		"type": "object", "required": []string{"beast"}, "additionalProperties": false,
		"properties": map[string]any{"beast": map[string]any{"type": "string", "enum": beasts}},
	}
	a, failure := p.ask(ctx, question, 64, quiet(map[string]any{"response_format": map[string]any{
		"type": "json_schema", "json_schema": map[string]any{"name": "beast", "strict": true, "schema": schema},
	}}))
	if failure != "" {
		return Refused, failure
	}
	var got struct{ Beast string }
	if json.Unmarshal([]byte(a.Content), &got) == nil && slices.Contains(beasts, got.Beast) {
		return Honoured, "the answer follows the schema: " + a.Content
	}
	return Ignored, fmt.Sprintf("the answer does not follow the schema: %.60q", a.Content)
}

func probeChoice(ctx context.Context, p prober) (Verdict, string) {
	a, failure := p.ask(ctx, question, 16, quiet(map[string]any{"structured_outputs": map[string]any{"choice": beasts}}))
	switch {
	case failure != "":
		return Refused, failure
	case slices.Contains(beasts, strings.TrimSpace(a.Content)):
		return Honoured, "the answer is one of the choices: " + a.Content
	}
	return Ignored, fmt.Sprintf("the answer is none of the choices: %.60q", a.Content)
}

func probeLogprobs(ctx context.Context, p prober) (Verdict, string) {
	a, failure := p.ask(ctx, question, 4, quiet(map[string]any{"logprobs": true, "top_logprobs": 5}))
	if failure != "" {
		return Refused, failure
	}
	tokens, err := a.TokenLogprobs()
	switch {
	case err != nil:
		return Unclear, err.Error()
	case len(tokens) == 0:
		return Ignored, "the answer has none"
	}
	return Honoured, fmt.Sprintf("%d tokens, %d alternatives for the first", len(tokens), len(tokens[0].TopLogProbs))
}

// raw asks with a body that Send does not make.
func (p prober) raw(ctx context.Context, body map[string]any, post func(context.Context, []byte, time.Duration) ([]byte, error), into any) (failure string) {
	body["model"] = p.model
	text, err := json.Marshal(body)
	if err == nil {
		text, err = post(ctx, text, p.timeout)
	}
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func probePromptLogprobs(ctx context.Context, p prober) (Verdict, string) {
	var got struct {
		PromptLogprobs []json.RawMessage `json:"prompt_logprobs"`
	}
	failure := p.raw(ctx, map[string]any{
		"messages": []dataset.Message{{Role: dataset.RoleUser, Content: question}}, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 1,
	}, p.endpoint.PostChat, &got)
	switch {
	case failure != "":
		return Refused, failure
	case len(got.PromptLogprobs) == 0:
		return Ignored, "the answer has none"
	}
	return Honoured, fmt.Sprintf("%d tokens of the prompt", len(got.PromptLogprobs))
}

func probeEcho(ctx context.Context, p prober) (Verdict, string) {
	const prompt = "The sea is blue and"
	var got struct {
		Choices []struct {
			Text     string
			Logprobs struct {
				TokenLogprobs []*float64 `json:"token_logprobs"`
			}
		}
	}
	failure := p.raw(ctx, map[string]any{"prompt": prompt, "max_tokens": 1, "temperature": 0, "echo": true, "logprobs": 1}, p.endpoint.PostCompletion, &got)
	switch {
	case failure != "":
		return Refused, failure
	case len(got.Choices) != 1 || !strings.Contains(got.Choices[0].Text, prompt):
		return Ignored, "the answer does not repeat the prompt"
	case len(got.Choices[0].Logprobs.TokenLogprobs) < 3:
		return Ignored, "the prompt comes back without log probabilities"
	}
	return Honoured, fmt.Sprintf("log probabilities of %d tokens", len(got.Choices[0].Logprobs.TokenLogprobs))
}

// longestProbe is the largest context that is tried, in tokens.
const longestProbe = 300_000

func probeLong(ctx context.Context, p prober) (Verdict, string) {
	if p.context == 0 || p.context > longestProbe {
		return Unclear, "not tried: the server states no context, or a very long one"
	}
	a, err := p.send(ctx, strings.Repeat("one two three four five. ", p.context/3), 4, quiet(nil))
	switch {
	case classOf(err) == llm.TooLong:
		return Honoured, "a prompt beyond the context is refused: " + fmt.Sprintf("%.100s", err)
	case err != nil:
		return Unclear, "a prompt beyond the context fails, not as too long: " + fmt.Sprintf("%.100s", err)
	}
	return Ignored, fmt.Sprintf("a prompt beyond the context is answered (%d prompt tokens counted): it was cut without a word", a.PromptTokens)
}

// speed keeps so many requests in flight for about the given time. Each asks
// something else, so that no cache answers.
func (p prober) speed(ctx context.Context, inFlight int, seconds float64) Speed {
	s := Speed{InFlight: inFlight}
	var mu sync.Mutex
	var latencies []time.Duration
	tokens := 0
	start := time.Now()
	end := start.Add(time.Duration(seconds * float64(time.Second)))
	var wait sync.WaitGroup
	for worker := range inFlight {
		wait.Go(func() {
			for n := 0; time.Now().Before(end) && ctx.Err() == nil; n++ {
				a, failure := p.ask(ctx, fmt.Sprintf("%d.%d.%d: %s", inFlight, worker, n, question), 64, quiet(map[string]any{"temperature": 0.7}))
				mu.Lock()
				if failure != "" {
					s.Failed++
				} else {
					latencies = append(latencies, a.Latency)
					tokens += a.CompletionTokens
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	elapsed := time.Since(start).Seconds()
	s.Requests = len(latencies)
	s.RequestsSecond, s.TokensSecond = float64(s.Requests)/elapsed, float64(tokens)/elapsed
	if slices.Sort(latencies); len(latencies) > 0 {
		s.MedianLatencyMS = latencies[len(latencies)/2].Milliseconds()
		s.P99LatencyMS = latencies[len(latencies)*99/100].Milliseconds()
	}
	return s
}
