package llm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/fakellm"
)

// fake serves a fake model and returns an endpoint for it.
func fake(t *testing.T, options fakellm.Options, key string) (*Endpoint, *fakellm.Server) {
	t.Helper()
	server := fakellm.New(options)
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return endpoint(t, web.URL, key), server
}

func endpoint(t *testing.T, url, key string) *Endpoint {
	t.Helper()
	e, err := ParseEndpoint(url, key, 256)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func script(t *testing.T, text string) fakellm.Script {
	t.Helper()
	s, err := fakellm.ParseScript(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rehearsal(n int) Request {
	return Request{Model: dataset.RehearsalModel, MaxTokens: 1000, Params: map[string]any{"temperature": 0},
		Messages: []dataset.Message{{Role: "user", Content: fmt.Sprintf("question %d", n)}}}
}

// Faults that pass are waited out, each in its way; those of the request come
// back with their class.
func TestPoolOutlastsFaults(t *testing.T) {
	for fault, want := range map[string]Class{
		"429": "", "429-bare": "", "500": "", "503": "", "html-502": "", "reset": "", "cut": "", "slow": "",
		"bad-json": "", "bad-utf8": "", "error-200": "", "no-choices": "",
		"flat-400": BadRequest, "422": BadRequest, "null": Length, "truncated": Length, "finish": Finish, "empty": Empty,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			e, _ := fake(t, fakellm.Options{Script: script(t, fault+"=1")}, "")
			pool := NewPool([]*Endpoint{e}, Options{})
			a, err := pool.Ask(t.Context(), mustWire(t, rehearsal(1)))
			var failure *Error
			switch {
			case errors.As(err, &failure) && failure.Class == want && want != "":
			case err != nil || want != "" || a.Finish != "stop" || a.Content == "":
				t.Errorf("%+v, %v; want class %q", a, err, want)
			}
			if retried := pool.Stats().Retries; want == "" && fault != "slow" && retried == 0 {
				t.Error("it was not tried again")
			}
		})
	}
}

func TestPoolGivesUpOnARequestThatAlwaysFails(t *testing.T) {
	e, server := fake(t, fakellm.Options{Script: script(t, "500=1:99")}, "")
	_, err := NewPool([]*Endpoint{e}, Options{Attempts: 3}).Ask(t.Context(), mustWire(t, rehearsal(1)))
	var failure *Error
	if !errors.As(err, &failure) || failure.Class != ServerError || server.Stats().Requests != 3 {
		t.Errorf("%v after %d requests", err, server.Stats().Requests)
	}
}

// A model's name never reaches go-openai's own list of names, and parameters
// reach the server.
func TestModelNamesAndParametersReachTheServer(t *testing.T) {
	for _, name := range []string{"o1-mini-distill", "o3", "gpt-5-nano", "Qwen/Qwen3-32B"} {
		e, _ := fake(t, fakellm.Options{Model: name, Thinks: true}, "")
		r := rehearsal(1)
		r.Model = name
		r.Params = map[string]any{"temperature": 0, "top_p": 0.8, "logprobs": true, "top_logprobs": 2, "chat_template_kwargs": map[string]any{"enable_thinking": false}}
		a, err := e.Send(t.Context(), mustWire(t, r), 0, 0)
		if err != nil || a.Reasoning != "" || a.Model != name {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		if tokens, err := a.TokenLogprobs(); err != nil || len(tokens) == 0 || len(tokens[0].TopLogProbs) != 2 {
			t.Errorf("%s: logprobs %v, %v", name, tokens, err)
		}
		again, err := e.Send(t.Context(), mustWire(t, r), 0, 0)
		if err != nil || again.Content != a.Content {
			t.Errorf("%s: temperature 0 was not sent: %q, %q", name, a.Content, again.Content)
		}
	}
}

func TestKeyIsSentAndNeverSaid(t *testing.T) {
	const key = "sk-very-secret-0123456789"
	good, _ := fake(t, fakellm.Options{Key: key}, key)
	if _, err := good.Send(t.Context(), mustWire(t, rehearsal(1)), 0, 0); err != nil {
		t.Errorf("with the key: %v", err)
	}
	wrong, _ := fake(t, fakellm.Options{Key: "another"}, key)
	_, err := NewPool([]*Endpoint{wrong}, Options{}).Ask(t.Context(), mustWire(t, rehearsal(1)))
	var failure *Error
	if !errors.As(err, &failure) || failure.Class != Denied || strings.Contains(err.Error(), key) {
		t.Errorf("with another: %v", err)
	}
	_, err = wrong.Models(t.Context())
	if err == nil || strings.Contains(err.Error(), key) {
		t.Errorf("models: %v", err)
	}
}

func TestParseEndpoint(t *testing.T) {
	for text, want := range map[string]string{
		"http://h:8000": "http://h:8000/v1", "http://h:8000/": "http://h:8000/v1", "https://h/api/v1/": "https://h/api/v1", "http://h,weight=2.5": "http://h/v1",
	} {
		e, err := ParseEndpoint(text, "", 1)
		if err != nil || e.URL != want {
			t.Errorf("%s: %v, %v", text, e, err)
		}
	}
	for _, text := range []string{"", "h:8000", "ftp://h", "http://user:secret@h", "http://h?key=secret", "http://h,weight=0", "http://h,weight=NaN", "http://h,2", "http://a b\x7f"} {
		_, err := ParseEndpoint(text, "", 1)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A server that falls silent is not hammered, and the run goes on when it is
// back.
func TestPoolWaitsForAServerThatIsDown(t *testing.T) {
	server := fakellm.New(fakellm.Options{})
	var down atomic.Bool
	var refused atomic.Int64
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if down.Load() {
			refused.Add(1)
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		server.ServeHTTP(w, r)
	}))
	defer web.Close()
	pool := NewPool([]*Endpoint{endpoint(t, web.URL, "")}, Options{Attempts: 1000})
	down.Store(true)
	time.AfterFunc(1500*time.Millisecond, func() { down.Store(false) })
	var wait sync.WaitGroup
	for n := range 200 {
		wait.Go(func() {
			if _, err := pool.Ask(t.Context(), mustWire(t, rehearsal(n))); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := refused.Load(); n > 2*firstFlight {
		t.Errorf("%d requests to a server that was down", n)
	}
}

func TestPoolStopsWhenNoServerComesBack(t *testing.T) {
	web := httptest.NewServer(nil)
	address := web.URL
	web.Close()
	pool := NewPool([]*Endpoint{endpoint(t, address, "")}, Options{Patience: time.Second})
	var wait sync.WaitGroup
	for n := range 20 {
		wait.Go(func() {
			_, err := pool.Ask(t.Context(), mustWire(t, rehearsal(n)))
			var failure *Error
			if !errors.As(err, &failure) || failure.Class != Gone {
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
}

func TestPoolSharesByWeightAndHealth(t *testing.T) {
	one, first := fake(t, fakellm.Options{Latency: 20 * time.Millisecond}, "")
	two, second := fake(t, fakellm.Options{Latency: 20 * time.Millisecond}, "")
	three, third := fake(t, fakellm.Options{Script: script(t, "500=1:99")}, "")
	two.Weight = 3
	pool := NewPool([]*Endpoint{one, two, three}, Options{Attempts: 100})
	var wait sync.WaitGroup
	for worker := range 40 {
		wait.Go(func() {
			for n := range 25 {
				if _, err := pool.Ask(t.Context(), mustWire(t, rehearsal(worker*25+n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	a, b, c := first.Stats().Requests, second.Stats().Requests, third.Stats().Requests
	if a+b != 1000 || b < 2*a {
		t.Errorf("%d and %d answers", a, b)
	}
	if c > 300 {
		t.Errorf("%d requests to the broken one", c)
	}
}

func TestPoolHonoursTheLimitAndContext(t *testing.T) {
	e, server := fake(t, fakellm.Options{Latency: time.Second}, "")
	e.flight = newFlight(7)
	pool := NewPool([]*Endpoint{e}, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	var wait sync.WaitGroup
	for n := range 100 {
		wait.Go(func() {
			if _, err := pool.Ask(ctx, mustWire(t, rehearsal(n))); !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
	if peak := server.Stats().Peak; peak != 7 {
		t.Errorf("%d in flight", peak)
	}
	if s := pool.Stats(); s.InFlight != 0 {
		t.Errorf("%d places were not given back", s.InFlight)
	}
}

func TestTimeoutIsAFailureOfItsOwn(t *testing.T) {
	e, _ := fake(t, fakellm.Options{Latency: 10 * time.Second}, "")
	_, err := NewPool([]*Endpoint{e}, Options{Timeout: 50 * time.Millisecond, Attempts: 2}).Ask(t.Context(), mustWire(t, rehearsal(1)))
	var failure *Error
	if !errors.As(err, &failure) || failure.Class != Timeout {
		t.Errorf("%v", err)
	}
}

func TestCheckModels(t *testing.T) {
	a, _ := fake(t, fakellm.Options{}, "")
	b, _ := fake(t, fakellm.Options{Context: 4096}, "")
	if m, err := CheckModels(t.Context(), []*Endpoint{a}, dataset.RehearsalModel); err != nil || m.Context() != 32768 {
		t.Errorf("%+v, %v", m, err)
	}
	for name, list := range map[string][]*Endpoint{"other": {a}, dataset.RehearsalModel: {a, b}} {
		if _, err := CheckModels(t.Context(), list, name); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
