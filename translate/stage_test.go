package translate

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/internal/fakellm"
)

// given is a stage that only copies a dataset, so that recipes have a first
// stage.
func given(in string) dataset.Stage {
	return dataset.Stage{Name: "given", Version: "1", Run: func(_ context.Context, job dataset.Job) (dataset.Outcome, error) {
		d, err := dataset.Open(in)
		if err != nil {
			return dataset.Outcome{}, err
		}
		w, err := dataset.Create(job.Output)
		if err != nil {
			return dataset.Outcome{}, err
		}
		defer w.Abort()
		for row, err := range d.Rows() {
			if err == nil {
				err = w.Write(row.Split, row.Sample)
			}
			if err != nil {
				return dataset.Outcome{}, err
			}
		}
		return dataset.Outcome{}, w.Commit(dataset.Meta{Name: "given"})
	}}
}

func build(t *testing.T, recipe, in string) (dataset.BuildReport, error) {
	t.Helper()
	r, err := dataset.ParseRecipe([]byte(recipe))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	r.Output, r.Work = filepath.Join(dir, "out"), filepath.Join(dir, "work")
	return dataset.Build(t.Context(), r, append(Stages(), given(in)), dataset.BuildOptions{Workers: 2, Stderr: io.Discard})
}

const stages = `
stages:
  - given
  - translate.prompts: {temperature: 0.5}
  - translate.regenerate: {n: 2}
`

// A recipe that is a rehearsal says so to the end; one that is not refuses
// rows that were rehearsed.
func TestRehearsalInARecipe(t *testing.T) {
	t.Setenv(envURL, "")
	report, err := build(t, "name: luth\nrehearsal: true"+stages, inputOf(t, 20))
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Open(report.Output)
	if err != nil || d.Manifest.Rehearsal != 20 || len(d.Manifest.Balances) != 2 || len(d.Manifest.Parameters) != 2 {
		t.Errorf("%+v, %v", d.Manifest, err)
	}
	_, err = build(t, "name: luth\nstages: [given]", report.Output)
	if err == nil || !strings.Contains(err.Error(), "20 samples were made in a rehearsal") {
		t.Errorf("%v", err)
	}
	_, err = build(t, "name: luth"+stages, inputOf(t, 20))
	if err == nil || !strings.Contains(err.Error(), envURL) {
		t.Errorf("without a server: %v", err)
	}
}

// A recipe has no flags, so its errors name what it does have.
func TestRecipeWithoutServer(t *testing.T) {
	for url, want := range map[string]string{"": "`rehearsal: true`", "http://127.0.0.1:9/v1": "correct " + envURL} {
		t.Setenv(envURL, url)
		_, err := build(t, "name: luth"+stages, inputOf(t, 2))
		if exit.Code(err) != exit.BadUsage || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), envURL) || strings.Contains(err.Error(), "--") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// A real server is named by the environment; a fake behind it is still seen.
func TestServerFromTheEnvironment(t *testing.T) {
	options, _ := served(t, fakellm.Options{}, "")
	t.Setenv(envURL, options.Endpoints[0])
	t.Setenv(envConcurrency, "8")
	_, err := build(t, "name: luth\nstages:\n  - given\n  - translate.prompts: {model: rehearsal}", inputOf(t, 20))
	if err == nil || !strings.Contains(err.Error(), "rehearsal") {
		t.Errorf("rehearsed rows pass: %v", err)
	}
	_, err = build(t, "name: luth\nstages:\n  - given\n  - translate.prompts: {modle: x}", inputOf(t, 2))
	if err == nil || !strings.Contains(err.Error(), "modle") {
		t.Errorf("%v", err)
	}
}
