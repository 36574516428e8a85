package crawl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCrawl(t *testing.T) {
	s := newSite(t)
	s.links("/", "a.html", "/b.html", "1.pdf")
	s.links("/a.html", "/", "/2.pdf#page=3", "HTTP://ANNALES.example:80/x/../2.pdf")
	s.links("/b.html", "2.pdf", "3.pdf", "gone.pdf")
	for _, path := range []string{"/1.pdf", "/2.pdf", "/3.pdf"} {
		s.pdf(path)
	}
	o := s.options(t)
	o.Contact = "mailto:prof@example.org"
	b := mustRun(t, o)
	if b.In != 7 || b.Out != 6 || b.Dead["http 404 Not Found"] != 1 {
		t.Errorf("balance %+v", b)
	}
	items, err := openStore(t, o.Store).Inventory(t.Context())
	if err != nil || len(items) != 3 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	two := items[1]
	if two.URL != "http://annales.example/2.pdf" || two.PageURL != "http://annales.example/a.html" || two.LinkText != "/2.pdf#page=3" ||
		two.Licence != "none" || two.Format != FormatPDF || !two.Retrieved.Equal(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("item %+v", two)
	}
	body, err := os.ReadFile(openStore(t, o.Store).Path(two))
	if err != nil || digest(body) != two.SHA256 || int64(len(body)) != two.Bytes {
		t.Errorf("stored document: %v", err)
	}
	if want := map[string]bool{"luth (+mailto:prof@example.org)": true}; !maps.Equal(s.agents, want) {
		t.Errorf("user agents %v, want %v", s.agents, want)
	}
	for path, n := range s.started {
		if n != 1 {
			t.Errorf("%s asked for %d times", path, n)
		}
	}
}

func TestSidecar(t *testing.T) {
	s := newSite(t)
	s.links("/", "a.pdf", "b.pdf")
	s.pdf("/a.pdf")
	s.pages["/b.pdf"] = s.pages["/a.pdf"]
	o := s.options(t)
	mustRun(t, o)
	store := openStore(t, o.Store)
	items, err := store.Inventory(t.Context())
	if err != nil || len(items) != 2 || items[0].SHA256 != items[1].SHA256 {
		t.Fatalf("items %v, %v", items, err)
	}
	data, err := os.ReadFile(strings.TrimSuffix(store.Path(items[0]), ".pdf") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all []sighting
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || all[0].URL != "http://annales.example/a.pdf" || all[1].Headers["Content-Type"] != "application/pdf" {
		t.Errorf("sidecar %s", data)
	}
}

func TestRobots(t *testing.T) {
	s := newSite(t)
	s.pages["/robots.txt"] = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<p>no rule</p>\nUser-agent: *\nDisallow: /\n\nUser-agent: Luth\nDisallow: /private/\nCrawl-delay: 7\n")
	}
	s.links("/", "private/1.pdf", "2.pdf", "moved.pdf")
	s.pdf("/2.pdf")
	s.pdf("/private/1.pdf")
	s.pages["/moved.pdf"] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/private/1.pdf", http.StatusFound) }
	o := s.options(t)
	clock := &fakeClock{}
	o.clock = clock.clock()
	mustRun(t, o)
	want := map[string]string{"/": "done", "/2.pdf": "done", "/private/1.pdf": "dropped robots.txt forbids it", "/moved.pdf": "dropped robots.txt forbids it"}
	if got := entries(t, o.Store); !maps.Equal(got, want) {
		t.Errorf("entries %v", got)
	}
	if s.count("/private/1.pdf") != 0 {
		t.Error("a forbidden address was asked for")
	}
	if !slices.ContainsFunc(clock.slept, func(d time.Duration) bool { return d >= 6*time.Second && d <= 7*time.Second }) {
		t.Errorf("Crawl-delay not obeyed: slept %v", clock.slept)
	}
}

