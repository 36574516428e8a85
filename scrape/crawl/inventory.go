package crawl

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"time"
)

// Entry is one address of the last generation of its source, with what became of it.
type Entry struct {
	Item
	Form   string `json:"form"`   // POST body, "" for GET
	Kind   string `json:"kind"`   // "page", "sitemap" or "document"
	Status string `json:"status"` // "pending", "done", "unchanged", "dropped" or "dead"
	Reason string `json:"reason"` // why dropped or dead
	Error  string `json:"error"`  // the last error in full
}

// Inventory lists the documents of the last generation of every source, sorted
// by URL. It is the same whatever the order in which they were fetched.
func (s *Store) Inventory(ctx context.Context) ([]Item, error) {
	items := []Item{}
	for r, err := range s.state.rows(ctx, `kind = 'document' AND status IN ('done', 'unchanged')`) {
		if err != nil {
			return nil, fmt.Errorf("list the documents of %s: %w", s.dir, err)
		}
		items = append(items, r.Item)
	}
	return items, nil
}

// Entries lists every address of the last generation of every source, sorted by URL.
func (s *Store) Entries(ctx context.Context) ([]Entry, error) {
	entries := []Entry{}
	for r, err := range s.state.rows(ctx, `TRUE`) {
		if err != nil {
			return nil, fmt.Errorf("list the addresses of %s: %w", s.dir, err)
		}
		entries = append(entries, Entry{Item: r.Item, Form: r.Form, Kind: r.Kind, Status: r.Status, Reason: r.Reason, Error: r.Error})
	}
	return entries, nil
}

// Silent returns the sources of which the last generation fetched nothing,
// although it tried, each with the error of its first address. Their documents
// are not in the Inventory, whatever earlier generations fetched.
func (s *Store) Silent(ctx context.Context) (map[string]string, error) {
	fetched, failed := map[string]bool{}, map[string]string{}
	for r, err := range s.state.rows(ctx, `status IN ('done', 'unchanged', 'dead')`) {
		if err != nil {
			return nil, fmt.Errorf("count what was fetched into %s: %w", s.dir, err)
		}
		if r.Status != "dead" {
			fetched[r.Source] = true
		} else if failed[r.Source] == "" {
			failed[r.Source] = r.URL + ": " + r.Reason
		}
	}
	maps.DeleteFunc(failed, func(source, _ string) bool { return fetched[source] })
	return failed, nil
}

// rows yields the rows of the last generation of every source for which a
// condition holds, sorted by URL.
func (s *state) rows(ctx context.Context, condition string, args ...any) iter.Seq2[row, error] {
	query := `
SELECT source, url, form, generation, kind, status, reason, skipped, round, parent, position, depth, licence, link_text, row_key,
	role, pair_key, rank, meta, attempts, error, final_url, etag, last_modified, content_type, format, sha256, bytes, retrieved
FROM urls JOIN (SELECT source AS name, max(generation) AS latest FROM runs GROUP BY source) ON source = name AND generation = latest
WHERE ` + condition + ` ORDER BY url, source, form`
	return func(yield func(row, error) bool) {
		found, err := s.db.QueryContext(ctx, query, args...)
		if err != nil {
			yield(row{}, err)
			return
		}
		defer found.Close()
		for found.Next() {
			r, err := scan(found)
			if !yield(r, err) || err != nil {
				return
			}
		}
		if err := found.Err(); err != nil {
			yield(row{}, err)
		}
	}
}

func scan(found *sql.Rows) (row, error) {
	var r row
	var meta, retrieved string
	err := found.Scan(&r.Source, &r.URL, &r.Form, &r.Generation, &r.Kind, &r.Status, &r.Reason, &r.Skipped, &r.Round, &r.PageURL, &r.Position,
		&r.Depth, &r.Licence, &r.LinkText, &r.Row, &r.Role, &r.Key, &r.Rank, &meta, &r.Attempts, &r.Error,
		&r.FinalURL, &r.ETag, &r.LastModified, &r.ContentType, &r.Format, &r.SHA256, &r.Bytes, &retrieved)
	if err != nil {
		return row{}, err
	}
	if err := json.Unmarshal([]byte(meta), &r.Meta); err != nil {
		return row{}, fmt.Errorf("metadata of %s: %w", r.URL, err)
	}
	if retrieved != "" {
		if r.Retrieved, err = time.Parse(time.RFC3339, retrieved); err != nil {
			return row{}, fmt.Errorf("time of %s: %w", r.URL, err)
		}
	}
	return r, nil
}
