package dataset

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// benchSample is of the size of a Scholar row, about 2.6 kB of text.
func benchSample(n int) Sample {
	s := testSample(n)
	s.Messages[0].Content += strings.Repeat(" On considère la suite définie pour tout entier n.", 16)
	s.Messages[1].Content += strings.Repeat(" Par récurrence, la suite est croissante et majorée par 2.", 30)
	s.ID = ContentID(s.Messages)
	return s
}

const benchRows = 5000

func benchBytes() int64 {
	s := benchSample(1)
	return benchRows * int64(len(s.Messages[0].Content)+len(s.Messages[1].Content))
}

func BenchmarkParquetWrite(b *testing.B) {
	b.SetBytes(benchBytes())
	for b.Loop() {
		w := newParquetWriter[Sample](&bytes.Buffer{}, maxGroupBytes)
		for i := range benchRows {
			if err := w.Write(benchSample(i)); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkRead(b *testing.B, name string) {
	path := filepath.Join(b.TempDir(), name)
	_, err := WriteFile(path, func(yield func(Sample, error) bool) {
		for i := range benchRows {
			if !yield(benchSample(i), nil) {
				return
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	if info, err := os.Stat(path); err == nil {
		b.ReportMetric(float64(info.Size()), "file-bytes")
	}
	b.SetBytes(benchBytes())
	for b.Loop() {
		rows := 0
		for _, err := range ReadFile(path) {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if rows != benchRows {
			b.Fatal(rows)
		}
	}
}

func BenchmarkParquetRead(b *testing.B) { benchmarkRead(b, "rows.parquet") }
func BenchmarkJSONLRead(b *testing.B)   { benchmarkRead(b, "rows.jsonl") }
