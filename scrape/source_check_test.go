package scrape

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/crawl"
	"github.com/kurakurai/luth/scrape/examsite"
)

// guide returns the first block of a kind in docs/adding-a-source.md that
// holds a text.
func guide(t *testing.T, kind, holding string) string {
	t.Helper()
	doc, err := os.ReadFile("../docs/adding-a-source.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```"+kind+"\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		if strings.Contains(block[1], holding) {
			return block[1]
		}
	}
	t.Fatalf("no %s block with %q in the guide", kind, holding)
	return ""
}

// guideSource writes the guide's worked example to a folder, changed by edit,
// and loads it.
func guideSource(t *testing.T, edit func(definition, site string) (string, string)) *Source {
	t.Helper()
	definition, site := edit(guide(t, "yaml", "name:"), guide(t, "txtar", "--"))
	file := filepath.Join(t.TempDir(), "annales-lycee.yaml")
	fixtures := filepath.Join(filepath.Dir(file), "testdata", "annales-lycee")
	err := errors.Join(os.MkdirAll(fixtures, 0o755), os.WriteFile(file, []byte(definition), 0o644),
		os.WriteFile(filepath.Join(fixtures, "site.txtar"), []byte(site), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	s, err := LoadSource(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGuide(t *testing.T) {
	s := guideSource(t, func(d, p string) (string, string) { return d, p })
	report, err := Check(t.Context(), s, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	var got strings.Builder
	if err := report.Print(&got); err != nil {
		t.Fatal(err)
	}
	if want := guide(t, "text", "2 documents"); got.String() != want {
		t.Errorf("got\n%s\nthe guide says\n%s", got.String(), want)
	}
}

func TestProblems(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"the guide's", "table.sujets a", "table.sujet a", guide(t, "text", "finds nothing")},
		{"wrong id", "ul.annees a", "ul#annees a", "no #annees on them; near it are .annees\n"},
		{"child", "ul.annees a", "ul.annees > a", "finds nothing on the 1 pages read\n    ul.annees a finds 1, such as <a href=\"/maths/2031/\">\n"},
		{"attribute", "table.sujets a", `table.sujets a[href$=".doc"]`, "table.sujets a finds 2, such as"},
		{"match", `'\.pdf$'`, `'\.tex$'`, `documents[0].match: "\\.tex$" fits none of the 2 addresses found, such as http://www.annales-lycee.example/pdf/maths-2031-metropole-corrige.pdf`},
		{"start", "urls: [http://www.annales-lycee.example/]", "urls: [http://www.annales-lycee.example/old]", "start: cannot read http://www.annales-lycee.example/old: http 404 Not Found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := guideSource(t, func(d, p string) (string, string) {
				if !strings.Contains(d, tt.old) {
					t.Fatalf("no %q in the guide's definition", tt.old)
				}
				return strings.Replace(d, tt.old, tt.new, 1), p
			})
			report, err := Check(t.Context(), s, CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := report.Err(); err == nil || !strings.Contains(err.Error()+"\n", tt.want) {
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

func TestNotUnderstood(t *testing.T) {
	s := guideSource(t, func(d, p string) (string, string) {
		return d, strings.Replace(p, "</table>", `<tr><td><a href="/pdf/poterie-2031-asie-sujet.pdf">Sujet</a><a href="/pdf/notes.pdf">Notes</a></td></tr>
</table><a href="/pdf/tout.zip">Tout</a>`, 1)
	})
	report, err := Check(t.Context(), s, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(report.NotUnderstood, "\n")
	for _, want := range []string{`subject "poterie" is not a known one`, "notes.pdf: no role, exam, subject, year", "tout.zip: no rule takes this file"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// TestCheckLive checks against a server, by the way a real site is checked.
func TestCheckLive(t *testing.T) {
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		examsite.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	s, err := LoadSource("example")
	if err != nil {
		t.Fatal(err)
	}
	options := CheckOptions{Live: true, Pages: 4, Resolve: map[string]string{examsite.Host: server.Listener.Addr().String()}}
	report, err := Check(t.Context(), s, options)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Pages) != 4 {
		t.Errorf("%d pages read", len(report.Pages))
	}
	close(asked)
	for path := range asked {
		if strings.HasSuffix(path, ".pdf") {
			t.Errorf("a document was fetched: %s", path)
		}
	}
}

// TestCrawlExample crawls the bundled site: all it links to is accounted for,
// and nothing is asked for that robots.txt forbids.
func TestCrawlExample(t *testing.T) {
	address, stop, err := examsite.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s, err := LoadSource("example")
	if err != nil {
		t.Fatal(err)
	}
	options := crawl.Options{Store: t.TempDir(), Sources: []crawl.Rules{s.Rules()}, Resolve: map[string]string{examsite.Host: address}}
	balance, err := crawl.Run(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if err := balance.Check(); err != nil || balance.Pending != 0 || balance.Dropped["robots.txt forbids it"] != 1 || balance.Dropped["outside the source's domains"] != 1 {
		t.Errorf("balance %+v, %v", balance, err)
	}
	store, err := crawl.Open(t.Context(), options.Store)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	items, err := store.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pairs := make(map[string]string)
	for _, i := range items {
		pairs[i.Key] += " " + i.Role
		if i.Meta["subject"] == "" || i.Meta["exam"] == "" {
			t.Errorf("%s: %v", i.URL, i.Meta)
		}
	}
	if got := pairs["/annales-pdf/2031/spe-mathematiques-2031-metropole-1"]; got != " correction subject" {
		t.Errorf("documents of one paper: %q in %v", got, fmt.Sprint(pairs))
	}
}

func TestParts(t *testing.T) {
	for selector, want := range map[string]string{
		"td.x > a":                      "td|.x| > |a",
		`a[href$=".pdf"].b, ul li`:      `a|[href$=".pdf"]|.b|, |ul| |li`,
		"#main a:not(.nav):first-child": "#main| |a|:not(.nav)|:first-child",
		"":                              "",
	} {
		if got := strings.Join(parts(selector), "|"); got != want {
			t.Errorf("parts(%q) = %s, want %s", selector, got, want)
		}
	}
}

func FuzzNearest(f *testing.F) {
	f.Add("table.sujet > a[href]")
	f.Add("[)((")
	f.Fuzz(func(t *testing.T, selector string) {
		nearest(selector, nil)
	})
}
