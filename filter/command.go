package filter

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
)

// NewCommand returns `luth filter`.
func NewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "filter",
		Short: "Drop samples that should not be learned from",
		Long: `Filter puts the samples of a dataset through rules and writes a dataset of those
that stay. Every sample that goes is kept beside them, in dropped/, with the
filter, the reason, and the value that decided.`,
	}
	cmd.AddCommand(newListCommand(), newRunCommand(), newExplainCommand())
	return cmd
}

func newListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Describe the filters, their parameters and defaults",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for i, f := range All() {
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				if err := describe(cmd.OutOrStdout(), f); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func describe(w io.Writer, f Filter) error {
	params := "none\n"
	if f.Params != nil {
		text, err := yaml.MarshalWithOptions(f.Params, yaml.Flow(true))
		if err != nil {
			return err
		}
		params = string(text)
	}
	_, err := fmt.Fprintf(w, "%s\n  %s\n  parameters: %s  source: %s\n", f.Name, f.Doc, params, f.Source)
	return err
}

func newRunCommand() *cobra.Command {
	var configPath string
	var workers int
	cmd := &cobra.Command{
		Use:   "run IN OUT",
		Short: "Filter a dataset",
		Long: `Run filters IN, which is a dataset directory, a .parquet or .jsonl file or a
folder of such files, and writes the dataset directory OUT. It prints the
balance: what went in, stayed, and was dropped, with the reasons.

The configuration is what a recipe has under filter:

  filters:
    - empty
    - length: {min_answer: 5}
    - language: {languages: [fr, en]}

Without one, all filters run with their defaults; see luth filter list.`,
		Example: `  luth filter run out/scholar out/scholar-filtered
  luth filter run rows.jsonl out/rows --config filter.yaml`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if workers < 1 {
				return exit.Usage(fmt.Errorf("--workers is %d; at least one is needed", workers))
			}
			if err := dataset.CheckPlaces(args[0], args[1]); err != nil {
				return err
			}
			params, err := readConfig(configPath)
			if err != nil {
				return err
			}
			job := dataset.Job{
				Name: filepath.Base(filepath.Clean(args[1])), Params: params, Input: args[0], Output: args[1],
				Workers: workers, Stderr: cmd.ErrOrStderr(),
			}
			job.Card.PrettyName = job.Name
			if d, err := dataset.Open(args[0]); err == nil {
				job.Name, job.Card = d.Manifest.Name, d.Manifest.Card
			}
			outcome, err := Stage().Run(cmd.Context(), job)
			if err != nil {
				return err
			}
			return dataset.PrintBalances(cmd.OutOrStdout(), outcome.Balances)
		},
	}
	cmd.Flags().StringVar(&configPath, "config", "", "YAML file that names the filters")
	cmd.Flags().IntVar(&workers, "workers", runtime.GOMAXPROCS(0), "goroutines; the result is the same for any number")
	return cmd
}

const maxConfigBytes = 1 << 20

func readConfig(path string) (dataset.Params, error) {
	if path == "" {
		return dataset.Params{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return dataset.Params{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigBytes))
	if err != nil {
		return dataset.Params{}, fmt.Errorf("read %s: %w", path, err)
	}
	params, err := dataset.ParseParams(string(text))
	if err != nil {
		return dataset.Params{}, fmt.Errorf("read %s: %w", path, err)
	}
	return params, nil
}

func newExplainCommand() *cobra.Command {
	var dir, configPath string
	cmd := &cobra.Command{
		Use:   "explain ID --in DIR",
		Short: "Say what each filter sees in one sample",
		Long: `Explain looks for the sample whose id begins with ID, among the samples of a
dataset and those dropped from it, and prints the verdict of every filter.`,
		Example: `  luth filter explain 3f2a --in out/scholar`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				return exit.Usage(fmt.Errorf("name the dataset that holds the sample with --in\nsee `%s --help`", cmd.CommandPath()))
			}
			params, err := readConfig(configPath)
			if err != nil {
				return err
			}
			filters, err := choose(params)
			if err != nil {
				return err
			}
			sample, err := lookUp(dir, args[0])
			if err != nil {
				return err
			}
			return explain(cmd.OutOrStdout(), filters, dir, sample)
		},
	}
	cmd.Flags().StringVar(&dir, "in", "", "dataset directory or file that holds the sample")
	cmd.Flags().StringVar(&configPath, "config", "", "YAML file that names the filters")
	return cmd
}

// lookUp returns the only sample whose id begins with prefix.
func lookUp(dir, prefix string) (dataset.Sample, error) {
	var found dataset.Sample
	for s, err := range everySample(dir) {
		switch {
		case err != nil:
			return found, err
		case !strings.HasPrefix(s.ID, prefix) || s.ID == found.ID:
		case found.ID != "":
			return found, fmt.Errorf("several ids begin with %q, such as %s and %s; give more of it", prefix, found.ID, s.ID)
		default:
			found = s
		}
	}
	if found.ID == "" {
		return found, fmt.Errorf("%s holds no sample, kept or dropped, whose id begins with %q", dir, prefix)
	}
	return found, nil
}

func explain(w io.Writer, filters []Filter, dir string, s dataset.Sample) error {
	fmt.Fprintf(w, "%s  %s\n\n", s.ID, s.Origin.Path)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "filter\tverdict\tvalue\tthreshold\twhy")
	for _, f := range filters {
		v, err := verdictOn(f, dir, s)
		if err != nil {
			return err
		}
		verdict := "keeps"
		if !v.Keep {
			verdict = "drops"
		}
		why := strings.Trim(v.Reason+": "+strings.Join(strings.Fields(v.Detail), " "), ": ")
		fmt.Fprintf(tw, "%s\t%s\t%.4g\t%.4g\t%s\n", f.Name, verdict, v.Value, v.Threshold, why)
	}
	return tw.Flush()
}
