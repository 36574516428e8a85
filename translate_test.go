package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/fakellm"
)

// trouble is what the server of the kill test does to requests: faults that
// pass, and a few that stay.
const trouble = "429=0.002,429-bare=0.002,500=0.005,503=0.003,html-502=0.002,reset=0.004,slow=0.01,cut=0.003," +
	"bad-json=0.003,bad-utf8=0.002,error-200=0.003,no-choices=0.002,422=0.002,flat-400=0.002,null=0.004,empty=0.001," +
	"truncated=0.01,finish=0.003,english=0.01,looped=0.01,duplicated=0.01,echo=0.01,think=0.01,tags=0.01,lost=0.01"

// TestKilledTranslationEndsWithTheSameBytes kills a translation ten times at
// random moments, and compares what a last run makes of it with a run never
// stopped. LUTH_KILL_SAMPLES sets the number of samples.
func TestKilledTranslationEndsWithTheSameBytes(t *testing.T) {
	samples := 2000
	if testing.Short() {
		samples = 300
	}
	if n, err := strconv.Atoi(os.Getenv("LUTH_KILL_SAMPLES")); err == nil {
		samples = n
	}
	in := filepath.Join(t.TempDir(), "in.jsonl")
	writeConversations(t, in, samples)
	script, err := fakellm.ParseScript(trouble)
	if err != nil {
		t.Fatal(err)
	}
	serve := func() (*fakellm.Server, string) {
		server := fakellm.New(fakellm.Options{Script: script, Thinks: true, Count: true, Latency: 20 * time.Millisecond})
		web := httptest.NewServer(server)
		t.Cleanup(web.Close)
		return server, web.URL
	}
	run := func(dir, url string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "translate", "prompts", in, filepath.Join(dir, "out"), "--model", dataset.RehearsalModel, "--base-url", url)
		cmd.Env = append(os.Environ(), "LUTH_TEST_RUN=1")
		return cmd
	}
	calm, disturbed := t.TempDir(), t.TempDir()
	_, url := serve()
	start := time.Now()
	balance, err := run(calm, url).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	whole := time.Since(start)

	server, url := serve()
	const kills = 10
	random := rand.New(rand.NewPCG(1, 2))
	killed := 0
	for range kills {
		cmd := run(disturbed, url)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(random.Float64()*0.3*float64(whole)), func() { cmd.Process.Kill() })
		if cmd.Wait() != nil {
			killed++
		}
	}
	last, err := run(disturbed, url).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	if !bytes.Equal(last, balance) {
		t.Errorf("another balance:\n%s%s", balance, last)
	}
	for _, name := range []string{dataset.ManifestName, "README.md"} { // the manifest has the hash of every file
		if !bytes.Equal(read(t, calm, name), read(t, disturbed, name)) {
			t.Errorf("%s differs after %d kills", name, killed)
		}
	}
	stats := server.Stats()
	if most := killed * int(stats.Peak); stats.Again > most+kills+1 { // each run asks one canary
		t.Errorf("%d answers were asked for twice; %d kills can lose %d", stats.Again, killed, most)
	}
	t.Logf("%d samples, %d kills, undisturbed in %s; %d requests, %d answers, %d of them asked for twice\n%s",
		samples, killed, whole.Round(time.Millisecond), stats.Requests, stats.Answered, stats.Again, balance)
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "out", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// writeConversations writes English conversations as JSON lines.
func writeConversations(t *testing.T, path string, n int) {
	t.Helper()
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"messages":[{"role":"user","content":"Question %d: please explain in %d steps why $x^2 = %d$ has two solutions, then write `+"`print(%d)`"+` for {name}. See https://example.org/%d."},{"role":"assistant","content":"As example %d shows."}]}`+"\n", i, i%7+2, i, i, i, i)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
