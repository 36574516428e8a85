// Package journal keeps what language models answered, so that nothing is
// asked twice.
//
// A journal is a SQLite database with one row for each request, under the key
// of its wire body ([llm.Key]): a changed prompt, model or parameter has
// another key and is asked, and nothing else is. Failures that stay are kept
// too, with their class. [Journal.Put] returns when the row is on the disk.
package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	_ "modernc.org/sqlite" // registers the driver

	"github.com/kurakurai/luth/translate/llm"
)

const schema = `
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS answers (
	key               BLOB NOT NULL,
	stage             TEXT NOT NULL,
	class             TEXT NOT NULL, -- '' for an answer, else why there is none
	error             TEXT NOT NULL,
	content           TEXT NOT NULL,
	reasoning         TEXT NOT NULL,
	finish            TEXT NOT NULL,
	model             TEXT NOT NULL,
	server            TEXT NOT NULL,
	logprobs          TEXT NOT NULL,
	prompt_tokens     INTEGER NOT NULL,
	completion_tokens INTEGER NOT NULL,
	cached_tokens     INTEGER NOT NULL,
	latency_ms        INTEGER NOT NULL,
	attempts          INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS answers_key ON answers (key);
PRAGMA user_version = 1;`

// Entry is what became of one request. Err is nil for an answer; else it says
// why there is none, and its Answer holds what came all the same.
type Entry struct {
	Key    llm.Key
	Stage  string
	Answer llm.Answer
	Err    *llm.Error
}

// Journal is an open journal. Its methods are safe for several goroutines.
type Journal struct {
	path   string
	reader *sql.DB
	lookup *sql.Stmt
	writer *writer
	known  known
}

// readers is the number of connections that look up. Each has its own cache.
const readers = 2

// Open opens the journal at path, made when absent. Several processes may use
// one journal; each finds what was there when it opened it, and its own.
func Open(ctx context.Context, path string) (*Journal, error) {
	j := &Journal{path: path}
	wrap := func(err error) error {
		return fmt.Errorf("open journal %s: %w; if the file is damaged, move it away and import what luth translate journal export can still read", path, err)
	}
	db, err := connect(path, "FULL") // a commit is on the disk before it counts
	if err != nil {
		return nil, wrap(err)
	}
	db.SetMaxOpenConns(1)
	if err := prepare(ctx, db); err != nil {
		db.Close()
		return nil, wrap(err)
	}
	if j.reader, err = connect(path, "FULL"); err == nil {
		j.reader.SetMaxOpenConns(readers)
		j.reader.SetMaxIdleConns(readers)
		j.lookup, err = j.reader.PrepareContext(ctx, selectEntry+" WHERE key = ?")
	}
	if err == nil {
		err = j.known.load(ctx, j.reader)
	}
	if err != nil {
		db.Close()
		return nil, wrap(err)
	}
	j.writer = newWriter(db)
	return j, nil
}

func connect(path, synchronous string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(30000)&_pragma=synchronous("+synchronous+")&_pragma=cache_size(-8000)&_pragma=wal_autocheckpoint(8000)&_txlock=immediate")
}

func prepare(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > 1 {
		return fmt.Errorf("its schema is %d, this luth knows 1", version)
	}
	_, err := db.ExecContext(ctx, schema)
	return err
}

// Close writes what still waits and closes the journal.
func (j *Journal) Close() error {
	return errors.Join(j.writer.close(), j.lookup.Close(), j.reader.Close())
}

const selectEntry = `SELECT key, stage, class, error, content, reasoning, finish, model, server, logprobs,
	prompt_tokens, completion_tokens, cached_tokens, latency_ms, attempts FROM answers`

// Get returns the entry of key.
func (j *Journal) Get(ctx context.Context, key llm.Key) (entry Entry, found bool, err error) {
	if !j.known.maybe(key) {
		return Entry{}, false, nil
	}
	entry, err = scan(j.lookup.QueryRowContext(ctx, key[:]).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, false, nil
	}
	if err != nil {
		return Entry{}, false, j.failed(ctx, "read", err)
	}
	return entry, true, nil
}

// Put stores an entry, in place of an earlier one with its key. When it
// returns nil, the entry is durable.
func (j *Journal) Put(ctx context.Context, entry Entry) error {
	if err := j.writer.put(ctx, entry); err != nil {
		return j.failed(ctx, "write", err)
	}
	j.known.add(entry.Key)
	return nil
}

// failed wraps an error, unless ctx is the cause.
func (j *Journal) failed(ctx context.Context, verb string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s journal %s: %w", verb, j.path, err)
}

// Count returns how many answers and how many failures there are of a stage.
func (j *Journal) Count(ctx context.Context, stage string) (answers, failures int64, err error) {
	row := j.reader.QueryRowContext(ctx, "SELECT count(*) FILTER (WHERE class = ''), count(*) FILTER (WHERE class <> '') FROM answers WHERE stage = ?", stage)
	if err := row.Scan(&answers, &failures); err != nil {
		return 0, 0, j.failed(ctx, "read", err)
	}
	return answers, failures, nil
}

// values are an entry's columns, in the order of the schema.
func (e Entry) values() []any {
	class, message, a := "", "", e.Answer
	if e.Err != nil {
		class, message, a = string(e.Err.Class), e.Err.Message, e.Err.Answer
	}
	return []any{
		e.Key[:], e.Stage, class, message, a.Content, a.Reasoning, a.Finish, a.Model, a.Server, string(a.Logprobs),
		a.PromptTokens, a.CompletionTokens, a.CachedTokens, a.Latency.Milliseconds(), a.Attempts,
	}
}

func scan(from func(...any) error) (e Entry, err error) {
	var key []byte
	var class, message, logprobs string
	var latency int64
	a := &e.Answer
	err = from(&key, &e.Stage, &class, &message, &a.Content, &a.Reasoning, &a.Finish, &a.Model, &a.Server, &logprobs,
		&a.PromptTokens, &a.CompletionTokens, &a.CachedTokens, &latency, &a.Attempts)
	if err != nil {
		return Entry{}, err
	}
	if len(key) != len(e.Key) {
		return Entry{}, fmt.Errorf("a key of %d bytes", len(key))
	}
	copy(e.Key[:], key)
	a.Latency = time.Duration(latency) * time.Millisecond
	if logprobs != "" {
		a.Logprobs = json.RawMessage(logprobs)
	}
	if class != "" {
		e.Err = &llm.Error{Class: llm.Class(class), Message: message, Answer: e.Answer}
		e.Answer = llm.Answer{}
	}
	return e, nil
}
