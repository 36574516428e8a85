package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/kurakurai/luth/internal/atomicfile"
)

// DefaultShardBytes is the size a shard does not grow beyond.
const DefaultShardBytes = 500_000_000

// A Writer writes a dataset directory. Nothing is seen at its place until
// Commit. A Writer is not safe for several goroutines.
type Writer struct {
	dir       string // final place
	temporary string // sibling, where everything is written
	// ShardBytes is the size of the largest shard wanted, in bytes of the
	// file; it may be changed before the first Write. Shards are cut between
	// row groups, so a shard smaller than a row group is not possible.
	ShardBytes int64
	// Tokens counts the tokens of samples for the manifest, unless nil; it may
	// be set before the first Write.
	Tokens *TokenCounter

	shards  map[string]*shardWriter[Sample]
	dropped map[string]*shardWriter[Dropped]
	stats   *Stats
	done    bool
}

// Create starts writing the dataset directory dir, and removes what a killed
// run left of an earlier try. It refuses to replace a folder that is not a
// dataset, or that holds files a dataset does not.
func Create(dir string) (*Writer, error) {
	dir = filepath.Clean(dir)
	if err := replaceable(dir); err != nil {
		return nil, err
	}
	w := &Writer{
		dir:        dir,
		temporary:  sibling(dir, "new"),
		ShardBytes: DefaultShardBytes,
		shards:     map[string]*shardWriter[Sample]{},
		dropped:    map[string]*shardWriter[Dropped]{},
		stats:      newStats(),
	}
	if err := recoverOld(dir); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(w.temporary); err != nil {
		return nil, fmt.Errorf("remove the rest of an interrupted run: %w", err)
	}
	if err := os.MkdirAll(w.temporary, 0o755); err != nil {
		return nil, fmt.Errorf("create dataset %s: %w", dir, err)
	}
	return w, nil
}

// sibling names a hidden folder beside dir, on the same file system.
func sibling(dir, suffix string) string {
	return filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".luth-"+suffix)
}

// recoverOld ends a swap that was killed between its two renames, or after
// them: the old dataset comes back if there is no new one, else it goes.
func recoverOld(dir string) error {
	old := sibling(dir, "old")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(old, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("bring back %s: %w", dir, err)
		}
		return nil
	}
	return os.RemoveAll(old)
}

// replaceable guards against --out pointing at somebody's own folder.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("create dataset %s: %w", dir, err)
	}
	isDataset := false
	for _, e := range entries {
		switch e.Name() {
		case ManifestName:
			isDataset = true
		case "data", "dropped", cardName:
		default:
			return fmt.Errorf("create dataset %s: the folder holds %s, which is no part of a dataset and would be lost; move it away or choose another folder", dir, e.Name())
		}
	}
	if !isDataset {
		return fmt.Errorf("create dataset %s: the folder has files but no %s, so luth did not write it; choose another folder", dir, ManifestName)
	}
	return nil
}

// Write adds a sample to a split. An empty id is computed. A sample that
// breaks a rule of the record is an error: the caller drops it, or repairs it.
func (w *Writer) Write(split string, s Sample) error {
	if s.ID == "" {
		s.ID = ContentID(s.Messages)
	}
	if err := s.Validate(); err != nil {
		return fmt.Errorf("sample %s of split %s: %w", s.ID, split, err)
	}
	shard := w.shards[split]
	if shard == nil {
		if err := checkSplit(split); err != nil {
			return err
		}
		shard = &shardWriter[Sample]{dir: w.temporary, split: split, limit: w.ShardBytes, name: func(i int) string {
			return fmt.Sprintf("data/%s-%05d.parquet", split, i)
		}}
		w.shards[split] = shard
	}
	w.stats.add(split, s)
	if w.Tokens != nil {
		shard.tokens += w.Tokens.total(s.Messages)
	}
	return shard.write(s)
}

// Drop records a sample that was left out of a split, and why. The sample may
// break any rule.
func (w *Writer) Drop(split string, d Dropped) error {
	shard := w.dropped[split]
	if shard == nil {
		if err := checkSplit(split); err != nil {
			return err
		}
		shard = &shardWriter[Dropped]{dir: w.temporary, split: split, limit: 1 << 62, name: func(int) string {
			return "dropped/" + split + ".parquet"
		}}
		w.dropped[split] = shard
	}
	if d.ID == "" {
		d.ID = ContentID(d.Messages)
	}
	return shard.write(d.repaired())
}

// Abort removes everything written. After Commit it does nothing, so it can
// be deferred.
func (w *Writer) Abort() {
	if w.done {
		return
	}
	w.done = true
	for _, s := range w.shards {
		s.abort()
	}
	for _, s := range w.dropped {
		s.abort()
	}
	os.RemoveAll(w.temporary)
}

