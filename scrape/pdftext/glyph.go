package pdftext

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// glyph is one shown character, or a formula built of several. Coordinates
// are points from the page's top left corner, y growing downwards.
type glyph struct {
	text   string
	x0, x1 float64 // origin and advance
	y      float64 // baseline
	size   float64 // font size
	font   *font
	space  bool    // a space character was shown just before
	built  bool    // a fraction or root, put together from its parts
	piece  bool    // made of the pieces of a tall delimiter
	height float64 // of a delimiter or operator centred on the axis; else 0
	level  level   // where it stands, when its position does not tell
}

// level is the vertical place of a glyph in its line.
type level int8

const (
	levelAuto level = iota // by its position
	levelBase
	levelSuper
	levelSub
)

// floats reports whether the glyph's baseline may not be the line's.
func (g glyph) floats() bool { return g.built || g.height > 0 }

// isLetter reports whether the glyph is one of a word, not of a formula.
func (g glyph) isLetter() bool {
	r, _ := utf8.DecodeRuneInString(g.text)
	return !g.floats() && !g.font.math && unicode.IsLetter(r)
}

// shadows reports whether the glyph is drawn once more over another, as bold
// type is imitated.
func (g glyph) shadows(other glyph) bool {
	near := 0.15 * g.size
	return g.text == other.text && g.text != "|" && math.Abs(g.x0-other.x0) < near && math.Abs(g.y-other.y) < near && math.Abs(g.size-other.size) < near && g.x1-g.x0 > near
}

func (g glyph) top() float64 { return g.y - 0.75*g.size }

// axis is how far above the baseline TeX centres delimiters and fractions, in
// font sizes.
const axis = 0.25

// hang places a glyph that hangs depth below its origin on the baseline of
// the line whose axis it is centred on.
func (g *glyph) hang(depth float64) {
	g.height = depth
	g.y += depth/2 + axis*g.size
}

// rise is hang for a glyph that stands on its origin.
func (g *glyph) rise(height float64) { g.hang(height * g.size); g.y -= height * g.size }

// extremes returns the top and bottom of a glyph with a height.
func (g glyph) extremes() (top, bottom float64) {
	center := g.y - axis*g.size
	return center - g.height/2, center + g.height/2
}

// continues reports whether next is drawn on with g to one delimiter.
func (g glyph) continues(next glyph) bool {
	return g.piece && math.Abs(g.x0-next.x0) < 0.3*g.size
}

// extend adds a further piece to a delimiter.
func (g *glyph) extend(next glyph) {
	top, bottom := g.extremes()
	nextTop, nextBottom := next.extremes()
	top, bottom = min(top, nextTop), max(bottom, nextBottom)
	g.height = bottom - top
	g.y = (top+bottom)/2 + axis*g.size
	if g.text == "" {
		g.text = next.text
	}
}

// pieces are the parts that fonts with Unicode encoding build tall delimiters
// from, in font sizes above their origin, with the delimiter.
var pieces = map[string]struct {
	whole  string
	height float64
}{
	"⎛": {"(", 1.5}, "⎜": {"(", 0.5}, "⎝": {"(", 1.5}, "⎞": {")", 1.5}, "⎟": {")", 0.5}, "⎠": {")", 1.5},
	"⎡": {"[", 1.5}, "⎢": {"[", 1}, "⎣": {"[", 1.5}, "⎤": {"]", 1.5}, "⎥": {"]", 1}, "⎦": {"]", 1.5},
	"⎧": {"{", 0.75}, "⎨": {"{", 1.5}, "⎩": {"{", 0.75}, "⎪": {"", 0.75}, "⎫": {"}", 0.75}, "⎬": {"}", 1.5}, "⎭": {"}", 0.75},
	"⏐": {"|", 1}, "⎮": {"∫", 1}, "⌠": {"∫", 1}, "⌡": {"∫", 1},
}

