package translate

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/internal/fakellm"
	"github.com/kurakurai/luth/translate/journal"
)

func newJournalCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "journal",
		Short: "Export and import the answers that a run keeps",
	}
	cmd.AddCommand(newJournalExportCommand(), newJournalImportCommand())
	return cmd
}

func newJournalExportCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "export JOURNAL",
		Short:   "Write a journal as JSON lines to standard output",
		Example: `  luth translate journal export out/tulu.journal.db > tulu.jsonl`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if _, err := os.Stat(args[0]); err != nil {
				return err
			}
			j, err := journal.Open(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, j.Close()) }()
			return j.Export(cmd.Context(), cmd.OutOrStdout())
		},
	}
}

func newJournalImportCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import JOURNAL FILE",
		Short: "Add JSON lines, as export writes them, to a journal",
		Long: `Import adds the answers in FILE (- for standard input) to a journal, which is
made when absent. A run with --replay then needs no server.`,
		Example: `  luth translate journal import out/tulu.journal.db tulu.jsonl`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			var in io.Reader = cmd.InOrStdin()
			if args[1] != "-" {
				f, err := os.Open(args[1])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			j, err := journal.Open(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, j.Close()) }()
			n, err := j.Import(cmd.Context(), in)
			if err != nil {
				return fmt.Errorf("import %s: %w; %d entries before it are in", args[1], err, n)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d entries imported\n", n)
			return err
		},
	}
}

func newFakeCommand() *cobra.Command {
	var address, script string
	var options fakellm.Options
	cmd := &cobra.Command{
		Use:   "fake",
		Short: "Run the rehearsal server until it is interrupted",
		Long: `Fake serves the model "rehearsal", which answers every request with French words
that mean nothing. Rows made with it are marked and cannot be published. It is
for trying commands, recipes and your own tools, also against servers that fail:
--faults takes shares of the requests, such as 429=0.02,reset=0.01:2,english=0.05
(after the colon: how many attempts of a request are hit).`,
		Example: `  luth translate fake --listen 127.0.0.1:8000 --latency 200ms --slots 256`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if options.Script, err = fakellm.ParseScript(script); err != nil {
				return err
			}
			url, stop, err := fakellm.New(options).Listen(address)
			if err != nil {
				return err
			}
			defer stop()
			fmt.Fprintln(cmd.OutOrStdout(), url)
			<-cmd.Context().Done()
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&address, "listen", "127.0.0.1:8000", "address")
	flags.StringVar(&script, "faults", "", "shares of requests that meet a fault")
	flags.DurationVar(&options.Latency, "latency", 0, "time of an answer")
	flags.DurationVar(&options.PerWord, "per-token", 0, "more time for each token")
	flags.IntVar(&options.Slots, "slots", 0, "requests worked on at once; others wait (default all)")
	flags.IntVar(&options.Queue, "queue", 0, "requests that may wait; more get 429 (default all)")
	flags.BoolVar(&options.Thinks, "thinks", true, "think unless told not to")
	flags.StringVar(&options.Fixed, "fixed", "", "answer always this")
	return cmd
}
