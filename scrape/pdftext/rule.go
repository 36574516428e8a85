package pdftext

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rule is a thin filled or stroked line.
type rule struct {
	x0, y0, x1, y1 float64
}

// newRule returns the rule between two opposite corners.
func newRule(x0, y0, x1, y1 float64) rule {
	return rule{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}
}

func (r rule) width() float64 { return r.x1 - r.x0 }
func (r rule) y() float64     { return (r.y0 + r.y1) / 2 }

// Widths of a fraction bar or the bar of a root, in points.
const (
	minBar  = 3
	maxBar  = 400
	maxBars = 600 // on one page; more are a drawing
)

// construct is something two-dimensional to be read on one line: what a bar
// divides or covers, or what stands in several rows between two delimiters.
type construct struct {
	rule
	kind constructKind
}

type constructKind uint8

const (
	bar   constructKind = iota // a fraction bar, a root's, an overline
	fence                      // two delimiters
	brace                      // an opening brace alone
)

// buildFormulas replaces the parts of roots, fractions, overlined expressions
// and columns between delimiters, inner ones first, by one glyph: "√(x+1)",
// "(a+b)/c", "(n ; k)".
func buildFormulas(glyphs []glyph, rules []rule) []glyph {
	all := append(bars(rules), fences(glyphs)...)
	if len(all) > maxBars {
		return glyphs
	}
	slices.SortStableFunc(all, func(a, b construct) int { return compare(a.width(), b.width()) })
	for _, c := range all {
		if c.kind == fence {
			glyphs = buildRowsInside(glyphs, c.rule)
		} else if c.kind == brace {
			glyphs = buildCases(glyphs, c.rule)
		} else if with, ok := buildUnderscore(glyphs, c.rule); ok {
			glyphs = with
		} else if root := findRadical(glyphs, c.rule); root >= 0 {
			glyphs = buildRoot(glyphs, c.rule, root)
		} else {
			glyphs = buildFraction(glyphs, c.rule)
		}
	}
	return buildVectors(glyphs)
}

// bars returns the rules that may belong to formulas.
func bars(rules []rule) []construct {
	var posts []rule
	for _, r := range rules {
		if r.width() <= 1.6 && r.y1-r.y0 > minBar && len(posts) < maxBars {
			posts = append(posts, r)
		}
	}
	var bars []construct
	for _, r := range rules {
		if r.y1-r.y0 <= 1.6 && r.width() >= minBar && r.width() <= maxBar && !inGrid(r, posts) {
			bars = append(bars, construct{rule: r})
		}
	}
	return bars
}

// inGrid reports whether b meets a vertical rule, as the lines of a table do.
func inGrid(b rule, posts []rule) bool {
	const near = 1.5
	for _, p := range posts {
		if p.x0 > b.x0-near && p.x1 < b.x1+near && p.y0 < b.y()+near && p.y1 > b.y()-near {
			return true
		}
	}
	return false
}

// findRadical returns the radical sign whose top right corner b continues.
func findRadical(glyphs []glyph, b rule) int {
	for i, g := range glyphs {
		if g.text == "√" && math.Abs(g.x1-b.x0) < 0.2*g.size && b.y() > g.y-1.3*g.size && b.y() < g.y+0.3*g.size {
			return i
		}
	}
	return -1
}

func buildRoot(glyphs []glyph, b rule, root int) []glyph {
	var inside []int
	for i, g := range glyphs {
		if i == root || !within(g, b) {
			continue
		}
		if below := g.y - b.y(); g.top() > b.y()-0.35*g.size && below < 1.7*g.size || g.floats() && math.Abs(below) < g.size {
			inside = append(inside, i)
		}
	}
	if len(inside) == 0 {
		return glyphs
	}
	parts := pick(glyphs, inside)
	size, y := largest(parts)
	built := glyph{
		text: "√" + bracket(partText(parts)), x0: glyphs[root].x0, x1: b.x1, y: y, size: size,
		font: parts[0].font, space: glyphs[root].space, built: true,
	}
	return replace(glyphs, append(inside, root), built)
}

// buildFraction joins what stands close above and below b. Underlines and the
// rules of tables are told apart by what surrounds them.
func buildFraction(glyphs []glyph, b rule) []glyph {
	var above, below []int
	for i, g := range glyphs {
		if !within(g, b) {
			continue
		}
		switch {
		case g.floats() && g.y-axis*g.size < b.y() && b.y()-g.y < 1.6*g.size:
			above = append(above, i)
		case g.floats() && g.y-axis*g.size >= b.y() && g.y-b.y() < 2.4*g.size:
			below = append(below, i)
		case g.y <= b.y()+0.05*g.size && b.y()-g.y < maxPart*g.size:
			above = append(above, i)
		case g.y-b.y() > 0.35*g.size && g.y-b.y() < maxPart*g.size:
			below = append(below, i)
		}
	}
	above, below = nearest(glyphs, above, b), nearest(glyphs, below, b)
	over, under := pick(glyphs, above), pick(glyphs, below)
	if len(over) == 0 && isOverline(b, under) {
		return buildOverline(glyphs, b, below)
	}
	if !isFraction(glyphs, b, over, under) {
		return glyphs
	}
	size, _ := largest(append(slices.Clone(over), under...))
	built := glyph{
		text: bracket(partText(over)) + "/" + bracket(partText(under)), x0: b.x0, x1: b.x1, y: b.y() + axis*size, size: size,
		font: over[0].font, built: true,
	}
	return replace(glyphs, append(above, below...), built)
}

