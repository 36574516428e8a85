package journal

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// writer is the one goroutine that writes. It commits everything that came
// while it was committing in one transaction, so that the wait for the disk is
// shared.
type writer struct {
	db    *sql.DB
	queue chan pending
	ended sync.WaitGroup

	mu     sync.RWMutex // held for reading while something is put in the queue
	closed bool
}

// pending is an entry and where to tell how it went.
type pending struct {
	entry Entry
	done  chan error
}

// maxBatch bounds a transaction.
const maxBatch = 1024

var errClosed = errors.New("the journal is closed")

func newWriter(db *sql.DB) *writer {
	w := &writer{db: db, queue: make(chan pending, maxBatch)}
	w.ended.Go(w.run)
	return w
}

// put returns when the entry is durable. One that ctx gives up may still be
// written.
func (w *writer) put(ctx context.Context, entry Entry) error {
	p := pending{entry, make(chan error, 1)}
	if err := w.enqueue(ctx, p); err != nil {
		return err
	}
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) enqueue(ctx context.Context, p pending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) close() error {
	w.mu.Lock()
	closed := w.closed
	w.closed = true
	w.mu.Unlock()
	if !closed {
		close(w.queue)
	}
	w.ended.Wait()
	return w.db.Close()
}

func (w *writer) run() {
	batch := make([]pending, 0, maxBatch)
	for first := range w.queue {
		batch = w.collect(append(batch[:0], first))
		err := w.commit(batch)
		for _, p := range batch {
			p.done <- err
		}
	}
}

// collect adds what waits already.
func (w *writer) collect(batch []pending) []pending {
	for len(batch) < maxBatch {
		select {
		case p, ok := <-w.queue:
			if !ok {
				return batch
			}
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

const insertEntry = `INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (w *writer) commit(batch []pending) error {
	tx, err := w.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	insert, err := tx.Prepare(insertEntry)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, p := range batch {
		if _, err := insert.Exec(p.entry.values()...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
