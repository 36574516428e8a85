package exam

import (
	"regexp"
	"strings"
	"sync"
)

// pattern returns a regular expression that is compiled when it is first
// asked for: there are many, and most commands need none of them.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// oneOf returns one expression of alternatives, between word boundaries,
// blind to case.
func oneOf(alternatives ...string) func() *regexp.Regexp {
	return pattern(`(?i)(^|[^\pL])(` + strings.Join(alternatives, "|") + `)`)
}
