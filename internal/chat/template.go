package chat

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// Template is a compiled chat template with the special tokens it knows. It
// does not change, and may be used by several goroutines at once.
type Template struct {
	main      *jinja.Template
	withTools *jinja.Template // for conversations with tools, or nil
	tokens    map[string]jinja.Value
	ends      []string
	now       time.Time
}

// turnEnds are the tokens that end a turn in the families there are.
var turnEnds = []string{
	"<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|eot|>", "<|eom|>", "<end_of_turn>", "<turn|>", "<|end|>", "<|return|>", "<|call|>",
	"<|end_of_text|>", "<|endoftext|>", "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>", "</s>",
}

// New compiles a chat template. tokens are special tokens by the names that
// templates know, such as eos_token.
func New(source string, tokens map[string]string) (*Template, error) {
	main, err := jinja.Parse(source)
	if err != nil {
		return nil, err
	}
	t := &Template{main: main, tokens: make(map[string]jinja.Value), ends: slices.Clone(turnEnds)}
	for name, token := range tokens {
		t.tokens[name] = jinja.NewText(token)
	}
	if eos := tokens["eos_token"]; eos != "" && !slices.Contains(t.ends, eos) {
		t.ends = append(t.ends, eos)
	}
	return t, nil
}

// WithEndTokens returns the template with other tokens taken for the end of a
// turn: without it they are the eos_token and those of the known families.
func (t *Template) WithEndTokens(tokens ...string) *Template {
	out := *t
	out.ends = slices.DeleteFunc(slices.Clone(tokens), func(s string) bool { return s == "" })
	return &out
}

// WithTime returns the template with a clock that stands at now, for templates
// that write the date.
func (t *Template) WithTime(now time.Time) *Template {
	out := *t
	out.now = now
	return &out
}

// Rendering is a conversation as text, and where in it each message stands.
type Rendering struct {
	Text      string
	Messages  []MessageSpans
	Generated []jinja.Range // text inside {% generation %}, where the template has that
}

// Render writes a conversation. An error of the template itself is a
// *jinja.Raised; one that does too much is jinja.ErrBudget.
func (t *Template) Render(c Conversation) (*Rendering, error) {
	r, err := t.render(c)
	if err != nil {
		return nil, err
	}
	return &Rendering{Text: r.Text, Messages: t.spans(c.Messages, r), Generated: r.Generated}, nil
}

// rendered is a render with the meaning of its tags.
type rendered struct {
	jinja.Result
	origins []origin
}

func (t *Template) render(c Conversation) (rendered, error) {
	if len(c.Messages) == 0 {
		return rendered{}, errors.New("the conversation has no messages")
	}
	var tags tagger
	messages := make([]jinja.Value, len(c.Messages))
	for i, m := range c.Messages {
		messages[i] = tags.message(i, m)
	}
	vars := make(map[string]jinja.Value, len(t.tokens)+len(c.Variables)+4)
	for name, v := range t.tokens {
		vars[name] = v
	}
	for name, v := range c.Variables {
		vars[name] = v
	}
	vars["messages"] = jinja.NewList(messages...)
	vars["tools"], vars["documents"] = c.Tools, c.Documents
	vars["add_generation_prompt"] = c.AddGenerationPrompt
	template := t.main
	if t.withTools != nil && c.Tools != nil {
		template = t.withTools
	}
	result, err := template.Render(vars, jinja.Options{Now: t.now})
	if err != nil {
		return rendered{}, fmt.Errorf("chat template: %w", err)
	}
	return rendered{result, tags.origins}, nil
}
