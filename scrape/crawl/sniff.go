package crawl

import (
	"bytes"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"golang.org/x/net/html/charset"
)

// The formats content is told apart by.
const (
	FormatPDF   = "pdf"
	FormatTeX   = "tex"
	FormatHTML  = "html"
	FormatXML   = "xml"
	FormatOther = "other"
)

var texCommand = regexp.MustCompile(`\\(documentclass|documentstyle|begin|input|usepackage|def|newcommand|section|exo|textbf)\b`)

// Sniff names the format of a body by its bytes; the address and the declared
// content type only decide between formats that are all text. So an error
// page served as application/pdf is HTML.
func Sniff(address, contentType string, body []byte) string {
	head := body[:min(len(body), 1024)]
	if bytes.Contains(head, []byte("%PDF-")) { // ISO 32000-1, annex H.3.4.1: within the first 1024 bytes
		return FormatPDF
	}
	declared, _, _ := mime.ParseMediaType(contentType)
	detected, _, _ := mime.ParseMediaType(http.DetectContentType(head))
	lower := bytes.ToLower(head)
	switch {
	case !strings.HasPrefix(detected, "text/"):
		return FormatOther
	case detected == "text/html", bytes.Contains(lower, []byte("<html")), bytes.Contains(lower, []byte("<!doctype html")):
		return FormatHTML
	case detected == "text/xml":
		return FormatXML
	case isTeX(address, declared, body):
		return FormatTeX
	case declared == "text/html", declared == "application/xhtml+xml":
		return FormatHTML
	case strings.HasSuffix(declared, "xml"):
		return FormatXML
	}
	return FormatOther
}

func isTeX(address, declared string, body []byte) bool {
	if !texCommand.Match(body) {
		return false
	}
	switch declared {
	case "text/x-tex", "application/x-tex", "application/x-latex", "text/x-latex":
		return true
	}
	u, err := url.Parse(address)
	return err == nil && strings.EqualFold(path.Ext(u.Path), ".tex") || bytes.Contains(body, []byte(`\documentclass`))
}

// decode returns a page in UTF-8, by the byte order mark, the content type's
// charset or the page's own meta element, in that order.
func decode(body []byte, contentType string) []byte {
	e, _, _ := charset.DetermineEncoding(body, contentType)
	text, err := e.NewDecoder().Bytes(body)
	if err != nil {
		return body
	}
	return text
}
