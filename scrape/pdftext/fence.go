package pdftext

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var closers = map[string]string{"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"}

// minFence is how tall a delimiter is, in font sizes, that may hold two rows.
const minFence = 1.1

// fences pairs the tall delimiters of a page, each with the nearest closing
// one on its axis.
func fences(glyphs []glyph) []construct {
	var tall []glyph
	for _, g := range glyphs {
		if g.height >= minFence*g.size && len(tall) < maxBars {
			tall = append(tall, g)
		}
	}
	var pairs []construct
	for i, open := range tall {
		if closers[open.text] == "" {
			continue
		}
		best := math.Inf(1)
		for j, shut := range tall {
			if j != i && shut.text == closers[open.text] && math.Abs(shut.y-open.y) < 0.3*open.size && shut.x0 >= open.x1 {
				best = min(best, shut.x1)
			}
		}
		top, bottom := open.extremes()
		if best-open.x0 < maxBar {
			pairs = append(pairs, construct{rule{open.x0, top, best, bottom}, fence})
		} else if open.text == "{" {
			pairs = append(pairs, construct{rule{open.x0, top, columnEnd(glyphs, open), bottom}, brace})
		}
	}
	return pairs
}

// minLineStarts is how many lines start at the left edge of a column, at least.
const minLineStarts = 8

// columnEnd is how far to the right the cases behind a brace may reach: to the
// next column of text, where lines start one below the other.
func columnEnd(glyphs []glyph, open glyph) float64 {
	starts := make(map[int]int)
	for i, g := range glyphs {
		if x := int(math.Round(g.x0)); g.x0 > open.x1+2*open.size && (i == 0 || math.Abs(g.y-glyphs[i-1].y) > 0.8*g.size) {
			starts[x]++
		}
	}
	end := open.x0 + maxBar
	for x, n := range starts {
		if n+starts[x+1] >= minLineStarts {
			end = min(end, float64(x)-1)
		}
	}
	return end
}

// buildCases joins the rows behind a brace that is never closed: "{ x si x ⩾ 0
// ; -x sinon".
func buildCases(glyphs []glyph, box rule) []glyph {
	open := slices.IndexFunc(glyphs, func(g glyph) bool {
		return g.text == "{" && g.height > 0 && math.Abs(g.x0-box.x0) < 0.1 && math.Abs(g.y-axis*g.size-(box.y0+box.y1)/2) < 0.1
	})
	if open < 0 {
		return glyphs
	}
	var behind []int
	for i, g := range glyphs {
		if i != open && g.x0 >= glyphs[open].x1-0.5 && g.x1 < box.x1 && g.y > box.y0 && g.y-0.5*g.size < box.y1 {
			behind = append(behind, i)
		}
	}
	inside := caseRows(glyphs, behind, glyphs[open])
	if len(inside) == 0 {
		return glyphs
	}
	parts := pick(glyphs, inside)
	var texts []string
	for _, r := range buildRows(buildRuns(parts)) {
		texts = append(texts, strings.ReplaceAll(r.text(), "\t", " "))
	}
	if len(texts) < 2 {
		return glyphs
	}
	g := glyphs[open]
	size, _ := largest(parts)
	built := glyph{text: "{ " + strings.Join(texts, " ; "), x0: g.x0, x1: extent(parts).x1, y: g.y, size: size, font: g.font, space: g.space, built: true}
	return replace(glyphs, append(inside, open), built)
}

// The widest gaps inside a row of cases, in font sizes: on the brace's own
// line, where other text may follow, and on any other.
const (
	middleCaseGap = 2.5
	maxCaseGap    = 8
)

// caseRows chooses, among the glyphs behind a brace, those of its rows: each
// starts close to the brace and goes on without a wide gap. Text that follows
// the cases stands on the brace's own line, beyond them.
func caseRows(glyphs []glyph, behind []int, open glyph) []int {
	lines := make(map[float64][]int)
	var order []float64
	for _, i := range behind {
		y := glyphs[i].y
		at := slices.IndexFunc(order, func(o float64) bool { return math.Abs(o-y) < 0.45*glyphs[i].size })
		if at < 0 {
			order = append(order, y)
			at = len(order) - 1
		}
		lines[order[at]] = append(lines[order[at]], i)
	}
	var inside []int
	for _, y := range order {
		line := lines[y]
		slices.SortStableFunc(line, func(a, b int) int { return compare(glyphs[a].x0, glyphs[b].x0) })
		end := open.x1
		for k, i := range line {
			size := glyphs[i].size
			limit := maxCaseGap * size
			switch {
			case k == 0:
				limit = 1.2 * size
			case math.Abs(y-open.y) < 0.4*size:
				limit = middleCaseGap * size
			}
			if glyphs[i].x0-end > limit {
				break
			}
			end = max(end, glyphs[i].x1)
			inside = append(inside, i)
		}
	}
	return inside
}

