package merge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/progress"
	"github.com/kurakurai/luth/internal/safetensors"
)

// Options say how a merge is run. Workers does not change the result.
type Options struct {
	Workers    int
	Seed       uint64 // of the methods that drop at random
	ShardBytes int64  // data in a file at most; 0: 5 GB
	Compat     bool   // reproduce mergekit's numbers, see docs/merge.md
	AllowNaN   bool
	Stderr     io.Writer // for progress
}

// A variant is one result of a run: the merge itself, or one value of a sweep.
type variant struct {
	plan   *Plan
	config []byte // its configuration
	out    string
}

// Run merges and publishes the result at out, which must not exist. A run that
// was stopped or killed goes on when it is started again, and ends with the
// same bytes.
func Run(ctx context.Context, plan *Plan, out string, opts Options) (*Report, error) {
	reports, err := runVariants(ctx, []variant{{plan, plan.Config.Text, out}}, opts)
	if err != nil {
		return nil, err
	}
	return reports[0], nil
}

// A Report is what a run made.
type Report struct {
	Output    string
	Tensors   int
	Bytes     int64
	Branches  map[string]int // tensors by what the method decided
	NonFinite safetensors.Count
	Seconds   float64
	Reused    int // tensors an earlier run had finished
}

// runVariants runs plans that differ only in the values of parameters, from one
// reading of the inputs.
func runVariants(ctx context.Context, variants []variant, opts Options) ([]*Report, error) {
	for i := range variants {
		v := &variants[i]
		v.out = filepath.Clean(v.out)
		if _, err := os.Lstat(v.out); err == nil {
			return nil, fmt.Errorf("%s exists already; choose another folder or remove it", v.out)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	first := variants[0].plan
	e := &engine{pool: newPool(opts.Workers), opts: opts, sums: newSums()}
	for i, m := range first.merges[:len(first.merges)-1] {
		dir := filepath.Join(variants[0].out+".steps", m.doc.Name)
		if err := e.step(ctx, variants[0], i, dir); err != nil {
			return nil, fmt.Errorf("%s: %w", m.doc.title(), err)
		}
	}
	reports, err := e.merge(ctx, variants, len(first.merges)-1)
	if err != nil {
		return nil, err
	}
	return reports, os.RemoveAll(variants[0].out + ".steps")
}

// step makes the result of a document that later ones use, unless an earlier
// run did.
func (e *engine) step(ctx context.Context, v variant, i int, dir string) error {
	m := v.plan.merges[i]
	if !isDir(dir) {
		if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
			return err
		}
		v.out = dir
		if _, err := e.merge(ctx, []variant{v}, i); err != nil {
			return err
		}
	}
	weights, err := safetensors.OpenModel(dir)
	if err != nil {
		return err
	}
	m.result.dir, m.result.weights = dir, weights
	v.plan.models = append(v.plan.models, m.result)
	m.result.names, m.result.tensors = nil, nil
	return m.result.describe(weights.Tensors())
}

// engine runs the merges of one plan.
type engine struct {
	pool *pool
	opts Options
	sums *sums
}

// merge runs merge number i of the variants.
func (e *engine) merge(ctx context.Context, variants []variant, i int) ([]*Report, error) {
	start := time.Now()
	outputs := make([]*output, len(variants))
	for k, v := range variants {
		o, err := e.open(v, i)
		if err != nil {
			return nil, fmt.Errorf("write to %s: %w", v.out, err)
		}
		defer o.close()
		outputs[k] = o
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.sums.run(groupCtx, outputs[0].plan) })
	group.Go(func() error {
		if err := e.verifyHeads(groupCtx, outputs[0].plan); err != nil {
			return err
		}
		return e.tensors(groupCtx, outputs)
	})
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	reports := make([]*Report, len(outputs))
	for k, o := range outputs {
		r, err := e.publish(ctx, o)
		if err != nil {
			return nil, err
		}
		r.Seconds = time.Since(start).Seconds()
		reports[k] = r
	}
	return reports, nil
}

// tensors makes all tensors: a few at a time, each by all workers.
func (e *engine) tensors(ctx context.Context, outputs []*output) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	total := int64(0)
	for _, o := range outputs {
		for _, t := range o.plan.tensors {
			if _, done := o.earlier[t.Spec.Name]; !done {
				total += t.Spec.Size
			}
		}
	}
	bar := progress.New(e.opts.Stderr, "merge MiB", total>>20)
	defer bar.Close()
	meter := &meter{bar: bar}
	indices := func(yield func(int, error) bool) {
		for i := range outputs[0].plan.tensors {
			if !yield(i, nil) {
				return
			}
		}
	}
	type made struct {
		records []TensorRecord // by output; no name where nothing was done
		err     error
	}
	save := saver{outputs: outputs, pending: make([][]TensorRecord, len(outputs)), last: time.Now()}
	for m, err := range parallel.Map(ctx, indices, e.pool.workers, func(ctx context.Context, i int) made {
		records, err := e.tensor(ctx, outputs, i, meter)
		return made{records, err}
	}) {
		if err = errors.Join(err, m.err); err == nil {
			err = save.add(m.records)
		}
		if err != nil {
			return errors.Join(err, save.flush())
		}
	}
	return errors.Join(ctx.Err(), save.flush())
}

