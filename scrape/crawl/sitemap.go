package crawl

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLocations is the number of addresses the sitemap protocol allows in one file.
const maxLocations = 50000

// sitemap is the content of one file of the sitemaps.org protocol: an index
// names other sitemaps, a set names pages.
type sitemap struct {
	sitemaps, pages []string
}

// parseSitemap reads a sitemap, gzipped or not, of at most limit bytes.
func parseSitemap(body []byte, limit int64) (sitemap, error) {
	var s sitemap
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		zr, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return s, fmt.Errorf("read a gzipped sitemap: %w", err)
		}
		if body, err = io.ReadAll(io.LimitReader(zr, limit+1)); err != nil {
			return s, fmt.Errorf("read a gzipped sitemap: %w", err)
		}
		if int64(len(body)) > limit {
			return s, errTooLarge
		}
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // addresses are ASCII
	var parent string
	for len(s.sitemaps)+len(s.pages) < maxLocations {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s, fmt.Errorf("read a sitemap: %w", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "lastmod", "changefreq", "priority": // may stand before loc
			continue
		case "loc":
		default:
			parent = start.Name.Local
			continue
		}
		var loc string
		if err := d.DecodeElement(&loc, &start); err != nil {
			return s, fmt.Errorf("read a sitemap: %w", err)
		}
		switch parent {
		case "sitemap":
			s.sitemaps = append(s.sitemaps, strings.TrimSpace(loc))
		case "url":
			s.pages = append(s.pages, strings.TrimSpace(loc))
		}
	}
	return s, nil
}
