package chat

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Templates are found where transformers finds them.
func TestReadConfig(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		open  string
		want  string // names and templates, and tokens
		err   string
	}{
		{name: "a string", files: map[string]string{"tokenizer_config.json": `{"chat_template":"A","eos_token":"</s>","bos_token":{"content":"<s>","lstrip":false},"pad_token":null}`},
			open: "tokenizer_config.json", want: "default=A bos_token=<s> eos_token=</s>"},
		{name: "several", files: map[string]string{"tokenizer_config.json": `{"chat_template":[{"name":"default","template":"A"},{"name":"tool_use","template":"B"}]}`},
			want: "default=A tool_use=B"},
		{name: "a file beside comes first", files: map[string]string{"tokenizer_config.json": `{"chat_template":"A","eos_token":"E"}`, "chat_template.jinja": "B"},
			open: "tokenizer_config.json", want: "default=B eos_token=E"},
		{name: "additional templates", files: map[string]string{"tokenizer_config.json": `{}`, "chat_template.jinja": "B", "additional_chat_templates/rag.jinja": "C"},
			want: "default=B rag=C"},
		{name: "a template alone", files: map[string]string{"x.jinja": "B"}, open: "x.jinja", want: "default=B"},
		{name: "a template and its tokens", files: map[string]string{"x.jinja": "B", "tokenizer_config.json": `{"chat_template":"A","eos_token":"E"}`}, open: "x.jinja", want: "default=B eos_token=E"},
		{name: "of a processor", files: map[string]string{"tokenizer_config.json": `{"eos_token":"E"}`, "chat_template.json": `{"chat_template":"P"}`}, want: "default=P eos_token=E"},
		{name: "of a processor, named", files: map[string]string{"chat_template.json": `{"chat_template":"P"}`}, open: "chat_template.json", want: "default=P"},
		{name: "none", files: map[string]string{"tokenizer_config.json": `{}`}, err: "has no chat_template, and no chat_template.jinja lies beside it"},
		{name: "no config", files: map[string]string{"config.json": `{}`}, err: "tokenizer_config.json"},
		{name: "not JSON", files: map[string]string{"tokenizer_config.json": `{`}, err: "read "},
		{name: "a number", files: map[string]string{"tokenizer_config.json": `{"chat_template":1}`}, err: "neither a string nor a list"},
		{name: "a list without names", files: map[string]string{"tokenizer_config.json": `{"chat_template":[{"template":"A"}]}`}, err: "chat_template[0] needs name and template"},
		{name: "a bad token", files: map[string]string{"tokenizer_config.json": `{"chat_template":"A","eos_token":7}`}, err: "eos_token is neither a string nor an object"},
		{name: "too large", files: map[string]string{"x.jinja": strings.Repeat(" ", maxTemplate+1)}, open: "x.jinja", err: "larger than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, data := range test.files {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c, err := ReadConfig(filepath.Join(dir, test.open))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("%+v, %v; want an error with %q", c, err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range []map[string]string{c.Templates, c.Tokens} {
				for _, name := range slices.Sorted(maps.Keys(m)) {
					got = append(got, name+"="+m[name])
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}

// A model with a template for tools uses it for conversations with tools.
func TestToolUse(t *testing.T) {
	c := Config{Templates: map[string]string{"default": "A", "tool_use": "B"}}
	tmpl, err := c.Template("")
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		`{"messages":[{}]}`:                "A",
		`{"messages":[{}],"tools":[]}`:     "B",
		`{"messages":[{}],"tools":null}`:   "A",
		`{"messages":[{}],"tools":[{}]}`:   "B",
		`{"messages":[{}],"documents":[]}`: "A",
	} {
		conversation, err := ParseConversation([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := tmpl.Render(conversation); err != nil || r.Text != want {
			t.Errorf("%s: %+v, %v; want %s", line, r, err, want)
		}
	}
}

// Lines that are no conversation are refused with the reason.
func TestParseConversation(t *testing.T) {
	for line, want := range map[string]string{
		``:                              "EOF",
		`[]`:                            `a conversation is an object with "messages"`,
		`{}`:                            `the conversation has no "messages"`,
		`{"messages":{}}`:               `"messages" must be a list`,
		`{"messages":["x"]}`:            `messages[0] is no object`,
		`{"messages":[],"tools":{}}`:    `"tools" must be a list`,
		`{"messages":[],"tools":["x"]}`: `tools[0] is no object`,
		`{"messages":[],"add_generation_prompt":1}`:     `"add_generation_prompt" must be true or false`,
		`{"messages":[],"continue_final_message":true}`: `"continue_final_message" is not supported`,
		`{"messages":[{"content":"\ud800"}]}`:           `half of a character`,
		"{\"messages\":[{\"content\":\"\xff\"}]}":       `not UTF-8`,
		`{"messages":[]} x`:                             `follows the JSON value`,
		`{"messages":[]} 1`:                             `follows the JSON value`,
	} {
		if _, err := ParseConversation([]byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", line, err, want)
		}
	}
	if _, err := new(Template).Render(Conversation{}); err == nil || err.Error() != "the conversation has no messages" {
		t.Error(err)
	}
}
