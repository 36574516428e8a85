package dataset

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"encoding/json"
)

// testSample returns a small sample, different for every n.
func testSample(n int) Sample {
	messages := []Message{
		{RoleUser, fmt.Sprintf("Exercice %d. Étudier la fonction f définie par f(x) = x^%d.", n, n)},
		{RoleAssistant, fmt.Sprintf("f est dérivable et f'(x) = %d x^%d.\n\tDonc « f » croît.", n, n-1)},
	}
	return Sample{
		ID:          ContentID(messages),
		Messages:    messages,
		Subject:     []string{"mathematics", "physics-chemistry"}[n%2],
		Level:       "bac",
		Difficulty:  "medium",
		Origin:      Origin{Source: "test", URL: "http://localhost/sujet.pdf", Row: -1, Path: fmt.Sprintf("Exercice %d", n), Licence: "CC-BY-4.0"},
		Constraints: []string{"punctuation:use no comma"},
		Steps:       []Step{{Stage: "scrape.align", Version: "1", Parents: []string{}, Flags: []string{}, Confidence: 0.5 + float64(n%50)/100}},
	}
}

// testSamples yields the first n test samples.
func testSamples(n int) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for i := range n {
			if !yield(testSample(i), nil) {
				return
			}
		}
	}
}

func sampleJSON(t testing.TB, s Sample) string {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// collect reads everything and fails on any error.
func collect(t testing.TB, in iter.Seq2[Sample, error]) []Sample {
	t.Helper()
	var all []Sample
	for s, err := range in {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func TestFileRoundTrip(t *testing.T) {
	for _, name := range []string{"a.parquet", "a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			for range 2 {
				if n, err := WriteFile(path, testSamples(100)); err != nil || n != 100 {
					t.Fatal(n, err)
				}
			}
			again := filepath.Join(t.TempDir(), name)
			if _, err := WriteFile(again, testSamples(100)); err != nil {
				t.Fatal(err)
			}
			one, _ := os.ReadFile(path)
			two, _ := os.ReadFile(again)
			if string(one) != string(two) {
				t.Error("the same rows gave other bytes")
			}
			got := collect(t, ReadFile(path))
			if len(got) != 100 {
				t.Fatalf("%d rows", len(got))
			}
			for i, s := range got {
				if sampleJSON(t, s) != sampleJSON(t, testSample(i)) {
					t.Fatalf("row %d: %s", i, sampleJSON(t, s))
				}
			}
		})
	}
}
