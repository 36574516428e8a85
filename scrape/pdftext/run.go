package pdftext

import (
	"math"
	"slices"
)

// run is a stretch of glyphs shown one after the other on one line. Inside a
// run the order is the content stream's: sorting by position would let kerning
// swap letters.
type run struct {
	glyphs []glyph
	x0, x1 float64
	y      float64 // baseline of the largest glyphs
	size   float64 // font size of the largest glyphs
	fixed  bool    // y comes from a glyph that has a baseline
}

// Distances that end a run, in font sizes.
const (
	maxGap    = 1.2 // forward
	maxBack   = 0.6 // backward, as between a superscript and the subscript below it
	maxScript = 0.7 // vertical shift of a superscript or subscript
	sameLine  = 0.2 // vertical shift of glyphs on one baseline
	nearLine  = 0.4 // the same, where one baseline is only inferred
)

// buildRuns splits the glyphs of a page, in content order, into runs, which
// share their memory.
func buildRuns(glyphs []glyph) []run {
	var runs []run
	start := 0
	for i, g := range glyphs {
		n := len(runs)
		if n == 0 || !runs[n-1].takes(g) {
			start = i
			runs = append(runs, run{x0: g.x0, x1: g.x0})
			n++
		}
		runs[n-1].add(g)
		runs[n-1].glyphs = glyphs[start : i+1 : i+1]
	}
	return runs
}

func (r *run) takes(g glyph) bool {
	last := r.glyphs[len(r.glyphs)-1]
	size := max(r.size, g.size)
	if dx := g.x0 - last.x1; dx > maxGap*size || dx < -maxBack*size {
		return false
	}
	if g.x1 < r.x0 {
		return false
	}
	dy := math.Abs(g.y - r.y)
	switch {
	case g.floats() || !r.fixed:
		return dy < nearLine*size
	case min(g.size, r.size) < 0.92*size:
		return dy < maxScript*size
	}
	return dy < sameLine*size
}

// add widens the run by the glyph that follows.
func (r *run) add(g glyph) {
	if len(r.glyphs) == 0 {
		r.y, r.size = g.y, g.size
	}
	if !g.floats() && (!r.fixed || g.size > 1.05*r.size) {
		r.y, r.size, r.fixed = g.y, g.size, true
	}
	r.x0, r.x1 = min(r.x0, g.x0), max(r.x1, g.x1)
}

// row is one visual line: runs side by side.
type row struct {
	runs   []run
	x0, x1 float64
	y      float64 // of the longest run with the largest size
	size   float64
	length int // of that run
}

func (r *row) add(u run) {
	switch {
	case len(r.runs) == 0:
		*r = row{x0: u.x0, x1: u.x1, y: u.y, size: u.size, length: len(u.glyphs)}
	case u.size > 1.05*r.size, u.size > 0.95*r.size && len(u.glyphs) > r.length:
		r.y, r.size, r.length = u.y, max(u.size, r.size), len(u.glyphs)
	}
	r.x0, r.x1 = min(r.x0, u.x0), max(r.x1, u.x1)
	r.runs = append(r.runs, u)
}

// buildRows groups runs with a common baseline, from top to bottom, then
// gives stray superscripts, subscripts and limits to the row they belong to.
func buildRows(runs []run) []row {
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b run) int {
		if a.y != b.y {
			return compare(a.y, b.y)
		}
		return compare(a.x0, b.x0)
	})
	var rows []row
	for i, u := range runs {
		if i > 0 && u.shadows(runs[i-1]) {
			continue
		}
		if n := len(rows); n > 0 && u.y-rows[n-1].y < 0.3*max(min(u.size, rows[n-1].size), 4) {
			rows[n-1].add(u)
			continue
		}
		var r row
		r.add(u)
		rows = append(rows, r)
	}
	return attachScripts(rows)
}

// shadows reports whether the run is another drawn once more.
func (r run) shadows(other run) bool {
	return len(r.glyphs) == len(other.glyphs) && r.glyphs[0].shadows(other.glyphs[0]) &&
		slices.EqualFunc(r.glyphs, other.glyphs, func(a, b glyph) bool { return a.text == b.text })
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// attachScripts moves the runs of small rows to the neighbouring row where
// they touch larger text. A row whose runs all find a place disappears.
func attachScripts(rows []row) []row {
	out := rows[:0:0]
	for i, r := range rows {
		var left []run
		for _, u := range r.runs {
			if host := scriptHost(rows, i, u); host >= 0 {
				rows[host].adopt(u)
			} else {
				left = append(left, u)
			}
		}
		rows[i].runs = left
	}
	for _, r := range rows {
		if len(r.runs) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// scriptHost finds the row next to i with larger text that u is a script or a
// limit of, or -1.
func scriptHost(rows []row, i int, u run) int {
	for _, j := range []int{i - 1, i + 1, i - 2, i + 2} {
		if j < 0 || j >= len(rows) || u.size > 0.88*rows[j].size || math.Abs(u.y-rows[j].y) > 1.9*rows[j].size {
			continue
		}
		if at, _ := rows[j].anchor(u); at >= 0 {
			return j
		}
	}
	return -1
}

// anchor finds the glyph that u is a script of: a glyph it follows closely, or
// an operator it is centred on.
func (r row) anchor(u run) (runIndex, glyphIndex int) {
	center := (u.x0 + u.x1) / 2
	dy := math.Abs(u.y - r.y)
	for i, host := range r.runs {
		if u.x0 > host.x1+r.size || u.x1 < host.x0-r.size {
			continue
		}
		for j, g := range host.glyphs {
			if isLimitOperator(host.glyphs, j) && math.Abs(center-(g.x0+g.x1)/2) < 0.8*r.size {
				return i, j
			}
			if dy < maxScript*r.size && u.x0-g.x1 > -0.15*r.size && u.x0-g.x1 < 0.3*r.size && g.size > 1.1*u.size {
				return i, j
			}
		}
	}
	return -1, -1
}

// isLimitOperator reports whether the glyph at j carries limits above and
// below: a big operator, or the middle of "lim", "max", "min", "sup", "inf".
func isLimitOperator(glyphs []glyph, j int) bool {
	switch glyphs[j].text {
	case "∑", "∏", "⋃", "⋂", "⨁", "⋀", "⋁", "∐", "∫":
		return true
	}
	if j == 0 || j+1 >= len(glyphs) {
		return false
	}
	switch glyphs[j-1].text + glyphs[j].text + glyphs[j+1].text {
	case "lim", "max", "min", "sup", "inf":
		return true
	}
	return false
}

// adopt inserts the glyphs of a script run behind the glyph they belong to.
func (r *row) adopt(u run) {
	i, j := r.anchor(u)
	level := levelSub
	if u.y < r.y-0.05*r.size {
		level = levelSuper
	}
	host := &r.runs[i]
	if isLimitOperator(host.glyphs, j) && !isSymbol(host.glyphs[j].text) {
		j++ // behind the last letter of the operator's name
	}
	host.glyphs = slices.Insert(slices.Clone(host.glyphs), j+1, u.glyphs...)
	for k := range u.glyphs {
		host.glyphs[j+1+k].level = level
	}
}

func isSymbol(text string) bool { return len(text) > 1 }
