package dataset_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/kurakurai/luth/dataset"
)

// Write a dataset of one sample, with another one dropped, and read it back.
func Example() {
	parent, err := os.MkdirTemp("", "luth")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "tiny")
	if err := writeTiny(dir); err != nil {
		fmt.Println(err)
		return
	}
	d, err := dataset.Open(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	for s, err := range d.Samples("train") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.ID, s.Messages[1].Content)
	}
	for s, err := range d.DroppedSamples() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("dropped:", s.Reason)
	}
	dataset.PrintBalances(os.Stdout, d.Manifest.Balances)
	// Output:
	// c506db03d51eb47c0d5b0914be3b26bc 4
	// dropped: no_answer
	//   stage     unit  in  out  dropped  dead  pending
	//    tiny  samples   2    1        1     0        0
	//   tiny dropped 1: no_answer
}

func writeTiny(dir string) error {
	w, err := dataset.Create(dir)
	if err != nil {
		return err
	}
	defer w.Abort()
	balance := dataset.Balance{Stage: "tiny", Unit: "samples", In: 2, Out: 1}
	err = w.Write("train", dataset.Sample{
		Messages: []dataset.Message{
			{Role: dataset.RoleUser, Content: "Combien font 2 + 2 ?"},
			{Role: dataset.RoleAssistant, Content: "4"},
		},
		Subject: "mathematics",
	})
	if err != nil {
		return err
	}
	balance.Drop("no_answer")
	err = w.Drop("train", dataset.Dropped{
		Sample: dataset.Sample{Messages: []dataset.Message{{Role: dataset.RoleUser, Content: "Et 2 + 3 ?"}}},
		Filter: "tiny",
		Reason: "no_answer",
	})
	if err != nil {
		return err
	}
	return w.Commit(dataset.Meta{Name: "tiny", Balances: []dataset.Balance{balance}})
}
