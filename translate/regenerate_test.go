package translate

import (
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/fakellm"
	"github.com/kurakurai/luth/translate/fidelity"
)

func regenerate(t *testing.T, change func(*RegenerateParams)) Task {
	t.Helper()
	p := regenerateDefaults()
	p.Model = dataset.RehearsalModel
	if change != nil {
		change(&p)
	}
	task, err := regenerateTask(p)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func TestRegenerateWritesEveryAnswerAnew(t *testing.T) {
	in := inputOf(t, 40)
	options, _ := served(t, fakellm.Options{Thinks: true}, "")
	out, balance := mustRun(t, in, regenerate(t, nil), options)
	if balance.Out != 40 {
		t.Fatalf("balance %+v", balance)
	}
	for i, s := range samplesOf(t, out) {
		source := samplesOf(t, in)[i]
		for j, m := range s.Messages {
			if same := m.Content == source.Messages[j].Content; same == (m.Role == dataset.RoleAssistant) {
				t.Errorf("row %d, message %d: %+v", i, j, m)
			}
			if strings.Contains(m.Content, "<think>") {
				t.Errorf("row %d thinks", i)
			}
		}
	}
}

func TestReasoningIsKeptOrStripped(t *testing.T) {
	in := inputOf(t, 20)
	options, _ := served(t, fakellm.Options{Thinks: true}, "")
	for _, reasoning := range []string{keepReasoning, stripReasoning} {
		task := regenerate(t, func(p *RegenerateParams) { p.Thinking, p.Reasoning = true, reasoning })
		out, balance := mustRun(t, in, task, options)
		if balance.Out != 20 {
			t.Fatalf("balance %+v", balance)
		}
		for _, s := range samplesOf(t, out) {
			last := s.Messages[len(s.Messages)-1].Content
			if kept := strings.HasPrefix(last, "<think>\nJe réfléchis."); kept != (reasoning == keepReasoning) {
				t.Errorf("%s: %q", reasoning, last)
			}
		}
	}
}

func TestThoughtsInTheText(t *testing.T) {
	for _, c := range []struct{ text, reasoning, wantText, wantReasoning string }{
		{"<think>\nhm\n</think>\n\noui", "", "oui", "hm"},
		{"hm</think>oui", "", "oui", "hm"},
		{"oui", "hm", "oui", "hm"},
		{"oui", "", "oui", ""},
		{"<think>\nhm", "", "<think>\nhm", ""}, // never closed: the gate rejects it
	} {
		if text, reasoning := parted(c.text, c.reasoning); text != c.wantText || reasoning != c.wantReasoning {
			t.Errorf("%q: %q, %q", c.text, text, reasoning)
		}
	}
}

func TestBestOf(t *testing.T) {
	bad := []fidelity.Finding{{Gate: "language", Reject: true}}
	doubt := []fidelity.Finding{{Gate: "numbers"}}
	list := []candidate{{text: "longest of them all", found: bad}, {text: "long enough", found: doubt}, {text: "good"}, {text: "better"}, {text: "equals"}}
	if best := bestOf(list); best.text != "better" {
		t.Errorf("%q", best.text)
	}
	if best := bestOf(list[:2]); best.text != "long enough" {
		t.Errorf("%q", best.text)
	}
}

// Several candidates are different questions, and bad ones do not win.
func TestCandidates(t *testing.T) {
	in := inputOf(t, 60)
	options, server := served(t, fakellm.Options{}, "tags=0.4")
	_, balance := mustRun(t, in, regenerate(t, func(p *RegenerateParams) { p.N = 4 }), options)
	if balance.Out < 57 || server.Stats().Answered < 4*60 {
		t.Errorf("balance %+v, %d answers", balance, server.Stats().Answered)
	}
}

func TestParametersAreChecked(t *testing.T) {
	for name, change := range map[string]func(*RegenerateParams){
		"n":           func(p *RegenerateParams) { p.N = 0 },
		"reasoning":   func(p *RegenerateParams) { p.Reasoning = "maybe" },
		"keep":        func(p *RegenerateParams) { p.Reasoning = keepReasoning },
		"model":       func(p *RegenerateParams) { p.Model = "" },
		"temperature": func(p *RegenerateParams) { p.Temperature = 3 },
		"top_p":       func(p *RegenerateParams) { p.TopP = 0 },
		"max_tokens":  func(p *RegenerateParams) { p.MaxTokens = 0 },
		"prompt":      func(p *RegenerateParams) { p.Prompt = "nosuch" },
		"sections":    func(p *RegenerateParams) { p.Prompt = "translate/v1" },
	} {
		p := regenerateDefaults()
		change(&p)
		if _, err := regenerateTask(p); (err == nil) != (name == "sections") { // translate/v1 has the two sections needed
			t.Errorf("%s: %v", name, err)
		}
	}
}
