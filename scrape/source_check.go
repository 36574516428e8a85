package scrape

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/andybalholm/cascadia"
	"github.com/kurakurai/luth/scrape/crawl"
	"golang.org/x/tools/txtar"
)

// CheckOptions say what a definition is checked against.
type CheckOptions struct {
	Live     bool              // the site itself, instead of the fixture pages
	Pages    int               // pages asked of the live site; default 20
	Contact  string            // see crawl.Options
	Resolve  map[string]string // see crawl.Options
	Progress io.Writer
}

// Report says what a definition would fetch and how it would pair it.
type Report struct {
	Source        string       `json:"source"`
	Pages         []string     `json:"pages"` // read, sorted
	Rules         []RuleCount  `json:"rules"`
	Documents     []crawl.Item `json:"documents"`      // that would be fetched, by URL
	Papers        []Paper      `json:"papers"`         // by key
	Left          []LeftLink   `json:"left"`           // not followed or fetched
	NotUnderstood []string     `json:"not_understood"` // what the rules do not say about the documents, and files no rule takes
	Problems      []string     `json:"problems"`       // broken rules
}

// RuleCount says how often one rule chose a link.
type RuleCount struct {
	Rule  string `json:"rule"`  // "documents[0]"
	Found int    `json:"found"` // elements the selector found
	Taken int    `json:"taken"` // of these, addresses that fit match
}

// Paper is what pairs by its key, best first.
type Paper struct {
	Key         string   `json:"key"`
	Subjects    []string `json:"subjects"`    // URLs
	Corrections []string `json:"corrections"` // URLs
	Unknown     []string `json:"unknown"`     // without a role
}

// LeftLink is a link the rules chose and the crawl leaves, with the reason.
type LeftLink struct {
	URL    string `json:"url"`
	Reason string `json:"reason"`
}

// Err returns the problems as an error, nil when there are none.
func (r *Report) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("source %s:\n%s", r.Source, strings.Join(r.Problems, "\n"))
}

// Check runs the definition over its fixture pages, or over the first pages of the
// live site, without fetching a document, by the very crawler of a real run. The
// fixture pages of x.yaml stand in testdata/x/site.txtar beside it, a txtar
// archive whose files are named by URL (for a POST form followed by # and its body).
func Check(ctx context.Context, s *Source, o CheckOptions) (*Report, error) {
	store, err := os.MkdirTemp("", "luth-check-")
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", s.Name, err)
	}
	defer os.RemoveAll(store)
	w := &witness{source: s, counts: make(map[string]*RuleCount), unfit: make(map[string]string)}
	rules := s.Rules()
	rules.Links = w.links
	options := crawl.Options{Store: store, Sources: []crawl.Rules{rules}, DryRun: true, Contact: o.Contact, Resolve: o.Resolve, Progress: o.Progress}
	if o.Live {
		options.Sources[0].Limits.MaxPages = cmp.Or(o.Pages, 20)
	} else {
		site, err := s.fixtures()
		if err != nil {
			return nil, err
		}
		options.Transport = site
		options.Sources[0].Limits.Delay = -1
	}
	if _, err := crawl.Run(ctx, options); err != nil {
		return nil, fmt.Errorf("check %s: %w", s.Name, err)
	}
	return w.report(ctx, store)
}

// fixturePages answers requests from an archive.
type fixturePages map[string][]byte

// fixtures opens the fixture pages of s, which stand beside its file.
func (s *Source) fixtures() (fixturePages, error) {
	file := path.Join("testdata", s.Name, "site.txtar")
	if s.dir == nil {
		return nil, fmt.Errorf("no fixture pages for %s: it was not read from a file", s.Name)
	}
	data, err := fs.ReadFile(s.dir, file)
	if err != nil {
		return nil, fmt.Errorf("no fixture pages for %s: write %s beside %s, or check the live site", s.Name, file, path.Base(filepath.ToSlash(s.file)))
	}
	pages := make(fixturePages)
	for _, f := range txtar.Parse(data).Files {
		pages[f.Name] = f.Data
	}
	return pages, nil
}

