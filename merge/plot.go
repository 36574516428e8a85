package merge

import (
	"fmt"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/kurakurai/luth/internal/exit"
)

// checkPlot refuses file names that say no format that Plot knows.
func checkPlot(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".svg", ".pdf":
		return nil
	}
	return exit.Usage(fmt.Errorf("--plot %s: the name must end in .png, .svg or .pdf", path))
}

// Plot draws the relative difference of every layer to a file whose extension
// says the format: .png, .svg, .pdf.
func (c *Comparison) Plot(path string) error {
	var points plotter.XYs
	for _, l := range c.Layers() {
		if l.Layer >= 0 {
			points = append(points, plotter.XY{X: float64(l.Layer), Y: l.Relative})
		}
	}
	if len(points) == 0 {
		return fmt.Errorf("plot %s: the models share no layers", path)
	}
	p := plot.New()
	p.Title.Text = "Relative difference by layer"
	p.X.Label.Text = "layer"
	p.Y.Label.Text = "|B - A| / |A|"
	p.Y.Min = 0
	line, marks, err := plotter.NewLinePoints(points)
	if err != nil {
		return fmt.Errorf("plot %s: %w", path, err)
	}
	p.Add(plotter.NewGrid(), line, marks)
	if err := p.Save(16*vg.Centimeter, 9*vg.Centimeter, path); err != nil {
		return fmt.Errorf("plot %s: %w", path, err)
	}
	return nil
}
