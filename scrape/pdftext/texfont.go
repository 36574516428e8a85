package pdftext

import (
	_ "embed"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ledongthuc/pdf"
)

//go:embed texfonts.txt
var texFontList string

// shape is the width and the bounding box of a glyph: lower left and upper
// right corner, from its origin.
type shape struct {
	width          float64
	x0, y0, x1, y1 float64
}

// texFont is one of TeX's fonts; shapes are in font sizes.
type texFont struct {
	name   string
	names  [256]string
	byName map[string]shape
}

// isMath tells the fonts whose codes are not those of TeX's text encodings.
func (f *texFont) isMath() bool { return mathFamily.MatchString(f.name) }

var texFonts = sync.OnceValue(func() []*texFont {
	var fonts []*texFont
	for line := range strings.Lines(texFontList) {
		fields := strings.Fields(line)
		switch {
		case fields[0] == "#":
		case fields[0] == "font":
			fonts = append(fonts, &texFont{name: fields[1], byName: make(map[string]shape)})
		default:
			var v [5]float64
			for i, text := range fields[2:] {
				n, _ := strconv.ParseFloat(text, 64)
				v[i] = n / 1000
			}
			code, _ := strconv.Atoi(fields[0])
			f := fonts[len(fonts)-1]
			f.names[code] = fields[1]
			f.byName[fields[1]] = shape{v[0], v[1], v[2], v[3], v[4]}
		}
	}
	return fonts
})

const (
	maxSamples  = 24   // glyphs of one bitmap font that are looked at
	maxMismatch = 0.09 // font sizes, on average over the sides of the boxes
)

// bitmap is a glyph of a Type 3 font. Its name is empty where the font only
// numbers it.
type bitmap struct {
	code int
	name string
	shape
}

// shape returns the shape that a bitmap has in the font.
func (f *texFont) shape(g bitmap) (s shape, ok bool) {
	if g.name == "" {
		g.name = f.names[g.code]
	}
	s, ok = f.byName[g.name]
	return s, ok
}

// matchTeXFont finds the font of TeX that glyphs were drawn from, whatever the
// unit of their shapes and whether they stand or hang. It returns nil when
// none is close, and else the font size in that unit.
func matchTeXFont(glyphs []bitmap) (best *texFont, size float64) {
	least := maxMismatch
	turned := slices.Clone(glyphs)
	for i, g := range glyphs {
		turned[i].y0, turned[i].y1 = -g.y1, -g.y0
	}
	for _, f := range texFonts() {
		scale := f.scale(glyphs)
		if scale == 0 {
			continue
		}
		if m := min(f.mismatch(glyphs, scale), f.mismatch(turned, scale)); m < least {
			best, size, least = f, scale, m
		}
	}
	return best, size
}

// scale is the font size in the unit of glyphs, were they of the font.
func (f *texFont) scale(glyphs []bitmap) float64 {
	var ratios []float64
	for _, g := range glyphs {
		if s, ok := f.shape(g); ok && s.width > 0 && g.width > 0 {
			ratios = append(ratios, g.width/s.width)
		}
	}
	if len(ratios) == 0 {
		return 0
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// mismatch is how far the sides of the glyphs are from the font's on average.
func (f *texFont) mismatch(glyphs []bitmap, scale float64) float64 {
	const worst = 0.4 // of a glyph that the font lacks
	sum := 0.0
	for _, g := range glyphs {
		s, ok := f.shape(g)
		if !ok {
			sum += worst
			continue
		}
		d := math.Abs(g.width/scale-s.width) + math.Abs(g.x0/scale-s.x0) + math.Abs(g.y0/scale-s.y0) +
			math.Abs(g.x1/scale-s.x1) + math.Abs(g.y1/scale-s.y1)
		sum += min(d/5, worst)
	}
	return sum / float64(len(glyphs))
}

// bitmaps reads the shapes of the first glyphs of a Type 3 font, of those that
// TeX's fonts may have, from the operator that begins their procedures.
func bitmaps(file *file, v pdf.Value, names [256]string) []bitmap {
	var glyphs []bitmap
	procedures := v.Key("CharProcs")
	for code, name := range names {
		_, numbered := numberedName(name, code)
		if name == "" || numbered && code >= 128 || len(glyphs) >= maxSamples {
			continue
		}
		data, _ := file.stream(procedures.Key(name))
		s, ok := procedureShape(data)
		if !ok {
			continue
		}
		if numbered {
			name = ""
		}
		glyphs = append(glyphs, bitmap{code, name, s})
	}
	return glyphs
}

// procedureShape reads "wx wy llx lly urx ury d1" (PDF 32000-1:2008, table 113).
func procedureShape(data []byte) (s shape, ok bool) {
	l := &lexer{data: data}
	var v [6]float64
	for i := range v {
		t := l.next()
		if t.kind != tokenNumber {
			return s, false
		}
		v[i] = t.num
	}
	t := l.next()
	return shape{v[0], v[2], v[3], v[4], v[5]}, t.kind == tokenOp && string(t.bytes) == "d1"
}
