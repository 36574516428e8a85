package scrape

import (
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/kurakurai/luth/scrape/crawl"
	"golang.org/x/net/html"
	"golang.org/x/text/unicode/norm"
)

// maxText bounds the link and row texts that are kept, in bytes.
const maxText = 400

// Rules returns what the crawler must know of s.
func (s *Source) Rules() crawl.Rules {
	l := s.Limits
	var delay time.Duration // the default
	if l.Delay != nil {
		delay = *l.Delay
		if delay == 0 {
			delay = -1 // none
		}
	}
	return crawl.Rules{
		Name: s.Name, Licence: s.Licence, Version: s.version,
		Start: s.start(), Domains: s.Domains, AllowPrivate: s.AllowPrivate,
		Links: s.links, Accept: s.accept,
		Limits: crawl.Limits{Delay: delay, Jitter: l.Jitter, PerHost: l.PerHost, MaxDepth: l.Depth, MaxPages: l.Pages, MaxBytes: l.MaxBytes},
	}
}

// accept tells whether content of a format is a document of s.
func (s *Source) accept(_, format string) bool {
	if len(s.Formats) == 0 {
		return format == crawl.FormatPDF
	}
	return slices.Contains(s.Formats, format)
}

// start lists the addresses a crawl starts from, a form's in the order of its
// sorted fields.
func (s *Source) start() []crawl.Start {
	var all []crawl.Start
	for _, address := range s.Start.URLs {
		all = append(all, crawl.Start{URL: address})
	}
	for _, address := range s.Start.Sitemaps {
		all = append(all, crawl.Start{URL: address, Sitemap: true})
	}
	if form := s.Start.Form; form != nil {
		for _, values := range form.combinations() {
			all = append(all, form.request(values))
		}
	}
	return all
}

// combinations returns the values of the fields of every request of the form.
func (f *Form) combinations() []url.Values {
	all := []url.Values{{}}
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		var longer []url.Values
		for _, values := range all {
			for _, value := range f.Fields[name] {
				one := maps.Clone(values)
				one[name] = []string{value}
				longer = append(longer, one)
			}
		}
		all = longer
	}
	if f.Paging != nil {
		for _, values := range all {
			values.Set(f.Paging.Field, strconv.Itoa(f.Paging.First))
		}
	}
	return all
}

func (f *Form) request(values url.Values) crawl.Start {
	if f.Method == "post" {
		return crawl.Start{URL: f.Action, Form: values.Encode()}
	}
	return crawl.Start{URL: f.Action + "?" + values.Encode()}
}

// next returns the request for the page after p of the form's results.
func (f *Form) next(p crawl.Page) (crawl.Start, bool) {
	if f == nil || f.Paging == nil {
		return crawl.Start{}, false
	}
	address, query, _ := strings.Cut(p.URL, "?")
	if p.Form != "" {
		query = p.Form
	}
	values, err := url.ParseQuery(query)
	if err != nil || address != f.Action || !values.Has(f.Paging.Field) {
		return crawl.Start{}, false
	}
	number, err := strconv.Atoi(values.Get(f.Paging.Field))
	number += max(f.Paging.Step, 1)
	if err != nil || number > f.Paging.Last {
		return crawl.Start{}, false
	}
	values.Set(f.Paging.Field, strconv.Itoa(number))
	return f.request(values), true
}

// anchor is one link on a page with the texts around it.
type anchor struct {
	url      string
	document bool
	paging   bool
	text     string
	row      string // number of the row on the page, from 1
	rowText  string
	heading  string // the nearest heading above
	rule     string // the rule that chose it
}

// links is crawl.Rules.Links.
func (s *Source) links(p crawl.Page) []crawl.Link {
	anchors := s.anchors(p)
	links := make([]crawl.Link, 0, len(anchors)+1)
	documents := false
	for _, a := range anchors {
		l := crawl.Link{URL: a.url, Document: a.document, Paging: a.paging, Text: a.text, Row: a.row, Skip: s.skip(a)}
		if a.document {
			s.describe(&l, a, p)
			documents = true
		}
		links = append(links, l)
	}
	if next, ok := s.Start.Form.next(p); ok && documents {
		links = append(links, crawl.Link{URL: next.URL, Form: next.Form, Paging: true})
	}
	return links
}

// anchors finds the links of p that the rules choose, documents first. An
// address stands once, under the first rule that chooses it, with the first
// text that is not empty: a picture and a word often lead to the same file.
func (s *Source) anchors(p crawl.Page) []anchor {
	e := extraction{page: p, seen: make(map[string]int)}
	if p.HTML != nil {
		e.headings = headings(p.HTML)
		e.base = baseOf(p)
	}
	for _, rule := range s.compiled.documents {
		e.apply(rule, true)
	}
	for _, rule := range s.compiled.pages {
		e.apply(rule, false)
	}
	return e.found
}

