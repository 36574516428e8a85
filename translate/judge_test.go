package translate

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	openai "github.com/sashabaranov/go-openai"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/internal/fakellm"
	"github.com/kurakurai/luth/translate/llm"
)

func judged(t *testing.T, change func(*JudgeParams)) Task {
	t.Helper()
	p := judgeDefaults()
	p.Model = dataset.RehearsalModel
	if change != nil {
		change(&p)
	}
	task, err := judgeTask(p)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func TestJudgeDropsWhatIsFalse(t *testing.T) {
	in := inputOf(t, 100)
	options, server := served(t, fakellm.Options{Thinks: true}, "")
	for _, criteria := range []string{"french", "judge/content/v1"} {
		name := strings.TrimSuffix(strings.TrimPrefix(criteria, "judge/"), "/v1") + "/v1"
		out, balance := mustRun(t, in, judged(t, func(p *JudgeParams) { p.Criteria = criteria }), options)
		if balance.Out == 0 || balance.Dropped[name] == 0 || balance.Out+balance.Dropped[name] != 100 {
			t.Fatalf("%s: balance %+v", criteria, balance)
		}
		for _, s := range samplesOf(t, out) {
			if step := s.Steps[0]; !(step.Confidence > 0.5) || step.Model == "" || step.Prompt == "" {
				t.Errorf("step %+v", step)
			}
		}
		for _, d := range droppedOf(t, out) {
			reason, ok := strings.CutPrefix(d.Reason, name+": ")
			if d.Filter != "translate.judge" || !ok || len(reason) < 10 || !(d.Value > 0 && d.Value < 0.5) || d.Steps[0].Confidence != d.Value {
				t.Errorf("%s, %s, %v, %+v", d.Filter, d.Reason, d.Value, d.Steps)
			}
		}
	}
	// The same journal has the same verdicts, without a server.
	before := server.Stats().Requests
	options.Replay, options.Endpoints = true, nil
	_, balance := mustRun(t, in, judged(t, nil), options)
	if balance.Out+sumOf(balance.Dropped) != 100 || server.Stats().Requests != before {
		t.Errorf("replay: %+v", balance)
	}
}

func TestThresholdDecidesByProbability(t *testing.T) {
	in := inputOf(t, 100)
	options, _ := served(t, fakellm.Options{}, "")
	_, free := mustRun(t, in, judged(t, nil), options)
	out, strict := mustRun(t, in, judged(t, func(p *JudgeParams) { p.Threshold = 0.9 }), options)
	if strict.Out == 0 || strict.Out >= free.Out {
		t.Fatalf("%+v, then %+v", free, strict)
	}
	for _, s := range samplesOf(t, out) {
		if s.Steps[0].Confidence < 0.9 {
			t.Errorf("%v", s.Steps[0].Confidence)
		}
	}
	for _, d := range droppedOf(t, out) {
		if d.Threshold != 0.9 || d.Value >= 0.9 {
			t.Errorf("%v of %v", d.Value, d.Threshold)
		}
	}
	deaf, _ := served(t, fakellm.Options{Ignores: []string{"logprobs"}}, "")
	_, _, err := try(t, in, judged(t, func(p *JudgeParams) { p.Threshold = 0.9 }), deaf)
	if exit.Code(err) != exit.BadUsage || !strings.Contains(err.Error(), "logprobs is ignored") {
		t.Errorf("a threshold without probabilities: %v", err)
	}
	out, balance := mustRun(t, in, judged(t, nil), deaf)
	if balance.Out != free.Out || samplesOf(t, out)[0].Steps[0].Confidence != 0 {
		t.Errorf("without probabilities: %+v", balance)
	}
}

// A server that ignores the format is refused; asked for plain JSON, its
// answers count only to the letter.
func TestJudgeWithoutSchema(t *testing.T) {
	in := inputOf(t, 30)
	deaf, _ := served(t, fakellm.Options{Ignores: []string{"json_schema"}}, "")
	_, _, err := try(t, in, judged(t, nil), deaf)
	if exit.Code(err) != exit.BadUsage || !strings.Contains(err.Error(), "json_schema is ignored") || !strings.Contains(err.Error(), "--format choice") {
		t.Errorf("%v", err)
	}
	out, balance := mustRun(t, in, judged(t, func(p *JudgeParams) { p.Format = formatChoice }), deaf)
	if balance.Out == 0 || balance.Out+balance.Dropped["french/v1"] != 30 || !(samplesOf(t, out)[0].Steps[0].Confidence > 0.5) {
		t.Errorf("choice: %+v", balance)
	}
	deaf, _ = served(t, fakellm.Options{Ignores: []string{"structured_outputs"}}, "")
	if _, _, err := try(t, in, judged(t, func(p *JudgeParams) { p.Format = formatChoice }), deaf); exit.Code(err) != exit.BadUsage {
		t.Errorf("choice: %v", err)
	}
	plain := func(p *JudgeParams) { p.Format = formatPlain }
	for answer, want := range map[string]string{
		`{"verdict": "True", "reason": "bon"}`:        "out",
		`{"verdict": "False", "reason": "mauvais"}`:   "french/v1",
		`I would not say True`:                        deadVerdict,
		`True`:                                        deadVerdict,
		`{"verdict": "true", "reason": "bon"}`:        deadVerdict,
		`{"verdict": "True"} {"verdict": "False"}`:    deadVerdict,
		`{"verdict": "True", "why": "not asked for"}`: deadVerdict,
	} {
		options, server := served(t, fakellm.Options{Fixed: answer}, "")
		_, balance := mustRun(t, in, judged(t, plain), options)
		got := map[string]int64{"out": balance.Out, "french/v1": balance.Dropped["french/v1"], deadVerdict: balance.Dead[deadVerdict]}
		if got[want] != 30 {
			t.Errorf("%s: %+v", answer, balance)
		}
		if asked := server.Stats().Answered; want == deadVerdict && asked < 3*30 {
			t.Errorf("%s: asked %d times", answer, asked)
		}
	}
}

func TestJudgeParametersAreChecked(t *testing.T) {
	for name, change := range map[string]func(*JudgeParams){
		"criteria":  func(p *JudgeParams) { p.Criteria = "nosuch" },
		"outside":   func(p *JudgeParams) { p.Criteria = "../answer/v1" },
		"format":    func(p *JudgeParams) { p.Format = "maybe" },
		"threshold": func(p *JudgeParams) { p.Threshold = 2 },
		"logprobs":  func(p *JudgeParams) { p.Threshold, p.Logprobs = 0.5, false },
		"thinking":  func(p *JudgeParams) { p.Threshold, p.Thinking = 0.5, true },
	} {
		p := judgeDefaults()
		change(&p)
		if _, err := judgeTask(p); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// tokensOf makes an answer of tokens; the alternatives stand at one of them.
func tokensOf(at int, chosen float64, others map[string]float64, tokens ...string) llm.Answer {
	var list []openai.LogProb
	for i, token := range tokens {
		l := openai.LogProb{Token: token, LogProb: math.Log(0.9)}
		if i == at {
			l.LogProb = math.Log(chosen)
			for text, p := range others {
				l.TopLogProbs = append(l.TopLogProbs, openai.TopLogProbs{Token: text, LogProb: math.Log(p)})
			}
		}
		list = append(list, l)
	}
	raw, _ := json.Marshal(openai.LogProbs{Content: list})
	return llm.Answer{Content: strings.Join(tokens, ""), Logprobs: raw}
}

func TestProbability(t *testing.T) {
	for i, c := range []struct {
		answer llm.Answer
		want   float64
		known  bool
	}{
		{tokensOf(3, 0.6, map[string]float64{"True": 0.6, "False": 0.2, "x": 0.1}, `{"`, `verdict`, `": "`, `True`, `", "reason": "bon"}`), 0.75, true},
		{tokensOf(3, 0.6, map[string]float64{"True": 0.2, "False": 0.6}, `{"`, `verdict`, `": "`, `False`, `"}`), 0.25, true},
		{tokensOf(2, 0.6, map[string]float64{` "T`: 0.6, ` "F`: 0.2, `T`: 0.1}, `{"verdict"`, `:`, ` "T`, `rue`, `"}`), 0.75, true},
		{tokensOf(0, 0.9, nil, "True"), 0.9, true},
		{tokensOf(0, 0.9, nil, "False"), 1 - 0.9, true},
		{tokensOf(1, 0.9, map[string]float64{"True": 0.9, "False": 0.1}, "\n", "True"), 0.9, true},
		{tokensOf(0, 0.9, nil, "Perhaps"), 0, false},
		{tokensOf(0, 0.9, nil, `{"verdict": 1}`), 0, false},
		{llm.Answer{Content: "True"}, 0, false},
		{llm.Answer{Content: "True", Logprobs: json.RawMessage(`{"content":[{"token":"other","logprob":-1}]}`)}, 0, false},
		{llm.Answer{Content: "True", Logprobs: json.RawMessage(`{"content":"?"}`)}, 0, false},
	} {
		got, known := probability(c.answer)
		if math.Abs(got-c.want) > 1e-9 || known != c.known {
			t.Errorf("%d: %v %v, want %v %v", i, got, known, c.want, c.known)
		}
	}
}

// Servers may send anything as log probabilities; a confidence stays one.
func FuzzProbability(f *testing.F) {
	for _, seed := range []string{`{"content":[{"token":"True","logprob":-0.1,"top_logprobs":[{"token":"False","logprob":5}]}]}`, `{"content":[{"token":"","logprob":0},{"token":"Tr","logprob":-1e308}]}`, `{}`} {
		f.Add("True", seed)
		f.Add(`{"verdict":"True","reason":"é"}`, seed)
	}
	f.Fuzz(func(t *testing.T, content, logprobs string) {
		p, known := probability(llm.Answer{Content: content, Logprobs: json.RawMessage(logprobs)})
		if !(p >= 0 && p <= 1) || !known && p != 0 {
			t.Error(fmt.Sprint(p, known))
		}
	})
}

// Faults of the connection change no verdict; those of the model are asked
// about again, or end in a class.
func TestFaultsDoNotChangeVerdicts(t *testing.T) {
	in := inputOf(t, 200)
	calm, _ := served(t, fakellm.Options{}, "")
	want, _ := mustRun(t, in, judged(t, nil), calm)
	rough, _ := served(t, fakellm.Options{}, "429=0.05,500=0.05,503=0.05,reset=0.05,cut=0.05,bad-json=0.05,error-200=0.05")
	if got, balance := mustRun(t, in, judged(t, nil), rough); manifest(t, got) != manifest(t, want) {
		t.Errorf("another result: %+v", balance)
	}
	bad, _ := served(t, fakellm.Options{}, "english=0.2,truncated=0.05,finish=0.05,duplicated=0.1")
	_, balance := mustRun(t, in, judged(t, nil), bad)
	if balance.Out+sumOf(balance.Dropped)+sumOf(balance.Dead) != 200 || balance.Dead[deadVerdict] == 0 || balance.Dead["finish"] == 0 || sumOf(balance.Dead) > 40 {
		t.Errorf("%+v", balance)
	}
}

func TestJudgeAndCleanInARecipe(t *testing.T) {
	t.Setenv(envURL, "")
	const stages = "\nstages:\n  - given\n  - translate.clean: {temperature: 0.3}\n  - translate.judge: {criteria: content, threshold: 0.2}"
	report, err := build(t, "name: luth\nrehearsal: true"+stages, inputOf(t, 30))
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.Open(report.Output)
	if err != nil || d.Manifest.Rehearsal == 0 || len(d.Manifest.Balances) != 2 || d.Manifest.Balances[1].Dropped["content/v1"] == 0 {
		t.Errorf("%+v, %v", d.Manifest.Balances, err)
	}
	if _, err := build(t, "name: luth"+stages, inputOf(t, 3)); exit.Code(err) != exit.BadUsage {
		t.Errorf("without a server: %v", err)
	}
	if _, err := build(t, "name: luth\nstages:\n  - given\n  - translate.extract", inputOf(t, 3)); err == nil || !strings.Contains(err.Error(), "texts") {
		t.Errorf("extract without texts: %v", err)
	}
}
