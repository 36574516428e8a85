package dataset

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newDiffCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two datasets by sample id",
		Long: `Diff prints one line for every sample that differs: + added, - removed,
~ changed (same messages, other metadata), > moved to another split. Order does
not matter. It exits with 1 when the datasets differ.`,
		Example: `  luth dataset diff old/scholar out/scholar
  luth dataset diff old/scholar new.jsonl --json | jq '.added | length'`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := OpenAny(args[0])
			if err != nil {
				return err
			}
			b, err := OpenAny(args[1])
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
