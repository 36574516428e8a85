package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
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
	ID         string    `json:"id" parquet:"id,plain"`
	Messages   []Message `json:"messages" parquet:"messages,list"`
	Subject    string    `json:"subject" parquet:"subject,dict"`
	Level      string    `json:"level" parquet:"level,dict"`
	Difficulty string    `json:"difficulty" parquet:"difficulty,dict"`
	// Constraints are instructions of the first user message that a program can
	// verify: as the upstream set names them, or as JSON with their arguments
	// (docs/record-format.md).
	Constraints []string `json:"constraints" parquet:"constraints,list"`
	Origin      Origin   `json:"origin" parquet:"origin"`
	Steps       []Step   `json:"steps" parquet:"steps,list"`
}

// Message is one turn of a conversation.
type Message struct {
	Role    string `json:"role" parquet:"role,dict"`
	Content string `json:"content" parquet:"content,plain"`
}

// Origin says where a sample comes from, down to the pages of a file or the
// row of a table. Fields that do not apply are empty.
type Origin struct {
	Source    string `json:"source" parquet:"source,dict"`       // name of the source definition or upstream dataset
	URL       string `json:"url" parquet:"url,dict"`             // address of the subject, or of the upstream dataset
	Revision  string `json:"revision" parquet:"revision,dict"`   // upstream commit
	SHA256    string `json:"sha256" parquet:"sha256,dict"`       // hex digest of the subject file
	Pages     string `json:"pages" parquet:"pages,dict"`         // page range in the subject, 1-based: "3" or "3-4"
	Row       int64  `json:"row" parquet:"row"`                  // 0-based row in an upstream table, -1 when there is none
	Path      string `json:"path" parquet:"path,plain"`          // place inside the file: "Exercice 2/Partie B/3.a"
	Licence   string `json:"licence" parquet:"licence,dict"`     // SPDX identifier or a short note
	Retrieved string `json:"retrieved" parquet:"retrieved,dict"` // RFC 3339, UTC

	AnswerURL    string `json:"answer_url" parquet:"answer_url,dict"`       // address of the correction
	AnswerSHA256 string `json:"answer_sha256" parquet:"answer_sha256,dict"` // hex digest of the correction file
	AnswerPages  string `json:"answer_pages" parquet:"answer_pages,dict"`   // page range in the correction
}

// Step records one stage that made or changed a sample.
type Step struct {
	Stage      string   `json:"stage" parquet:"stage,dict"`      // "scrape.align", "filter.language"
	Version    string   `json:"version" parquet:"version,dict"`  // version of the stage's algorithm
	Params     string   `json:"params" parquet:"params,dict"`    // hex hash of the stage's parameters
	Model      string   `json:"model" parquet:"model,dict"`      // language model asked, if any
	Prompt     string   `json:"prompt" parquet:"prompt,dict"`    // hash of the prompt file, if any
	Parents    []string `json:"parents" parquet:"parents,list"`  // ids of the samples this one was made from
	Confidence float64  `json:"confidence" parquet:"confidence"` // 0 to 1; 0 when the stage gives none
	Server     string   `json:"server" parquet:"server,dict"`    // kind of server that ran the model: "vllm"
	Tokens     int64    `json:"tokens" parquet:"tokens"`         // tokens the model generated for the step
	Flags      []string `json:"flags" parquet:"flags,list"`      // checks that had doubts and let the sample pass
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
// content; no control characters in it but newline and tab; valid UTF-8 in
// every field; confidences between 0 and 1; no negative count; an id that is the content's.
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
	for text := range s.texts() {
		if !utf8.ValidString(*text) {
			errs = append(errs, fmt.Errorf("%q is not valid UTF-8", *text))
		}
	}
	for _, step := range s.Steps {
		if !(step.Confidence >= 0 && step.Confidence <= 1) { // also false for NaN
			errs = append(errs, fmt.Errorf("step %s: confidence %v is not between 0 and 1", step.Stage, step.Confidence))
		}
		if step.Tokens < 0 {
			errs = append(errs, fmt.Errorf("step %s: %d tokens", step.Stage, step.Tokens))
		}
	}
	if want := ContentID(s.Messages); s.ID != want {
		errs = append(errs, fmt.Errorf("id %q is not the content's id %q", s.ID, want))
	}
	return errors.Join(errs...)
}

func validateContent(text string) error {
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

// texts yields every string of the sample.
func (s *Sample) texts() iter.Seq[*string] {
	o := &s.Origin
	texts := []*string{
		&s.ID, &s.Subject, &s.Level, &s.Difficulty,
		&o.Source, &o.URL, &o.Revision, &o.SHA256, &o.Pages, &o.Path, &o.Licence, &o.Retrieved,
		&o.AnswerURL, &o.AnswerSHA256, &o.AnswerPages,
	}
	return func(yield func(*string) bool) {
		for i := range s.Messages {
			texts = append(texts, &s.Messages[i].Role, &s.Messages[i].Content)
		}
		for i := range s.Constraints {
			texts = append(texts, &s.Constraints[i])
		}
		for i := range s.Steps {
			step := &s.Steps[i]
			texts = append(texts, &step.Stage, &step.Version, &step.Params, &step.Model, &step.Prompt, &step.Server)
			for j := range step.Parents {
				texts = append(texts, &step.Parents[j])
			}
			for j := range step.Flags {
				texts = append(texts, &step.Flags[j])
			}
		}
		for _, text := range texts {
			if !yield(text) {
				return
			}
		}
	}
}

// withLists returns s with empty lists instead of nil ones, as readers of
// JSON and Parquet expect.
func (s Sample) withLists() Sample {
	if s.Messages == nil {
		s.Messages = []Message{}
	}
	if s.Constraints == nil {
		s.Constraints = []string{}
	}
	if s.Steps == nil {
		s.Steps = []Step{}
	}
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		s.Steps[i].Parents = emptyIfNil(s.Steps[i].Parents)
		s.Steps[i].Flags = emptyIfNil(s.Steps[i].Flags)
	}
	return s
}

func emptyIfNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
