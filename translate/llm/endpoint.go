package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// Endpoint is one server. Its methods are safe for several goroutines; the
// rest belongs to the pool's lock.
type Endpoint struct {
	URL    string // such as http://localhost:8000/v1
	Weight float64

	key    string
	client *openai.Client
	server string // kind, once known

	flight   flight
	inFlight int
	breaker  breaker
	paused   time.Time // a Retry-After holds until then
}

// ParseEndpoint reads URL or URL,weight=2. The key, if any, is sent as a
// bearer token. Connections are kept for as many requests as may be in flight.
func ParseEndpoint(text, key string, inFlight int) (*Endpoint, error) {
	address, option, weighted := strings.Cut(text, ",")
	e := &Endpoint{Weight: 1, key: key, flight: newFlight(inFlight)}
	if weighted {
		value, ok := strings.CutPrefix(option, "weight=")
		w, err := strconv.ParseFloat(value, 64)
		if !ok || err != nil || !(w > 0 && w <= 1000) {
			return nil, fmt.Errorf("endpoint %q: after the comma stands weight=N, with N above 0", text)
		}
		e.Weight = w
	}
	u, err := url.Parse(strings.TrimRight(address, "/"))
	switch {
	case err != nil:
		return nil, errors.New("an endpoint's URL cannot be read; it must look like http://localhost:8000/v1")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fmt.Errorf("endpoint %q: the URL must look like http://localhost:8000/v1", u.Redacted())
	case u.User != nil, u.RawQuery != "":
		return nil, fmt.Errorf("endpoint %s: no user, key or query may stand in the URL; keys come from the environment", u.Host)
	}
	if u.Path == "" {
		u.Path = "/v1"
	}
	e.URL = u.String()
	config := openai.DefaultConfig(key)
	config.BaseURL = e.URL
	config.HTTPClient = &http.Client{
		Transport:     newTransport(inFlight),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // would lose the body, or carry the key away
	}
	e.client = openai.NewClientWithConfig(config)
	return e, nil
}

// Host names the endpoint in messages.
func (e *Endpoint) Host() string {
	u, _ := url.Parse(e.URL) // parsed before
	return u.Host
}

// carrier is what the library is told to send. Nothing of it reaches the wire,
// and no model name is refused before it is asked: the library refuses some
// parameters for names that begin with o1, o3, o4 or gpt-5.
var carrier = openai.ChatCompletionRequest{Model: "carrier"}

// Send asks once. The error is an *Error, or ctx's.
func (e *Endpoint) Send(ctx context.Context, w Wire, attempt int, timeout time.Duration) (Answer, error) {
	if timeout == 0 {
		timeout = deadline(w.MaxTokens)
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	x := exchange{body: w.Body, attempt: attempt}
	start := time.Now()
	_, err := e.client.CreateChatCompletion(x.in(limited), carrier)
	if ctx.Err() != nil {
		return Answer{}, ctx.Err()
	}
	answer, err := e.read(&x, err)
	about := &answer
	var failure *Error
	if errors.As(err, &failure) {
		about = &failure.Answer
	}
	about.Latency, about.Attempts, about.Server = time.Since(start), attempt+1, e.server
	return answer, err
}

// deadline is how long an answer of so many tokens may take: a minute of
// waiting, and 5 tokens a second on a server that is full.
func deadline(maxTokens int) time.Duration {
	return time.Minute + time.Duration(maxTokens)*200*time.Millisecond
}

// read turns what an exchange brought into an answer or an *Error.
func (e *Endpoint) read(x *exchange, sent error) (Answer, error) {
	switch {
	case x.status == 0:
		return Answer{}, &Error{Class: classOfTransport(sent), Message: e.clean(transportText(sent))}
	case x.err != nil:
		return Answer{}, &Error{Class: classOfCut(x.err), Status: x.status, Message: e.clean(x.err.Error())}
	case x.status != http.StatusOK:
		failure := readError(x.status, x.header, x.raw)
		failure.Message = e.clean(failure.Message)
		return Answer{}, failure
	}
	answer, err := readAnswer(x.raw)
	var failure *Error
	if errors.As(err, &failure) {
		failure.Message = e.clean(failure.Message)
	}
	return answer, err
}

// clean takes the key out of a text, in case a server repeats it.
func (e *Endpoint) clean(text string) string {
	if e.key != "" {
		text = strings.ReplaceAll(text, e.key, "[key]")
	}
	return oneLine(text)
}

func classOfTransport(err error) Class {
	var dial *net.OpError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.As(err, &dial) && dial.Op == "dial":
		return Unreachable
	}
	return Broken
}