func TestRobotsUnreachable(t *testing.T) {
	s := newSite(t)
	s.pages["/robots.txt"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	s.links("/", "2.pdf")
	o := s.options(t)
	b := mustRun(t, o)
	if s.count("/") != 0 || b.Dead[errRobotsUnreachable.Error()] != 1 || s.count("/robots.txt") != 4 {
		t.Errorf("balance %+v, %d times robots.txt", b, s.count("/robots.txt"))
	}
}

// A source that fell silent is told from one that has nothing new: its
// documents are missing from the inventory.
func TestSilentSource(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf")
	s.pdf("/1.pdf")
	o := s.options(t)
	silent := func() map[string]string {
		mustRun(t, o)
		store, err := Open(t.Context(), o.Store)
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		names, err := store.Silent(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	for range 2 { // new, and unchanged
		if names := silent(); len(names) != 0 {
			t.Errorf("%v fell silent", names)
		}
	}
	s.pages["/robots.txt"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	name := o.Sources[0].Name
	if names := silent(); !strings.HasSuffix(names[name], errRobotsUnreachable.Error()) {
		t.Errorf("%v, want %s", names, name)
	}
}

func TestRetry(t *testing.T) {
	now := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	tests := []struct {
		name, retryAfter string
		status, requests int
		slept            time.Duration // one of the waits
		want             string
	}{
		{"seconds", "90", 429, 2, 90 * time.Second, "done"},
		{"date", now.Add(40 * time.Second).Format(http.TimeFormat), 503, 2, 40 * time.Second, "done"},
		{"back-off", "", 500, 2, firstBackoff, "done"},
		{"nonsense", "soon", 502, 2, firstBackoff, "done"},
		{"too long", "86400", 503, 1, 0, "dead server asks to wait too long"},
		{"for good", "", 410, 1, 0, "dead http 410 Gone"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			s.links("/", "1.pdf")
			s.pages["/1.pdf"] = func(w http.ResponseWriter, _ *http.Request) {
				if s.count("/1.pdf") > 1 {
					fmt.Fprint(w, "%PDF-1.4")
					return
				}
				if tt.retryAfter != "" {
					w.Header().Set("Retry-After", tt.retryAfter)
				}
				w.WriteHeader(tt.status)
			}
			o := s.options(t)
			clock := &fakeClock{time: now}
			o.clock = clock.clock()
			mustRun(t, o)
			if got := entries(t, o.Store)["/1.pdf"]; got != tt.want || s.count("/1.pdf") != tt.requests {
				t.Errorf("%q after %d requests, want %q after %d", got, s.count("/1.pdf"), tt.want, tt.requests)
			}
			if tt.slept != 0 && !slices.Contains(clock.slept, tt.slept) {
				t.Errorf("slept %v, want %v among them", clock.slept, tt.slept)
			}
		})
	}
}

func TestGivesUp(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf", "2.pdf")
	s.pages["/1.pdf"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	s.pages["/2.pdf"] = func(w http.ResponseWriter, _ *http.Request) { // cut in the middle
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "%PDF-1.4")
	}
	o := s.options(t)
	b := mustRun(t, o)
	if b.Dead["http 502 Bad Gateway"] != 1 || b.Dead["cut short"] != 1 || s.count("/1.pdf") != 4 || s.count("/2.pdf") != 4 {
		t.Errorf("balance %+v, requests %v", b, s.started)
	}
}

func TestDelay(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf", "2.pdf", "3.pdf")
	for _, path := range []string{"/1.pdf", "/2.pdf", "/3.pdf"} {
		s.pdf(path)
	}
	waits := func(seed uint64) []time.Duration {
		o := s.options(t)
		o.Seed = seed
		o.Sources[0].Limits = Limits{Delay: 10 * time.Second, Jitter: 4 * time.Second, PerHost: 1}
		clock := &fakeClock{}
		o.clock = clock.clock()
		mustRun(t, o)
		return clock.slept
	}
	one, again, other := waits(1), waits(1), waits(2)
	if len(one) != 4 { // robots.txt, the page and three documents
		t.Fatalf("waits %v", one)
	}
	for _, d := range one {
		if d < 10*time.Second || d >= 14*time.Second {
			t.Errorf("waited %v", d)
		}
	}
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("jitter does not follow the seed: %v, %v, %v", one, again, other)
	}
}

func TestUnchanged(t *testing.T) {
	s := newSite(t)
	version := "1"
	etag := func(body func() string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			tag := fmt.Sprintf("%q", digest([]byte(body()))[:8])
			w.Header().Set("Etag", tag)
			if r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, body())
		}
	}
	s.pages["/"] = etag(func() string { return `<html><a href="1.pdf">un</a><a href="2.pdf">deux</a><a href="3.pdf">trois</a>` })
	s.pages["/1.pdf"] = etag(func() string { return "%PDF-1.4 one" })
	s.pages["/2.pdf"] = etag(func() string { return "%PDF-1.4 " + version })
	s.pages["/3.pdf"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Last-Modified", "Mon, 01 Jun 2020 08:00:00 GMT")
		if r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "%PDF-1.4 three")
	}
	o := s.options(t)
	mustRun(t, o)
	first := inventory(t, o.Store)
	if b := mustRun(t, o); b.In != 4 || b.Out != 4 {
		t.Errorf("balance %+v", b)
	}
	want := map[string]string{"/": "unchanged", "/1.pdf": "unchanged", "/2.pdf": "unchanged", "/3.pdf": "unchanged"}
	if got := entries(t, o.Store); !maps.Equal(got, want) {
		t.Errorf("entries %v", got)
	}
	if second := inventory(t, o.Store); second != first {
		t.Errorf("inventory changed:\n%s\n%s", first, second)
	}
	version = "2"
	mustRun(t, o)
	want["/2.pdf"] = "done"
	if got := entries(t, o.Store); !maps.Equal(got, want) {
		t.Errorf("after a change: entries %v", got)
	}
}

