package llm

import "time"

// flight decides how many requests an endpoint has in flight. A server with
// continuous batching says nothing when it has enough: more requests only wait
// longer. So the limit doubles while that raises the tokens generated per
// second, and rests where it no longer does. It halves once per burst of
// refusals and timeouts, and grows again by steps of a quarter. A failure now
// and then is no burst.
type flight struct {
	limit, max int

	growth float64   // factor of the next step
	rest   time.Time // no step before

	begun    time.Time // of the window
	tokens   int
	finished int
	failed   int
	starved  bool // the limit was not reached at some time in the window

	best      float64 // tokens per second of the best window
	bestLimit int
	flat      int // windows without a gain, one after the other

	halved time.Time
}

const (
	firstFlight = 64
	maxFlight   = 1024

	shortestWindow = 100 * time.Millisecond
	gain           = 1.05 // less is noise
	flatWindows    = 2    // without a gain before the limit rests
	restTime       = 20 * time.Second
	slowGrowth     = 1.25
)

func newFlight(limit int) flight {
	start := min(firstFlight, limit)
	return flight{limit: start, max: limit, growth: 2, bestLimit: start}
}

// done counts a request that ended at now with so many tokens. Full tells that
// the limit was reached when it ended.
func (f *flight) done(now time.Time, tokens int, full bool) {
	if f.begun.IsZero() {
		f.begun = now
		return
	}
	f.tokens += tokens
	f.finished++
	f.starved = f.starved || !full
	// A window holds at least one answer to each request in flight, else it
	// would measure who happened to finish.
	if elapsed := now.Sub(f.begun); elapsed >= shortestWindow && f.finished >= f.limit {
		f.judge(now, float64(f.tokens)/elapsed.Seconds())
	}
}

func (f *flight) judge(now time.Time, rate float64) {
	starved := f.starved
	f.window(now)
	if starved || now.Before(f.rest) {
		return
	}
	switch {
	case rate > f.best*gain:
		f.best, f.bestLimit, f.flat = rate, f.limit, 0
		f.limit = min(max(f.limit+1, int(float64(f.limit)*f.growth)), f.max)
	default:
		f.flat++
		if f.flat >= flatWindows {
			f.limit, f.best, f.flat = f.bestLimit, 0, 0 // measure anew after the rest
			f.growth, f.rest = slowGrowth, now.Add(restTime)
		}
	}
}

// window begins a new one.
func (f *flight) window(now time.Time) {
	f.begun, f.tokens, f.finished, f.failed, f.starved = now, 0, 0, 0, false
}

// A burst is so many failures in a window, and one in so many requests.
const (
	burst      = 3
	burstShare = 10
)

// overloaded counts a failure that an overload may have caused, and halves the
// limit when it makes a burst. A request sent before the last halving belongs
// to the burst before.
func (f *flight) overloaded(now, sent time.Time) {
	if sent.Before(f.halved) {
		return
	}
	if f.failed++; f.failed < burst || f.failed*burstShare < f.failed+f.finished {
		return
	}
	f.limit = max(1, f.limit/2)
	f.halved, f.growth = now, slowGrowth
	f.best, f.bestLimit, f.flat = 0, f.limit, 0
	f.window(now)
}
