package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/progress"
	"golang.org/x/sync/errgroup"
)

// DefaultContact is where the people of a site can reach the crawler's.
const DefaultContact = "https://github.com/kurakurai/luth/issues"

// Run crawls the sources of o, or goes on with a crawl that did not end, and
// returns the account of the addresses of the present generation: out are
// those fetched or found unchanged. When ctx ends the rest stays pending, the
// account is still right, and the error is ctx's.
func Run(ctx context.Context, o Options) (dataset.Balance, error) {
	o, err := o.check()
	if err != nil {
		return dataset.Balance{}, err
	}
	store, err := Open(ctx, o.Store)
	if err != nil {
		return dataset.Balance{}, err
	}
	defer store.Close()
	unlock, err := store.lock(ctx)
	if err != nil {
		return dataset.Balance{}, err
	}
	defer unlock()
	if err := store.sweep(); err != nil {
		return dataset.Balance{}, err
	}

	h := &hosts{clock: o.clock, seed: o.Seed, m: make(map[string]*host)}
	var bar *progress.Bar
	if o.Progress != nil {
		bar = progress.New(o.Progress, "crawl", 0)
		defer bar.Close()
	}
	group, inner := errgroup.WithContext(ctx)
	names := make([]string, len(o.Sources))
	for i, rules := range o.Sources {
		names[i] = rules.Name
		group.Go(func() error {
			c := &sourceCrawl{rules: rules, o: o, store: store, bar: bar, hosts: h}
			c.fetcher = newFetcher(inner, rules, o, h, store)
			return c.run(inner)
		})
	}
	err = group.Wait()
	b, countErr := store.state.balance(context.WithoutCancel(ctx), names)
	return b, errors.Join(err, countErr)
}

// check fills in defaults and refuses options that cannot work.
func (o Options) check() (Options, error) {
	if o.Store == "" {
		return o, errors.New("crawl: no store folder given")
	}
	if len(o.Sources) == 0 {
		return o, errors.New("crawl: no source given")
	}
	seen := make(map[string]bool)
	for _, rules := range o.Sources {
		if seen[rules.Name] {
			return o, fmt.Errorf("crawl: source %s is given twice", rules.Name)
		}
		seen[rules.Name] = true
	}
	if strings.ContainsAny(o.Contact, "\r\n") {
		return o, fmt.Errorf("crawl: contact %q spans lines", o.Contact)
	}
	if o.Contact == "" {
		o.Contact = DefaultContact
	}
	if o.Workers <= 0 {
		o.Workers = 4
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.clock.now == nil {
		o.clock = wallClock
	}
	return o, nil
}

// sourceCrawl is the crawl of one source.
type sourceCrawl struct {
	rules      Rules
	o          Options
	store      *Store
	hosts      *hosts
	bar        *progress.Bar
	fetcher    *fetcher
	generation int64
}

// run walks the pages round by round, then fetches the documents. Rounds make
// the result independent of timing: which pages are asked for and which link to a
// document counts is decided only by rounds that are over.
func (c *sourceCrawl) run(ctx context.Context) error {
	var err error
	state, name := c.store.state, c.rules.Name
	if c.generation, err = state.begin(ctx, name, c.rules.Version, c.o.Fresh, c.start()); err != nil {
		return err
	}
	for {
		round, more, err := state.round(ctx, name, c.generation)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := state.cap(ctx, name, c.generation, round, c.fetcher.limit.MaxPages); err != nil {
			return err
		}
		if err := c.each(ctx, `kind <> 'document' AND round = ?2`, round); err != nil {
			return err
		}
	}
	if c.o.DryRun {
		return nil
	}
	if err := c.each(ctx, `kind = 'document'`); err != nil {
		return err
	}
	return state.finish(ctx, name, c.generation)
}

// each asks for the pending rows for which a condition holds.
func (c *sourceCrawl) each(ctx context.Context, condition string, args ...any) error {
	var todo []row
	for r, err := range c.store.state.rows(ctx, `source = ?1 AND status = 'pending' AND `+condition, append([]any{c.rules.Name}, args...)...) {
		if err != nil {
			return fmt.Errorf("read what is left of %s: %w", c.rules.Name, err)
		}
		todo = append(todo, r)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.o.Workers)
	for _, r := range todo {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			err := c.visit(ctx, r)
			c.bar.Add(1)
			c.bar.Note(c.hosts.counts())
			return err
		})
	}
	return group.Wait()
}

// visit asks for one row and records what became of it. It fails only when the
// crawl cannot go on.
func (c *sourceCrawl) visit(ctx context.Context, r row) error {
	rep, attempts, err := c.fetcher.attempt(ctx, r)
	if ctx.Err() != nil {
		return ctx.Err() // the row stays pending
	}
	r.Attempts = attempts
	if err != nil || rep.status != http.StatusOK {
		r.Status, r.Reason = verdict(rep.status, err)
		if err != nil {
			r.Error = err.Error()
		}
		return c.store.state.settle(ctx, r, nil)
	}
	switch {
	case r.Kind == kindDocument || rep.format != FormatHTML && c.rules.Accept(r.URL, rep.format):
		return c.takeDocument(ctx, r, rep)
	case r.Kind == kindSitemap:
		return c.takeSitemap(ctx, r, rep)
	}
	return c.takePage(ctx, r, rep)
}

