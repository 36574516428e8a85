package crawl

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// ExportWARC writes the pages and documents of the last generation of every
// source as WARC/1.1 (ISO 28500:2017), each record gzipped on its own: a
// warcinfo record, then a response and its request for each address, sorted
// by URL. Bodies stand as they were stored, without the transfer's encodings,
// and headers are those the state keeps. The same store gives the same bytes.
func (s *Store) ExportWARC(ctx context.Context, w io.Writer) error {
	out := warcWriter{w: w}
	first := true
	for r, err := range s.state.rows(ctx, `status IN ('done', 'unchanged')`) {
		if err != nil {
			return fmt.Errorf("export %s: %w", s.dir, err)
		}
		if first {
			out.info(r.Retrieved)
			first = false
		}
		body, err := os.ReadFile(s.Path(r.Item))
		if err != nil {
			return fmt.Errorf("export %s: %w; crawl again to fetch it", r.URL, err)
		}
		out.exchange(r, body)
		if out.err != nil {
			return fmt.Errorf("export %s: %w", r.URL, out.err)
		}
	}
	return nil
}

// warcWriter writes records until the first error.
type warcWriter struct {
	w   io.Writer
	err error
}

func (out *warcWriter) info(date time.Time) {
	out.record("warcinfo", date, "", "application/warc-fields", nil, []byte("software: luth\r\nformat: WARC File Format 1.1\r\n"))
}

// exchange writes the response and the request of one address. The address is the one that
// answered, after redirects.
func (out *warcWriter) exchange(r row, body []byte) {
	target, err := url.Parse(r.FinalURL)
	if err != nil {
		out.err = err
		return
	}
	var response bytes.Buffer
	fmt.Fprintf(&response, "HTTP/1.1 200 OK\r\nDate: %s\r\n", r.Retrieved.Format(http.TimeFormat))
	for _, field := range [][2]string{{"Content-Type", r.ContentType}, {"ETag", r.ETag}, {"Last-Modified", r.LastModified}} {
		if field[1] != "" {
			fmt.Fprintf(&response, "%s: %s\r\n", field[0], field[1])
		}
	}
	fmt.Fprintf(&response, "Content-Length: %d\r\n\r\n", len(body))
	response.Write(body)
	id := recordID("response", r.Retrieved, r.address())
	out.record("response", r.Retrieved, r.address(), "application/http;msgtype=response",
		[]string{"WARC-Target-URI: " + r.FinalURL, "WARC-Payload-Digest: " + sha1Digest(body)}, response.Bytes())

	var request bytes.Buffer
	method := http.MethodGet
	if r.Form != "" {
		method = http.MethodPost
	}
	fmt.Fprintf(&request, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target.RequestURI(), target.Host)
	if r.Form != "" {
		fmt.Fprintf(&request, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(r.Form))
	}
	fmt.Fprintf(&request, "\r\n%s", r.Form)
	out.record("request", r.Retrieved, r.address(), "application/http;msgtype=request",
		[]string{"WARC-Target-URI: " + r.FinalURL, "WARC-Concurrent-To: " + id}, request.Bytes())
}

// record writes one record as a gzip member.
func (out *warcWriter) record(kind string, date time.Time, subject, contentType string, fields []string, block []byte) {
	if out.err != nil {
		return
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: %s\r\nWARC-Date: %s\r\n",
		kind, recordID(kind, date, subject), date.UTC().Format(time.RFC3339))
	for _, field := range fields {
		b.WriteString(field + "\r\n")
	}
	fmt.Fprintf(&b, "WARC-Block-Digest: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", sha1Digest(block), contentType, len(block))
	b.Write(block)
	b.WriteString("\r\n\r\n")
	zw := gzip.NewWriter(out.w)
	if _, out.err = zw.Write(b.Bytes()); out.err == nil {
		out.err = zw.Close()
	}
}

// recordID makes a UUID from what a record is about, so that the same store exports
// the same bytes (version 8 of RFC 9562: bits of our own choice).
func recordID(kind string, date time.Time, subject string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{kind, date.UTC().Format(time.RFC3339), subject}, "\x00")))
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("<urn:uuid:%x-%x-%x-%x-%x>", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// sha1Digest is the form of digest that WARC tools expect.
func sha1Digest(data []byte) string {
	sum := sha1.Sum(data)
	return "sha1:" + base32.StdEncoding.EncodeToString(sum[:])
}
