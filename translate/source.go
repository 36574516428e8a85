package translate

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// source is the text of a paper in which passages are looked up. Pages end
// with form feeds.
type source struct {
	text  string
	forms []form
}

// form is one reading of the text, normalised: words divided at the end of a
// line joined or not, page numbers left out or not.
type form struct {
	text string
	ends []int // byte where each page ends
}

func newSource(text string) *source {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	s := &source{text: strings.TrimSpace(strings.ReplaceAll(text, "\f", "\n\n"))}
	pages := strings.Split(text, "\f")
	for variant := range 4 {
		var f form
		var b strings.Builder
		for _, page := range pages {
			if variant&1 != 0 {
				page = withoutFurniture(page)
			}
			if variant&2 != 0 {
				page = divided.ReplaceAllString(page, "$1$2")
			}
			b.WriteString(normal(page))
			f.ends = append(f.ends, b.Len())
		}
		f.text = b.String()
		s.forms = append(s.forms, f)
	}
	return s
}

// divided is a word that goes on in the next line.
var divided = regexp.MustCompile(`(\p{L})[-‐\x{ad}][ \t]*\n\s*(\p{Ll})`)

// furniture is a line that holds nothing but the number of its page.
var furniture = regexp.MustCompile(`(?i)^\s*(page\s*)?[-–—]?\s*\d{1,3}\s*((/|sur)\s*\d{1,3}\s*)?[-–—]?\s*$`)

// withoutFurniture returns a page without its number in the first or last
// line.
func withoutFurniture(page string) string {
	lines := strings.Split(strings.Trim(page, "\n"), "\n")
	if furniture.MatchString(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	if len(lines) > 0 && furniture.MatchString(lines[0]) {
		lines = lines[1:]
	}
	return strings.Join(lines, "\n")
}

// find tells whether the text has the passage, word for word but for
// normalisation, and on which page (1-based) it begins and ends.
func (s *source) find(passage string) (first, last int, found bool) {
	passage = normal(passage)
	if passage == "" {
		return 0, 0, false
	}
	for _, f := range s.forms {
		if i := strings.Index(f.text, passage); i >= 0 {
			return f.page(i), f.page(i + len(passage) - 1), true
		}
	}
	return 0, 0, false
}

func (f form) page(at int) int {
	for i, end := range f.ends {
		if at < end {
			return i + 1
		}
	}
	return len(f.ends)
}

// spacing are macros of LaTeX that only set type.
var spacing = map[string]bool{"quad": true, "qquad": true, "left": true, "right": true, "displaystyle": true, "thinspace": true, "enspace": true}

// normal returns what counts when texts are compared word for word: NFC,
// without white space, without the delimiters and the spacing of LaTeX, with
// typewriter apostrophes.
func normal(text string) string {
	text = norm.NFC.String(text)
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\\':
			if n := macroLength(text[i+1:]); spacing[text[i+1:i+1+n]] {
				i += 1 + n
				continue
			} else if n == 0 && i+1 < len(text) && strings.IndexByte(`,;:!> ()[]`, text[i+1]) >= 0 {
				i += 2
				continue
			}
			b.WriteByte('\\')
		case unicode.IsSpace(r) || r == '$' || r == '~' || r == '\u00ad' || r == '\u200b' || r == '\ufeff':
		case r == '’':
			b.WriteByte('\'')
		default:
			b.WriteString(text[i : i+size])
		}
		i += size
	}
	return b.String()
}

func macroLength(text string) (n int) {
	for n < len(text) && (text[n]|0x20) >= 'a' && (text[n]|0x20) <= 'z' {
		n++
	}
	return n
}
