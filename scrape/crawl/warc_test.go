package crawl

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func exportSite(t *testing.T) ([]byte, *Store) {
	s := newSite(t)
	s.links("/", "1.pdf", "moved.pdf")
	s.pdf("/1.pdf")
	s.pages["/moved.pdf"] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/1.pdf", http.StatusFound) }
	o := s.options(t)
	o.Sources[0].Start = append(o.Sources[0].Start, Start{URL: "http://annales.example/", Form: "q=1"})
	mustRun(t, o)
	store := openStore(t, o.Store)
	var one, two bytes.Buffer
	for _, b := range []*bytes.Buffer{&one, &two} {
		if err := store.ExportWARC(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("two exports differ")
	}
	return one.Bytes(), store
}

func TestExportWARC(t *testing.T) {
	data, store := exportSite(t)
	items, err := store.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	zr, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(text, []byte("WARC/1.1\r\nWARC-Type: response")); n != 4 {
		t.Errorf("%d responses", n)
	}
	at := bytes.Index(text, []byte("HTTP/1.1 200 OK"))
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text[at:])), nil)
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("first response: %v", err)
	}
	if n := bytes.Count(text, []byte("WARC-Target-URI: "+items[0].FinalURL+"\r\n")); n != 4 {
		t.Errorf("%d records of %s", n, items[0].FinalURL)
	}
}

// TestWARCIO gives an export to an independent reader, which checks the
// digests too.
func TestWARCIO(t *testing.T) {
	python := os.Getenv("LUTH_PYTHON")
	if python == "" {
		python = "/opt/luth-venv/bin/python"
	}
	if out, err := exec.Command(python, "-c", "import warcio").CombinedOutput(); err != nil {
		if os.Getenv("LUTH_REQUIRE_TOOLS") == "1" {
			t.Fatalf("warcio is missing: %v %s", err, out)
		}
		t.Skipf("SKIPPED: no warcio for %s (pip install warcio, or set LUTH_PYTHON)", python)
	}
	data, _ := exportSite(t)
	path := filepath.Join(t.TempDir(), "site.warc.gz")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	script := `
import sys
from warcio.archiveiterator import ArchiveIterator
with open(sys.argv[1], 'rb') as f:
    it = ArchiveIterator(f, check_digests='raise')
    for r in it:
        body = r.content_stream().read()
        method = r.http_headers.protocol if r.rec_type == 'request' else ''
        print(r.rec_type, r.rec_headers.get_header('WARC-Target-URI'), len(body), r.http_headers.get_header('Content-Type') if r.rec_type == 'response' else method)
`
	out, err := exec.Command(python, "-c", script, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	want := []string{"warcinfo", "response http://annales.example/", "request http://annales.example/", "response http://annales.example/",
		"request http://annales.example/", "response http://annales.example/1.pdf 21 application/pdf", "request http://annales.example/1.pdf",
		"response http://annales.example/1.pdf 21 application/pdf", "request http://annales.example/1.pdf"}
	if len(lines) != len(want) {
		t.Fatalf("%d records, want %d:\n%s", len(lines), len(want), out)
	}
	for i, line := range lines {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("record %d is %q, want %q", i, line, want[i])
		}
	}
}
