// Package fakellm is an OpenAI-compatible server without a model, for tests
// and rehearsals. What it answers depends on the bytes of the request alone:
// texts wrapped in <source> tags come back with French words in the place of
// the others and code, mathematics and numbers as they were; anything else
// gets a few French sentences that say nothing. A [Script] makes it fail in
// all the ways that servers and models fail.
package fakellm

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kurakurai/luth/dataset"
)

// Options describe the server that the fake stands for.
type Options struct {
	Script  Script
	Latency time.Duration // of an answer
	PerWord time.Duration // more for each token of it
	Slots   int           // requests worked on at one time, others wait; 0: all
	Queue   int           // requests that may wait, more get 429; 0: all
	Context int           // tokens; 0: 32768
	Thinks  bool          // think unless told not to, as Qwen3 does
	Ignores []string      // what it ignores without a word: temperature, enable_thinking, json_schema, structured_outputs, logprobs, prompt_logprobs, echo
	Key     string        // bearer token it wants; empty: none
	Model   string        // served; empty: dataset.RehearsalModel
	Fixed   string        // answers always this, at little cost
	Count   bool          // count how often each request came, see Stats
}

// Server is the fake. It is an http.Handler.
type Server struct {
	options  Options
	mux      *http.ServeMux
	slots    chan struct{}
	waiting  atomic.Int64
	requests atomic.Int64
	inFlight atomic.Int64
	peak     atomic.Int64

	mu   sync.Mutex
	seen map[string]int // answered requests by body
}

// Stats is what a server has seen.
type Stats struct {
	Requests int64 // chat completions
	Peak     int64 // most in flight at once
	Answered int   // different requests answered with 200; needs Options.Count
	Again    int   // answers to requests that had one already; needs Options.Count
}

// New returns a server that is not listening yet.
func New(options Options) *Server {
	if options.Context == 0 {
		options.Context = 32768
	}
	if options.Model == "" {
		options.Model = dataset.RehearsalModel
	}
	s := &Server{options: options, mux: http.NewServeMux(), seen: map[string]int{}}
	if options.Slots > 0 {
		s.slots = make(chan struct{}, options.Slots)
	}
	s.mux.HandleFunc("GET /v1/models", s.models)
	s.mux.HandleFunc("POST /v1/chat/completions", s.chat)
	s.mux.HandleFunc("POST /v1/completions", s.complete)
	return s
}

// Listen serves at address, such as 127.0.0.1:0, and returns the base URL. The
// server ends when stop is called.
func (s *Server) Listen(address string) (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	var wait sync.WaitGroup
	wait.Go(func() { _ = server.Serve(listener) }) // ends with ErrServerClosed
	return "http://" + listener.Addr().String() + "/v1", func() {
		_ = server.Close() // nothing to save
		wait.Wait()
	}, nil
}

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := Stats{Requests: s.requests.Load(), Peak: s.peak.Load(), Answered: len(s.seen)}
	for _, n := range s.seen {
		stats.Again += n - 1
	}
	return stats
}

func (s *Server) ignores(feature string) bool { return slices.Contains(s.options.Ignores, feature) }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.options.Key != "" && r.Header.Get("Authorization") != "Bearer "+s.options.Key {
		fail(w, http.StatusUnauthorized, "Incorrect API key provided: "+strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"object": "list", "data": []any{map[string]any{
		"id": s.options.Model, "object": "model", "owned_by": "luth-rehearsal", "root": s.options.Model, "max_model_len": s.options.Context,
	}}})
}

