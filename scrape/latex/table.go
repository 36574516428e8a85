package latex

import (
	"regexp"
	"strings"

	"github.com/kurakurai/luth/scrape/document"
)

// separator stands between the cells of a row.
const separator = " | "

var rule = regexp.MustCompile(`\\(?:hline|toprule|midrule|bottomrule|hhline\s*\{[^}]*\}|(?:cline|cmidrule)(?:\([^)]*\))?\s*\{[^}]*\})`)

// table writes rows of cells, one line a row. A row in which a cell has
// several lines is a table used for layout, and its cells follow each other.
func (p *parser) table(body string) {
	p.out.breakLine()
	for _, row := range splitRows(body) {
		row = rule.ReplaceAllString(row, "")
		if strings.TrimSpace(row) == "" {
			continue
		}
		p.row(splitCells(row))
	}
}

func (p *parser) row(cells []string) {
	var all []document.Line
	texts := make([]string, len(cells))
	layout := false
	for i, cell := range cells {
		lines := p.lines(cell)
		all = append(all, lines...)
		layout = layout || len(lines) > 1
		if len(lines) > 0 {
			texts[i] = lines[0].Text
		}
	}
	if layout {
		for _, line := range all {
			p.out.bytes += len(line.Text)
			p.out.add(line)
		}
		return
	}
	if text := strings.TrimSpace(strings.Join(texts, separator)); strings.Trim(text, " |") != "" {
		p.out.write(text, style{})
		p.out.breakLine()
	}
}

// splitRows splits a table's body at its \\ and drops what \\ takes.
func splitRows(body string) []string {
	rows := splitOutside(body, func(rest string) int {
		switch {
		case strings.HasPrefix(rest, `\tabularnewline`):
			return len(`\tabularnewline`)
		case strings.HasPrefix(rest, `\\`):
			return len(lineBreakTail.FindString(rest))
		}
		return 0
	})
	return rows
}

func splitCells(row string) []string {
	return splitOutside(row, func(rest string) int {
		if rest[0] == '&' {
			return 1
		}
		return 0
	})
}

var lineBreakTail = regexp.MustCompile(`^\\\\\*?(?:\s*\[\s*[-+.\d\\][^\]\n]*\])?`)

// splitOutside splits a source where separator gives the length of one,
// outside groups and environments. Comments are left out.
func splitOutside(source string, separator func(rest string) int) []string {
	var parts []string
	var part strings.Builder
	depth := 0
	for i := 0; i < len(source); {
		rest := source[i:]
		if depth == 0 {
			if n := separator(rest); n > 0 {
				parts = append(parts, part.String())
				part.Reset()
				i += n
				continue
			}
		}
		n, change := token(rest)
		depth = max(depth+change, 0)
		if rest[0] != '%' {
			part.WriteString(rest[:n])
		}
		i += n
	}
	return append(parts, part.String())
}

// token returns the length of the next piece of source, and how it changes the
// depth of groups and environments.
func token(rest string) (length, change int) {
	switch {
	case rest[0] == '{':
		return 1, 1
	case rest[0] == '}':
		return 1, -1
	case rest[0] == '%':
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			return i + 1, 0
		}
		return len(rest), 0
	case strings.HasPrefix(rest, `\begin{`):
		return len(`\begin`), 1
	case strings.HasPrefix(rest, `\end{`):
		return len(`\end`), -1
	case rest[0] == '\\' && len(rest) > 1:
		return 2, 0
	}
	return 1, 0
}
