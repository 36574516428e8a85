package journal

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/kurakurai/luth/translate/llm"
)

// line is an entry as JSON.
type line struct {
	Key              string          `json:"key"`
	Stage            string          `json:"stage"`
	Class            string          `json:"class,omitempty"`
	Error            string          `json:"error,omitempty"`
	Content          string          `json:"content"`
	Reasoning        string          `json:"reasoning,omitempty"`
	Finish           string          `json:"finish"`
	Model            string          `json:"model"`
	Server           string          `json:"server"`
	Logprobs         json.RawMessage `json:"logprobs,omitempty"`
	PromptTokens     int             `json:"prompt_tokens"`
	CompletionTokens int             `json:"completion_tokens"`
	CachedTokens     int             `json:"cached_tokens"`
	LatencyMS        int64           `json:"latency_ms"`
	Attempts         int             `json:"attempts"`
}

// Export writes all entries as JSON lines, in the order of their keys.
func (j *Journal) Export(ctx context.Context, w io.Writer) error {
	rows, err := j.reader.QueryContext(ctx, selectEntry+" ORDER BY key")
	if err != nil {
		return j.failed(ctx, "read", err)
	}
	defer rows.Close()
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for rows.Next() {
		entry, err := scan(rows.Scan)
		if err != nil {
			return j.failed(ctx, "read", err)
		}
		if err := encoder.Encode(lineOf(entry)); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return j.failed(ctx, "read", err)
	}
	return out.Flush()
}

func lineOf(e Entry) line {
	a := e.Answer
	l := line{Key: e.Key.String(), Stage: e.Stage}
	if e.Err != nil {
		a = e.Err.Answer
		l.Class, l.Error = string(e.Err.Class), e.Err.Message
	}
	l.Content, l.Reasoning, l.Finish, l.Model, l.Server, l.Logprobs = a.Content, a.Reasoning, a.Finish, a.Model, a.Server, a.Logprobs
	l.PromptTokens, l.CompletionTokens, l.CachedTokens = a.PromptTokens, a.CompletionTokens, a.CachedTokens
	l.LatencyMS, l.Attempts = a.Latency.Milliseconds(), a.Attempts
	return l
}

// maxLine is the longest line read: the longest answer, every byte escaped.
const maxLine = 64 << 20

// Import adds the entries of JSON lines, as Export writes them, and returns
// how many. An entry replaces one with its key. A line that is no entry ends
// the import with an error that names it; a last line that is cut, as a killed
// export leaves it, is one.
func (j *Journal) Import(ctx context.Context, r io.Reader) (n int64, err error) {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	results := make(chan error, maxBatch)
	open := 0
	settle := func(keep int) {
		for ; open > keep; open-- {
			if e := <-results; e != nil {
				err = errors.Join(err, e)
			} else {
				n++
			}
		}
	}
	defer func() { settle(0) }()
	for number := 1; scanner.Scan(); number++ {
		if len(bytes.TrimSpace(scanner.Bytes())) == 0 {
			continue
		}
		entry, err := parseLine(scanner.Bytes())
		if err != nil {
			return n, fmt.Errorf("line %d: %w", number, err)
		}
		settle(maxBatch - 1)
		if err := j.writer.enqueue(ctx, pending{entry, results}); err != nil {
			return n, j.failed(ctx, "write", err)
		}
		j.known.add(entry.Key)
		open++
	}
	return n, scanner.Err()
}

func parseLine(text []byte) (Entry, error) {
	var l line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return Entry{}, fmt.Errorf("not an entry of a journal: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Entry{}, errors.New("not an entry of a journal: more follows it")
	}
	if !utf8.Valid(text) {
		return Entry{}, errors.New("not valid UTF-8")
	}
	e := Entry{Stage: l.Stage}
	key, err := hex.DecodeString(l.Key)
	if err != nil || len(key) != len(e.Key) {
		return Entry{}, fmt.Errorf("key %.80q is not %d hex digits", l.Key, 2*len(e.Key))
	}
	copy(e.Key[:], key)
	if min(l.PromptTokens, l.CompletionTokens, l.CachedTokens, l.Attempts) < 0 || l.LatencyMS < 0 || l.LatencyMS > 1<<40 {
		return Entry{}, errors.New("a count or a time is out of range")
	}
	a := llm.Answer{
		Content: l.Content, Reasoning: l.Reasoning, Finish: l.Finish, Model: l.Model, Server: l.Server, Logprobs: l.Logprobs,
		PromptTokens: l.PromptTokens, CompletionTokens: l.CompletionTokens, CachedTokens: l.CachedTokens,
		Latency: time.Duration(l.LatencyMS) * time.Millisecond, Attempts: l.Attempts,
	}
	switch {
	case l.Class != "":
		e.Err = &llm.Error{Class: llm.Class(l.Class), Message: l.Error, Answer: a}
	case l.Finish != "stop" || l.Content == "":
		return Entry{}, errors.New("an entry without a class must be a finished answer")
	default:
		e.Answer = a
	}
	return e, nil
}
