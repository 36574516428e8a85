package latex

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/kurakurai/luth/scrape/document"
)

// gap is how much white space stands where the page shows a wide one, as
// between the title of an exercise and its points.
const gap = "    "

// title matches the bold lines that begin an exercise where the source uses no
// sectioning command.
var title = regexp.MustCompile(`^(?i:exercice|problème|partie|annexe)\b`)

// maxTitle is the longest line, in characters, taken for a title.
const maxTitle = 120

// writer builds lines and pages from runs of text.
type writer struct {
	pages []document.Page
	lines []document.Line // of the current page
	bytes int             // written so far

	text                         strings.Builder // the current line
	spaced                       bool            // a space is due before the next run
	label                        int             // length of the list label that begins the line
	runes, mathRunes, boldRunes  int
	startsBold, heading, pending bool // pending: a paragraph ended before this line
}

// style says how a run of text is set.
type style struct{ bold, math bool }

// write adds a run of text without white space at its ends. A line end in it,
// as an argument may hold, is a space.
func (w *writer) write(s string, st style) {
	s = strings.ReplaceAll(s, "\n", " ")
	if s == "" {
		return
	}
	if w.spaced && w.text.Len() > 0 {
		w.text.WriteByte(' ')
	}
	w.spaced = false
	n := utf8.RuneCountInString(s)
	if st.math {
		n = mathGlyphs(s)
	}
	if w.runes == 0 {
		w.startsBold = st.bold
	}
	w.runes += n
	if st.bold {
		w.boldRunes += n
	}
	if st.math {
		w.mathRunes += n
	}
	w.bytes += len(s)
	w.text.WriteString(s)
}

// space separates the next run from the last.
func (w *writer) space() { w.spaced = true }

// gap separates the next run by a wide space.
func (w *writer) gap() {
	if w.text.Len() > 0 {
		w.text.WriteString(gap[1:])
		w.spaced = true
	}
}

// glue takes back a space that is due.
func (w *writer) glue() { w.spaced = false }

// endLabel marks what the line holds so far as the label of a list's item.
func (w *writer) endLabel() {
	w.label = w.text.Len()
	w.space()
}

// onlyLabel reports whether the line holds nothing but labels, so that the
// first item of a list inside an item stays on its line, as LaTeX sets it.
func (w *writer) onlyLabel() bool {
	return w.label > 0 && w.text.Len() == w.label
}

// breakLine ends the line, if it has begun.
func (w *writer) breakLine() {
	text := strings.TrimSpace(w.text.String())
	if text != "" {
		bold := 2*w.boldRunes > w.runes
		heading := w.heading || w.startsBold && title.MatchString(text) && utf8.RuneCountInString(text) <= maxTitle
		w.add(document.Line{Text: norm.NFC.String(text), Bold: bold, Heading: heading, Formula: 2*w.mathRunes > w.runes})
	}
	w.text.Reset()
	w.spaced, w.heading, w.startsBold = false, false, false
	w.label, w.runes, w.mathRunes, w.boldRunes = 0, 0, 0, 0
}

// add adds a line that is complete.
func (w *writer) add(line document.Line) {
	line.Break = w.pending && len(w.lines) > 0
	w.pending = false
	w.lines = append(w.lines, line)
}

// paragraph ends the paragraph. Label and text of an item stay together.
func (w *writer) paragraph() {
	if w.onlyLabel() {
		return
	}
	w.breakLine()
	w.pending = true
}

// display adds the lines of a formula that stands alone.
func (w *writer) display(formula string) {
	w.breakLine()
	for line := range strings.Lines(formula) {
		if line = strings.TrimSpace(line); line != "" {
			w.bytes += len(line)
			w.add(document.Line{Text: line, Formula: true})
		}
	}
}

// verbatim adds lines of code as they stand between Markdown fences.
func (w *writer) verbatim(language, code string) {
	w.breakLine()
	w.add(document.Line{Text: "```" + language})
	for line := range strings.Lines(strings.Trim(code, "\n")) {
		w.bytes += len(line)
		w.add(document.Line{Text: strings.TrimRightFunc(line, unicode.IsSpace)})
	}
	w.add(document.Line{Text: "```"})
}

// page begins a new page, if the current one holds anything.
func (w *writer) page() {
	w.breakLine()
	w.pending = false
	if len(w.lines) > 0 {
		w.pages = append(w.pages, document.Page{Number: len(w.pages) + 1, Lines: w.lines})
		w.lines = nil
	}
}

// finish returns the pages; there is at least one.
func (w *writer) finish() []document.Page {
	w.page()
	if len(w.pages) == 0 {
		return []document.Page{{Number: 1}}
	}
	return w.pages
}