// tensor makes tensor i of those outputs that lack it.
func (e *engine) tensor(ctx context.Context, outputs []*output, i int, m *meter) ([]TensorRecord, error) {
	records := make([]TensorRecord, len(outputs))
	memory := &memory{}
	var targets []target
	var which []int
	var reader *operands
	for k, o := range outputs {
		t := o.plan.tensors[i]
		if _, done := o.earlier[t.Spec.Name]; done {
			continue
		}
		ops := &operands{tensorPlan: t, ctx: ctx, pool: e.pool, seed: e.opts.Seed, compat: e.opts.Compat, memory: memory}
		if t.Copy {
			if err := ops.copy(o); err != nil {
				return nil, err
			}
			records[k] = TensorRecord{Tensor: t.Spec.Name, Branch: "copy"}
			continue
		}
		f, err := t.Method.prepare(ops)
		if err != nil {
			return nil, fmt.Errorf("tensor %s: %w", t.Spec.Name, err)
		}
		name := t.Spec.Name
		targets = append(targets, target{formula: f, dtype: t.Spec.DType, write: func(p []byte, off int64) error { return o.writer.WriteAt(name, p, off) }})
		which, reader = append(which, k), ops
	}
	if reader == nil {
		return records, nil
	}
	counts, err := reader.write(targets, m)
	if err != nil {
		return nil, fmt.Errorf("tensor %s: %w", reader.Spec.Name, err)
	}
	for n, k := range which {
		records[k] = record(reader.Spec.Name, targets[n].formula.branch, counts[n])
		if bad := counts[n]; !e.opts.AllowNaN && bad.NaN+bad.Overflow > 0 {
			return nil, reader.refuse(bad)
		}
	}
	return records, nil
}

// refuse says which input brought numbers that are none.
func (o *operands) refuse(bad safetensors.Count) error {
	if bad.NaN == 0 {
		return fmt.Errorf("tensor %s: %d values are too large for %s; choose another out_dtype, or write infinities with --allow-nan", o.Spec.Name, bad.Overflow, o.Spec.DType)
	}
	origin := "none of the inputs has one: infinities cancelled"
	for i, op := range o.Operands {
		n := int64(0)
		err := fold(o, func(b *buffers, c chunk) (n int64, err error) {
			err = o.blocks(b, c, []int{i}, func(src [][]float64, _ int64) error {
				for _, v := range src[0] {
					if v != v {
						n++
					}
				}
				return nil
			})
			return n, err
		}, func(_ chunk, k int64) { n += k })
		if err == nil && n > 0 {
			origin = fmt.Sprintf("%s has %d", op.model.ref, n)
			break
		}
	}
	return fmt.Errorf("tensor %s: %d values are NaN (%s); use a sound checkpoint, or merge all the same with --allow-nan", o.Spec.Name, bad.NaN, origin)
}

// copy writes a tensor of whole numbers, which all inputs must share.
func (o *operands) copy(out *output) error {
	size := o.Spec.Size
	buf, other := make([]byte, min(size, 1<<20)), make([]byte, min(size, 1<<20))
	for at := int64(0); at < size; at += int64(len(buf)) {
		if err := o.ctx.Err(); err != nil {
			return err
		}
		n := min(int64(len(buf)), size-at)
		if err := readFull(o.Operands[max(0, o.Base)].tensor, buf[:n], at); err != nil {
			return err
		}
		for _, op := range o.Operands {
			if err := readFull(op.tensor, other[:n], at); err != nil {
				return err
			}
			if string(buf[:n]) != string(other[:n]) {
				return fmt.Errorf("tensor %s holds whole numbers, which cannot be merged, and %s has others than the first model; make them equal", o.Spec.Name, op.model.ref)
			}
		}
		if err := out.writer.WriteAt(o.Spec.Name, buf[:n], at); err != nil {
			return err
		}
	}
	return nil
}

// verifyHeads sees that the heads that are not written are the embeddings.
func (e *engine) verifyHeads(ctx context.Context, p *mergePlan) error {
	for _, t := range p.tied {
		o := &operands{
			tensorPlan: &tensorPlan{Spec: t.head, Base: -1, Operands: []operand{{model: t.model, tensor: t.head}, {model: t.model, tensor: t.embedding}}},
			ctx:        ctx, pool: e.pool, memory: &memory{},
		}
		differ := int64(0)
		err := fold(o, func(b *buffers, c chunk) (n int64, err error) {
			err = o.blocks(b, c, o.all(), func(src [][]float64, _ int64) error {
				for j, v := range src[0] {
					if v != src[1][j] && (v == v || src[1][j] == src[1][j]) {
						n++
					}
				}
				return nil
			})
			return n, err
		}, func(_ chunk, n int64) { differ += n })
		if err != nil {
			return err
		}
		if differ > 0 {
			return fmt.Errorf("%s: config.json says that head and embedding are one (tie_word_embeddings), but %d elements of %s differ from %s; set tie_word_embeddings to false in every config.json if the head is meant, or remove the head", t.model.ref, differ, t.head.Name, t.embedding.Name)
		}
	}
	return nil
}
