package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
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
	t, data, err := readTokenizer(path)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	return &TokenCounter{TokenizerInfo{filepath.Base(path), hex.EncodeToString(sum[:])}, t}, nil
}

const maxTokenizerBytes = 128 << 20

// readTokenizer reads a tokenizer.json file, and says so when the file is
// another one of those that stand beside it.
func readTokenizer(path string) (*tokenizer.Tokenizer, []byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxTokenizerBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read tokenizer %s: %w", path, err)
	}
	t, err := tokenizer.Parse(data)
	if err == nil {
		return t, data, nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) == nil && object["model"] == nil {
		return nil, nil, fmt.Errorf(`%s is not a tokenizer.json: it has no "model"; name the file tokenizer.json of the model's folder`, path)
	}
	return nil, nil, fmt.Errorf("read tokenizer %s: %w", path, err)
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
