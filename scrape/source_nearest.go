package scrape

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/andybalholm/cascadia"
	"github.com/kurakurai/luth/scrape/crawl"
	"golang.org/x/net/html"
)

// nearest says what a selector that finds nothing could have meant: the same
// selector with one part less that finds something, and the names on the pages that are
// nearest to its own. It returns "" when nothing is near.
func nearest(selector string, pages []crawl.Page) string {
	var b strings.Builder
	for _, shorter := range relaxations(selector) {
		compiled, err := cascadia.Compile(shorter)
		if err != nil {
			continue
		}
		if n, example := find(compiled, pages); n > 0 {
			fmt.Fprintf(&b, "\n    %s finds %d, such as %s", shorter, n, example)
			break
		}
	}
	known := names(pages)
	for _, part := range parts(selector) {
		if part == "" || part[0] != '.' && part[0] != '#' || known[part] > 0 {
			continue
		}
		if near := nearNames(part, known); len(near) > 0 {
			fmt.Fprintf(&b, "\n    no %s on them; near it are %s", part, strings.Join(near, ", "))
		} else {
			fmt.Fprintf(&b, "\n    no %s on them", part)
		}
	}
	return b.String()
}

// parts cuts a selector into its simple parts and the combinators between them:
// "td.x > a" becomes td, .x, " > ", a. Brackets stay whole.
func parts(selector string) []string {
	var all []string
	depth, start := 0, 0
	cut := func(i int) {
		if i > start {
			all = append(all, selector[start:i])
		}
		start = i
	}
	for i := range len(selector) {
		c := selector[i]
		between := depth == 0 && strings.IndexByte(" >+~,", c) >= 0
		switch {
		case c == '[' || c == '(':
			if depth == 0 && c == '[' {
				cut(i)
			}
			depth++
		case c == ']' || c == ')':
			depth--
		case depth > 0:
		case between != (i > 0 && strings.IndexByte(" >+~,", selector[i-1]) >= 0), c == '.', c == '#', c == ':' && i > 0 && selector[i-1] != ':':
			cut(i)
		}
	}
	cut(len(selector))
	return all
}

// relaxations returns the selector with one of its combinators loosened to
// "anywhere below", then with one of its parts left out, then without its
// first or last compounds, each time from the end.
func relaxations(selector string) []string {
	pieces := parts(selector)
	var all []string
	for i := len(pieces) - 1; i >= 0; i-- {
		if isCombinator(pieces[i]) && pieces[i] != " " && !strings.Contains(pieces[i], ",") {
			looser := slices.Clone(pieces)
			looser[i] = " "
			all = append(all, strings.Join(looser, ""))
		}
	}
	for i := len(pieces) - 1; i >= 0; i-- {
		if isCombinator(pieces[i]) {
			continue
		}
		all = append(all, strings.TrimSpace(strings.Join(slices.Delete(slices.Clone(pieces), i, i+1), "")))
	}
	for i := len(pieces) - 1; i >= 0; i-- {
		if isCombinator(pieces[i]) {
			all = append(all, strings.Join(pieces[i+1:], ""), strings.Join(pieces[:i], ""))
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func isCombinator(part string) bool {
	return strings.Trim(part, " >+~,") == ""
}

// find counts what a selector finds on the pages and shows the first of it.
func find(selector cascadia.Selector, pages []crawl.Page) (n int, example string) {
	for _, p := range pages {
		if p.HTML == nil {
			continue
		}
		found := p.HTML.FindMatcher(selector).Nodes
		if n += len(found); example == "" && len(found) > 0 {
			example = openingTag(found[0])
		}
	}
	return n, example
}

// openingTag writes the start of an element as it stands on the page.
func openingTag(n *html.Node) string {
	var b strings.Builder
	b.WriteString("<" + n.Data)
	for _, a := range n.Attr {
		fmt.Fprintf(&b, " %s=%q", a.Key, a.Val)
	}
	return b.String() + ">"
}

// names counts the classes and ids on the pages, written as in selectors.
func names(pages []crawl.Page) map[string]int {
	counts := make(map[string]int)
	for _, p := range pages {
		if p.HTML == nil {
			continue
		}
		for _, element := range p.HTML.Find("[class], [id]").EachIter() {
			for class := range strings.FieldsSeq(element.AttrOr("class", "")) {
				counts["."+class]++
			}
			if id := element.AttrOr("id", ""); id != "" {
				counts["#"+id]++
			}
		}
	}
	return counts
}

// nearNames returns the three names nearest to one that does not exist, those at an edit
// distance of at most half its length.
func nearNames(name string, known map[string]int) []string {
	type near struct {
		name     string
		distance int
	}
	var all []near
	for _, other := range slices.Sorted(maps.Keys(known)) {
		if d := levenshtein.ComputeDistance(name, other); d <= (len(name)+1)/2 {
			all = append(all, near{other, d})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	names := make([]string, 0, 3)
	for _, one := range all[:min(3, len(all))] {
		names = append(names, one.name)
	}
	return names
}
