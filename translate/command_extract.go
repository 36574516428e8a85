package translate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"os"
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
		Use:   "extract SUBJECT CORRECTION OUT",
		Short: "Find the answers that the rules of scrape align could not",
		Long: `Extract reads the texts of a subject and of its correction, as luth scrape
extract prints them, and with --pairs the lines of luth scrape align. What the
rules aligned is kept as it is. For questions that they could not align the
model is shown both texts and copies the answer, as JSON by a schema. Without
--pairs the model lists the questions first. Every text it gives is
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
	cmd.Flags().StringVar(&pairs, "pairs", "", "what luth scrape align printed about the two (default the model is asked for everything)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.readConfig(cmd.Flags(), &p); err != nil {
			return err
		}
		task, err := newPaperTask(p, args[0], args[1], f.rehearsal)
		if err != nil {
			return exit.Usage(err)
		}
		if err := f.complete(cmd.Flags(), args[2]); err != nil {
			return exit.Usage(err)
		}
		input := pairs
		switch {
		case pairs != "":
			subject, err := task.extractor.texts(task.origin.SHA256)
			if err == nil {
				err = checkPairs(pairs, subject)
			}
			if err != nil {
				return exit.Usage(err)
			}
			task.Open = func(string) (iter.Seq2[dataset.Row, error], error) { return pairRows(pairs, task.origin), nil }
		case f.dryRun:
			return exit.Usage(errors.New("--dry-run needs --pairs: without them the questions are not known yet"))
		default:
			input = args[0]
			rows, err := f.questions(cmd, task)
			if err != nil {
				return err
			}
			task.Open = func(string) (iter.Seq2[dataset.Row, error], error) { return these(rows), nil }
		}
		if f.dryRun {
			return f.estimate(cmd, input, task.Task)
		}
		return f.run(cmd, []string{input, args[2]}, task.Task)
	}
	return cmd
}

// questions asks for those of a paper without pairs.
func (f *stageFlags) questions(cmd *cobra.Command, task paperTask) ([]dataset.Row, error) {
	if err := os.MkdirAll(filepath.Dir(f.Journal), 0o755); err != nil {
		return nil, err
	}
	rows, err := task.listQuestions(cmd.Context(), f.Options, f.rehearsal)
	switch {
	case err != nil && cmd.Context().Err() != nil:
		return nil, dataset.ErrStopped
	case err == nil:
		fmt.Fprintf(cmd.ErrOrStderr(), "%d questions in the subject\n", len(rows))
	}
	return rows, err
}

// paperTask is the stage made ready for one paper.
type paperTask struct {
	Task
	extractor extractor
	origin    dataset.Origin // of its rows
}

// newPaperTask reads the texts of a paper, which are files.
func newPaperTask(p ExtractParams, subject, correction string, rehearsal bool) (paperTask, error) {
	if p.Texts != "" {
		return paperTask{}, errors.New("texts: it is for recipes; the command is given the two files")
	}
	if rehearsal {
		p.Model = dataset.RehearsalModel
	}
	sources := map[string]*source{}
	var sums [2]string
	for i, path := range []string{subject, correction} {
		text, err := readPaper(path)
		if err != nil {
			return paperTask{}, err
		}
		sum := sha256.Sum256(text)
		sums[i] = hex.EncodeToString(sum[:])
		sources[sums[i]] = newSource(string(text))
	}
	texts := func(sum string) (*source, error) {
		if s := sources[sum]; s != nil {
			return s, nil
		}
		return nil, fmt.Errorf("document %s is neither the subject nor the correction", sum)
	}
	task, err := extractTask(p, texts)
	return paperTask{
		Task: task, extractor: extractor{params: p, prompt: task.Prompt, texts: texts},
		origin: dataset.Origin{
			Source: strings.TrimSuffix(filepath.Base(subject), filepath.Ext(subject)),
			SHA256: sums[0], AnswerSHA256: sums[1], Row: -1,
		},
	}, err
}
