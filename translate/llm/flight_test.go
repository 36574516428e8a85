package llm

import (
	"testing"
	"time"
)

// simulate lets a server that works on slots requests at once, each for a
// second, answer for so many seconds, always with as many requests as the
// flight allows, and returns the flight.
func simulate(f *flight, now time.Time, slots int, seconds int) {
	due := 0.0
	for range seconds * 20 {
		now = now.Add(50 * time.Millisecond)
		for due += float64(min(f.limit, slots)) / 20; due >= 1; due-- {
			f.done(now, 100, true)
		}
	}
}

var noon = time.Unix(1e6, 0)

func TestFlightGrowsWhileItPays(t *testing.T) {
	for _, c := range []struct{ slots, max, least, most int }{
		{16, 1024, 16, 128},      // a small server: no flood of requests that only wait
		{200, 1024, 200, 512},    //
		{4000, 1024, 1024, 1024}, // up to the limit
		{4000, 100, 100, 100},
	} {
		f := newFlight(c.max)
		simulate(&f, noon, c.slots, 60)
		if f.limit < c.least || f.limit > c.most {
			t.Errorf("%d slots, at most %d: %d in flight after a minute", c.slots, c.max, f.limit)
		}
	}
}

func TestFlightDoesNotGrowWithoutDemand(t *testing.T) {
	f := newFlight(1024)
	now := noon
	for range 10000 {
		now = now.Add(10 * time.Millisecond)
		f.done(now, 100, false)
	}
	if f.limit != firstFlight {
		t.Errorf("%d in flight", f.limit)
	}
}

func TestFlightOverlooksAFailureNowAndThen(t *testing.T) {
	f := newFlight(1024)
	now := noon
	for i := range 20000 {
		now = now.Add(time.Millisecond)
		if i%50 == 0 {
			f.overloaded(now, now.Add(-time.Second))
			continue
		}
		f.done(now, 100, true)
	}
	if f.limit < firstFlight/2 {
		t.Errorf("%d in flight", f.limit)
	}
}

func TestFlightHalvesOncePerBurst(t *testing.T) {
	f := newFlight(1024)
	sent := noon
	for i := range 50 {
		f.overloaded(sent.Add(time.Second+time.Duration(i)*time.Millisecond), sent)
	}
	if f.limit != firstFlight/2 {
		t.Errorf("%d in flight after one burst", f.limit)
	}
	for range 10 {
		f.overloaded(sent.Add(5*time.Second), sent.Add(4*time.Second))
	}
	if f.limit != firstFlight/4 {
		t.Errorf("%d in flight after a second burst", f.limit)
	}
	for i := range 1000 {
		later := sent.Add(time.Duration(10+i) * time.Second)
		f.overloaded(later.Add(time.Second), later)
	}
	if f.limit != 1 {
		t.Errorf("%d in flight at last", f.limit)
	}
	simulate(&f, noon.Add(time.Hour), 100, 900) // and it comes back
	if f.limit < 80 {
		t.Errorf("%d in flight after recovery", f.limit)
	}
}
