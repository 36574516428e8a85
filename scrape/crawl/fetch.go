package crawl

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/gocolly/colly/v2"
)

// fetcher asks for the addresses of one source.
type fetcher struct {
	rules     Rules
	limit     Limits
	hosts     *hosts
	robots    *robots
	store     *Store
	collector *colly.Collector
}

// reply is the answer to one request, after redirects.
type reply struct {
	host      string // the last host asked
	status    int
	url       string
	header    http.Header
	body      []byte
	format    string
	unchanged bool               // the stored body stands
	html      *goquery.Selection // the page, when format is html
}

// newFetcher prepares colly for one source. The collector runs synchronously;
// concurrency, state and retries are the crawl's.
func newFetcher(ctx context.Context, rules Rules, o Options, h *hosts, store *Store) *fetcher {
	f := &fetcher{rules: rules, limit: rules.Limits.orDefaults(), hosts: h, store: store}
	base := o.Transport
	if base == nil {
		base = network(o.Resolve, rules.AllowPrivate, o.Timeout/2)
	}
	t := &transport{base: base, hosts: h, limit: f.limit, agent: userAgent(o.Contact), timeout: o.Timeout}
	f.robots = &robots{hosts: h, limit: f.limit, m: make(map[string]*robotsFile), read: f.readRobots(t)}

	c := new(colly.Collector) // not NewCollector: the environment must not switch robots.txt off
	c.Init()
	c.Context = ctx
	c.AllowURLRevisit = true
	c.ParseHTTPErrorResponse = true
	c.MaxBodySize = int(max(f.limit.MaxBytes, f.limit.MaxPageBytes)) + 1
	c.WithTransport(t)
	c.SetRequestTimeout(0) // the transport's business
	c.DisableCookies()
	c.SetRedirectHandler(f.redirect)
	c.OnResponseHeaders(f.onHeaders)
	c.OnResponse(f.onResponse)
	c.OnHTML("html", func(e *colly.HTMLElement) { exchangeOf(e.Response).reply.html = e.DOM })
	f.collector = c
	return f
}

// userAgent is the one name the crawler goes by.
func userAgent(contact string) string {
	return fmt.Sprintf("%s (+%s)", product, contact)
}

// readRobots returns the function that gets a robots.txt file, with the patience
// of any other request.
func (f *fetcher) readRobots(t http.RoundTripper) func(context.Context, string) (int, []byte, error) {
	client := &http.Client{Transport: t, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > f.limit.MaxRedirects {
			return errRedirects
		}
		return nil
	}}
	once := func(ctx context.Context, address string) (int, []byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return 0, nil, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return 0, nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxRobots))
		return resp.StatusCode, body, err
	}
	return func(ctx context.Context, address string) (status int, body []byte, err error) {
		for n := 1; ; n++ {
			status, body, err = once(ctx, address)
			if n == f.limit.MaxAttempts || !passing(status, err) || f.hosts.clock.sleep(ctx, backoff(n)) != nil {
				return status, body, err
			}
		}
	}
}

// redirect lets a request follow a redirect only to where it could have gone at
// first.
func (f *fetcher) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > f.limit.MaxRedirects {
		return errRedirects
	}
	return f.permit(req.Context(), req.URL)
}

// permit fails with errOutside, errRobots or errRobotsUnreachable when u must
// not be asked for.
func (f *fetcher) permit(ctx context.Context, u *url.URL) error {
	if !inDomains(u.Hostname(), f.rules.Domains) {
		return errOutside
	}
	return f.robots.check(ctx, u)
}

// once sends one request for a row. What is stored already is asked for only if
// it changed.
func (f *fetcher) once(ctx context.Context, r row) (reply, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return reply{}, err
	}
	e := &exchange{row: r, reply: reply{host: u.Host}}
	if err := f.permit(ctx, u); err != nil {
		return e.reply, err
	}
	header := make(http.Header)
	if e.stored = f.store.intact(r); e.stored != nil {
		setIf(header, "If-None-Match", r.ETag)
		setIf(header, "If-Modified-Since", r.LastModified)
	}
	method, body := http.MethodGet, io.Reader(nil)
	if r.Form != "" {
		method, body = http.MethodPost, strings.NewReader(r.Form)
	}
	c := colly.NewContext()
	c.Put(exchangeKey, e)
	err = f.collector.Request(method, r.URL, body, c, header)
	return e.reply, cmp.Or(e.refused, err)
}

func setIf(h http.Header, key, value string) {
	if value != "" {
		h.Set(key, value)
	}
}

// exchange is one request on its way through colly's callbacks.
type exchange struct {
	row     row
	stored  []byte // the body of an earlier crawl, nil when there is none
	reply   reply
	refused error // why the answer was not taken
}

const exchangeKey = "exchange"

func exchangeOf(r *colly.Response) *exchange {
	return r.Ctx.GetAny(exchangeKey).(*exchange)
}

// onHeaders turns away an answer that says it is too large.
func (f *fetcher) onHeaders(r *colly.Response) {
	e := exchangeOf(r)
	e.reply.host = r.Request.URL.Host
	if n, err := strconv.ParseInt(r.Headers.Get("Content-Length"), 10, 64); err == nil && n > f.limit.MaxBytes {
		e.refused = errTooLarge
		r.Request.Abort()
	}
}

// onResponse recognises the answer, puts the stored body in the place of one
// that did not change, and hands pages to colly's parser in UTF-8.
func (f *fetcher) onResponse(r *colly.Response) {
	e := exchangeOf(r)
	rep := &e.reply
	rep.status, rep.url, rep.header, rep.body = r.StatusCode, r.Request.URL.String(), r.Headers.Clone(), r.Body
	contentType := rep.header.Get(declaredType)
	rep.header.Set("Content-Type", contentType)
	switch {
	case r.StatusCode == http.StatusNotModified && e.stored != nil:
		rep.unchanged, rep.status, rep.body, contentType = true, http.StatusOK, e.stored, e.row.ContentType
	case r.StatusCode != http.StatusOK:
		return
	}
	rep.format = Sniff(rep.url, contentType, rep.body)
	limit := f.limit.MaxBytes
	if rep.format == FormatHTML {
		limit = f.limit.MaxPageBytes
	}
	if int64(len(rep.body)) > limit {
		e.refused = errTooLarge
		return
	}
	if rep.format == FormatHTML {
		r.Body = decode(rep.body, contentType)
		r.Headers.Set("Content-Type", "text/html; charset=utf-8")
	}
}
