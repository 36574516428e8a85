package safetensors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/kurakurai/luth/internal/atomicfile"
)

const (
	singleName    = "model.safetensors"
	indexName     = "model.safetensors.index.json"
	partialSuffix = ".partial"

	defaultShardBytes = 5_000_000_000
)

// Options says how a model is written.
type Options struct {
	MaxShardBytes int64             // data in a shard; 0 means 5 GB, the default of Hugging Face's libraries
	Metadata      map[string]string // of every shard; transformers asks for "format": "pt"
	TensorSums    bool              // also compute the SHA-256 of every tensor
}

// Shard is a file of a model that was written.
type Shard struct {
	Name    string
	Size    int64
	SHA256  string
	Tensors map[string]string // SHA-256 by tensor, if Options.TensorSums
}

// Writer writes the tensors of a model, in any order and from several
// goroutines, to files whose layout was fixed by [Create]: the bytes are the
// same whoever writes first. The files have the suffix .partial until
// [Writer.Finish] has seen that every byte was written once.
//
// A Writer ends with Finish, with [Writer.Close], which leaves the partial
// files to [Resume], or with [Writer.Abort], which removes them.
type Writer struct {
	dir     string
	shards  []*shard
	tensors map[string]placed
	cancel  context.CancelFunc // stops the sums in the background
}

type placed struct {
	Tensor
	shard *shard
}

// Create lays out a model of the given tensors in dir, which is made if need
// be and may hold no other model. Of a spec, Name, DType and Shape are read;
// Size may be 0. The order of specs decides which shard a tensor goes to.
func Create(dir string, specs []Tensor, opts Options) (*Writer, error) {
	w, err := plan(dir, specs, opts)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("write a model: %w", err)
	}
	if err := refuseModel(dir); err != nil {
		return nil, err
	}
	for _, s := range w.shards {
		if err = s.create(); err != nil {
			break
		}
	}
	if err == nil {
		err = atomicfile.SyncDir(dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write a model: %w", err), w.Abort())
	}
	return w, nil
}

// Resume goes on with a model that Create began with the same dir, specs and
// options and that was left unfinished, by Close, a crash or a failed Finish.
// finished names the tensors that are wholly written, from the caller's own
// journal; what was written of others is written anew.
//
// The journal survives the end of the process by itself; to survive that of
// the machine, it calls [Writer.Sync] before it names a tensor.
func Resume(dir string, specs []Tensor, opts Options, finished []string) (*Writer, error) {
	w, err := plan(dir, specs, opts)
	if err != nil {
		return nil, err
	}
	for _, s := range w.shards {
		if err := s.reopen(); err != nil {
			return nil, errors.Join(fmt.Errorf("resume a model: %w", err), w.Close())
		}
	}
	for _, name := range finished {
		t, ok := w.tensors[name]
		if !ok {
			return nil, errors.Join(fmt.Errorf("resume the model in %s: the tensor %q is said to be finished, and is not in the model", dir, name), w.Close())
		}
		if !t.shard.published {
			t.shard.mark(t.begin, t.begin+t.Size)
		}
	}
	return w, nil
}

// plan checks the specs and lays out the shards; it touches no file.
func plan(dir string, specs []Tensor, opts Options) (*Writer, error) {
	fail := func(err error) (*Writer, error) {
		return nil, fmt.Errorf("lay out the model in %s: %w", dir, err)
	}
	tensors, err := describe(specs)
	if err != nil {
		return fail(err)
	}
	if opts.MaxShardBytes < 0 {
		return fail(fmt.Errorf("shards of %d bytes: give a positive size, or 0 for %d", opts.MaxShardBytes, int64(defaultShardBytes)))
	}
	if opts.MaxShardBytes == 0 {
		opts.MaxShardBytes = defaultShardBytes
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &Writer{dir: dir, tensors: make(map[string]placed, len(tensors)), cancel: cancel}
	parts := split(tensors, opts.MaxShardBytes)
	for i, part := range parts {
		l, err := newLayout(part, opts.Metadata)
		if err != nil {
			cancel()
			return fail(err)
		}
		s := newShard(ctx, filepath.Join(dir, shardName(i, len(parts))), l, opts.TensorSums)
		w.shards = append(w.shards, s)
		for _, t := range l.tensors {
			w.tensors[t.Name] = placed{t, s}
		}
	}
	return w, nil
}

// refuseModel returns an error if dir holds weights, whole or unfinished.
func refuseModel(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("write a model: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasSuffix(name, ".safetensors"+partialSuffix):
			return fmt.Errorf("write a model: %s holds an unfinished one (%s): resume it, or remove its .partial files", dir, name)
		case strings.HasSuffix(name, ".safetensors") || name == indexName:
			return fmt.Errorf("write a model: %s already holds one (%s): choose another folder", dir, name)
		}
	}
	return nil
}

