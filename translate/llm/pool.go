package llm

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Options change how a pool asks, not what.
type Options struct {
	Timeout  time.Duration // of one attempt; 0: a minute and 0.2 s for each token of max_tokens
	Patience time.Duration // how long a server may be down or overloaded; 0: 15 minutes
	Attempts int           // for failures that are the request's own; 0: 5
}

// Pool sends requests to the endpoints that are up, as many at a time as they
// profit from. Its methods are safe for several goroutines.
type Pool struct {
	options   Options
	endpoints []*Endpoint

	mu       sync.Mutex
	waiting  list.List // of *waiter, the first to come first
	lastGood time.Time // when an endpoint last answered
	err      error     // set once: the run cannot go on
	stats    Stats
}

// Stats counts what a pool did.
type Stats struct {
	Requests, Retries              int64 // attempts sent, and those of them that were not the first
	PromptTokens, CompletionTokens int64
	InFlight, Limit                int // now
	ByClass                        map[Class]int64
}

type waiter struct{ ready chan *Endpoint }

// NewPool returns a pool of one or more endpoints.
func NewPool(endpoints []*Endpoint, options Options) *Pool {
	if options.Patience == 0 {
		options.Patience = 15 * time.Minute
	}
	if options.Attempts == 0 {
		options.Attempts = 5
	}
	return &Pool{options: options, endpoints: endpoints, lastGood: time.Now(), stats: Stats{ByClass: map[Class]int64{}}}
}

// Capacity is the number of requests that may ever be in flight.
func (p *Pool) Capacity() (n int) {
	for _, e := range p.endpoints {
		n += e.flight.max
	}
	return n
}

// Stats returns the counts so far.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.ByClass = map[Class]int64{}
	for class, n := range p.stats.ByClass {
		s.ByClass[class] = n
	}
	for _, e := range p.endpoints {
		s.InFlight += e.inFlight
		s.Limit += e.flight.limit
	}
	return s
}

// Ask sends w until there is an answer or a failure that stays. The error is
// an *Error, or ctx's. A fatal one is returned to all that ask from then on.
func (p *Pool) Ask(ctx context.Context, w Wire) (Answer, error) {
	var refused time.Time // first
	own := 0              // failures that may be this request's own fault
	for attempt := 0; ; attempt++ {
		e, err := p.acquire(ctx)
		if err != nil {
			return Answer{}, err
		}
		sent := time.Now()
		answer, err := e.Send(ctx, w, attempt, p.options.Timeout)
		if err == nil && answer.CompletionTokens == 0 { // a server without usage
			answer.CompletionTokens = (len(answer.Content) + len(answer.Reasoning)) / 4
		}
		p.release(e, sent, attempt, answer, err)
		var failure *Error
		if !errors.As(err, &failure) {
			return answer, err
		}
		switch class := failure.Class; {
		case !class.Retryable():
			return Answer{}, failure
		case class == Unreachable: // the breaker's to judge
		case class == Overloaded:
			if refused.IsZero() {
				refused = time.Now()
			}
			if time.Since(refused) > p.options.Patience {
				return Answer{}, failure
			}
		default:
			if own++; own >= p.options.Attempts {
				return Answer{}, failure
			}
		}
		if err := sleep(ctx, jitter(attempt)); err != nil {
			return Answer{}, err
		}
	}
}

const (
	shortestRetry = 250 * time.Millisecond
	longestRetry  = 30 * time.Second
)

// jitter draws the pause after an attempt: anything up to a bound that
// doubles, so that requests refused together do not return together.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func jitter(attempt int) time.Duration {
	return rand.N(min(shortestRetry<<min(attempt, 10), longestRetry))
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// acquire waits, in order of arrival, for an endpoint that takes a request.
func (p *Pool) acquire(ctx context.Context) (*Endpoint, error) {
	p.mu.Lock()
	if p.err != nil {
		defer p.mu.Unlock()
		return nil, p.err
	}
	if p.waiting.Len() == 0 {
		if e := p.pick(time.Now()); e != nil {
			p.mu.Unlock()
			return e, nil
		}
	}
	w := &waiter{ready: make(chan *Endpoint, 1)}
	place := p.waiting.PushBack(w)
	p.mu.Unlock()
	select {
	case e, ok := <-w.ready:
		if !ok {
			return nil, p.failed()
		}
		return e, nil
	case <-ctx.Done():
		p.leave(place, w)
		return nil, ctx.Err()
	}
}

