// Package crawl fetches exam sites politely and keeps what it fetched.
//
// A crawl walks the pages of a source in rounds, first the start addresses,
// then what they link to, and so on, and fetches the documents last. Every
// address it meets is a row of a SQLite table; a row is marked done only
// when its bytes are safely on disk, so a crawl killed at any point goes on
// where it stood and repeats at most the requests then in flight. A crawl
// that ended is followed by a new generation, which asks the site only for
// what changed.
//
// The crawler is colly's; this package adds the state, the waiting, the
// robots.txt rules and the limits a crawler owes to the sites it visits.
// It knows nothing of exams: a source says through [Rules] where to start
// and which links of a page matter.
package crawl

import (
	"cmp"
	"io"
	"net/http"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// Rules are what the crawler must know of one source.
type Rules struct {
	Name    string // unique among the sources of a store
	Licence string // copied to every item
	Version string // changes when the rules do; another version starts a new generation

	Start        []Start
	Domains      []string // hosts that may be asked: "example.org", or "*.example.org" for its subdomains
	AllowPrivate bool     // the site may stand on a private or loopback address

	// Links returns the links of a page that matter, in page order. It must
	// be a pure function of the page: it is called again on stored pages.
	Links func(Page) []Link
	// Accept says whether content of this format at this address is a
	// document of the source.
	Accept func(url, format string) bool

	Limits Limits
}

// Start is one address a crawl starts from.
type Start struct {
	URL     string
	Form    string // body of a POST request, form-encoded; "" for GET
	Sitemap bool   // a sitemap or sitemap index, whose addresses pass through Rules.Links
}

// Limits bound what a crawl asks of a site. A zero field means its default.
type Limits struct {
	Delay         time.Duration // least time between two requests to a host; default 1s, negative for none
	Jitter        time.Duration // upper bound of the random time added to Delay; default Delay/2
	PerHost       int           // concurrent requests to a host; default 1
	MaxDepth      int           // links from a start address to a page; default 8
	MaxPages      int           // pages asked for; default 5000
	MaxPageBytes  int64         // size of a page; default 8 MiB
	MaxBytes      int64         // size of a document; default 64 MiB
	MaxRedirects  int           // default 5
	MaxAttempts   int           // requests for one address before it is given up; default 4
	MaxRetryAfter time.Duration // longest wait a server may ask for; default 10 min
}

// Page is what Rules.Links reads: a parsed HTML page, or a sitemap.
type Page struct {
	URL     string             // after redirects
	Form    string             // the POST body that led here, if any
	HTML    *goquery.Selection // nil for a sitemap
	Sitemap []string           // addresses of a sitemap; nil for HTML
}

// Link is one link of a page as the source's rules understand it.
type Link struct {
	URL      string // absolute; the crawler normalises it
	Form     string // POST body, form-encoded; "" for GET
	Document bool   // a document to fetch, not a page to follow
	Paging   bool   // the next page of the same list: costs no depth
	Skip     string // when not "", the reason to leave it

	Text string // link text
	Row  string
	Role string
	Key  string
	Rank int
	Meta map[string]string

	sitemap bool // named by a sitemap index
}

// Options configure Run.
type Options struct {
	Store   string  // folder of the state and the documents; made when absent
	Sources []Rules // at least one

	Contact string        // address or URL in the user agent, for the people whose site it is; default the project's
	Workers int           // concurrent requests per source, over all its hosts; default 4
	Seed    uint64        // of the jitter
	Timeout time.Duration // of one request, body included; default 2 min

	DryRun bool // fetch pages only; documents stay pending
	Fresh  bool // start a new generation even when the last crawl did not end

	Resolve   map[string]string // host or host:port to the address dialled instead, private ones included
	Transport http.RoundTripper // stands for the network, where not nil
	Progress  io.Writer         // counts per host; nil for none

	clock clock // of tests; the zero value is the wall clock
}

// orDefaults returns l with the defaults in the place of zero fields.
func (l Limits) orDefaults() Limits {
	l.Delay = cmp.Or(l.Delay, time.Second)
	l.Jitter = max(cmp.Or(l.Jitter, l.Delay/2), 0)
	l.Delay = max(l.Delay, 0)
	l.PerHost = max(l.PerHost, 1)
	l.MaxDepth = cmp.Or(l.MaxDepth, 8)
	l.MaxPages = cmp.Or(l.MaxPages, 5000)
	l.MaxPageBytes = cmp.Or(l.MaxPageBytes, 8<<20)
	l.MaxBytes = cmp.Or(l.MaxBytes, 64<<20)
	l.MaxRedirects = cmp.Or(l.MaxRedirects, 5)
	l.MaxAttempts = cmp.Or(l.MaxAttempts, 4)
	l.MaxRetryAfter = cmp.Or(l.MaxRetryAfter, 10*time.Minute)
	return l
}
