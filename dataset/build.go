package dataset

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/kurakurai/luth/internal/atomicfile"
	"github.com/kurakurai/luth/internal/progress"
)

// BuildOptions change how a recipe is built, not what comes out.
type BuildOptions struct {
	Force   bool // run every stage, up to date or not
	Workers int
	Stderr  io.Writer
}

// BuildReport tells what a build did.
type BuildReport struct {
	Name        string        `json:"name"`
	Output      string        `json:"output"`
	Fingerprint string        `json:"fingerprint"` // of the result's manifest
	Splits      []Split       `json:"splits"`
	UpToDate    bool          `json:"up_to_date"` // the result was there already
	Stages      []StageReport `json:"stages"`
}

// StageReport tells what a build did with one stage.
type StageReport struct {
	Name        string    `json:"name"`
	UpToDate    bool      `json:"up_to_date"`
	Output      string    `json:"output"`
	Fingerprint string    `json:"fingerprint"`
	Balances    []Balance `json:"balances"`
}

// Balances returns the accounts of all stages.
func (r BuildReport) Balances() (all []Balance) {
	for _, s := range r.Stages {
		all = append(all, s.Balances...)
	}
	return all
}

// ErrStopped is returned by a build that was interrupted. It is also
// context.Canceled, for callers that choose an exit code.
var ErrStopped error = stopped{}

type stopped struct{}

func (stopped) Error() string { return "stopped; run the same command to resume" }
func (stopped) Unwrap() error { return context.Canceled }

// Build runs the stages of a recipe that are not up to date and writes the
// dataset. The report holds the stages done, also when there is an error.
func Build(ctx context.Context, r *Recipe, stages []Stage, options BuildOptions) (BuildReport, error) {
	report := BuildReport{Name: r.Name, Output: r.Output}
	called, err := r.resolve(stages)
	if err != nil {
		return report, err
	}
	jobs := r.jobs(called, options)
	if err := r.check(called, jobs); err != nil {
		return report, err
	}
	var counter *TokenCounter
	if r.Tokenizer != "" { // before the stages: they may take hours
		if counter, err = OpenTokenCounter(r.Tokenizer); err != nil {
			return report, fmt.Errorf("recipe %s: tokenizer: %w", r.Name, err)
		}
	}
	source := ""
	if r.Input != "" {
		if source, err = inputFingerprint(ctx, r.Input); err != nil {
			return report, fmt.Errorf("recipe %s: input: %w", r.Name, err)
		}
	}
	input := StageReport{Fingerprint: source}
	for i, stage := range called {
		fmt.Fprintf(options.Stderr, "%d/%d %s", i+1, len(called), stage.Name)
		run := stageRun{stage: stage, job: jobs[i], input: input.Fingerprint, force: options.Force}
		input, err = run.do(ctx)
		if ctx.Err() != nil {
			return report, ErrStopped
		}
		if err != nil {
			return report, fmt.Errorf("stage %s: %w", stage.Name, err)
		}
		report.Stages = append(report.Stages, input)
	}
	err = finish(ctx, r, &report, source, counter, options)
	if ctx.Err() != nil {
		err = ErrStopped
	}
	return report, err
}

// jobs returns the work of every stage. The first reads the recipe's input,
// each other what the one before wrote.
func (r *Recipe) jobs(stages []Stage, options BuildOptions) []Job {
	jobs := make([]Job, len(stages))
	input := r.Input
	for i, stage := range stages {
		dir := filepath.Join(r.Work, fmt.Sprintf("%02d-%s", i+1, stage.Name))
		jobs[i] = Job{
			Name: r.Name, Card: r.Card, Params: r.Stages[i].Params, Rehearsal: r.Rehearsal,
			Input: input, WorkDir: dir, Output: filepath.Join(dir, "out"),
			Workers: options.Workers, Stderr: options.Stderr,
		}
		input = jobs[i].Output
	}
	return jobs
}

// stageRun is one stage within a build.
type stageRun struct {
	stage Stage
	job   Job
	input string // fingerprint of job.Input
	force bool
}

// stageRecord is stage.json, written last: it says that the stage's output is
// whole, and what it was made from.
type stageRecord struct {
	Key         string    `json:"key"`
	Fingerprint string    `json:"fingerprint"`
	Manifest    string    `json:"manifest"` // fingerprint of the output's manifest, if it has one
	Balances    []Balance `json:"balances"`
}

// do runs the stage unless its record says that nothing has changed.
func (r stageRun) do(ctx context.Context) (StageReport, error) {
	report := StageReport{Name: r.stage.Name, Output: r.job.Output}
	key, err := r.key()
	if err != nil {
		fmt.Fprintln(r.job.Stderr)
		return report, err
	}
	recordPath := filepath.Join(r.job.WorkDir, "stage.json")
	record, found := readRecord(recordPath)
	report.UpToDate = found && !r.force && !r.stage.Always && record.Key == key && r.intact(record)
	if report.UpToDate {
		fmt.Fprintln(r.job.Stderr, "  up to date")
	} else {
		fmt.Fprintln(r.job.Stderr)
		if record, err = r.run(ctx, recordPath, key); err != nil {
			return report, err
		}
	}
	report.Fingerprint, report.Balances = record.Fingerprint, record.Balances
	return report, nil
}

// key hashes everything that decides the stage's output.
func (r stageRun) key() (string, error) {
	params, err := r.job.Params.Hash()
	if err != nil {
		return "", err
	}
	external := ""
	if r.stage.External != nil {
		if external, err = r.stage.External(r.job); err != nil {
			return "", err
		}
	}
	if r.job.Rehearsal {
		external += RehearsalModel
	}
	return hashOf(Version, r.stage.Name, r.stage.Version, params, r.input, external), nil
}

