package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/llm"
)

// Sampling is how a model is asked. The defaults are those published for Luth:
// Qwen3-32B, temperature 0.7, top_p 0.8, thinking off.
type Sampling struct {
	Model       string   `yaml:"model" json:"model"`
	Temperature float64  `yaml:"temperature" json:"temperature"`
	TopP        float64  `yaml:"top_p" json:"top_p"`
	TopK        *int     `yaml:"top_k" json:"top_k,omitempty"` // the server's when absent
	MinP        *float64 `yaml:"min_p" json:"min_p,omitempty"` // the server's when absent
	MaxTokens   int      `yaml:"max_tokens" json:"max_tokens"` // at least; more for long texts
	Thinking    bool     `yaml:"thinking" json:"thinking"`
}

func luthSampling(maxTokens int) Sampling {
	return Sampling{Model: "Qwen/Qwen3-32B", Temperature: 0.7, TopP: 0.8, MaxTokens: maxTokens}
}

func (s Sampling) validate() error {
	switch {
	case s.Model == "":
		return fmt.Errorf("model: it is empty; write the name that the server lists")
	case !(s.Temperature >= 0 && s.Temperature <= 2):
		return fmt.Errorf("temperature: %v is not between 0 and 2", s.Temperature)
	case !(s.TopP > 0 && s.TopP <= 1):
		return fmt.Errorf("top_p: %v is not above 0 and at most 1", s.TopP)
	case s.MaxTokens < 1 || s.MaxTokens > maxBudget:
		return fmt.Errorf("max_tokens: %d is not between 1 and %d", s.MaxTokens, maxBudget)
	}
	return nil
}

// maxBudget is the largest max_tokens asked for.
const maxBudget = 32768

// request makes a request. The seed tells candidates and new tries of one
// question apart; 0 is the first and is not sent.
func (s Sampling) request(messages []dataset.Message, maxTokens, seed int, extra map[string]any) llm.Request {
	params := map[string]any{
		"temperature": s.Temperature, "top_p": s.TopP,
		"chat_template_kwargs": map[string]any{"enable_thinking": s.Thinking},
	}
	if s.TopK != nil {
		params["top_k"] = *s.TopK
	}
	if s.MinP != nil {
		params["min_p"] = *s.MinP
	}
	if seed != 0 {
		params["seed"] = seed
	}
	maps.Copy(params, extra)
	return llm.Request{Model: s.Model, Messages: messages, MaxTokens: maxTokens, Params: params}
}

// budget returns max_tokens for an answer to be about as long as text. French
// takes about 0.36 tokens of Qwen's for each character of English; the rest is
// room. It is rounded up so that texts of like length are asked alike.
func (s Sampling) budget(text string) int {
	need := (len(text)/2 + 255) / 256 * 256
	return min(max(s.MaxTokens, need), maxBudget)
}

// hashOf returns a stage's parameters as JSON, with the defaults filled in,
// and the hex SHA-256 of that, which Step.Params holds.
func hashOf(params any) (text json.RawMessage, hash string, err error) {
	if text, err = json.Marshal(params); err != nil {
		return nil, "", fmt.Errorf("parameters: %w", err)
	}
	sum := sha256.Sum256(text)
	return text, hex.EncodeToString(sum[:]), nil
}
