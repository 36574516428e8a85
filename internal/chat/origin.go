package chat

import (
	"strings"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// part is the part of a message that a byte comes from.
type part uint8

const (
	partFrame     part = iota // written by the template for this message
	partRole                  // the role
	partContent               // the content
	partThought               // the content of an assistant up to its first </think>
	partBreak                 // the newlines behind that
	partReasoning             // a field that holds reasoning
	partToolCalls             // the calls of tools
	partOther                 // any other field
)

// origin is what a tag of package jinja stands for.
type origin struct {
	message int
	part    part
	source  string // the text that offsets count in
}

// reasoningFields are the names under which transformers looks for reasoning.
var reasoningFields = []string{"reasoning_content", "thinking", "reasoning"}

// thinkTags open and close reasoning in text.
var thinkTags = [][2]string{{"<think>", "</think>"}, {"[THINK]", "[/THINK]"}}

// tagger gives the values of messages their tags.
type tagger struct {
	origins []origin // tag n is origins[n-1]
}

func (t *tagger) tag(o origin) int32 {
	t.origins = append(t.origins, o)
	return int32(len(t.origins))
}

// message returns a copy of message i, with tags, as transformers gives it to
// a template: without fields that are null, and with reasoning under all names
// that templates read.
func (t *tagger) message(i int, m Message) *jinja.Dict {
	var reasoning jinja.Value
	for _, name := range reasoningFields {
		if v, ok := m.Get(name); ok && v != nil && reasoning == nil {
			reasoning = v
		}
	}
	out := jinja.NewDict()
	if reasoning != nil {
		out.Set("thinking", t.value(i, partReasoning, reasoning))
	}
	assistant := roleOf(m) == "assistant"
	m.All(func(name string, v jinja.Value) {
		if v != nil {
			out.Set(name, t.field(i, name, v, assistant))
		}
	})
	if reasoning != nil {
		out.Set("reasoning_content", t.value(i, partReasoning, reasoning))
	}
	return jinja.Tag(out, t.tag(origin{message: i, part: partFrame})).(*jinja.Dict)
}

func (t *tagger) field(i int, name string, v jinja.Value, assistant bool) jinja.Value {
	switch name {
	case "role":
		return t.value(i, partRole, v)
	case "content":
		if text, ok := v.(*jinja.Text); ok && assistant {
			return t.answer(i, text.String())
		}
		return t.value(i, partContent, v)
	case "tool_calls":
		return t.value(i, partToolCalls, v)
	case "reasoning_content", "thinking", "reasoning":
		return t.value(i, partReasoning, v)
	}
	return t.value(i, partOther, v)
}

// value tags v and all that is in it.
func (t *tagger) value(i int, p part, v jinja.Value) jinja.Value {
	switch v := v.(type) {
	case *jinja.Text:
		return jinja.Tag(v, t.tag(origin{i, p, v.String()}))
	case *jinja.List:
		items := make([]jinja.Value, len(v.Items()))
		for n, item := range v.Items() {
			items[n] = t.value(i, p, item)
		}
		return jinja.Tag(jinja.NewList(items...), t.tag(origin{message: i, part: p}))
	case *jinja.Dict:
		out := jinja.NewDict()
		v.All(func(key string, v jinja.Value) { out.Set(key, t.value(i, p, v)) })
		return jinja.Tag(out, t.tag(origin{message: i, part: p}))
	}
	return v
}

// answer tags the content of an assistant, which may begin with reasoning.
func (t *tagger) answer(i int, s string) *jinja.Text {
	thought := thoughtEnd(s)
	if thought == 0 {
		return jinja.Tag(jinja.NewText(s), t.tag(origin{i, partContent, s})).(*jinja.Text)
	}
	end := thought + len(s[thought:]) - len(strings.TrimLeft(s[thought:], "\n"))
	runs := []jinja.Run{{End: thought, Origin: t.tag(origin{i, partThought, s}), Exact: true}}
	if end > thought {
		runs = append(runs, jinja.Run{Start: thought, End: end, Origin: t.tag(origin{i, partBreak, s}), Offset: thought, Exact: true})
	}
	runs = append(runs, jinja.Run{Start: end, End: len(s), Origin: t.tag(origin{i, partContent, s}), Offset: end, Exact: true})
	return jinja.TagText(s, runs...)
}

// thoughtEnd returns where the first closing tag of reasoning ends, or 0.
func thoughtEnd(s string) int {
	for _, tags := range thinkTags {
		if i := strings.Index(s, tags[1]); i >= 0 {
			return i + len(tags[1])
		}
	}
	return 0
}

func roleOf(m Message) string {
	v, _ := m.Get("role")
	if text, ok := v.(*jinja.Text); ok {
		return text.String()
	}
	return ""
}
