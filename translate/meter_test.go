package translate

import (
	"testing"
	"time"

	"github.com/kurakurai/luth/translate/llm"
)

func TestNote(t *testing.T) {
	begun := time.Unix(0, 0)
	m := &meter{options: Options{PriceIn: 1, PriceOut: 2}, total: 100, begun: begun}
	m.rows.Store(25)
	stats := llm.Stats{
		Requests: 40, Retries: 3, PromptTokens: 2e6, CompletionTokens: 1e6, InFlight: 7, Limit: 64,
		ByClass: map[llm.Class]int64{llm.Overloaded: 2, llm.Broken: 1},
	}
	const want = "40 requests, 1500 tokens/s, 7 of 64 in flight, 3 retries, 1 broken, 2 overloaded, cost 4.00, 30s left"
	if got := m.note(stats, 1500, begun.Add(10*time.Second)); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}
