package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
)

func newExtractCommand() *cobra.Command {
	var f stageFlags
	var pairs string
	p := extractDefaults()
	cmd := &cobra.Command{
		Use:   "extract SUBJECT CORRECTION OUT --pairs FILE",
		Short: "Find the answers that the rules of scrape align could not",
		Long: `Extract reads the texts of a subject and of its correction, as luth scrape
extract prints them, and the lines of luth scrape align. What the rules aligned
is kept as it is. For questions that they could not align the model is shown
both texts and copies the answer, as JSON by a schema. Every text it gives is
looked up in its source; what is not there word for word, but for white space,
NFC and the spacing of LaTeX, is flagged: answer_rewritten, question_rewritten,
context_rewritten. Questions that need a figure and the like stay dropped.

A row's steps say who made it: the step translate.extract of a row that the
model read names the model, and the step scrape.align says why the rules did
not keep it. OUT is a dataset directory, and its journal is OUT.journal.db.

In a recipe the stage translate.extract stands behind align, and takes the
texts from the folder that the parameter texts names.`,
		Example: `  luth scrape extract sujet.pdf > sujet.txt
  luth scrape extract corrige.pdf > corrige.txt
  luth scrape align sujet.pdf corrige.pdf > pairs.jsonl
  luth translate extract sujet.txt corrige.txt out --pairs pairs.jsonl`,
		Args: cobra.ExactArgs(3),
	}
	addParams(cmd.Flags(), &p)
	f.addTo(cmd.Flags())
	cmd.Flags().StringVar(&pairs, "pairs", "", "what luth scrape align printed about the two")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.readConfig(cmd.Flags(), &p); err != nil {
			return err
		}
		if pairs == "" {
			return exit.Usage(errors.New("extract asks only for what rules could not align, and needs what they did: luth scrape align SUBJECT CORRECTION > pairs.jsonl, then --pairs pairs.jsonl"))
		}
		task, err := paperTask(p, args[0], args[1], f.rehearsal)
		if err != nil {
			return exit.Usage(err)
		}
		if err := f.complete(cmd.Flags(), args[2]); err != nil {
			return exit.Usage(err)
		}
		if f.dryRun {
			return f.estimate(cmd, pairs, task)
		}
		return f.run(cmd, []string{pairs, args[2]}, task)
	}
	return cmd
}

// paperTask makes the stage ready for one paper, whose texts are files.
func paperTask(p ExtractParams, subject, correction string, rehearsal bool) (Task, error) {
	if p.Texts != "" {
		return Task{}, errors.New("texts: it is for recipes; the command is given the two files")
	}
	if rehearsal {
		p.Model = dataset.RehearsalModel
	}
	sources := map[string]*source{}
	var sums [2]string
	for i, path := range []string{subject, correction} {
		text, err := readPaper(path)
		if err != nil {
			return Task{}, err
		}
		sum := sha256.Sum256(text)
		sums[i] = hex.EncodeToString(sum[:])
		sources[sums[i]] = newSource(string(text))
	}
	origin := dataset.Origin{
		Source: strings.TrimSuffix(filepath.Base(subject), filepath.Ext(subject)),
		SHA256: sums[0], AnswerSHA256: sums[1], Row: -1,
	}
	task, err := extractTask(p, func(sum string) (*source, error) {
		if s := sources[sum]; s != nil {
			return s, nil
		}
		return nil, fmt.Errorf("document %s is neither the subject nor the correction", sum)
	})
	task.Open = func(input string) (iter.Seq2[dataset.Row, error], error) { return pairRows(input, origin), nil }
	return task, err
}
