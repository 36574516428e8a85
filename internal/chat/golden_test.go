package chat

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// The clock of testdata/hf_template.py.
var testNow = time.Date(2024, 7, 26, 8, 5, 9, 0, time.UTC)

const qwen3Config = "../../../shared/data/qwen3-tokenizer/tokenizer_config.json"

// testTemplates are the templates of testdata by name, and Qwen3's own where
// the shared data is there.
func testTemplates(t testing.TB) map[string]*Template {
	t.Helper()
	out := make(map[string]*Template)
	files, err := filepath.Glob("testdata/templates/*.jinja")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tmpl, err := New(string(source), map[string]string{"bos_token": "<s>", "eos_token": "</s>"})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out[strings.TrimSuffix(filepath.Base(file), ".jinja")] = tmpl.WithTime(testNow)
	}
	tmpl, err := Load(qwen3Config)
	switch {
	case err == nil:
		out["qwen3"] = tmpl.WithTime(testNow)
	case !errors.Is(err, fs.ErrNotExist):
		t.Fatal(err)
	default:
		t.Logf("%s is absent: Qwen3's own template is not tested", qwen3Config)
	}
	return out
}

type golden struct {
	Conversation json.RawMessage
	Renders      map[string]goldenRender
}

type goldenRender struct {
	Out       *string
	Error     string
	Generated [][2]int
}

func readGolden(t testing.TB) (out []golden) {
	t.Helper()
	f, err := os.Open("testdata/golden.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(zr)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var g golden
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		out = append(out, g)
	}
	if err := lines.Err(); err != nil || len(out) < 400 {
		t.Fatalf("%d conversations, %v", len(out), err)
	}
	return out
}

// Conversations give, with every template, the bytes that a real tokenizer's
// apply_chat_template gives, and an error where that has one.
func TestGolden(t *testing.T) {
	templates := testTemplates(t)
	renders, refused := 0, 0
	for _, g := range readGolden(t) {
		for name, tmpl := range templates {
			want, ok := g.Renders[name]
			if !ok {
				t.Fatalf("the goldens have no render by %s", name)
			}
			checkRender(t, name, tmpl, g.Conversation, want)
			renders++
			if want.Out == nil {
				refused++
			}
		}
	}
	t.Logf("%d renders, of which %d errors", renders, refused)
}

func checkRender(t *testing.T, name string, tmpl *Template, line []byte, want goldenRender) {
	t.Helper()
	c, err := ParseConversation(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	r, err := tmpl.render(c)
	if err != nil {
		if want.Out != nil {
			t.Errorf("%s, %s\n got error %v\nwant %q", name, line, err, *want.Out)
		}
		return
	}
	if want.Out == nil {
		t.Errorf("%s, %s\n got %q\nwant an error: %s", name, line, r.Text, want.Error)
		return
	}
	if r.Text != *want.Out {
		t.Errorf("%s, %s\n got %q\nwant %q", name, line, r.Text, *want.Out)
	}
	var generated [][2]int
	for _, g := range r.Generated {
		generated = append(generated, [2]int{g.Start, g.End})
	}
	if !slices.Equal(generated, want.Generated) {
		t.Errorf("%s, %s\n generated %v, want %v", name, line, generated, want.Generated)
	}
	checkOrigins(t, r)
	checkSpans(t, tmpl.spans(c.Messages, r), r)
}

// checkOrigins checks the record of a render: runs are in order and disjoint,
// and those said to be exact hold the bytes that they are said to hold.
func checkOrigins(t *testing.T, r rendered) {
	t.Helper()
	at := 0
	for _, run := range r.Runs {
		if run.Start < at || run.End < run.Start || run.End > len(r.Text) {
			t.Fatalf("run %+v in %q overlaps or leaves the text", run, r.Text)
		}
		at = run.End
		source := r.origins[run.Origin-1].source
		if run.Exact && (run.Offset+run.End-run.Start > len(source) || source[run.Offset:run.Offset+run.End-run.Start] != r.Text[run.Start:run.End]) {
			t.Fatalf("run %+v holds %q, which is not in %q at %d", run, r.Text[run.Start:run.End], source, run.Offset)
		}
	}
}

// checkSpans checks what holds for the spans of every render.
func checkSpans(t *testing.T, messages []MessageSpans, r rendered) {
	t.Helper()
	for i, m := range messages {
		at := 0
		for _, s := range m.Spans {
			if s.Start < at || s.End < s.Start || s.End > len(r.Text) {
				t.Fatalf("message %d: span %+v overlaps or leaves the text %q: %+v", i, s, r.Text, m)
			}
			at = s.End
			for _, run := range r.Runs {
				if run.Start < s.End && run.End > s.Start && r.origins[run.Origin-1].message != i {
					t.Fatalf("message %d: span %+v holds bytes of message %d: %q", i, s, r.origins[run.Origin-1].message, r.Text)
				}
			}
		}
		if m.End == nil {
			continue
		}
		if m.End.Start < at || m.End.End <= m.End.Start {
			t.Fatalf("message %d: end token %+v stands before the spans %+v", i, *m.End, m.Spans)
		}
		for _, run := range r.Runs {
			if run.Start < m.End.End && run.End > m.End.Start && r.origins[run.Origin-1].part != partFrame {
				t.Fatalf("message %d: the end token is not the template's: %q", i, r.Text[m.End.Start:m.End.End])
			}
		}
	}
}

// A template and its variables may be shared.
func TestConcurrentRender(t *testing.T) {
	templates := testTemplates(t)
	goldens := readGolden(t)[:40]
	done := make(chan bool)
	for range 4 {
		go func() {
			for _, g := range goldens {
				c, err := ParseConversation(g.Conversation)
				if err != nil {
					t.Error(err)
				}
				for name, tmpl := range templates {
					r, err := tmpl.Render(c)
					if want := g.Renders[name]; err == nil && (want.Out == nil || r.Text != *want.Out) {
						t.Errorf("%s: %q", name, r.Text)
					}
				}
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
}

// A template that would never end is stopped, with an error that says so.
func TestBudget(t *testing.T) {
	const loop = "{% for i in range(99999) %}"
	tmpl, err := New(strings.Repeat(loop, 9)+strings.Repeat("{% endfor %}", 9), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tmpl.Render(Conversation{Messages: []Message{NewMessage("user", "x")}})
	if !errors.Is(err, jinja.ErrBudget) {
		t.Error(err)
	}
}
