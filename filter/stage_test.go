package filter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
)

// input writes a dataset of samples that the filters treat in every way, and
// returns its folder.
func input(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in")
	w, err := dataset.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	samples := []dataset.Sample{
		pair(question, "The sequence is increasing and bounded above, hence it converges to a limit."),
		pair(question, solutions[0]),
		pair(strings.ToUpper(question), strings.ReplaceAll(solutions[0], ", ", " ,")), // the same, in other clothes
		pair(question, "non"),
		pair(question, question+"."),
	}
	for i := range 60 {
		samples = append(samples, pair(fmt.Sprintf("%s Question %d.", question, i), fmt.Sprintf("%s (%d)", solutions[i%len(solutions)], i)))
	}
	for i, s := range samples {
		if err := w.Write([]string{"train", "test"}[i%2], s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(dataset.Meta{Name: "in", Card: dataset.Card{PrettyName: "in"}}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runStage filters in with the given parameters.
func runStage(t *testing.T, in, params string, workers int) (string, dataset.Balance) {
	t.Helper()
	p, err := dataset.ParseParams(params)
	if err != nil {
		t.Fatal(err)
	}
	job := dataset.Job{Name: "test", Params: p, Input: in, Output: filepath.Join(t.TempDir(), "out"), Workers: workers, Stderr: &bytes.Buffer{}}
	job.Card.PrettyName = "test"
	outcome, err := Stage().Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	if err := outcome.Balances[0].Check(); err != nil {
		t.Error(err)
	}
	return job.Output, outcome.Balances[0]
}

func TestStage(t *testing.T) {
	out, balance := runStage(t, input(t), "", 2)
	want := map[string]int64{
		"language: not in a wanted language": 1, "duplicates: equal to an earlier sample": 1,
		"length: answer too short": 1, "echo: answer repeats its question": 1,
	}
	if balance.In != 65 || balance.Out != 61 || fmt.Sprint(balance.Dropped) != fmt.Sprint(want) {
		t.Errorf("balance %+v", balance)
	}
	d, err := dataset.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range d.Samples("") {
		if err != nil {
			t.Fatal(err)
		}
		if last := s.Steps[len(s.Steps)-1]; last.Stage != "filter" || last.Version != version || last.Params == "" {
			t.Errorf("step %+v", last)
		}
	}
	dropped := 0
	for row, err := range d.DroppedSamples() {
		if err != nil {
			t.Fatal(err)
		}
		dropped++
		if row.Filter == "filter.duplicates" && row.Steps[len(row.Steps)-1].Parents[0] != pair(question, solutions[0]).ID &&
			row.Steps[len(row.Steps)-1].Parents[0] != pair(strings.ToUpper(question), strings.ReplaceAll(solutions[0], ", ", " ,")).ID {
			t.Errorf("the duplicate does not name its first: %+v", row.Steps)
		}
		if row.Filter == "filter.length" && (row.Value != 3 || row.Threshold != 8) {
			t.Errorf("value %v and threshold %v, want 3 and 8", row.Value, row.Threshold)
		}
	}
	if dropped != 4 {
		t.Errorf("%d dropped rows, want 4", dropped)
	}
}

func TestSameBytesForAnyWorkers(t *testing.T) {
	in := input(t)
	one, _ := runStage(t, in, "", 1)
	eight, _ := runStage(t, in, "", 8)
	files := 0
	err := filepath.WalkDir(one, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		a, err1 := os.ReadFile(path)
		b, err2 := os.ReadFile(filepath.Join(eight, strings.TrimPrefix(path, one)))
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs", path)
		}
		return errors.Join(err1, err2)
	})
	if err != nil || files < 5 {
		t.Errorf("%d files compared: %v", files, err)
	}
}

func TestParameters(t *testing.T) {
	in := input(t)
	_, balance := runStage(t, in, "filters: [duplicates, length: {min_answer: 2}]", 1)
	if want := map[string]int64{"duplicates: equal to an earlier sample": 1}; fmt.Sprint(balance.Dropped) != fmt.Sprint(want) {
		t.Errorf("dropped %v, want %v", balance.Dropped, want)
	}
	for params, want := range map[string]string{
		"filters: [lenght]":                      `there is no filter "lenght"; there are valid, empty, length`,
		"filters: [length: {min: 3}]":            "parameters of filter length",
		"filters: [empty: {min: 3}]":             "parameters of filter empty",
		"filters: [language: {languages: [xx]}]": `"xx" is not one of`,
		"filters: [empty, empty]":                "named twice",
		"filtres: [empty]":                       "parameters of filter",
	} {
		p, err := dataset.ParseParams(params)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := choose(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", params, err, want)
		}
	}
}

func TestUnreadableRowsAreDead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.jsonl")
	row := fmt.Sprintf(`{"messages":[{"role":"user","content":%q},{"role":"assistant","content":"Elle est croissante."}]}`, question)
	if err := os.WriteFile(path, []byte(row+"\n{broken\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, balance := runStage(t, path, "", 1)
	if balance.In != 2 || balance.Out != 1 || balance.Dead["row cannot be read"] != 1 {
		t.Errorf("balance %+v", balance)
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	job := dataset.Job{Name: "test", Input: input(t), Output: filepath.Join(t.TempDir(), "out"), Workers: 2, Stderr: &bytes.Buffer{}}
	if _, err := Stage().Run(ctx, job); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was stopped", err)
	}
	if _, err := os.Stat(job.Output); err == nil {
		t.Error("a stopped run left an output")
	}
}

// command runs luth filter with arguments.
func command(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := NewCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestCommands(t *testing.T) {
	in, out := input(t), filepath.Join(t.TempDir(), "out")
	list, err := command(t, "list")
	if err != nil || !strings.Contains(list, "min_answer: 8") {
		t.Errorf("list: %v\n%s", err, list)
	}
	config := filepath.Join(t.TempDir(), "filter.yaml")
	if err := os.WriteFile(config, []byte("filters:\n  - length: {min_answer: 5}\n  - duplicates\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	balance, err := command(t, "run", in, out, "--config", config)
	if err != nil || !strings.Contains(balance, "filter dropped 1: length: answer too short") {
		t.Errorf("run: %v\n%s", err, balance)
	}
	for _, s := range []dataset.Sample{pair(question, "non"), pair(question, solutions[0])} {
		text, err := command(t, "explain", s.ID[:12], "--in", out)
		drops := strings.Contains(text, "drops")
		if err != nil || drops != (s.Messages[1].Content == "non") {
			t.Errorf("explain: %v\n%s", err, text)
		}
	}
	if _, err := command(t, "explain", "zzz", "--in", out); err == nil || !strings.Contains(err.Error(), "holds no sample") {
		t.Errorf("explain of nothing: %v", err)
	}
}
