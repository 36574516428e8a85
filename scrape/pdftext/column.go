package pdftext

import (
	"math"
	"slices"
)

const (
	minColumnRows = 6    // of two columns of prose
	minFill       = 0.62 // share of the column's width that its rows fill on average
	minColumn     = 14   // width of a column of prose, in font sizes
	minSideRows   = 3    // of text beside a figure or a listing
	maxAligned    = 0.5  // share of rows on common baselines, above which it is a table
	minGutter     = 8.0  // points
	gutterStep    = 4.0  // points between the places tried
	maxSplits     = 12   // on one page
)

// split is a stretch of a page that stands in two columns.
type split struct {
	x         float64 // the gutter
	low, high float64 // first and last baseline
	rows      int
}

// columns splits the runs of a page into regions in reading order: for each
// stretch in two columns, or with a figure or listing beside the text, the
// left and then the right part.
func columns(runs []run, width float64) [][]run {
	return splitRuns(runs, width, maxSplits)
}

func splitRuns(runs []run, width float64, left int) [][]run {
	if len(runs) == 0 {
		return nil
	}
	s, ok := findSplit(runs, width)
	if !ok || left == 0 {
		return [][]run{runs}
	}
	var above, before, behind, below []run
	for _, u := range runs {
		switch {
		case u.y < s.low:
			above = append(above, u)
		case u.y > s.high:
			below = append(below, u)
		case u.x1 <= s.x+2:
			before = append(before, u)
		default:
			behind = append(behind, u)
		}
	}
	regions := splitRuns(above, width, left-1)
	regions = append(regions, before, behind)
	return append(regions, splitRuns(below, width, left-1)...)
}

// findSplit looks for the vertical strip with most rows beside it.
func findSplit(runs []run, width float64) (best split, ok bool) {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b run) int { return compare(a.y, b.y) })
	for x := 0.25 * width; x <= 0.8*width; x += gutterStep {
		if s, found := splitAt(sorted, x); found && s.rows > best.rows {
			best, ok = s, true
		}
	}
	return best, ok
}

// splitAt examines each stretch of the page that no run crosses at x.
func splitAt(sorted []run, x float64) (best split, ok bool) {
	start := 0
	for i := 0; i <= len(sorted); i++ {
		if i < len(sorted) && (sorted[i].x0 > x-2 || sorted[i].x1 < x+2) {
			continue
		}
		if s, found := splitBand(sorted[start:i], x); found && s.rows > best.rows {
			best, ok = s, true
		}
		start = i + 1
	}
	return best, ok
}

// splitBand cuts the band down to where both sides have text, and decides
// whether these are columns.
func splitBand(band []run, x float64) (s split, ok bool) {
	if len(band) < 2*minSideRows {
		return s, false
	}
	leftLow, leftHigh, rightLow, rightHigh := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, u := range band {
		if u.x1 <= x+2 {
			leftLow, leftHigh = min(leftLow, u.y), max(leftHigh, u.y)
		} else {
			rightLow, rightHigh = min(rightLow, u.y), max(rightHigh, u.y)
		}
	}
	const slack = 3 // points: the first rows of two columns need not be level
	s = split{x: x, low: max(leftLow, rightLow) - slack, high: min(leftHigh, rightHigh) + slack}
	end, start := math.Inf(-1), math.Inf(1)
	sides := [2]int{}
	for _, u := range band {
		switch {
		case u.y < s.low || u.y > s.high:
		case u.x1 <= x+2:
			end = max(end, u.x1)
			sides[0]++
		default:
			start = min(start, u.x0)
			sides[1]++
		}
	}
	if min(sides[0], sides[1]) < minSideRows || start-end < minGutter {
		return s, false
	}
	left, right := make([]run, 0, sides[0]), make([]run, 0, sides[1])
	for _, u := range band {
		switch {
		case u.y < s.low || u.y > s.high:
		case u.x1 <= x+2:
			left = append(left, u)
		default:
			right = append(right, u)
		}
	}
	l, r := buildRows(left), buildRows(right)
	s.rows = len(l) + len(r)
	return s, areColumns(l, r)
}

func areColumns(left, right []row) bool {
	if len(left) < minSideRows || len(right) < minSideRows {
		return false
	}
	if isProse(left) && isProse(right) {
		return true
	}
	return aligned(left, right) < maxAligned
}

func span(rows []row) (x0, x1 float64) {
	x0, x1 = rows[0].x0, rows[0].x1
	for _, r := range rows {
		x0, x1 = min(x0, r.x0), max(x1, r.x1)
	}
	return x0, x1
}

// isProse tells a column of text from the cells of a table.
func isProse(rows []row) bool {
	x0, x1 := span(rows)
	return len(rows) >= minColumnRows && x1-x0 > minColumn*rows[0].size && fill(rows) >= minFill
}

// fill is the share of the column's width that its rows take on average.
func fill(rows []row) float64 {
	x0, x1 := span(rows)
	sum := 0.0
	for _, r := range rows {
		sum += (r.x1 - r.x0) / (x1 - x0)
	}
	return sum / float64(len(rows))
}

// aligned is the share of rows of the shorter side that have a row of the
// other side on their baseline, as the cells of a table have. Rows are in
// order from top to bottom.
func aligned(a, b []row) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	level, next := 0, 0
	for _, r := range a {
		for next < len(b) && b[next].y < r.y-0.1*r.size {
			next++
		}
		for i := next; i < len(b) && b[i].y < r.y+0.1*r.size; i++ {
			if math.Abs(b[i].y-r.y) < 0.1*min(b[i].size, r.size) {
				level++
				break
			}
		}
	}
	return float64(level) / float64(len(a))
}
