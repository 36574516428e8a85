package scrape

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
)

// metaFields are the fields metadata may have. The level is the definition's
// unless a rule gives another.
var metaFields = []string{"level", "exam", "subject", "track", "year", "place", "sitting", "session", "paper"}

// origins are the texts around a link that a rule may read from.
var origins = []string{"url", "path", "file", "text", "heading", "row", "page", "page_url"}

// minDelay is the least time between two requests to somebody else's site.
const minDelay = 500 * time.Millisecond

// maxForms is how many requests one form may stand for.
const maxForms = 10000

// compiled holds the selectors and regexps of a definition.
type compiled struct {
	pages, documents []linkRule
	metadata         []metaRule

	subject, correction, strip, prefer []*regexp.Regexp

	skip []string // slugs
}

type linkRule struct {
	LinkRule
	name     string            // "documents[0]"
	selector cascadia.Selector // nil: the addresses of a sitemap
	match    *regexp.Regexp    // nil: any address
	row      cascadia.Selector // nil: no rows
}

type metaRule struct {
	MetaRule
	selector cascadia.Selector // of "page"
	match    *regexp.Regexp    // nil: always
}

// compile prepares the rules and returns every one that is broken, each with its place.
func (s *Source) compile() error {
	p := &problems{source: s}
	p.checkNames()
	p.checkStart()
	c := &s.compiled
	c.pages = p.links("pages", s.Pages)
	c.documents = p.links("documents", s.Documents)
	if len(s.Documents) == 0 {
		p.add("documents", "no rule says which links are documents")
	}
	c.metadata = p.metadata()
	p.pairing()
	for i, word := range s.Skip {
		switch text := slug(word); {
		case text == "languages":
			c.skip = append(c.skip, languages...)
		case text == "":
			p.add(fmt.Sprintf("skip[%d]", i), "%q has no letter", word)
		default:
			c.skip = append(c.skip, text)
		}
	}
	return errors.Join(p.errs...)
}

// problems gathers what is wrong with a definition.
type problems struct {
	source *Source
	errs   []error
}

func (p *problems) add(rule, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: %s", p.source.place(rule), fmt.Sprintf(format, args...)))
}

func (p *problems) checkNames() {
	s := p.source
	if s.Name == "" || slug(s.Name) != s.Name {
		p.add("name", "%q is no name; use lower-case letters, digits and hyphens", s.Name)
	}
	for field, value := range map[string]string{"title": s.Title, "description": s.Description, "licence": s.Licence} {
		if strings.TrimSpace(value) == "" {
			p.add(field, "is missing")
		}
	}
	p.oneOf("level", s.Level, "bac", "cpge")
	if len(s.Domains) == 0 {
		p.add("domains", "is missing; list the hosts that may be asked")
	}
	for i, d := range s.Domains {
		if u, err := url.Parse("http://" + strings.TrimPrefix(d, "*.")); err != nil || u.Host == "" || u.Hostname() != strings.TrimPrefix(d, "*.") || d != strings.ToLower(d) {
			p.add(fmt.Sprintf("domains[%d]", i), "%q is no host name; write example.org, or *.example.org for its subdomains", d)
		}
	}
	for i, f := range s.Formats {
		p.oneOf(fmt.Sprintf("formats[%d]", i), f, "pdf", "tex")
	}
	for _, field := range slices.Sorted(maps.Keys(s.Values)) {
		p.oneOf("values", field, metaFields...)
		for _, text := range slices.Sorted(maps.Keys(s.Values[field])) {
			if slug(text) != text {
				p.add("values."+field, "%q will never be met; write it as a slug: %s", text, slug(text))
			}
			if field == "subject" && subjects[s.Values[field][text]] == nil {
				p.add("values."+field, "unknown subject %q; use one of %s", s.Values[field][text], strings.Join(slices.Sorted(maps.Keys(subjects)), ", "))
			}
		}
	}
	p.checkLimits()
}

func (p *problems) checkLimits() {
	s := p.source
	l := s.Limits
	if l.PerHost < 0 || l.Depth < 0 || l.Pages < 0 || l.MaxBytes < 0 || l.Jitter < 0 {
		p.add("limits", "a limit is negative")
	}
	// .example never leads to somebody else's site, RFC 2606.
	foreign := slices.ContainsFunc(s.Domains, func(d string) bool { return !strings.HasSuffix(d, ".example") })
	if l.Delay != nil && *l.Delay < minDelay && (foreign && !s.AllowPrivate || *l.Delay < 0) {
		p.add("limits.delay", "%s between requests is too short for somebody else's site; give at least %s", *l.Delay, minDelay)
	}
}

