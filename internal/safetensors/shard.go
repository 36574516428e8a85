package safetensors

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// shard is one file of a model being written.
type shard struct {
	layout
	path      string // its final name
	created   bool   // the partial file is ours to remove
	published bool   // it has its final name

	ctx  context.Context // of the sums in the background
	file *os.File
	sums sums

	mu      sync.Mutex
	claimed spans // given to a writer
	landed  spans // written
}

func newShard(ctx context.Context, path string, l layout, tensorSums bool) *shard {
	s := &shard{layout: l, path: path, ctx: ctx}
	s.sums.whole = sha256.New()
	if tensorSums {
		s.sums.tensors, s.sums.part, s.sums.byName = l.tensors, sha256.New(), make(map[string]string, len(l.tensors))
	}
	return s
}

// create makes the partial file, takes its space on the disk, and writes the
// header.
func (s *shard) create() error {
	f, err := os.OpenFile(s.path+partialSuffix, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	s.file, s.created = f, true
	if err := preallocate(f, s.size); err != nil {
		return fmt.Errorf("take %d bytes for %s: %w: free some space or choose another disk", s.size, f.Name(), err)
	}
	if _, err := f.WriteAt(s.header, 0); err != nil {
		return err
	}
	s.mark(0, int64(len(s.header)))
	return nil
}

// reopen opens the file that an earlier process created. A shard that already
// has its final name, because Finish was interrupted, is complete.
func (s *shard) reopen() error {
	f, err := os.OpenFile(s.path+partialSuffix, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		s.published = true
		f, err = os.Open(s.path)
	}
	if err != nil {
		return fmt.Errorf("%w: there is nothing to resume, start anew", err)
	}
	s.file, s.created = f, !s.published
	const remedy = "remove it and start anew"
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() != s.size {
		return fmt.Errorf("%s has %d bytes and must have %d: it was made for other tensors or not begun in full; %s", f.Name(), info.Size(), s.size, remedy)
	}
	header := make([]byte, len(s.header))
	if _, err := f.ReadAt(header, 0); err != nil {
		return fmt.Errorf("read the header of %s: %w", f.Name(), err)
	}
	if !bytes.Equal(header, s.header) {
		return fmt.Errorf("%s was made for other tensors or metadata; %s", f.Name(), remedy)
	}
	if s.published {
		s.mark(0, s.size)
	} else {
		s.mark(0, int64(len(s.header)))
	}
	return nil
}

// mark records bytes that are known to be in the file.
func (s *shard) mark(begin, end int64) {
	if begin < end && s.claim(begin, end) {
		s.land(begin, end)
	}
}

func (s *shard) claim(begin, end int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claimed.add(begin, end)
}

// land records written bytes, and sums in the background what is then
// complete from the start of the file on.
func (s *shard) land(begin, end int64) {
	s.mu.Lock()
	s.landed.add(begin, end)
	prefix := s.landed.gap(0)
	s.mu.Unlock()
	if !s.sums.mu.TryLock() {
		return // someone is summing
	}
	if prefix-s.sums.pos < sumBehind {
		s.sums.mu.Unlock()
		return
	}
	go func() {
		defer s.sums.mu.Unlock()
		s.sums.advance(s.ctx, s.file, prefix)
	}()
}

func (s *shard) gap(begin int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.landed.gap(begin)
}

// complete returns an error that names the first byte nobody wrote.
func (s *shard) complete() error {
	gap := s.gap(0)
	if gap == s.size {
		return nil
	}
	for _, t := range s.tensors {
		if gap < t.begin+t.Size {
			return fmt.Errorf("tensor %q: nothing was written from byte %d of %d on", t.Name, gap-t.begin, t.Size)
		}
	}
	return fmt.Errorf("%s ends at byte %d of %d", s.path, gap, s.size)
}

func (s *shard) sync() error {
	if s.published {
		return nil
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("make %s durable: %w", s.file.Name(), err)
	}
	return nil
}

// sum returns the checksums, of which most may be computed already.
func (s *shard) sum(ctx context.Context) (Shard, error) {
	s.sums.mu.Lock()
	defer s.sums.mu.Unlock()
	if err := s.sums.advance(ctx, s.file, s.size); err != nil {
		return Shard{}, err
	}
	return Shard{
		Name: filepath.Base(s.path), Size: s.size,
		SHA256: hex.EncodeToString(s.sums.whole.Sum(nil)), Tensors: s.sums.byName,
	}, nil
}

// publish gives a finished file its name.
func (s *shard) publish() error {
	if err := s.close(); err != nil || s.published {
		return err
	}
	if err := os.Rename(s.path+partialSuffix, s.path); err != nil {
		return err
	}
	s.published = true
	return nil
}

func (s *shard) close() error {
	s.sums.mu.Lock() // no sum is left running
	defer s.sums.mu.Unlock()
	if s.file == nil {
		return nil
	}
	if err := s.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// sumBehind is how many bytes are left before a sum goes on in the background.
const sumBehind = 8 << 20

// sums computes the checksums of a file and of its tensors in one pass over
// its bytes in order, as far as they are there.
type sums struct {
	mu      sync.Mutex
	pos     int64 // bytes summed
	whole   hash.Hash
	part    hash.Hash // of the current tensor
	tensors []Tensor  // those not summed yet; none if only the whole is
	byName  map[string]string
}

// advance sums up to end. After an error it can be called again.
func (s *sums) advance(ctx context.Context, r io.ReaderAt, end int64) error {
	buf := make([]byte, 1<<20)
	for s.pos < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk := buf[:min(int64(len(buf)), end-s.pos)]
		if _, err := r.ReadAt(chunk, s.pos); err != nil {
			return fmt.Errorf("read back what was written: %w", err)
		}
		s.whole.Write(chunk)
		s.sumTensors(chunk)
		s.pos += int64(len(chunk))
	}
	s.sumTensors(nil) // tensors without data at the very end
	return nil
}

// sumTensors adds the bytes at pos to the sums of the tensors they belong to.
func (s *sums) sumTensors(chunk []byte) {
	begin, end := s.pos, s.pos+int64(len(chunk))
	for len(s.tensors) > 0 {
		t := s.tensors[0]
		if t.begin > end || t.begin == end && t.Size > 0 {
			return
		}
		from, to := max(begin, t.begin), min(end, t.begin+t.Size)
		s.part.Write(chunk[from-begin : to-begin])
		if to < t.begin+t.Size {
			return
		}
		s.byName[t.Name] = hex.EncodeToString(s.part.Sum(nil))
		s.part.Reset()
		s.tensors = s.tensors[1:]
	}
}