type extraction struct {
	page     crawl.Page
	base     *url.URL
	headings map[*html.Node]string
	seen     map[string]int // address to index in found
	found    []anchor
}

func (e *extraction) apply(rule linkRule, document bool) {
	if e.page.HTML == nil {
		for _, address := range e.page.Sitemap {
			if rule.Select == "" {
				e.add(rule, anchor{url: address, document: document})
			}
		}
		return
	}
	if rule.selector == nil {
		return
	}
	rows := make(map[*html.Node]int)
	if rule.row != nil {
		for i, n := range e.page.HTML.FindMatcher(rule.row).Nodes {
			rows[n] = i + 1
		}
	}
	for _, element := range e.page.HTML.FindMatcher(rule.selector).EachIter() {
		address := addressOf(element)
		if address == "" {
			continue
		}
		a := anchor{url: address, document: document, paging: rule.Paging, text: textOf(element), heading: e.headings[element.Get(0)]}
		if u, err := e.base.Parse(address); err == nil {
			a.url = u.String()
		}
		if rule.row != nil {
			if row := element.ClosestMatcher(rule.row); row.Length() > 0 {
				a.row, a.rowText = strconv.Itoa(rows[row.Get(0)]), textOf(row)
			}
		}
		e.add(rule, a)
	}
}

func (e *extraction) add(rule linkRule, a anchor) {
	a.rule = rule.name
	a.url, _, _ = strings.Cut(a.url, "#")
	if a.url == "" || rule.match != nil && !rule.match.MatchString(a.url) {
		return
	}
	if i, ok := e.seen[a.url]; ok {
		if e.found[i].text == "" {
			e.found[i].text = a.text
		}
		return
	}
	e.seen[a.url] = len(e.found)
	e.found = append(e.found, a)
}

// baseOf returns the address that relative links of a page start from.
func baseOf(p crawl.Page) *url.URL {
	base, err := url.Parse(p.URL)
	if err != nil {
		base = new(url.URL)
	}
	if href, ok := p.HTML.Find("base[href]").Attr("href"); ok {
		if u, err := base.Parse(strings.TrimSpace(href)); err == nil {
			return u
		}
	}
	return base
}

// addressOf returns where an element leads.
func addressOf(element *goquery.Selection) string {
	for _, key := range []string{"href", "src", "data", "value"} {
		if address := strings.TrimSpace(element.AttrOr(key, "")); address != "" {
			return address
		}
	}
	return ""
}

// headings gives every element the text of the nearest heading before it.
func headings(page *goquery.Selection) map[*html.Node]string {
	above := make(map[*html.Node]string)
	heading := ""
	for _, element := range page.Find("*").EachIter() {
		switch n := element.Get(0); n.Data {
		case "h1", "h2", "h3", "h4", "h5", "h6":
			heading = textOf(element)
		case "a", "option", "iframe", "embed", "object":
			above[n] = heading
		}
	}
	return above
}

// textOf returns the text of an element with white space collapsed, or its picture's
// alternative text.
func textOf(element *goquery.Selection) string {
	text := strings.Join(strings.Fields(element.Text()), " ")
	if text == "" {
		text = strings.TrimSpace(element.Find("img[alt]").AttrOr("alt", ""))
	}
	if len(text) > maxText {
		text = text[:maxText]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return norm.NFC.String(text)
}

// skip returns why a link is left alone, or "".
func (s *Source) skip(a anchor) string {
	_, rest, _ := strings.Cut(unescape(a.url), "://")
	_, rest, _ = strings.Cut(rest, "/")
	for _, words := range []string{slug(rest), slug(a.text)} {
		for _, skipped := range s.compiled.skip {
			if strings.Contains("-"+words+"-", "-"+skipped+"-") {
				return "skipped: " + skipped
			}
		}
	}
	return ""
}

// fileName returns the decoded name of the file an address leads to, without
// the extension: the last part of its path, or of the query value that names a
// file.
func fileName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	name := path.Base(u.Path)
	if path.Ext(name) != ".pdf" && path.Ext(name) != ".tex" {
		for _, key := range slices.Sorted(maps.Keys(u.Query())) {
			if value := u.Query().Get(key); strings.HasSuffix(value, ".pdf") || strings.HasSuffix(value, ".tex") {
				name = path.Base(value)
			}
		}
	}
	return norm.NFC.String(strings.TrimSuffix(name, path.Ext(name)))
}
