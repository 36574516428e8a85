package crawl

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kurakurai/luth/dataset"
	_ "modernc.org/sqlite" // registers the driver
)

// The kinds of an address.
const (
	kindPage     = "page"
	kindSitemap  = "sitemap"
	kindDocument = "document"
)

// The states of an address. Each address of a generation is in one of them.
const (
	statusPending   = "pending"
	statusDone      = "done"      // fetched and stored
	statusUnchanged = "unchanged" // as stored by an earlier generation
	statusDropped   = "dropped"   // left for a reason
	statusDead      = "dead"      // failed
)

// schema holds one row per source and address. The columns from generation to
// meta belong to the generation that last met the address, the ones after to
// the last content fetched.
const schema = `
CREATE TABLE IF NOT EXISTS runs (
	source TEXT NOT NULL, generation INTEGER NOT NULL, version TEXT NOT NULL, finished INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (source, generation));
CREATE TABLE IF NOT EXISTS urls (
	source TEXT NOT NULL, url TEXT NOT NULL, form TEXT NOT NULL,
	generation INTEGER NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
	skipped INTEGER NOT NULL, round INTEGER NOT NULL, parent TEXT NOT NULL, position INTEGER NOT NULL,
	depth INTEGER NOT NULL, licence TEXT NOT NULL, link_text TEXT NOT NULL, row_key TEXT NOT NULL,
	role TEXT NOT NULL, pair_key TEXT NOT NULL, rank INTEGER NOT NULL, meta TEXT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
	final_url TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '', last_modified TEXT NOT NULL DEFAULT '',
	content_type TEXT NOT NULL DEFAULT '', format TEXT NOT NULL DEFAULT '', sha256 TEXT NOT NULL DEFAULT '',
	bytes INTEGER NOT NULL DEFAULT 0, retrieved TEXT NOT NULL DEFAULT '',
	PRIMARY KEY (source, url, form));
CREATE INDEX IF NOT EXISTS urls_todo ON urls (source, generation, status, round);
PRAGMA user_version = 1;`

// row is one address.
type row struct {
	Item
	Form       string
	Generation int64
	Kind       string
	Status     string
	Reason     string

	// How it was met. Of several ways the least counts: not skipped before
	// skipped, then the earlier round, the lesser parent, the earlier position.
	Skipped  bool
	Round    int
	Position int
	Depth    int

	Attempts     int
	Error        string
	ETag         string
	LastModified string
}

// state is the table of addresses.
type state struct {
	db *sql.DB
}

// openState opens the database at path, made when absent. In WAL mode with
// synchronous=NORMAL a commit survives the death of the process; a power cut
// may lose the last commits, never the file's consistency.
func openState(ctx context.Context, path string) (*state, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w; if the file is damaged remove it, the documents beside it are kept", path, err)
	}
	return &state{db}, nil
}

// begin returns the generation to work on: the last one when it did not end
// under the same version of the rules, else a new one that starts with the
// given rows.
func (s *state) begin(ctx context.Context, source, version string, fresh bool, start []row) (int64, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("begin a crawl of %s: %w", source, err)
	}
	defer tx.Rollback()
	var generation int64
	var finished bool
	var last string
	err = tx.QueryRowContext(ctx, `SELECT generation, finished, version FROM runs WHERE source = ? ORDER BY generation DESC LIMIT 1`, source).
		Scan(&generation, &finished, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("begin a crawl of %s: %w", source, err)
	}
	if err == nil && !finished && !fresh && last == version {
		return generation, nil
	}
	generation++
	if _, err := tx.ExecContext(ctx, `INSERT INTO runs (source, generation, version) VALUES (?, ?, ?)`, source, generation, version); err != nil {
		return 0, fmt.Errorf("begin a crawl of %s: %w", source, err)
	}
	if err := meet(ctx, tx, generation, start); err != nil {
		return 0, err
	}
	return generation, tx.Commit()
}

// finish ends a generation.
func (s *state) finish(ctx context.Context, source string, generation int64) error {
	_, err := s.db.ExecContext(ctx, `UPDATE runs SET finished = 1 WHERE source = ? AND generation = ?`, source, generation)
	if err != nil {
		return fmt.Errorf("end the crawl of %s: %w", source, err)
	}
	return nil
}