func TestDamagedStore(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf")
	s.pages["/1.pdf"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "%PDF-1.4 one")
	}
	o := s.options(t)
	mustRun(t, o)
	store := openStore(t, o.Store)
	items, err := store.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(store.Path(items[0]), []byte("%PDF-1.4 o"), 0o644); err != nil {
		t.Fatal(err)
	}
	mustRun(t, o)
	if body, err := os.ReadFile(store.Path(items[0])); err != nil || string(body) != "%PDF-1.4 one" {
		t.Errorf("a damaged file was not fetched again: %q, %v", body, err)
	}
}

func TestStaysHome(t *testing.T) {
	away := newSite(t)
	away.pdf("/1.pdf")
	s := newSite(t)
	s.links("/", "moved.pdf", "http://elsewhere.example/1.pdf", "loop.pdf", "mailto:a@b.fr", "http://%zz/", "/a/a/a/a/1.pdf", "/"+strings.Repeat("x", 3000))
	s.pages["/moved.pdf"] = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://elsewhere.example/1.pdf", http.StatusMovedPermanently)
	}
	s.pages["/loop.pdf"] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop.pdf", http.StatusFound) }
	o := s.options(t)
	o.Resolve["elsewhere.example"] = away.Listener.Addr().String()
	b := mustRun(t, o)
	if away.total() != 0 {
		t.Errorf("another domain was asked for %v", away.started)
	}
	want := map[string]int64{errOutside.Error(): 2, errNotWeb.Error(): 1, errMalformed.Error(): 1, errRepeats.Error(): 1, errTooLong.Error(): 1}
	if !maps.Equal(b.Dropped, want) || b.Dead[errRedirects.Error()] != 1 {
		t.Errorf("balance %+v", b)
	}
}

