package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// countingStages is a recipe's worth of small stages: collect writes a text
// file of its parameter `rows`, make turns it into samples, keep drops every
// third. ran counts their runs.
func countingStages(ran map[string]int) []Stage {
	collect := func(_ context.Context, job Job) (Outcome, error) {
		ran["collect"]++
		params := struct{ Rows int }{Rows: 9}
		if err := job.Params.Decode(&params); err != nil {
			return Outcome{}, err
		}
		text := fmt.Sprint(params.Rows)
		if err := os.MkdirAll(job.Output, 0o755); err != nil {
			return Outcome{}, err
		}
		return Outcome{Fingerprint: text, Balances: []Balance{{Stage: "collect", Unit: "documents", In: 1, Out: 1}}},
			os.WriteFile(filepath.Join(job.Output, "rows"), []byte(text), 0o644)
	}
	makeSamples := func(ctx context.Context, job Job) (Outcome, error) {
		ran["make"]++
		text, err := os.ReadFile(filepath.Join(job.Input, "rows"))
		if err != nil {
			return Outcome{}, err
		}
		var rows int
		fmt.Sscan(string(text), &rows)
		w, err := Create(job.Output)
		if err != nil {
			return Outcome{}, err
		}
		defer w.Abort()
		for i := range rows {
			if err := w.Write("train", testSample(i)); err != nil {
				return Outcome{}, err
			}
		}
		balances := []Balance{{Stage: "make", Unit: "samples", In: int64(rows), Out: int64(rows)}}
		return Outcome{Balances: balances}, w.Commit(Meta{Name: job.Name, Balances: balances})
	}
	keep := func(ctx context.Context, job Job) (Outcome, error) {
		ran["keep"]++
		in, err := Open(job.Input)
		if err != nil {
			return Outcome{}, err
		}
		w, err := Create(job.Output)
		if err != nil {
			return Outcome{}, err
		}
		defer w.Abort()
		b := Balance{Stage: "keep", Unit: "samples"}
		for s, err := range in.Samples("") {
			if err != nil {
				return Outcome{}, err
			}
			b.In++
			if b.In%3 != 0 {
				b.Out++
				err = w.Write("train", s)
			} else {
				b.Drop("third")
				err = w.Drop("train", Dropped{Sample: s, Filter: "keep", Reason: "third"})
			}
			if err != nil {
				return Outcome{}, err
			}
		}
		return Outcome{Balances: []Balance{b}}, w.Commit(Meta{Name: job.Name, Balances: []Balance{b}})
	}
	return []Stage{
		{Name: "collect", Version: "1", Short: "writes a number", Run: collect},
		{Name: "make", Version: "1", Short: "makes samples", Run: makeSamples},
		{Name: "keep", Version: "1", Short: "drops every third", Run: keep},
	}
}

// testRecipe parses a recipe whose paths are below dir.
func testRecipe(t testing.TB, dir, stages string) *Recipe {
	t.Helper()
	r, err := ParseRecipe([]byte("name: small\nstages:\n" + stages))
	if err != nil {
		t.Fatal(err)
	}
	r.Output, r.Work = filepath.Join(dir, "small"), filepath.Join(dir, "work")
	return r
}

const threeStages = "- collect: {rows: 9}\n- make:\n- keep\n"

// treeBytes returns the content of every file below dir, by path.
func treeBytes(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameTree(t testing.TB, a, b map[string]string) {
	t.Helper()
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs", name)
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d files, %d files", len(a), len(b))
	}
}

