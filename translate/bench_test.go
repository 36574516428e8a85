package translate

import (
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/fakellm"
)

// letter and lettre are a text and a translation that no gate rejects.
const (
	letter = "Imagine that you are the keeper of an old lighthouse on a rocky island. Write a letter to your sister, who lives in a large city, and tell her about a storm that lasted the whole night. Describe the noise of the waves, the colour of the sky before dawn, and the small boat that found its way into the harbour because of your lamp. Explain why you have decided to stay for another winter, although the work is hard and visitors are rare. Your letter should be warm in tone, it should not mention any machine invented after the war, and it should end with a question that she cannot answer in a few words."
	lettre = "Imaginez que vous êtes le gardien d'un vieux phare sur une île rocheuse. Écrivez une lettre à votre sœur, qui vit dans une grande ville, et racontez-lui une tempête qui a duré toute la nuit. Décrivez le bruit des vagues, la couleur du ciel avant l'aube et la petite barque qui a trouvé le chemin du port grâce à votre lampe. Expliquez pourquoi vous avez décidé de rester un hiver de plus, bien que le travail soit dur et les visiteurs rares. Votre lettre doit avoir un ton chaleureux, elle ne doit mentionner aucune machine inventée après la guerre, et elle doit se terminer par une question à laquelle elle ne pourra pas répondre en quelques mots."
)

// BenchmarkRun translates samples with a server in the same process that
// answers at once; an operation is one sample, everything included.
func BenchmarkRun(b *testing.B) {
	url, stop, err := fakellm.New(fakellm.Options{Fixed: lettre}).Listen("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	in := filepath.Join(b.TempDir(), "in.jsonl")
	rows := func(yield func(dataset.Sample, error) bool) {
		for i := range b.N {
			s := conversation(1)
			s.Messages = s.Messages[:2]
			s.Messages[0].Content = fmt.Sprintf("%s (%d)", letter, i)
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
	for b.Loop() {
		if f, rejected := rejection(translationGate(letter, lettre, nil)); rejected {
			b.Fatal(f)
		}
	}
}