func (p *problems) checkStart() {
	start := p.source.Start
	if len(start.URLs)+len(start.Sitemaps) == 0 && start.Form == nil {
		p.add("start", "no urls, sitemaps or form: nowhere to start")
	}
	for i, address := range start.URLs {
		p.address(fmt.Sprintf("start.urls[%d]", i), address)
	}
	for i, address := range start.Sitemaps {
		p.address(fmt.Sprintf("start.sitemaps[%d]", i), address)
	}
	form := start.Form
	if form == nil {
		return
	}
	p.address("start.form.action", form.Action)
	p.oneOf("start.form.method", form.Method, "", "get", "post")
	combinations := 1
	for _, name := range slices.Sorted(maps.Keys(form.Fields)) {
		if len(form.Fields[name]) == 0 {
			p.add("start.form.fields."+name, "has no value")
		}
		if combinations *= len(form.Fields[name]); combinations > maxForms {
			p.add("start.form.fields", "the values combine to more than %d requests", maxForms)
			return
		}
	}
	if paging := form.Paging; paging != nil && (paging.Field == "" || paging.Step < 0 || paging.Last < paging.First) {
		p.add("start.form.paging", "needs field, and last not before first")
	}
}

func (p *problems) address(rule, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		p.add(rule, "%q is no web address", address)
		return
	}
	for _, d := range p.source.Domains {
		if parent, wild := strings.CutPrefix(d, "*"); d == u.Hostname() || wild && strings.HasSuffix(u.Hostname(), parent) {
			return
		}
	}
	p.add(rule, "host %s is not among domains", u.Hostname())
}

func (p *problems) links(list string, rules []LinkRule) []linkRule {
	compiled := make([]linkRule, len(rules))
	for i, rule := range rules {
		name := fmt.Sprintf("%s[%d]", list, i)
		if rule.Select == "" && rule.Match == "" {
			p.add(name, "needs select or match")
		}
		compiled[i] = linkRule{LinkRule: rule, name: name,
			selector: p.selector(name+".select", rule.Select), row: p.selector(name+".row", rule.Row), match: p.regexp(name+".match", rule.Match)}
	}
	return compiled
}

func (p *problems) metadata() []metaRule {
	compiled := make([]metaRule, len(p.source.Metadata))
	for i, rule := range p.source.Metadata {
		name := fmt.Sprintf("metadata[%d]", i)
		p.oneOf(name+".from", rule.From, origins...)
		if rule.Select != "" && rule.From != "page" {
			p.add(name+".select", "only goes with from: page")
		}
		match := p.regexp(name+".match", rule.Match)
		fields := slices.Sorted(maps.Keys(rule.Set))
		if match != nil {
			fields = append(fields, slices.DeleteFunc(slices.Clone(match.SubexpNames()), func(s string) bool { return s == "" })...)
		}
		if len(fields) == 0 {
			p.add(name, "gives no field; name a group of match, as in (?P<year>20\\d\\d), or use set")
		}
		for _, field := range fields {
			p.oneOf(name, field, metaFields...)
		}
		compiled[i] = metaRule{MetaRule: rule, match: match, selector: p.selector(name+".select", rule.Select)}
	}
	return compiled
}

func (p *problems) pairing() {
	rules, c := p.source.Pairing, &p.source.compiled
	p.oneOf("pairing.by", rules.By, "", "name", "folder", "row", "page")
	p.oneOf("pairing.from", rules.From, append([]string{""}, origins...)...)
	p.oneOf("pairing.default", rules.Default, "", "subject", "correction")
	if len(rules.Correction) == 0 && rules.Default != "correction" {
		p.add("pairing.correction", "no rule tells a correction")
	}
	if rules.By == "row" && !slices.ContainsFunc(p.source.Documents, func(r LinkRule) bool { return r.Row != "" }) {
		p.add("pairing.by", "row needs a document rule with row")
	}
	c.subject = p.regexps("pairing.subject", rules.Subject)
	c.correction = p.regexps("pairing.correction", rules.Correction)
	c.strip = p.regexps("pairing.strip", rules.Strip)
	c.prefer = p.regexps("pairing.prefer", rules.Prefer)
}

func (p *problems) oneOf(rule, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		named := slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" })
		p.add(rule, "%q is none of %s", value, strings.Join(named, ", "))
	}
}

func (p *problems) regexps(rule string, exprs []string) []*regexp.Regexp {
	compiled := make([]*regexp.Regexp, len(exprs))
	for i, expr := range exprs {
		name := fmt.Sprintf("%s[%d]", rule, i)
		if compiled[i] = p.regexp(name, expr); compiled[i] == nil && expr == "" {
			p.add(name, "is empty")
		}
	}
	return compiled
}

// regexp compiles an expression that ignores case, or returns nil for an empty or broken one.
func (p *problems) regexp(rule, expr string) *regexp.Regexp {
	if expr == "" {
		return nil
	}
	re, err := regexp.Compile("(?i:" + expr + ")")
	if err != nil {
		p.add(rule, "%v", strings.Replace(err.Error(), "(?i:"+expr+")", expr, 1))
		return nil
	}
	return re
}

func (p *problems) selector(rule, css string) cascadia.Selector {
	if css == "" {
		return nil
	}
	selector, err := cascadia.Compile(css)
	if err != nil {
		p.add(rule, "selector %q does not compile: %v", css, err)
		return nil
	}
	return selector
}
