package safetensors

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits luth sets beside those of the format. Real models stay far below.
const (
	maxHeader  = 100_000_000 // bytes; the format's own limit
	maxTensors = 1_000_000   // tensors in a file or a model
	maxRank    = 8           // dimensions
	maxName    = 1024        // bytes of a tensor's name
)

// metadataKey is the name in a header that is not a tensor.
const metadataKey = "__metadata__"

// Tensor describes a tensor. One that comes from a [File] or a [Model] also
// reads its data.
type Tensor struct {
	Name  string
	DType DType
	Shape []int64 // empty for a scalar; shared, not to be changed
	Size  int64   // bytes of data

	file  *File // nil for a tensor that was only described
	begin int64 // offset of the data in the file
}

// Elements returns the number of elements, the product of the shape.
func (t Tensor) Elements() int64 {
	n := int64(1)
	for _, dim := range t.Shape {
		n *= dim
	}
	return n
}

// ReadAt reads len(p) bytes of the tensor's data from offset off, as
// [io.ReaderAt] says. Elements are little-endian, in row-major order. It may be
// called from several goroutines.
func (t Tensor) ReadAt(p []byte, off int64) (int, error) {
	if t.file == nil {
		return 0, fmt.Errorf("read tensor %q: it does not come from an open file", t.Name)
	}
	if off < 0 {
		return 0, fmt.Errorf("read tensor %q of %s: negative offset %d", t.Name, t.file.path, off)
	}
	if off >= t.Size {
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	wanted := p[:min(int64(len(p)), t.Size-off)]
	n, err := t.file.f.ReadAt(wanted, t.begin+off)
	switch {
	case n == len(wanted) && n == len(p):
		return n, nil
	case n == len(wanted):
		return n, io.EOF
	case errors.Is(err, io.EOF): // Open saw the whole file
		return n, fmt.Errorf("read tensor %q: %w", t.Name, changed(t.file.path, "it became shorter"))
	default:
		return n, fmt.Errorf("read tensor %q of %s at byte %d: %w", t.Name, t.file.path, off, err)
	}
}

// dataSize returns the bytes that shape takes with the dtype. The product is
// checked dimension by dimension, as the reference implementation does, so that
// a zero does not excuse an overflow before it.
func dataSize(dtype DType, shape []int64) (int64, error) {
	elements := uint64(1)
	for _, dim := range shape {
		if dim < 0 {
			return 0, fmt.Errorf("the shape %s has a negative dimension", shapeString(shape))
		}
		high, low := bits.Mul64(elements, uint64(dim))
		if high != 0 {
			return 0, fmt.Errorf("the shape %s overflows 64 bits", shapeString(shape))
		}
		elements = low
	}
	high, size := bits.Mul64(elements, uint64(dtype.Bits()))
	if high != 0 {
		return 0, fmt.Errorf("the shape %s of %s overflows 64 bits", shapeString(shape), dtype)
	}
	if size%8 != 0 {
		return 0, fmt.Errorf("%d elements of %s do not fill whole bytes", elements, dtype)
	}
	return int64(size / 8), nil
}

func checkName(name string) error {
	switch {
	case name == metadataKey:
		return fmt.Errorf("%s is the name of the metadata, not of a tensor", metadataKey)
	case len(name) > maxName:
		return fmt.Errorf("a name of %d bytes, and the limit is %d", len(name), maxName)
	case !utf8.ValidString(name):
		return errors.New("the name is not valid UTF-8")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("the name has control characters")
	}
	return nil
}

func checkRank(shape []int64) error {
	if len(shape) > maxRank {
		return fmt.Errorf("%d dimensions, and the limit is %d", len(shape), maxRank)
	}
	return nil
}

func shapeString(shape []int64) string {
	return strings.ReplaceAll(fmt.Sprint(shape), " ", ",")
}