func (p *Pool) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// leave takes a waiter out of the queue; an endpoint that it was given in the
// meantime goes to the next one.
func (p *Pool) leave(place *list.Element, w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting.Remove(place)
	select {
	case e, ok := <-w.ready:
		if ok {
			e.inFlight--
			e.breaker.probing = false
			p.dispatch()
		}
	default:
	}
}

// pick takes a place at the endpoint that has least to do for its weight.
func (p *Pool) pick(now time.Time) *Endpoint {
	var best *Endpoint
	for _, e := range p.endpoints {
		if e.inFlight >= e.flight.limit || now.Before(e.paused) || !e.breaker.allows(now) {
			continue
		}
		if best == nil || float64(e.inFlight)/e.Weight < float64(best.inFlight)/best.Weight {
			best = e
		}
	}
	if best != nil {
		best.inFlight++
		best.breaker.probing = best.breaker.open()
	}
	return best
}

// dispatch gives free places to those that wait.
func (p *Pool) dispatch() {
	now := time.Now()
	for p.waiting.Len() > 0 {
		e := p.pick(now)
		if e == nil {
			return
		}
		p.waiting.Remove(p.waiting.Front()).(*waiter).ready <- e
	}
}

// release gives a place back and learns from how the request ended.
func (p *Pool) release(e *Endpoint, sent time.Time, attempt int, a Answer, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	full := e.inFlight >= e.flight.limit
	e.inFlight--
	p.stats.Requests++
	if attempt > 0 {
		p.stats.Retries++
	}
	var failure *Error
	if errors.As(err, &failure) {
		p.stats.ByClass[failure.Class]++
		if a = failure.Answer; failure.Class.Fatal() {
			p.stop(fmt.Errorf("%s: %w", e.Host(), failure))
			return
		}
	}
	p.stats.PromptTokens += int64(a.PromptTokens)
	p.stats.CompletionTokens += int64(a.CompletionTokens)
	switch {
	case err != nil && failure == nil: // ctx ended
		e.breaker.probing = false
	case failure == nil:
		p.good(e, now)
		e.flight.done(now, a.CompletionTokens, full)
	default:
		p.bad(e, now, sent, failure)
	}
	p.dispatch()
}

func (p *Pool) good(e *Endpoint, now time.Time) {
	e.breaker.success()
	p.lastGood = now
}

func (p *Pool) bad(e *Endpoint, now, sent time.Time, failure *Error) {
	switch failure.Class {
	case Overloaded, Timeout, Broken:
		e.flight.overloaded(now, sent)
	}
	if failure.RetryAfter > 0 {
		e.paused = now.Add(failure.RetryAfter)
		p.wake(failure.RetryAfter)
	}
	switch failure.Class {
	case Unreachable, Broken, ServerError, Timeout:
		e.breaker.failure(now, failure.Class)
	default: // it answers
		p.good(e, now)
	}
	if !e.breaker.open() {
		return
	}
	if now.Sub(p.lastGood) > p.options.Patience {
		p.stop(&Error{Class: Gone, Message: fmt.Sprintf("no server has answered for %s; the last failure is %s", p.options.Patience, failure)})
		return
	}
	p.wake(e.breaker.until.Sub(now))
}

// wake looks again, after d, for those that wait.
func (p *Pool) wake(d time.Duration) {
	time.AfterFunc(d+time.Millisecond, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.dispatch()
	})
}

// stop makes everything fail that asks from now on.
func (p *Pool) stop(err error) {
	if p.err != nil {
		return
	}
	p.err = err
	for p.waiting.Len() > 0 {
		close(p.waiting.Remove(p.waiting.Front()).(*waiter).ready)
	}
}