func TestPrivateAddress(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf")
	s.pdf("/1.pdf")
	host, port, _ := strings.Cut(s.Listener.Addr().String(), ":")
	o := s.options(t)
	o.Resolve = nil
	o.Sources[0].Start[0].URL = fmt.Sprintf("http://localhost:%s/", port)
	o.Sources[0].Domains = []string{"localhost", host}
	b := mustRun(t, o)
	if s.total() != 0 || b.Dropped[errPrivate.Error()] != 1 {
		t.Errorf("balance %+v, requests %v", b, s.started)
	}
	all, err := openStore(t, o.Store).Entries(t.Context())
	if err != nil || !strings.Contains(all[0].Error, errPrivate.Error()) {
		t.Errorf("entry %+v, %v", all, err)
	}
	o.Store = t.TempDir()
	o.Sources[0].AllowPrivate = true
	if b := mustRun(t, o); b.Out != 2 {
		t.Errorf("allowed: balance %+v", b)
	}
}

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34:80": true, "[2606:2800:220:1::1]:443": true,
		"127.0.0.1:80": false, "10.1.2.3:80": false, "172.16.0.1:80": false, "192.168.1.1:80": false, "169.254.169.254:80": false,
		"0.0.0.0:80": false, "100.64.1.1:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "[::1]:80": false,
		"[fe80::1%eth0]:80": false, "[fd00::1]:80": false, "[::ffff:127.0.0.1]:80": false, "[64:ff9b::7f00:1]:80": false,
		"[2002:7f00:1::]:80": false, "nonsense": false,
	} {
		if got := isPublic(address); got != want {
			t.Errorf("isPublic(%s) = %v", address, got)
		}
	}
}

// TestWaitIsNoTimeout has hosts wait without the deadline of a request.
func TestWaitIsNoTimeout(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf")
	s.pdf("/1.pdf")
	o := s.options(t)
	o.Sources[0].Limits = Limits{Delay: time.Hour}
	waits := o.clock.sleep
	o.clock.sleep = func(ctx context.Context, d time.Duration) error {
		if _, ok := ctx.Deadline(); ok {
			t.Error("waiting counts towards the timeout")
		}
		return waits(ctx, d)
	}
	if b := mustRun(t, o); b.Out != 2 {
		t.Errorf("balance %+v", b)
	}
}

// upgrade answers as a site that sends everybody from http to https.
type upgrade struct{}

func (upgrade) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	switch {
	case req.URL.Scheme == "http" && req.URL.Path != "/robots.txt":
		u := *req.URL
		u.Scheme = "https"
		http.Redirect(w, req, u.String(), http.StatusMovedPermanently)
	case req.URL.Path == "/":
		fmt.Fprint(w, "<html><a href=/1.pdf>un</a>")
	case req.URL.Path == "/1.pdf":
		fmt.Fprint(w, "%PDF-1.4")
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	resp := w.Result()
	resp.Request = req
	return resp, nil
}

// TestUpgrade follows a redirect to the same host whose robots.txt is not read
// yet, with one request to the host at a time.
func TestUpgrade(t *testing.T) {
	rules := testRules()
	rules.Limits.PerHost = 1
	o := Options{Store: t.TempDir(), Sources: []Rules{rules}, Transport: upgrade{}}
	if b := mustRun(t, o); b.Out != 2 {
		t.Errorf("balance %+v", b)
	}
}

// TestFoundDocument crawls twice a document that a page rule leads to: it is
// asked for with its validator all the same.
func TestFoundDocument(t *testing.T) {
	s := newSite(t)
	s.links("/", "download?id=1")
	s.pages["/download?id=1"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "%PDF-1.4")
	}
	o := s.options(t)
	mustRun(t, o)
	first := inventory(t, o.Store)
	mustRun(t, o)
	if got := entries(t, o.Store)["/download?id=1"]; got != "unchanged" || inventory(t, o.Store) != first {
		t.Errorf("%s, inventory %s", got, inventory(t, o.Store))
	}
}