func (c *sourceCrawl) takeDocument(ctx context.Context, r row, rep reply) error {
	if !c.rules.Accept(r.URL, rep.format) {
		r.Status, r.Reason = statusDropped, "not a document: "+rep.format
		return c.store.state.settle(ctx, r, nil)
	}
	r.Kind = kindDocument
	r = c.describe(r, rep)
	if r.Status == statusDone {
		if err := errors.Join(c.store.save(r, rep.body), c.store.note(r, rep.header)); err != nil {
			return err
		}
	}
	return c.store.state.settle(ctx, r, nil)
}

func (c *sourceCrawl) takePage(ctx context.Context, r row, rep reply) error {
	if rep.format != FormatHTML {
		r.Status, r.Reason = statusDropped, "not a page: "+rep.format
		return c.store.state.settle(ctx, r, nil)
	}
	if rep.html == nil {
		r.Status, r.Reason = statusDead, "unreadable page"
		return c.store.state.settle(ctx, r, nil)
	}
	return c.takeLinks(ctx, r, rep, c.rules.Links(Page{URL: rep.url, Form: r.Form, HTML: rep.html}))
}

func (c *sourceCrawl) takeSitemap(ctx context.Context, r row, rep reply) error {
	s, err := parseSitemap(rep.body, c.fetcher.limit.MaxPageBytes)
	if err == nil && len(s.pages)+len(s.sitemaps) == 0 {
		err = errors.New("no address in it")
	}
	if err != nil {
		r.Status, r.Reason, r.Error = statusDead, "unreadable sitemap", err.Error()
		return c.store.state.settle(ctx, r, nil)
	}
	links := c.rules.Links(Page{URL: rep.url, Form: r.Form, Sitemap: s.pages})
	for _, address := range s.sitemaps {
		links = append(links, Link{URL: address, sitemap: true})
	}
	return c.takeLinks(ctx, r, rep, links)
}

// takeLinks stores a page and records it with its links.
func (c *sourceCrawl) takeLinks(ctx context.Context, r row, rep reply, links []Link) error {
	r = c.describe(r, rep)
	if err := c.store.save(r, rep.body); err != nil {
		return err
	}
	rows := make([]row, len(links))
	for i, l := range links {
		rows[i] = c.judge(l, r, i)
	}
	return c.store.state.settle(ctx, r, rows)
}

// describe fills in what a good answer says about its content. Content that
// was stored before keeps the time it was first retrieved.
func (c *sourceCrawl) describe(r row, rep reply) row {
	r.FinalURL, r.Status, r.Reason, r.Error = rep.url, statusDone, "", ""
	setNew(&r.ETag, rep.header.Get("Etag"), rep.unchanged)
	setNew(&r.LastModified, rep.header.Get("Last-Modified"), rep.unchanged)
	sum := digest(rep.body)
	if rep.unchanged || sum == r.SHA256 && c.store.intact(r) != nil {
		r.Status = statusUnchanged
		return r
	}
	r.SHA256, r.Bytes, r.Format, r.ContentType = sum, int64(len(rep.body)), rep.format, rep.header.Get("Content-Type")
	r.Retrieved = c.o.clock.now().UTC().Truncate(time.Second)
	if date, err := http.ParseTime(rep.header.Get("Date")); err == nil {
		r.Retrieved = date.UTC()
	}
	return r
}

// setNew replaces a stored validator, unless the answer was 304 without one.
func setNew(stored *string, value string, unchanged bool) {
	if value != "" || !unchanged {
		*stored = value
	}
}

// start returns the rows a generation starts with.
func (c *sourceCrawl) start() []row {
	rows := make([]row, len(c.rules.Start))
	for i, s := range c.rules.Start {
		rows[i] = c.judge(Link{URL: s.URL, Form: s.Form, Paging: true, sitemap: s.Sitemap}, row{Round: -1}, i)
	}
	return rows
}

// judge makes the row of a link met on a page, dropped at once when it must not be
// asked for.
func (c *sourceCrawl) judge(l Link, page row, position int) row {
	r := row{Form: l.Form, Kind: kindPage, Status: statusPending, Round: page.Round + 1, Position: position, Depth: page.Depth, Generation: c.generation}
	r.Item = Item{Source: c.rules.Name, Licence: c.rules.Licence, PageURL: page.address(),
		LinkText: l.Text, Row: l.Row, Role: l.Role, Key: l.Key, Rank: l.Rank, Meta: l.Meta}
	switch {
	case l.Document:
		r.Kind = kindDocument
	case l.sitemap:
		r.Kind = kindSitemap
	case !l.Paging:
		r.Depth++
	}
	address, err := normalise(l.URL)
	r.URL = address
	switch {
	case err != nil:
		r.URL, r.Reason = clip(l.URL), err.Error()
	case !inDomains(hostOf(address), c.rules.Domains):
		r.Reason = errOutside.Error()
	case l.Skip != "":
		r.Reason = l.Skip
	case r.Kind == kindPage && r.Depth > c.fetcher.limit.MaxDepth:
		r.Reason = "too deep"
	}
	if r.Reason != "" {
		r.Status, r.Skipped = statusDropped, true
	}
	return r
}

// address names a row as a parent: its URL, followed by # and the POST body if there is one.
func (r row) address() string {
	if r.Form == "" {
		return r.URL
	}
	return r.URL + "#" + r.Form
}

// clip keeps an address that cannot be used short enough to be shown.
func clip(address string) string {
	return strings.ToValidUTF8(address[:min(len(address), maxAddress)], "�")
}
