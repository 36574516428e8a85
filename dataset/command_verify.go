package dataset

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newVerifyCommand() *cobra.Command {
	var asJSON bool
	var tokenizer string
	cmd := &cobra.Command{
		Use:   "verify DIR",
		Short: "Recompute everything a dataset says of itself",
		Long: `Verify reads every file of a dataset directory and compares hashes, sizes,
rows, schema, totals, balances and card with the manifest; checks the rules of
every sample and that ids are unique in their split; and looks for missing and
unknown files. Tokens are counted again with --tokenizer only. It lists every
difference and exits with 1 when there is one.`,
		Example: `  luth dataset verify out/scholar
  luth dataset verify out/scholar --tokenizer Qwen3-0.6B/tokenizer.json
  luth dataset verify out/scholar --json | jq -r .differences[]`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var counter *TokenCounter
			if tokenizer != "" {
				var err error
				if counter, err = OpenTokenCounter(tokenizer); err != nil {
					return err
				}
			}
			report, err := VerifyTokens(cmd.Context(), args[0], counter)
			if err != nil {
				return err
			}
			if report.Tokens == TokensNotChecked {
				fmt.Fprintln(cmd.ErrOrStderr(), "tokens were not counted again; give --tokenizer with the file that the manifest names")
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = writeJSON(out, report)
			} else {
				for _, d := range report.Differences {
					fmt.Fprintln(out, d)
				}
			}
			if n := len(report.Differences); n > 0 {
				return fmt.Errorf("%s: %d differences; build the dataset again, or fetch it again", args[0], n)
			}
			if !asJSON {
				_, err = fmt.Fprintf(out, "%s: %d samples and %d dropped samples in %d files are as the manifest says\n", args[0], report.Rows, report.Dropped, report.Files)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as one JSON object")
	cmd.Flags().StringVar(&tokenizer, "tokenizer", "", "count tokens again with this tokenizer.json")
	return cmd
}
