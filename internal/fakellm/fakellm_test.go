package fakellm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func post(t *testing.T, url string, attempt int, body any) (int, string) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/v1/chat/completions", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Stainless-Retry-Count", fmt.Sprint(attempt))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body) // a cut body is what it is
	return response.StatusCode, string(answer)
}

func body(n int) map[string]any {
	return map[string]any{"model": "rehearsal", "temperature": 0, "max_tokens": 500,
		"messages": []any{map[string]any{"role": "user", "content": fmt.Sprintf("question %d", n)}}}
}

func serve(t *testing.T, options Options, faults string) string {
	t.Helper()
	var err error
	if options.Script, err = ParseScript(faults); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(New(options))
	t.Cleanup(web.Close)
	return web.URL
}

// Another server, in another order, gives the same answers and faults.
func TestAnswersDependOnTheRequestAlone(t *testing.T) {
	const faults = "500=0.2,429=0.2:2,english=0.2,bad-json=0.1"
	one, two := serve(t, Options{Thinks: true}, faults), serve(t, Options{Thinks: true}, faults)
	first := map[int]string{}
	for n := range 100 {
		status, text := post(t, one, 0, body(n))
		first[n] = fmt.Sprint(status, text)
	}
	for n := 99; n >= 0; n-- {
		status, text := post(t, two, 0, body(n))
		if got := fmt.Sprint(status, text); got != first[n] {
			t.Errorf("request %d: %s, then %s", n, first[n], got)
		}
	}
}

func TestFaultsPassWithTheAttempts(t *testing.T) {
	url := serve(t, Options{}, "500=1:2")
	for attempt, want := range []int{500, 500, 200} {
		if status, text := post(t, url, attempt, body(1)); status != want {
			t.Errorf("attempt %d: %d %s", attempt, status, text)
		}
	}
}

func TestSharesHold(t *testing.T) {
	script, err := ParseScript("429=0.1,500=0.1,english=0.3")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for n := range 10_000 {
		counts[script.draw([]byte(fmt.Sprint(n)), 0)]++
	}
	for fault, want := range map[string]int{"429": 1000, "500": 900, "english": 2430} { // of what the rules before left
		if got := counts[fault]; got < want*9/10 || got > want*11/10 {
			t.Errorf("%s: %d of 10,000, want about %d", fault, got, want)
		}
	}
	for _, bad := range []string{"nosuch=0.1", "429", "429=2", "429=NaN", "429=0.1:0", "429=0.1:x"} {
		if _, err := ParseScript(bad); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
	if !slices.Contains(Faults(), "looped") {
		t.Error("no faults are listed")
	}
}

func TestTranslationKeepsWhatIsNoProse(t *testing.T) {
	text := "Please print `x = 1` and\n```go\nfmt.Println(\"hello world\")\n```\nfor $\\frac{a}{b}$ at https://example.org/a, {name} [address] 3.5 km."
	got := translated(text)
	for _, span := range []string{"`x = 1`", "```go\nfmt.Println(\"hello world\")\n```", "$\\frac{a}{b}$", "https://example.org/a,", "{name}", "[address]", "3.5"} {
		if !strings.Contains(got, span) {
			t.Errorf("%q is lost in %q", span, got)
		}
	}
	if regexp.MustCompile(`\b(Please|print|for|km)\b`).MatchString(strings.ReplaceAll(got, "fmt.Println", "")) {
		t.Errorf("not translated: %q", got)
	}
}

func TestQueue(t *testing.T) {
	url := serve(t, Options{Slots: 2, Queue: 2, Latency: 100 * time.Millisecond}, "")
	var mu sync.Mutex
	counts := map[int]int{}
	var wait sync.WaitGroup
	for n := range 10 {
		wait.Go(func() {
			status, _ := post(t, url, 0, body(n))
			mu.Lock()
			counts[status]++
			mu.Unlock()
		})
	}
	wait.Wait()
	if counts[200] < 4 || counts[429] == 0 || counts[200]+counts[429] != 10 {
		t.Errorf("%v", counts)
	}
}

func TestSchemaAndThinking(t *testing.T) {
	url := serve(t, Options{Thinks: true}, "")
	b := body(1)
	b["response_format"] = map[string]any{"type": "json_schema", "json_schema": map[string]any{"schema": json.RawMessage(
		`{"type":"object","properties":{"verdict":{"enum":["True","False"]},"why":{"type":"string"},"list":{"type":"array","items":{"type":"integer"}},"ok":{"type":"boolean"}}}`)}}
	b["chat_template_kwargs"] = map[string]any{"enable_thinking": false}
	_, text := post(t, url, 0, b)
	var got struct {
		Choices []struct {
			Message struct{ Content, Reasoning string }
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	var made struct {
		Verdict, Why string
		List         []int
		OK           *bool
	}
	message := got.Choices[0].Message
	if err := json.Unmarshal([]byte(message.Content), &made); err != nil || made.Verdict == "" || made.Why == "" || len(made.List) != 1 || made.OK == nil || message.Reasoning != "" {
		t.Errorf("%+v, %v", message, err)
	}
	delete(b, "chat_template_kwargs")
	if _, text := post(t, url, 0, b); !strings.Contains(text, "Je réfléchis") {
		t.Error("it does not think by itself")
	}
}
