package translate

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/kurakurai/luth/dataset"
)

// alignedStage is the stage whose rows extract works on.
const alignedStage = "scrape.align"

// alignedPair is a line of `luth scrape align`.
type alignedPair struct {
	Path          string  `json:"path"`
	Context       string  `json:"context"`
	Question      string  `json:"question"`
	Answer        string  `json:"answer"`
	Confidence    float64 `json:"confidence"`
	QuestionPages [2]int  `json:"question_pages"`
	AnswerPages   [2]int  `json:"answer_pages"`
	Kept          bool    `json:"kept"`
	Reason        string  `json:"reason"`
}

// rulesFlag begins the flag that says why the rules did not keep a row.
const rulesFlag = "rules:"

const maxPairBytes = 16 << 20

// pairRows yields the pairs of a file as rows of the split train; origin is
// that of the paper. Why the rules did not keep a pair is a flag of its step.
func pairRows(path string, origin dataset.Origin) iter.Seq2[dataset.Row, error] {
	return func(yield func(dataset.Row, error) bool) {
		for pair, err := range readPairs(path) {
			row := dataset.Row{Split: "train"}
			if err == nil {
				row.Sample = pair.sample(origin)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// readPairs yields the lines of a file of `luth scrape align`. A line that is
// no pair is a *dataset.RowError.
func readPairs(path string) iter.Seq2[alignedPair, error] {
	return func(yield func(alignedPair, error) bool) {
		file, err := os.Open(path)
		if err != nil {
			yield(alignedPair{}, err)
			return
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, maxPairBytes)
		for number := int64(1); lines.Scan(); number++ {
			if len(strings.TrimSpace(lines.Text())) == 0 {
				continue
			}
			pair, err := readPair(lines.Bytes())
			if err != nil {
				err = &dataset.RowError{Path: path, Row: number, Err: err}
			}
			if !yield(pair, err) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(alignedPair{}, fmt.Errorf("read %s: %w", path, err))
		}
	}
}

func readPair(line []byte) (p alignedPair, err error) {
	if err := json.Unmarshal(line, &p); err != nil {
		return p, err
	}
	switch {
	case p.Path == "":
		return p, fmt.Errorf("it has no path, so it is no line of `luth scrape align`")
	case p.Kept != (p.Reason == ""):
		return p, fmt.Errorf("kept is %t and reason is %q", p.Kept, p.Reason)
	}
	return p, nil
}

// sample has the shape that scrape's align stage gives it.
func (p alignedPair) sample(origin dataset.Origin) dataset.Sample {
	origin.Path, origin.Pages, origin.AnswerPages = p.Path, pages(p.QuestionPages[0], p.QuestionPages[1]), pages(p.AnswerPages[0], p.AnswerPages[1])
	s := dataset.Sample{
		Messages: exchange(p.Context, p.Question, p.Answer),
		Origin:   origin,
		Steps:    []dataset.Step{{Stage: alignedStage, Confidence: max(0, min(p.Confidence, 1))}},
	}
	return withReason(s, p.Reason)
}

// beginning is how many characters of a question are looked up, normalised:
// the rest may run over figures and pages.
const beginning = 40

// checkPairs refuses a file of pairs that has none, or is of another subject:
// more than half of its questions do not begin in the text.
func checkPairs(path string, subject *source) error {
	var readable, asked, strange int
	var first alignedPair
	for pair, err := range readPairs(path) {
		var bad *dataset.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return err
		}
		readable++
		start := []rune(normal(pair.Question))
		if len(start) == 0 {
			continue
		}
		asked++
		if _, _, found := subject.find(string(start[:min(len(start), beginning)])); !found {
			if strange++; strange == 1 {
				first = pair
			}
		}
	}
	switch {
	case readable == 0:
		return fmt.Errorf("no line of %s is one of `luth scrape align`; make it with luth scrape align SUBJECT.pdf CORRECTION.pdf > %s", path, path)
	case 2*strange > asked:
		return fmt.Errorf("%d of the %d questions in %s are not in the subject, the first at %q: %.80q\ngive the pairs that luth scrape align made of this subject", strange, asked, path, first.Path, oneLine(first.Question))
	}
	return nil
}

// exchange is Scholar's shape: context and question, then the answer.
func exchange(context, question, answer string) []dataset.Message {
	if context != "" {
		question = context + "\n\n" + question
	}
	return []dataset.Message{{Role: dataset.RoleUser, Content: question}, {Role: dataset.RoleAssistant, Content: answer}}
}

// pages writes a range of pages, "3" or "3-4", empty where there is none.
func pages(first, last int) string {
	switch {
	case first <= 0:
		return ""
	case last <= first:
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

// withReason marks the rules' step with why they did not keep the row.
func withReason(s dataset.Sample, reason string) dataset.Sample {
	if reason == "" {
		return s
	}
	s.Steps = slices.Clone(s.Steps)
	i := slices.IndexFunc(s.Steps, func(step dataset.Step) bool { return step.Stage == alignedStage })
	if i < 0 {
		i, s.Steps = len(s.Steps), append(s.Steps, dataset.Step{Stage: alignedStage})
	}
	s.Steps[i].Flags = append(slices.Clip(s.Steps[i].Flags), rulesFlag+reason)
	return s
}

// reasonOf returns what withReason wrote, empty for a row that the rules kept.
func reasonOf(s dataset.Sample) string {
	for _, step := range s.Steps {
		if step.Stage == questionsStage {
			if slices.Contains(step.Flags, reasonUnusable) {
				return reasonUnusable
			}
			return reasonNoRules
		}
		for _, flag := range step.Flags {
			if reason, ok := strings.CutPrefix(flag, rulesFlag); ok && step.Stage == alignedStage {
				return reason
			}
		}
	}
	return ""
}

// alignedRows yields the rows of a dataset of scrape's align stage, which has
// one split: those that the rules kept, then those that they dropped.
func alignedRows(path string) (iter.Seq2[dataset.Row, error], error) {
	d, err := dataset.Open(path)
	if err != nil {
		return nil, err
	}
	return func(yield func(dataset.Row, error) bool) {
		for row, err := range d.Rows() {
			if !yield(row, err) {
				return
			}
		}
		for dropped, err := range d.DroppedSamples() {
			if err == nil && dropped.Filter != alignedStage {
				continue
			}
			reason, _, _ := strings.Cut(dropped.Reason, ":")
			if !yield(dataset.Row{Split: d.Manifest.Dropped[0].Split, Sample: withReason(dropped.Sample, reason)}, err) {
				return
			}
		}
	}, nil
}
