package exam_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/kurakurai/luth/scrape/document"
	"github.com/kurakurai/luth/scrape/exam"
)

// The files of testdata/shapes are ways of numbering a paper and its
// correction, seen in the wild and written down by hand: a subject and a
// correction with gaps that the test fills with random words.
//
//	{q1}  question 1, with a word of its own; in a correction it is repeated
//	{p1}  the first words of question 1
//	{a1}  the answer to question 1, with another word
//	{s}   a statement; {s1} the same at every place
//	{x}   a step of an answer
//
// Blanks at the start of a line indent it. The comment of a file may hold
// « floor: 60 », the least percentage of questions that must be aligned.

var (
	gap        = regexp.MustCompile(`\{([qpasx])(\d*)\}`)
	shapeFloor = regexp.MustCompile(`floor: (\d+)`)
)

// filler writes the texts of a shape.
type filler struct {
	*paper
	questions  map[string]*question
	statements map[string]string
}

func newFiller(seed int) *filler {
	return &filler{paper: &paper{r: rand.New(rand.NewPCG(uint64(seed), 11))}, questions: make(map[string]*question), statements: make(map[string]string)}
}

func (f *filler) question(n string) *question {
	if f.questions[n] == nil {
		q := &question{}
		f.leaf(q, 1)
		f.questions[n] = q
	}
	return f.questions[n]
}

func (f *filler) fill(kind, n string) string {
	switch kind {
	case "q":
		return strings.Join(f.question(n).text, " ")
	case "p":
		words := f.question(n).text
		return strings.Join(words[:len(words)/2], " ") + "."
	case "a":
		return strings.Join(f.question(n).answer, " ") + "."
	case "x":
		return strings.Join(f.words(4, 1), " ") + " ;"
	}
	if n == "" || f.statements[n] == "" {
		text := "On considère " + strings.Join(f.words(10, 1), " ") + "."
		if n == "" {
			return text
		}
		f.statements[n] = text
	}
	return f.statements[n]
}

// document prints a text of a shape with its gaps filled.
func (f *filler) document(text string, layout bool) document.Text {
	w := &printer{r: f.r, s: style{layout: layout}}
	blank := false
	for _, l := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if strings.TrimSpace(l) == "" {
			blank = true
			continue
		}
		indent := 50 + 6*float64(len(l)-len(strings.TrimLeft(l, " ")))
		l = gap.ReplaceAllStringFunc(strings.TrimLeft(l, " "), func(s string) string {
			m := gap.FindStringSubmatch(s)
			return f.fill(m[1], m[2])
		})
		first := len(w.lines)
		w.put(indent, l)
		w.lines[first].Break = w.lines[first].Break || blank
		blank = false
	}
	return w.text()
}

// TestShapes checks on every shape that no kept pair is wrong and that few
// questions are lost.
func TestShapes(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "shapes", "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no shapes: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			checkShape(t, txtar.Parse(data))
		})
	}
}

func checkShape(t *testing.T, shape *txtar.Archive) {
	floor := 80
	if m := shapeFloor.FindSubmatch(shape.Comment); m != nil {
		floor, _ = strconv.Atoi(string(m[1]))
	}
	subject, correction := string(shape.Files[0].Data), string(shape.Files[1].Data)
	var asked, right int
	for seed := range 12 {
		f := newFiller(seed)
		s, c := f.document(subject, seed%2 == 1), f.document(correction, seed%2 == 1)
		pairs, _ := exam.Align(s, c, exam.Options{})
		asked += len(f.questions)
		for _, p := range pairs {
			if !p.Kept {
				continue
			}
			questions, answers := marks(p.Question, "questionno"), marks(p.Answer, "réponseno")
			if questions != answers || questions == "" || marks(p.Answer, "questionno") != "" {
				t.Errorf("seed %d: %s (%.2f) has questions %q, answers %q and repeats %q\n%.400s\n%.400s", seed, p.Path, p.Confidence,
					questions, answers, marks(p.Answer, "questionno"), p.Question, p.Answer)
			}
			right += strings.Count(questions, ".")
		}
		if seed == 0 {
			t.Log(explain(pairs))
		}
	}
	t.Logf("%d of %d questions kept", right, asked)
	if right*100 < asked*floor {
		t.Errorf("%d of %d questions kept, want %d%%", right, asked, floor)
	}
}

// explain lists what became of the questions of a paper.
func explain(pairs []exam.Pair) string {
	var b strings.Builder
	for _, p := range pairs {
		fmt.Fprintf(&b, "%s %.2f %s q=%s a=%s; ", p.Path, p.Confidence, p.Reason, marks(p.Question, "questionno"), marks(p.Answer, "réponseno"))
	}
	return b.String()
}
