package llm

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func completion(message, finish string) string {
	return `{"model":"m","choices":[{"index":0,"message":` + message + `,"finish_reason":` + finish + `}],"usage":{"prompt_tokens":3,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":2}}}`
}

func TestReadAnswer(t *testing.T) {
	for _, c := range []struct {
		name, body         string
		class              Class
		content, reasoning string
	}{
		{"good", completion(`{"content":"oui"}`, `"stop"`), "", "oui", ""},
		{"reasoning of vLLM", completion(`{"content":"oui","reasoning":"hm"}`, `"stop"`), "", "oui", "hm"},
		{"reasoning of others", completion(`{"content":"oui","reasoning_content":"hm"}`, `"stop"`), "", "oui", "hm"},
		{"error is null", `{"error":null,"choices":[{"message":{"content":"oui"},"finish_reason":"stop"}]}`, "", "oui", ""},
		{"no usage", `{"choices":[{"message":{"content":"oui"},"finish_reason":"stop"}]}`, "", "oui", ""},
		{"cut", completion(`{"content":"ou"}`, `"length"`), Length, "", ""},
		{"thinking ate the budget", completion(`{"content":null,"reasoning":"hm"}`, `"length"`), Length, "", ""},
		{"null", completion(`{"content":null}`, `"stop"`), Empty, "", ""},
		{"white space", completion(`{"content":" \n"}`, `"stop"`), Empty, "", ""},
		{"abort", completion(`{"content":"oui"}`, `"abort"`), Finish, "", ""},
		{"content_filter", completion(`{"content":"oui"}`, `"content_filter"`), Finish, "", ""},
		{"tool_calls", completion(`{"content":null}`, `"tool_calls"`), Finish, "", ""},
		{"refusal", completion(`{"content":"","refusal":"no"}`, `"stop"`), Finish, "", ""},
		{"no finish_reason", completion(`{"content":"oui"}`, `null`), BadAnswer, "", ""},
		{"error body", `{"error":{"message":"dead","code":500}}`, BadAnswer, "", ""},
		{"flat error", `{"object":"error","message":"dead"}`, BadAnswer, "", ""},
		{"no choices", `{"choices":[]}`, BadAnswer, "", ""},
		{"two choices", `{"choices":[{},{}]}`, BadAnswer, "", ""},
		{"content is a list", completion(`{"content":[{"type":"text","text":"oui"}]}`, `"stop"`), BadAnswer, "", ""},
		{"HTML", `<html>502</html>`, BadAnswer, "", ""},
		{"cut JSON", `{"choices":[{"mess`, BadAnswer, "", ""},
		{"nothing", ``, BadAnswer, "", ""},
		{"null body", `null`, BadAnswer, "", ""},
		{"not UTF-8", completion("{\"content\":\"\xe9\"}", `"stop"`), BadAnswer, "", ""},
	} {
		a, err := readAnswer([]byte(c.body))
		var e *Error
		if class := Class(""); errors.As(err, &e) {
			class = e.Class
			if class != c.class {
				t.Errorf("%s: %v, want %q", c.name, err, c.class)
			}
			continue
		}
		if err != nil || c.class != "" || a.Content != c.content || a.Reasoning != c.reasoning {
			t.Errorf("%s: %+v, %v; want class %q", c.name, a, err, c.class)
		}
	}
	a, _ := readAnswer([]byte(completion(`{"content":"oui"}`, `"stop"`)))
	if a.PromptTokens != 3 || a.CompletionTokens != 5 || a.CachedTokens != 2 || a.Model != "m" {
		t.Errorf("usage is lost: %+v", a)
	}
}

func TestReadError(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  int
		body    string
		class   Class
		message string
	}{
		{"OpenAI", 429, `{"error":{"message":"slow down","type":"rate_limit","code":429}}`, Overloaded, "slow down"},
		{"flat vLLM", 400, `{"object":"error","message":"This model's maximum context length is 4096 tokens","type":"BadRequestError","param":null,"code":400}`, TooLong, "This model's maximum context length is 4096 tokens"},
		{"llama.cpp context", 400, `{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}`, TooLong, "the request exceeds the available context size"},
		{"FastAPI", 422, `{"detail":[{"loc":["body","messages"],"msg":"field required"}]}`, BadRequest, `[{"loc":["body","messages"],"msg":"field required"}]`},
		{"FastAPI text", 404, `{"detail":"Not Found"}`, NoModel, "Not Found"},
		{"text", 400, `{"error":"bad schema"}`, BadRequest, "bad schema"},
		{"HTML", 502, "<html>\n<h1>502</h1></html>", ServerError, "<html> <h1>502</h1></html>"},
		{"nothing", 503, "", Overloaded, "Service Unavailable"},
		{"key", 401, `{"error":{"message":"no"}}`, Denied, "no"},
		{"gateway", 504, "", Timeout, "Gateway Timeout"},
		{"large", 413, "", TooLong, "Request Entity Too Large"},
		{"redirect", 301, "", BadRequest, "Moved Permanently"},
		{"message is a list", 400, `{"error":{"message":["a","b"]}}`, BadRequest, "a, b"},
	} {
		e := readError(c.status, nil, []byte(c.body))
		if e.Class != c.class || e.Message != c.message {
			t.Errorf("%s: %s, %q; want %s, %q", c.name, e.Class, e.Message, c.class, c.message)
		}
	}
	if e := readError(500, nil, []byte(strings.Repeat("é\xff ", 5000))); len(e.Message) > 2*maxMessage || !utf8.ValidString(e.Message) {
		t.Errorf("a message of %d bytes, valid: %t", len(e.Message), utf8.ValidString(e.Message))
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", "0.5", 500 * time.Millisecond},
		{"Retry-After", "Fri, 02 Jan 2026 03:04:35 GMT", 30 * time.Second},
		{"Retry-After", "Fri, 02 Jan 2026 03:00:00 GMT", 0},
		{"Retry-After", "-3", 0},
		{"Retry-After", "NaN", 0},
		{"Retry-After", "soon", 0},
		{"Retry-After", "99999999", maxRetryAfter},
		{"Retry-After-Ms", "250", 250 * time.Millisecond},
	} {
		if got := retryAfter(http.Header{c.name: {c.value}}, now); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.name, c.value, got, c.want)
		}
	}
}

func FuzzReadAnswer(f *testing.F) {
	f.Add([]byte(completion(`{"content":"oui"}`, `"stop"`)))
	f.Add([]byte(completion(`{"content":null,"reasoning":"x"}`, `"length"`)))
	f.Add([]byte(`{"error":{"message":["a"]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := readAnswer(body)
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Class == "") {
			t.Errorf("an error without a class: %v", err)
		}
		if err == nil && (a.Finish != "stop" || strings.TrimSpace(a.Content) == "" || !utf8.ValidString(a.Content)) {
			t.Errorf("passed: %+v", a)
		}
	})
}

func FuzzReadError(f *testing.F) {
	f.Add(400, "3", []byte(`{"error":{"message":"x","code":"c","param":null,"innererror":{}}}`))
	f.Add(422, "soon", []byte(`{"detail":[{}]}`))
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		e := readError(status, http.Header{"Retry-After": {after}}, body)
		if e.Class == "" || !utf8.ValidString(e.Message) || len(e.Message) > 2*maxMessage || strings.Contains(e.Message, "\n") {
			t.Errorf("%+v", e)
		}
		if e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
			t.Errorf("waits %s", e.RetryAfter)
		}
	})
}
