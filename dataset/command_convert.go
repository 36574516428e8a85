package dataset

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newConvertCommand() *cobra.Command {
	var asJSON, force bool
	cmd := &cobra.Command{
		Use:   "convert INPUT OUTPUT",
		Short: "Convert between Parquet and JSONL, and from foreign shapes",
		Long: `Convert reads any dataset that luth knows and writes OUTPUT: one file when the
name ends in .parquet, .jsonl, .jsonl.gz or .jsonl.zst, else a dataset directory.
Rows that cannot be read are left out, counted, and the first of them shown. Rows
that are no valid conversation are left out and counted; in a directory they stand
in dropped/ with the reason. A dataset directory that is there already is replaced
with --force only.`,
		Example: `  luth dataset convert out/scholar scholar.jsonl.zst
  luth dataset convert sharegpt.jsonl out/sharegpt`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := CheckPlaces(args[0], args[1]); err != nil {
				return err
			}
			if !force {
				if err := refuseDataset(args[1]); err != nil {
					return err
				}
			}
			rows, err := OpenAny(args[0])
			if err != nil {
				return err
			}
			bad := badRows{w: cmd.ErrOrStderr()}
			balance, err := Convert(cmd.Context(), rows, args[1], bad.add)
			bad.report()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), balance)
			}
			if err := PrintBalances(cmd.OutOrStdout(), []Balance{balance}); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d samples in %s\n", balance.Out, args[1])
			return err
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace the dataset that OUTPUT holds")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the balance as one JSON object")
	return cmd
}
