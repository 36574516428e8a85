package pdftext

import (
	"fmt"
	"regexp"

	"github.com/ledongthuc/pdf"
)

// fontCache loads each font once in a file.
type fontCache struct {
	file   *file
	byRef  map[string]*font
	byDict map[string]map[string]string // resource dictionary text -> font name -> reference
}

func newFontCache(f *file) *fontCache {
	return &fontCache{file: f, byRef: make(map[string]*font), byDict: make(map[string]map[string]string)}
}

var fontRef = regexp.MustCompile(`/(\S+) (\d+ \d+ R)`)

// maxFontDict bounds, in bytes, the font dictionary of a page whose fonts are
// kept for other pages.
const maxFontDict = 1 << 14

// references returns the references in a dictionary of fonts. Values do not
// tell their object number, but the text of the dictionary does.
func (c *fontCache) references(fonts pdf.Value) map[string]string {
	text := fonts.String()
	if len(text) > maxFontDict {
		return nil
	}
	refs, ok := c.byDict[text]
	if !ok {
		refs = make(map[string]string)
		for _, m := range fontRef.FindAllStringSubmatch(text, -1) {
			refs[m[1]] = m[2]
		}
		c.byDict[text] = refs
	}
	return refs
}

// get returns the font that a dictionary calls name and that its reference,
// if it has one, names.
func (c *fontCache) get(fonts pdf.Value, name, ref string) *font {
	if f, ok := c.byRef[ref]; ok {
		return f
	}
	var f *font
	if v := fonts.Key(name); v.Kind() == pdf.Dict {
		f = loadFont(c.file, v)
		if c.file.mapped += f.entries(); c.file.mapped > maxMapped {
			c.file.source.err = fmt.Errorf("%w: its fonts map over %d characters", errHostile, maxMapped)
		}
	}
	if ref != "" {
		c.byRef[ref] = f
	}
	return f
}
