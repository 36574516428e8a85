package merge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kurakurai/luth/internal/atomicfile"
	"github.com/kurakurai/luth/internal/progress"
	"github.com/kurakurai/luth/internal/safetensors"
)

// An output is a result being made, in a folder beside its place.
type output struct {
	variant
	plan    *mergePlan
	work    string
	journal *journal
	writer  *safetensors.Writer
	earlier map[string]TensorRecord // what an earlier run had finished
}

// open begins a result or goes on with it.
func (e *engine) open(v variant, i int) (*output, error) {
	o := &output{variant: v, plan: v.plan.merges[i], work: v.out + workSuffix}
	o.plan.bind()
	key, err := o.plan.key(v.config, e.opts)
	if err != nil {
		return nil, err
	}
	if err := o.takeFolder(); err != nil {
		return nil, err
	}
	if o.journal, err = openJournal(o.work, key); err != nil {
		return nil, err
	}
	o.earlier = maps.Clone(o.journal.done)
	opts := safetensors.Options{MaxShardBytes: e.opts.ShardBytes, Metadata: map[string]string{"format": "pt"}}
	if len(o.earlier) > 0 {
		o.writer, err = safetensors.Resume(o.work, o.plan.specs(), opts, o.journal.finished())
	} else {
		if err := o.removeHalves(); err != nil {
			return nil, err
		}
		o.writer, err = safetensors.Create(o.work, o.plan.specs(), opts)
	}
	if err != nil {
		return nil, errors.Join(err, o.journal.close())
	}
	return o, nil
}

// takeFolder makes the work folder, or takes that of an unfinished merge; any
// other is somebody's.
func (o *output) takeFolder() error {
	if err := os.MkdirAll(o.work, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(o.work)
	if err != nil || len(entries) == 0 {
		return err
	}
	if slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == journalName }) {
		return nil
	}
	return fmt.Errorf("%s is in the way: it has files and is no unfinished merge; move it or choose another output", o.work)
}

// removeHalves removes weights that were begun and of which no tensor was
// finished.
func (o *output) removeHalves() error {
	entries, err := os.ReadDir(o.work)
	for _, e := range entries {
		if strings.Contains(e.Name(), ".safetensors") {
			err = errors.Join(err, os.Remove(filepath.Join(o.work, e.Name())))
		}
	}
	return err
}

func (o *output) close() { _ = errors.Join(o.writer.Close(), o.journal.close()) }

// bind makes the operands read the results of earlier documents, which were
// not written yet when the plan was made.
func (p *mergePlan) bind() {
	for _, t := range p.tensors {
		for _, set := range [][]operand{t.Operands, t.Donors} {
			for i := range set {
				set[i].tensor = set[i].model.tensors[set[i].tensor.Name]
			}
		}
	}
	for i := range p.tied {
		t := &p.tied[i]
		t.head, t.embedding = t.model.tensors[t.head.Name], t.model.tensors[t.embedding.Name]
	}
}

// A saver records finished tensors now and then, after their data are durable.
type saver struct {
	outputs []*output
	pending [][]TensorRecord
	last    time.Time
}

// saveInterval is how much work a power cut may cost; tests change it.
var saveInterval = 5 * time.Second

func (s *saver) add(records []TensorRecord) error {
	for k, r := range records {
		if r.Tensor != "" {
			s.pending[k] = append(s.pending[k], r)
		}
	}
	if time.Since(s.last) < saveInterval {
		return nil
	}
	return s.flush()
}

func (s *saver) flush() error {
	s.last = time.Now()
	for k, o := range s.outputs {
		if len(s.pending[k]) == 0 {
			continue
		}
		if err := o.writer.Sync(); err != nil {
			return err
		}
		if err := o.journal.add(s.pending[k]); err != nil {
			return err
		}
		s.pending[k] = nil
	}
	return nil
}

// A meter moves the bar by whole MiB.
type meter struct {
	mu   sync.Mutex
	bar  *progress.Bar
	rest int64
}

func (m *meter) add(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rest += n
	m.bar.Add(m.rest >> 20)
	m.rest &= 1<<20 - 1
}

// publish finishes a result, verifies that the inputs did not change, and moves
// it to its place.
func (e *engine) publish(ctx context.Context, o *output) (*Report, error) {
	shards, err := o.writer.Finish(ctx)
	if err != nil {
		return nil, err
	}
	if err := unchanged(o.plan.inputs); err != nil {
		return nil, errors.Join(err, errors.New("remove "+o.work+" and merge again"))
	}
	r := o.report()
	manifest, err := o.manifest(shards, e.sums, e.opts)
	if err != nil {
		return nil, err
	}
	if err := o.writeSides(manifest); err != nil {
		return nil, err
	}
	if err := o.journal.close(); err != nil {
		return nil, err
	}
	if err := os.Rename(o.work, o.out); err != nil {
		return nil, fmt.Errorf("publish %s: %w", o.out, err)
	}
	// Only now: without its journal, a work folder could not be resumed.
	if err := os.Remove(filepath.Join(o.out, journalName)); err != nil {
		return nil, err
	}
	return r, atomicfile.SyncDir(filepath.Dir(o.out))
}

func (o *output) report() *Report {
	r := &Report{Output: o.out, Branches: map[string]int{}, Reused: len(o.earlier)}
	for _, t := range o.plan.tensors {
		done := o.journal.done[t.Spec.Name]
		r.Tensors++
		r.Bytes += t.Spec.Size
		r.Branches[done.Branch]++
		r.NonFinite.Add(safetensors.Count{NaN: done.NaN, Inf: done.Inf, Overflow: done.Overflow})
	}
	return r
}

// writeSides writes the files beside the weights, the manifest last.
func (o *output) writeSides(m *Manifest) error {
	files, err := o.plan.sideFiles()
	if err != nil {
		return err
	}
	files = append(files, sideFile{name: "mergekit_config.yml", content: o.config}, sideFile{name: "README.md", content: m.card(o.plan, o.config)})
	for _, f := range files {
		content := f.content
		if f.from != "" {
			if content, err = readSmall(f.from, maxSideFileBytes); err != nil {
				return err
			}
		}
		if err := atomicfile.WriteFile(filepath.Join(o.work, f.name), content); err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		m.Outputs = append(m.Outputs, FileSum{f.name, int64(len(content)), hex.EncodeToString(sum[:])})
	}
	for _, n := range o.plan.notes {
		m.Notes = append(m.Notes, o.plan.public(n))
	}
	text, err := m.encode()
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(o.work, manifestName), text)
}

// sums are the checksums of the inputs, each computed once.
type sums struct {
	mu     sync.Mutex
	byFile map[string]string // by path
}

func newSums() *sums { return &sums{byFile: map[string]string{}} }

// run computes those of the inputs of a merge, file by file beside the merge
// itself.
func (s *sums) run(ctx context.Context, p *mergePlan) error {
	var group errgroup.Group
	group.SetLimit(2)
	for _, m := range p.inputs {
		if m.weights == nil {
			continue
		}
		for _, f := range m.weights.Files() {
			group.Go(func() error {
				s.mu.Lock()
				_, known := s.byFile[f.Path()]
				s.mu.Unlock()
				if known {
					return nil
				}
				sum, err := f.SHA256(ctx)
				if err != nil {
					return err
				}
				s.mu.Lock()
				defer s.mu.Unlock()
				s.byFile[f.Path()] = sum
				return nil
			})
		}
	}
	return group.Wait()
}
