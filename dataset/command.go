package dataset

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/internal/exit"
)

// NewCommand returns `luth dataset` with its subcommands. It relies on main
// to print errors and to cancel the command's context on an interrupt.
func NewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dataset",
		Short: "Look at, check, compare and convert datasets",
		Long: `A dataset is a directory with a manifest.json, Parquet files in data/, dropped
samples in dropped/, and a card in README.md. Most commands also take a single
.parquet, .jsonl, .jsonl.gz or .jsonl.zst file, or a folder of them, in luth's
own shape or with the columns messages, conversations, prompt + completion,
instruction + input + output, or text.`,
	}
	cmd.AddCommand(
		newVerifyCommand(),
		newStatsCommand(),
		newHeadCommand(),
		newConvertCommand(),
		newDiffCommand(),
		newCardCommand(),
		newRenderCommand(),
		newTokenizeCommand(),
	)
	return cmd
}

// writeJSON writes v as one line.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// checkWorkers refuses a --workers that would do nothing.
func checkWorkers(n int) error {
	if n < 1 {
		return exit.Usage(fmt.Errorf("--workers is %d; at least one is needed", n))
	}
	return nil
}

// badRows counts rows that cannot be read. It prints the first ones and, in
// the end, how many there were.
type badRows struct {
	w io.Writer
	n int64
}

const badRowsShown = 5

func (b *badRows) add(row *RowError) {
	b.n++
	if b.n <= badRowsShown {
		fmt.Fprintf(b.w, "unreadable row: %v\n", row)
	}
}

func (b *badRows) report() {
	if b.n > 0 {
		fmt.Fprintf(b.w, "%d rows could not be read and were left out\n", b.n)
	}
}
