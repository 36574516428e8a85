package crawl

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// robotsRules are the lines of a robots.txt file that concern us.
type robotsRules struct {
	rules []robotsRule
	delay time.Duration // Crawl-delay, which is no standard but obeyed
}

type robotsRule struct {
	pattern string // normalised; may hold * and end in $
	allow   bool
}

// robotsGroup is one group of a file while it is read.
type robotsGroup struct {
	robotsRules
	ours, others bool // it names our product, or every crawler
}

// parseRobots reads a robots.txt file by RFC 9309: lines that are no rules are
// passed over; all groups that name our product count together; without one
// those for every crawler count.
func parseRobots(body []byte) robotsRules {
	var ours, others robotsRules
	var named bool
	var g robotsGroup
	naming := true
	end := func() {
		if g.ours {
			named = true
			ours.join(g.robotsRules)
		}
		if g.others {
			others.join(g.robotsRules)
		}
		g = robotsGroup{}
	}
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	lines.Buffer(nil, maxRobots+1)
	lines.Split(scanAnyLine)
	for lines.Scan() {
		text, _, _ := strings.Cut(lines.Text(), "#")
		key, value, _ := strings.Cut(text, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "user-agent":
			if !naming {
				end()
			}
			naming = true
			agent, _, _ := strings.Cut(value, "/")
			g.ours = g.ours || strings.EqualFold(strings.TrimSpace(agent), product)
			g.others = g.others || agent == "*"
		case "allow", "disallow", "crawl-delay":
			naming = false
			g.add(strings.ToLower(strings.TrimSpace(key)), value)
		}
	}
	end()
	if named {
		return ours
	}
	return others
}

func (g *robotsGroup) add(key, value string) {
	switch {
	case key == "crawl-delay":
		if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds <= 86400 {
			g.delay = time.Duration(seconds * float64(time.Second))
		}
	case value != "": // an empty rule matches nothing
		g.rules = append(g.rules, robotsRule{pattern: normaliseOctets(value), allow: key == "allow"})
	}
}

func (r *robotsRules) join(more robotsRules) {
	r.rules = append(r.rules, more.rules...)
	r.delay = max(r.delay, more.delay)
}

// allows tells whether a path with its query may be asked for: the longest
// rule that matches decides, and of equals the one that allows.
func (r robotsRules) allows(path string) bool {
	path = normaliseOctets(path)
	longest, allow := -1, true
	for _, rule := range r.rules {
		n := len(rule.pattern)
		if n < longest || n == longest && allow || !matchRobots(rule.pattern, path) {
			continue
		}
		longest, allow = n, rule.allow
	}
	return allow
}

// matchRobots matches a path from its start; * stands for any bytes and a
// final $ for the end. Each * takes as little as it can, which is enough, so
// the time is at most the product of the lengths.
func matchRobots(pattern, path string) bool {
	pattern, toEnd := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	if len(parts) == 1 {
		return !toEnd || rest == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	if toEnd {
		return strings.HasSuffix(rest, parts[last])
	}
	return strings.Contains(rest, parts[last])
}

// normaliseOctets gives equal addresses equal bytes: unreserved characters stand
// for themselves and everything outside ASCII is escaped.
func normaliseOctets(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				if isUnreserved(byte(v)) {
					b.WriteByte(byte(v))
				} else {
					fmt.Fprintf(&b, "%%%02X", v)
				}
				i += 2
				continue
			}
		}
		if c >= 0x80 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// isUnreserved is RFC 3986, section 2.3.
func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// scanAnyLine splits at CR, LF or both, as RFC 9309 allows.
func scanAnyLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
