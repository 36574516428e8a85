// Luth rebuilds the French datasets Scholar and Luth-SFT from their sources
// and carries them to published models.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/filter"
	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/merge"
	"github.com/kurakurai/luth/scrape"
	"github.com/kurakurai/luth/translate"
)

func main() { os.Exit(run()) }

// run executes one command and returns its exit code.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newCommand()
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exit.OK
	}
	interrupted := errors.Is(err, context.Canceled)
	text := err.Error()
	if interrupted && !errors.Is(err, dataset.ErrStopped) {
		text = "stopped; run the same command to go on, or to start over where it keeps nothing"
	}
	if text != "" {
		fmt.Fprintln(root.ErrOrStderr(), "luth:", text)
	}
	if interrupted {
		return exit.Interrupted
	}
	return exit.Code(err)
}

func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "luth",
		Short: "Rebuild the French datasets Scholar and Luth-SFT from their sources",
		Long: `Luth crawls French exam sites, reads subjects and corrections, aligns questions
with answers, asks language models for translations and answers, filters, and
writes datasets that the Hugging Face Hub takes as they are. It merges models.

  luth build recipes/quickstart.yaml    build Scholar from a bundled exam site
  luth dataset head out/quickstart      look at what came out

Data goes to standard output, everything else to standard error.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a document without usable text,
130 interrupted (run the same command to resume).`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(usageError)
	stages := slices.Concat(scrape.Stages(), translate.Stages(), []dataset.Stage{filter.Stage()})
	root.AddCommand(
		scrape.NewCommand(), translate.NewCommand(), filter.NewCommand(), dataset.NewCommand(),
		dataset.NewBuildCommand(stages), merge.NewCommand(), newVersionCommand(),
	)
	checkUsage(root)
	return root
}

func usageError(cmd *cobra.Command, err error) error {
	return exit.Usage(fmt.Errorf("%w\nsee `%s --help`", err, cmd.CommandPath()))
}

// checkUsage makes wrong arguments to cmd and the commands below it end with
// the exit code of wrong usage, and refuses unknown subcommands.
func checkUsage(cmd *cobra.Command) {
	args := cmd.Args
	if cmd.HasSubCommands() && !cmd.Runnable() {
		args = func(cmd *cobra.Command, given []string) error {
			if len(given) == 0 {
				return nil
			}
			return fmt.Errorf("unknown command %q for %q", given[0], cmd.CommandPath())
		}
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if args != nil {
		cmd.Args = func(cmd *cobra.Command, given []string) error {
			if err := args(cmd, given); err != nil {
				return usageError(cmd, err)
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		checkUsage(child)
	}
}