// buildRowsInside joins rows between delimiters: binomials, column vectors,
// matrices.
func buildRowsInside(glyphs []glyph, box rule) []glyph {
	var inside []int
	open, shut := -1, -1
	for i, g := range glyphs {
		switch {
		case g.x0 < box.x0-0.1 || g.x1 > box.x1+0.1:
		case g.height > 0 && g.x0 < box.x0+0.1:
			open = i
		case g.height > 0 && g.x1 > box.x1-0.1 && closers[glyphText(glyphs, open)] == g.text:
			shut = i
		case g.y > box.y0 && g.y-0.3*g.size < box.y1:
			inside = append(inside, i)
		}
	}
	if open < 0 || shut < 0 || len(inside) == 0 {
		return glyphs
	}
	parts := pick(glyphs, inside)
	rows := buildRows(buildRuns(parts))
	if len(rows) < 2 {
		return glyphs
	}
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = strings.ReplaceAll(r.text(), "\t", " ")
	}
	size, _ := largest(parts)
	built := glyph{
		text: glyphs[open].text + strings.Join(texts, " ; ") + glyphs[shut].text,
		x0:   box.x0, x1: box.x1, y: (box.y0+box.y1)/2 + axis*size, size: size, font: parts[0].font, built: true,
	}
	return replace(glyphs, append(inside, open, shut), built)
}

func glyphText(glyphs []glyph, i int) string {
	if i < 0 {
		return ""
	}
	return glyphs[i].text
}

// isOverline reports whether b covers exactly the glyphs below it, as the bar
// of a complement or a conjugate does.
func isOverline(b rule, under []glyph) bool {
	if len(under) == 0 || len(under) > 8 {
		return false
	}
	e := extent(under)
	size, y := largest(under)
	return math.Abs(e.x0-b.x0) < 1.5 && math.Abs(e.x1-b.x1) < 1.5 && y-b.y() < 0.95*size
}

func buildOverline(glyphs []glyph, b rule, at []int) []glyph {
	parts := pick(glyphs, at)
	var text strings.Builder
	for _, r := range partText(parts) {
		text.WriteRune(r)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			text.WriteRune('\u0305')
		}
	}
	size, y := largest(parts)
	return replace(glyphs, at, glyph{text: text.String(), x0: b.x0, x1: b.x1, y: y, size: size, font: parts[0].font, built: true})
}

// buildVectors joins an arrow that TeX drew over letters with them: "AB⃗".
func buildVectors(glyphs []glyph) []glyph {
	arrows := 0
	for i := 0; i < len(glyphs) && arrows < maxBars; i++ {
		if glyphs[i].text != "→" && glyphs[i].text != "⟶" {
			continue
		}
		arrows++
		start := i
		for start > 0 && (glyphs[start-1].text == "−" || glyphs[start-1].text == "-") && math.Abs(glyphs[start-1].y-glyphs[i].y) < 0.5 &&
			math.Abs(glyphs[start-1].x1-glyphs[start].x0) < 0.6*glyphs[i].size {
			start--
		}
		arrow := rule{glyphs[start].x0, glyphs[i].y, glyphs[i].x1, glyphs[i].y}
		letters := under(glyphs, arrow, glyphs[i].size)
		if len(letters) == 0 || runsOn(glyphs, arrow, arrow.y(), glyphs[i].size) {
			continue
		}
		parts := pick(glyphs, letters)
		size, y := largest(parts)
		at := letters
		for k := start; k <= i; k++ {
			at = append(at, k)
		}
		built := glyph{
			text: partText(parts) + "\u20d7", x0: min(extent(parts).x0, arrow.x0), x1: extent(parts).x1, y: y, size: size,
			font: parts[0].font, space: glyphs[start].space, built: true,
		}
		glyphs = replace(glyphs, at, built)
		i = slices.IndexFunc(glyphs, func(g glyph) bool { return g.text == built.text && g.x0 == built.x0 && g.y == built.y })
	}
	return glyphs
}

// buildUnderscore replaces the rule that TeX draws for "_" between two
// characters by that character.
func buildUnderscore(glyphs []glyph, b rule) ([]glyph, bool) {
	for i, g := range glyphs {
		drop := b.y() - g.y
		if g.built || math.Abs(g.x1-b.x0) > 0.15*g.size || drop < -0.05*g.size || drop > 0.3*g.size || b.width() > 0.7*g.size || i+1 >= len(glyphs) {
			continue
		}
		if next := glyphs[i+1]; math.Abs(next.x0-b.x1) < 0.15*g.size && math.Abs(next.y-g.y) < 0.1*g.size {
			return slices.Insert(glyphs, i+1, glyph{text: "_", x0: b.x0, x1: b.x1, y: g.y, size: g.size, font: g.font}), true
		}
	}
	return glyphs, false
}

// under returns the letters, four at most, that an arrow spans.
func under(glyphs []glyph, arrow rule, size float64) []int {
	var at []int
	for i, g := range glyphs {
		if center := (g.x0 + g.x1) / 2; center < arrow.x0 || center > arrow.x1 || g.y-arrow.y() < 0.3*size || g.y-arrow.y() > 0.95*size {
			continue
		}
		r, _ := utf8.DecodeRuneInString(g.text)
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '′' {
			return nil
		}
		at = append(at, i)
	}
	if len(at) > 4 {
		return nil
	}
	return at
}