func TestBuildRunsOnlyWhatChanged(t *testing.T) {
	dir := t.TempDir()
	ran := map[string]int{}
	stages := countingStages(ran)
	tests := []struct {
		name    string
		recipe  string
		change  func()
		force   bool
		want    map[string]int
		current bool // the result is up to date
	}{
		{"first", threeStages, nil, false, map[string]int{"collect": 1, "make": 1, "keep": 1}, false},
		{"again", threeStages, nil, false, map[string]int{}, true},
		{"comment and layout", "# said again\n- collect:\n    rows: 9 # nine\n- make: {}\n- keep: \n", nil, false, map[string]int{}, true},
		{"params", "- collect: {rows: 6}\n- make:\n- keep\n", nil, false, map[string]int{"collect": 1, "make": 1, "keep": 1}, false},
		{"force", "- collect: {rows: 6}\n- make:\n- keep\n", nil, true, map[string]int{"collect": 1, "make": 1, "keep": 1}, false},
		{"version", "- collect: {rows: 6}\n- make:\n- keep\n", func() { stages[2].Version = "2" }, false, map[string]int{"keep": 1}, true},
		{"always, nothing new", "- collect: {rows: 6}\n- make:\n- keep\n", func() { stages[0].Always = true }, false, map[string]int{"collect": 1}, true},
		{"output lost", "- collect: {rows: 6}\n- make:\n- keep\n", func() { os.RemoveAll(filepath.Join(dir, "work", "03-keep", "out")) }, false, map[string]int{"collect": 1, "keep": 1}, true},
		{"result lost", "- collect: {rows: 6}\n- make:\n- keep\n", func() {
			os.Remove(filepath.Join(dir, "small", ManifestName))
			os.RemoveAll(filepath.Join(dir, "small"))
		}, false, map[string]int{"collect": 1}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			clear(ran)
			if test.change != nil {
				test.change()
			}
			report, err := Build(t.Context(), testRecipe(t, dir, test.recipe), stages, BuildOptions{Force: test.force, Workers: 1, Stderr: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(ran) != fmt.Sprint(test.want) {
				t.Errorf("ran %v, want %v", ran, test.want)
			}
			if report.UpToDate != test.current {
				t.Errorf("result up to date: %v", report.UpToDate)
			}
			for _, b := range report.Balances() {
				if err := b.Check(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestBuildResult(t *testing.T) {
	dir := t.TempDir()
	if _, err := Build(t.Context(), testRecipe(t, dir, threeStages), countingStages(map[string]int{}), BuildOptions{Stderr: io.Discard}); err != nil {
		t.Fatal(err)
	}
	d, err := Open(filepath.Join(dir, "small"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(collect(t, d.Samples("train"))); n != 6 {
		t.Errorf("%d samples", n)
	}
	dropped := 0
	for s, err := range d.DroppedSamples() {
		if err != nil || s.Reason != "third" || s.Filter != "keep" {
			t.Errorf("%+v %v", s, err)
		}
		dropped++
	}
	if dropped != 3 || len(d.Manifest.Balances) != 3 {
		t.Errorf("%d dropped, %d balances", dropped, len(d.Manifest.Balances))
	}
}

// A build that is killed or stopped anywhere ends, run again, with the bytes
// of one that was not.
func TestBuildResumes(t *testing.T) {
	whole := t.TempDir()
	if _, err := Build(t.Context(), testRecipe(t, whole, threeStages), countingStages(map[string]int{}), BuildOptions{Stderr: io.Discard}); err != nil {
		t.Fatal(err)
	}
	want := treeBytes(t, filepath.Join(whole, "small"))
	for stop := range 3 {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		stages := countingStages(map[string]int{})
		run := stages[stop].Run
		stages[stop].Run = func(ctx context.Context, job Job) (Outcome, error) {
			w, err := Create(job.Output) // half a dataset is left
			if err != nil {
				return Outcome{}, err
			}
			if err := w.Write("train", testSample(1)); err != nil {
				return Outcome{}, err
			}
			cancel()
			return Outcome{}, ctx.Err()
		}
		_, err := Build(ctx, testRecipe(t, dir, threeStages), stages, BuildOptions{Stderr: io.Discard})
		if !errors.Is(err, ErrStopped) || !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped in stage %d: %v", stop, err)
		}
		stages[stop].Run = run
		if _, err := Build(t.Context(), testRecipe(t, dir, threeStages), stages, BuildOptions{Stderr: io.Discard}); err != nil {
			t.Fatal(err)
		}
		sameTree(t, want, treeBytes(t, filepath.Join(dir, "small")))
	}
}

func TestBuildErrors(t *testing.T) {
	lossy := Stage{Name: "lossy", Run: func(context.Context, Job) (Outcome, error) {
		return Outcome{Fingerprint: "x", Balances: []Balance{{Stage: "lossy", Unit: "samples", In: 3, Out: 2}}}, nil
	}}
	mute := Stage{Name: "mute", Run: func(context.Context, Job) (Outcome, error) { return Outcome{}, nil }}
	tests := []struct{ stages, want string }{
		{"- nothing\n", `unknown stage "nothing"; the stages are collect, make, keep, lossy, mute`},
		{"- collect: {row: 9}\n", `unknown field "row"`},
		{"- collect: {rows: nine}\n", "3 | - collect: {rows: nine}"},
		{"- lossy\n", "3 in, but 2 out"},
		{"- mute\n", "gave no fingerprint"},
		{"- collect\n", "last stage must write a dataset"},
	}
	for _, test := range tests {
		r := testRecipe(t, t.TempDir(), test.stages)
		_, err := Build(t.Context(), r, append(countingStages(map[string]int{}), lossy, mute), BuildOptions{Stderr: io.Discard})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.stages, err)
		}
	}
}

// What is wrong with the last stage or the output must not cost the work of
// the stages before.
func TestBuildChecksBeforeItRuns(t *testing.T) {
	ran := map[string]int{}
	stages := countingStages(ran)
	stages[2].Check = func(job Job) error {
		var params struct{ Every int }
		return job.Params.Decode(&params)
	}
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign")
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "notes.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ stages, output, work, want string }{
		{"- collect\n- make\n- keep: {evry: 3}\n", "out", "work", `unknown field "evry"`},
		{threeStages, "foreign", "work", "holds notes.txt"},
		{threeStages, "work", "work", "choose another folder with --work"},
		{threeStages, "out", "out/work", "choose another folder with --work"},
	}
	for _, test := range tests {
		r := testRecipe(t, dir, test.stages)
		r.Output, r.Work = filepath.Join(dir, test.output), filepath.Join(dir, test.work)
		_, err := Build(t.Context(), r, stages, BuildOptions{Stderr: io.Discard})
		if err == nil || !strings.Contains(err.Error(), test.want) || len(ran) > 0 {
			t.Errorf("%+v: %v, ran %v", test, err, ran)
		}
	}
}

func TestBuildReadsAnInput(t *testing.T) {
	ran := map[string]int{}
	stages := countingStages(ran)
	keep := &stages[2]
	keep.NeedsInput = true
	run := keep.Run
	keep.Run = func(ctx context.Context, job Job) (Outcome, error) { // takes files, too
		if d, err := Open(job.Input); err == nil {
			return run(ctx, Job{Name: job.Name, Input: d.Dir, Output: job.Output})
		}
		rows, err := OpenAny(job.Input)
		if err != nil {
			return Outcome{}, err
		}
		made := filepath.Join(job.WorkDir, "made")
		if _, err := Convert(ctx, rows, made, func(*RowError) {}); err != nil {
			return Outcome{}, err
		}
		return run(ctx, Job{Name: job.Name, Input: made, Output: job.Output})
	}
	dir := t.TempDir()
	build := func(input string) (BuildReport, error) {
		clear(ran)
		r := testRecipe(t, dir, "- keep\n")
		r.Input = input
		return Build(t.Context(), r, stages, BuildOptions{Stderr: io.Discard})
	}
	if _, err := build(""); err == nil || !strings.Contains(err.Error(), "first stage, keep, needs an input; name a dataset or file as `input:`") {
		t.Errorf("without an input: %v", err)
	}
	if _, err := build(filepath.Join(dir, "absent")); err == nil || !strings.Contains(err.Error(), "recipe small: input: ") {
		t.Errorf("absent input: %v", err)
	}
	set, folder := filepath.Join(dir, "set"), filepath.Join(dir, "folder")
	writeTestDataset(t, set, 9, DefaultShardBytes)
	os.Mkdir(folder, 0o755)
	file := filepath.Join(folder, "rows.jsonl")
	writeFile := func(row string) {
		if err := os.WriteFile(file, []byte(row+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(`{"prompt":"a","completion":"b"}`)
	for _, input := range []string{set, file, folder} {
		for again := range 2 {
			report, err := build(input)
			if err != nil || ran["keep"] != 1-again || report.UpToDate != (again == 1) {
				t.Errorf("%s: %v, ran %v, up to date: %v", input, err, ran, report.UpToDate)
			}
			d, err := Open(report.Output)
			if err != nil || len(d.Manifest.Parents) != 2 || len(d.Manifest.Parents[1]) != 64 {
				t.Errorf("%s: %v, parents %v", input, err, d.Manifest.Parents)
			}
			if in, err := Open(input); err == nil && d.Manifest.Parents[1] != in.Fingerprint {
				t.Errorf("parents %v lack the input's fingerprint %s", d.Manifest.Parents, in.Fingerprint)
			}
		}
	}
	writeFile(`{"prompt":"c","completion":"d"}`)
	if _, err := build(folder); err != nil || ran["keep"] != 1 {
		t.Errorf("after a change: %v, ran %v", err, ran)
	}
	if _, err := build(filepath.Join(dir, "small")); err == nil || !strings.Contains(err.Error(), "choose another folder with --out") {
		t.Errorf("input is output: %v", err)
	}
}

func TestParamsKeepDefaults(t *testing.T) {
	p, err := ParseParams("b: 7")
	if err != nil {
		t.Fatal(err)
	}
	v := struct{ A, B int }{1, 2}
	if err := p.Decode(&v); err != nil || v.A != 1 || v.B != 7 {
		t.Errorf("%+v %v", v, err)
	}
	for _, empty := range []string{"", "# only a comment\n", "null"} {
		p, err := ParseParams(empty)
		if err == nil {
			err = p.Decode(&v)
		}
		if err != nil || v.B != 7 {
			t.Errorf("%q: %+v %v", empty, v, err)
		}
	}
}
