package exam

import (
	"regexp"
	"slices"

	"github.com/kurakurai/luth/scrape/document"
)

// The limits on what is read of one file; exams stay far below them.
const (
	maxLines = 20000
	maxMarks = 2000 // candidate labels
	maxDepth = 8    // levels of numbering
)

// line is one line of a document with its place in document.Text.String.
type line struct {
	document.Line
	page  int // 1-based number of its page
	start int // byte offset of its first byte
	right float64
	body  float64 // font size of running text in the document
	foot  bool    // belongs to the notes at the foot of its page
}

// layout flattens a document into lines.
func layout(t document.Text) []line {
	var lines []line
	offset := 0
	body := bodySize(t)
	for i, p := range t.Pages {
		if i > 0 {
			offset++
		}
		right := rightMargin(p)
		for _, l := range p.Lines {
			if l.Break && offset > 0 {
				offset++
			}
			lines = append(lines, line{Line: l, page: p.Number, start: offset, right: right, body: body})
			offset += len(l.Text) + 1
			if len(lines) == maxLines {
				return lines
			}
		}
		markNotes(lines[len(lines)-len(p.Lines):])
	}
	return lines
}

// note opens a note at the foot of a page.
var note = regexp.MustCompile(`^\s*(\^?\{?\d{1,2}\}?[.)]?\s|[*∗†]+)`)

// markNotes marks the notes in small type that a page ends with.
func markNotes(page []line) {
	first := len(page)
	for first > 0 && page[first-1].small() {
		first--
	}
	for ; first < len(page) && !note.MatchString(page[first].Text); first++ {
	}
	for i := first; i < len(page); i++ {
		page[i].foot = true
	}
}

// bodySize is the font size that most of the text is set in, 0 when sizes are
// not known.
func bodySize(t document.Text) float64 {
	weight := make(map[float64]int)
	for _, p := range t.Pages {
		for _, l := range p.Lines {
			weight[l.Size] += len(l.Text)
		}
	}
	best := 0.0
	for size, n := range weight {
		if n > weight[best] || n == weight[best] && size < best {
			best = size
		}
	}
	return best
}

// rightMargin is where full lines of a page end, 0 when not known.
func rightMargin(p document.Page) float64 {
	var ends []float64
	for _, l := range p.Lines {
		if l.X1 > 0 {
			ends = append(ends, l.X1)
		}
	}
	if len(ends) == 0 {
		return 0
	}
	slices.Sort(ends)
	return ends[len(ends)*9/10]
}

// setApart tells whether type or space marks the line as a heading.
func (l line) setApart() bool {
	return l.Heading || l.Bold || l.body > 0 && l.Size > 1.08*l.body
}

// small tells whether the line is set in small type, as footnotes are.
func (l line) small() bool { return l.body > 0 && l.Size > 0 && l.Size < 0.88*l.body }

// full tells whether the line runs to the right margin, so that the next one
// may continue its sentence. Without a layout the length of the text tells.
func (l line) full() bool {
	if l.right > 0 {
		return l.X1 > l.right-0.06*l.right
	}
	return len(l.Text) > 60
}