func readRecord(path string) (record stageRecord, ok bool) {
	text, err := os.ReadFile(path)
	return record, err == nil && json.Unmarshal(text, &record) == nil
}

// intact tells whether the output still is what the record says.
func (r stageRun) intact(record stageRecord) bool {
	if _, err := os.Stat(r.job.Output); err != nil {
		return false
	}
	return manifestFingerprint(r.job.Output) == record.Manifest
}

// manifestFingerprint returns "" for a folder that is not a dataset.
func manifestFingerprint(dir string) string {
	_, fingerprint, _ := ReadManifest(dir)
	return fingerprint
}

// run runs the stage and records it. The old record goes first: a run that is
// killed leaves none.
func (r stageRun) run(ctx context.Context, recordPath, key string) (record stageRecord, err error) {
	if err := os.MkdirAll(r.job.WorkDir, 0o755); err != nil {
		return record, err
	}
	if err := os.Remove(recordPath); err != nil && !errors.Is(err, os.ErrNotExist) {
		return record, err
	}
	outcome, err := r.stage.Run(ctx, r.job)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return record, err
	}
	for _, b := range outcome.Balances {
		if err := b.Check(); err != nil {
			return record, err
		}
	}
	record = stageRecord{Key: key, Fingerprint: outcome.Fingerprint, Manifest: manifestFingerprint(r.job.Output), Balances: outcome.Balances}
	if record.Fingerprint == "" {
		record.Fingerprint = record.Manifest
	}
	if record.Fingerprint == "" {
		return record, fmt.Errorf("it wrote no dataset to %s and gave no fingerprint; this is a bug in luth, please report it", r.job.Output)
	}
	text, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return record, err
	}
	return record, atomicfile.WriteFile(recordPath, append(text, '\n'))
}

// finish makes the dataset of the last stage's output: its samples, the
// dropped samples and the balances of all stages, and the recipe's card. source
// is the fingerprint of the recipe's input, or empty.
func finish(ctx context.Context, r *Recipe, report *BuildReport, source string, counter *TokenCounter, options BuildOptions) error {
	last, err := Open(report.Stages[len(report.Stages)-1].Output)
	if err != nil {
		return fmt.Errorf("the recipe's last stage must write a dataset: %w", err)
	}
	if err := refuseRehearsal(r, last.Manifest); err != nil {
		return err
	}
	meta := Meta{Name: r.Name, Card: r.Card, Balances: report.Balances(), Parents: []string{last.Fingerprint}}
	if source != "" {
		meta.Parents = append(meta.Parents, source)
	}
	if meta.Recipe, err = r.Hash(); err != nil {
		return err
	}
	if meta.Parameters, err = parametersOf(report.Stages); err != nil {
		return err
	}
	if report.UpToDate = !options.Force && current(r.Output, meta, counter); !report.UpToDate {
		if err := assemble(ctx, r.Output, last, report.Stages, meta, counter, options.Stderr); err != nil {
			return err
		}
	}
	m, fingerprint, err := ReadManifest(r.Output)
	report.Splits, report.Fingerprint = m.Splits, fingerprint
	return err
}

// parametersOf collects the parameters that the stages' datasets hold.
func parametersOf(stages []StageReport) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	for _, s := range stages {
		m, _, err := ReadManifest(s.Output)
		if errors.Is(err, ErrNotDataset) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for hash, params := range m.Parameters {
			if all == nil {
				all = map[string]json.RawMessage{}
			}
			all[hash] = params
		}
	}
	return all, nil
}

// current tells whether the dataset at dir is the one that meta describes,
// its tokens counted by counter, with all files there.
func current(dir string, meta Meta, counter *TokenCounter) bool {
	m, _, err := ReadManifest(dir)
	if err != nil || m.Luth != Version || m.Recipe != meta.Recipe || !slices.Equal(m.Parents, meta.Parents) {
		return false
	}
	if (m.Tokenizer == nil) != (counter == nil) || counter != nil && *m.Tokenizer != counter.TokenizerInfo {
		return false
	}
	before, err1 := json.Marshal(m.Balances)
	now, err2 := json.Marshal(meta.Balances)
	if err1 != nil || err2 != nil || !bytes.Equal(before, now) {
		return false
	}
	for _, s := range slices.Concat(m.Shards, m.Dropped) {
		if info, err := os.Stat(filepath.Join(dir, s.Path)); err != nil || info.Size() != s.Bytes {
			return false
		}
	}
	return true
}

func assemble(ctx context.Context, dir string, last *Dataset, stages []StageReport, meta Meta, counter *TokenCounter, stderr io.Writer) error {
	w, err := Create(dir)
	if err != nil {
		return err
	}
	defer w.Abort()
	w.Tokens = counter
	bar := progress.New(stderr, "write "+dir, last.Manifest.Rows())
	defer bar.Close()
	for row, err := range last.Rows() {
		if err == nil {
			err = errors.Join(ctx.Err(), w.Write(row.Split, row.Sample))
		}
		if err != nil {
			return err
		}
		bar.Add(1)
	}
	for _, stage := range stages {
		if err := copyDropped(ctx, w, stage.Output); err != nil {
			return err
		}
	}
	return w.Commit(meta)
}

// copyDropped copies the dropped samples of a stage, if it wrote a dataset.
func copyDropped(ctx context.Context, w *Writer, dir string) error {
	d, err := Open(dir)
	if errors.Is(err, ErrNotDataset) {
		return nil
	}
	if err != nil {
		return err
	}
	for row, err := range d.droppedRows() {
		if err == nil {
			err = errors.Join(ctx.Err(), w.Drop(row.Split, row.Dropped))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
