package crawl

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kurakurai/luth/dataset"
)

const testHost = "annales.example"

// site is an exam site on loopback that counts what it is asked for.
type site struct {
	*httptest.Server
	mu      sync.Mutex
	pages   map[string]http.HandlerFunc // by path and query
	started map[string]int              // requests by path and query
	agents  map[string]bool

	onRequest func(*http.Request) // called under the lock
}

func newSite(t testing.TB) *site {
	s := &site{pages: make(map[string]http.HandlerFunc), started: make(map[string]int), agents: make(map[string]bool)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := r.URL.RequestURI()
	s.mu.Lock()
	s.started[key]++
	s.agents[r.UserAgent()] = true
	if s.onRequest != nil {
		s.onRequest(r)
	}
	page, ok := s.pages[key]
	s.mu.Unlock()
	w.Header().Set("Date", "Mon, 01 Jun 2026 08:00:00 GMT")
	if !ok {
		http.NotFound(w, r)
		return
	}
	page(w, r)
}

// html serves a page with the given body.
func (s *site) html(path, body string) {
	s.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "<!doctype html><html><body>%s</body></html>", body)
	}
}

// links serves a page with one link to each address.
func (s *site) links(path string, to ...string) {
	var b strings.Builder
	for _, address := range to {
		fmt.Fprintf(&b, "<p><a href=%q>%s</a></p>\n", address, address)
	}
	s.html(path, b.String())
}

// pdf serves a document.
func (s *site) pdf(path string) {
	s.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pdf")
		fmt.Fprintf(w, "%%PDF-1.4\n%s\n%%%%EOF", path)
	}
}

func (s *site) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started[path]
}

func (s *site) total() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.started {
		n += one
	}
	return n
}

// options crawl s from its root, following every link and taking every .pdf.
func (s *site) options(t testing.TB) Options {
	return Options{
		Store:   t.TempDir(),
		Sources: []Rules{testRules()},
		Resolve: map[string]string{testHost: s.Listener.Addr().String()},
		Timeout: 20 * time.Second,
		clock:   (&fakeClock{time: time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)}).clock(),
	}
}

func testRules() Rules {
	return Rules{
		Name: "test", Licence: "none", Version: "1",
		Start:   []Start{{URL: "http://" + testHost + "/"}},
		Domains: []string{testHost},
		Links:   testLinks,
		Accept:  func(_, format string) bool { return format == FormatPDF },
		Limits:  Limits{Delay: -1, PerHost: 4},
	}
}

func testLinks(p Page) []Link {
	base, err := url.Parse(p.URL)
	if err != nil {
		return nil
	}
	if p.HTML == nil {
		var links []Link
		for _, address := range p.Sitemap {
			links = append(links, Link{URL: address, Document: strings.HasSuffix(address, ".pdf")})
		}
		return links
	}
	var links []Link
	for _, a := range p.HTML.Find("a[href]").EachIter() {
		address := a.AttrOr("href", "")
		if u, err := base.Parse(address); err == nil {
			address = u.String()
		}
		links = append(links, Link{URL: address, Document: strings.HasSuffix(address, ".pdf"), Text: strings.TrimSpace(a.Text()), Paging: a.HasClass("next")})
	}
	return links
}

// fakeClock is a clock that never waits.
type fakeClock struct {
	mu    sync.Mutex
	time  time.Time
	slept []time.Duration
}

func (c *fakeClock) clock() clock {
	return clock{
		now: func() time.Time {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.time
		},
		sleep: func(ctx context.Context, d time.Duration) error {
			c.mu.Lock()
			defer c.mu.Unlock()
			if d > 0 {
				c.time = c.time.Add(d)
				c.slept = append(c.slept, d)
			}
			return ctx.Err()
		},
	}
}

func mustRun(t testing.TB, o Options) dataset.Balance {
	t.Helper()
	b, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Check(); err != nil {
		t.Fatal(err)
	}
	return b
}

func openStore(t testing.TB, dir string) *Store {
	t.Helper()
	store, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// inventory returns the inventory of a store as indented JSON.
func inventory(t testing.TB, dir string) string {
	t.Helper()
	items, err := openStore(t, dir).Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.MarshalIndent(items, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// entries returns "status reason" of every address.
func entries(t testing.TB, dir string) map[string]string {
	t.Helper()
	all, err := openStore(t, dir).Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, e := range all {
		got[strings.TrimPrefix(e.URL, "http://"+testHost)] = strings.TrimSpace(e.Status + " " + e.Reason)
	}
	return got
}
