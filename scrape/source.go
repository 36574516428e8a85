// Package scrape turns exam sites into questions with answers: it knows the
// sources, crawls them, reads their documents and aligns questions with
// corrections.
//
// A source is one YAML file, as docs/adding-a-source.md explains. It says
// where a crawl starts, which links of a page are followed and which are
// documents, how the exam, subject and year are read from names, and how a
// correction is told from its subject.
package scrape

import (
	"io/fs"
	"time"
)

// Source is the definition of one exam site.
type Source struct {
	Name         string     `yaml:"name"`          // lower-case identifier, the file's name
	Title        string     `yaml:"title"`         // the site's name for people
	Description  string     `yaml:"description"`   // what it holds
	Licence      string     `yaml:"licence"`       // SPDX identifier or a note on the terms
	Level        string     `yaml:"level"`         // "bac" or "cpge", unless Metadata says otherwise
	Contact      string     `yaml:"contact"`       // page or address where the site's people can be reached
	Domains      []string   `yaml:"domains"`       // hosts that may be asked; "*.example.org" for subdomains
	AllowPrivate bool       `yaml:"allow_private"` // the site may stand on a private or loopback address
	Start        Start      `yaml:"start"`
	Pages        []LinkRule `yaml:"pages"`     // links to follow
	Documents    []LinkRule `yaml:"documents"` // links to documents
	Formats      []string   `yaml:"formats"`   // "pdf", "tex"; default pdf
	Metadata     []MetaRule `yaml:"metadata"`
	// Values translates what Metadata reads: field, then the slug of the
	// text, then the value. Subjects have common spellings besides.
	Values  map[string]map[string]string `yaml:"values"`
	Pairing Pairing                      `yaml:"pairing"`
	Skip    []string                     `yaml:"skip"` // words of an address or link text to leave alone; "languages" stands for all language papers
	Limits  Limits                       `yaml:"limits"`

	file     string // where the definition was read from
	dir      fs.FS  // the folder it stands in
	version  string // changes when the definition does
	lines    lines
	compiled compiled
}

// Start says where a crawl begins; at least one field must be set.
type Start struct {
	URLs     []string `yaml:"urls"`
	Sitemaps []string `yaml:"sitemaps"`
	Form     *Form    `yaml:"form"`
}

// Form is a search form: one request for every combination of its fields'
// values.
type Form struct {
	Action string              `yaml:"action"` // URL
	Method string              `yaml:"method"` // "get" (default) or "post"
	Fields map[string][]string `yaml:"fields"`
	Paging *Paging             `yaml:"paging"`
}

// Paging asks for the next page of a form's results while the page before
// links to a document.
type Paging struct {
	Field string `yaml:"field"` // name of the form field with the number
	First int    `yaml:"first"` // number of the first page
	Step  int    `yaml:"step"`  // default 1
	Last  int    `yaml:"last"`  // never asked beyond
}

// LinkRule chooses links of a page.
type LinkRule struct {
	Select string `yaml:"select"` // CSS selector of elements with href, src or value; every address in a sitemap when empty
	Match  string `yaml:"match"`  // regexp the absolute address must match
	Row    string `yaml:"row"`    // CSS selector of the ancestor that holds one paper
	Paging bool   `yaml:"paging"` // leads to the next page of a list: costs no depth
}

// MetaRule reads metadata of a document. Named groups of Match become fields;
// Set adds fixed ones where Match matches. The first rule to give a field wins.
// Like all regexps of a definition it ignores case.
type MetaRule struct {
	From   string            `yaml:"from"`   // "url", "path", "file", "text", "heading", "row", "page" or "page_url"
	Select string            `yaml:"select"` // for "page": CSS selector of the element, default title
	Match  string            `yaml:"match"`  // regexp; empty matches always
	Set    map[string]string `yaml:"set"`
}

// Pairing tells subjects from corrections and says which belong together.
type Pairing struct {
	By         string   `yaml:"by"`         // what the documents of one paper share: "name" (default), "folder" and name, "row" or "page"
	From       string   `yaml:"from"`       // where the role is read, as in MetaRule; default "file"
	Subject    []string `yaml:"subject"`    // regexps of a subject, tried after Correction
	Correction []string `yaml:"correction"` // regexps of a correction
	Strip      []string `yaml:"strip"`      // regexps removed from every file name first: versions, copies
	Prefer     []string `yaml:"prefer"`     // regexps on the address, best first, among documents of one role
	Default    string   `yaml:"default"`    // role of the rest: "subject", "correction" or none
}

// Limits bound the crawl of this site; what is absent has the crawler's default.
type Limits struct {
	Delay    *time.Duration `yaml:"delay"` // nil for the default; at least minDelay, unless the site is one's own
	Jitter   time.Duration  `yaml:"jitter"`
	PerHost  int            `yaml:"per_host"`
	Depth    int            `yaml:"depth"`
	Pages    int            `yaml:"pages"`
	MaxBytes int64          `yaml:"max_bytes"`
}
