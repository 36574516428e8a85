package pdftext

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// bitmapFile is a page in a Type 3 font with numbered glyphs, in which codes
// have the shapes that a font of TeX gives them, at a resolution of 50 pixels
// to the font size.
func bitmapFile(t *testing.T, font string, codes []int, flip bool) []byte {
	t.Helper()
	var known *texFont
	for _, f := range texFonts() {
		if f.name == font {
			known = f
		}
	}
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>/Contents 4 0 R>>", "", "",
		"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"}
	var procedures, differences, widths, text strings.Builder
	matrix, down := "0.02 0 0 0.02 0 0", 1.0
	if flip {
		matrix, down = "0.02 0 0 -0.02 0 0", -1
	}
	last := 0
	for _, c := range codes {
		s := known.byName[known.names[c]]
		objects = append(objects, stream("", fmt.Sprintf("%.0f 0 %.0f %.0f %.0f %.0f d1", 50*s.width, 50*s.x0, 50*min(down*s.y0, down*s.y1), 50*s.x1, 50*max(down*s.y0, down*s.y1))))
		fmt.Fprintf(&procedures, "/a%d %d 0 R ", c, len(objects))
		fmt.Fprintf(&differences, "%d/a%d ", c, c)
		widths.WriteString(strings.Repeat("0 ", c-last) + fmt.Sprintf("%.0f ", 50*s.width))
		fmt.Fprintf(&text, "%02x", c)
		last = c + 1
	}
	objects[3] = stream("", "BT /F1 10 Tf 50 700 Td <"+text.String()+"> Tj /F2 10 Tf 0 -20 Td (Une ligne de texte qui suit) Tj ET")
	objects[4] = fmt.Sprintf("<</Type/Font/Subtype/Type3/FontMatrix[%s]/FontBBox[0 0 0 0]/FirstChar 0/LastChar 127/Widths[%s]/Encoding<</Differences[%s]>>/CharProcs<<%s>>>>",
		matrix, widths.String(), differences.String(), procedures.String())
	return assemble(objects, "/Root 1 0 R")
}

func TestBitmapsOfTeXAreNamedByTheirShapes(t *testing.T) {
	for _, c := range []struct {
		font  string
		codes []int
		want  string
	}{
		{"cmr10", []int{14, 65, 97, 98, 123}, "ffiAab–"},
		{"cmmi10", []int{11, 12, 21, 58, 120}, "αβλ.x"},
		{"cmsy10", []int{0, 33, 50, 56, 91}, "-→∈∀∪"},
		{"cmsy10", []int{49}, "∞"},
		{"msbm10", []int{78, 82}, "NR"},
		{"msam10", []int{54, 62}, "⩽⩾"},
		{"cmtt10", []int{60, 62, 97, 98}, "<>ab"},
	} {
		for _, flip := range []bool{false, true} {
			lines := linesOf(t, Extract(context.Background(), bitmapFile(t, c.font, c.codes, flip)))
			if got := strings.ReplaceAll(lines[0], " ", ""); got != c.want {
				t.Errorf("%s, flipped %v: got %q, want %q", c.font, flip, got, c.want)
			}
		}
	}
}

func TestNumberedNames(t *testing.T) {
	for _, c := range []struct {
		name string
		code int
		want int
		ok   bool
	}{{"a97", 97, 97, true}, {"x61", 97, 97, true}, {"a97", 5, 97, true}, {"x4A", 74, 74, true}, {"space", 32, 0, false}, {"a999", 1, 0, false}, {"a", 1, 0, false}} {
		if got, ok := numberedName(c.name, c.code); ok != c.ok || ok && got != c.want {
			t.Errorf("%s at %d: %d, %v", c.name, c.code, got, ok)
		}
	}
}
