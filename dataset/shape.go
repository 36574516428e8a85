package dataset

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// shape is one way in which a dataset of another project writes a row.
type shape struct {
	name     string // for error messages
	columns  []string
	messages func(row map[string]any) ([]Message, error)
}

// shapes lists the foreign shapes, the most telling first: a row has the
// first shape whose columns it has.
var shapes = []shape{
	{"messages", []string{"messages"}, messagesIn("messages")},
	{"conversations", []string{"conversations"}, messagesIn("conversations")},
	{"instruction [+ input] + output", []string{"instruction", "output"}, instruction},
	{"prompt + completion", []string{"prompt", "completion"}, pair("prompt", "completion")},
	{"prompt + accepted_completion", []string{"prompt", "accepted_completion"}, pair("prompt", "accepted_completion")},
	{"inputs + targets", []string{"inputs", "targets"}, pair("inputs", "targets")},
	{"text", []string{"text"}, plainText},
}

// speakers maps the names of speakers in foreign sets to roles.
var speakers = map[string]string{
	RoleSystem:    RoleSystem,
	RoleUser:      RoleUser,
	"human":       RoleUser,
	RoleAssistant: RoleAssistant,
	"gpt":         RoleAssistant,
	"chatgpt":     RoleAssistant,
	"model":       RoleAssistant,
}

// foreignSample makes a sample of a row in any of the known shapes. Source
// and number name the row where the row does not say itself. Columns called
// subject, level, difficulty and source are taken over when they are text, and
// constraints when they are a list of texts.
func foreignSample(row map[string]any, source string, number int64) (Sample, error) {
	s, err := shapeOf(row)
	if err != nil {
		return Sample{}, err
	}
	messages, err := s.messages(row)
	if err != nil {
		return Sample{}, err
	}
	text := func(column string) string { t, _ := row[column].(string); return t }
	if own := text("source"); own != "" {
		source = own
	}
	return Sample{
		ID:          ContentID(messages),
		Messages:    messages,
		Subject:     text("subject"),
		Level:       text("level"),
		Difficulty:  text("difficulty"),
		Constraints: textList(row["constraints"]),
		Origin:      Origin{Source: source, Row: number},
	}, nil
}

// textList returns a value that is a list of texts, and nil for any other.
func textList(value any) []string {
	list, _ := value.([]any)
	texts := make([]string, len(list))
	for i, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil
		}
		texts[i] = text
	}
	if len(texts) == 0 {
		return nil
	}
	return texts
}

func shapeOf(row map[string]any) (shape, error) {
	for _, s := range shapes {
		if !slices.ContainsFunc(s.columns, func(c string) bool { return row[c] == nil }) {
			return s, nil
		}
	}
	known := make([]string, len(shapes))
	for i, s := range shapes {
		known[i] = s.name
	}
	return shape{}, fmt.Errorf("unknown row shape: found the columns %s; luth knows %s (a column that is null counts as absent)",
		strings.Join(slices.Sorted(maps.Keys(row)), ", "), strings.Join(known, "; "))
}

// messagesIn reads a list of {role, content} or ShareGPT's {from, value}.
func messagesIn(column string) func(map[string]any) ([]Message, error) {
	return func(row map[string]any) ([]Message, error) {
		list, ok := row[column].([]any)
		if !ok {
			return nil, fmt.Errorf("%s is not a list", column)
		}
		messages := make([]Message, len(list))
		for i, item := range list {
			turn, _ := item.(map[string]any)
			m, err := message(turn)
			if err != nil {
				return nil, fmt.Errorf("%s[%d]: %w", column, i, err)
			}
			messages[i] = m
		}
		return messages, nil
	}
}

func message(turn map[string]any) (Message, error) {
	speaker, content := turn["role"], turn["content"]
	if speaker == nil {
		speaker, content = turn["from"], turn["value"]
	}
	name, ok := speaker.(string)
	if !ok {
		return Message{}, errors.New("there is neither a role nor a from")
	}
	role, ok := speakers[name]
	if !ok {
		return Message{}, fmt.Errorf("unknown speaker %q", name)
	}
	text, ok := content.(string)
	if !ok {
		return Message{}, fmt.Errorf("what the %s says is not text", role)
	}
	return Message{Role: role, Content: text}, nil
}

func pair(question, answer string) func(map[string]any) ([]Message, error) {
	return func(row map[string]any) ([]Message, error) {
		q, okQ := row[question].(string)
		a, okA := row[answer].(string)
		if !okQ || !okA {
			return nil, fmt.Errorf("%s and %s are not both text", question, answer)
		}
		return []Message{{RoleUser, q}, {RoleAssistant, a}}, nil
	}
}

func instruction(row map[string]any) ([]Message, error) {
	messages, err := pair("instruction", "output")(row)
	if err != nil {
		return nil, err
	}
	switch input := row["input"].(type) {
	case nil:
	case string:
		if input != "" {
			messages[0].Content += "\n\n" + input
		}
	default:
		return nil, errors.New("input is not text")
	}
	return messages, nil
}

// plainText gives one message of the assistant. That is no conversation and
// breaks the rules of the record: a stage must make one of it.
func plainText(row map[string]any) ([]Message, error) {
	text, ok := row["text"].(string)
	if !ok {
		return nil, errors.New("text is not text")
	}
	return []Message{{RoleAssistant, text}}, nil
}
