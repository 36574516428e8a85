package dataset

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newStatsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats PATH",
		Short: "Count rows, subjects, sources and lengths",
		Example: `  luth dataset stats out/scholar
  luth dataset stats train.jsonl.gz --json | jq .lengths`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := OpenAny(args[0])
			if err != nil {
				return err
			}
			bad := badRows{w: cmd.ErrOrStderr()}
			stats, err := Count(cmd.Context(), SkipBad(rows, bad.add))
			if err != nil {
				return err
			}
			bad.report()
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), stats)
			}
			return printStats(cmd.OutOrStdout(), stats)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printStats(w io.Writer, s *Stats) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "rows\t%d\nmessages\t%d\ncharacters\t%d\nbytes of text\t%d\n", s.Rows, s.Messages, s.Characters, s.Bytes)
	for _, group := range []struct {
		name   string
		counts map[string]int64
	}{{"split", s.Splits}, {"subject", s.Subjects}, {"level", s.Levels}, {"difficulty", s.Difficulties}} {
		fmt.Fprintf(tw, "\n%s\trows\n", group.name)
		for _, key := range byCount(group.counts) {
			fmt.Fprintf(tw, "%s\t%d\n", cell(key), group.counts[key])
		}
	}
	fmt.Fprint(tw, "\nsource\tlicence\trows\n")
	for _, source := range s.Sources {
		fmt.Fprintf(tw, "%s\t%s\t%d\n", cell(source.Name), cell(source.Licence), source.Rows)
	}
	fmt.Fprint(tw, "\nmessages in a row\trows\n")
	for _, turns := range slices.Sorted(maps.Keys(s.Turns)) {
		fmt.Fprintf(tw, "%d\t%d\n", turns, s.Turns[turns])
	}
	fmt.Fprint(tw, "\ncharacters in a message\tmin\tp10\tp50\tp90\tp99\tmax\n")
	for _, role := range slices.Sorted(maps.Keys(s.Lengths)) {
		p := s.Lengths[role]
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%d\n", role, p.Min, p.P10, p.P50, p.P90, p.P99, p.Max)
	}
	return tw.Flush()
}
