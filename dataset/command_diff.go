package dataset

import (
	"fmt"
	"iter"

	"github.com/spf13/cobra"
)

func newDiffCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two datasets by sample id",
		Long: `Diff prints one line for every sample that differs: + added, - removed,
~ changed (same messages, other metadata), > moved to another split. Order does
not matter, and splits do not where one of the two is a single file. It exits with 1 when the datasets differ.`,
		Example: `  luth dataset diff old/scholar out/scholar
  luth dataset diff old/scholar new.jsonl --json | jq '.added | length'`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, b, err := openBoth(args[0], args[1])
			if err != nil {
				return err
			}
			changes, err := Diff(cmd.Context(), a, b)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = writeJSON(out, changes)
			} else {
				for _, line := range changes.lines() {
					fmt.Fprintln(out, line)
				}
			}
			if err == nil && !changes.Equal() {
				err = fmt.Errorf("%s and %s differ: %d the same, %d added, %d removed, %d changed, %d moved", args[0], args[1],
					changes.Same, len(changes.Added), len(changes.Removed), len(changes.Changed), len(changes.Moved))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func openBoth(pathA, pathB string) (a, b iter.Seq2[Row, error], err error) {
	if a, err = OpenAny(pathA); err != nil {
		return nil, nil, err
	}
	if b, err = OpenAny(pathB); err != nil {
		return nil, nil, err
	}
	_, _, _, fileA := rowFormat(pathA)
	_, _, _, fileB := rowFormat(pathB)
	if fileA || fileB {
		a, b = withoutSplits(a), withoutSplits(b)
	}
	return a, b, nil
}

func withoutSplits(rows iter.Seq2[Row, error]) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range rows {
			if !yield(Row{Sample: row.Sample}, err) {
				return
			}
		}
	}
}

func (c Changes) lines() (lines []string) {
	for _, group := range []struct {
		mark string
		ids  []string
	}{{"+", c.Added}, {"-", c.Removed}, {"~", c.Changed}} {
		for _, id := range group.ids {
			lines = append(lines, group.mark+" "+id)
		}
	}
	for _, m := range c.Moved {
		lines = append(lines, fmt.Sprintf("> %s %s -> %s", m.ID, m.From, m.To))
	}
	return lines
}
