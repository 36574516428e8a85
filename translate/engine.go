package translate

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/progress"
	"github.com/kurakurai/luth/translate/fidelity"
	"github.com/kurakurai/luth/translate/journal"
	"github.com/kurakurai/luth/translate/llm"
)

// Task is a stage made ready with its parameters: what is done with one
// sample, and how that is recorded.
type Task struct {
	Stage      string // "translate.prompts"
	Version    string
	Params     string          // hex hash of ParamsText
	ParamsText json.RawMessage // kept in the manifest
	Prompt     Prompt
	Model      string      // wanted
	Canary     llm.Request // a short question, to see whether a server does as told
	Needs      []need      // what a server must do beside that

	// Do makes of a sample what the stage makes. It asks nobody but the asker,
	// depends on nothing but the sample, and is called for many samples at once.
	Do func(ctx context.Context, a *Asker, s dataset.Sample) Result

	// Open yields the rows of an input, the same each time; dataset.OpenAny
	// where nil.
	Open func(input string) (iter.Seq2[dataset.Row, error], error)

	// Expect returns what a sample will take when all goes well, as far as that
	// is known before there are answers. It is for estimates.
	Expect func(s dataset.Sample) []Expected
}

// newTask makes a task of a stage's parameters, all but what it does.
func newTask(stage, version string, params any, s Sampling, prompt string, sections ...string) (Task, error) {
	if err := s.validate(); err != nil {
		return Task{}, err
	}
	t := Task{Stage: stage, Version: version, Model: s.Model, Canary: canary(s)}
	var err error
	if t.Prompt, err = LoadPrompt(prompt, sections...); err != nil {
		return Task{}, err
	}
	t.ParamsText, t.Params, err = hashOf(params)
	return t, err
}

// Expected is a request to come, and how many characters its answer may have.
type Expected struct {
	Request    llm.Request
	Characters int
}

// Result is what became of a sample: exactly one of its ways to end.
type Result struct {
	Sample dataset.Sample // when it goes on; the stage's step is added later
	Flags  []string       // gates that had doubts

	Confidence float64 // of the step; 0 when there is none
	Threshold  float64 // what Confidence was compared with, when that decided

	Dropped string // reason, when the sample is left out
	Dead    string // class of the error or name of the gate, when the stage failed
	Detail  string // more about Dropped or Dead
	Err     error  // what ends the whole run, and pending samples
}

// failed is the result of an error of Asker.Ask. The words of errors of the
// connection differ from run to run, so they stay in the journal.
func failed(err error) Result {
	var failure *llm.Error
	if !errors.As(err, &failure) || failure.Class.Fatal() {
		return Result{Err: err}
	}
	switch failure.Class {
	case llm.Unreachable, llm.Broken, llm.Timeout, llm.Overloaded:
		return Result{Dead: string(failure.Class)}
	}
	return Result{Dead: string(failure.Class), Detail: failure.Message}
}

// refused is the result of a sample that a gate rejects to the end.
func refused(f fidelity.Finding) Result { return Result{Dead: f.Gate, Detail: f.Detail} }

// ended is a row with its result.
type ended struct {
	row    dataset.Row
	result Result
	step   dataset.Step
}

// windowFactor is how many samples are held for each request that may be in
// flight, so that one slow answer does not stop those behind it.
const windowFactor = 4

// Run puts the samples of job.Input through the task and writes job.Output.
func Run(ctx context.Context, job dataset.Job, task Task, options Options) (dataset.Outcome, error) {
	outcome, err := run(ctx, job, task, options)
	var failure *llm.Error
	switch {
	case err == nil || ctx.Err() != nil:
		return outcome, err
	case errors.As(err, &failure) && failure.Class.Fatal():
		return outcome, fmt.Errorf("%s: %w\nwhat was answered is in the journal: mend the server, its key or the name of the model, and run the same command again", task.Stage, err)
	}
	return outcome, fmt.Errorf("%s: %w", task.Stage, err)
}

func run(ctx context.Context, job dataset.Job, task Task, options Options) (outcome dataset.Outcome, err error) {
	place, err := checkDestination(job, task, options)
	if err != nil {
		return outcome, err
	}
	picked, err := pick(ctx, job.Input, task, options)
	if err != nil {
		return outcome, err
	}
	pool, hangUp, err := connect(ctx, task, options, job.Rehearsal)
	if err != nil {
		return outcome, err
	}
	defer hangUp()
	answers, err := journal.Open(ctx, options.Journal)
	if err != nil {
		return outcome, err
	}
	defer func() { err = errors.Join(err, answers.Close()) }()
	w, err := dataset.Create(job.Output)
	if err != nil {
		return outcome, err
	}
	defer w.Abort()

	bar := progress.New(job.Stderr, task.Stage+" "+filepath.Base(job.Input), picked.total)
	defer bar.Close()
	meter := startMeter(bar, pool, options, picked.total)
	defer meter.stop()
	desk := &desk{stage: task.Stage, journal: answers, pool: pool}
	work := func(ctx context.Context, row dataset.Row) ended { return task.work(ctx, desk, row, options) }
	ledger := newLedger(task, w, options.MaxDead)
	for e, err := range parallel.Map(ctx, picked.rows, window(pool), work) {
		if err == nil {
			err = ledger.settle(e)
		}
		if err != nil {
			return outcome, err
		}
		bar.Add(1)
		meter.rows.Add(1)
	}
	if err := ctx.Err(); err != nil {
		return outcome, err
	}
	ledger.close(picked)
	if err := place.accepts(ledger.balance.Out); err != nil {
		return outcome, err
	}
	outcome.Balances = []dataset.Balance{ledger.balance}
	return outcome, w.Commit(dataset.Meta{
		Name: job.Name, Card: job.Card, Parents: picked.parents, Balances: outcome.Balances,
		Parameters: task.parameters(job.Input),
	})
}

