package pdftext

import (
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
)

// font tells what the codes of one font mean. Widths are in text space units:
// thousandths of the font size divided by 1000.
type font struct {
	bold, math bool
	composite  bool
	chars      [256]char // of a simple font

	codes    *cmap             // of a composite font: its Encoding, nil for two-byte identity
	unicode  *cmap             // ToUnicode, or nil
	glyphs   map[uint32]string // text by glyph index of the embedded program
	cidWidth map[uint32]float64
	defWidth float64
	name     string
	size     float64 // of its glyphs, for a nominal font size of 1
}

// char is one code of a simple font.
type char struct {
	text  string
	width float64
	depth float64 // of a glyph that hangs below its origin, in font sizes; else 0
	piece bool    // a part of a tall delimiter
	mark  bool    // shows nothing that is read
}

var (
	subsetTag = regexp.MustCompile(`^[A-Z]{6}\+`)
	// Families of mathematics fonts: Computer Modern's cm[mi|sy|ex|bsy], AMS, and their kin.
	mathFamily = regexp.MustCompile(`(?i)^(cm(mi|sy|ex|bsy|mib)|[mel]?ms[ab]m|lm(math|mi|sy|ex)|lmroman.*math|eu(f|r|s|ex)|rsfs|stmary|wasy|fourier-math|mathptmx|(tx|px|ntx|newtx|newpx).*(mi|sy|ex)|txex|txsy|txmi|pxsy|pxmi|pxex|bbm|bbold|dsrom|yhmath|cambria ?math|stix.*math|latinmodern-?math|symbol)`)
	boldFamily = regexp.MustCompile(`(?i)(bold|black|heavy|^cmb|^cmbx|^sfbx|^ecbx|^lmb|-b$|demi|^(ptm|phv)b|^fourier-.*bold|^utopia-.*bold|^ebgaramond.*bold|^ssbx|^cmssbx)`)
)

// loadFont reads a font dictionary. It never fails: what is missing or
// damaged leaves codes without text.
func loadFont(file *file, v pdf.Value) *font {
	f := &font{size: 1, name: subsetTag.ReplaceAllString(v.Key("BaseFont").Name(), "")}
	f.math = mathFamily.MatchString(f.name)
	f.bold = boldFamily.MatchString(f.name)
	if v.Key("ToUnicode").Kind() == pdf.Stream {
		if data, _ := file.stream(v.Key("ToUnicode")); len(data) > 0 {
			f.unicode = parseCMap(data)
		}
	}
	if v.Key("Subtype").Name() == "Type0" {
		f.loadComposite(file, v)
	} else {
		f.loadSimple(file, v)
	}
	return f
}

// entries is how much the font holds.
func (f *font) entries() int {
	n := len(f.chars) + len(f.glyphs) + len(f.cidWidth)
	for _, m := range []*cmap{f.codes, f.unicode} {
		if m != nil {
			n += len(m.text) + len(m.cid) + len(m.ranges)
		}
	}
	return n
}

func (f *font) loadSimple(file *file, v pdf.Value) {
	names, base := simpleEncoding(file, v, f.name)
	numbered := texEncoding(names)
	if v.Key("Subtype").Name() == "Type3" {
		names = f.loadBitmaps(file, v, names)
	}
	for c := range f.chars {
		f.chars[c].text = f.simpleText(c, names[c], base[c], numbered)
		f.chars[c].depth, f.chars[c].piece = extensionDepth(names[c])
		f.chars[c].mark = f.chars[c].text == "" && isMark(names[c])
	}
	if v.Key("Subtype").Name() != "Type3" {
		f.simpleWidths(v)
	}
}

// boxHeight is the usual height of a font's bounding box, in font sizes.
const boxHeight = 1.25