// meet records addresses that the generation has come across. An address known
// from an earlier generation starts again, one met before in this generation
// keeps the lesser way.
func meet(ctx context.Context, tx *sql.Tx, generation int64, rows []row) error {
	const upsert = `
INSERT INTO urls (source, url, form, generation, kind, status, reason, skipped, round, parent, position,
	depth, licence, link_text, row_key, role, pair_key, rank, meta)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source, url, form) DO UPDATE SET
	generation = excluded.generation, kind = excluded.kind, status = excluded.status, reason = excluded.reason,
	skipped = excluded.skipped, round = excluded.round, parent = excluded.parent, position = excluded.position,
	depth = excluded.depth, licence = excluded.licence, link_text = excluded.link_text, row_key = excluded.row_key,
	role = excluded.role, pair_key = excluded.pair_key, rank = excluded.rank, meta = excluded.meta, attempts = 0, error = ''
WHERE urls.generation < excluded.generation
	OR (excluded.skipped, excluded.round, excluded.parent, excluded.position) < (urls.skipped, urls.round, urls.parent, urls.position)`
	stmt, err := tx.PrepareContext(ctx, upsert)
	if err != nil {
		return fmt.Errorf("record addresses: %w", err)
	}
	defer stmt.Close()
	for _, r := range rows {
		meta, err := json.Marshal(r.Meta)
		if err != nil {
			return fmt.Errorf("record %s: %w", r.URL, err)
		}
		_, err = stmt.ExecContext(ctx, r.Source, r.URL, r.Form, generation, r.Kind, r.Status, r.Reason, r.Skipped, r.Round, r.PageURL, r.Position,
			r.Depth, r.Licence, r.LinkText, r.Row, r.Role, r.Key, r.Rank, string(meta))
		if err != nil {
			return fmt.Errorf("record %s: %w", r.URL, err)
		}
	}
	return nil
}

// settle writes what became of r and, in the same transaction, the links found on it.
func (s *state) settle(ctx context.Context, r row, links []row) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("record %s: %w", r.URL, err)
	}
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, `UPDATE urls SET kind = ?, status = ?, reason = ?, attempts = attempts + ?, error = ?,
	final_url = ?, etag = ?, last_modified = ?, content_type = ?, format = ?, sha256 = ?, bytes = ?, retrieved = ?
WHERE source = ? AND url = ? AND form = ?`,
		r.Kind, r.Status, r.Reason, r.Attempts, r.Error,
		r.FinalURL, r.ETag, r.LastModified, r.ContentType, r.Format, r.SHA256, r.Bytes, formatTime(r.Retrieved),
		r.Source, r.URL, r.Form)
	if err != nil {
		return fmt.Errorf("record %s: %w", r.URL, err)
	}
	if err := meet(ctx, tx, r.Generation, links); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("record %s: %w", r.URL, err)
	}
	return nil
}

// round returns the first round with pages to ask for, or false.
func (s *state) round(ctx context.Context, source string, generation int64) (int, bool, error) {
	var round sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT min(round) FROM urls WHERE source = ? AND generation = ? AND status = ? AND kind <> ?`,
		source, generation, statusPending, kindDocument).Scan(&round)
	if err != nil {
		return 0, false, fmt.Errorf("read the state of %s: %w", source, err)
	}
	return int(round.Int64), round.Valid, nil
}

// cap drops the pages of a round beyond the limit, the last by address. Pages
// that were left without asking do not count. Asked again in the middle of a
// round it drops no more, because it never drops what it once left pending.
func (s *state) cap(ctx context.Context, source string, generation int64, round, limit int) error {
	_, err := s.db.ExecContext(ctx, `
WITH asked AS (
	SELECT rowid, status, row_number() OVER (ORDER BY round, url, form) AS n
	FROM urls WHERE source = ?1 AND generation = ?2 AND kind <> ?3 AND status <> ?4 AND round <= ?5)
UPDATE urls SET status = ?4, reason = 'page cap' WHERE rowid IN (SELECT rowid FROM asked WHERE n > ?6 AND status = ?7)`,
		source, generation, kindDocument, statusDropped, round, limit, statusPending)
	if err != nil {
		return fmt.Errorf("cap the pages of %s: %w", source, err)
	}
	return nil
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// balance counts the addresses of the last generation of each source.
func (s *state) balance(ctx context.Context, sources []string) (dataset.Balance, error) {
	b := dataset.Balance{Stage: "scrape.crawl", Unit: "urls"}
	for _, source := range sources {
		if err := s.count(ctx, source, &b); err != nil {
			return b, fmt.Errorf("count the addresses of %s: %w", source, err)
		}
	}
	return b, b.Check()
}

func (s *state) count(ctx context.Context, source string, b *dataset.Balance) error {
	const latest = ` FROM urls WHERE source = ?1 AND generation = (SELECT max(generation) FROM runs WHERE source = ?1)`
	var in int64
	if err := s.db.QueryRowContext(ctx, `SELECT count(*)`+latest, source).Scan(&in); err != nil {
		return err
	}
	b.In += in
	rows, err := s.db.QueryContext(ctx, `SELECT status, reason, count(*)`+latest+` GROUP BY 1, 2`, source)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var status, reason string
		var n int64
		if err := rows.Scan(&status, &reason, &n); err != nil {
			return err
		}
		for range n {
			switch status {
			case statusDone, statusUnchanged:
				b.Out++
			case statusDropped:
				b.Drop(reason)
			case statusDead:
				b.Fail(reason)
			case statusPending:
				b.Pending++
			}
		}
	}
	return rows.Err()
}
