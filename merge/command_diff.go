package merge

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newDiffCommand() *cobra.Command {
	var f flags
	var asJSON bool
	var plot string
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two checkpoints tensor by tensor",
		Long: `Diff reads two models of one architecture and prints, for every tensor they
share, the cosine of the angle between them, the norm of the difference relative
to A's, and the largest difference; then the same by layer, and what only one of
them has.`,
		Example: `  luth merge diff Qwen/Qwen3-0.6B out/luth-0.6b
  luth merge diff base finetuned --json --plot layers.png`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts, err := f.options(cmd)
			if err != nil {
				return err
			}
			if plot != "" {
				if err := checkPlot(plot); err != nil {
					return err
				}
			}
			c, err := Compare(cmd.Context(), args[0], args[1], opts)
			if err != nil {
				return err
			}
			if plot != "" {
				if err := c.Plot(plot); err != nil {
					return err
				}
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), c)
			}
			return c.print(cmd.OutOrStdout())
		},
	}
	f.register(cmd.Flags())
	_ = cmd.Flags().MarkHidden("seed")
	_ = cmd.Flags().MarkHidden("mergekit-compat")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&plot, "plot", "", "draw the difference by layer to a .png, .svg or .pdf file")
	return cmd
}

func (c *Comparison) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "tensor\tcosine\trelative\tlargest\tnorm A\tnorm B\tslerp takes")
	identical := 0
	for _, t := range c.Tensors {
		if t.Identical {
			identical++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.Tensor, figure(t.Cosine, "%.6f"), figure(t.Relative, "%.3e"), figure(t.Largest, "%.3e"), figure(t.NormA, "%.5g"), figure(t.NormB, "%.5g"), t.Slerp)
	}
	fmt.Fprintln(table, "\nlayer\tcosine\trelative\ttensors")
	for _, l := range c.Layers() {
		name := fmt.Sprint(l.Layer)
		if l.Layer < 0 {
			name = "outside"
		}
		fmt.Fprintf(table, "%s\t%.6f\t%.3e\t%d\n", name, l.Cosine, l.Relative, l.Tensors)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d tensors, %d of them identical\n", len(c.Tensors), identical)
	for _, list := range []struct {
		title string
		lines []string
	}{
		{"only in A", c.OnlyA}, {"only in B", c.OnlyB}, {"left out, not in A's index", c.UnlistedA}, {"left out, not in B's index", c.UnlistedB},
		{"different shapes", c.Shapes}, {"config.json", c.Config},
	} {
		for _, line := range list.lines {
			fmt.Fprintf(w, "%s: %s\n", list.title, line)
		}
	}
	return nil
}

// figure writes a number, or a dash for one that is not finite.
func figure(x *float64, format string) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf(format, *x)
}
