package pdftext

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/kurakurai/luth/scrape/document"
)

const wordList = "/usr/share/dict/french" // Debian's wfrench

// skipWithout skips the test, or fails it where tools are required.
func skipWithout(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("LUTH_REQUIRE_TOOLS") != "" {
		t.Fatalf("%s is required here", what)
	}
	t.Skipf("skipped: %s is missing; .ci/run installs it", what)
}

func sharedExams(t *testing.T) []string {
	t.Helper()
	shared := os.Getenv("LUTH_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	files, _ := filepath.Glob(filepath.Join(shared, "data", "exams", "*.pdf"))
	if len(files) == 0 {
		t.Skipf("skipped: no exam files in %s; set LUTH_SHARED", shared)
	}
	return files
}

// TestWordsAgainstPdftotext holds the share of words found in a French word
// list within two points of poppler's on every real file with text.
func TestWordsAgainstPdftotext(t *testing.T) {
	files := sharedExams(t)
	if _, err := exec.LookPath("pdftotext"); err != nil {
		skipWithout(t, "pdftotext (poppler-utils)")
	}
	words := readWords(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := exec.Command("pdftotext", file, "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			text := Extract(context.Background(), data)
			if share(words, string(theirs)) == 0 {
				if text.Verdict == document.VerdictText {
					t.Errorf("verdict text, where pdftotext finds no word")
				}
				return
			}
			ours, peer := share(words, text.String()), share(words, string(theirs))
			if ours < peer-0.02 {
				t.Errorf("known words %.3f, pdftotext %.3f", ours, peer)
			}
		})
	}
}

func readWords(t *testing.T) map[string]bool {
	f, err := os.Open(wordList)
	if err != nil {
		skipWithout(t, wordList+" (wfrench)")
	}
	defer f.Close()
	words := make(map[string]bool)
	for s := bufio.NewScanner(f); s.Scan(); {
		words[strings.ToLower(s.Text())] = true
	}
	return words
}

// share is the share of words of three letters and more that are in the list.
func share(words map[string]bool, text string) float64 {
	known, all := 0, 0
	for _, w := range strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if utf8.RuneCountInString(w) < 3 {
			continue
		}
		all++
		if words[strings.ToLower(w)] {
			known++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(known) / float64(all)
}

func BenchmarkExtract(b *testing.B) {
	shared := os.Getenv("LUTH_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(shared, "data", "exams", "mp2i-DM5-corrige.pdf"))
	if err != nil {
		b.Skip(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		Extract(context.Background(), data)
	}
}
