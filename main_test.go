package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if os.Getenv("LUTH_TEST_RUN") != "" { // this binary stands for luth
		os.Exit(run())
	}
	testscript.Main(m, map[string]func(){"luth": func() { os.Exit(run()) }})
}

// TestScripts runs the exchanges at the prompt in testdata/script.
func TestScripts(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", root)
			env.Setenv("SITE", filepath.Join(root, "scrape", "examsite", "site"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "checkpoint": checkpoint},
	})
}

// exits runs a command that must end with the given code: exits 3 luth scrape
// extract scan.pdf. Its output is in the files stdout and stderr.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// TestKilledBuildEndsWithTheSameBytes kills a build of the quick start again
// and again, each time a little later, in crawl, extraction, alignment and
// filter, and compares what a last run makes of it with a build never stopped.
func TestKilledBuildEndsWithTheSameBytes(t *testing.T) {
	recipe, err := filepath.Abs("recipes/quickstart.yaml")
	if err != nil {
		t.Fatal(err)
	}
	build := func(dir string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "build", recipe)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LUTH_TEST_RUN=1")
		return cmd
	}
	calm, disturbed := t.TempDir(), t.TempDir()
	start := time.Now()
	if out, err := build(calm).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(start)
	const kills = 12
	for i := range kills {
		cmd := build(disturbed)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(whole*time.Duration(i+1)/(kills+1), func() { cmd.Process.Kill() })
		cmd.Wait() // killed, or done before
	}
	if out, err := build(disturbed).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"manifest.json", "README.md"} {
		want, err := os.ReadFile(filepath.Join(calm, "out", "quickstart", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(disturbed, "out", "quickstart", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s differs after %d kills", name, kills)
		}
	}
}
