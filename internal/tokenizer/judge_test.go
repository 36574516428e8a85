package tokenizer

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// judge answers requests with the Rust library.
type judge struct {
	in  io.WriteCloser
	out *bufio.Scanner
	cmd *exec.Cmd
}

// startJudge needs a Python with the package `tokenizers`. Without one the
// test is skipped, or fails where LUTH_REQUIRE_TOOLS is 1.
func startJudge(t *testing.T, file []byte) *judge {
	t.Helper()
	python := os.Getenv("LUTH_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import tokenizers").CombinedOutput(); err != nil {
		message := fmt.Sprintf("SKIPPED: %s has no Python package `tokenizers` (%v %s); set LUTH_PYTHON to one that has", python, err, out)
		if os.Getenv("LUTH_REQUIRE_TOOLS") == "1" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/reference.py", path)
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	j := &judge{in: in, out: bufio.NewScanner(out), cmd: cmd}
	j.out.Buffer(nil, 64<<20)
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("reference.py: %v", err)
		}
	})
	return j
}

// check compares our answers to requests with the library's.
func (j *judge) check(t *testing.T, tokenizer *Tokenizer, requests []request) {
	t.Helper()
	go func() {
		w := bufio.NewWriter(j.in)
		enc := json.NewEncoder(w)
		for _, q := range requests {
			if enc.Encode(q) != nil {
				return
			}
		}
		w.Flush()
		j.in.Close()
	}()
	wrong := 0
	for _, q := range requests {
		if !j.out.Scan() {
			t.Fatalf("the library gave no answer to %+v: %v", q, j.out.Err())
		}
		var want answer
		if err := json.Unmarshal(j.out.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if err := compare(tokenizer, q, want); err != nil {
			t.Error(err)
			if wrong++; wrong == 5 {
				t.FailNow()
			}
		}
	}
}

// goldenTexts returns the texts of a family's goldens.
func goldenTexts(tb testing.TB, name string) (texts []string) {
	for q, _ := range goldens(tb, name) {
		if q.Text != nil {
			texts = append(texts, *q.Text)
		}
	}
	return texts
}

// mutate cuts, joins and litters texts.
func mutate(rng *rand.Rand, texts []string) string {
	text := []rune(texts[rng.IntN(len(texts))])
	for range rng.IntN(4) {
		other := []rune(texts[rng.IntN(len(texts))])
		a, b := rng.IntN(len(text)+1), rng.IntN(len(other)+1)
		switch rng.IntN(5) {
		case 0:
			text = append(text[:a:a], other[b:]...)
		case 1:
			text = append(text[a:len(text):len(text)], other[:b]...)
		case 2:
			text = append(append(text[:a:a], randomRune(rng)), text[a:]...)
		case 3:
			if a < len(text) {
				text[a] = randomRune(rng)
			}
		case 4:
			text = text[a:]
		}
	}
	return string(text[:min(len(text), 300)])
}

// randomRune prefers small code points and those that normalisation changes.
func randomRune(rng *rand.Rand) rune {
	for {
		limit := []int32{0x80, 0x250, 0x3000, 0x10000, 0x20000, utf8.MaxRune + 1}[rng.IntN(6)]
		r := rng.Int32N(limit)
		if utf8.ValidRune(r) && (classOf(r)&(unstable|composite|mark|space) != 0 || rng.IntN(4) == 0) {
			return r
		}
	}
}

func TestAgainstLibrary(t *testing.T) {
	for _, name := range families {
		t.Run(name, func(t *testing.T) {
			file := familyFile(t, name)
			tokenizer, err := Parse(file)
			if err != nil {
				t.Fatal(err)
			}
			count := 2_000
			if name == "qwen3" {
				count = 20_000
			}
			rng := rand.New(rand.NewPCG(1, uint64(len(name))))
			texts := goldenTexts(t, name)
			var requests []request
			for i := range count {
				text := mutate(rng, texts)
				requests = append(requests, request{Text: &text})
				if i%4 == 0 {
					ids := append(tokenizer.Encode([]int32{}, text), rng.Int32N(int32(tokenizer.IDLimit())+2))
					a := rng.IntN(len(ids))
					requests = append(requests, request{IDs: append(ids[a:], ids[:a]...)})
				}
			}
			startJudge(t, file).check(t, tokenizer, requests)
		})
	}
}

// TestCharactersAgainstLibrary asks for code points in the places that decide
// their class and normal form: beside a letter, a number, white space, marks
// of low and of high order, an apostrophe, added tokens, themselves. It asks
// for those around every change of class and for all that normalisation
// touches; with LUTH_EXHAUSTIVE=1, for every one there is (ten minutes).
func TestCharactersAgainstLibrary(t *testing.T) {
	loadClasses()
	wanted := func(r rune) bool {
		around := classOf(max(r-1, 0)) != classOf(r) || classOf(min(r+1, utf8.MaxRune)) != classOf(r)
		hangul := r >= hangulS && r < hangulS+countL*countV*countT && r%64 != 0
		return around || classOf(r)&(unstable|composite) != 0 && !hangul || os.Getenv("LUTH_EXHAUSTIVE") == "1"
	}
	var requests []request
	var text strings.Builder
	for r := range rune(utf8.MaxRune + 1) {
		if utf8.ValidRune(r) && wanted(r) {
			fmt.Fprintf(&text, "a%cb%c1 %c\n%c\u0334a\u0345%c'%c!%c%c|[w]%c[w]|", r, r, r, r, r, r, r, r, r)
		}
		if text.Len() > 1<<10 || r == utf8.MaxRune {
			whole := text.String()
			requests = append(requests, request{Text: &whole})
			text.Reset()
		}
	}
	for _, name := range []string{"qwen35", "smollm2", "odd"} {
		t.Run(name, func(t *testing.T) {
			file := familyFile(t, name)
			tokenizer, err := Parse(file)
			if err != nil {
				t.Fatal(err)
			}
			startJudge(t, file).check(t, tokenizer, requests)
		})
	}
}
