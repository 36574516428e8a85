package fidelity

import (
	"fmt"
	"strings"

	"github.com/kurakurai/luth/internal/markup"
)

// outline counts what gives a text its form, outside blocks of code.
type outline struct {
	headings, bullets, steps int
	rows, columns            int    // of tables, and the most bars in a row
	options                  string // letters of A. or (B) that begin lines, in order
}

// sameStructure flags a translation whose form is not the source's.
func sameStructure(s, t *view, _ Options) []Finding {
	a, b := outlineOf(s.spans), outlineOf(t.spans)
	var differences []string
	for _, d := range []struct {
		name string
		a, b int
	}{
		{"headings", a.headings, b.headings}, {"bullets", a.bullets, b.bullets}, {"numbered items", a.steps, b.steps},
		{"rows of tables", a.rows, b.rows}, {"columns of tables", a.columns, b.columns},
	} {
		if d.a != d.b {
			differences = append(differences, fmt.Sprintf("%d %s, %d in the source", d.b, d.name, d.a))
		}
	}
	if a.options != b.options {
		differences = append(differences, fmt.Sprintf("options %q, %q in the source", b.options, a.options))
	}
	if len(differences) > 0 {
		return flag(GateStructure, strings.Join(differences, "; "))
	}
	return nil
}

func outlineOf(spans []markup.Span) (o outline) {
	starts := true // at the beginning of a line
	for _, s := range spans {
		if s.Kind != markup.Prose {
			starts = false
			continue
		}
		for line := range strings.Lines(s.Text) {
			if starts {
				o.add(strings.TrimSpace(line))
			} else if o.rows > 0 && strings.Contains(line, "|") {
				o.columns = max(o.columns, strings.Count(line, "|"))
			}
			starts = strings.HasSuffix(line, "\n")
		}
	}
	return o
}

// add takes one line into account.
func (o *outline) add(line string) {
	if line == "" {
		return
	}
	marks := len(line) - len(strings.TrimLeft(line, "#"))
	number := digits(line)
	switch {
	case marks > 0 && marks <= 6 && strings.HasPrefix(line[marks:], " "):
		o.headings++
	case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "* "), strings.HasPrefix(line, "• "), strings.HasPrefix(line, "+ "):
		o.bullets++
	case number > 0 && number <= 3 && len(line) > number+1 && (line[number] == '.' || line[number] == ')') && line[number+1] == ' ':
		o.steps++
	case line[0] == '|':
		o.rows++
		o.columns = max(o.columns, strings.Count(line, "|"))
	}
	if letter := optionLetter(line); letter != "" {
		o.options += letter
	}
}

// optionLetter returns the letter of a line that begins like "A. ", "B) " or
// "(C) ".
func optionLetter(line string) string {
	line = strings.TrimPrefix(line, "- ")
	open := strings.HasPrefix(line, "(")
	if open {
		line = line[1:]
	}
	if len(line) < 3 || line[0]-'A' >= 26 || line[2] != ' ' || line[1] != ')' && (open || line[1] != '.') {
		return ""
	}
	return line[:1]
}
