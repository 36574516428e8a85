// Package pdftext reads the text of PDF files as lines in reading order.
//
// ledongthuc/pdf gives files, objects, streams and decryption; everything
// above is ours: content streams are interpreted with the fonts' real widths
// and encodings, words are rebuilt from the positions of glyphs, lines are
// put in reading order column by column, TeX's separate accents and fraction
// bars are put back together, and running headers and page numbers are
// dropped. Superscripts and subscripts stand as ^ and _.
package pdftext

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kurakurai/luth/scrape/document"
)

// Version names the extractor's algorithm; it changes with its output.
const Version = "2"

const (
	maxFile   = 256 << 20 // bytes of a file
	maxStream = 64 << 20  // bytes of one decoded stream
	maxPages  = 2_000
	// maxFileGlyphs bounds the text that is held: a dense book of maxPages pages.
	maxFileGlyphs = 8_000_000
	// Timeout is how long one file may take.
	Timeout = 60 * time.Second
)

// Extract reads the text of a PDF file. It never fails: a file without usable
// text comes back with the verdict that says why, and whatever could be read.
// It stops at the end of ctx or after Timeout with the verdict "hostile".
func Extract(ctx context.Context, data []byte) document.Text {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	// The library may loop on a hostile file, which nothing can interrupt: the
	// goroutine is then left behind.
	done := make(chan document.Text, 1)
	go func() { done <- extract(ctx, data) }()
	select {
	case text := <-done:
		return text
	case <-ctx.Done():
		return document.Text{Format: "pdf", Verdict: document.VerdictHostile, Detail: "reading took too long"}
	}
}

func extract(ctx context.Context, data []byte) (text document.Text) {
	text.Format = "pdf"
	defer func() {
		if x := recover(); x != nil {
			text = document.Text{Format: "pdf", Verdict: document.VerdictDamaged, Detail: fmt.Sprint(x)}
		}
	}()
	if len(data) > maxFile {
		return refuse(text, fmt.Errorf("%w: %d bytes", errHostile, len(data)))
	}
	f, err := open(ctx, data)
	if err != nil {
		return refuse(text, err)
	}
	pictures, err := readPages(ctx, f, &text)
	if err != nil && len(text.Pages) == 0 {
		return refuse(text, err)
	}
	return judge(text, pictures, err)
}

// refuse gives the verdict of a file that could not be read.
func refuse(text document.Text, err error) document.Text {
	switch {
	case errors.Is(err, errEncrypted):
		text.Verdict = document.VerdictEncrypted
	case errors.Is(err, errHostile):
		text.Verdict = document.VerdictHostile
	default:
		text.Verdict = document.VerdictDamaged
	}
	text.Detail = err.Error()
	return text
}

// pageContent is what the interpreter collected on one page.
type pageContent struct {
	width, height  float64
	glyphs         []glyph
	rules          []rule
	images, paints int
	picture        float64 // area of the largest image, square points
	up, down       int     // glyphs that run up and down the page
	seen, lost     int
}

// A page without minGlyphs characters has no text; one that shows a picture
// or paints minPaints outlines instead is a picture of text. So is one whose
// picture takes minPicture of it, with less text than maxStamp: what sites
// stamp on scans.
const (
	minGlyphs   = 20
	minPaints   = 100
	maxStamp    = 120
	usualGlyphs = 3000
	minPicture  = 0.5
)

// isPicture reports whether the page is a picture of text.
func (c pageContent) isPicture() bool {
	if c.seen < minGlyphs {
		return c.images > 0 || c.paints >= minPaints
	}
	return c.seen < maxStamp && c.picture > minPicture*c.width*c.height
}

// readPages reads and lays out the pages one by one into text, and counts
// those that are pictures.
func readPages(ctx context.Context, f *file, text *document.Text) (pictures int, err error) {
	tree, err := f.pageTree()
	if err != nil {
		return 0, err
	}
	fonts := newFontCache(f)
	var errs []error
	for i, p := range tree {
		content, err := readPage(ctx, p, fonts)
		if err = errors.Join(err, f.source.err); err != nil {
			errs = append(errs, fmt.Errorf("page %d: %w", i+1, err))
		}
		if errors.Is(err, errHostile) {
			break
		}
		text.Glyphs += content.seen
		text.Unknown += content.lost
		if content.isPicture() {
			pictures++
		}
		text.Pages = append(text.Pages, document.Page{Number: i + 1, Width: content.width, Height: content.height, Lines: layout(content)})
		if text.Glyphs > maxFileGlyphs {
			errs = append(errs, fmt.Errorf("%w: over %d characters", errHostile, maxFileGlyphs))
			break
		}
	}
	return pictures, errors.Join(errs...)
}

// readPage interprets a page. Where most of its text runs up or down, the
// page is turned and read again: it is a landscape page that does not say so.
func readPage(ctx context.Context, p page, fonts *fontCache) (pageContent, error) {
	content, err := interpret(ctx, p, fonts)
	switch upright := len(content.glyphs); {
	case content.up > 2*upright+minGlyphs:
		p.rotate += 90
	case content.down > 2*upright+minGlyphs:
		p.rotate += 270
	default:
		return content, err
	}
	return interpret(ctx, p, fonts)
}

func interpret(ctx context.Context, p page, fonts *fontCache) (content pageContent, err error) {
	ctm, width, height := p.placement()
	content.width, content.height = width, height
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("%v", x)
		}
	}()
	var data []byte
	var streamErr error
	if contents := p.dict.Key("Contents"); !contents.IsNull() {
		data, streamErr = fonts.file.stream(contents)
	}
	if errors.Is(streamErr, errHostile) {
		return content, streamErr
	}
	in := &interpreter{ctx: ctx, fonts: fonts, glyphs: make([]glyph, 0, usualGlyphs), graphics: graphics{ctm: ctm, scale: 1}}
	runErr := in.run(data, p.resources)
	content.glyphs, content.rules = in.glyphs, in.rules
	content.images, content.picture, content.paints = in.images, in.picture, in.paints
	content.up, content.down = in.up, in.down
	content.seen, content.lost = in.seen, in.lost
	return content, errors.Join(streamErr, runErr)
}

// judge cleans the pages and gives the verdict; err is what went wrong while
// they were read.
func judge(text document.Text, pictures int, err error) document.Text {
	dropFurniture(text.Pages)
	for i := range text.Pages {
		text.Pages[i].Lines = joinHyphens(text.Pages[i].Lines)
	}
	if pictures > 0 {
		text.Detail = fmt.Sprintf("%d of %d pages are pictures without text", pictures, len(text.Pages))
	}
	switch {
	case errors.Is(err, errHostile):
		text.Verdict = document.VerdictHostile
	case pictures > 0 && 2*pictures >= len(text.Pages):
		text.Verdict = document.VerdictScan
	case text.Glyphs == 0:
		text.Verdict, text.Detail = document.VerdictDamaged, "the file shows no text and no picture"
	case text.Unknown*5 > text.Glyphs:
		text.Verdict, text.Detail = document.VerdictGarbled, fmt.Sprintf("%d of %d characters have no known text", text.Unknown, text.Glyphs)
	case isGarbled(text.Pages):
		text.Verdict, text.Detail = document.VerdictGarbled, "its letters are not those of any words"
	default:
		text.Verdict = document.VerdictText
	}
	if err != nil {
		text.Detail = err.Error()
	}
	return text
}
