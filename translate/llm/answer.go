package llm

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
)

// Answer is what a model said.
type Answer struct {
	Content   string
	Reasoning string // thinking that the server separated from the content
	Finish    string // the server's finish_reason
	Model     string // as the server names it
	Server    string // kind of server: vllm, sglang, llamacpp, ...
	Logprobs  json.RawMessage

	PromptTokens, CompletionTokens, CachedTokens int
	Latency                                      time.Duration // of the attempt that succeeded
	Attempts                                     int
}

// TokenLogprobs decodes Logprobs, one entry a token; nil when none were asked
// for or given.
func (a Answer) TokenLogprobs() ([]openai.LogProb, error) {
	if len(a.Logprobs) == 0 {
		return nil, nil
	}
	var logprobs openai.LogProbs
	if err := json.Unmarshal(a.Logprobs, &logprobs); err != nil {
		return nil, fmt.Errorf("read logprobs: %w", err)
	}
	return logprobs.Content, nil
}

// wireAnswer has the members that go-openai does not read, or reads so that
// null cannot be told from empty.
type wireAnswer struct {
	Error   json.RawMessage `json:"error"`
	Object  string          `json:"object"`
	Model   string          `json:"model"`
	Choices []struct {
		Message struct {
			Content          *string `json:"content"`
			Reasoning        *string `json:"reasoning"`         // vLLM since 0.12
			ReasoningContent *string `json:"reasoning_content"` // others
			Refusal          *string `json:"refusal"`
		} `json:"message"`
		FinishReason *string         `json:"finish_reason"`
		Logprobs     json.RawMessage `json:"logprobs"`
	} `json:"choices"`
	Usage *openai.Usage `json:"usage"`
}

// readAnswer reads the body of a 200. The error is an *Error; for Length and
// Finish it holds what came.
func readAnswer(raw []byte) (Answer, error) {
	bad := func(format string, args ...any) (Answer, error) {
		return Answer{}, &Error{Class: BadAnswer, Status: http.StatusOK, Message: oneLine(fmt.Sprintf(format, args...))}
	}
	if !utf8.Valid(raw) { // encoding/json would read U+FFFD
		return bad("the answer is not valid UTF-8")
	}
	var w wireAnswer
	if err := json.Unmarshal(raw, &w); err != nil {
		return bad("not a chat completion: %v: %.80s", err, raw)
	}
	if text := string(w.Error); text != "" && text != "null" || w.Object == "error" {
		e := readError(http.StatusOK, nil, raw)
		return Answer{}, e
	}
	if len(w.Choices) != 1 {
		return bad("%d choices where one was asked for", len(w.Choices))
	}
	choice := w.Choices[0]
	a := Answer{
		Content: deref(choice.Message.Content),
		Model:   w.Model, Finish: deref(choice.FinishReason), Logprobs: choice.Logprobs,
		Reasoning: deref(choice.Message.Reasoning),
	}
	if a.Reasoning == "" {
		a.Reasoning = deref(choice.Message.ReasoningContent)
	}
	if string(a.Logprobs) == "null" {
		a.Logprobs = nil
	}
	if w.Usage != nil {
		a.PromptTokens, a.CompletionTokens = max(0, w.Usage.PromptTokens), max(0, w.Usage.CompletionTokens)
		if details := w.Usage.PromptTokensDetails; details != nil {
			a.CachedTokens = max(0, details.CachedTokens)
		}
	}
	return a, judgeFinish(a, deref(choice.Message.Refusal))
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// judgeFinish lets only an answer pass that the model ended by itself.
func judgeFinish(a Answer, refusal string) error {
	switch {
	case a.Finish == "length":
		return &Error{Class: Length, Message: fmt.Sprintf("cut after %d tokens", a.CompletionTokens), Answer: a}
	case a.Finish == "":
		return &Error{Class: BadAnswer, Status: http.StatusOK, Message: "the answer has no finish_reason"}
	case a.Finish != "stop":
		return &Error{Class: Finish, Message: oneLine("finish_reason is " + strconv.Quote(a.Finish)), Answer: a}
	case refusal != "":
		return &Error{Class: Finish, Message: oneLine("refusal: " + refusal), Answer: a}
	case strings.TrimSpace(a.Content) == "":
		return &Error{Class: Empty, Message: "the model finished without a word", Answer: a}
	}
	return nil
}

// flatError is how older vLLM and FastAPI write errors.
type flatError struct {
	Message string          `json:"message"`
	Detail  json.RawMessage `json:"detail"`
	Error   json.RawMessage `json:"error"`
}

// readError reads an answer that is an error, in any of the shapes seen:
// OpenAI's {"error": {...}}, vLLM's flat one, FastAPI's {"detail": ...},
// {"error": "text"}, HTML and nothing at all.
func readError(status int, header http.Header, raw []byte) *Error {
	message := errorText(raw)
	e := &Error{Class: classOf(status, message), Status: status, Message: oneLine(message), RetryAfter: retryAfter(header, time.Now())}
	if e.Message == "" {
		e.Message = http.StatusText(status)
	}
	return e
}

func errorText(raw []byte) string {
	var standard openai.ErrorResponse
	if err := json.Unmarshal(raw, &standard); err == nil && standard.Error != nil && standard.Error.Message != "" {
		return standard.Error.Message
	}
	var flat flatError
	if err := json.Unmarshal(raw, &flat); err == nil {
		for _, text := range []string{flat.Message, unquote(flat.Detail), unquote(flat.Error)} {
			if text != "" {
				return text
			}
		}
	}
	return string(raw[:min(len(raw), 4*maxMessage)])
}

func unquote(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// contextWords are in the messages of servers whose context a prompt exceeds.
var contextWords = []string{"maximum context length", "context length", "context window", "exceed_context_size", "exceeds the available context", "is too long", "context_length_exceeded"}

func classOf(status int, message string) Class {
	lower := strings.ToLower(message)
	switch {
	case status == http.StatusOK:
		return BadAnswer
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return Overloaded
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return Timeout
	case status == http.StatusUnauthorized, status == http.StatusPaymentRequired, status == http.StatusForbidden:
		return Denied
	case status == http.StatusNotFound:
		return NoModel
	case status == http.StatusRequestEntityTooLarge:
		return TooLong
	}
	for _, words := range contextWords {
		if strings.Contains(lower, words) {
			return TooLong
		}
	}
	if status >= 500 {
		return ServerError
	}
	return BadRequest
}

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = 10 * time.Minute

// retryAfter reads Retry-After, in seconds or as a date, and the
// retry-after-ms of some gateways.
func retryAfter(header http.Header, now time.Time) time.Duration {
	var wait time.Duration
	if ms, err := strconv.ParseFloat(header.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		wait = time.Duration(ms * float64(time.Millisecond))
	} else if seconds, err := strconv.ParseFloat(header.Get("Retry-After"), 64); err == nil && seconds > 0 && seconds < 1e9 {
		wait = time.Duration(seconds * float64(time.Second))
	} else if date, err := http.ParseTime(header.Get("Retry-After")); err == nil {
		wait = date.Sub(now)
	}
	return max(0, min(wait, maxRetryAfter))
}
