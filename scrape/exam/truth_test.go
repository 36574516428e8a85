package exam_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/kurakurai/luth/scrape/document"
	"github.com/kurakurai/luth/scrape/exam"
	"github.com/kurakurai/luth/scrape/latex"
	"github.com/kurakurai/luth/scrape/pdftext"
)

// site holds the bundled exam papers and what a person reads in them.
const site = "../examsite"

// fact is a line of truth.jsonl; see package examsite.
type fact struct {
	Subject       string `json:"subject"`
	Correction    string `json:"correction"`
	Path          string `json:"path"`
	QuestionStart string `json:"question_start"`
	AnswerStart   string `json:"answer_start"`
	NeedsFigure   bool   `json:"needs_figure"`
	Alignable     bool   `json:"alignable"`
	Joint         bool   `json:"joint"`
}

func extract(t testing.TB, name string) document.Text {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) == ".tex" {
		return latex.Extract(data, latex.DefaultLimits)
	}
	return pdftext.Extract(context.Background(), data)
}

// letters folds a text to its letters and digits, for comparing beginnings.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

func begins(s, start string) bool { return strings.HasPrefix(letters(s), letters(start)) }

// TestBundledPapers holds the alignment of the bundled papers to the truth: no
// kept pair may be wrong, and most questions must be aligned.
func TestBundledPapers(t *testing.T) {
	facts := readFacts(t)
	var alignable, aligned int
	for i := 0; i < len(facts); {
		j := i
		for j < len(facts) && facts[j].Subject == facts[i].Subject && facts[j].Correction == facts[i].Correction {
			j++
		}
		a, b := checkPaper(t, facts[i:j])
		alignable, aligned = alignable+a, aligned+b
		i = j
	}
	t.Logf("%d of %d questions aligned", aligned, alignable)
	if aligned*10 < alignable*9 {
		t.Errorf("%d of %d questions aligned, want nine in ten", aligned, alignable)
	}
}

func readFacts(t *testing.T) []fact {
	f, err := os.Open(filepath.Join(site, "truth.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var facts []fact
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var x fact
		if err := json.Unmarshal(sc.Bytes(), &x); err != nil {
			t.Fatal(err)
		}
		facts = append(facts, x)
	}
	return facts
}

// checkPaper aligns one paper and compares every pair with its fact.
func checkPaper(t *testing.T, facts []fact) (alignable, aligned int) {
	first := facts[0]
	pairs, _ := exam.Align(
		extract(t, filepath.Join(site, "site", first.Subject)),
		extract(t, filepath.Join(site, "site", first.Correction)), exam.Options{})
	for _, p := range pairs {
		f := factOf(facts, p)
		switch {
		case f == nil && p.Kept:
			t.Errorf("%s: %s kept, but there is no such question: %.60q", first.Subject, p.Path, p.Question)
		case f == nil || !p.Kept:
		case !f.Alignable:
			t.Errorf("%s: %s kept, but it has no answer: %.60q", first.Subject, p.Path, p.Answer)
		case f.NeedsFigure:
			t.Errorf("%s: %s kept, but it needs a figure", first.Subject, p.Path)
		case !begins(p.Answer, f.AnswerStart):
			t.Errorf("%s: %s has the answer %.60q, want %q", first.Subject, p.Path, p.Answer, f.AnswerStart)
		}
	}
	for i := range facts {
		if !facts[i].Alignable {
			continue
		}
		alignable++
		if ok, why := isAligned(pairs, &facts[i]); ok {
			aligned++
		} else {
			t.Logf("%s: %s not aligned: %s", first.Subject, facts[i].Path, why)
		}
	}
	return alignable, aligned
}

// factOf finds the fact of a pair by the beginning of its question.
func factOf(facts []fact, p exam.Pair) *fact {
	var found *fact
	for i := range facts {
		if f := &facts[i]; begins(p.Question, f.QuestionStart) && (found == nil || f.Path == p.Path) && (f.QuestionStart != "" || f.Path == p.Path) {
			found = f
		}
	}
	return found
}

func isAligned(pairs []exam.Pair, f *fact) (ok bool, why string) {
	why = "no such question"
	for _, p := range pairs {
		found := begins(p.Question, f.QuestionStart) || f.Joint && strings.Contains(letters(p.Question), letters(f.QuestionStart))
		if !found {
			continue
		}
		if p.Confidence >= exam.DefaultThreshold && begins(p.Answer, f.AnswerStart) {
			return true, ""
		}
		why = string(p.Reason)
	}
	return false, why
}
