package crawl

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func TestSniffing(t *testing.T) {
	s := newSite(t)
	serve := func(path, contentType, body string) {
		s.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			fmt.Fprint(w, body)
		}
	}
	s.links("/", "error.pdf", "recoded.pdf", "download?id=1", "image.pdf", "photo", "odd")
	serve("/error.pdf", "application/pdf", "<html><body>Page introuvable</body></html>")
	serve("/recoded.pdf", "application/pdf; charset=iso-8859-1", "%PDF-1.4 \xe9\xff")
	serve("/download?id=1", "application/octet-stream", "%PDF-1.4 id 1")
	serve("/image.pdf", "application/pdf", "\x89PNG\x0d\x0a\x1a\x0a")
	serve("/photo", "image/png", "\x89PNG\x0d\x0a\x1a\x0a")
	serve("/odd", "text/plain", "<!DOCTYPE html><a href=late.pdf>late</a>") // a page all the same
	s.pdf("/late.pdf")
	o := s.options(t)
	mustRun(t, o)
	want := map[string]string{"/": "done", "/odd": "done", "/late.pdf": "done", "/recoded.pdf": "done", "/download?id=1": "done",
		"/error.pdf": "dropped not a document: html", "/image.pdf": "dropped not a document: other", "/photo": "dropped not a page: other"}
	if got := entries(t, o.Store); !maps.Equal(got, want) {
		t.Errorf("entries %v", got)
	}
	store := openStore(t, o.Store)
	items, err := store.Inventory(t.Context())
	if err != nil || len(items) != 3 {
		t.Fatalf("items %v, %v", items, err)
	}
	if body, err := os.ReadFile(store.Path(items[2])); err != nil || string(body) != "%PDF-1.4 \xe9\xff" {
		t.Errorf("a document was changed on its way: %q, %v", body, err)
	}
}

