package translate

import (
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/fakellm"
)

// BenchmarkRun translates samples with a server in the same process that
// answers at once; an operation is one sample, everything included.
func BenchmarkRun(b *testing.B) {
	url, stop, err := fakellm.New(fakellm.Options{Fixed: "Voici une réponse détaillée. Voici une autre phrase en français avec du texte."}).Listen("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	in := filepath.Join(b.TempDir(), "in.jsonl")
	rows := func(yield func(dataset.Sample, error) bool) {
		for i := range b.N {
			s := conversation(1)
			s.Messages = s.Messages[:2]
			s.Messages[0].Content = fmt.Sprintf("%d %s", i, s.Messages[0].Content)
			s.ID = dataset.ContentID(s.Messages)
			if !yield(s, nil) {
				return
			}
		}
	}
	if _, err := dataset.WriteFile(in, rows); err != nil {
		b.Fatal(err)
	}
	p := promptsDefaults()
	p.Model = dataset.RehearsalModel
	task, err := promptsTask(p)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	job := dataset.Job{Name: "bench", Input: in, Output: filepath.Join(b.TempDir(), "out"), Stderr: io.Discard}
	options := Options{Endpoints: []string{url}, Concurrency: 256, MaxDead: -1, Journal: filepath.Join(b.TempDir(), "journal.db")}
	if _, err := Run(b.Context(), job, task, options); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkGates(b *testing.B) {
	const given = "Question 17: please explain why the equation $x^2 = 17$ has two solutions, and write `print(17)`. Then write three sentences about the sea and the mountains in the style of an old letter."
	const made = "Question 17 : expliquez pourquoi l'équation $x^2 = 17$ a deux solutions, et écrivez `print(17)`. Écrivez ensuite trois phrases sur la mer et les montagnes dans le style d'une vieille lettre."
	for b.Loop() {
		if f, rejected := rejection(translationGate(given, made)); rejected {
			b.Fatal(f)
		}
	}
}
