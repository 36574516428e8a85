package pdftext

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/document"
)

// pdfFile writes a PDF of one page per content stream. Fonts: F1 is a
// Helvetica with WinAnsi, all widths 500; F2 is a TeX font with the built-in
// encoding names of Computer Modern; F3 is a two-byte font with a
// ToUnicode map, F4 one of the pieces of a tall brace.
func pdfFile(contents ...string) []byte {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"", // pages, below
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 255/Widths[" + strings.Repeat("500 ", 224) + "]>>",
		"<</Type/Font/Subtype/Type1/BaseFont/ABCDEF+CMR10/FirstChar 0/LastChar 127/Widths[" + strings.Repeat("500 ", 128) + "]/Encoding<</Differences[1/acute/dotlessi/ffi/e/fraction/radical/bracehtipdownleft/bracehtipupright 48/zero/one/two/three]>>>>",
		"<</Type/Font/Subtype/Type0/BaseFont/Word/Encoding/Identity-H/DescendantFonts[<</Subtype/CIDFontType2/DW 1000/W[1[400 600]3 5 250]>>]/ToUnicode 6 0 R>>",
		stream("", "1 begincodespacerange <0000><ffff> endcodespacerange 2 beginbfchar <0001><0056> <0002><00660069> endbfchar 1 beginbfrange <0003><0005><0061> endbfrange"),
		"<</Type/Font/Subtype/Type0/BaseFont/Mathematics/Encoding 9 0 R/DescendantFonts[<</Subtype/CIDFontType0/DW 900>>]/ToUnicode 8 0 R>>",
		stream("", "1 begincodespacerange <00><ff> endcodespacerange 1 beginbfrange <01><05> [<23a7><23a8><23a9><226a><226b>] endbfrange"),
		stream("", "1 begincodespacerange <00><ff> endcodespacerange"),
	}
	var kids strings.Builder
	for _, c := range contents {
		n := len(objects) + 1
		objects = append(objects,
			fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R/F2 4 0 R/F3 5 0 R/F4 7 0 R>>>>/Contents %d 0 R>>", n+1),
			stream("", c))
		fmt.Fprintf(&kids, "%d 0 R ", n)
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(contents), kids.String())
	return assemble(objects, "/Root 1 0 R")
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", dict, len(data), data)
}