func TestSizes(t *testing.T) {
	s := newSite(t)
	s.links("/", "declared.pdf", "streamed.pdf", "fits.pdf", "bomb.xml.gz", "page")
	long := []byte("%PDF-1.4" + strings.Repeat("x", 2000))
	s.pages["/declared.pdf"] = func(w http.ResponseWriter, _ *http.Request) { w.Write(long[:1001]) }
	s.pages["/streamed.pdf"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Write(long[:800])
		w.(http.Flusher).Flush()
		w.Write(long[800:])
	}
	s.pages["/fits.pdf"] = func(w http.ResponseWriter, _ *http.Request) { w.Write(long[:1000]) }
	s.pages["/bomb.xml.gz"] = func(w http.ResponseWriter, _ *http.Request) { w.Write(gzipped(t, make([]byte, 1<<20))[:900]) }
	s.html("/page", strings.Repeat("y", 600))
	o := s.options(t)
	o.Sources[0].Limits.MaxBytes, o.Sources[0].Limits.MaxPageBytes = 1000, 500
	mustRun(t, o)
	want := map[string]string{"/": "done", "/declared.pdf": "dropped too large", "/streamed.pdf": "dropped too large", "/fits.pdf": "done",
		"/bomb.xml.gz": "dropped not a page: other", "/page": "dropped too large"}
	if got := entries(t, o.Store); !maps.Equal(got, want) {
		t.Errorf("entries %v", got)
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTraps(t *testing.T) {
	s := newSite(t)
	for i := range 200 { // a calendar that never ends
		s.links(fmt.Sprintf("/cal?month=%d", i), fmt.Sprintf("/cal?month=%d", i+1), fmt.Sprintf("/day/%d", i))
		s.links(fmt.Sprintf("/day/%d", i))
	}
	s.links("/", "/cal?month=0")
	o := s.options(t)
	o.Sources[0].Limits.MaxDepth = 5
	if b := mustRun(t, o); b.Dropped["too deep"] != 2 || b.Out != 10 {
		t.Errorf("depth: %+v", b)
	}
	o.Store = t.TempDir()
	o.Sources[0].Limits.MaxDepth, o.Sources[0].Limits.MaxPages = 1000, 20
	if b := mustRun(t, o); b.Out != 20 || b.Dropped["page cap"] == 0 {
		t.Errorf("pages: %+v", b)
	}
}

func TestPagingCostsNoDepth(t *testing.T) {
	s := newSite(t)
	for i := range 12 {
		s.html(fmt.Sprintf("/?page=%d", i), fmt.Sprintf(`<a href="%d.pdf">n</a><a class=next href="/?page=%d">suite</a>`, i, i+1))
		s.pdf(fmt.Sprintf("/%d.pdf", i))
	}
	o := s.options(t)
	o.Sources[0].Start[0].URL = "http://annales.example/?page=0"
	o.Sources[0].Limits.MaxDepth = 1
	if b := mustRun(t, o); b.Out != 24 || b.Dead["http 404 Not Found"] != 1 {
		t.Errorf("balance %+v", b)
	}
}

func TestSitemap(t *testing.T) {
	s := newSite(t)
	s.pages["/sitemap.xml"] = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<?xml version="1.0"?><sitemapindex><sitemap><lastmod>2026</lastmod><loc>http://annales.example/one.xml.gz</loc></sitemap></sitemapindex>`)
	}
	s.pages["/one.xml.gz"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Write(gzipped(t, []byte(`<?xml version="1.0"?><urlset><url><loc> http://annales.example/1.pdf </loc></url>
<url><loc>http://annales.example/page</loc><image:image><image:loc>http://annales.example/i.png</image:loc></image:image></url></urlset>`)))
	}
	s.pdf("/1.pdf")
	s.links("/page", "2.pdf")
	s.pdf("/2.pdf")
	o := s.options(t)
	o.Sources[0].Start = []Start{{URL: "http://annales.example/sitemap.xml", Sitemap: true}}
	mustRun(t, o)
	want := map[string]string{"/sitemap.xml": "done", "/one.xml.gz": "done", "/1.pdf": "done", "/page": "done", "/2.pdf": "done"}
	if got := entries(t, o.Store); !maps.Equal(got, want) {
		t.Errorf("entries %v", got)
	}
}

func TestPostForm(t *testing.T) {
	s := newSite(t)
	s.pages["/search"] = func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<html><a href="%s-%s.pdf">x</a>`, r.PostFormValue("exam"), r.Method)
	}
	s.pdf("/ccinp-POST.pdf")
	s.pdf("/mines-POST.pdf")
	o := s.options(t)
	o.Sources[0].Start = []Start{{URL: "http://annales.example/search", Form: "exam=ccinp"}, {URL: "http://annales.example/search", Form: "exam=mines"}}
	if b := mustRun(t, o); b.Out != 4 {
		t.Errorf("balance %+v", b)
	}
}

func TestMalformedHTML(t *testing.T) {
	s := newSite(t)
	s.pages["/"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html><meta charset=iso-8859-1><table><a href='\xe9preuve.pdf'>\xc9preuve<div></a><a href=deep>")
	}
	s.pages["/deep"] = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "<html>"+strings.Repeat("<div>", 5000)+"<a href=late.pdf>")
	}
	s.pdf("/%C3%A9preuve.pdf")
	o := s.options(t)
	mustRun(t, o)
	got := entries(t, o.Store)
	if got["/%C3%A9preuve.pdf"] != "done" || got["/deep"] == "pending" || got["/deep"] == "" {
		t.Errorf("entries %v", got)
	}
	items, err := openStore(t, o.Store).Inventory(t.Context())
	if err != nil || items[0].LinkText != "Épreuve" {
		t.Errorf("items %+v, %v", items, err)
	}
}

func TestSlowServer(t *testing.T) {
	s := newSite(t)
	s.links("/", "drip.pdf")
	s.pages["/drip.pdf"] = func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "%PDF-1.4")
		w.(http.Flusher).Flush()
		<-r.Context().Done() // never ends
	}
	o := s.options(t)
	o.Timeout = 100 * time.Millisecond
	o.Sources[0].Limits.MaxAttempts = 2
	b := mustRun(t, o)
	if b.Dead["timeout"] != 1 {
		t.Errorf("balance %+v", b)
	}
}