// The distances of a fraction's parts from its bar, in font sizes: of its lines,
// and of the scripts of these.
const (
	maxPartLine = 1.35
	maxPart     = 2.2
)

// The shifts of scripts that stand beyond the line they belong to, seen from
// the bar, in sizes of that line.
const (
	maxShiftUp   = 0.55
	maxShiftDown = 0.35
)

// nearest keeps the glyphs on the line that is closest to b, with its scripts.
func nearest(glyphs []glyph, at []int, b rule) []int {
	isLine := func(g glyph) bool { return g.floats() || math.Abs(g.y-b.y()) <= maxPartLine*g.size }
	line := -1
	for _, i := range at {
		if isLine(glyphs[i]) && (line < 0 || math.Abs(glyphs[i].y-b.y()) < math.Abs(glyphs[line].y-b.y())) {
			line = i
		}
	}
	if line < 0 {
		return nil
	}
	closest := glyphs[line]
	// A fraction inside pushes the line that it stands on away from the bar.
	onFloat := func(g glyph) bool {
		return slices.ContainsFunc(at, func(i int) bool {
			f := glyphs[i]
			return f.built && math.Abs(f.y-closest.y) < 0.65*f.size && math.Abs(f.y-g.y) < 0.25*g.size
		})
	}
	return slices.DeleteFunc(at, func(i int) bool {
		g := glyphs[i]
		if isLine(g) || onFloat(g) {
			return math.Abs(g.y-closest.y) > 0.65*max(g.size, closest.size)
		}
		shift := maxShiftUp
		if g.y > b.y() {
			shift = maxShiftDown
		}
		return g.size > 0.95*closest.size || math.Abs(g.y-closest.y) > shift*closest.size
	})
}

func within(g glyph, b rule) bool {
	return g.x0 > b.x0-1.5 && g.x1 < b.x1+1.5
}

func isFraction(glyphs []glyph, b rule, over, under []glyph) bool {
	if len(over) == 0 || len(under) == 0 || len(over)+len(under) > 120 {
		return false
	}
	if hasCells(over) || hasCells(under) {
		return false
	}
	o, u := extent(over), extent(under)
	if max(o.width(), u.width()) < 0.7*b.width() {
		return false
	}
	size, _ := largest(append(slices.Clone(over), under...))
	// Text that runs on beside the parts belongs to ordinary lines.
	return !runsOn(glyphs, o, over[0].y, size) && !runsOn(glyphs, u, under[0].y, size)
}

// hasCells reports whether a wide gap divides the glyphs of one line.
func hasCells(glyphs []glyph) bool {
	sorted := slices.Clone(glyphs)
	slices.SortStableFunc(sorted, func(a, b glyph) int { return compare(a.x0, b.x0) })
	end := sorted[0].x1
	for _, g := range sorted {
		if g.x0-end > 1.6*g.size {
			return true
		}
		end = max(end, g.x1)
	}
	return false
}

// runsOn reports whether a glyph follows or precedes box closely on the
// baseline y.
func runsOn(glyphs []glyph, box rule, y, size float64) bool {
	for _, g := range glyphs {
		if g.built || math.Abs(g.y-y) > 0.1*size || math.Abs(g.size-size) > 0.2*size {
			continue
		}
		left, right := box.x0-g.x1, g.x0-box.x1
		if left > -0.05*size && left < 0.4*size || right > -0.05*size && right < 0.4*size {
			return true
		}
	}
	return false
}

func extent(glyphs []glyph) rule {
	e := rule{x0: math.Inf(1), x1: math.Inf(-1)}
	for _, g := range glyphs {
		e.x0, e.x1 = min(e.x0, g.x0), max(e.x1, g.x1)
	}
	return e
}

// largest returns the largest size among glyphs and the baseline of the first
// glyph that has it.
func largest(glyphs []glyph) (size, y float64) {
	for _, g := range glyphs {
		if g.size > size {
			size, y = g.size, g.y
		}
	}
	return size, y
}

func pick(glyphs []glyph, at []int) []glyph {
	parts := make([]glyph, len(at))
	for i, k := range at {
		parts[i] = glyphs[k]
	}
	return parts
}

// replace removes, in place, the glyphs at the given indices and puts g where
// the first of them stood.
func replace(glyphs []glyph, at []int, g glyph) []glyph {
	slices.Sort(at)
	g.space = g.space || glyphs[at[0]].space
	glyphs[at[0]] = g
	out := glyphs[:at[0]+1]
	for k, i := range at {
		next := len(glyphs)
		if k+1 < len(at) {
			next = at[k+1]
		}
		out = append(out, glyphs[i+1:max(i+1, next)]...)
	}
	return out
}

// partText renders the inside of a formula, rows one after the other.
func partText(parts []glyph) string {
	text := ""
	for _, r := range buildRows(buildRuns(parts)) {
		if text != "" {
			text += " "
		}
		text += r.text()
	}
	return text
}

// bracket puts parentheses around anything but a number, a single character,
// or what has them already.
func bracket(text string) string {
	if utf8.RuneCountInString(text) <= 1 || isBracketed(text) || strings.IndexFunc(text, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 {
		return text
	}
	return "(" + text + ")"
}

func isBracketed(text string) bool {
	depth := 0
	for i, r := range text {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && i < len(text)-1 {
			return false
		}
	}
	return strings.HasPrefix(text, "(") && depth == 0
}
