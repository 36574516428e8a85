package dataset

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// execute runs a command as main does.
func execute(t *testing.T, cmd *cobra.Command, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

func TestDatasetCommands(t *testing.T) {
	dir := t.TempDir()
	set := filepath.Join(dir, "set")
	writeTestDataset(t, set, 50, DefaultShardBytes)
	other := filepath.Join(dir, "other")
	writeTestDataset(t, other, 51, DefaultShardBytes)
	broken := filepath.Join(dir, "broken")
	writeTestDataset(t, broken, 50, DefaultShardBytes)
	os.Truncate(filepath.Join(broken, "data", "test-00000-of-00001.parquet"), 100)
	rows := filepath.Join(dir, "rows.jsonl")
	if err := os.WriteFile(rows, []byte(`{"prompt":"u\u001b[2J","completion":"a"}`+"\nnot JSON\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	id50 := testSample(50).ID
	tests := []struct {
		args   []string
		stdout []string
		stderr string
		err    string
	}{
		{args: []string{"verify", set}, stdout: []string{"43 samples and 7 dropped samples in 3 files are as the manifest says"}},
		{args: []string{"verify", set, "--json"}, stdout: []string{`"differences":[]`, `"rows":43`}},
		{args: []string{"verify", broken}, stdout: []string{"data/test-00000-of-00001.parquet: 100 bytes"}, err: "differences; build the dataset again"},
		{args: []string{"verify", dir}, err: "not a dataset directory"},
		{args: []string{"stats", set}, stdout: []string{"rows           43", "mathematics", "CC-BY-4.0", "assistant"}},
		{args: []string{"stats", rows, "--json"}, stdout: []string{`"rows":1,`, `"turns":{"2":1}`}, stderr: "1 rows could not be read"},
		{args: []string{"head", set, "-n", "1"}, stdout: []string{"test  ", "  [user]\n    Exercice 0."}},
		{args: []string{"head", set, "-n", "2", "--split", "train", "--json"}, stdout: []string{`{"id":"`, `"subject":"physics-chemistry"`}},
		{args: []string{"head", set, "--dropped"}, stdout: []string{"dropped by filter.length: too_short (3, threshold 20)"}},
		{args: []string{"head", set, "--dropped", "--json"}, stdout: []string{`"reason":"too_short"`}},
		{args: []string{"head", rows}, stdout: []string{"u\uFFFD[2J"}, stderr: "unreadable row: " + rows + ":2: "},
		{args: []string{"head", set, "--split", "dev"}, stderr: "nothing to show"},
		{args: []string{"convert", set, filepath.Join(dir, "set.jsonl.zst")}, stdout: []string{"43 samples in"}},
		{args: []string{"convert", rows, filepath.Join(dir, "rows"), "--json"}, stdout: []string{`"dropped":{"invalid":1}`, `"dead":{"unreadable":1}`}},
		{args: []string{"diff", set, set}},
		{args: []string{"diff", filepath.Join(dir, "set.jsonl.zst"), set}},
		{args: []string{"diff", set, other}, stdout: []string{"+ " + id50 + "\n"}, err: "43 the same, 1 added, 0 removed"},
		{args: []string{"diff", set, other, "--json"}, stdout: []string{`"added":["` + id50 + `"]`}, err: "differ"},
		{args: []string{"card", set}, stdout: []string{"pretty_name:", "## How it was built"}},
		{args: []string{"card", set, "--write"}},
		{args: []string{"stats", filepath.Join(dir, "absent")}, err: "no such file"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args[:1], " "), func(t *testing.T) {
			stdout, stderr, err := execute(t, NewCommand(), test.args...)
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			for _, want := range test.stdout {
				if !strings.Contains(stdout, want) {
					t.Errorf("no %q in\n%s", want, stdout)
				}
			}
			if len(test.stdout) == 0 && stdout != "" {
				t.Errorf("stdout: %s", stdout)
			}
			if !strings.Contains(stderr, test.stderr) {
				t.Errorf("no %q in stderr:\n%s", test.stderr, stderr)
			}
		})
	}
}

func TestCardWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	writeTestDataset(t, dir, 50, DefaultShardBytes)
	path := filepath.Join(dir, "README.md")
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("scribble"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := execute(t, NewCommand(), "card", dir, "--write"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, want) {
		t.Error("another card than the one the dataset was written with")
	}
}

func TestBuildCommand(t *testing.T) {
	dir := t.TempDir()
	recipe := filepath.Join(dir, "small.yaml")
	if err := os.WriteFile(recipe, []byte("name: small\nstages:\n"+threeStages), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{recipe, "--out", filepath.Join(dir, "small"), "--work", filepath.Join(dir, "work")}
	stages := countingStages(map[string]int{})
	stdout, stderr, err := execute(t, NewBuildCommand(stages), args...)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"keep samples", "dropped 3: third", "small: 6 samples in"} {
		if !strings.Contains(strings.Join(strings.Fields(stdout), " "), want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	if !strings.Contains(stderr, "2/3 make\n") {
		t.Error(stderr)
	}
	stdout, stderr, err = execute(t, NewBuildCommand(stages), append(args, "--json")...)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(stderr, "2/3 make  up to date\n") {
		t.Error(stderr)
	}
	var report BuildReport
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || !report.UpToDate || len(report.Stages) != 3 || report.Splits[0].Rows != 6 {
		t.Errorf("%s %v", stdout, err)
	}
}
