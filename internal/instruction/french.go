package instruction

import "strings"

// frenchPostscript looks for the marker as French writes it: P.-S., PS, P.P.S.
func frenchPostscript(text, marker string) (bool, error) {
	n, err := occurrences(text, strings.ToLower(marker))
	return n > 0, err
}