func classOfCut(err error) Class {
	if errors.Is(err, context.DeadlineExceeded) {
		return Timeout
	}
	return Broken
}

// transportText is the cause without the address and the ports, which differ
// from run to run.
func transportText(err error) string {
	var op *net.OpError
	var outer *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer within the deadline"
	case errors.As(err, &op):
		return op.Op + ": " + op.Err.Error()
	case errors.As(err, &outer):
		return outer.Err.Error()
	}
	return fmt.Sprint(err)
}

// ServedModel is an entry of /v1/models.
type ServedModel struct {
	ID          string `json:"id"`
	Root        string `json:"root"`          // vLLM: what was loaded
	OwnedBy     string `json:"owned_by"`      // kind of server
	MaxModelLen int    `json:"max_model_len"` // vLLM, SGLang
	Meta        struct {
		Context int `json:"n_ctx"`       // llama.cpp: of a slot
		Trained int `json:"n_ctx_train"` // llama.cpp
	} `json:"meta"`
}

// Context returns the number of tokens the model takes, 0 when unknown.
func (m ServedModel) Context() int {
	for _, n := range []int{m.MaxModelLen, m.Meta.Context, m.Meta.Trained} {
		if n > 0 {
			return n
		}
	}
	return 0
}

// Models lists what the endpoint serves.
func (e *Endpoint) Models(ctx context.Context) ([]ServedModel, error) {
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var x exchange
	_, err := e.client.ListModels(x.in(limited))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if x.status != http.StatusOK || x.err != nil {
		_, err = e.read(&x, err)
		return nil, fmt.Errorf("ask %s for its models: %w", e.Host(), err)
	}
	var list struct {
		Data []ServedModel `json:"data"`
	}
	if err := json.Unmarshal(x.raw, &list); err != nil {
		return nil, fmt.Errorf("ask %s for its models: %w", e.Host(), &Error{Class: BadAnswer, Status: x.status, Message: e.clean(err.Error())})
	}
	return list.Data, nil
}

// breaker keeps requests from an endpoint that is down.
type breaker struct {
	failures int // one after the other
	opened   int // times, without a success between
	until    time.Time
	probing  bool // one request tries whether it is back
}

const (
	breakAfter   = 5
	shortestOpen = time.Second
	longestOpen  = 30 * time.Second
)

func (b *breaker) open() bool { return !b.until.IsZero() }

func (b *breaker) success() { *b = breaker{} }

// failure counts one, and opens the breaker when it is enough; no connection
// at all is enough.
func (b *breaker) failure(now time.Time, class Class) {
	b.failures++
	if b.failures < breakAfter && class != Unreachable && !b.probing {
		return
	}
	if b.open() && !b.probing && now.Before(b.until) {
		return // sent before it opened
	}
	wait := min(shortestOpen<<min(b.opened, 10), longestOpen)
	b.opened++
	b.until = now.Add(wait/2 + rand.N(wait/2))
	b.probing = false
}

// allows tells whether a request may be sent now.
func (b *breaker) allows(now time.Time) bool {
	return !b.open() || !b.probing && !now.Before(b.until)
}

// PostChat sends a body to /chat/completions as it is and returns the raw
// answer; PostCompletion does the same with /completions. They are for looking
// at what Send does not read. The error is an *Error, or ctx's.
func (e *Endpoint) PostChat(ctx context.Context, body []byte, timeout time.Duration) ([]byte, error) {
	return e.post(ctx, body, timeout, func(ctx context.Context) error {
		_, err := e.client.CreateChatCompletion(ctx, carrier)
		return err
	})
}

// PostCompletion is described at PostChat.
func (e *Endpoint) PostCompletion(ctx context.Context, body []byte, timeout time.Duration) ([]byte, error) {
	return e.post(ctx, body, timeout, func(ctx context.Context) error {
		_, err := e.client.CreateCompletion(ctx, openai.CompletionRequest{Model: carrier.Model, Prompt: ""})
		return err
	})
}

func (e *Endpoint) post(ctx context.Context, body []byte, timeout time.Duration, send func(context.Context) error) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	x := exchange{body: body}
	err := send(x.in(limited))
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if x.status == http.StatusOK && x.err == nil {
		return x.raw, nil
	}
	_, err = e.read(&x, err)
	return nil, err
}
