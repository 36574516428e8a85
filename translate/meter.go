package translate

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kurakurai/luth/internal/progress"
	"github.com/kurakurai/luth/translate/llm"
)

// meter shows beside the bar how fast the work goes and what it costs.
type meter struct {
	pool    *llm.Pool
	options Options
	total   int64
	begun   time.Time
	rows    atomic.Int64

	ended chan struct{}
	wait  sync.WaitGroup
}

// meterSpan is the time that the speed shown is an average of.
const meterSpan = 10 * time.Second

func startMeter(bar *progress.Bar, pool *llm.Pool, options Options, total int64) *meter {
	m := &meter{pool: pool, options: options, total: total, begun: time.Now(), ended: make(chan struct{})}
	if pool != nil {
		m.wait.Go(func() { m.run(bar) })
	}
	return m
}

func (m *meter) stop() {
	close(m.ended)
	m.wait.Wait()
}

func (m *meter) run(bar *progress.Bar) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	type reading struct {
		at     time.Time
		tokens int64
	}
	readings := []reading{{m.begun, 0}}
	for {
		select {
		case now := <-tick.C:
			stats := m.pool.Stats()
			readings = append(readings, reading{now, stats.CompletionTokens})
			for len(readings) > 2 && now.Sub(readings[1].at) >= meterSpan {
				readings = readings[1:]
			}
			speed := float64(stats.CompletionTokens-readings[0].tokens) / now.Sub(readings[0].at).Seconds()
			bar.Note(m.note(stats, speed, now))
		case <-m.ended:
			stats := m.pool.Stats()
			bar.Note(m.note(stats, float64(stats.CompletionTokens)/time.Since(m.begun).Seconds(), time.Now()))
			return
		}
	}
}

// note is one line: speed, requests in flight, failures by class, cost, time
// left.
func (m *meter) note(s llm.Stats, speed float64, now time.Time) string {
	text := fmt.Sprintf("%d requests, %.0f tokens/s, %d of %d in flight", s.Requests, speed, s.InFlight, s.Limit)
	if s.Retries > 0 {
		text += fmt.Sprintf(", %d retries", s.Retries)
	}
	for _, class := range slices.Sorted(maps.Keys(s.ByClass)) {
		text += fmt.Sprintf(", %d %s", s.ByClass[class], class)
	}
	if m.options.PriceIn > 0 || m.options.PriceOut > 0 {
		text += fmt.Sprintf(", cost %.2f", m.options.cost(s.PromptTokens, s.CompletionTokens))
	}
	if done := m.rows.Load(); done > 0 && done < m.total {
		left := time.Duration(float64(now.Sub(m.begun)) / float64(done) * float64(m.total-done))
		text += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return text
}

// cost is in the unit of the prices, which are for a million tokens.
func (o Options) cost(promptTokens, completionTokens int64) float64 {
	return (float64(promptTokens)*o.PriceIn + float64(completionTokens)*o.PriceOut) / 1e6
}
