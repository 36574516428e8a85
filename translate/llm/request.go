package llm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kurakurai/luth/dataset"
)

// maxRequestBytes is the largest body sent. The longest context served today
// is about a million tokens, 4 MB of text.
const maxRequestBytes = 8 << 20

// Request is one question to a chat model.
type Request struct {
	Model     string
	Messages  []dataset.Message
	MaxTokens int

	// Params are all other members of the body, sent as they are: temperature
	// (also 0), top_p, top_k, min_p, seed, chat_template_kwargs,
	// response_format, structured_outputs, logprobs, ...
	Params map[string]any
}

// Key identifies a request: the SHA-256 of its wire body, which names the
// model and, as the seed, the number of the candidate.
type Key [sha256.Size]byte

func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Wire is a request as it is sent.
type Wire struct {
	Body      []byte
	Key       Key
	MaxTokens int
}

// ignored are members that servers once knew, and now ignore without a word.
var ignored = []string{"guided_choice", "guided_json", "guided_regex", "guided_grammar"}

// Wire returns the bytes of the request. Keys are in order and equal requests
// have equal bytes. The error is an *Error of class Unsendable.
func (r Request) Wire() (Wire, error) {
	if err := r.check(); err != nil {
		return Wire{}, &Error{Class: Unsendable, Message: err.Error()}
	}
	body := maps.Clone(r.Params)
	if body == nil {
		body = map[string]any{}
	}
	body["model"], body["messages"], body["max_tokens"] = r.Model, r.Messages, r.MaxTokens
	text, err := json.Marshal(body)
	if err != nil {
		return Wire{}, &Error{Class: Unsendable, Message: err.Error()}
	}
	if len(text) > maxRequestBytes {
		return Wire{}, &Error{Class: Unsendable, Message: fmt.Sprintf("the request is %d bytes long; the limit is %d", len(text), maxRequestBytes)}
	}
	return Wire{Body: text, Key: sha256.Sum256(text), MaxTokens: r.MaxTokens}, nil
}

func (r Request) check() error {
	if r.Model == "" || r.MaxTokens < 1 || len(r.Messages) == 0 {
		return fmt.Errorf("a request needs a model, messages and max_tokens; it has %q, %d and %d", r.Model, len(r.Messages), r.MaxTokens)
	}
	for i, m := range r.Messages {
		if !utf8.ValidString(m.Content) { // encoding/json would send U+FFFD
			return fmt.Errorf("message %d is not valid UTF-8", i)
		}
		if strings.TrimSpace(m.Content) == "" {
			return fmt.Errorf("message %d is empty", i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		switch {
		case slices.Contains([]string{"model", "messages", "max_tokens"}, name):
			return fmt.Errorf("parameter %s stands beside the parameters already", name)
		case name == "stream" || name == "n":
			return fmt.Errorf("parameter %s is not supported: one request has one whole answer", name)
		case slices.Contains(ignored, name):
			return fmt.Errorf("parameter %s is ignored by today's servers: use structured_outputs or response_format", name)
		}
	}
	return nil
}
