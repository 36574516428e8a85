package crawl

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// clock is time as the crawler sees it; tests give their own.
type clock struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

var wallClock = clock{now: time.Now, sleep: sleep}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hosts holds back requests so that no host gets more than its limits allow.
type hosts struct {
	clock clock
	seed  uint64

	mu sync.Mutex
	m  map[string]*host
}

type host struct {
	slots chan struct{}

	mu       sync.Mutex
	next     time.Time // no request before
	delay    time.Duration
	jitter   time.Duration
	random   *rand.Rand
	requests int
}

// get returns the state of a host, made with the limits of the first source
// that asks.
func (h *hosts) get(name string, l Limits) *host {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one, ok := h.m[name]; ok {
		return one
	}
	hash := fnv.New64a()
	hash.Write([]byte(name))
	one := &host{
		slots:  make(chan struct{}, l.PerHost),
		delay:  l.Delay,
		jitter: l.Jitter,
		random: rand.New(rand.NewPCG(h.seed, hash.Sum64())),
	}
	h.m[name] = one
	return one
}

// acquire waits until the host may be asked and returns the function that
// ends the request.
func (h *hosts) acquire(ctx context.Context, one *host) (release func(), err error) {
	select {
	case one.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := h.clock.sleep(ctx, one.reserve(h.clock.now())); err != nil {
		<-one.slots
		return nil, err
	}
	return sync.OnceFunc(func() {
		one.hold(h.clock.now())
		<-one.slots
	}), nil
}

// reserve takes the next free moment and returns the time until then.
func (one *host) reserve(now time.Time) time.Duration {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.requests++
	start := now
	if one.next.After(now) {
		start = one.next
	}
	one.next = start.Add(one.gap())
	return start.Sub(now)
}

// hold counts the delay from the end of a request, which may be long after
// its start.
func (one *host) hold(now time.Time) {
	one.mu.Lock()
	defer one.mu.Unlock()
	if next := now.Add(one.delay); next.After(one.next) {
		one.next = next
	}
}

func (one *host) gap() time.Duration {
	gap := one.delay
	if one.jitter > 0 {
		gap += time.Duration(one.random.Int64N(int64(one.jitter)))
	}
	return gap
}

// slowTo raises the delay to what robots.txt asks for.
func (one *host) slowTo(delay time.Duration) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.delay = max(one.delay, delay)
}

// pause asks nothing of the host before a moment.
func (one *host) pause(until time.Time) {
	one.mu.Lock()
	defer one.mu.Unlock()
	if until.After(one.next) {
		one.next = until
	}
}

// counts says how many requests each host got, for a person.
func (h *hosts) counts() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(h.m)) {
		one := h.m[name]
		one.mu.Lock()
		parts = append(parts, fmt.Sprintf("%s %d", name, one.requests))
		one.mu.Unlock()
	}
	return strings.Join(parts, ", ")
}
