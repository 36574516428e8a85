package scrape

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/progress"
	"github.com/kurakurai/luth/scrape/exam"
)

// AlignParams are the parameters of the align stage in a recipe.
type AlignParams struct {
	Threshold float64 `yaml:"threshold"` // least confidence of a pair that is kept
	Split     string  `yaml:"split"`     // name of the split
}

func alignStage() dataset.Stage {
	return dataset.Stage{
		Name: "align", Version: alignVersion,
		Short:      "pair subjects with corrections and align questions with answers",
		NeedsInput: true,
		Check: func(job dataset.Job) error {
			_, err := alignParams(job)
			return err
		},
		Run: runAlign,
	}
}

func alignParams(job dataset.Job) (AlignParams, error) {
	params := AlignParams{Threshold: exam.DefaultThreshold, Split: "train"}
	err := job.Params.Decode(&params)
	return params, err
}

// alignment is what became of one paper.
type alignment struct {
	subject    Document
	correction Document // the one whose answers are used
	pairs      []exam.Pair
	report     exam.Report
	unused     int // corrections tried and not used
	err        error
}

func runAlign(ctx context.Context, job dataset.Job) (outcome dataset.Outcome, err error) {
	params, err := alignParams(job)
	if err != nil {
		return outcome, err
	}
	hash, err := job.Params.Hash()
	if err != nil {
		return outcome, err
	}
	docs, err := readLines[Document](filepath.Join(job.Input, documentsFile))
	if err != nil {
		return outcome, err
	}
	w, err := dataset.Create(job.Output)
	if err != nil {
		return outcome, err
	}
	defer w.Abort()
	balances, err := alignAll(ctx, job, docs, params, hash, w)
	if err != nil {
		return outcome, err
	}
	outcome.Balances = balances
	return outcome, w.Commit(dataset.Meta{Name: job.Name, Balances: balances, Card: job.Card})
}

// alignAll aligns every paper and writes its pairs; it accounts for documents
// and for questions.
func alignAll(ctx context.Context, job dataset.Job, docs []Document, params AlignParams, hash string, w *dataset.Writer) ([]dataset.Balance, error) {
	pairing := dataset.Balance{Stage: "pair", Unit: "documents"}
	list := pairDocuments(docs, func(reason string) {
		pairing.In++
		pairing.Drop(reason)
	})
	bar := progress.New(job.Stderr, "align", int64(len(list)))
	defer bar.Close()
	work := func(_ context.Context, p paper) alignment {
		defer bar.Add(1)
		return alignPaper(job.Input, p, params.Threshold)
	}
	out := pairWriter{w: w, params: params, hash: hash, seen: map[string]bool{},
		balance: dataset.Balance{Stage: "align", Unit: "questions"}}
	for a, err := range parallel.Map(ctx, values(list), job.Workers, work) {
		if err := errors.Join(err, a.err); err != nil {
			return nil, err
		}
		pairing.In += int64(2 + a.unused)
		pairing.Out += 2
		for range a.unused {
			pairing.Drop("other_correction")
		}
		if err := out.write(a); err != nil {
			return nil, err
		}
	}
	return []dataset.Balance{pairing, out.balance}, ctx.Err()
}

// alignPaper tries the corrections of a paper and uses the one that answers
// most questions; of equals, the preferred one.
func alignPaper(folder string, p paper, threshold float64) alignment {
	subject, err := readText(filepath.Join(folder, p.subject.Text))
	if err != nil {
		return alignment{err: err}
	}
	best := alignment{subject: p.subject, unused: len(p.corrections) - 1}
	for i, c := range p.corrections {
		correction, err := readText(filepath.Join(folder, c.Text))
		if err != nil {
			return alignment{err: err}
		}
		pairs, report := exam.Align(subject, correction, exam.Options{Threshold: threshold})
		if i == 0 || report.Kept > best.report.Kept {
			best.correction, best.pairs, best.report = c, pairs, report
		}
	}
	return best
}

// pairWriter writes pairs as samples, each content once.
type pairWriter struct {
	w       *dataset.Writer
	params  AlignParams
	hash    string
	seen    map[string]bool
	balance dataset.Balance
}

func (out *pairWriter) write(a alignment) error {
	for _, p := range a.pairs {
		out.balance.In++
		s := sample(a.subject, a.correction, p, out.hash)
		reason := string(p.Reason)
		switch {
		case reason != "":
		case out.seen[s.ID]:
			reason = "duplicate"
		default:
			reason = invalid(s)
		}
		if reason != "" {
			out.balance.Drop(reason)
			d := dataset.Dropped{Sample: s, Filter: "scrape.align", Reason: reason, Value: p.Confidence, Threshold: out.params.Threshold}
			if err := out.w.Drop(out.params.Split, d); err != nil {
				return err
			}
			continue
		}
		out.seen[s.ID] = true
		out.balance.Out++
		if err := out.w.Write(out.params.Split, s); err != nil {
			return err
		}
	}
	return nil
}
