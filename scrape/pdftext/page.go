package pdftext

import (
	"errors"
	"fmt"

	"github.com/ledongthuc/pdf"
)

// page is one leaf of the page tree with the attributes it inherits.
type page struct {
	dict      pdf.Value
	resources pdf.Value
	media     pdf.Value // MediaBox
	crop      pdf.Value // CropBox
	rotate    int
}

// maxTreeDepth bounds the page tree, which a hostile file may close into a loop.
const maxTreeDepth = 32

// pageTree lists the pages in order.
func (f *file) pageTree() ([]page, error) {
	root := f.Trailer().Key("Root").Key("Pages")
	if root.Kind() != pdf.Dict {
		return nil, errors.New("the document catalogue names no pages")
	}
	nodes := 0
	var pages []page
	var walk func(node pdf.Value, inherited page, depth int) error
	walk = func(node pdf.Value, inherited page, depth int) error {
		if f.source.err != nil {
			return f.source.err
		}
		if nodes++; nodes > 4*maxPages || depth > maxTreeDepth || len(pages) >= maxPages {
			return fmt.Errorf("%w: over %d pages, or a page tree deeper than %d", errHostile, maxPages, maxTreeDepth)
		}
		p := inherited.inherit(node)
		kids := node.Key("Kids")
		if kids.Kind() != pdf.Array {
			if node.Kind() == pdf.Dict {
				pages = append(pages, p)
			}
			return nil
		}
		for i := range kids.Len() {
			kid, err := element(kids, i)
			if err != nil {
				continue // one lost page is reported by the ones that remain
			}
			if err := walk(kid, p, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	err := walk(root, page{}, 0)
	if err == nil && len(pages) == 0 {
		err = errors.New("the file has no pages")
	}
	return pages, err
}

func (p page) inherit(node pdf.Value) page {
	p.dict = node
	if v := node.Key("Resources"); !v.IsNull() {
		p.resources = v
	}
	if v := node.Key("MediaBox"); v.Len() == 4 {
		p.media = v
	}
	if v := node.Key("CropBox"); v.Len() == 4 {
		p.crop = v
	}
	if v := node.Key("Rotate"); !v.IsNull() {
		p.rotate = int(v.Int64())
	}
	return p
}

// placement returns the map from user space to points from the top left
// corner of the page as it is seen, and the page's size.
func (p page) placement() (ctm matrix, width, height float64) {
	x0, y0, x1, y1 := 0.0, 0.0, 595.0, 842.0
	box := p.crop
	if box.IsNull() {
		box = p.media
	}
	if box.Len() == 4 {
		x0, y0, x1, y1 = box.Index(0).Float64(), box.Index(1).Float64(), box.Index(2).Float64(), box.Index(3).Float64()
	}
	x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
	width, height = x1-x0, y1-y0
	switch ((p.rotate % 360) + 360) % 360 {
	case 90:
		return matrix{b: 1, c: 1, e: -y0, f: -x0}, height, width
	case 180:
		return matrix{a: -1, d: 1, e: x1, f: -y0}, width, height
	case 270:
		return matrix{b: -1, c: -1, e: y1, f: x1}, height, width
	}
	return matrix{a: 1, d: -1, e: -x0, f: y1}, width, height
}
