package chat

import (
	"errors"
	"fmt"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// Message is a message as an object of JSON: role, content and whatever else
// the template reads, such as reasoning_content or tool_calls.
type Message = *jinja.Dict

// NewMessage returns a message with the given role and content.
func NewMessage(role, content string) Message {
	m := jinja.NewDict()
	m.Set("role", jinja.NewText(role))
	m.Set("content", jinja.NewText(content))
	return m
}

// Conversation is what a chat template renders.
type Conversation struct {
	Messages            []Message
	Tools, Documents    jinja.Value // lists of objects, or nil
	AddGenerationPrompt bool
	Variables           map[string]jinja.Value // others that the template reads, such as enable_thinking
}

// ParseConversation reads {"messages": [...], "tools", "documents",
// "add_generation_prompt", ...}. Other keys become variables of the template.
func ParseConversation(data []byte) (Conversation, error) {
	var c Conversation
	v, err := jinja.FromJSON(data)
	if err != nil {
		return c, err
	}
	object, ok := v.(*jinja.Dict)
	if !ok {
		return c, errors.New(`a conversation is an object with "messages"`)
	}
	if _, ok := object.Get("messages"); !ok {
		return c, errors.New(`the conversation has no "messages"`)
	}
	object.All(func(key string, v jinja.Value) {
		if err == nil {
			err = c.set(key, v)
		}
	})
	return c, err
}

func (c *Conversation) set(key string, v jinja.Value) error {
	var ok bool
	switch key {
	case "messages":
		items, err := objects(key, v)
		if err != nil {
			return err
		}
		c.Messages = items
	case "tools", "documents":
		if v == nil {
			return nil
		}
		if _, err := objects(key, v); err != nil {
			return err
		}
		if key == "tools" {
			c.Tools = v
		} else {
			c.Documents = v
		}
	case "add_generation_prompt":
		if c.AddGenerationPrompt, ok = v.(bool); !ok {
			return fmt.Errorf("%q must be true or false", key)
		}
	case "continue_final_message":
		if v != false && v != nil {
			return fmt.Errorf("%q is not supported", key)
		}
	default:
		if c.Variables == nil {
			c.Variables = make(map[string]jinja.Value)
		}
		c.Variables[key] = v
	}
	return nil
}

func objects(key string, v jinja.Value) ([]*jinja.Dict, error) {
	l, ok := v.(*jinja.List)
	if !ok {
		return nil, fmt.Errorf("%q must be a list", key)
	}
	var out []*jinja.Dict
	for i, item := range l.Items() {
		d, ok := item.(*jinja.Dict)
		if !ok {
			return nil, fmt.Errorf("%s[%d] is no object", key, i)
		}
		out = append(out, d)
	}
	return out, nil
}
