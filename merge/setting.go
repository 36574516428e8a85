package merge

import (
	"fmt"
	"math"
	"strings"
)

// A Setting is what a configuration gives for a parameter: a value, a gradient
// over the layers, or either of them for tensors whose names match filters.
type Setting struct {
	line     int
	gradient []float64 // a value is a gradient of one
	discrete bool      // the gradient is of true and false: it steps
	filters  []filtered
}

type filtered struct {
	part    string // of the name of a tensor; "" and "*" match all
	setting Setting
}

// at evaluates the setting for a tensor at place t, 0 <= t <= 1, among the
// layers of its slice. The first filter that is a part of the name decides; ok
// is false when none is.
func (s Setting) at(tensor string, t float64) (value float64, ok bool) {
	for _, f := range s.filters {
		if f.part == "" || f.part == "*" || strings.Contains(tensor, f.part) {
			return f.setting.at(tensor, t)
		}
	}
	if len(s.gradient) == 0 {
		return 0, false
	}
	last := len(s.gradient) - 1
	scaled := float64(t * float64(last)) // not to be fused with what follows
	i := min(int(scaled), last)
	if s.discrete {
		return s.gradient[i], true
	}
	frac := scaled - float64(i)
	return float64((1-frac)*s.gradient[i]) + float64(frac*s.gradient[min(i+1, last)]), true
}

// varies tells that layers get different values, whatever the filters.
func (s Setting) varies() bool {
	for _, f := range s.filters {
		if f.setting.varies() {
			return true
		}
	}
	return len(s.gradient) > 1
}

// readSetting reads the value of parameter p.
func (c *reader) readSetting(p *Parameter, n *node) Setting {
	s := Setting{line: n.line}
	switch n.kind {
	case mapping:
		s.filters = append(s.filters, c.readFiltered(p, n))
	case list:
		if len(n.items) == 0 {
			c.wrong(n.line, "%s: the list is empty", p.Name)
		}
		mappings := 0
		for i := range n.items {
			if n.items[i].kind == mapping {
				mappings++
				s.filters = append(s.filters, c.readFiltered(p, &n.items[i]))
			} else {
				s.gradient = append(s.gradient, c.readValue(p, &n.items[i]))
			}
		}
		if mappings > 0 && mappings < len(n.items) {
			c.wrong(n.line, "%s: the list mixes values and filters; write the values as {value: …} entries", p.Name)
		}
		s.discrete = p.Bool
	default:
		s.gradient = []float64{c.readValue(p, n)}
	}
	return s
}

func (c *reader) readFiltered(p *Parameter, n *node) (f filtered) {
	c.keys(n, p.Name, []string{"filter", "value"})
	if filter := n.get("filter"); filter != nil && filter.kind != nothing {
		f.part = filter.text
		if filter.kind == list || filter.kind == mapping {
			c.wrong(filter.line, "%s: filter must be a part of the names of tensors, such as self_attn", p.Name)
		}
		if strings.ContainsAny(f.part, "^$\\|()") || strings.Contains(f.part, ".*") {
			c.note(filter.line, "%s: the filter %q looks like a regular expression, but filters are plain parts of a name", p.Name, f.part)
		}
	}
	value := n.get("value")
	if value == nil {
		c.wrong(n.line, "%s: a filter needs a value", p.Name)
		return f
	}
	if value.kind == mapping || value.kind == list && len(value.items) > 0 && value.items[0].kind == mapping {
		c.wrong(value.line, "%s: filters cannot hold filters", p.Name)
		return f
	}
	f.setting = c.readSetting(p, value)
	return f
}

// readValue reads a number, or true or false as 1 or 0. For one that is wrong it
// returns something, so that planning goes on to find other problems.
func (c *reader) readValue(p *Parameter, n *node) float64 {
	const instead = .5
	switch {
	case p.Bool && n.kind == boolean:
		return number01(n.flag)
	case p.Bool && n.kind == number && (n.number == 0 || n.number == 1):
		return n.number
	case p.Bool:
		c.wrong(n.line, "%s must be true or false, not %s", p.Name, describe(n))
	case n.kind != number:
		c.wrong(n.line, "%s must be a number, not %s", p.Name, describe(n))
	case math.IsNaN(n.number) || math.IsInf(n.number, 0):
		c.wrong(n.line, "%s is %v; it must be finite", p.Name, n.number)
	case n.number >= p.Min && n.number <= p.Max, c.lenient(n.line, "%s is %v, outside %s", p.Name, n.number, span(p)):
		return n.number
	}
	return instead
}

// span writes the values a parameter may have.
func span(p *Parameter) string {
	switch {
	case math.IsInf(p.Max, 1) && math.IsInf(p.Min, -1):
		return "any number"
	case math.IsInf(p.Max, 1):
		return fmt.Sprintf("%v and above", p.Min)
	}
	return fmt.Sprintf("%v to %v", p.Min, p.Max)
}

func describe(n *node) string {
	switch n.kind {
	case boolean, number:
		return n.text
	case text:
		return fmt.Sprintf("%q", abridge(n.text))
	}
	return n.kind.String()
}

// abridge keeps foreign text short in messages.
func abridge(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