// RoundTrip answers with the page of that URL, or 404.
func (pages fixturePages) RoundTrip(req *http.Request) (*http.Response, error) {
	name := req.URL.String()
	if req.Body != nil {
		form, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if len(form) > 0 {
			name += "#" + string(form)
		}
	}
	body, ok := pages[name]
	resp := &http.Response{StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: make(http.Header),
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req}
	resp.Header.Set("Content-Type", "text/html; charset=utf-8")
	if !ok {
		resp.StatusCode = http.StatusNotFound
	}
	return resp, nil
}

// witness watches a crawl apply the rules of a source.
type witness struct {
	source *Source

	mu      sync.Mutex
	counts  map[string]*RuleCount
	unfit   map[string]string // rule to an address that match refused
	pages   []crawl.Page
	orphans []string // addresses of files no rule takes
}

// links applies the rules and counts.
func (w *witness) links(p crawl.Page) []crawl.Link {
	links := w.source.links(p)
	anchors := w.source.anchors(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages = append(w.pages, p)
	for _, rule := range w.source.rules() {
		count, ok := w.counts[rule.name]
		if !ok {
			count = &RuleCount{Rule: rule.name}
			w.counts[rule.name] = count
		}
		for _, address := range rule.addresses(p) {
			count.Found++
			if rule.match == nil || rule.match.MatchString(address) {
				count.Taken++
			} else if first := w.unfit[rule.name]; first == "" || address < first {
				w.unfit[rule.name] = address
			}
		}
	}
	w.orphans = append(w.orphans, orphans(p, anchors)...)
	return links
}

// rules returns all link rules of s.
func (s *Source) rules() []linkRule {
	return slices.Concat(s.compiled.pages, s.compiled.documents)
}

// addresses returns where the elements that the selector finds lead.
func (r linkRule) addresses(p crawl.Page) []string {
	if p.HTML == nil {
		if r.Select != "" {
			return nil
		}
		return p.Sitemap
	}
	if r.selector == nil {
		return nil
	}
	var all []string
	base := baseOf(p)
	for _, element := range p.HTML.FindMatcher(r.selector).EachIter() {
		address := addressOf(element)
		if u, err := base.Parse(address); err == nil && address != "" {
			all = append(all, u.String())
		}
	}
	return all
}

var fileLink = cascadia.MustCompile("a[href], iframe[src], embed[src], object[data]")

var fileSuffix = regexp.MustCompile(`(?i)\.(pdf|tex|zip|docx?|odt)(\?|$)`)

// orphans returns the links of a page that look like documents and that no rule takes.
func orphans(p crawl.Page, taken []anchor) []string {
	var all []string
	for _, address := range (linkRule{selector: fileLink}).addresses(p) {
		address, _, _ = strings.Cut(address, "#")
		if fileSuffix.MatchString(address) && !slices.ContainsFunc(taken, func(a anchor) bool { return a.url == address }) {
			all = append(all, address)
		}
	}
	return all
}

// report puts together what the crawl in a store and the witness saw.
func (w *witness) report(ctx context.Context, dir string) (*Report, error) {
	store, err := crawl.Open(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	entries, err := store.Entries(ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{Source: w.source.Name, Pages: []string{}, Documents: []crawl.Item{}, Left: []LeftLink{}, NotUnderstood: []string{}, Problems: []string{}}
	for _, e := range entries {
		switch {
		case e.Status == "dropped" || e.Status == "dead":
			r.Left = append(r.Left, LeftLink{e.URL, e.Reason})
			if e.Status == "dead" && e.PageURL == "" {
				r.Problems = append(r.Problems, fmt.Sprintf("%s: cannot read %s: %s", w.source.place("start"), e.URL, cmp.Or(e.Error, e.Reason)))
			}
		case e.Kind == "document":
			r.Documents = append(r.Documents, e.Item)
			r.NotUnderstood = append(r.NotUnderstood, missing(e.Item)...)
		case e.Form != "":
			r.Pages = append(r.Pages, e.URL+"#"+e.Form)
		default:
			r.Pages = append(r.Pages, e.URL)
		}
	}
	slices.SortFunc(w.pages, func(a, b crawl.Page) int { return cmp.Compare(a.URL, b.URL) })
	slices.Sort(w.orphans)
	for _, address := range slices.Compact(w.orphans) {
		r.NotUnderstood = append(r.NotUnderstood, address+": no rule takes this file")
	}
	r.Papers = papers(r.Documents)
	for _, rule := range w.source.rules() {
		if count := w.counts[rule.name]; count != nil {
			r.Rules = append(r.Rules, *count)
			r.Problems = append(r.Problems, w.problem(rule, *count)...)
		}
	}
	if len(r.Documents) == 0 {
		r.Problems = append(r.Problems, w.source.place("documents")+": no document on the pages read")
	}
	return r, nil
}

// missing says what the rules did not read of a document.
func missing(i crawl.Item) []string {
	var fields []string
	if i.Role == "" {
		fields = append(fields, "role")
	}
	if i.Key == "" {
		fields = append(fields, "key")
	}
	for _, field := range []string{"exam", "subject", "year"} {
		if i.Meta[field] == "" {
			fields = append(fields, field)
		}
	}
	if len(fields) > 0 {
		return []string{fmt.Sprintf("%s: no %s", i.URL, strings.Join(fields, ", "))}
	}
	if name := i.Meta["subject"]; subjects[name] == nil {
		return []string{fmt.Sprintf("%s: subject %q is not a known one; give it under values, or leave it with skip", i.URL, name)}
	}
	return nil
}

// papers groups documents by key; those without one stay alone.
func papers(documents []crawl.Item) []Paper {
	byKey := make(map[string][]crawl.Item)
	for _, i := range documents {
		key := i.Key
		if key == "" {
			key = i.URL
		}
		byKey[key] = append(byKey[key], i)
	}
	all := make([]Paper, 0, len(byKey))
	for key, items := range byKey {
		slices.SortStableFunc(items, func(a, b crawl.Item) int { return cmp.Compare(a.Rank, b.Rank) })
		p := Paper{Key: key}
		for _, i := range items {
			switch i.Role {
			case crawl.RoleSubject:
				p.Subjects = append(p.Subjects, i.URL)
			case crawl.RoleCorrection:
				p.Corrections = append(p.Corrections, i.URL)
			default:
				p.Unknown = append(p.Unknown, i.URL)
			}
		}
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Paper) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// problem says what is wrong with a rule that chose nothing.
func (w *witness) problem(rule linkRule, count RuleCount) []string {
	switch {
	case count.Found == 0 && rule.Select != "":
		return []string{fmt.Sprintf("%s: %q finds nothing on the %d pages read%s",
			w.source.place(rule.name+".select"), rule.Select, len(w.pages), nearest(rule.Select, w.pages))}
	case count.Found > 0 && count.Taken == 0:
		return []string{fmt.Sprintf("%s: %q fits none of the %d addresses found, such as %s",
			w.source.place(rule.name+".match"), rule.Match, count.Found, w.unfit[rule.name])}
	}
	return nil
}

// Print writes the report for a person.
func (r *Report) Print(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "source %s: %d pages, %d documents, %d papers\n\nrules\n", r.Source, len(r.Pages), len(r.Documents), len(r.Papers))
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range r.Rules {
		fmt.Fprintf(tw, "  %s\tfound %d\ttaken %d\n", c.Rule, c.Found, c.Taken)
	}
	tw.Flush()
	fmt.Fprintln(&b, "\npapers")
	items := make(map[string]crawl.Item)
	for _, i := range r.Documents {
		items[i.URL] = i
	}
	for _, p := range r.Papers {
		fmt.Fprintf(&b, "  %s\n", p.Key)
		for _, group := range []struct {
			name string
			urls []string
		}{{"subject", p.Subjects}, {"correction", p.Corrections}, {"no role", p.Unknown}} {
			for _, address := range group.urls {
				fmt.Fprintf(&b, "    %-10s %s\n               %s\n", group.name, unescape(address), fields(items[address].Meta))
			}
		}
	}
	list(&b, "left", r.Left, func(l LeftLink) string { return unescape(l.URL) + ": " + l.Reason })
	list(&b, "not understood", r.NotUnderstood, unescape)
	list(&b, "problems", r.Problems, func(s string) string { return s })
	_, err := w.Write(b.Bytes())
	return err
}

func list[T any](b *bytes.Buffer, title string, all []T, line func(T) string) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, one := range all {
		fmt.Fprintf(b, "  %s\n", line(one))
	}
}

// fields writes metadata in a fixed order.
func fields(meta map[string]string) string {
	var parts []string
	for _, field := range metaFields {
		if meta[field] != "" {
			parts = append(parts, field+"="+meta[field])
		}
	}
	return strings.Join(parts, " ")
}
