package scrape

import "regexp"

// compiled holds the regular expressions of a definition.
type compiled struct {
	skip []*regexp.Regexp
}
