package translate

import (
	"path/filepath"
	"testing"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/fakellm"
	"github.com/kurakurai/luth/translate/fidelity"
)

// constrained writes a dataset of one question with Tulu's tags.
func constrained(t *testing.T, question, answer string, constraints ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in")
	w, err := dataset.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	s := dataset.Sample{Constraints: constraints, Messages: []dataset.Message{
		{Role: dataset.RoleUser, Content: question}, {Role: dataset.RoleAssistant, Content: answer},
	}}
	if err := w.Write("train", s); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(dataset.Meta{Name: "in"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

const (
	aboutTheSea = `Describe the sea to a child who has never seen it. Use the word "blue" and do not use more than 75 words.`
	surLaMer    = `Décrivez la mer à un enfant qui ne l'a jamais vue. Utilisez le mot « bleu » et n'utilisez pas plus de 75 mots.`
)

// Constraints go with their prompt, with the arguments that its translation
// gives them, and judge the answer to it.
func TestConstraintsAreCarriedAndVerified(t *testing.T) {
	in := constrained(t, aboutTheSea, "It is blue.", "include keywords", "length constraints:number of words", "a tag of tomorrow")
	options, _ := served(t, fakellm.Options{Fixed: surLaMer}, "")
	out, balance := mustRun(t, in, prompts(t, nil), options)
	if balance.Out != 1 {
		t.Fatalf("balance %+v, dropped %+v", balance, droppedOf(t, out))
	}
	s := samplesOf(t, out)[0]
	got := fidelity.ReadConstraints(s.Constraints, s.Messages[0].Content)
	if len(got) != 3 {
		t.Fatalf("constraints %q", s.Constraints)
	}
	if words := got[0].Instruction.Args.Keywords; len(words) != 1 || words[0] != "bleu" || !got[0].Verifiable {
		t.Errorf("keywords %+v", got[0])
	}
	if n := got[1].Instruction.Args.N; n != 75 || !got[1].Verifiable {
		t.Errorf("number of words %+v", got[1])
	}
	if s.Constraints[2] != "a tag of tomorrow" {
		t.Errorf("an unknown tag became %q", s.Constraints[2])
	}

	for answer, reason := range map[string]string{
		"La mer est une grande étendue d'eau, bleue le jour et noire la nuit ; le bleu vient de la lumière.": "",
		"La mer est une grande étendue d'eau salée, verte le matin et noire pendant toute la nuit.":          "constraint",
	} {
		options, _ := served(t, fakellm.Options{Fixed: answer}, "")
		done, balance := mustRun(t, out, regenerate(t, nil), options)
		if wantOut := int64(1); reason == "" && balance.Out != wantOut || reason != "" && balance.Dead[reason] != 1 {
			t.Errorf("%q: balance %+v, dropped %+v", answer, balance, droppedOf(t, done))
		}
	}
}

// A translation that loses the word a constraint is about is refused.
func TestLostConstraint(t *testing.T) {
	in := constrained(t, aboutTheSea, "It is blue.", "include keywords")
	options, _ := served(t, fakellm.Options{Fixed: "Décrivez la mer à un enfant qui ne l'a jamais vue, en 75 mots au plus et avec le mot qui convient."}, "")
	out, balance := mustRun(t, in, prompts(t, nil), options)
	if balance.Dead["constraint"] != 1 {
		t.Errorf("balance %+v, dropped %+v", balance, droppedOf(t, out))
	}
}
