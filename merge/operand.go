package merge

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/kurakurai/luth/internal/safetensors"
)

// An operand is one input of a tensor.
type operand struct {
	model  *model
	tensor safetensors.Tensor
	rows   []rowRef // where each row of the output comes from; nil: as they are
}

// rowRef names a row of an operand's tensor.
type rowRef struct {
	operand int32 // or zeroRow, or meanRow with row the index of a list of rows
	row     int32
}

const (
	zeroRow = -1
	meanRow = -2
)

// operands are the inputs of one tensor of the output, with the parameters
// that hold for it and the means to read them.
type operands struct {
	*tensorPlan
	ctx    context.Context
	pool   *pool
	seed   uint64
	compat bool
	memory *memory
}

// A memory keeps what was computed of one tensor for the other values of a
// sweep.
type memory struct {
	gram  *gram // of the inputs or their differences
	heads map[string][]int64
	cuts  map[cutKey]*cut
}

// shared returns the value of a parameter that holds for all models.
func (o *operands) shared(name string) float64 { return o.Shared[name] }

// flag returns the value of a parameter that is true or false.
func (o *operands) flag(name string) bool { return o.Shared[name] != 0 }

// per returns the value of a parameter of one operand.
func (o *operands) per(name string, i int) float64 { return o.PerModel[i][name] }

// others are the indices of the operands beside the base.
func (o *operands) others() []int {
	var out []int
	for i := range o.Operands {
		if i != o.Base {
			out = append(out, i)
		}
	}
	return out
}

// all are the indices of all operands.
func (o *operands) all() []int {
	out := make([]int, len(o.Operands))
	for i := range out {
		out[i] = i
	}
	return out
}

// load decodes n elements from element at on of operand i into dst.
func (o *operands) load(b *buffers, i int, dst []float64, at int64) error {
	op := &o.Operands[i]
	if op.rows == nil {
		err := b.decode(dst, op.tensor, at)
		rounding(o.Compute).all(dst)
		return err
	}
	whole := dst
	defer func() { rounding(o.Compute).all(whole) }()
	columns := o.rowLength()
	for len(dst) > 0 {
		row, column := at/columns, at%columns
		n := min(columns-column, int64(len(dst)))
		run := int64(1) // rows that follow each other in the same tensor
		if column == 0 {
			run = o.run(op.rows, row, int64(len(dst))/columns)
			n = max(n, run*columns)
			n = min(n, int64(len(dst)))
		}
		if err := o.loadRow(b, op.rows[row], dst[:n], column); err != nil {
			return err
		}
		dst, at = dst[n:], at+n
	}
	return nil
}

// run counts rows from row on, at most limit, that stand one after the other
// in one tensor.
func (o *operands) run(rows []rowRef, row, limit int64) int64 {
	n := int64(1)
	first := rows[row]
	for n < limit && first.operand >= 0 && rows[row+n] == (rowRef{first.operand, first.row + int32(n)}) {
		n++
	}
	return n
}

// operand returns an operand that a row is taken from.
func (o *operands) operand(i int32) *operand {
	if int(i) < len(o.Operands) {
		return &o.Operands[i]
	}
	return &o.Donors[int(i)-len(o.Operands)]
}

func (o *operands) loadRow(b *buffers, ref rowRef, dst []float64, column int64) error {
	switch ref.operand {
	case zeroRow:
		clear(dst)
		return nil
	case meanRow:
		refs := o.Means[ref.row]
		clear(dst)
		sum := make([]float64, len(dst))
		for _, r := range refs {
			if err := o.loadRow(b, r, sum, column); err != nil {
				return err
			}
			for i := range dst {
				dst[i] += sum[i]
			}
		}
		for i := range dst {
			dst[i] /= float64(len(refs))
		}
		return nil
	}
	return b.decode(dst, o.operand(ref.operand).tensor, int64(ref.row)*o.rowLength()+column)
}

// plain says whether all operands are BF16 and read as they are, so that fast
// paths may read their bytes.
func (o *operands) plain() bool {
	return o.Compute != safetensors.F16 && !slices.ContainsFunc(o.Operands, func(op operand) bool {
		return op.rows != nil || op.tensor.DType != safetensors.BF16
	})
}

// buffers are what one worker needs. They are reused for the life of a pool.
type buffers struct {
	raw    []byte      // one block of elements of up to 8 bytes
	raws   [2][]byte   // for the fast paths
	src    [][]float64 // one block of each operand
	spares [][]float64
	dst    []float64
	out    []byte
	counts []uint32 // of the histograms
	key    []uint32
	ranks  [][]uint32 // of a chunk, by operand
	order  []uint64   // of a row
}

// blockElements is how many elements are in the processor's caches at a time.
const blockElements = 16 << 10

func newBuffers() *buffers {
	return &buffers{
		raw: make([]byte, 8*blockElements), raws: [2][]byte{make([]byte, 2*blockElements), make([]byte, 2*blockElements)},
		dst: make([]float64, blockElements), out: make([]byte, 8*blockElements),
	}
}

// block returns the i-th source buffer, of n elements.
func (b *buffers) block(i, n int) []float64 { return nth(&b.src, i)[:n] }

// spare returns the i-th buffer for intermediate results.
func (b *buffers) spare(i, n int) []float64 { return nth(&b.spares, i)[:n] }

func nth(set *[][]float64, i int) []float64 {
	for len(*set) <= i {
		*set = append(*set, make([]float64, blockElements))
	}
	return (*set)[i]
}

// decode reads len(dst) elements of t from element at on.
func (b *buffers) decode(dst []float64, t safetensors.Tensor, at int64) error {
	size := t.DType.Bits() / 8
	for len(dst) > 0 {
		n := min(len(dst), blockElements)
		raw := b.raw[:n*size]
		if err := readFull(t, raw, at*int64(size)); err != nil {
			return err
		}
		if err := safetensors.DecodeF64(dst[:n], raw, t.DType); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		dst, at = dst[n:], at+int64(n)
	}
	return nil
}

// readFull reads bytes of a tensor. That they end where it ends is no error.
func readFull(t safetensors.Tensor, p []byte, off int64) error {
	n, err := t.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == io.EOF: // the only error that does not name the tensor
		return fmt.Errorf("read tensor %q: bytes %d to %d, and it has %d", t.Name, off, off+int64(len(p)), t.Size)
	}
	return err
}
