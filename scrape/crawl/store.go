package crawl

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/kurakurai/luth/internal/atomicfile"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Store is a folder with what was crawled:
//
//	state.db                       the addresses and what became of them
//	documents/ab/ab12….pdf         documents by the SHA-256 of their bytes
//	documents/ab/ab12….json        where each was fetched, when, with which headers
//	pages/ab/ab34….html            pages, so that an unchanged one can be read again
//
// Files are never changed once written, and none is removed.
type Store struct {
	dir   string
	state *state

	sidecar sync.Mutex // guards reading and writing a sidecar
}

// Open opens the store in dir, made when absent.
func Open(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the store: %w", err)
	}
	state, err := openState(ctx, filepath.Join(dir, "state.db"))
	if err != nil {
		return nil, err
	}
	return &Store{dir: dir, state: state}, nil
}

// Close releases the store.
func (s *Store) Close() error {
	return s.state.db.Close()
}

// lock keeps other crawls out of the store until the returned function is
// called or the process dies. It is an open transaction on a database of its own, the
// one lock SQLite gives on every system.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "lock.db")+"?_txlock=exclusive")
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", s.dir, err)
	}
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		db.Close()
		var busy *sqlite.Error
		if errors.As(err, &busy) && busy.Code()&0xff == sqlite3.SQLITE_BUSY {
			return nil, fmt.Errorf("another crawl is using %s; wait for its end or give another folder", s.dir)
		}
		return nil, fmt.Errorf("lock %s: %w", s.dir, err)
	}
	return func() {
		tx.Rollback()
		db.Close()
	}, nil
}

// sweep removes the temporary files of a crawl that was killed. Only the
// holder of the lock may call it.
func (s *Store) sweep() error {
	for _, area := range []string{"documents", "pages"} {
		stale, err := fs.Glob(os.DirFS(s.dir), area+"/*/.luth-*.tmp")
		if err != nil {
			return fmt.Errorf("clean %s: %w", s.dir, err)
		}
		for _, path := range stale {
			if err := os.Remove(filepath.Join(s.dir, filepath.FromSlash(path))); err != nil {
				return fmt.Errorf("clean %s: %w", s.dir, err)
			}
		}
	}
	return nil
}

// Path returns where the bytes of an item stand. What was a page once stays
// one here, and so do documents, however later rules lead to them.
func (s *Store) Path(i Item) string {
	switch i.Format {
	case FormatHTML, FormatXML, FormatOther:
		return s.path("pages", i.SHA256, i.Format)
	}
	return s.path("documents", i.SHA256, i.Format)
}

func (s *Store) path(area, sum, extension string) string {
	return filepath.Join(s.dir, area, sum[:min(2, len(sum))], sum+"."+extension)
}

// intact returns the stored body of r, nil when there is none or when the
// file is not what it was.
func (s *Store) intact(r row) []byte {
	if r.SHA256 == "" {
		return nil
	}
	body, err := os.ReadFile(s.Path(r.Item))
	if err != nil || digest(body) != r.SHA256 {
		return nil
	}
	return body
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// save writes the body of r, whose SHA256 and Format are set, unless an equal one
// stands there.
func (s *Store) save(r row, body []byte) error {
	if s.intact(r) != nil {
		return nil
	}
	path := s.Path(r.Item)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("store %s: %w", r.URL, err)
	}
	if err := atomicfile.WriteFile(path, body); err != nil {
		return fmt.Errorf("store %s: %w", r.URL, err)
	}
	return nil
}

// sighting is one entry of a document's sidecar: an address that gave these bytes.
type sighting struct {
	Source    string            `json:"source"`
	URL       string            `json:"url"`
	FinalURL  string            `json:"final_url"`
	PageURL   string            `json:"page_url"`
	Licence   string            `json:"licence"`
	Retrieved time.Time         `json:"retrieved"`
	Headers   map[string]string `json:"headers"`
}

// keptHeaders are those of a response that say something about the document.
var keptHeaders = []string{"Content-Type", "Content-Disposition", "Content-Language", "Date", "Etag", "Last-Modified"}

// note adds r to the sidecar of its document.
func (s *Store) note(r row, header http.Header) error {
	s.sidecar.Lock()
	defer s.sidecar.Unlock()
	path := s.path("documents", r.SHA256, "json")
	var all []sighting
	if data, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(data, &all); err != nil {
			return fmt.Errorf("read %s: %w; remove it and crawl again", path, err)
		}
	}
	headers := make(map[string]string)
	for _, key := range keptHeaders {
		if value := header.Get(key); value != "" {
			headers[key] = value
		}
	}
	all = slices.DeleteFunc(all, func(one sighting) bool { return one.Source == r.Source && one.URL == r.URL })
	all = append(all, sighting{r.Source, r.URL, r.FinalURL, r.PageURL, r.Licence, r.Retrieved, headers})
	slices.SortFunc(all, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.Source, b.Source))
	})
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("describe %s: %w", r.URL, err)
	}
	return atomicfile.WriteFile(path, append(data, '\n'))
}
