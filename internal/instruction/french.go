package instruction

import (
	"regexp"
	"strings"
)

// frenchPostscript looks for the marker as it is given: P.-S., PS, P.P.S.
func frenchPostscript(text, marker string) (bool, error) {
	n, err := occurrences(text, strings.ToLower(marker))
	return n > 0, err
}

// postscriptLine is a line that begins as postscripts do in French: P.-S.,
// P.S., PS, P-S, and with one P more.
var postscriptLine = regexp.MustCompile(`(?m)^[*_\s]*(?:p\.?[ -]?)?p\.?[ -]{0,2}s\b`)

// translatedPostscript takes any way to write a postscript, for translations
// write P.S. as they like.
func translatedPostscript(text, _ string) (bool, error) { return postscriptLine.MatchString(text), nil }
