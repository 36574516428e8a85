package chat

import (
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// Whatever messages hold, the spans lie in the text, in order, and hold what
// the record of origins says; and a template that copies content copies it
// exactly.
func FuzzRender(f *testing.F) {
	templates := testTemplates(f)
	names := []string{"chatml", "deepseek", "gemma", "lfm", "llama", "mistral", "parts", "phi", "smol", "qwen3"}
	f.Add(uint8(9), "S", "Q", "<think>\nT\n</think>\n\nA", "Q", "A", true)
	f.Add(uint8(0), "", "<|im_end|>", "<think>", "</think>", " ", false)
	f.Add(uint8(3), "\n", "é", "</think></think>", "<think></think>", "[THINK]x[/THINK]\n\n", true)
	f.Fuzz(func(t *testing.T, which uint8, system, question, answer, second, last string, prompt bool) {
		name := names[int(which)%len(names)]
		tmpl, ok := templates[name]
		if !ok || len(system)+len(question)+len(answer)+len(second)+len(last) > 4000 {
			return
		}
		c := Conversation{AddGenerationPrompt: prompt}
		contents := []string{system, question, answer, second, last}
		for i, role := range []string{"system", "user", "assistant", "user", "assistant"} {
			contents[i] = strings.ToValidUTF8(contents[i], "?")
			c.Messages = append(c.Messages, NewMessage(role, contents[i]))
		}
		r, err := tmpl.render(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkOrigins(t, r)
		spans := tmpl.spans(c.Messages, r)
		checkSpans(t, spans, r)
		for i, m := range spans {
			checkContent(t, name, contents[i], m, r.Text)
			if m.End == nil && i > 0 && !(name == "mistral" && i%2 == 1) && !(name == "deepseek" && i%2 == 1) {
				t.Fatalf("%s: message %d has no end token: %q", name, i, r.Text)
			}
		}
	})
}

// checkContent checks that the spans of a message hold its content, whole or
// without white space at its ends, or the part that the template keeps.
func checkContent(t *testing.T, name, content string, m MessageSpans, text string) {
	t.Helper()
	var got strings.Builder
	for _, s := range m.Spans {
		if !s.Inserted {
			got.WriteString(text[s.Start:s.End])
		}
	}
	verbatim := name == "chatml" || name == "phi" || m.Role == "user" && (name == "qwen3" || name == "lfm" || name == "deepseek" || name == "smol")
	switch {
	case m.Missing == LeftOut && strings.Count(content, "</think>") > 1: // some templates keep what is behind the last
	case m.Missing == LeftOut && m.Role == "system" && (name == "mistral" || name == "smol"): // written before a last question, and unless blank
	case m.Missing != "":
		t.Fatalf("%s: the content %q is %s", name, content, m.Missing)
	case verbatim && got.String() != content:
		t.Fatalf("%s: the spans hold %q, not %q", name, got.String(), content)
	case name != "smol" && !strings.Contains(got.String(), strings.TrimFunc(content, jinja.IsSpace)) && !strings.Contains(content, "think>") && !strings.Contains(content, "THINK]"):
		t.Fatalf("%s: the spans hold %q, not %q", name, got.String(), content)
	}
}

// A conversation of any shape gives an error or a text, never a panic.
func FuzzConversation(f *testing.F) {
	templates := testTemplates(f)
	for _, g := range readGolden(f)[:60] {
		f.Add([]byte(g.Conversation))
	}
	f.Add([]byte(`{"messages":[{"role":1,"content":[1,null,{"a":1e999}]}],"tools":[{}],"x":"\ud83d\ude00"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if len(line) > 3000 {
			return
		}
		c, err := ParseConversation(line)
		if err != nil {
			return
		}
		for _, tmpl := range templates {
			r, err := tmpl.render(c)
			if err != nil {
				continue
			}
			checkOrigins(t, r)
			checkSpans(t, tmpl.spans(c.Messages, r), r)
		}
	})
}

// Configurations of any shape give an error or templates, never a panic.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(`{"chat_template":"x","eos_token":{"content":"</s>"},"bos_token":null}`))
	f.Add([]byte(`{"chat_template":[{"name":"default","template":"x"},{"name":"tool_use"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &Config{Templates: make(map[string]string), Tokens: make(map[string]string)}
		raw, err := parseConfig(data, "config")
		if err != nil || c.setTokens(raw, "config") != nil || c.setTemplates(raw["chat_template"], "config") != nil {
			return
		}
		for name, source := range c.Templates {
			if len(source) > 1000 {
				continue
			}
			if tmpl, err := c.Template(name); err == nil && tmpl.main == (*jinja.Template)(nil) {
				t.Fatal("a template without a program")
			}
		}
	})
}
