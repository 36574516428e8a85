package dataset

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"
)

func newHeadCommand() *cobra.Command {
	var n int
	var split string
	var dropped, asJSON bool
	cmd := &cobra.Command{
		Use:   "head PATH",
		Short: "Print the first samples",
		Example: `  luth dataset head out/scholar
  luth dataset head out/scholar -n 20 --json | jq -r .messages[0].content
  luth dataset head out/scholar --dropped`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			bad := badRows{w: cmd.ErrOrStderr()}
			defer bad.report()
			rows, err := headRows(args[0], dropped)
			if err != nil {
				return err
			}
			shown := 0
			for row, err := range SkipBad(rows, bad.add) {
				if err != nil {
					return err
				}
				if shown == n {
					break
				}
				if split != "" && row.Split != split {
					continue
				}
				shown++
				if err := printRow(cmd.OutOrStdout(), row, dropped, asJSON); err != nil {
					return err
				}
			}
			if shown == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "there is nothing to show")
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.IntVarP(&n, "number", "n", 3, "how many samples")
	flags.StringVar(&split, "split", "", "only this split")
	flags.BoolVar(&dropped, "dropped", false, "show dropped samples, each with its reason")
	flags.BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return cmd
}

// headRows gives samples and dropped samples one type; samples have no
// filter.
func headRows(path string, dropped bool) (iter.Seq2[droppedRow, error], error) {
	if dropped {
		d, err := Open(path)
		if err != nil {
			return nil, err
		}
		return d.droppedRows(), nil
	}
	rows, err := OpenAny(path)
	if err != nil {
		return nil, err
	}
	return func(yield func(droppedRow, error) bool) {
		for row, err := range rows {
			if !yield(droppedRow{row.Split, Dropped{Sample: row.Sample}}, err) {
				return
			}
		}
	}, nil
}

func printRow(w io.Writer, row droppedRow, dropped, asJSON bool) error {
	d := row.Dropped
	d.Sample = d.Sample.withLists()
	switch {
	case asJSON && dropped:
		return writeJSON(w, d)
	case asJSON:
		return writeJSON(w, d.Sample)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s", row.Split, d.ID)
	for _, part := range []string{d.Subject, d.Level, d.Difficulty, d.Origin.Source, d.Origin.Path} {
		if part != "" {
			b.WriteString("  " + part)
		}
	}
	if dropped {
		fmt.Fprintf(&b, "\n  dropped by %s: %s (%g, threshold %g)", d.Filter, d.Reason, d.Value, d.Threshold)
	}
	for _, m := range d.Messages {
		fmt.Fprintf(&b, "\n  [%s]\n    %s", m.Role, strings.ReplaceAll(printable(m.Content), "\n", "\n    "))
	}
	_, err := fmt.Fprintf(w, "%s\n\n", b.String())
	return err
}

// printable keeps foreign text from steering the terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, text)
}
