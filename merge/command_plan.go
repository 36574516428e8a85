package merge

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

func newPlanCommand() *cobra.Command {
	var f flags
	var stats, asJSON bool
	cmd := &cobra.Command{
		Use:   "plan CONFIG",
		Short: "Check a merge and say what it would do",
		Long: `Plan reads the configuration, the headers of the models and their config.json,
and lists everything that is wrong; then, of every tensor of the result, what it
is made of, with which parameters. It reads no data, except with --stats: then
it adds norms, cosines, and whether slerp takes the arc or the straight line.`,
		Example: `  luth merge plan recipes/merge-luth-0.6b.yaml
  luth merge plan recipes/merge-luth-0.6b.yaml --stats --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := f.options(cmd)
			if err != nil {
				return err
			}
			plan, err := prepare(args[0], f.compat)
			if err != nil {
				return err
			}
			defer plan.Close()
			tensors := plan.Describe()
			if stats {
				if tensors, err = plan.Measure(cmd.Context(), opts); err != nil {
					return err
				}
			}
			summary := plan.Summarise(f.workers)
			if asJSON {
				return printJSON(cmd.OutOrStdout(), struct {
					Summary Summary       `json:"summary"`
					Notes   []string      `json:"notes"`
					Tensors []TensorStats `json:"tensors"`
				}{summary, append([]string{}, plan.Notes()...), tensors})
			}
			printNotes(cmd.ErrOrStderr(), plan)
			if err := printPlan(cmd.OutOrStdout(), tensors); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "%d tensors, reads %s, writes %s, buffers of %s; about %s if the disk keeps up\n", summary.Tensors,
				size(summary.Read), size(summary.Write), size(summary.Memory), time.Duration(summary.Seconds*1e9).Round(100*time.Millisecond))
			if !stats {
				return nil
			}
			printAgreement(cmd.ErrOrStderr(), tensors)
			return nil
		},
	}
	f.register(cmd.Flags())
	cmd.Flags().BoolVar(&stats, "stats", false, "read the data for norms, cosines and branches")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printPlan(w io.Writer, tensors []TensorStats) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "tensor\tshape\ttype\tbytes\tparameters\tbranch\tcosine\tnorms")
	for _, t := range tensors {
		cos, norms := "", []string{}
		if t.Cosine != nil {
			cos = fmt.Sprintf("%.6f", *t.Cosine)
		}
		for _, m := range t.Models {
			if m.Norm != nil {
				norms = append(norms, fmt.Sprintf("%.5g", *m.Norm))
			}
		}
		fmt.Fprintf(table, "%s\t%v\t%s\t%d\t%s\t%s\t%s\t%s\n", t.Tensor, t.Shape, t.DType, t.Write, parameterText(t), t.Branch, cos, strings.Join(norms, " "))
		if t.Warning != "" {
			fmt.Fprintf(table, "  %s\t\t\t\t\t\t\t\n", t.Warning)
		}
	}
	return table.Flush()
}

// parameterText writes the parameters of a tensor; those of models with the
// model's number.
func parameterText(t TensorStats) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(t.Values)) {
		out = append(out, fmt.Sprintf("%s=%.6g", name, t.Values[name]))
	}
	for i, m := range t.Models {
		for _, name := range slices.Sorted(maps.Keys(m.Values)) {
			out = append(out, fmt.Sprintf("%s%d=%.6g", name, i+1, m.Values[name]))
		}
	}
	return strings.Join(out, " ")
}

// printAgreement says when slerp and a straight line are the same but for
// rounding: their lengths differ by t(1-t)θ²/2 at most.
func printAgreement(w io.Writer, tensors []TensorStats) {
	const bfloat16 = 1. / 256 // half a unit in the last place, relative
	worst, slerps := 0.0, 0
	for _, t := range tensors {
		if t.Cosine == nil || t.Branch != "slerp" {
			continue
		}
		slerps++
		place := t.Values["t"]
		theta := math.Acos(*t.Cosine)
		worst = max(worst, math.Abs(place*(1-place))*theta*theta/2)
	}
	if slerps > 0 {
		verdict := "more than rounding to bfloat16 does"
		if worst < bfloat16 {
			verdict = "less than rounding to bfloat16 may"
		}
		fmt.Fprintf(w, "slerp is taken for %d tensors; there it changes values by %.2g of them at most, against a straight line: %s\n", slerps, worst, verdict)
	}
}

func newMethodsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "methods",
		Short: "Describe the methods, their parameters and defaults",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for i, m := range Methods {
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				m.print(cmd.OutOrStdout())
			}
			return nil
		},
	}
}

func (m *Method) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n  %s\n  source: %s\n", m.Name, m.Doc, m.Source)
	if m.Base == baseRequired {
		fmt.Fprintln(w, "  needs base_model")
	}
	for _, p := range m.Parameters {
		scope := "for all"
		if p.PerModel {
			scope = "per model"
		}
		fmt.Fprintf(w, "  %s (%s, %s, %s): %s\n", p.Name, scope, span(&p), p.preset(), p.Doc)
	}
}

// preset writes the default.
func (p *Parameter) preset() string {
	switch {
	case p.Required:
		return "required"
	case math.IsNaN(p.Default):
		return "default none"
	case p.Bool:
		return fmt.Sprintf("default %v", p.Default != 0)
	}
	return fmt.Sprintf("default %v", p.Default)
}
