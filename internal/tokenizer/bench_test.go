package tokenizer

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cpuSpeed reports megabytes per second of processor time, which other work
// on the machine disturbs less than the clock on the wall.
func cpuSpeed(b *testing.B, size int, loop func()) {
	b.Helper()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	start := cpuTime(b)
	n := 0
	for b.Loop() {
		loop()
		n++
	}
	b.ReportMetric(float64(size)*float64(n)/1e6/(cpuTime(b)-start).Seconds(), "cpu-MB/s")
}

func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// benchText is the file named by LUTH_BENCH_TEXT, as docs/bench/tokenizer.py
// makes it, or else the texts of the goldens.
func benchText(b *testing.B) []string {
	if path := os.Getenv("LUTH_BENCH_TEXT"); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		return strings.SplitAfter(string(data), "\n\n")
	}
	return goldenTexts(b, "qwen3")
}

func BenchmarkEncode(b *testing.B) {
	texts := benchText(b)
	t := family(b, "qwen3")
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	var ids []int32
	var spans []Span
	encode := func() {
		for _, text := range texts {
			ids = t.Encode(ids[:0], text)
		}
	}
	b.Run("cold", func(b *testing.B) {
		cpuSpeed(b, size, func() { t.idle = nil; encode() })
	})
	b.Run("warm", func(b *testing.B) { cpuSpeed(b, size, encode) })
	b.Run("spans", func(b *testing.B) {
		cpuSpeed(b, size, func() {
			for _, text := range texts {
				ids, spans = t.EncodeSpans(ids[:0], spans[:0], text)
			}
		})
	})
}

func BenchmarkDecode(b *testing.B) {
	t := family(b, "qwen3")
	ids := t.Encode(nil, strings.Join(benchText(b), ""))
	cpuSpeed(b, len(t.Decode(ids, false)), func() { t.Decode(ids, false) })
}

// BenchmarkLongWord has a word of 1 MB, which must not take quadratic time.
func BenchmarkLongWord(b *testing.B) {
	t := family(b, "qwen3")
	for name, text := range map[string]string{"same": strings.Repeat("a", 1<<20), "varied": strings.Repeat("jeveuxunmotfrancais", 1<<20/19)} {
		b.Run(name, func(b *testing.B) {
			cpuSpeed(b, len(text), func() { t.Count(text) })
		})
	}
}

func BenchmarkParse(b *testing.B) {
	data := familyFile(b, "qwen3")
	cpuSpeed(b, len(data), func() {
		if _, err := Parse(data); err != nil {
			b.Fatal(err)
		}
	})
}