// WriteAt writes p to the tensor's data from byte off on. Every byte must be
// written exactly once; a second time is an error. After any other error the
// Writer can only be closed or aborted.
func (w *Writer) WriteAt(name string, p []byte, off int64) error {
	t, ok := w.tensors[name]
	if !ok {
		return fmt.Errorf("write tensor %q: it is not in the model in %s", name, w.dir)
	}
	if off < 0 || off > t.Size || int64(len(p)) > t.Size-off {
		return fmt.Errorf("write tensor %q: bytes %d to %d, and it has %d", name, off, off+int64(len(p)), t.Size)
	}
	if len(p) == 0 {
		return nil
	}
	begin, end := t.begin+off, t.begin+off+int64(len(p))
	if !t.shard.claim(begin, end) {
		return fmt.Errorf("write tensor %q: some of the bytes %d to %d are written already", name, off, off+int64(len(p)))
	}
	if _, err := t.shard.file.WriteAt(p, begin); err != nil {
		return fmt.Errorf("write tensor %q: %w", name, err)
	}
	t.shard.land(begin, end)
	return nil
}

// Done says whether every byte of the tensor has been written.
func (w *Writer) Done(name string) bool {
	t, ok := w.tensors[name]
	return ok && t.shard.gap(t.begin) >= t.begin+t.Size
}

// Sync makes what was written so far durable.
func (w *Writer) Sync() error {
	for _, s := range w.shards {
		if err := s.sync(); err != nil {
			return err
		}
	}
	return nil
}

// Finish checks that the model is complete, makes it durable, computes the
// checksums, and gives the files their names, the index last. After an error
// or the end of ctx, what was written stays for [Resume].
func (w *Writer) Finish(ctx context.Context) ([]Shard, error) {
	defer w.Close()
	for _, s := range w.shards {
		if err := s.complete(); err != nil {
			return nil, fmt.Errorf("finish the model in %s: %w", w.dir, err)
		}
	}
	shards := make([]Shard, len(w.shards))
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i, s := range w.shards {
		// The disk writes while the processor sums from the page cache.
		group.Go(s.sync)
		group.Go(func() (err error) {
			shards[i], err = s.sum(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("finish the model in %s: %w", w.dir, err)
	}
	for _, s := range w.shards {
		if err := s.publish(); err != nil {
			return nil, fmt.Errorf("finish the model in %s: %w", w.dir, err)
		}
	}
	if err := w.writeIndex(); err != nil {
		return nil, err
	}
	return shards, atomicfile.SyncDir(w.dir)
}

// writeIndex writes the index of a model of several shards, in the form of
// huggingface_hub.
func (w *Writer) writeIndex() error {
	if len(w.shards) == 1 {
		return nil
	}
	index := struct {
		Metadata struct {
			TotalSize int64 `json:"total_size"`
		} `json:"metadata"`
		WeightMap map[string]string `json:"weight_map"`
	}{WeightMap: make(map[string]string, len(w.tensors))}
	for name, t := range w.tensors {
		index.Metadata.TotalSize += t.Size
		index.WeightMap[name] = filepath.Base(t.shard.path)
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(index); err != nil {
		return fmt.Errorf("write %s: %w", indexName, err)
	}
	return atomicfile.WriteFile(filepath.Join(w.dir, indexName), text.Bytes())
}

// Close ends the writing and leaves the partial files to [Resume]. After
// Finish or Abort it does nothing.
func (w *Writer) Close() error {
	w.cancel()
	var errs []error
	for _, s := range w.shards {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// Abort ends the writing and removes the partial files. After Finish it does
// nothing.
func (w *Writer) Abort() error {
	errs := []error{w.Close()}
	for _, s := range w.shards {
		if s.created {
			if err := os.Remove(s.path + partialSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
