package pdftext

import (
	"slices"
)

// A gutter must have at least this many rows on both sides, filled on average
// to this share of the column's width: short cells side by side are a table.
const (
	minColumnRows = 6
	minFill       = 0.62
)

// columns splits the runs of a page into regions in reading order: the page
// itself, or for each band set in two columns the left and the right one.
func columns(runs []run, width float64) [][]run {
	gutter, band, ok := findGutter(runs, width)
	if !ok {
		return [][]run{runs}
	}
	var above, left, right, below []run
	for _, u := range runs {
		switch {
		case u.y < band[0]:
			above = append(above, u)
		case u.y > band[1]:
			below = append(below, u)
		case u.x1 <= gutter+2:
			left = append(left, u)
		default:
			right = append(right, u)
		}
	}
	regions := make([][]run, 0, 4)
	if len(above) > 0 {
		regions = append(regions, above)
	}
	regions = append(regions, left, right)
	if len(below) > 0 {
		regions = append(regions, columns(below, width)...)
	}
	return regions
}

// findGutter looks for an empty vertical strip near the middle of the page
// with a tall band of full rows on both sides.
func findGutter(runs []run, width float64) (x float64, band [2]float64, ok bool) {
	best := 0
	for at := 0.35 * width; at <= 0.65*width; at += 3 {
		low, high, rows := openBand(runs, at)
		if rows > best && isColumn(runs, at, low, high) {
			best, x, band, ok = rows, at, [2]float64{low, high}, true
		}
	}
	return x, band, ok
}

// openBand returns the tallest stretch of the page that no run crosses at x,
// with the number of runs in it.
func openBand(runs []run, x float64) (low, high float64, count int) {
	sorted := slices.Clone(runs)
	slices.SortStableFunc(sorted, func(a, b run) int { return compare(a.y, b.y) })
	start := 0
	for i := 0; i <= len(sorted); i++ {
		crosses := i < len(sorted) && sorted[i].x0 < x-2 && sorted[i].x1 > x+2
		if i < len(sorted) && !crosses {
			continue
		}
		if i-start > count {
			count, low, high = i-start, sorted[start].y, sorted[i-1].y
		}
		start = i + 1
	}
	return low, high, count
}

func isColumn(runs []run, x, low, high float64) bool {
	var left, right []run
	for _, u := range runs {
		if u.y < low || u.y > high {
			continue
		}
		if u.x1 <= x+2 {
			left = append(left, u)
		} else {
			right = append(right, u)
		}
	}
	return isFull(left) && isFull(right)
}

// isFull reports whether runs make a column of prose.
func isFull(runs []run) bool {
	if len(runs) < minColumnRows {
		return false
	}
	rows := buildRows(runs)
	if len(rows) < minColumnRows {
		return false
	}
	x0, x1, sum := rows[0].x0, rows[0].x1, 0.0
	for _, r := range rows {
		x0, x1 = min(x0, r.x0), max(x1, r.x1)
	}
	for _, r := range rows {
		sum += (r.x1 - r.x0) / (x1 - x0)
	}
	return sum/float64(len(rows)) >= minFill
}
