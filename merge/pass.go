package merge

import (
	"context"
	"iter"

	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/safetensors"
)

// chunkElements is the unit of parallel work, and of the sums: partial sums of
// chunks are added in their order, so that the number of workers does not
// matter. Chunks of tensors of two and more dimensions are whole rows.
const chunkElements = 1 << 20

// A pool holds the buffers of the workers; who wants to work takes one.
type pool struct {
	workers int
	free    chan *buffers
}

func newPool(workers int) *pool {
	p := &pool{workers: max(workers, 1), free: make(chan *buffers, max(workers, 1))}
	for range p.workers {
		p.free <- newBuffers()
	}
	return p
}

// A chunk is a range of elements of a tensor.
type chunk struct {
	index      int
	begin, end int64
}

// rowLength is the number of elements of a row: all of a vector.
func (p *tensorPlan) rowLength() int64 {
	n := p.Spec.Elements()
	if len(p.Spec.Shape) < 2 || n == 0 {
		return max(n, 1)
	}
	return n / p.Spec.Shape[0]
}

func (p *tensorPlan) chunkLength() int64 {
	row := p.rowLength()
	if len(p.Spec.Shape) < 2 {
		return chunkElements
	}
	return max(1, chunkElements/row) * row
}

func (p *tensorPlan) chunks() iter.Seq2[chunk, error] {
	n, length := p.Spec.Elements(), p.chunkLength()
	return func(yield func(chunk, error) bool) {
		for i, begin := 0, int64(0); begin < n; i, begin = i+1, begin+length {
			if !yield(chunk{i, begin, min(begin+length, n)}, nil) {
				return
			}
		}
	}
}

type result[T any] struct {
	value T
	err   error
}

// fold calls work for every chunk, on the pool's workers, and add with the
// results in the order of the chunks.
func fold[T any](o *operands, work func(*buffers, chunk) (T, error), add func(chunk, T)) error {
	type part struct {
		chunk
		result[T]
	}
	mapped := parallel.Map(o.ctx, o.chunks(), o.pool.workers, func(ctx context.Context, c chunk) part {
		b := <-o.pool.free
		defer func() { o.pool.free <- b }()
		if err := ctx.Err(); err != nil {
			return part{c, result[T]{err: err}}
		}
		value, err := work(b, c)
		return part{c, result[T]{value, err}}
	})
	for p, err := range mapped {
		if err == nil {
			err = p.err
		}
		if err != nil {
			return err
		}
		add(p.chunk, p.value)
	}
	return o.ctx.Err()
}

// blocks calls f for every block of a chunk, with the elements of the operands
// in which, in that order.
func (o *operands) blocks(b *buffers, c chunk, which []int, f func(src [][]float64, at int64) error) error {
	for at := c.begin; at < c.end; at += blockElements {
		n := int(min(c.end-at, blockElements))
		for i, operand := range which {
			if err := o.load(b, operand, b.block(i, n), at); err != nil {
				return err
			}
		}
		src := make([][]float64, len(which))
		for i := range which {
			src[i] = b.src[i][:n]
		}
		if err := f(src, at); err != nil {
			return err
		}
	}
	return nil
}

// differences turns all blocks but that of the base, at index base, into
// differences from it.
func subtract(src [][]float64, base int) {
	for i, s := range src {
		if i == base {
			continue
		}
		b := src[base][:len(s)]
		for j := range s {
			s[j] -= b[j]
		}
	}
}

// A formula gives the elements of one tensor of the output.
type formula struct {
	// branch is what the method decided for the tensor, for reports.
	branch string
	// coefficients of the operands, if the result is their linear combination.
	coefficients []float64
	// block computes elements of the operands' elements, otherwise; or start,
	// if it must know which chunk it works on, returns what does.
	block blockFunc
	start func(*buffers, chunk) (blockFunc, error)
}

// A blockFunc computes elements from at on. It leaves src as it is.
type blockFunc func(dst []float64, src [][]float64, at int64)

// begin returns the function for the blocks of a chunk, to be called in their
// order.
func (f formula) begin(b *buffers, c chunk) (blockFunc, error) {
	switch {
	case f.coefficients != nil:
		return f.combine, nil
	case f.start != nil:
		return f.start(b, c)
	}
	return f.block, nil
}

// A target takes what a formula gives.
type target struct {
	formula formula
	dtype   safetensors.DType
	write   func(p []byte, off int64) error // bytes of the tensor
}

// write computes every target from one reading of the operands, and returns
// for each how many of its elements are not finite.
func (o *operands) write(targets []target, m *meter) ([]safetensors.Count, error) {
	total := make([]safetensors.Count, len(targets))
	work := o.writeBlocks
	if o.plain() && fast(targets, len(o.Operands)) {
		work = o.writePairs
	}
	err := fold(o, func(b *buffers, c chunk) ([]safetensors.Count, error) { return work(b, c, targets) },
		func(c chunk, counts []safetensors.Count) {
			for i := range counts {
				total[i].Add(counts[i])
				m.add((c.end - c.begin) * int64(targets[i].dtype.Bits()/8))
			}
		})
	return total, err
}

func (o *operands) writeBlocks(b *buffers, c chunk, targets []target) ([]safetensors.Count, error) {
	counts := make([]safetensors.Count, len(targets))
	apply := make([]blockFunc, len(targets))
	for i, t := range targets {
		var err error
		if apply[i], err = t.formula.begin(b, c); err != nil {
			return nil, err
		}
	}
	err := o.blocks(b, c, o.all(), func(src [][]float64, at int64) error {
		for i, t := range targets {
			dst := b.dst[:len(src[0])]
			apply[i](dst, src, at)
			size := int64(t.dtype.Bits() / 8)
			out := b.out[:int64(len(dst))*size]
			count, err := safetensors.EncodeF64(out, dst, t.dtype)
			if err != nil {
				return err
			}
			counts[i].Add(count)
			if err := t.write(out, at*size); err != nil {
				return err
			}
		}
		return nil
	})
	return counts, err
}

// combine is the blockFunc of a linear combination.
func (f formula) combine(dst []float64, src [][]float64, _ int64) {
	clear(dst)
	first := true
	for i, c := range f.coefficients {
		s := src[i][:len(dst)]
		switch {
		case c == 0: // a model of weight 0 does not count, not even its NaN
		case first:
			first = false
			for j := range dst {
				dst[j] = float64(c * s[j])
			}
		default:
			for j := range dst {
				dst[j] += float64(c * s[j])
			}
		}
	}
}
