package tokenizer

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// families are the golden tokenizers; qwen3's own file is too large to keep.
var families = []string{"qwen2", "qwen3", "qwen35", "llama3", "lfm2", "smollm2", "gpt2", "odd"}

// familyFile returns the tokenizer.json of a family.
func familyFile(tb testing.TB, name string) []byte {
	tb.Helper()
	if name == "qwen3" {
		return sharedFile(tb, "qwen3-tokenizer/tokenizer.json")
	}
	return goldenFile(tb, name+".json.gz")
}

func goldenFile(tb testing.TB, name string) []byte {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", "golden", name))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// sharedFile reads a file of ../shared/data, or skips the test.
func sharedFile(tb testing.TB, name string) []byte {
	tb.Helper()
	shared := os.Getenv("LUTH_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(shared, "data", name))
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("LUTH_REQUIRE_TOOLS") == "" {
		tb.Skipf("no %s in ../shared/data (set LUTH_SHARED to the folder that holds data)", name)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func family(tb testing.TB, name string) *Tokenizer {
	tb.Helper()
	t, err := Parse(familyFile(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// request and answer are what testdata/reference.py reads and writes.
type request struct {
	Text *string `json:"text,omitempty"`
	IDs  []int32 `json:"ids,omitzero"`
}

type answer struct {
	IDs     []int32  `json:"ids"`
	Special []int32  `json:"special"`
	Spans   [][2]int `json:"spans"`

	Text    string   `json:"text"`
	Skipped string   `json:"skipped"`
	Stream  []string `json:"stream"`
}

// goldens yields the requests of a family and the library's answers.
func goldens(tb testing.TB, name string) iter.Seq2[request, answer] {
	return func(yield func(request, answer) bool) {
		for line := range bytes.Lines(goldenFile(tb, name+".jsonl.gz")) {
			var q request
			var a answer
			if err := json.Unmarshal(line, &[]any{&q, &a}); err != nil {
				tb.Fatal(err)
			}
			if !yield(q, a) {
				return
			}
		}
	}
}

func TestGoldens(t *testing.T) {
	for _, name := range families {
		t.Run(name, func(t *testing.T) {
			tokenizer := family(t, name)
			checked, wrong := 0, 0
			for q, want := range goldens(t, name) {
				checked++
				if err := compare(tokenizer, q, want); err != nil {
					t.Error(err)
					if wrong++; wrong == 5 {
						t.FailNow()
					}
				}
			}
			if checked < 800 {
				t.Errorf("only %d goldens", checked)
			}
		})
	}
}

// compare says where our answer differs from the library's.
func compare(t *Tokenizer, q request, want answer) error {
	if q.Text != nil {
		return compareEncoding(t, *q.Text, want)
	}
	if got := t.Decode(q.IDs, false); got != want.Text {
		return fmt.Errorf("decode %v: %q, want %q", q.IDs, got, want.Text)
	}
	if got := t.Decode(q.IDs, true); got != want.Skipped {
		return fmt.Errorf("decode %v without special tokens: %q, want %q", q.IDs, got, want.Skipped)
	}
	stream := t.NewStream(false)
	var all strings.Builder
	for i, id := range q.IDs {
		got := stream.Next(id)
		if got != want.Stream[i] {
			return fmt.Errorf("stream %v: at %d %q, want %q", q.IDs, i, got, want.Stream[i])
		}
		all.WriteString(got)
	}
	if all.WriteString(stream.Flush()); all.String() != want.Text {
		return fmt.Errorf("stream %v: in all %q, want %q", q.IDs, all.String(), want.Text)
	}
	return nil
}

func compareEncoding(t *Tokenizer, text string, want answer) error {
	for _, when := range []string{"first", "again"} { // from the merges, from the cache
		if got := t.Encode([]int32{7}, text)[1:]; !slices.Equal(got, want.IDs) {
			return fmt.Errorf("%s, %q:\n got %v\nwant %v", when, text, got, want.IDs)
		}
	}
	if got := t.EncodeSpecial(nil, text); !slices.Equal(got, want.Special) {
		return fmt.Errorf("%q with special tokens:\n got %v\nwant %v", text, got, want.Special)
	}
	if got := t.Count(text); got != len(want.IDs) {
		return fmt.Errorf("%q: counted %d, want %d", text, got, len(want.IDs))
	}
	ids, spans := t.EncodeSpans(nil, nil, text)
	if !slices.Equal(ids, want.IDs) {
		return fmt.Errorf("%q with spans:\n got %v\nwant %v", text, ids, want.IDs)
	}
	same := slices.EqualFunc(spans, want.Spans, func(a Span, b [2]int) bool { return a == Span{b[0], b[1]} })
	if !same {
		return fmt.Errorf("%q, tokens %v: spans\n got %v\nwant %v", text, ids, spans, want.Spans)
	}
	return nil
}