const maxBody = 16 << 20

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	n := s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	for peak := s.peak.Load(); n > peak && !s.peak.CompareAndSwap(peak, n); peak = s.peak.Load() {
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var question request
	if err == nil {
		err = json.Unmarshal(body, &question)
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	attempt, _ := strconv.Atoi(r.Header.Get("X-Stainless-Retry-Count")) // 0 without one
	fault := s.options.Script.draw(body, attempt)
	if s.connectionFault(w, fault) || s.refuses(w, question) || !s.work(w, r) {
		return
	}
	random := s.seeded(body, question)
	answer := s.say(question, random, fault)
	pause(r.Context(), s.options.Latency+s.options.PerWord*time.Duration(tokens(text(answer))))
	if s.options.Count {
		s.mu.Lock()
		s.seen[string(body)]++
		s.mu.Unlock()
	}
	if s.slots != nil {
		<-s.slots
	}
	s.write(w, question, answer, fault, random)
}

// pause waits; not for a client that has gone.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// work waits for a slot. It tells whether there is one.
func (s *Server) work(w http.ResponseWriter, r *http.Request) bool {
	if s.slots == nil {
		return true
	}
	select {
	case s.slots <- struct{}{}:
		return true
	default:
	}
	if n := s.waiting.Add(1); s.options.Queue > 0 && n > int64(s.options.Queue) {
		s.waiting.Add(-1)
		w.Header().Set("Retry-After-Ms", "50")
		fail(w, http.StatusTooManyRequests, "the queue is full")
		return false
	}
	defer s.waiting.Add(-1)
	select {
	case s.slots <- struct{}{}:
		return true
	case <-r.Context().Done():
		return false
	}
}

// refuses answers requests that no server of this kind takes.
func (s *Server) refuses(w http.ResponseWriter, r request) bool {
	prompt := 0
	for _, m := range r.Messages {
		prompt += tokens(m.Content) + 4
	}
	switch {
	case r.Model != s.options.Model:
		fail(w, http.StatusNotFound, fmt.Sprintf("The model `%s` does not exist.", r.Model))
	case len(r.Messages) == 0:
		fail(w, http.StatusBadRequest, "messages must not be empty")
	case prompt+r.MaxTokens > s.options.Context:
		fail(w, http.StatusBadRequest, fmt.Sprintf("This model's maximum context length is %d tokens. However, you requested %d tokens (%d in the messages, %d in the completion).", s.options.Context, prompt+r.MaxTokens, prompt, r.MaxTokens))
	default:
		return false
	}
	return true
}

// connectionFault plays the faults that come instead of an answer, or before
// it.
func (s *Server) connectionFault(w http.ResponseWriter, fault string) bool {
	switch fault {
	case "429":
		w.Header().Set("Retry-After-Ms", "20")
		fail(w, http.StatusTooManyRequests, "too many requests")
	case "429-bare":
		fail(w, http.StatusTooManyRequests, "too many requests")
	case "500":
		fail(w, http.StatusInternalServerError, "out of memory")
	case "503":
		fail(w, http.StatusServiceUnavailable, "loading the model")
	case "html-502":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, "<html><body><h1>502 Bad Gateway</h1></body></html>")
	case "flat-400":
		reply(w, http.StatusBadRequest, map[string]any{"object": "error", "message": "top_k must be -1 or at least 1", "type": "BadRequestError", "param": nil, "code": 400})
	case "422":
		reply(w, http.StatusUnprocessableEntity, map[string]any{"detail": []any{map[string]any{"loc": []string{"body", "messages"}, "msg": "field required"}}})
	case "reset":
		reset(w)
	case "slow":
		time.Sleep(10*s.options.Latency + 50*time.Millisecond)
		return false
	case "bad-json":
		io.WriteString(w, `{"choices":[{"message":`+"\n")
	case "bad-utf8":
		io.WriteString(w, "{\"choices\":[{\"message\":{\"content\":\"r\xe9ponse\"},\"finish_reason\":\"stop\"}]}")
	case "error-200":
		fail(w, http.StatusOK, "the engine is dead")
	case "no-choices":
		reply(w, http.StatusOK, map[string]any{"object": "chat.completion", "choices": []any{}})
	default:
		return false
	}
	return true
}

// reset closes the connection so that the client sees a reset.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // the close below then sends a reset
	}
	connection.Close()
}

// text is the content, empty when there is none.
func text(a spoken) string {
	if a.content == nil {
		return ""
	}
	return *a.content
}

