//go:build unix

package language

import (
	"strings"
	"syscall"
	"testing"
)

// documents cuts the answers of models into documents of 2 kB.
func documents(tb testing.TB, code string) []string {
	text := strings.Join(responses(tb, code), "\n\n")
	var all []string
	for len(text) > 2048 && len(all) < 400 {
		cut := strings.LastIndexByte(text[:2048], '\n') + 1
		if cut < 1024 {
			cut = strings.LastIndexByte(text[:2048], ' ') + 1
		}
		all = append(all, text[:cut])
		text = text[cut:]
	}
	return all
}

// BenchmarkOf asks about documents of 2 kB, BenchmarkLingua asks lingua alone.
// They count the CPU time: on a machine that others use too, that of the clock
// says little.
func BenchmarkOf(b *testing.B) {
	for _, code := range []string{"fr", "en"} {
		b.Run(code, func(b *testing.B) { benchmark(b, code, func(text string) { Of(text) }) })
	}
}

func BenchmarkLingua(b *testing.B) {
	benchmark(b, "fr", func(text string) { mostLikely(text) })
}

func benchmark(b *testing.B, code string, ask func(string)) {
	docs := documents(b, code)
	mostLikely("charger les modèles")
	before := cpu(b)
	i := 0
	for b.Loop() {
		ask(docs[i%len(docs)])
		i++
	}
	b.ReportMetric(float64(i)/(cpu(b)-before), "docs/cpu-s")
}

// cpu returns the CPU seconds of the process.
func cpu(b *testing.B) float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}
