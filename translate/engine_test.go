package translate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/internal/fakellm"
)

// conversation is a sample in English, with or without a system turn and a
// second exchange.
func conversation(n int) dataset.Sample {
	var s dataset.Sample
	say := func(role, format string, args ...any) {
		s.Messages = append(s.Messages, dataset.Message{Role: role, Content: fmt.Sprintf(format, args...)})
	}
	if n%3 == 0 {
		say("system", "You are a patient teacher of class %d.", n)
	}
	say("user", "Question %d: please explain why the equation $x^2 = %d$ has two solutions, and write `print(%d)`.", n, n, n)
	say("assistant", "Because a square has two roots, as example %d shows.", n)
	if n%4 == 1 {
		say("user", "And what about {name} in question %d?", n)
		say("assistant", "The same, for number %d.", n)
	}
	return s
}

// inputOf writes samples and returns their folder.
func inputOf(t *testing.T, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in")
	w, err := dataset.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for i := range n {
		if err := w.Write([]string{"train", "test"}[i%2], conversation(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(dataset.Meta{Name: "in"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// served starts a fake and returns options that ask it.
func served(t *testing.T, options fakellm.Options, faults string) (Options, *fakellm.Server) {
	t.Helper()
	var err error
	if options.Script, err = fakellm.ParseScript(faults); err != nil {
		t.Fatal(err)
	}
	options.Count = true
	server := fakellm.New(options)
	web := httptest.NewServer(server)
	t.Cleanup(web.Close)
	return Options{
		Endpoints: []string{web.URL}, Concurrency: 64, MaxDead: -1, Patience: 30 * time.Second,
		Journal: filepath.Join(t.TempDir(), "journal.db"),
	}, server
}

// prompts returns the ready stage, changed as the test likes.
func prompts(t *testing.T, change func(*PromptsParams)) Task {
	t.Helper()
	p := promptsDefaults()
	p.Model = dataset.RehearsalModel
	if change != nil {
		change(&p)
	}
	task, err := promptsTask(p)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// try runs a task and returns the output folder, the balance and the error.
func try(t *testing.T, in string, task Task, o Options) (string, dataset.Balance, error) {
	t.Helper()
	job := dataset.Job{Name: "test", Input: in, Output: filepath.Join(t.TempDir(), "out"), Stderr: io.Discard}
	outcome, err := Run(t.Context(), job, task, o)
	if err != nil {
		return job.Output, dataset.Balance{}, err
	}
	return job.Output, outcome.Balances[0], nil
}

func mustRun(t *testing.T, in string, task Task, o Options) (string, dataset.Balance) {
	t.Helper()
	out, balance, err := try(t, in, task, o)
	if err != nil {
		t.Fatal(err)
	}
	return out, balance
}

func samplesOf(t *testing.T, dir string) (list []dataset.Sample) {
	t.Helper()
	d, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range d.Samples("") {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func droppedOf(t *testing.T, dir string) (list []dataset.Dropped) {
	t.Helper()
	d, err := dataset.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range d.DroppedSamples() {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func manifest(t *testing.T, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, dataset.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPromptsTranslatesEveryTurnInOrder(t *testing.T) {
	in := inputOf(t, 60)
	options, _ := served(t, fakellm.Options{Thinks: true}, "")
	out, balance := mustRun(t, in, prompts(t, nil), options)
	if balance.In != 60 || balance.Out != 60 {
		t.Fatalf("balance %+v", balance)
	}
	sources, made := samplesOf(t, in), samplesOf(t, out)
	for i, s := range made {
		source := sources[i]
		if step := s.Steps[0]; !slices.Equal(step.Parents, []string{source.ID}) || step.Model != dataset.RehearsalModel ||
			step.Server != "luth-rehearsal" || step.Tokens == 0 || len(step.Params) != 64 || len(step.Prompt) != 64 {
			t.Errorf("row %d: step %+v", i, step)
		}
		for j, m := range s.Messages {
			same := m.Content == source.Messages[j].Content
			if m.Role != source.Messages[j].Role || same != (m.Role == dataset.RoleAssistant) {
				t.Errorf("row %d, message %d: %+v of %+v", i, j, m, source.Messages[j])
			}
		}
	}
	if d, err := dataset.Open(out); err != nil || d.Manifest.Rehearsal != 60 || len(d.Manifest.Parameters[made[0].Steps[0].Params]) == 0 {
		t.Errorf("the rows are not marked as rehearsed, or their parameters lost: %v", err)
	}
	report, err := dataset.Verify(t.Context(), out)
	if err != nil || len(report.Differences) > 0 {
		t.Errorf("%v %v", report.Differences, err)
	}
}

// Faults of the connection change nothing; those of the model end in a class.
func TestFaultsAndBalance(t *testing.T) {
	in := inputOf(t, 300)
	clean, _ := served(t, fakellm.Options{}, "")
	calm, _ := mustRun(t, in, prompts(t, nil), clean)
	rough, _ := served(t, fakellm.Options{}, "429=0.05,500=0.05,503=0.05,reset=0.05,cut=0.05,bad-json=0.05,error-200=0.05,html-502=0.05:2")
	storm, balance := mustRun(t, in, prompts(t, nil), rough)
	if balance.Out != 300 || manifest(t, calm) != manifest(t, storm) {
		t.Errorf("faults of the connection changed the result: %+v", balance)
	}
	bad, server := served(t, fakellm.Options{}, "null=0.05,422=0.02,finish=0.05,think=0.1,tags=0.1")
	out, balance := mustRun(t, in, prompts(t, nil), bad)
	if balance.Out+sumOf(balance.Dead) != 300 || balance.Dead["bad_request"] == 0 || balance.Dead["finish"] == 0 {
		t.Errorf("balance %+v", balance)
	}
	dropped := droppedOf(t, out)
	if int64(len(dropped)) != sumOf(balance.Dead) {
		t.Errorf("%d rows in dropped, %d dead", len(dropped), sumOf(balance.Dead))
	}
	for _, d := range dropped {
		class, _, _ := strings.Cut(d.Reason, ":")
		if d.Filter != "translate.prompts" || balance.Dead[class] == 0 || d.Messages[0].Content == "" {
			t.Errorf("dropped: %s, %s", d.Filter, d.Reason)
		}
	}
	// Nothing is asked again, dead or not, unless it is wanted.
	before := server.Stats().Requests
	again, _ := mustRun(t, in, prompts(t, nil), bad)
	if n := server.Stats().Requests - before; n > 1 || manifest(t, again) != manifest(t, out) { // 1: the canary
		t.Errorf("%d requests for what is in the journal", n)
	}
	bad.RetryDead = []string{"finish"}
	before = server.Stats().Requests
	_, retried := mustRun(t, in, prompts(t, nil), bad)
	if n := server.Stats().Requests - before; n < balance.Dead["finish"] || n > 4*balance.Dead["finish"]+1 || retried.Out != balance.Out {
		t.Errorf("%d requests for %d dead rows, %+v", n, balance.Dead["finish"], retried)
	}
}

func sumOf(counts map[string]int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}

// A gate that rejects is told to the model, and the model asked again.
func TestRefusedTextsAreAskedAgain(t *testing.T) {
	in := inputOf(t, 200)
	options, server := served(t, fakellm.Options{}, "tags=0.3")
	_, balance := mustRun(t, in, prompts(t, nil), options)
	// One text is refused three times in 0.3^3 of the cases.
	if balance.Out < 180 || balance.Dead["wrapper"] == 0 || balance.Dead["wrapper"] > 20 {
		t.Errorf("balance %+v after %d requests", balance, server.Stats().Requests)
	}
}

func TestOnlyWhatChangedIsAsked(t *testing.T) {
	in, more := inputOf(t, 40), inputOf(t, 50)
	options, server := served(t, fakellm.Options{}, "")
	asked := func(task Task, in string) int {
		before := server.Stats().Answered
		mustRun(t, in, task, options)
		return server.Stats().Answered - before
	}
	whole := asked(prompts(t, nil), in)
	if n := asked(prompts(t, nil), in); n != 0 {
		t.Errorf("%d asked again", n)
	}
	if n := asked(prompts(t, nil), more); n == 0 || n >= whole {
		t.Errorf("%d asked for ten more rows", n)
	}
	if n := asked(prompts(t, func(p *PromptsParams) { p.Temperature = 0 }), in); n != whole { // the canary too
		t.Errorf("%d of %d asked at another temperature", n, whole)
	}
	path := filepath.Join(t.TempDir(), "own.txt")
	text, _ := readPrompt("translate/v1")
	if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte("Output the translation only"), []byte("Give the translation only")), 0o644); err != nil {
		t.Fatal(err)
	}
	if n := asked(prompts(t, func(p *PromptsParams) { p.Prompt = path }), in); n != whole-1 { // not the canary
		t.Errorf("%d of %d asked with another prompt", n, whole)
	}
}

func TestReplayLimitSample(t *testing.T) {
	in := inputOf(t, 100)
	options, server := served(t, fakellm.Options{}, "")
	options.Limit = 30
	_, balance := mustRun(t, in, prompts(t, nil), options)
	if balance.In != 100 || balance.Out != 30 || balance.Pending != 70 {
		t.Errorf("limit: %+v", balance)
	}
	options.Limit, options.Sample, options.Seed = 0, 20, 7
	one, balance := mustRun(t, in, prompts(t, nil), options)
	two, _ := mustRun(t, in, prompts(t, nil), options)
	options.Seed = 8
	three, _ := mustRun(t, in, prompts(t, nil), options)
	if balance.Out != 20 || balance.Pending != 80 || manifest(t, one) != manifest(t, two) || manifest(t, one) == manifest(t, three) {
		t.Errorf("sample: %+v", balance)
	}
	before := server.Stats().Requests
	options.Sample, options.Replay, options.Endpoints = 0, true, nil
	_, balance = mustRun(t, in, prompts(t, nil), options)
	if balance.In != 100 || balance.Out < 30 || balance.Out+balance.Pending != 100 || server.Stats().Requests != before {
		t.Errorf("replay: %+v", balance)
	}
}

func TestMaxDeadStopsAndKeepsTheAnswers(t *testing.T) {
	in := inputOf(t, 100)
	options, server := served(t, fakellm.Options{}, "finish=0.3")
	options.MaxDead = 3
	_, _, err := try(t, in, prompts(t, nil), options)
	if err == nil || !strings.Contains(err.Error(), "more than 3 samples are dead") {
		t.Fatalf("%v", err)
	}
	before := server.Stats().Again
	options.MaxDead = -1
	mustRun(t, in, prompts(t, nil), options)
	if n := server.Stats().Again - before; n > 64+1 {
		t.Errorf("%d answers were asked for twice", n)
	}
}

func TestEqualTranslationsStandOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twins.jsonl")
	line := func(prompt string) string {
		return fmt.Sprintf(`{"messages":[{"role":"user","content":%q},{"role":"assistant","content":"Yes."}]}`+"\n", prompt)
	}
	// One has no answer; the last line is no row; the first two differ by their case alone, which
	// the fake's translation of common words keeps in the first letter only.
	text := line("is the sea BLUE") + line("is the sea bLUE") + line("is the sea blue") + `{"messages":[{"role":"user","content":"Why is the sea so very blue?"}]}` + "\n{\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	options, _ := served(t, fakellm.Options{}, "")
	_, balance := mustRun(t, path, prompts(t, nil), options)
	if balance.In != 5 || balance.Out != 2 || balance.Dropped["breaks a rule of the record"] != 1 || balance.Dropped["equal to an earlier sample"] != 1 || balance.Dead["row cannot be read"] != 1 {
		t.Errorf("%+v", balance)
	}
}

func TestServersThatWouldBeSilentlyWrongAreRefused(t *testing.T) {
	in := inputOf(t, 5)
	options, _ := served(t, fakellm.Options{Thinks: true, Ignores: []string{"enable_thinking"}}, "")
	_, _, err := try(t, in, prompts(t, nil), options)
	if exit.Code(err) != exit.BadUsage || !strings.Contains(err.Error(), "thinks although") {
		t.Errorf("a server that thinks: %v", err)
	}
	other, _ := served(t, fakellm.Options{Model: "another"}, "")
	_, _, err = try(t, in, prompts(t, nil), other)
	if exit.Code(err) != exit.BadUsage || !strings.Contains(err.Error(), "another") {
		t.Errorf("another model: %v", err)
	}
	_, _, err = try(t, in, prompts(t, nil), Options{Journal: filepath.Join(t.TempDir(), "j.db")})
	if exit.Code(err) != exit.BadUsage || !strings.Contains(err.Error(), "LUTH_LLM_URL") {
		t.Errorf("no server: %v", err)
	}
}

// The key is sent, and stands nowhere.
func TestKeyStaysOutOfEveryFile(t *testing.T) {
	const key = "sk-secret-0123456789"
	options, _ := served(t, fakellm.Options{Key: key}, "422=0.1")
	options.Key = key
	out, _ := mustRun(t, inputOf(t, 30), prompts(t, nil), options)
	for _, dir := range []string{out, filepath.Dir(options.Journal)} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if bytes.Contains(text, []byte(key)) {
				t.Errorf("%s holds the key", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	options.Key = "sk-wrong-0123456789"
	_, _, err := try(t, inputOf(t, 1), prompts(t, nil), options)
	if exit.Code(err) != exit.BadUsage || strings.Contains(err.Error(), "sk-") {
		t.Errorf("a wrong key: %v", err)
	}
}

func TestInterruptedRunIsResumed(t *testing.T) {
	in := inputOf(t, 200)
	options, server := served(t, fakellm.Options{Latency: 10 * time.Millisecond}, "")
	options.Concurrency = 8
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	job := dataset.Job{Name: "test", Input: in, Output: filepath.Join(t.TempDir(), "out"), Stderr: io.Discard}
	if _, err := Run(ctx, job, prompts(t, nil), options); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	out, balance := mustRun(t, in, prompts(t, nil), options)
	if again := server.Stats().Again; balance.Out != 200 || again > 8+1 {
		t.Errorf("%+v, %d answers asked for twice", balance, again)
	}
	calm, _ := served(t, fakellm.Options{}, "")
	if want, _ := mustRun(t, in, prompts(t, nil), calm); manifest(t, out) != manifest(t, want) {
		t.Error("an interrupted run ends otherwise")
	}
}