// loadBitmaps reads the widths of a Type 3 font and returns the names of its
// glyphs: its own, or, where these are numbers, those of the font of TeX that
// the bitmaps were made from.
func (f *font) loadBitmaps(file *file, v pdf.Value, names [256]string) [256]string {
	known, size := matchTeXFont(bitmaps(file, v, names))
	matrix := v.Key("FontMatrix")
	scale := matrix.Index(0).Float64()
	if scale == 0 {
		scale = 0.001
	}
	f.type3Widths(v, scale)
	if box := v.Key("FontBBox"); size == 0 && box.Len() == 4 {
		if height := math.Abs(box.Index(3).Float64() - box.Index(1).Float64()); height*math.Abs(scale) > 2*boxHeight {
			size = height / boxHeight
		}
	}
	if size *= math.Abs(scale); size > 0 {
		f.size = size
	}
	if known == nil || !known.isMath() && texEncoding(names) == texT1() {
		return names
	}
	f.math = known.isMath()
	for c, name := range names[:128] {
		if _, ok := numberedName(name, c); ok {
			names[c] = known.names[c]
		}
	}
	return names
}

// simpleText chooses the text of a code: the font's own Unicode map, else the
// glyph's name, else the base encoding.
func (f *font) simpleText(c int, name, base string, numbered *encoding) string {
	if f.unicode != nil {
		if text := f.readable(f.unicode.text[uint32(c)]); text != "" {
			return text
		}
	}
	if name == "" {
		return f.readable(base)
	}
	if text := f.readable(nameText(name)); text != "" {
		return text
	}
	if _, known := texNames[name]; known {
		return ""
	}
	if n, ok := numberedName(name, c); ok {
		return numbered[n]
	}
	return ""
}

// readable returns text if a person could read it. Private-use characters are
// replaced where their meaning is known; control characters and U+FFFD are not
// text.
func (f *font) readable(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	if size == len(text) && r >= 0xf000 && r <= 0xf0ff {
		return symbolic(f.name, r)
	}
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Co, r) {
			return ""
		}
	}
	return text
}

// simpleEncoding gives the glyph name of each code, where the font names it,
// and the text of the encoding below.
func simpleEncoding(file *file, v pdf.Value, name string) (names [256]string, base encoding) {
	enc := v.Key("Encoding")
	baseName := enc.Name()
	if enc.Kind() == pdf.Dict {
		baseName = enc.Key("BaseEncoding").Name()
	}
	base, named := namedEncoding(baseName)
	if !named {
		names, base = builtinEncoding(file, v, name)
	}
	diffs := enc.Key("Differences")
	code := 0
	for i := range min(diffs.Len(), 1024) {
		switch d := diffs.Index(i); d.Kind() {
		case pdf.Integer:
			code = int(d.Int64())
		case pdf.Name:
			if code >= 0 && code < 256 {
				names[code] = d.Name()
			}
			code++
		}
	}
	return names, base
}

// builtinEncoding reads the encoding of the embedded font program, or gives
// the one the font's name implies.
func builtinEncoding(file *file, v pdf.Value, name string) (names [256]string, base encoding) {
	switch {
	case strings.HasPrefix(name, "Symbol"):
		return names, *symbol()
	case v.Key("Subtype").Name() == "TrueType":
		return names, winAnsi
	}
	desc := v.Key("FontDescriptor")
	if program := desc.Key("FontFile"); program.Kind() == pdf.Stream {
		data, _ := file.stream(program)
		return type1Encoding(data), base
	}
	if program := desc.Key("FontFile3"); program.Kind() == pdf.Stream {
		data, _ := file.stream(program)
		return cffEncoding(data), base
	}
	return names, *standard()
}

func (f *font) simpleWidths(v pdf.Value) {
	desc := v.Key("FontDescriptor")
	missing := desc.Key("MissingWidth").Float64() / 1000
	widths := v.Key("Widths")
	first := int(v.Key("FirstChar").Int64())
	if widths.Len() == 0 {
		for c := range f.chars {
			f.chars[c].width = standardWidth(f.name, f.chars[c].text)
		}
		return
	}
	for c := range f.chars {
		f.chars[c].width = missing
		if c >= first && c < first+widths.Len() {
			f.chars[c].width = widths.Index(c-first).Float64() / 1000
		}
	}
}

