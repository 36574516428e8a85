package fakellm

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"strings"
)

// request holds the members of a chat completion that change what the fake
// does.
type request struct {
	Model              string                     `json:"model"`
	Messages           []message                  `json:"messages"`
	MaxTokens          int                        `json:"max_tokens"`
	Temperature        *float64                   `json:"temperature"`
	Logprobs           bool                       `json:"logprobs"`
	TopLogprobs        int                        `json:"top_logprobs"`
	PromptLogprobs     *int                       `json:"prompt_logprobs"`
	ChatTemplateKwargs map[string]any             `json:"chat_template_kwargs"`
	ResponseFormat     *responseFormat            `json:"response_format"`
	StructuredOutputs  *struct{ Choice []string } `json:"structured_outputs"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type responseFormat struct {
	JSONSchema struct{ Schema json.RawMessage } `json:"json_schema"`
}

// spoken is what the model says.
type spoken struct {
	content   *string
	reasoning string
	finish    string
}

// wrapped matches a text that a prompt holds up as data.
var wrapped = regexp.MustCompile(`(?s)<(source[\w-]*)>\n?(.*?)\n?</source`)

// digits are what the fault result makes other numbers of.
var digits = regexp.MustCompile(`\d+`)

// prompt returns the last message, and the text in it that is wrapped in
// <source> tags, if any.
func (r request) prompt() (whole, source string, isTranslation bool) {
	if len(r.Messages) == 0 {
		return "", "", false
	}
	whole = r.Messages[len(r.Messages)-1].Content
	if m := wrapped.FindAllStringSubmatch(whole, -1); m != nil {
		last := m[len(m)-1]
		return whole, last[2], true
	}
	return whole, whole, false
}

// say answers a request as the fault, if any, makes it.
func (s *Server) say(r request, random *rand.Rand, fault string) spoken {
	if s.options.Fixed != "" {
		return spoken{content: &s.options.Fixed, finish: "stop"}
	}
	whole, source, isTranslation := r.prompt()
	text := ""
	switch {
	case r.StructuredOutputs != nil && len(r.StructuredOutputs.Choice) > 0 && !s.ignores("structured_outputs"):
		text = r.StructuredOutputs.Choice[random.IntN(len(r.StructuredOutputs.Choice))]
	case r.ResponseFormat != nil && len(r.ResponseFormat.JSONSchema.Schema) > 0 && !s.ignores("json_schema"):
		schema, copied := r.ResponseFormat.JSONSchema.Schema, false
		if text, copied = extracted(whole, schema); !copied {
			text = instance(schema, random)
		}
	case isTranslation:
		text = translated(source)
	default:
		text = composed(random)
	}
	out := spoken{finish: "stop"}
	if s.thinks(r) {
		out.reasoning = "Je réfléchis. " + composed(random)
	}
	text, out.finish = spoil(text, whole, source, fault)
	out.content = &text
	if fault == "null" {
		out.content, out.finish = nil, "length"
	}
	return out
}

// thinks tells whether the model thinks first, as Qwen3 does unless told not
// to.
func (s *Server) thinks(r request) bool {
	if !s.options.Thinks {
		return false
	}
	enabled, given := r.ChatTemplateKwargs["enable_thinking"].(bool)
	return !given || enabled || s.ignores("enable_thinking")
}

// spoil makes an answer what the fault says.
func spoil(text, whole, source, fault string) (spoiled, finish string) {
	switch fault {
	case "empty":
		return "", "stop"
	case "truncated":
		return strings.ToValidUTF8(text[:len(text)/2], ""), "length"
	case "finish":
		return text, "content_filter"
	case "english":
		return english, "stop"
	case "looped":
		return text + strings.Repeat(" Et la suite converge vers une limite.", 60), "stop"
	case "duplicated":
		return text + "\n\n" + text, "stop"
	case "echo":
		return source, "stop"
	case "think":
		return "<think>\nJe réfléchis.\n" + text, "stop"
	case "tags":
		return "Voici la traduction :\n<source>\n" + text + "\n</source>", "stop"
	case "result":
		return digits.ReplaceAllString(text, "${0}7"), "stop"
	case "lost":
		return protected.ReplaceAllString(text, "ceci"), "stop"
	}
	return text, "stop"
}

// seeded returns a source of chance that is the request's own. Without a
// temperature a server samples as it likes; so does the fake.
func (s *Server) seeded(body []byte, r request) *rand.Rand {
	sum := sha256.Sum256(body)
	seed := binary.BigEndian.Uint64(sum[:])
	if r.Temperature == nil || s.ignores("temperature") {
		seed ^= uint64(s.requests.Load()) * 0x9e3779b97f4a7c15
	}
	return rand.New(rand.NewPCG(seed, 0))
}

// tokens is how many tokens a text counts as.
func tokens(text string) int { return (len(text) + 3) / 4 }

// instance returns JSON that follows a schema: the first or a drawn enum
// value, French strings, small numbers.
func instance(schema json.RawMessage, random *rand.Rand) string {
	var s struct {
		Type       string                     `json:"type"`
		Enum       []json.RawMessage          `json:"enum"`
		Properties map[string]json.RawMessage `json:"properties"`
		Items      json.RawMessage            `json:"items"`
	}
	if json.Unmarshal(schema, &s) != nil {
		return "null"
	}
	switch {
	case len(s.Enum) > 0:
		return string(s.Enum[random.IntN(len(s.Enum))])
	case s.Type == "object":
		members := map[string]json.RawMessage{}
		for _, name := range sortedKeys(s.Properties) { // in order: each draws
			members[name] = json.RawMessage(instance(s.Properties[name], random))
		}
		text, _ := json.Marshal(members) // made of valid parts
		return string(text)
	case s.Type == "array":
		return "[" + instance(s.Items, random) + "]"
	case s.Type == "boolean":
		return []string{"true", "false"}[random.IntN(2)]
	case s.Type == "integer", s.Type == "number":
		return []string{"1", "2", "3", "4", "5"}[random.IntN(5)]
	}
	text, _ := json.Marshal(composed(random)) // a string always marshals
	return string(text)
}
