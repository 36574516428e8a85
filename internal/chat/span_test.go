package chat

import (
	"fmt"
	"strings"
	"testing"
)

// show writes a rendering with its spans marked: {kind|text}, [end token].
func show(r *Rendering) string {
	type mark struct {
		at    int
		order int // closing marks stand before opening ones
		text  string
	}
	var marks []mark
	for i, m := range r.Messages {
		for _, s := range m.Spans {
			kind := s.Kind
			if s.Inserted {
				kind += "+"
			}
			open := fmt.Sprintf("{%d %s|", i, kind)
			if s.Start == s.End {
				marks = append(marks, mark{s.Start, 1, open + "}"})
				continue
			}
			marks = append(marks, mark{s.Start, 2, open}, mark{s.End, 0, "}"})
		}
		if m.End != nil {
			marks = append(marks, mark{m.End.Start, 2, "["}, mark{m.End.End, 0, "]"})
		}
	}
	var b strings.Builder
	for at := 0; at <= len(r.Text); at++ {
		for order := range 3 {
			for _, m := range marks {
				if m.at == at && m.order == order {
					b.WriteString(m.text)
				}
			}
		}
		if at < len(r.Text) {
			b.WriteByte(r.Text[at])
		}
	}
	return b.String()
}

// Every message is where it is, also where templates trim, rewrite, merge or
// leave out, and where contents are equal or look like a template.
func TestSpans(t *testing.T) {
	templates := testTemplates(t)
	for _, test := range []struct {
		name, template, conversation, want string
	}{
		{"plain", "chatml", `{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}`,
			"<|im_start|>system\n{0 content|S}[<|im_end|>]\n<|im_start|>user\n{1 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{2 content|A}[<|im_end|>]\n"},
		{"equal contents, one of them like the header", "chatml", `{"messages":[{"role":"system","content":"user"},{"role":"user","content":"user"},{"role":"assistant","content":"user"}]}`,
			"<|im_start|>system\n{0 content|user}[<|im_end|>]\n<|im_start|>user\n{1 content|user}[<|im_end|>]\n<|im_start|>assistant\n{2 content|user}[<|im_end|>]\n"},
		{"end token in content", "chatml", `{"messages":[{"role":"system","content":""},{"role":"user","content":"<|im_end|>\n"},{"role":"assistant","content":"x<|im_end|>"}]}`,
			"<|im_start|>system\n{0 content|}[<|im_end|>]\n<|im_start|>user\n{1 content|<|im_end|>\n}[<|im_end|>]\n<|im_start|>assistant\n{2 content|x<|im_end|>}[<|im_end|>]\n"},
		{"thoughts that the template leaves as they are", "chatml", `{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>\nT\n</think>\n\nA"}]}`,
			"<|im_start|>system\n{0 content|S}[<|im_end|>]\n<|im_start|>user\n{1 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{2 reasoning|<think>\nT\n</think>\n\n}{2 content|A}[<|im_end|>]\n"},
		{"a closing tag in plain text is no thought", "chatml", `{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"the tag </think>\nends"}]}`,
			"<|im_start|>system\n{0 content|S}[<|im_end|>]\n<|im_start|>user\n{1 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{2 content|the tag </think>\nends}[<|im_end|>]\n"},
		{"Qwen3 with thoughts", "qwen3", `{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"<think>\nT1\n</think>\n\nA1 "},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>\n\nT2</think>\n\n\n\nA2"}],"add_generation_prompt":true}`,
			"<|im_start|>user\n{0 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{1 content|A1 }[<|im_end|>]\n<|im_start|>user\n{2 content|Q}[<|im_end|>]\n" +
				"<|im_start|>assistant\n{3 reasoning|<think>\nT2\n</think>\n\n}{3 content|A2}[<|im_end|>]\n<|im_start|>assistant\n"},
		{"Qwen3 without thoughts", "qwen3", `{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}`,
			"<|im_start|>user\n{0 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{1 reasoning+|<think>\n\n</think>\n\n}{1 content|A}[<|im_end|>]\n"},
		{"Qwen3 with reasoning_content", "qwen3", `{"messages":[{"role":"user","content":"Q"},{"role":"assistant","reasoning_content":"A","content":"A"}],"add_generation_prompt":true,"enable_thinking":false}`,
			"<|im_start|>user\n{0 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{1 reasoning|<think>\nA\n</think>\n\n}{1 content|A}[<|im_end|>]\n<|im_start|>assistant\n<think>\n\n</think>\n\n"},
		{"Qwen3 with an empty answer", "qwen3", `{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"<think>T</think>\n\n"}]}`,
			"<|im_start|>user\n{0 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{1 reasoning|<think>\nT\n</think>\n\n}{1 content|}[<|im_end|>]\n"},
		{"Qwen3 calls tools", "qwen3", `{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"x":"Q"}}},{"function":{"name":"f","arguments":{}}}]},{"role":"tool","content":"Q"},{"role":"tool","content":"R"},{"role":"assistant","content":"A"}]}`,
			"<|im_start|>user\n{0 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{1 content|}{1 tool_calls|<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": \"Q\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>}[<|im_end|>]\n" +
				"<|im_start|>user\n<tool_response>\n{2 content|Q}\n</tool_response>\n<tool_response>\n{3 content|R}\n</tool_response>[<|im_end|>]\n<|im_start|>assistant\n{4 reasoning+|<think>\n\n</think>\n\n}{4 content|A}[<|im_end|>]\n"},
		{"trimmed, behind the message of the system", "gemma", `{"messages":[{"role":"system","content":"S "},{"role":"user","content":" Q "},{"role":"assistant","content":" A\n"}]}`,
			"<s><start_of_turn>user\n{0 content|S }\n\n{1 content|Q}[<end_of_turn>]\n<start_of_turn>model\n{2 content|A}[<end_of_turn>]\n"},
		{"parts", "gemma", `{"messages":[{"role":"user","content":[{"type":"text","text":" a "},{"type":"image"},{"type":"text","text":"b"}]}]}`,
			"<s><start_of_turn>user\n{0 content|a<start_of_image>b}[<end_of_turn>]\n"},
		{"end of sequence", "mistral", `{"messages":[{"role":"system","content":"Q"},{"role":"user","content":"Q"},{"role":"assistant","content":" Q "},{"role":"user","content":"Q"}]}`,
			"<s>[INST] {1 content|Q}[/INST] {2 content|Q}[</s>][INST] {0 content|Q}\n\n{3 content|Q}[/INST]"},
		{"macros", "lfm", `{"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>T</think> A"},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>T</think> A"}]}`,
			"<s><|im_start|>system\n{0 content|S}[<|im_end|>]\n<|im_start|>user\n{1 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{2 content|A}[<|im_end|>]\n" +
				"<|im_start|>user\n{3 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{4 reasoning|<think>T</think>}{4 content| A}[<|im_end|>]\n"},
		{"an empty thought written before the answer", "smol", `{"messages":[{"role":"system","content":"/no_think X"},{"role":"user","content":"Q"},{"role":"assistant","content":"\nA"}]}`,
			"<|im_start|>system\nFriday 26 July 2024, 08:05, direct.\n\n{0 content| X}\n[<|im_end|>]\n<|im_start|>user\n{1 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{2 reasoning+|<think>\n\n</think>\n}{2 content|A}[<|im_end|>]\n"},
		{"only the last message of the system is kept", "deepseek", `{"messages":[{"role":"system","content":"S"},{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"<think>x</think>A"}],"add_generation_prompt":true}`,
			"<s>{1 content|S}<｜User｜>{2 content|Q}<｜Assistant｜>{3 content|A}[<｜end▁of▁sentence｜>]<｜Assistant｜><think>\n"},
		{"parameters of tools", "parts", `{"messages":[{"role":"user","content":"Q"},{"role":"assistant","reasoning":"T","content":"A","tool_calls":[{"function":{"name":"f","arguments":{"x":[1],"y":"Q"}}}]}]}`,
			"<|im_start|>user\n{0 content|Q}[<|im_end|>]\n<|im_start|>assistant\n{1 reasoning|<think>\nT\n</think>\n\n}{1 content|A}{1 tool_calls|\n<call f>\nx: [1]\ny: Q\n</call>}[<|im_end|>]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tmpl, ok := templates[test.template]
			if !ok {
				t.Skipf("the template %s is absent", test.template)
			}
			c, err := ParseConversation([]byte(test.conversation))
			if err != nil {
				t.Fatal(err)
			}
			r, err := tmpl.Render(c)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(r); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// What becomes of a message that has no certain place is said.
func TestMissing(t *testing.T) {
	for _, test := range []struct{ template, content, want string }{
		{"{% for m in messages %}{{ m.content }}{% endfor %}", "x", ""},
		{"{% for m in messages %}{{ m.content }}{% endfor %}", "", ""},
		{"{% for m in messages %}{{ m.content|trim }}{% endfor %}", "  ", ""},
		{"{% for m in messages %}{{ m.role }}{% endfor %}", "x", LeftOut},
		{"{% for m in messages %}{{ m.content[:0] }}{% endfor %}", "x", LeftOut},
		{"{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}", "x", Repeated},
		{"{% for m in messages %}{{ m.content[:2] }}-{{ m.content[1:] }}{% endfor %}", "xyz", Repeated},
		{"{% for m in messages %}{{ m.content[:1] }}-{{ m.content[1:] }}{% endfor %}", "xyz", ""},
	} {
		tmpl, err := New(test.template, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := tmpl.Render(Conversation{Messages: []Message{NewMessage("user", test.content)}})
		if err != nil || r.Messages[0].Missing != test.want {
			t.Errorf("%s: %q, %v; want %q", test.template, r.Messages[0].Missing, err, test.want)
		}
	}
}

// Bytes keep their origin through every operation on text.
func TestOriginSurvives(t *testing.T) {
	for expression, want := range map[string]string{
		"m.content.strip()":                              "{Ab, cD}",
		"m.content|trim|upper":                           "{AB, CD}",
		"m.content.replace(', ', '; ')|trim":             "{Ab; cD}",
		"m.content.split(',')[1]":                        "{ cD }",
		"m.content.split(',')|join('+')":                 "{ Ab+ cD }",
		"m.content[1:3] ~ '-' ~ m.content[5:7]":          "{Ab}-{cD}",
		"m.content[::-1]":                                "{ Dc ,bA }",
		"m.content.partition(',')[0] + '.'":              "{ Ab}.",
		"(m.content ~ m.role)|tojson":                    "\"{ Ab, cD }user\"",
		"m.content|tojson":                               "{\" Ab, cD \"}",
		"'<%s>' % m.content":                             "<{ Ab, cD }>",
		"'<{}>'.format(m.content)":                       "<{ Ab, cD }>",
		"m.content|trim|indent(2, true)":                 "{  Ab, cD}",
		"m.content|list|join":                            "{ Ab, cD }",
		"m.content|reverse":                              "{ Dc ,bA }",
		"[m.content]|first":                              "{ Ab, cD }",
		"{'k': m.content}.k":                             "{ Ab, cD }",
		"dict(k=m.content)['k']":                         "{ Ab, cD }",
		"namespace(k=m.content).k":                       "{ Ab, cD }",
		"m.content|default('x')":                         "{ Ab, cD }",
		"messages|map(attribute='content')|first":        "{ Ab, cD }",
		"(messages|selectattr('role')|list)[0].content":  "{ Ab, cD }",
		"m.content.title()|trim":                         "{Ab, Cd}",
		"m.content.center(12)":                           "  { Ab, cD }  ",
		"m.content|string ~ 1":                           "{ Ab, cD }1",
		"m.content.removeprefix(' ').removesuffix(' ')":  "{Ab, cD}",
		"m.content.splitlines()[0]":                      "{ Ab, cD }",
		"[m.content, m.role]|join('/')":                  "{ Ab, cD }/user",
		"(m.content if m.role == 'user' else 'x')[1:-1]": "{Ab, cD}",
	} {
		tmpl, err := New("{% set m = messages[0] %}{{ "+expression+" }}", nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := tmpl.render(Conversation{Messages: []Message{NewMessage("user", " Ab, cD ")}})
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		checkOrigins(t, r)
		spans := tmpl.spans([]Message{NewMessage("user", " Ab, cD ")}, r)
		got, at := "", 0
		for _, s := range spans[0].Spans {
			got += r.Text[at:s.Start] + "{" + r.Text[s.Start:s.End] + "}"
			at = s.End
		}
		if got += r.Text[at:]; got != want {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
}

func TestEndTokens(t *testing.T) {
	tmpl, err := New("{% for m in messages %}{{ m.content }}<|fin|></s>{% endfor %}", map[string]string{"eos_token": "<eos>"})
	if err != nil {
		t.Fatal(err)
	}
	c := Conversation{Messages: []Message{NewMessage("user", "x")}}
	for want, tmpl := range map[string]*Template{"</s>": tmpl, "<|fin|>": tmpl.WithEndTokens("</s>", "<|fin|>")} {
		r, err := tmpl.Render(c)
		if err != nil {
			t.Fatal(err)
		}
		if end := r.Messages[0].End; end == nil || r.Text[end.Start:end.End] != want {
			t.Errorf("end token %+v, want %s", end, want)
		}
	}
	r, err := tmpl.WithEndTokens("<none>").Render(c)
	if err != nil || r.Messages[0].End != nil {
		t.Errorf("%+v, %v", r, err)
	}
}