// type3Widths scales the widths by the font's own matrix.
func (f *font) type3Widths(v pdf.Value, scale float64) {
	first, widths := int(v.Key("FirstChar").Int64()), v.Key("Widths")
	for c := range f.chars {
		if c >= first && c < first+widths.Len() {
			f.chars[c].width = widths.Index(c-first).Float64() * scale
		}
	}
}

func (f *font) loadComposite(file *file, v pdf.Value) {
	f.composite = true
	if enc := v.Key("Encoding"); enc.Kind() == pdf.Stream {
		if data, _ := file.stream(enc); len(data) > 0 {
			f.codes = parseCMap(data)
		}
	}
	descendant := v.Key("DescendantFonts").Index(0)
	f.defWidth = 1
	if dw := descendant.Key("DW"); !dw.IsNull() {
		f.defWidth = dw.Float64() / 1000
	}
	f.cidWidth = cidWidths(descendant.Key("W"))
	if f.unicode == nil || len(f.unicode.text) == 0 {
		if program := descendant.Key("FontDescriptor").Key("FontFile2"); program.Kind() == pdf.Stream {
			data, _ := file.stream(program)
			f.glyphs = trueTypeText(data)
		}
	}
}

// cidWidths reads a W array: "c [w1 w2 …]" and "first last w" in turn.
func cidWidths(w pdf.Value) map[uint32]float64 {
	widths := make(map[uint32]float64)
	n, steps := min(w.Len(), maxCMap), 0
	for i := 0; i+1 < n && steps < maxCMap; {
		first := w.Index(i).Int64()
		second := w.Index(i + 1)
		if second.Kind() == pdf.Array {
			for j := range min(second.Len(), maxCMap-steps) {
				widths[uint32(first)+uint32(j)] = second.Index(j).Float64() / 1000
			}
			steps += second.Len() + 1
			i += 2
			continue
		}
		width := w.Index(i+2).Float64() / 1000
		for c := first; c <= min(second.Int64(), first+0xffff) && steps < maxCMap; c++ {
			widths[uint32(c)] = width
			steps++
		}
		steps++
		i += 3
	}
	return widths
}

// next decodes the first code of s and tells its length in bytes.
func (f *font) next(s []byte) (ch char, size int) {
	if !f.composite {
		return f.chars[s[0]], 1
	}
	size = min(2, len(s))
	if f.codes != nil {
		size = f.codes.width(s)
	}
	c := code(s[:size])
	cid := c
	if f.codes != nil {
		cid = f.codes.lookupCID(c)
	}
	width, ok := f.cidWidth[cid]
	if !ok {
		width = f.defWidth
	}
	ch.width = width
	switch {
	case f.unicode != nil:
		ch.text = f.readable(f.unicode.text[c])
	case f.glyphs != nil:
		ch.text = f.readable(f.glyphs[cid])
	}
	return ch, size
}

// standardWidth estimates the advance of a character of the fourteen standard
// fonts, which a file need not carry, by classes of shape.
func standardWidth(font, text string) float64 {
	if strings.HasPrefix(font, "Courier") {
		return 0.6
	}
	r, _ := utf8.DecodeRuneInString(text)
	wide := 0.0
	if strings.HasPrefix(font, "Helvetica") || strings.HasPrefix(font, "Arial") {
		wide = 0.056
	}
	switch {
	case strings.ContainsRune("iljtI.,;:!'’| /", r):
		return 0.25 + wide/2
	case strings.ContainsRune("frs()-[]«»", r):
		return 0.34 + wide/2
	case strings.ContainsRune("mMW—…", r):
		return 0.83 + wide/2
	case strings.ContainsRune("wGOQCDHNKUVXYABR", r):
		return 0.7 + wide/4
	case unicode.IsUpper(r):
		return 0.6 + wide
	}
	return 0.48 + wide
}
