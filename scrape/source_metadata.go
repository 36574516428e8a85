package scrape

import (
	"cmp"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kurakurai/luth/scrape/crawl"
	"golang.org/x/text/unicode/norm"
)

// describe reads the metadata, the role and the pairing key of a document.
func (s *Source) describe(l *crawl.Link, a anchor, p crawl.Page) {
	l.Meta = make(map[string]string)
	for _, rule := range s.compiled.metadata {
		s.read(l.Meta, rule, a, p)
	}
	l.Meta["level"] = cmp.Or(l.Meta["level"], s.Level)
	l.Role = s.role(s.origin(a, s.Pairing.From, p))
	l.Rank = slices.IndexFunc(s.compiled.prefer, func(re *regexp.Regexp) bool { return re.MatchString(unescape(a.url)) })
	if l.Rank < 0 {
		l.Rank = len(s.compiled.prefer)
	}
	l.Key = s.key(a, p)
	if l.Skip == "" && l.Meta["subject"] == "languages" && slices.Contains(s.Skip, "languages") {
		l.Skip = "skipped: languages"
	}
}

// read adds the fields that one rule gives and that no rule gave before.
func (s *Source) read(meta map[string]string, rule metaRule, a anchor, p crawl.Page) {
	give := func(field, text string) {
		if value := s.value(field, text); value != "" && meta[field] == "" {
			meta[field] = value
		}
	}
	text := s.origin(a, rule.From, p)
	if rule.selector != nil && p.HTML != nil {
		text = textOf(p.HTML.FindMatcher(rule.selector).First())
	}
	if rule.match != nil {
		groups := rule.match.FindStringSubmatch(text)
		if groups == nil {
			return
		}
		for i, field := range rule.match.SubexpNames() {
			if field != "" {
				give(field, groups[i])
			}
		}
	}
	for field, text := range rule.Set {
		give(field, text)
	}
}

// origin returns one of the texts around a link; "" means the file name, which
// stands without what Pairing.Strip removes.
func (s *Source) origin(a anchor, from string, p crawl.Page) string {
	u, err := url.Parse(a.url)
	if err != nil {
		u = new(url.URL)
	}
	switch from {
	case "url":
		return unescape(a.url)
	case "path":
		return norm.NFC.String(u.Path)
	case "text":
		return a.text
	case "heading":
		return a.heading
	case "row":
		return a.rowText
	case "page_url":
		return unescape(p.URL)
	case "page":
		if p.HTML == nil {
			return ""
		}
		return textOf(p.HTML.Find("title").First())
	}
	return remove(fileName(a.url), s.compiled.strip)
}

// unescape makes an address readable, with accents in their common form.
func unescape(address string) string {
	if plain, err := url.QueryUnescape(address); err == nil {
		address = plain
	}
	return norm.NFC.String(address)
}

// value gives the text of a field its final form: what the definition says, else a
// subject's common name, a year of four digits, an upper-case track, or a slug. Exams keep their
// spelling.
func (s *Source) value(field, text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, "_", " ")), " ")
	words := slug(text)
	if value, ok := s.Values[field][words]; ok {
		return value
	}
	switch field {
	case "subject":
		if name, ok := subjectOf(text, s.Values["subject"]); ok {
			return name
		}
	case "year":
		if len(words) == 2 {
			return "20" + words
		}
	case "exam":
		return text
	case "track":
		return strings.ToUpper(words)
	}
	return words
}

// role tells a subject from a correction; corrections are tried first, because
// their names often hold the subject's words too.
func (s *Source) role(text string) string {
	matches := func(re *regexp.Regexp) bool { return re.MatchString(text) }
	switch {
	case slices.ContainsFunc(s.compiled.correction, matches):
		return crawl.RoleCorrection
	case slices.ContainsFunc(s.compiled.subject, matches):
		return crawl.RoleSubject
	}
	return s.Pairing.Default
}

// key returns what the documents of one paper share. Names lose the words that tell
// the role and the version.
func (s *Source) key(a anchor, p crawl.Page) string {
	switch s.Pairing.By {
	case "page":
		return p.URL
	case "row":
		if a.row == "" {
			return ""
		}
		return p.URL + "#" + a.row
	}
	name := s.origin(a, "file", p)
	for _, words := range [][]*regexp.Regexp{s.compiled.correction, s.compiled.subject} {
		name = remove(name, words)
	}
	if s.Pairing.By == "folder" {
		if u, err := url.Parse(a.url); err == nil {
			return path.Dir(u.Path) + "/" + slug(name)
		}
	}
	return slug(name)
}

// remove takes what the expressions match out of a name, one after the other.
func remove(name string, words []*regexp.Regexp) string {
	for _, re := range words {
		name = strings.TrimSpace(re.ReplaceAllString(name, " "))
	}
	return name
}
