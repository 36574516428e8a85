package crawl

import "time"

// The roles a document may have in a pair.
const (
	RoleSubject    = "subject"
	RoleCorrection = "correction"
)

// Item is one document of the inventory: what was fetched, where from, and
// what the source's rules read about it.
type Item struct {
	Source  string `json:"source"`  // name of the source definition
	Licence string `json:"licence"` // the definition's licence note

	URL      string `json:"url"`       // the address as linked, normalised
	FinalURL string `json:"final_url"` // the address after redirects
	PageURL  string `json:"page_url"`  // the page that links to it
	LinkText string `json:"link_text"` // white space collapsed
	Row      string `json:"row"`       // which row of the page holds the link, "" when the rules name no row

	Role string            `json:"role"` // RoleSubject, RoleCorrection or ""
	Key  string            `json:"key"`  // documents of one paper share it within a source; "" when the rules give none
	Rank int               `json:"rank"` // order of preference within key and role, 0 first
	Meta map[string]string `json:"meta"` // exam, level, subject, track, year, place, sitting, session, paper

	Format      string    `json:"format"` // FormatPDF or FormatTeX, as found in the bytes
	SHA256      string    `json:"sha256"` // hex; "" for a document not fetched yet
	ContentType string    `json:"content_type"`
	Bytes       int64     `json:"bytes"`
	Retrieved   time.Time `json:"retrieved"` // UTC, whole seconds: the server's Date header, else the clock
}
