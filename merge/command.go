package merge

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kurakurai/luth/internal/exit"
)

// NewCommand returns `luth merge`.
func NewCommand() *cobra.Command {
	var f flags
	var sweep string
	cmd := &cobra.Command{
		Use:   "merge CONFIG OUT",
		Short: "Merge checkpoints of one architecture",
		Long: `Merge makes one model of several, as CONFIG says, in the folder OUT. CONFIG is
a mergekit configuration; unknown and misplaced keys are errors, and every error
that can be found without reading data is found first.

The models are folders, from the working directory or beside CONFIG, or models
in the Hub's cache (hf download). OUT must not exist. A merge that was stopped
or killed goes on when the same command runs again, and ends with the same
bytes, which do not depend on the number of workers or the machine.

With --sweep, OUT holds one folder for each value, made from one reading of the
inputs.`,
		Example: `  luth merge recipes/merge-luth-0.6b.yaml out/luth-0.6b
  luth merge plan recipes/merge-luth-0.6b.yaml --stats
  luth merge recipes/merge-luth-0.6b.yaml out/sweep --sweep t=0.3:0.9:0.1
  luth merge diff Qwen/Qwen3-0.6B out/luth-0.6b --plot diff.png`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := f.options(cmd)
			if err != nil {
				return err
			}
			if sweep != "" {
				return runSweep(cmd, sweep, args[0], args[1], opts)
			}
			plan, err := prepare(args[0], f.compat)
			if err != nil {
				return err
			}
			defer plan.Close()
			printNotes(cmd.ErrOrStderr(), plan)
			report, err := Run(cmd.Context(), plan, args[1], opts)
			return finish(cmd, []*Report{report}, err)
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().StringVar(&f.shard, "shard-size", "5GB", "data in one file at most, such as 5GB or 500MB")
	cmd.Flags().BoolVar(&f.allowNaN, "allow-nan", false, "write values that are NaN or too large for the type, instead of failing")
	cmd.Flags().StringVar(&sweep, "sweep", "", "merge once for each value of a parameter: t=0.3:0.9:0.1 or t=0.5,0.7")
	cmd.AddCommand(newPlanCommand(), newDiffCommand(), newMethodsCommand())
	return cmd
}

func runSweep(cmd *cobra.Command, text, path, out string, opts Options) error {
	s, err := ParseSweep(text)
	if err != nil {
		return exit.Usage(err)
	}
	content, err := readSmall(path, maxConfigBytes)
	if err != nil {
		return err
	}
	reports, err := RunSweep(cmd.Context(), content, s, out, filepath.Dir(path), opts)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return finish(cmd, reports, nil)
}

// flags are those that several commands have.
type flags struct {
	workers  int
	seed     uint64
	compat   bool
	allowNaN bool
	shard    string
}

func (f *flags) register(set *pflag.FlagSet) {
	set.IntVar(&f.workers, "workers", runtime.GOMAXPROCS(0), "goroutines; the result is the same for any number")
	set.Uint64Var(&f.seed, "seed", 0, "of the methods that drop elements at random")
	set.BoolVar(&f.compat, "mergekit-compat", false, "accept what mergekit accepts, and reproduce its numbers where docs/merge.md says so")
}

func (f *flags) options(cmd *cobra.Command) (Options, error) {
	opts := Options{Workers: f.workers, Seed: f.seed, Compat: f.compat, AllowNaN: f.allowNaN, Stderr: cmd.ErrOrStderr()}
	if f.workers < 1 {
		return opts, exit.Usage(fmt.Errorf("--workers is %d; at least one is needed", f.workers))
	}
	if f.shard == "" {
		return opts, nil
	}
	size, err := parseSize(f.shard)
	if err != nil {
		return opts, exit.Usage(fmt.Errorf("--shard-size: %w", err))
	}
	opts.ShardBytes = size
	return opts, nil
}

// parseSize reads a number of bytes with a unit, decimal as on the Hub.
func parseSize(text string) (int64, error) {
	number, unit := strings.ToUpper(strings.TrimSpace(text)), int64(1)
	for suffix, factor := range map[string]int64{"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12} {
		if n, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = n, factor
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !(v > 0) || v*float64(unit) > 1<<60 {
		return 0, fmt.Errorf("%q is no size; write 5GB or 500MB", text)
	}
	return int64(v * float64(unit)), nil
}

// prepare reads the configuration at path and plans it.
func prepare(path string, compat bool) (*Plan, error) {
	content, err := readSmall(path, maxConfigBytes)
	if err != nil {
		return nil, err
	}
	plan, err := Prepare(content, filepath.Dir(path), compat)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return plan, nil
}

func printNotes(w io.Writer, plan *Plan) {
	for _, n := range plan.Notes() {
		fmt.Fprintln(w, "note:", n)
	}
}

// finish prints what was made.
func finish(cmd *cobra.Command, reports []*Report, err error) error {
	if err != nil {
		return err
	}
	for _, r := range reports {
		var branches []string
		for _, name := range slices.Sorted(maps.Keys(r.Branches)) {
			branches = append(branches, fmt.Sprintf("%s %d", name, r.Branches[name]))
		}
		reused := ""
		if r.Reused > 0 {
			reused = fmt.Sprintf(", %d of them by an earlier run", r.Reused)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: %d tensors (%s)%s, %s in %s\n", r.Output, r.Tensors, strings.Join(branches, ", "), reused, size(r.Bytes), time.Duration(r.Seconds*1e9).Round(time.Millisecond))
		if n := r.NonFinite; n.NaN+n.Inf+n.Overflow > 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: %d values are NaN, %d infinite, %d too large for the type\n", n.NaN, n.Inf, n.Overflow)
		}
		fmt.Fprintln(cmd.OutOrStdout(), r.Output)
	}
	return nil
}

// size writes bytes as people read them.
func size(n int64) string {
	for _, unit := range []struct {
		name string
		of   float64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if float64(n) >= unit.of {
			return fmt.Sprintf("%.2f %s", float64(n)/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// printJSON prints a value, indented, on standard output.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
