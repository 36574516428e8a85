package pdftext

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/kurakurai/luth/scrape/document"
)

// layout turns the glyphs of a page into lines in reading order.
func layout(c pageContent) []document.Line {
	glyphs := composeAccents(joinPieces(c.glyphs))
	glyphs = buildFormulas(glyphs, c.rules)
	var lines []document.Line
	for _, region := range columns(buildRuns(glyphs), c.width) {
		lines = append(lines, regionLines(buildRows(region))...)
	}
	return lines
}

// regionLines renders the rows of one column and marks paragraphs.
func regionLines(rows []row) []document.Line {
	var lines []document.Line
	leading := medianLeading(rows)
	for i, r := range rows {
		text := strings.TrimSpace(r.text())
		if text == "" {
			continue
		}
		l := document.Line{Text: text, X0: round(r.x0), X1: round(r.x1), Y0: round(r.y - 0.75*r.size), Y1: round(r.y + 0.25*r.size), Size: round(r.size)}
		l.Bold, l.Formula = r.style()
		l.Break = i == 0 || r.y-rows[i-1].y > 1.35*leading
		lines = append(lines, l)
	}
	return lines
}

// medianLeading is the usual distance between rows, in points.
func medianLeading(rows []row) float64 {
	var steps []float64
	for i := 1; i < len(rows); i++ {
		if d := rows[i].y - rows[i-1].y; d > 0.8*rows[i].size {
			steps = append(steps, d)
		}
	}
	if len(steps) == 0 {
		return math.Inf(1)
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

func round(v float64) float64 { return math.Round(v*10) / 10 }

// style reports whether most characters of the row are bold, and whether most
// come from mathematics fonts.
func (r row) style() (bold, formula bool) {
	var all, heavy, math int
	for _, u := range r.runs {
		for _, g := range u.glyphs {
			n := utf8.RuneCountInString(g.text)
			all += n
			if g.built || g.font.math {
				math += n
			}
			if !g.built && g.font.bold {
				heavy += n
			}
		}
	}
	return 2*heavy > all, 2*math > all
}

// Shares of the font size.
const (
	wordGap    = 0.14 // a gap this wide separates words
	textGap    = 0.11 // the same between letters on tight lines of text
	unclearGap = 0.04 // a wider gap is not kerning
	apart      = 0.8  // a run this far away is judged by its own baseline
	cellGap    = 2.0  // a gap this wide separates table cells or a label from a margin note
)

// text renders a row. A wide gap becomes a tab.
func (r row) text() string {
	slices.SortStableFunc(r.runs, func(a, b run) int { return compare(a.x0, b.x0) })
	w := writer{size: r.size, y: r.y}
	for k, u := range r.runs {
		gap := u.spacing()
		if k > 0 && u.x0-r.runs[k-1].x1 > apart*r.size {
			w.setLevel(levelBase)
			w.y, w.size = u.y, u.size // beside the line rather than a script of it
		}
		for i, g := range u.glyphs {
			w.put(g, gap, i == 0)
		}
	}
	w.setLevel(levelBase)
	text := guillemets(norm.NFC.String(clean.Replace(plain(w.b.String()))))
	if !strings.Contains(text, "\u20d7") {
		return text
	}
	return arrowPieces.ReplaceAllString(text, "\u20d7")
}

var (
	openQuote  = regexp.MustCompile(`≪(\s?)(\p{L}{2})`)
	closeQuote = regexp.MustCompile(`(\p{L}{2}[.,!?…]?)(\s?)≫`)
)

// guillemets corrects the quotation marks that older TeX documents borrow from
// the symbols for "much less" and "much greater".
func guillemets(text string) string {
	if !strings.ContainsAny(text, "≪≫") {
		return text
	}
	return closeQuote.ReplaceAllString(openQuote.ReplaceAllString(text, "«$1$2"), "$1$2»")
}

// arrowPieces are the repeated marks that Word stretches an arrow with.
var arrowPieces = regexp.MustCompile(`[\x{fffd}\x{20d7} ]*\x{20d7}`)

// spacing is the gap that separates words in the run, in font sizes. In
// letter-spaced titles nearly every gap is wide, so the limit is drawn above
// the usual one. On tight lines of text it is lower, if that parts few letters
// and hardly any gap between letters comes near it.
func (u run) spacing() float64 {
	gaps := make([]float64, 0, len(u.glyphs))
	text, pairs, unclear, tight := true, 0, 0, 0 // pairs of letters
	for i := 1; i < len(u.glyphs); i++ {
		g, last := u.glyphs[i], u.glyphs[i-1]
		gap := (g.x0 - last.x1) / max(g.size, last.size)
		if g.isLetter() && last.isLetter() && gap < wordGap {
			pairs++
			if gap >= textGap {
				tight++
			} else if gap > unclearGap {
				unclear++
			}
		}
		if r, _ := utf8.DecodeRuneInString(g.text); g.space || g.floats() || g.font.math || !unicode.IsLetter(r) {
			text = false
		}
		gaps = append(gaps, gap)
	}
	if text && len(gaps) >= 5 {
		slices.Sort(gaps)
		if gaps[len(gaps)/5] > wordGap {
			return 1.6 * gaps[len(gaps)/2]
		}
	}
	if 20*unclear > pairs || 4*tight > pairs {
		return wordGap
	}
	return textGap
}

// writer puts the glyphs of one row together.
type writer struct {
	b       strings.Builder
	size, y float64 // of the row
	last    glyph
	started bool
	level   level
	script  script // the open superscript or subscript
}

// script is a superscript or subscript with the scripts of its own.
type script struct {
	b       strings.Builder
	size, y float64
	inner   strings.Builder
	level   level // of inner
}

// put appends a glyph to the script, or to a script of it.
func (s *script) put(g glyph) {
	if s.size == 0 || g.size > 1.05*s.size {
		s.size, s.y = g.size, g.y
	}
	level := levelBase
	if up := (s.y - g.y) / s.size; s.holds(g) && math.Abs(up) > 0.08 {
		level = sign(up)
	}
	if level != s.level {
		s.closeInner()
		s.level = level
	}
	if level == levelBase {
		s.b.WriteString(g.text)
	} else {
		s.inner.WriteString(g.text)
	}
}

// holds reports whether a glyph is small enough to be a script of the script.
func (s *script) holds(g glyph) bool {
	return s.size > 0 && !g.floats() && g.size < 0.9*s.size
}

func (s *script) closeInner() {
	writeScript(&s.b, s.level, s.inner.String())
	s.inner.Reset()
}

// writeScript writes ^ or _ and the text, in braces where it is longer than
// one character.
func writeScript(b *strings.Builder, l level, text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	if l == levelSuper {
		b.WriteByte('^')
	} else {
		b.WriteByte('_')
	}
	if utf8.RuneCountInString(text) > 1 {
		text = "{" + text + "}"
	}
	b.WriteString(text)
}

func (w *writer) put(g glyph, gap float64, runStart bool) {
	level := w.levelOf(g)
	if w.level != levelBase && w.level != levelAuto && w.script.holds(g) && g.level == levelAuto && g.x0-w.last.x1 < gap*w.size {
		level = w.level // a script of the open script
	}
	if w.started {
		w.separate(g, gap, runStart, level)
	}
	w.setLevel(level)
	if w.level == levelBase {
		w.b.WriteString(g.text)
	} else {
		w.script.put(g)
	}
	w.last, w.started = g, true
}

// separate writes the space between the last glyph and g, if there is one.
func (w *writer) separate(g glyph, gap float64, runStart bool, level level) {
	if gap == textGap && !(level == w.level && w.last.isLetter() && g.isLetter()) {
		gap = wordGap
	}
	size := max(min(g.size, w.last.size), 0.6*w.size)
	if level != w.level {
		size = 1.5 * w.size // italic correction and script space
	}
	dx := g.x0 - w.last.x1
	if g.level != levelAuto || w.last.level != levelAuto {
		dx = 0 // limits stand above and below: distances mean nothing
		if g.level == levelAuto {
			dx = gap * size * 1.01
		}
	}
	switch {
	case runStart && dx > cellGap*w.size:
		w.setLevel(levelBase)
		w.b.WriteByte('\t')
	case g.space || dx > gap*size:
		if level != w.level {
			w.setLevel(levelBase)
		}
		if w.level == levelBase {
			w.b.WriteByte(' ')
		} else {
			w.script.closeInner()
			w.script.b.WriteByte(' ')
		}
	}
}

// levelOf tells superscripts and subscripts by their shift and size.
func (w *writer) levelOf(g glyph) level {
	if g.level != levelAuto {
		return g.level
	}
	up := (w.y - g.y) / w.size
	if w.isLogo(g) {
		return levelBase
	}
	if g.floats() {
		if g.built && g.size < 0.8*w.size && math.Abs(up) > 0.35 {
			return sign(up)
		}
		return levelBase
	}
	switch {
	case g.size < 0.75*w.size && up < -0.03, g.size < 0.9*w.size && (up > 0.16 || up < -0.08), math.Abs(up) > 0.25:
		return sign(up)
	}
	return levelBase
}

// isLogo reports whether g is the raised A of "LaTeX", which stands inside the
// letter before it.
func (w *writer) isLogo(g glyph) bool {
	return g.text == "A" && w.last.text == "L" && w.last.x1-g.x0 > 0.2*w.size
}

func sign(up float64) level {
	if up > 0 {
		return levelSuper
	}
	return levelSub
}

// setLevel closes the open script when the level changes.
func (w *writer) setLevel(l level) {
	if l == w.level || w.level == levelAuto && l == levelBase {
		w.level = l
		return
	}
	w.script.closeInner()
	writeScript(&w.b, w.level, w.script.b.String())
	w.script = script{}
	w.level = l
}
