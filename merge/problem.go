package merge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// A Problem is one thing that is wrong with a configuration or with the models
// it names.
type Problem struct {
	Line int    `json:"line,omitempty"` // of the configuration; 0 when it is not about a line
	Text string `json:"text"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// Problems are everything wrong that could be found before reading data, by
// line.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	if len(lines) == 1 {
		return lines[0]
	}
	return fmt.Sprintf("%d problems:\n  %s", len(lines), strings.Join(lines, "\n  "))
}

// maxProblems is where a list of problems stops to be read.
const maxProblems = 50

// add notes a problem, once.
func (ps *Problems) add(line int, format string, args ...any) {
	p := Problem{line, fmt.Sprintf(format, args...)}
	if len(*ps) < maxProblems && !slices.Contains(*ps, p) {
		*ps = append(*ps, p)
	}
}

// err returns nil when there is no problem.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return ps
}

// nearest returns the candidate closest to word by edit distance, or "" when
// none is close.
func nearest(word string, candidates []string) string {
	word = word[:min(len(word), 64)] // the distance takes quadratic time
	best, least := "", len(word)/2+1
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// hint says which key was probably meant.
func hint(word string, candidates []string) string {
	if near := nearest(word, candidates); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; known here: " + strings.Join(candidates, ", ")
}
