// Package document holds the text of one exam file as an extractor read it:
// pages of lines, in reading order, with enough of the layout left to find
// headings and numbering.
package document

import "strings"

// Verdict names what an extractor found in a file.
type Verdict string

// The verdicts. Only VerdictText passes on to pairing and alignment.
const (
	VerdictText      Verdict = "text"      // usable text
	VerdictScan      Verdict = "scan"      // pages are pictures, there is no text
	VerdictEncrypted Verdict = "encrypted" // needs a password
	VerdictDamaged   Verdict = "damaged"   // cannot be parsed, cut, or not the format it claims
	VerdictGarbled   Verdict = "garbled"   // glyphs have no usable mapping to characters
	VerdictHostile   Verdict = "hostile"   // went over the limits on time, memory or size
)

// Text is the content of one file.
type Text struct {
	Format  string  `json:"format"` // "pdf" or "tex"
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail,omitempty"` // why the verdict, for a person
	Glyphs  int     `json:"glyphs"`           // glyphs seen
	Unknown int     `json:"unknown"`          // glyphs without a character
	Pages   []Page  `json:"pages"`
}

// Page is one page; lines are in reading order.
type Page struct {
	Number int     `json:"number"` // 1-based
	Width  float64 `json:"width"`  // points
	Height float64 `json:"height"` // points
	Lines  []Line  `json:"lines"`
}

// Line is one line of text. Coordinates are points from the page's top left
// corner; they are zero in formats without a layout. Superscripts and
// subscripts stand as ^ and _ with braces around more than one character.
type Line struct {
	Text    string  `json:"text"`
	X0      float64 `json:"x0"`
	Y0      float64 `json:"y0"` // top
	X1      float64 `json:"x1"`
	Y1      float64 `json:"y1"`                // bottom
	Size    float64 `json:"size"`              // dominant font size, points
	Bold    bool    `json:"bold,omitempty"`    // most glyphs are bold
	Formula bool    `json:"formula,omitempty"` // most glyphs come from mathematics fonts
	Break   bool    `json:"break,omitempty"`   // a vertical gap precedes: a new paragraph
	Heading bool    `json:"heading,omitempty"` // the source marks it as a section title
}

// String joins lines with newlines and pages with form feeds, so that the
// number of form feeds before an offset is its page.
func (t Text) String() string {
	var b strings.Builder
	for i, p := range t.Pages {
		if i > 0 {
			b.WriteByte('\f')
		}
		for _, l := range p.Lines {
			if l.Break && b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(l.Text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}