func (s *Server) write(w http.ResponseWriter, r request, a spoken, fault string, random *rand.Rand) {
	prompt := 0
	for _, m := range r.Messages {
		prompt += tokens(m.Content) + 4
	}
	completion := tokens(text(a)) + tokens(a.reasoning)
	if completion > r.MaxTokens && r.MaxTokens > 0 { // a model cannot say more than it may
		cut := strings.ToValidUTF8(text(a)[:min(len(text(a)), 4*r.MaxTokens)], "")
		a.content, a.finish, completion = &cut, "length", r.MaxTokens
	}
	var logprobs any
	if r.Logprobs && !s.ignores("logprobs") {
		logprobs = map[string]any{"content": tokenLogprobs(text(a), r.TopLogprobs, random)}
	}
	body := map[string]any{
		"id": "chatcmpl-fake", "object": "chat.completion", "created": 1, "model": s.options.Model,
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": a.finish, "logprobs": logprobs,
			"message": map[string]any{"role": "assistant", "content": a.content, "reasoning": a.reasoning},
		}},
		"usage": map[string]any{"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
	}
	if r.PromptLogprobs != nil && !s.ignores("prompt_logprobs") {
		body["prompt_logprobs"] = []any{nil, map[string]any{"1": map[string]any{"logprob": -1.5}}}
	}
	if fault == "cut" {
		cutShort(w, body)
		return
	}
	reply(w, http.StatusOK, body)
}

// pieces cuts a text into tokens. Verdicts are tokens of their own.
var pieces = regexp.MustCompile(`True|False|\s*[^\s"]+|\s*"|\s+`)

// tokenLogprobs gives every token a probability. The first alternative of a
// verdict is the other one.
func tokenLogprobs(text string, top int, random *rand.Rand) []any {
	list := []any{}
	for _, word := range pieces.FindAllString(text, -1) {
		p := 0.5 + random.Float64()/2
		tops := []any{}
		others := []string{word, "x", "y", "z", "w"}
		if other := map[string]string{"True": "False", "False": "True"}[word]; other != "" {
			others[1] = other
		}
		for i, other := range others[:min(top, 5)] {
			q := p
			if i > 0 {
				q = (1 - p) / float64(int(1)<<i)
			}
			tops = append(tops, map[string]any{"token": other, "logprob": math.Log(q)})
		}
		list = append(list, map[string]any{"token": word, "logprob": math.Log(p), "top_logprobs": tops})
	}
	return list
}

// cutShort promises more bytes than it sends.
func cutShort(w http.ResponseWriter, body any) {
	data, _ := json.Marshal(body) // made of plain values
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.Write(data[:len(data)/2])
	panic(http.ErrAbortHandler)
}

// complete answers /v1/completions: an echo with the log probabilities of the
// prompt's words, then one word.
func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Prompt   string `json:"prompt"`
		Echo     bool   `json:"echo"`
		Logprobs *int   `json:"logprobs"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&q); err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	text := " oui"
	if q.Echo && !s.ignores("echo") {
		text = q.Prompt + text
	}
	choice := map[string]any{"index": 0, "text": text, "finish_reason": "length", "logprobs": nil}
	if q.Logprobs != nil && !s.ignores("logprobs") {
		words := strings.SplitAfter(text, " ")
		probabilities := make([]any, len(words)) // the first is null: nothing stands before it
		for i := 1; i < len(words); i++ {
			probabilities[i] = -0.5
		}
		choice["logprobs"] = map[string]any{"tokens": words, "token_logprobs": probabilities}
	}
	reply(w, http.StatusOK, map[string]any{"object": "text_completion", "model": s.options.Model, "choices": []any{choice}})
}

func fail(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"error": map[string]any{"message": message, "type": "error", "code": status}})
}

func reply(w http.ResponseWriter, status int, body any) {
	data, _ := json.Marshal(body) // made of plain values
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	w.Write(data)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