// Commit finishes the files, writes card and manifest, and puts the dataset
// in its place. Balances must add up.
func (w *Writer) Commit(meta Meta) error {
	if err := w.commit(meta); err != nil {
		w.Abort()
		return fmt.Errorf("write dataset %s: %w", w.dir, err)
	}
	w.done = true
	return nil
}

func (w *Writer) commit(meta Meta) error {
	for _, b := range meta.Balances {
		if err := b.Check(); err != nil {
			return err
		}
	}
	m := Manifest{
		Schema: manifestSchema, Luth: Version,
		Name: meta.Name, Recipe: meta.Recipe, Parents: meta.Parents, Card: meta.Card,
		Parameters: meta.Parameters,
		Splits:     []Split{}, Shards: []Shard{}, Dropped: []Shard{}, Balances: append([]Balance{}, meta.Balances...),
	}
	if w.Tokens != nil {
		m.Tokenizer = &w.Tokens.TokenizerInfo
	}
	for _, name := range slices.Sorted(maps.Keys(w.shards)) {
		shard := w.shards[name]
		if err := shard.close(); err != nil {
			return err
		}
		if err := numberShards(w.temporary, shard.shards); err != nil {
			return err
		}
		m.Shards = append(m.Shards, shard.shards...)
		split := Split{Name: name, ArrowBytes: shard.arrow}
		for _, s := range shard.shards {
			split.Rows += s.Rows
			split.Bytes += s.Bytes
			split.Tokens += s.Tokens
		}
		m.Splits = append(m.Splits, split)
	}
	for _, name := range slices.Sorted(maps.Keys(w.dropped)) {
		if err := w.dropped[name].close(); err != nil {
			return err
		}
		m.Dropped = append(m.Dropped, w.dropped[name].shards...)
	}
	m.Rehearsal = w.stats.Rehearsal
	if err := writeHead(w.temporary, m, w.stats); err != nil {
		return err
	}
	return swap(w.temporary, w.dir)
}

// writeHead writes the card and, last of all files, the manifest.
func writeHead(dir string, m Manifest, stats *Stats) error {
	card, err := renderCard(m, stats)
	if err != nil {
		return err
	}
	if err := atomicfile.WriteFile(filepath.Join(dir, cardName), card); err != nil {
		return err
	}
	text, err := m.encode()
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(dir, ManifestName), text)
}

// numberShards gives the shards of a split their final names, now that their
// number is known.
func numberShards(dir string, shards []Shard) error {
	for i := range shards {
		s := &shards[i]
		name := fmt.Sprintf("data/%s-%05d-of-%05d.parquet", s.Split, i, len(shards))
		if err := os.Rename(filepath.Join(dir, s.Path), filepath.Join(dir, name)); err != nil {
			return err
		}
		s.Path = name
	}
	return nil
}

// swap puts the folder from at to. A folder cannot be replaced in one step;
// recoverOld mends what a kill between the steps leaves.
func swap(from, to string) error {
	old := sibling(to, "old")
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(to, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return errors.Join(atomicfile.SyncDir(filepath.Dir(to)), os.RemoveAll(old))
}

// shardWriter writes the rows of one split as one or more files.
type shardWriter[T any] struct {
	dir, split string
	limit      int64            // bytes of a file
	name       func(int) string // path of the i-th file in dir

	shards []Shard // finished ones
	arrow  int64   // Arrow bytes of the finished ones
	tokens int64   // of the file being written

	file *os.File
	hash hash.Hash
	rows *parquetWriter[T]
}

func (s *shardWriter[T]) write(row T) error {
	if s.rows == nil {
		if err := s.open(); err != nil {
			return err
		}
	}
	if err := s.rows.Write(row); err != nil {
		return fmt.Errorf("write %s: %w", s.file.Name(), err)
	}
	if s.rows.full(s.limit) {
		return s.close()
	}
	return nil
}

func (s *shardWriter[T]) open() (err error) {
	name := filepath.Join(s.dir, s.name(len(s.shards)))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if s.file, err = os.Create(name); err != nil {
		return err
	}
	s.hash = sha256.New()
	s.rows = newParquetWriter[T](io.MultiWriter(s.file, s.hash), min(maxGroupBytes, s.limit))
	return nil
}

// close finishes the file being written, if there is one.
func (s *shardWriter[T]) close() error {
	if s.rows == nil {
		return nil
	}
	err := errors.Join(s.rows.Close(), s.file.Sync(), s.file.Close())
	if err != nil {
		return fmt.Errorf("write %s: %w", s.file.Name(), err)
	}
	s.arrow += s.rows.arrow
	s.shards = append(s.shards, Shard{
		Path:   s.name(len(s.shards)),
		Split:  s.split,
		SHA256: hex.EncodeToString(s.hash.Sum(nil)),
		Rows:   s.rows.rows,
		Bytes:  s.rows.out.n,
		Tokens: s.tokens,
	})
	s.rows, s.tokens = nil, 0
	return nil
}

func (s *shardWriter[T]) abort() {
	if s.rows != nil {
		s.file.Close()
	}
}
