package llm

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
)

func ask(text string, params map[string]any) Request {
	return Request{Model: "m", MaxTokens: 100, Params: params, Messages: []dataset.Message{{Role: "user", Content: text}}}
}

func mustWire(t testing.TB, r Request) Wire {
	t.Helper()
	w, err := r.Wire()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Everything asked for is in the body, also what go-openai leaves out: zeros,
// and members that it has no field for.
func TestWireHoldsEverything(t *testing.T) {
	w := mustWire(t, ask("é < x & y", map[string]any{
		"temperature": 0, "top_p": 0.8, "top_k": 0, "min_p": 0, "seed": 0, "logprobs": false,
		"chat_template_kwargs": map[string]any{"enable_thinking": false},
		"structured_outputs":   map[string]any{"choice": []string{"True", "False"}},
	}))
	const want = `{"chat_template_kwargs":{"enable_thinking":false},"logprobs":false,"max_tokens":100,` +
		`"messages":[{"role":"user","content":"é \u003c x \u0026 y"}],"min_p":0,"model":"m","seed":0,` +
		`"structured_outputs":{"choice":["True","False"]},"temperature":0,"top_k":0,"top_p":0.8}`
	if string(w.Body) != want {
		t.Errorf("body %s\nwant %s", w.Body, want)
	}
	if !json.Valid(w.Body) {
		t.Error("not JSON")
	}
}

func TestKeyChangesWithEverything(t *testing.T) {
	base := ask("a", map[string]any{"temperature": 0.7})
	key := mustWire(t, base).Key
	if key != mustWire(t, ask("a", map[string]any{"temperature": 0.7})).Key {
		t.Error("equal requests have different keys")
	}
	model, budget := base, base
	model.Model, budget.MaxTokens = "n", 200
	for name, other := range map[string]Request{
		"model": model, "max_tokens": budget, "text": ask("b", base.Params),
		"temperature": ask("a", map[string]any{"temperature": 0}), "seed": ask("a", map[string]any{"temperature": 0.7, "seed": 1}),
	} {
		if mustWire(t, other).Key == key {
			t.Errorf("another %s has the same key", name)
		}
	}
}

func TestUnsendable(t *testing.T) {
	for name, r := range map[string]Request{
		"not UTF-8":      ask("a\xff", nil),
		"empty":          ask(" \n", nil),
		"no model":       {MaxTokens: 1, Messages: ask("a", nil).Messages},
		"no budget":      {Model: "m", Messages: ask("a", nil).Messages},
		"no messages":    {Model: "m", MaxTokens: 1},
		"two models":     ask("a", map[string]any{"model": "x"}),
		"stream":         ask("a", map[string]any{"stream": true}),
		"guided_choice":  ask("a", map[string]any{"guided_choice": []string{"x"}}),
		"not JSON":       ask("a", map[string]any{"f": func() {}}),
		"too long":       ask(strings.Repeat("a", maxRequestBytes), nil),
		"several at one": ask("a", map[string]any{"n": 4}),
	} {
		_, err := r.Wire()
		var e *Error
		if !errors.As(err, &e) || e.Class != Unsendable || e.Class.Retryable() {
			t.Errorf("%s: %v", name, err)
		}
	}
}