// assemble writes objects without a cross-reference table, which the
// extractor does not need.
func assemble(objects []string, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	for i, o := range objects {
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	fmt.Fprintf(&b, "trailer<<%s>>\nstartxref\n0\n%%%%EOF\n", trailer)
	return b.Bytes()
}

func linesOf(t *testing.T, text document.Text) []string {
	t.Helper()
	if text.Verdict != document.VerdictText {
		t.Fatalf("verdict %s: %s", text.Verdict, text.Detail)
	}
	var lines []string
	for _, p := range text.Pages {
		for _, l := range p.Lines {
			lines = append(lines, l.Text)
		}
	}
	return lines
}

// padding is a line of text that gives a page enough characters to count.
const padding = "BT /F1 10 Tf 50 40 Td (Une ligne de texte qui suffit a faire une page) Tj ET "

func TestLines(t *testing.T) {
	// F1 and F2 advance 5 points a character at size 10.
	cases := []struct{ name, content, want string }{
		{"words from gaps", "BT /F1 10 Tf 50 700 Td [(Soit)-300(f)-300(la)20(fonction)] TJ ET", "Soit f lafonction"},
		{"kerning backwards keeps the order", "BT /F1 10 Tf 50 700 Td [(V)120(ous)] TJ ET", "Vous"},
		{"space characters", "BT /F1 10 Tf 50 700 Td (On a) Tj ET", "On a"},
		{"bold by drawing twice", "BT /F1 10 Tf 50 700 Td (Titre) Tj 0.3 0 Td (Titre) Tj 0 -12 Td (t) Tj 0.4 0 Td (t) Tj 4.8 0 Td (o) Tj ET", "Titre|to"},
		{"squeezed space", "BT /F1 10 Tf 50 700 Td [(que)-120(la)-20(x)] TJ ET", "que lax"},
		{"word spacing", "BT /F1 10 Tf 3 Tw 50 700 Td (On a) Tj ET", "On a"},
		{"accent over letter", "BT /F2 10 Tf 50 700 Td [<01>500<04>] TJ ET", "é"},
		{"accent over dotless i", "BT /F2 10 Tf 50 700 Td [<01>500<02>] TJ ET", "í"},
		{"ligature by name", "BT /F2 10 Tf 50 700 Td <030431> Tj ET", "ffie1"},
		{"composite font with widths", "BT /F3 10 Tf 50 700 Td [<00010002>-10<0003>-400<00040005>] TJ ET", "Vfia bc"},
		{"superscript", "BT /F1 10 Tf 50 700 Td (x) Tj /F1 7 Tf 4 Ts (12) Tj /F1 10 Tf 0 Ts (y) Tj ET", "x^{12}y"},
		{"subscript of one character", "BT /F1 10 Tf 50 700 Td (u) Tj /F1 7 Tf -2 Ts (n) Tj ET", "u_n"},
		{"small capitals are no script", "BT /F1 10 Tf 50 700 Td (E) Tj /F1 8 Tf (XERCICE) Tj ET", "EXERCICE"},
		{"fraction", "BT /F1 10 Tf 50 700 Td (y=) Tj 12 7 Td (a+b) Tj 5 -14 Td (2) Tj ET 62 702.3 15 0.4 re f", "y= (a+b)/2"},
		{"underline is no fraction", "BT /F1 10 Tf 50 700 Td (mot) Tj 0 -12 Td (suite du texte) Tj ET 50 698.8 15 0.4 re f", "mot|suite du texte"},
		{"table lines are no fraction", "BT /F1 10 Tf 52 704 Td (ab) Tj 0 -12 Td (cd) Tj ET 50 701 14 0.4 re f 50 690 0.4 24 re f", "ab|cd"},
		{"root", "BT /F2 10 Tf 50 708 Td <06> Tj /F1 10 Tf 5 -8 Td (x+1) Tj ET 55 708.2 15 0.4 re f", "√(x+1)"},
		{"complement", "BT /F1 10 Tf 50 700 Td (A) Tj ET 50 708 5 0.4 re f", "A̅"},
		{"underscore drawn as a rule", "BT /F1 10 Tf 50 700 Td (cle) Tj 18 0 Td (un) Tj ET 65 699.5 3 0.4 re f", "cle_un"},
		{"wide gap is a tab", "BT /F1 10 Tf 50 700 Td (Exercice) Tj 200 0 Td (points) Tj ET", "Exercice\tpoints"},
		{"rotated text is left out", "BT /F1 10 Tf 50 700 Td (x) Tj 0 1 -1 0 300 300 Tm (axe) Tj ET", "x"},
		{"hyphen joined", "BT /F1 10 Tf 50 700 Td (la deri-) Tj 0 -12 Td (vee de f) Tj ET", "la derivee|de f"},
		{"hyphen before the end of a paragraph", "BT /F1 10 Tf 50 700 Td (l'oscillo-) Tj 0 -12 Td (scope.) Tj 0 -12 Td (Fin) Tj ET", "l'oscilloscope.|Fin"},
		{"fraction with a subscript below", "BT /F1 7 Tf 52 704 Td (x) Tj -2 -8 Td (u) Tj /F1 5 Tf 3.5 -1 Td (n) Tj ET 50 702.5 6 0.4 re f", "x/(u_n)"},
		{"bar drawn as a picture", "BT /F1 10 Tf 50 700 Td (y=) Tj 12 7 Td (a+b) Tj 5 -14 Td (2) Tj ET q 15 0 0 0.4 62 702.3 cm BI /W 1 /H 1 ID x EI\nQ", "y= (a+b)/2"},
		{"underbrace is no fraction", "BT /F2 10 Tf 50 696 Td <07> Tj 15 0 Td <08> Tj ET BT /F1 10 Tf 50 700 Td (abcde) Tj 0 -12 Td (fghij) Tj ET 55 696.2 10 0.4 re f", "abcde|fghij"},
		{"cases of Unicode pieces", "BT /F4 10 Tf 50 708 Td <01> Tj 0 -12 Td <02> Tj 0 -10 Td <03> Tj /F1 10 Tf 9 16 Td (x) Tj 0 -14 Td (y) Tj ET", "{ x ; y"},
		{"guillemets of old TeX", "BT /F4 10 Tf 50 700 Td <04> Tj /F1 10 Tf 13 0 Td (mot) Tj /F4 10 Tf 18 0 Td <05> Tj ET", "« mot »"},
		{"hyphen kept", "BT /F1 10 Tf 50 700 Td (peut-) Tj 0 -12 Td (on dire) Tj ET", "peut-on|dire"},
		{"quote operators", "BT /F1 10 Tf 12 TL 50 700 Td (un) Tj (deux) ' 0 0 (trois) \" ET", "un|deux|trois"},
		{"inline image skipped", "BI /W 1 /H 1 ID (BT EI\n BT /F1 10 Tf 50 700 Td (ok) Tj ET", "ok"},
		{"artifact dropped", "/Artifact <</Type/Pagination>> BDC BT /F1 10 Tf 50 700 Td (site) Tj ET EMC BT /F1 10 Tf 50 600 Td (texte) Tj ET", "texte"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			lines := linesOf(t, Extract(context.Background(), pdfFile(padding+c.content)))
			if got := strings.Join(lines[:len(lines)-1], "|"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestColumnsAreReadOneAfterTheOther(t *testing.T) {
	var page strings.Builder
	page.WriteString("BT /F1 10 Tf 50 780 Td (Un titre sur toute la largeur de la page, au-dessus des deux colonnes de texte ordinaire) Tj ET ")
	for i := range 8 {
		fmt.Fprintf(&page, "BT /F1 10 Tf 50 %d Td (gauche %d et du texte qui remplit sa colonne) Tj ET ", 740-12*i, i)
		fmt.Fprintf(&page, "BT /F1 10 Tf 310 %d Td (droite %d et du texte qui remplit sa colonne) Tj ET ", 740-12*i, i)
	}
	lines := linesOf(t, Extract(context.Background(), pdfFile(page.String())))
	var sides string
	for _, l := range lines[1:] {
		sides += l[:1]
	}
	if sides != "ggggggggdddddddd" {
		t.Errorf("order %s:\n%s", sides, strings.Join(lines, "\n"))
	}
}

func TestTableIsReadRowByRow(t *testing.T) {
	var page strings.Builder
	for i := range 8 {
		fmt.Fprintf(&page, "BT /F1 10 Tf 60 %d Td (cle%d) Tj 300 0 Td (val%d) Tj ET ", 740-14*i, i, i)
	}
	lines := linesOf(t, Extract(context.Background(), pdfFile(page.String())))
	if len(lines) != 8 || lines[3] != "cle3\tval3" {
		t.Errorf("got %q", lines)
	}
}

func TestRunningHeadersAndPageNumbersAreDropped(t *testing.T) {
	var pages []string
	for i := range 4 {
		pages = append(pages, fmt.Sprintf("BT /F1 8 Tf 50 815 Td (www.annales.example - Corrige %d) Tj ET BT /F1 10 Tf 50 600 Td (Contenu de la page numero %d du document) Tj ET BT /F1 8 Tf 280 20 Td (Page %d sur 4) Tj ET", i, i, i+1))
	}
	for i, l := range linesOf(t, Extract(context.Background(), pdfFile(pages...))) {
		if want := fmt.Sprintf("Contenu de la page numero %d du document", i); l != want {
			t.Errorf("line %d: %q", i, l)
		}
	}
}

func TestPagesAreSeparatedByFormFeeds(t *testing.T) {
	text := Extract(context.Background(), pdfFile(padding, padding))
	if got := strings.Count(text.String(), "\f"); got != 1 {
		t.Errorf("%d form feeds for 2 pages", got)
	}
}

func TestVerdicts(t *testing.T) {
	good := pdfFile(padding)
	image := "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</Im 5 0 R>>>>/Contents 4 0 R>>"
	scan := assemble([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", image,
		stream("", "/Im Do"), stream("/Subtype/Image", "x")}, "/Root 1 0 R")
	photo := func(content string) []byte {
		return assemble([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</Im 5 0 R>>/Font<</F1 6 0 R>>>>/Contents 4 0 R>>",
			stream("", "q 595 0 0 842 0 0 cm /Im Do Q "+content), stream("/Subtype/Image", "x"),
			"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"}, "/Root 1 0 R")
	}
	recognised := "BT 3 Tr /F1 10 Tf 12 TL 50 700 Td " + strings.Repeat("(Montrer que la suite converge et calculer sa limite) ' ", 5) + "ET"
	garbled := bytes.Replace(pdfFile("BT /F1 10 Tf 50 700 Td (Du texte que rien ne permet de lire) Tj ET"),
		[]byte("/Encoding/WinAnsiEncoding"), []byte("/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[97"+strings.Repeat("/Zzz.", 26)+"]>>"), 1)
	locked := bytes.Replace(good, []byte("trailer<<"), []byte("trailer<</Encrypt 2 0 R "), 1)
	cases := []struct {
		name string
		data []byte
		want document.Verdict
	}{
		{"text", good, document.VerdictText},
		{"header after junk", append([]byte("junk\r\n"), good...), document.VerdictText},
		{"cut after the page", good[:len(good)-60], document.VerdictText},
		{"empty", nil, document.VerdictDamaged},
		{"html", []byte("<!doctype html><title>404</title>"), document.VerdictDamaged},
		{"header alone", []byte("%PDF-1.4\n"), document.VerdictDamaged},
		{"cut in the middle", good[:200], document.VerdictDamaged},
		{"scan", scan, document.VerdictScan},
		{"scan with a stamp", photo("BT /F1 8 Tf 50 820 Td (www.annales.example - Bac 2019 - page 1 sur 4) Tj ET"), document.VerdictScan},
		{"scan with recognised text", photo(recognised), document.VerdictText},
		{"scan with badly recognised text", photo(strings.NewReplacer("M", "W", "o", "k", "n", "x", "t", "q", "r", "z", "e", "w", "a", "b", "i", "h", "l", "j").Replace(strings.Repeat(recognised, 3))), document.VerdictGarbled},
		{"garbled", garbled, document.VerdictGarbled},
		{"encrypted", locked, document.VerdictEncrypted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Extract(context.Background(), c.data); got.Verdict != c.want {
				t.Errorf("verdict %s (%s), want %s", got.Verdict, got.Detail, c.want)
			}
		})
	}
}

func deflate(data []byte) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.String()
}

// manyMaps is a page in many fonts, each with the largest map there may be.
func manyMaps() []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", "",
		stream("/Filter/FlateDecode", deflate([]byte("1 beginbfrange <0000><ffff><0041> endbfrange")))}
	var names, use strings.Builder
	for i := range 2 * maxMapped / 65536 {
		objects = append(objects, "<</Type/Font/Subtype/Type0/BaseFont/W/Encoding/Identity-H/DescendantFonts[<<>>]/ToUnicode 4 0 R>>")
		fmt.Fprintf(&names, "/F%d %d 0 R ", i, len(objects))
		fmt.Fprintf(&use, "BT /F%d 10 Tf <0041> Tj ET ", i)
	}
	objects = append(objects, stream("", use.String()))
	objects[2] = fmt.Sprintf("<</Type/Page/Resources<</Font<<%s>>>>/Contents %d 0 R>>", names.String(), len(objects))
	return assemble(objects, "/Root 1 0 R")
}

func TestHostileFilesAreStopped(t *testing.T) {
	onePage := func(objects ...string) []byte {
		return assemble(append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>"}, objects...), "/Root 1 0 R")
	}
	page := "<</Type/Page/MediaBox[0 0 595 842]/Resources<</XObject<</X 4 0 R>>>>/Contents 4 0 R>>"
	cases := map[string][]byte{
		"decompression bomb": onePage(page, stream("/Filter/FlateDecode", deflate(make([]byte, maxStream+1)))),
		"nested bomb":        onePage(page, stream("/Filter[/FlateDecode/FlateDecode/FlateDecode/FlateDecode/FlateDecode]", "x")),
		"predictor memory":   onePage(page, stream("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 99999999999>>", deflate([]byte("x")))),
		"page tree loop":     assemble([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]>>"}, "/Root 1 0 R"),
		"one long string":    onePage("<</Type/Page/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>", stream("/Filter/FlateDecode", deflate([]byte("BT /F1 1 Tf ("+strings.Repeat("a", maxGlyphs+1)+") Tj q ET"))), "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"),
		"fonts of many maps": manyMaps(),
		"too many operators": onePage(page, stream("/Filter/FlateDecode", deflate(bytes.Repeat([]byte("q "), maxOps+2)))),
	}
	for name, data := range cases {
		t.Run(name, func(t *testing.T) {
			if got := Extract(context.Background(), data); got.Verdict != document.VerdictHostile {
				t.Errorf("verdict %s (%s)", got.Verdict, got.Detail)
			}
		})
	}
	t.Run("form calls itself", func(t *testing.T) {
		got := Extract(context.Background(), onePage(page, stream("/Subtype/Form", "/X Do /X Do")))
		if got.Verdict == document.VerdictText {
			t.Errorf("verdict %s", got.Verdict)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if got := Extract(ctx, pdfFile(strings.Repeat(padding, 500))); got.Verdict != document.VerdictHostile {
			t.Errorf("verdict %s", got.Verdict)
		}
	})
}

func TestObjectStreams(t *testing.T) {
	// The catalogue, the page tree and the page are packed in object 9.
	packed := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/MediaBox[0 0 595 842]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>"}
	var head, body strings.Builder
	for i, o := range packed {
		fmt.Fprintf(&head, "%d %d ", i+1, body.Len())
		body.WriteString(o + " ")
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n4 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Courier>>\nendobj\n")
	fmt.Fprintf(&b, "5 0 obj\n%s\nendobj\n", stream("", padding))
	data := deflate([]byte(head.String() + body.String()))
	fmt.Fprintf(&b, "9 0 obj\n%s\nendobj\n", stream(fmt.Sprintf("/Type/ObjStm/N 3/First %d/Filter/FlateDecode", head.Len()), data))
	b.WriteString("10 0 obj\n<</Type/XRef/Root 1 0 R/Size 11>>\nendobj\n%%EOF\n")
	if lines := linesOf(t, Extract(context.Background(), b.Bytes())); len(lines) != 1 {
		t.Errorf("got %q", lines)
	}
}

func TestSameBytesSameText(t *testing.T) {
	data := pdfFile(padding, padding)
	first := Extract(context.Background(), data).String()
	for range 5 {
		if got := Extract(context.Background(), data).String(); got != first {
			t.Fatal("two readings of one file differ")
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add(pdfFile(padding))
	f.Add(pdfFile("BT /F2 10 Tf 50 700 Td [<01>500<04>] TJ ET 50 690 20 0.4 re f", "/X Do"))
	f.Add([]byte("%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj trailer<</Root 1 0 R>>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := Extract(context.Background(), data)
		if text.Verdict == "" {
			t.Error("no verdict")
		}
	})
}
