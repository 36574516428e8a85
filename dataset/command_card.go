package dataset

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/internal/atomicfile"
)

func newCardCommand() *cobra.Command {
	var write bool
	cmd := &cobra.Command{
		Use:   "card DIR",
		Short: "Print the card of a dataset, computed from its data",
		Example: `  luth dataset card out/scholar
  luth dataset card out/scholar --write`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := Open(args[0])
			if err != nil {
				return err
			}
			stats, err := Count(cmd.Context(), d.Rows())
			if err != nil {
				return err
			}
			card, err := renderCard(d.Manifest, stats)
			if err != nil {
				return err
			}
			if write {
				return atomicfile.WriteFile(filepath.Join(d.Dir, cardName), card)
			}
			_, err = cmd.OutOrStdout().Write(card)
			return err
		},
	}
	cmd.Flags().BoolVar(&write, "write", false, "write it to DIR/README.md")
	return cmd
}
