package dataset

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// NewBuildCommand returns `luth build`, which knows the given stages. When it
// is interrupted it returns ErrStopped, for which main exits with 130.
func NewBuildCommand(stages []Stage) *cobra.Command {
	var options BuildOptions
	var output, work string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "build RECIPE",
		Short: "Build a dataset from a recipe",
		Long: `Build runs the stages that a recipe names, one after the other, and writes
the dataset directory. A stage whose parameters, input and version have not
changed is up to date and is not run again. At the end the balance of every
stage is printed: what went in, came out, and was dropped, with the reason.

A build may be interrupted at any moment; the same command resumes it.

The stages are:
` + stageList(stages),
		Example: `  luth build recipes/scholar.yaml
  luth build recipes/scholar.yaml --out /data/scholar --work /scratch/scholar
  luth build recipes/scholar.yaml --json | jq .splits`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkWorkers(options.Workers); err != nil {
				return err
			}
			recipe, err := ReadRecipe(args[0])
			if err != nil {
				return err
			}
			if output != "" {
				recipe.Output = output
			}
			if work != "" {
				recipe.Work = work
			}
			options.Stderr = cmd.ErrOrStderr()
			report, err := Build(cmd.Context(), recipe, stages, options)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), report)
			}
			return printBuild(cmd.OutOrStdout(), report)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&options.Force, "force", false, "run every stage, up to date or not")
	flags.IntVar(&options.Workers, "workers", runtime.GOMAXPROCS(0), "goroutines a stage may use; the result is the same for any number")
	flags.StringVar(&output, "out", "", "write the dataset to this folder instead of the recipe's")
	flags.StringVar(&work, "work", "", "keep what the stages write in this folder instead of the recipe's")
	flags.BoolVar(&asJSON, "json", false, "print the report as one JSON object")
	return cmd
}

func stageList(stages []Stage) string {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, s := range stages {
		fmt.Fprintf(tw, "  %s\t%s\n", s.Name, s.Short)
	}
	tw.Flush()
	return strings.TrimRight(b.String(), "\n")
}

func printBuild(w io.Writer, report BuildReport) error {
	if err := PrintBalances(w, report.Balances()); err != nil {
		return err
	}
	var rows int64
	for _, s := range report.Splits {
		rows += s.Rows
	}
	state := ""
	if report.UpToDate {
		state = " (up to date)"
	}
	_, err := fmt.Fprintf(w, "\n%s: %d samples in %s%s\nsee it:   luth dataset head %s\ncheck it: luth dataset verify %s\n",
		report.Name, rows, report.Output, state, report.Output, report.Output)
	return err
}
