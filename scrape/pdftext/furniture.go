package pdftext

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/kurakurai/luth/scrape/document"
)

// Share of the page's height, at the top and at the bottom, in which running
// headers and footers stand.
const margin = 0.11

var (
	pageNumber = regexp.MustCompile(`(?i)^[\s\-–—.|]*(page|p\.)?\s*\d{1,3}\s*((/|sur|of|de)\s*\d{1,3})?[\s\-–—.|]*$`)
	turnPage   = regexp.MustCompile(`(?i)^(tournez|tourner)\s+(la\s+page|s\.?\s*v\.?\s*p)`)
	partTitle  = regexp.MustCompile(`(?i)^(exercice|probl[èe]me|partie|sujet|question|document|annexe)\s*\d`)
	digits     = regexp.MustCompile(`\d+`)
)

// dropFurniture removes page numbers, and the lines in the margins that come
// back on the pages of a document with only numbers changed.
func dropFurniture(pages []document.Page) {
	seen := make(map[string]int)
	for _, p := range pages {
		onPage := make(map[string]bool)
		for _, l := range p.Lines {
			if inMargin(p, l) {
				onPage[furnitureKey(l)] = true
			}
		}
		for k := range onPage {
			seen[k]++
		}
	}
	for i := range pages {
		p := &pages[i]
		kept := p.Lines[:0]
		for _, l := range p.Lines {
			if !isFurniture(*p, l, seen, len(pages)) {
				kept = append(kept, l)
			}
		}
		p.Lines = kept
	}
}

func inMargin(p document.Page, l document.Line) bool {
	return l.Y1 < margin*p.Height || l.Y0 > (1-margin)*p.Height
}

func isFurniture(p document.Page, l document.Line, seen map[string]int, pages int) bool {
	if turnPage.MatchString(l.Text) {
		return true
	}
	if !inMargin(p, l) {
		return false
	}
	if pageNumber.MatchString(l.Text) {
		return true
	}
	if partTitle.MatchString(l.Text) {
		return false
	}
	times := seen[furnitureKey(l)]
	return times >= 3 && 2*times >= pages || times == 2 && pages <= 3
}

// furnitureKey is the text without spaces, digits made one.
func furnitureKey(l document.Line) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, l.Text)
	return digits.ReplaceAllString(text, "0")
}
