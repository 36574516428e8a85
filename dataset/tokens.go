package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kurakurai/luth/internal/tokenizer"
)

// TokenizerInfo says with which tokenizer tokens were counted.
type TokenizerInfo struct {
	Name   string `json:"name"`   // of the file, without its folder
	SHA256 string `json:"sha256"` // of the file
}

// TokenCounter counts tokens with a model's tokenizer. The tokens of a sample
// are those of the contents of its messages, each encoded by itself: without
// chat template, roles, or tokens for beginning and end.
type TokenCounter struct {
	TokenizerInfo
	tokenizer *tokenizer.Tokenizer
}

// OpenTokenCounter reads a tokenizer.json file.
func OpenTokenCounter(path string) (*TokenCounter, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := tokenizer.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer %s: %w", path, err)
	}
	sum := sha256.Sum256(data)
	return &TokenCounter{TokenizerInfo{filepath.Base(path), hex.EncodeToString(sum[:])}, t}, nil
}

// Count returns the number of tokens of every message.
func (c *TokenCounter) Count(messages []Message) []int {
	counts := make([]int, len(messages))
	for i, m := range messages {
		counts[i] = c.tokenizer.Count(m.Content)
	}
	return counts
}

// total returns the number of tokens of a sample.
func (c *TokenCounter) total(messages []Message) (n int64) {
	for _, m := range messages {
		n += int64(c.tokenizer.Count(m.Content))
	}
	return n
}

// TokenStats counts tokens in a dataset; see TokenCounter.
type TokenStats struct {
	Tokenizer TokenizerInfo    `json:"tokenizer"`
	Total     int64            `json:"total"`
	Splits    map[string]int64 `json:"splits"`
	Roles     map[string]int64 `json:"roles"`

	// Lengths gives, by role, the lengths of messages in tokens.
	Lengths map[string]Percentiles `json:"lengths"`

	lengths lengthCounts
}

func newTokenStats(info TokenizerInfo) *TokenStats {
	return &TokenStats{Tokenizer: info, Splits: map[string]int64{}, Roles: map[string]int64{}, lengths: lengthCounts{}}
}

// add counts one sample, given the tokens of its messages.
func (s *TokenStats) add(split string, messages []Message, counts []int) {
	for i, n := range counts {
		s.Total += int64(n)
		s.Splits[split] += int64(n)
		s.Roles[messages[i].Role] += int64(n)
		s.lengths.add(messages[i].Role, n)
	}
}
