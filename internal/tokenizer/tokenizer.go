package tokenizer

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
)

// Tokenizer is a byte-level BPE tokenizer. It may be used by several
// goroutines at once.
type Tokenizer struct {
	scanner scanner
	nfc     bool // the normaliser
	merges  merges
	// byteToken is the token of a single byte, or -1 where the vocabulary has
	// none: such a byte is lost, as it is with the library.
	byteToken    [256]int32
	missingBytes bool
	whole        map[string]int32 // with ignore_merges: every token, by its bytes

	byContent  map[string]int32
	contents   []string     // by id: the token as the file writes it, "" for no token
	texts      []string     // by id: the bytes it stands for
	special    []bool       // by id: left out by Decode when asked
	raw, late  *addedSet    // added tokens for text as it is, and normalised
	added      []AddedToken // as in the file
	post       postProcessor
	vocabulary int

	mu   sync.Mutex
	idle []*encoder // at most one for every processor
}

const maxFileBytes = 128 << 20

// Load reads a tokenizer.json file.
func Load(path string) (*Tokenizer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read tokenizer %s: %w", path, err)
	}
	t, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read tokenizer %s: %w", path, err)
	}
	return t, nil
}

// VocabSize returns the number of tokens, added ones included. Ids may go
// beyond when the file leaves some out; see IDLimit.
func (t *Tokenizer) VocabSize() int { return t.vocabulary }

// IDLimit returns the largest id plus one.
func (t *Tokenizer) IDLimit() int { return len(t.contents) }

// TokenID returns the id of a token as tokenizer.json writes it, such as
// "<|im_end|>" or "Ġle".
func (t *Tokenizer) TokenID(token string) (id int32, ok bool) {
	id, ok = t.byContent[token]
	return id, ok
}

// Token returns a token as tokenizer.json writes it.
func (t *Tokenizer) Token(id int32) (token string, ok bool) {
	if id < 0 || int(id) >= len(t.contents) || t.contents[id] == "" {
		return "", false
	}
	return t.contents[id], true
}

// AddedTokens returns the added tokens in the order of the file.
func (t *Tokenizer) AddedTokens() []AddedToken { return slices.Clone(t.added) }

// IsSpecial tells whether Decode leaves the token out when asked to skip
// special tokens.
func (t *Tokenizer) IsSpecial(id int32) bool {
	return id >= 0 && int(id) < len(t.special) && t.special[id]
}

// take returns an encoder that nobody else uses. The last one given back is
// taken first, since its cache is warm.
func (t *Tokenizer) take() *encoder {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := len(t.idle); n > 0 {
		e := t.idle[n-1]
		t.idle = t.idle[:n-1]
		return e
	}
	return &encoder{t: t, cache: newWordCache()}
}

func (t *Tokenizer) give(e *encoder) {
	e.shrink()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.idle) < runtime.GOMAXPROCS(0) {
		t.idle = append(t.idle, e)
	}
}
