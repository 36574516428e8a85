package filter

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/progress"
)

// stageName is the stage's key in a recipe, and the beginning of the names in
// dropped rows: "filter.length".
const stageName = "filter"

// Stage returns the stage that filters a dataset:
//
//   - filter:
//     filters: [empty, length: {min_answer: 5}, language]
//
// Without parameters all filters run with their defaults. The output has the
// samples that stay, in order, each with a step, and every dropped sample with
// filter, reason, value and threshold.
func Stage() dataset.Stage {
	return dataset.Stage{
		Name: stageName, Version: version, Short: "drop samples that are broken, empty, garbled, repetitive, in another language or there twice",
		NeedsInput: true, Check: check, Run: run,
	}
}

func check(job dataset.Job) error {
	_, err := choose(job.Params)
	return err
}

func run(ctx context.Context, job dataset.Job) (dataset.Outcome, error) {
	filters, err := choose(job.Params)
	if err != nil {
		return dataset.Outcome{}, err
	}
	hash, err := job.Params.Hash()
	if err != nil {
		return dataset.Outcome{}, err
	}
	rows, err := dataset.OpenAny(job.Input)
	if err != nil {
		return dataset.Outcome{}, fmt.Errorf("filter %s: %w", job.Input, err)
	}
	w, err := dataset.Create(job.Output)
	if err != nil {
		return dataset.Outcome{}, err
	}
	defer w.Abort()

	sieve := newSieve(filters, w, dataset.Step{Stage: stageName, Version: version, Params: hash})
	unreadable := 0 // counted by the goroutine that reads, looked at when it has ended
	readable := dataset.SkipBad(rows, func(*dataset.RowError) { unreadable++ })
	total, parents := inputOf(job.Input)
	bar := progress.New(job.Stderr, "filter "+filepath.Base(job.Input), total)
	defer bar.Close()
	judge := func(_ context.Context, row dataset.Row) judged { return sieve.judge(row) }
	for j, err := range parallel.Map(ctx, readable, job.Workers, judge) {
		if err == nil {
			err = sieve.settle(j)
		}
		if err != nil {
			return dataset.Outcome{}, fmt.Errorf("filter %s: %w", job.Input, err)
		}
		bar.Add(1)
	}
	if err := ctx.Err(); err != nil {
		return dataset.Outcome{}, err
	}
	for range unreadable {
		sieve.balance.In++
		sieve.balance.Fail("row cannot be read")
	}
	balances := []dataset.Balance{sieve.balance}
	err = w.Commit(dataset.Meta{Name: job.Name, Card: job.Card, Parents: parents, Balances: balances})
	return dataset.Outcome{Balances: balances}, err
}

// inputOf returns the number of rows of a dataset directory and its
// fingerprint; 0 and nothing for other folders and files.
func inputOf(path string) (rows int64, parents []string) {
	d, err := dataset.Open(path)
	if err != nil {
		return 0, nil
	}
	return d.Manifest.Rows(), []string{d.Fingerprint}
}

// sieve puts samples through filters.
type sieve struct {
	filters []Filter
	firsts  []map[string]string // for each filter with a key: the id of the first sample of each
	writer  *dataset.Writer
	step    dataset.Step
	balance dataset.Balance
}

func newSieve(filters []Filter, w *dataset.Writer, step dataset.Step) *sieve {
	firsts := make([]map[string]string, len(filters))
	for i := range firsts {
		firsts[i] = map[string]string{}
	}
	return &sieve{filters: filters, firsts: firsts, writer: w, step: step, balance: dataset.Balance{Stage: stageName, Unit: "samples"}}
}

// judged is a row with what the filters say of it alone.
type judged struct {
	row     dataset.Row
	by      int // the filter that drops it, or -1
	verdict Verdict
	keys    []string // by filter, for those with a key
}

// judge asks every filter that needs one sample only. It is safe for several
// goroutines.
func (s *sieve) judge(row dataset.Row) judged {
	if row.Sample.ID == "" {
		row.Sample.ID = dataset.ContentID(row.Sample.Messages)
	}
	j := judged{row: row, by: -1, keys: make([]string, len(s.filters))}
	for i, f := range s.filters {
		if f.Key != nil {
			j.keys[i] = f.Key(row.Sample)
			continue
		}
		if v := f.Check(row.Sample); !v.Keep {
			j.by, j.verdict = i, v
			return j
		}
	}
	return j
}

// settle writes a judged sample to its place, in the order of the input.
func (s *sieve) settle(j judged) error {
	s.balance.In++
	sample := j.row.Sample
	sample.Steps = slices.Clip(sample.Steps)
	if j.by >= 0 {
		return s.drop(j.row.Split, sample, s.filters[j.by].Name, j.verdict)
	}
	for i, key := range j.keys {
		if first, seen := s.firsts[i][key]; seen && key != "" {
			sample.Steps = append(sample.Steps, s.stepWith(first))
			return s.drop(j.row.Split, sample, s.filters[i].Name, drop("equal to an earlier sample", first, 1, 1))
		}
	}
	for i, key := range j.keys {
		if key != "" {
			s.firsts[i][key] = sample.ID
		}
	}
	sample.Steps = append(sample.Steps, s.stepWith())
	s.balance.Out++
	return s.writer.Write(j.row.Split, sample)
}

// stepWith returns the stage's step with the samples that decided.
func (s *sieve) stepWith(parents ...string) dataset.Step {
	step := s.step
	step.Parents = append([]string{}, parents...)
	return step
}

func (s *sieve) drop(split string, sample dataset.Sample, filter string, v Verdict) error {
	if v.Reason == "" {
		return errors.New("filter " + filter + " drops a sample without a reason; this is a bug in luth, please report it")
	}
	reason := filter + ": " + v.Reason
	s.balance.Drop(reason)
	return s.writer.Drop(split, dataset.Dropped{
		Sample: sample, Filter: stageName + "." + filter, Reason: reason, Value: v.Value, Threshold: v.Threshold,
	})
}