// joinPieces makes one glyph of the pieces of each tall delimiter, which are
// shown one after the other. An extension may be mapped to the delimiter.
func joinPieces(glyphs []glyph) []glyph {
	out := glyphs[:0]
	for _, g := range glyphs {
		part, is := pieces[g.text]
		n := len(out) - 1
		joins := n >= 0 && out[n].piece && math.Abs(out[n].x0-g.x0) < 0.1*g.size
		switch {
		case joins && (is || g.text == out[n].text):
			if !is {
				part.height = 0.75
			}
			g.rise(part.height)
			out[n].extend(g)
			if out[n].text == "" {
				out[n].text = part.whole
			}
			continue
		case is:
			g.text, g.piece = part.whole, true
			g.rise(part.height)
		}
		out = append(out, g)
	}
	return out
}

// accents are the spacing marks that TeX's older fonts draw over a letter,
// with the combining marks they stand for.
var accents = map[string]string{
	"´": "\u0301", "`": "\u0300", "^": "\u0302", "ˆ": "\u0302", "¨": "\u0308", "¸": "\u0327", "~": "\u0303", "˜": "\u0303",
	"ˇ": "\u030c", "˘": "\u0306", "˙": "\u0307", "˚": "\u030a", "¯": "\u0304", "˝": "\u030b", "˛": "\u0328",
	"\u0338": "\u0338", "⃗": "\u20d7", "\u0301": "\u0301", "\u0300": "\u0300", "\u0302": "\u0302", "\u0308": "\u0308", "\u0327": "\u0327",
}

// composeAccents joins each separate accent to the letter it is drawn over.
func composeAccents(glyphs []glyph) []glyph {
	out := glyphs[:0]
	for i := 0; i < len(glyphs); i++ {
		g := glyphs[i]
		mark, is := accents[g.text]
		if !is {
			out = append(out, g)
			continue
		}
		if i+1 < len(glyphs) && over(g, glyphs[i+1]) {
			next := glyphs[i+1]
			next.text = attach(next.text, mark)
			next.space = next.space || g.space
			out = append(out, next)
			i++
			continue
		}
		if n := len(out); n > 0 && over(g, out[n-1]) {
			out[n-1].text = attach(out[n-1].text, mark)
			continue
		}
		out = append(out, g)
	}
	return out
}

// over reports whether an accent stands over a base glyph rather than beside it.
func over(accent, base glyph) bool {
	if accents[base.text] != "" || base.built || accent.y-base.y > 0.3*base.size || base.y-accent.y > 0.8*base.size {
		return false
	}
	center := (accent.x0 + accent.x1) / 2
	if accent.x1 <= accent.x0 { // a mark without width is drawn around its origin
		center = accent.x0
	}
	slack := 0.1 * base.size
	return center > base.x0-slack && center < base.x1+slack
}

// attach puts a combining mark behind the first letter of text.
func attach(text, mark string) string {
	_, size := utf8.DecodeRuneInString(text)
	letter := text[:size]
	switch letter {
	case "ı":
		letter = "i"
	case "ȷ":
		letter = "j"
	}
	return norm.NFC.String(letter+mark) + text[size:]
}

// plain undoes the mathematical alphabets of Unicode, in which Word writes
// formulas: an italic x is an x.
func plain(text string) string {
	if !strings.ContainsFunc(text, isAlphabet) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if isAlphabet(r) {
			b.WriteString(norm.NFKC.String(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isAlphabet(r rune) bool { return r >= 0x1d400 && r <= 0x1d7ff || r == 'ℎ' }

// clean gives the characters of a glyph as they stand in prose: ligatures as
// letters, odd spaces as spaces, soft hyphens dropped.
var clean = strings.NewReplacer("ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl", "ﬅ", "st", "ﬆ", "st",
	"\u00ad", "-", "\u00a0", " ", "\u2007", " ", "\u202f", " ", "\u2009", " ", "\u200b", "", "\ufeff", "", "−", "-", "\u2010", "-", "\u2011", "-",
	// arrows that TeX builds of two
	"⇐⇒", "⟺", "=⇒", "⟹", "⇐=", "⟸", "↦→", "⟼", "−→", "⟶", "←−", "⟵", "←→", "⟷")
