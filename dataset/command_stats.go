package dataset

import (
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"runtime"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newStatsCommand() *cobra.Command {
	var asJSON bool
	var tokenizer string
	cmd := &cobra.Command{
		Use:   "stats PATH",
		Short: "Count rows, subjects, sources, lengths and tokens",
		Long: `Stats counts what is in a dataset. With --tokenizer it counts tokens as well:
those of the contents of the messages, each encoded by itself, without chat
template, roles, or tokens for beginning and end.`,
		Example: `  luth dataset stats out/scholar
  luth dataset stats train.jsonl.gz --json | jq .lengths
  luth dataset stats out/scholar --tokenizer Qwen3-0.6B/tokenizer.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := OpenAny(args[0])
			if err != nil {
				return err
			}
			bad := badRows{w: cmd.ErrOrStderr()}
			stats, err := count(cmd.Context(), SkipBad(rows, bad.add), tokenizer)
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
	cmd.Flags().StringVar(&tokenizer, "tokenizer", "", "count tokens with this tokenizer.json")
	return cmd
}

// count counts tokens too when tokenizer names a file.
func count(ctx context.Context, rows iter.Seq2[Row, error], tokenizer string) (*Stats, error) {
	if tokenizer == "" {
		return Count(ctx, rows)
	}
	counter, err := OpenTokenCounter(tokenizer)
	if err != nil {
		return nil, err
	}
	return CountTokens(ctx, rows, counter, runtime.GOMAXPROCS(0))
}

func printStats(w io.Writer, s *Stats) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "rows\t%d\nmessages\t%d\ncharacters\t%d\nbytes of text\t%d\n", s.Rows, s.Messages, s.Characters, s.Bytes)
	if s.Tokens != nil {
		fmt.Fprintf(tw, "tokens\t%d\ntokenizer\t%s, SHA-256 %s\n", s.Tokens.Total, s.Tokens.Tokenizer.Name, s.Tokens.Tokenizer.SHA256)
	}
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
	printLengths(tw, "characters", s.Lengths)
	if s.Tokens != nil {
		printLengths(tw, "tokens", s.Tokens.Lengths)
		printTokens(tw, "split", s.Tokens.Splits)
		printTokens(tw, "role", s.Tokens.Roles)
	}
	return tw.Flush()
}

func printLengths(w io.Writer, unit string, lengths map[string]Percentiles) {
	fmt.Fprintf(w, "\n%s in a message\tmin\tp10\tp50\tp90\tp99\tmax\n", unit)
	for _, role := range slices.Sorted(maps.Keys(lengths)) {
		p := lengths[role]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\n", role, p.Min, p.P10, p.P50, p.P90, p.P99, p.Max)
	}
}

func printTokens(w io.Writer, column string, tokens map[string]int64) {
	fmt.Fprintf(w, "\n%s\ttokens\n", column)
	for _, key := range byCount(tokens) {
		fmt.Fprintf(w, "%s\t%d\n", cell(key), tokens[key])
	}
}