// parameters are the task's and those that the input's manifest has.
func (t Task) parameters(input string) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	if d, err := dataset.Open(input); err == nil { // other inputs have none
		maps.Copy(all, d.Manifest.Parameters)
	}
	all[t.Params] = t.ParamsText
	return all
}

func window(pool *llm.Pool) int {
	if pool == nil { // the journal answers at once
		return 64
	}
	return windowFactor * pool.Capacity()
}

// work does the task for one row. A row that is dead by the journal alone is
// done anew when options say so.
func (t Task) work(ctx context.Context, desk *desk, row dataset.Row, options Options) ended {
	if row.Sample.ID == "" {
		row.Sample.ID = dataset.ContentID(row.Sample.Messages)
	}
	asker := &Asker{desk: desk}
	result := t.Do(ctx, asker, row.Sample)
	if result.Dead != "" && !asker.asked && options.retries(result.Dead) {
		asker = &Asker{desk: desk, fresh: true}
		result = t.Do(ctx, asker, row.Sample)
	}
	return ended{row: row, result: result, step: dataset.Step{
		Stage: t.Stage, Version: t.Version, Params: t.Params, Prompt: t.Prompt.Hash,
		Parents: []string{row.Sample.ID}, Flags: unique(result.Flags),
		Model: asker.model, Server: asker.server, Tokens: asker.tokens, Confidence: result.Confidence,
	}}
}

func unique(names []string) []string {
	names = append([]string{}, names...)
	slices.Sort(names)
	return slices.Compact(names)
}

// ledger writes rows to their places, in the order of the input, and accounts
// for them.
type ledger struct {
	writer  *dataset.Writer
	stage   string
	maxDead int64
	dead    int64
	seen    map[string]map[[16]byte]struct{} // by split: ids written
	balance dataset.Balance
}

func newLedger(task Task, w *dataset.Writer, maxDead int64) *ledger {
	return &ledger{writer: w, stage: task.Stage, maxDead: maxDead, seen: map[string]map[[16]byte]struct{}{},
		balance: dataset.Balance{Stage: task.Stage, Unit: "samples"}}
}

func (l *ledger) settle(e ended) error {
	r := e.result
	switch {
	case errors.Is(r.Err, errNotAnswered):
		l.balance.In++
		l.balance.Pending++
		return nil
	case r.Err != nil:
		return r.Err
	case r.Dead != "":
		return l.fail(e)
	case r.Dropped != "":
		return l.drop(e, r.Dropped, r.Detail)
	}
	return l.pass(e)
}

func (l *ledger) pass(e ended) error {
	s := e.result.Sample
	s.ID = dataset.ContentID(s.Messages)
	s.Steps = append(slices.Clip(s.Steps), e.step)
	if l.repeats(e.row.Split, s.ID) {
		return l.drop(e, "equal to an earlier sample", "")
	}
	err := l.writer.Write(e.row.Split, s)
	if errors.Is(err, dataset.ErrInvalid) {
		return l.drop(e, dataset.ErrInvalid.Error(), strings.Join(strings.Fields(err.Error()), " "))
	}
	l.balance.In++
	l.balance.Out++
	return err
}

// repeats remembers an id and tells whether the split had it before.
func (l *ledger) repeats(split, id string) bool {
	var short [16]byte
	if _, err := hex.Decode(short[:], []byte(id)); err != nil {
		return false // no id of ours; Write refuses it
	}
	if l.seen[split] == nil {
		l.seen[split] = map[[16]byte]struct{}{}
	}
	_, seen := l.seen[split][short]
	l.seen[split][short] = struct{}{}
	return seen
}

func (l *ledger) drop(e ended, reason, detail string) error {
	l.balance.In++
	l.balance.Drop(reason)
	return l.bury(e, reason, detail)
}

func (l *ledger) fail(e ended) error {
	l.balance.In++
	l.balance.Fail(e.result.Dead)
	if l.dead++; l.maxDead >= 0 && l.dead > l.maxDead {
		return fmt.Errorf("more than %d samples are dead, the last one of %q: %s; answers are kept in the journal, so find the cause, or raise --max-dead, and run the same command again", l.maxDead, e.result.Dead, e.result.Detail)
	}
	return l.bury(e, e.result.Dead, e.result.Detail)
}

// bury keeps a row that does not go on: as it came, with the step that ended
// it.
func (l *ledger) bury(e ended, reason, detail string) error {
	if detail != "" {
		reason += ": " + detail
	}
	s := e.row.Sample
	s.Steps = append(slices.Clip(s.Steps), e.step)
	return l.writer.Drop(e.row.Split, dataset.Dropped{
		Sample: s, Filter: l.stage, Reason: reason, Value: e.result.Confidence, Threshold: e.result.Threshold,
	})
}

// deadRow is the class of rows that cannot be read.
const deadRow = "row cannot be read"

// close accounts for the rows that were not put through the task.
func (l *ledger) close(p picked) {
	l.balance.In += p.left + p.unreadable
	l.balance.Pending += p.left
	for range p.unreadable {
		l.balance.Fail(deadRow)
	}
}
