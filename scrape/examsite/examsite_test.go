package examsite

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, h http.Handler, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestHandlerAnswers(t *testing.T) {
	tests := []struct {
		target      string
		status      int
		contentType string
		begins      string
	}{
		{"/", 200, "text/html; charset=utf-8", "<!DOCTYPE html>"},
		{"/annales/", 200, "text/html; charset=utf-8", "<!DOCTYPE html>"},
		{"/annales", 301, "text/html; charset=utf-8", ""},
		{"/annales/mathematiques/2031.html", 200, "text/html; charset=utf-8", "<!DOCTYPE html>"},
		{"/annales-pdf/2031/spe-mathematiques-2031-metropole-1-sujet.pdf", 200, "application/pdf", "%PDF-"},
		{"/annales-pdf/2029/spe-svt-2029-asie-1-sujet.pdf", 200, "application/pdf", "%PDF-"},
		{"/annales-pdf/2030/spe-physique-chimie-2030-amerique-nord-1-sujet.pdf", 200, "application/pdf", "<!DOCTYPE html>"},
		{"/annales-pdf/2030/spe-mathematiques-2030-asie-1-sujet.pdf", 404, "text/plain; charset=utf-8", "Erreur 404"},
		{"/annales-pdf/", 404, "text/plain; charset=utf-8", "Erreur 404"},
		{"/../examsite.go", 404, "text/plain; charset=utf-8", "Erreur 404"},
		{"/IMG/tex/Spe_Polynesie_2_sept_2030.tex", 200, "application/x-tex", `\documentclass`},
		{"/prive/spe-mathematiques-2032-metropole-1-sujet.pdf", 200, "application/pdf", "%PDF-"},
		{"/robots.txt", 200, "text/plain; charset=utf-8", "User-agent: *\nDisallow: /prive/\n"},
		{"/sitemap.xml", 200, "application/xml", "<?xml"},
	}
	h := &handler{} // not Handler(): its ServeMux cleans paths before we see them
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			resp := get(t, h, "http://"+Host+tt.target)
			if resp.StatusCode != tt.status {
				t.Errorf("status %d, want %d", resp.StatusCode, tt.status)
			}
			if got := resp.Header.Get("Content-Type"); got != tt.contentType {
				t.Errorf("content type %q, want %q", got, tt.contentType)
			}
			if text := body(t, resp); !strings.HasPrefix(text, tt.begins) {
				t.Errorf("begins %.40q, want %q", text, tt.begins)
			}
			if got := resp.Header.Get("Date"); got != "Mon, 01 Jul 2024 08:00:00 GMT" {
				t.Errorf("date %q is not the fixed one", got)
			}
		})
	}
}

func TestHandlerAnswersConditionally(t *testing.T) {
	const target = "/annales-pdf/2031/spe-svt-2031-metropole-1-sujet.pdf"
	h := Handler()
	first := get(t, h, target)
	etag, date := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if etag == "" || date == "" {
		t.Fatalf("ETag %q and Last-Modified %q must both be set", etag, date)
	}
	if again := get(t, Handler(), target); again.Header.Get("ETag") != etag {
		t.Errorf("another handler gives ETag %s, not %s", again.Header.Get("ETag"), etag)
	}
	for _, header := range [][]string{{"If-None-Match", etag}, {"If-Modified-Since", date}} {
		if resp := get(t, h, target, header...); resp.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d, want 304", header[0], resp.StatusCode)
		}
	}
	if resp := get(t, h, target, "If-None-Match", `"other"`); resp.StatusCode != http.StatusOK {
		t.Errorf("another ETag: status %d, want 200", resp.StatusCode)
	}
}

func TestHandlerRefusesOnce(t *testing.T) {
	for range 2 { // each handler anew
		h := Handler()
		resp := get(t, h, FlakyPath)
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "0" {
			t.Errorf("first answer: status %d, Retry-After %q; want 503 and 0", resp.StatusCode, resp.Header.Get("Retry-After"))
		}
		for range 2 {
			if resp := get(t, h, FlakyPath); resp.StatusCode != http.StatusOK {
				t.Errorf("later answer: status %d, want 200", resp.StatusCode)
			}
		}
	}
}

func TestRobotsAndSitemapNameTheHostAsked(t *testing.T) {
	h := Handler()
	for _, name := range []string{"/robots.txt", "/sitemap.xml"} {
		text := body(t, get(t, h, "http://127.0.0.1:4711"+name))
		if !strings.Contains(text, "http://127.0.0.1:4711/") || strings.Contains(text, Host) {
			t.Errorf("%s does not name the host asked:\n%s", name, text)
		}
	}
}

var href = regexp.MustCompile(`href="([^"]+)"`)

// TestLinks follows every link from the home page: what cannot be reached must
// be one of the traps, and every file must be linked.
func TestLinks(t *testing.T) {
	dead := map[string]bool{
		"/annales-pdf/2030/spe-mathematiques-2030-asie-1-sujet.pdf":   true,
		"/annales-pdf/2030/spe-mathematiques-2030-asie-1-corrige.pdf": true,
	}
	h, seen, outside := Handler(), map[string]bool{}, 0
	get(t, h, FlakyPath)
	var follow func(at string)
	follow = func(at string) {
		if seen[at] {
			return
		}
		seen[at] = true
		resp := get(t, h, at)
		if found := resp.StatusCode == http.StatusOK; found == dead[at] {
			t.Errorf("%s: status %d", at, resp.StatusCode)
		}
		if resp.Header.Get("Content-Type") != mediaTypes[".html"] {
			return
		}
		for _, m := range href.FindAllStringSubmatch(body(t, resp), -1) {
			switch to := m[1]; {
			case strings.Contains(to, "//"):
				outside++
			case strings.HasPrefix(to, "/"):
				follow(to)
			case to == "./":
				follow(path.Dir(at) + "/")
			case strings.HasSuffix(to, "/"):
				follow(path.Join(path.Dir(at+"x"), to) + "/")
			default:
				follow(path.Join(path.Dir(at+"x"), to))
			}
		}
	}
	follow("/")
	if outside != 1 {
		t.Errorf("%d links leave the site, want 1", outside)
	}
	err := fs.WalkDir(content, "site", func(name string, d fs.DirEntry, err error) error {
		at := strings.TrimSuffix(strings.TrimPrefix(name, "site"), "index.html")
		if err == nil && !d.IsDir() && !seen[at] && at != "/robots.txt" && at != "/sitemap.xml" {
			t.Errorf("no link leads to %s", at)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSitemapListsThePages(t *testing.T) {
	h := Handler()
	text := body(t, get(t, h, "http://"+Host+"/sitemap.xml"))
	places := regexp.MustCompile(`<loc>http://`+regexp.QuoteMeta(Host)+`(/[^<]*)</loc>`).FindAllStringSubmatch(text, -1)
	if len(places) < 15 {
		t.Fatalf("%d places, want every page", len(places))
	}
	for _, m := range places {
		if resp := get(t, h, m[1]); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", m[1], resp.StatusCode)
		}
	}
}

func TestServe(t *testing.T) {
	fetch := func(addr string) error {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Get("http://" + addr + "/robots.txt")
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	t.Run("stop", func(t *testing.T) {
		addr, stop, err := Serve(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err := fetch(addr); err != nil {
			t.Error(err)
		}
		stop()
		stop() // a second call does nothing
		if fetch(addr) == nil {
			t.Error("the site still answers after stop")
		}
	})
	t.Run("context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		addr, stop, err := Serve(ctx)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		stop()
		if fetch(addr) == nil {
			t.Error("the site still answers after its context ended")
		}
	})
}
