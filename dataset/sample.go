package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The roles a message may have.
const (
	RoleSystem    = "system"
	RoleUser      = "user"
	RoleAssistant = "assistant"
)

// Sample is one conversation of a dataset: the record every stage reads and
// writes.
type Sample struct {
	ID         string    `json:"id"`
	Messages   []Message `json:"messages"`
	Subject    string    `json:"subject"`
	Level      string    `json:"level"`
	Difficulty string    `json:"difficulty"`
	Origin     Origin    `json:"origin"`
	Steps      []Step    `json:"steps"`
}

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Origin says where a sample comes from, down to the pages of a file or the
// row of a table. Fields that do not apply are empty.
type Origin struct {
	Source    string `json:"source"`    // name of the source definition or upstream dataset
	URL       string `json:"url"`       // address of the subject, or of the upstream dataset
	Revision  string `json:"revision"`  // upstream commit
	SHA256    string `json:"sha256"`    // hex digest of the subject file
	Pages     string `json:"pages"`     // page range in the subject, 1-based: "3" or "3-4"
	Row       int64  `json:"row"`       // 0-based row in an upstream table, -1 when there is none
	Path      string `json:"path"`      // place inside the file: "Exercice 2/Partie B/3.a"
	Licence   string `json:"licence"`   // SPDX identifier or a short note
	Retrieved string `json:"retrieved"` // RFC 3339, UTC

	AnswerURL    string `json:"answer_url"`    // address of the correction
	AnswerSHA256 string `json:"answer_sha256"` // hex digest of the correction file
	AnswerPages  string `json:"answer_pages"`  // page range in the correction
}

// Step records one stage that made or changed a sample.
type Step struct {
	Stage      string   `json:"stage"`      // "scrape.align", "filter.language"
	Version    string   `json:"version"`    // version of the stage's algorithm
	Params     string   `json:"params"`     // hex hash of the stage's parameters
	Model      string   `json:"model"`      // language model asked, if any
	Prompt     string   `json:"prompt"`     // hash of the prompt file, if any
	Parents    []string `json:"parents"`    // ids of the samples this one was made from
	Confidence float64  `json:"confidence"` // 0 to 1; 0 when the stage gives none
}

// ContentID returns the identity of a conversation: the first 32 hex digits of
// the SHA-256 of its normalised messages. Normalisation is NFC, runs of
// white space become one space, and outer white space is removed; so the same
// text read on another machine or from another page layout has the same id.
func ContentID(messages []Message) string {
	h := sha256.New()
	for _, m := range messages {
		h.Write([]byte(m.Role))
		h.Write([]byte{0})
		h.Write([]byte(strings.Join(strings.Fields(norm.NFC.String(m.Content)), " ")))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Validate reports every rule of the record that s breaks, joined in one
// error, or nil. The rules: an optional system message first, then user and
// assistant in turn, ending with the assistant; no message without visible
// content; valid UTF-8; no control characters but newline and tab; an id that
// is the content's.
func (s Sample) Validate() error {
	var errs []error
	turns := s.Messages
	if len(turns) > 0 && turns[0].Role == RoleSystem {
		turns = turns[1:]
	}
	if len(turns) == 0 {
		errs = append(errs, errors.New("no user message"))
	} else if len(turns)%2 != 0 {
		errs = append(errs, errors.New("the last message is not the assistant's"))
	}
	for i, m := range turns {
		if want := [2]string{RoleUser, RoleAssistant}[i%2]; m.Role != want {
			errs = append(errs, fmt.Errorf("turn %d: role %q where %q must stand", i, m.Role, want))
			break
		}
	}
	for i, m := range s.Messages {
		if err := validateContent(m.Content); err != nil {
			errs = append(errs, fmt.Errorf("message %d: %w", i, err))
		}
	}
	if want := ContentID(s.Messages); s.ID != want {
		errs = append(errs, fmt.Errorf("id %q is not the content's id %q", s.ID, want))
	}
	return errors.Join(errs...)
}

func validateContent(text string) error {
	if !utf8.ValidString(text) {
		return errors.New("content is not valid UTF-8")
	}
	if strings.TrimSpace(text) == "" {
		return errors.New("content is empty")
	}
	for i, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return fmt.Errorf("control character %U at byte %d", r, i)
		}
	}
	return nil
}
