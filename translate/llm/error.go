package llm

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Class names why a request has no answer.
type Class string

// The classes. Those marked with an asterisk may end otherwise when asked
// again, and are.
const (
	Overloaded  Class = "overloaded"   // * the server refuses work for now: 429, 503
	Unreachable Class = "unreachable"  // * no connection
	Timeout     Class = "timeout"      // * no answer within the deadline
	Broken      Class = "broken"       // * connection lost, or answer cut
	ServerError Class = "server_error" // * any other 5xx
	BadAnswer   Class = "bad_answer"   // * 200 with something that is no answer
	Empty       Class = "empty"        // * the model finished and said nothing
	Length      Class = "length"       // cut at max_tokens
	Finish      Class = "finish"       // ended in another way: content_filter, abort, tool_calls
	TooLong     Class = "too_long"     // the prompt does not fit the model's context
	BadRequest  Class = "bad_request"  // the server rejects the request: 400, 422
	Unsendable  Class = "unsendable"   // not sent: invalid UTF-8, empty or too large
	Denied      Class = "denied"       // 401, 402, 403: the whole run must stop
	NoModel     Class = "no_model"     // 404: the whole run must stop
	Gone        Class = "gone"         // all endpoints are down for too long: the whole run must stop
)

// Retryable tells whether asking the same again may succeed.
func (c Class) Retryable() bool {
	switch c {
	case Overloaded, Unreachable, Timeout, Broken, ServerError, BadAnswer, Empty:
		return true
	}
	return false
}

// Fatal tells that no other request will succeed either.
func (c Class) Fatal() bool { return c == Denied || c == NoModel || c == Gone }

// Error is a request without an answer that may be used.
type Error struct {
	Class      Class
	Status     int // HTTP status, 0 without one
	Message    string
	RetryAfter time.Duration // what the server asks for; 0 when it does not
	Answer     Answer        // for Length and Finish: what came
}

func (e *Error) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("%s: status %d: %s", e.Class, e.Status, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Class, e.Message)
}

// maxMessage is how many bytes of a server's words are kept.
const maxMessage = 300

// oneLine makes foreign text fit for a log: one line, valid, not long.
func oneLine(text string) string {
	if len(text) > 4*maxMessage {
		text = text[:4*maxMessage]
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	if len(text) <= maxMessage {
		return text
	}
	cut := maxMessage
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
