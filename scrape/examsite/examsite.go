// Package examsite is a small French exam site to crawl: pages, and exam papers
// with their corrections in the shapes real ones have. Everything in it was
// written for luth; names, places and years are invented. The quick start and
// the tests build a data set from it without touching the network.
//
// Among good pairs the site holds what a crawler meets on real ones: scans, a
// cut file, an encrypted file, an HTML page named .pdf, a correction that is
// the subject again, dead links, a folder closed by robots.txt, links that
// leave the site, and a file the server refuses the first time.
//
// src holds the sources of the files and build.sh, which makes site from them;
// truth.jsonl says which questions they hold, and where their answers are.
package examsite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// Host is the name the site calls itself by. It is reserved by RFC 2606, so a
// crawler that takes it literally reaches nobody.
const Host = "annales.example"

// FlakyPath answers 503 to the first request a handler gets for it, with
// Retry-After: 0, and is served from then on.
const FlakyPath = "/annales-pdf/2031/spe-ses-2031-metropole-1-corrige.pdf"

// modified is the date of every file and every answer.
var modified = time.Date(2024, time.July, 1, 8, 0, 0, 0, time.UTC)

//go:embed site
var content embed.FS

// mediaTypes are fixed here because mime.TypeByExtension asks the machine.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".pdf":  "application/pdf",
	".tex":  "application/x-tex",
	".txt":  "text/plain; charset=utf-8",
	".xml":  "application/xml",
}

// Handler serves the site. The same requests in the same order get the same
// bytes and headers from every handler; robots.txt and sitemap.xml name the
// host of the request.
func Handler() http.Handler {
	h := &handler{}
	mux := http.NewServeMux()
	mux.Handle("GET /", h)
	return mux
}

type handler struct {
	flaky sync.Once
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", modified.Format(http.TimeFormat))
	if r.URL.Path == FlakyPath && h.refuse(w) {
		return
	}
	name := path.Join("site", path.Clean("/"+r.URL.Path))
	if info, err := fs.Stat(content, name); err == nil && info.IsDir() {
		if !strings.HasSuffix(r.URL.Path, "/") {
			http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
			return
		}
		name = path.Join(name, "index.html")
	}
	data, err := content.ReadFile(name)
	if err != nil {
		http.Error(w, "Erreur 404 : cette page n'existe pas.", http.StatusNotFound)
		return
	}
	switch path.Base(name) {
	case "robots.txt", "sitemap.xml":
		data = bytes.ReplaceAll(data, []byte("//"+Host), []byte("//"+r.Host))
	}
	digest := sha256.Sum256(data)
	w.Header().Set("ETag", `"`+hex.EncodeToString(digest[:8])+`"`)
	w.Header().Set("Content-Type", mediaTypes[path.Ext(name)])
	http.ServeContent(w, r, name, modified, bytes.NewReader(data))
}

// refuse answers 503 the first time it is called and reports whether it did.
func (h *handler) refuse(w http.ResponseWriter) (refused bool) {
	h.flaky.Do(func() {
		w.Header().Set("Retry-After", "0")
		http.Error(w, "Service momentanément indisponible.", http.StatusServiceUnavailable)
		refused = true
	})
	return refused
}

// Serve starts the site on a free port of the loopback interface and returns
// its address as host:port. It stops when ctx ends or stop is called, whichever
// is first; stop returns once the port is free again.
func Serve(ctx context.Context) (addr string, stop func(), err error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serving the bundled exam site on loopback: %w", err)
	}
	server := &http.Server{Handler: Handler(), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener) // closes the listener; always ends in an error
	}()
	unhook := context.AfterFunc(ctx, func() { server.Close() })
	stop = func() {
		unhook()
		server.Close()
		<-done
	}
	return listener.Addr().String(), stop, nil
}