func TestDryRun(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf", "2.pdf")
	s.pdf("/1.pdf")
	s.pdf("/2.pdf")
	o := s.options(t)
	o.DryRun = true
	if b := mustRun(t, o); b.Pending != 2 || b.Out != 1 || s.count("/1.pdf") != 0 {
		t.Errorf("balance %+v", b)
	}
	o.DryRun = false
	if b := mustRun(t, o); b.Out != 3 || s.count("/") != 1 {
		t.Errorf("after the dry run: %+v, the page asked for %d times", b, s.count("/"))
	}
}

func TestGenerations(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf", "2.pdf")
	s.pdf("/1.pdf")
	s.pages["/2.pdf"] = func(http.ResponseWriter, *http.Request) {}
	o := s.options(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.pages["/2.pdf"] = func(w http.ResponseWriter, r *http.Request) {
		if s.count("/2.pdf") == 1 {
			cancel()
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, "%PDF-1.4 two")
	}
	o.Workers = 1
	b, err := Run(ctx, o)
	if !errors.Is(err, context.Canceled) || b.Check() != nil || b.Pending != 1 || b.Out != 2 {
		t.Fatalf("cancelled: %+v, %v", b, err)
	}
	mustRun(t, o)
	if s.count("/") != 1 || s.count("/1.pdf") != 1 {
		t.Errorf("resumed crawl repeated requests: %v", s.started)
	}
	mustRun(t, o)
	if s.count("/") != 2 || s.count("/1.pdf") != 2 {
		t.Errorf("a crawl after one that ended asks again: %v", s.started)
	}
	// What the site no longer links to leaves the inventory.
	s.mu.Lock()
	s.links("/", "2.pdf")
	s.mu.Unlock()
	mustRun(t, o)
	if got := entries(t, o.Store); len(got) != 2 {
		t.Errorf("entries %v", got)
	}
}

func TestNewRulesStartAnew(t *testing.T) {
	s := newSite(t)
	s.links("/", "1.pdf")
	s.pdf("/1.pdf")
	o := s.options(t)
	o.DryRun = true
	mustRun(t, o)
	o.Sources[0].Version = "2"
	mustRun(t, o)
	o.Fresh = true
	mustRun(t, o)
	if s.count("/") != 3 {
		t.Errorf("page asked for %d times", s.count("/"))
	}
}

func TestOneCrawlAtATime(t *testing.T) {
	s := newSite(t)
	o := s.options(t)
	unlock, err := openStore(t, o.Store).lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "another crawl is using") {
		t.Errorf("error %v", err)
	}
	unlock()
	mustRun(t, o)
}

// TestSameInventory crawls a site with one and with many workers: the ways to
// a document differ in length and text, and the same one must win.
func TestSameInventory(t *testing.T) {
	s := newSite(t)
	var pages []string
	for i := range 30 {
		page := fmt.Sprintf("/p%d", i)
		pages = append(pages, page)
		s.links(page, fmt.Sprintf("/%d.pdf", i%7), fmt.Sprintf("/%d.pdf?", (i+1)%7), fmt.Sprintf("/p%d", (i*7)%30))
	}
	for i := range 7 {
		s.pdf(fmt.Sprintf("/%d.pdf", i))
	}
	s.links("/", pages[:4]...)
	var first string
	for _, workers := range []int{1, 8, 3} {
		o := s.options(t)
		o.Workers = workers
		o.Sources[0].Limits.MaxPages = 9
		mustRun(t, o)
		got := inventory(t, o.Store)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("%d workers:\n%s\nwant\n%s", workers, got, first)
		}
	}
}

func TestOptions(t *testing.T) {
	for name, o := range map[string]Options{
		"no store":      {Sources: []Rules{testRules()}},
		"no source":     {Store: t.TempDir()},
		"given twice":   {Store: t.TempDir(), Sources: []Rules{testRules(), testRules()}},
		"spans lines":   {Store: t.TempDir(), Sources: []Rules{testRules()}, Contact: "a\r\nX-Header: b"},
		"make the stor": {Store: "/dev/null/x", Sources: []Rules{testRules()}},
	} {
		if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
