package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Count says how many elements of a block were no finite numbers.
type Count struct {
	NaN      int64
	Inf      int64 // given as infinite
	Overflow int64 // finite, and beyond the dtype's range: written as infinite
}

// Add adds the counts of another block.
func (c *Count) Add(other Count) {
	c.NaN += other.NaN
	c.Inf += other.Inf
	c.Overflow += other.Overflow
}

// EncodeF32 writes src to dst as elements of dtype, which is F16, BF16, F32 or
// F64, rounded to nearest, ties to even. Subnormals are kept, what is too large
// becomes infinite, and every NaN becomes the same quiet NaN, so that the same
// numbers give the same bytes on every machine. dst has the bytes of
// len(src) elements and needs no alignment.
func EncodeF32(dst []byte, src []float32, dtype DType) (Count, error) {
	return encode(dst, src, dtype)
}

// EncodeF64 is [EncodeF32] for float64: rounded once, straight to dtype.
func EncodeF64(dst []byte, src []float64, dtype DType) (Count, error) {
	return encode(dst, src, dtype)
}

func encode[T float32 | float64](dst []byte, src []T, dtype DType) (Count, error) {
	if len(dst) != len(src)*dtype.Bits()/8 {
		return Count{}, fmt.Errorf("encode %d elements of %s into %d bytes", len(src), dtype, len(dst))
	}
	var c Count
	switch dtype {
	case F16:
		for i, x := range src {
			binary.LittleEndian.PutUint16(dst[2*i:], c.round(binary16, float64(x)))
		}
	case BF16:
		for i, x := range src {
			binary.LittleEndian.PutUint16(dst[2*i:], c.round(bfloat16, float64(x)))
		}
	case F32:
		for i, x := range src {
			binary.LittleEndian.PutUint32(dst[4*i:], c.float32(float64(x)))
		}
	case F64:
		for i, x := range src {
			binary.LittleEndian.PutUint64(dst[8*i:], c.float64(float64(x)))
		}
	default:
		return Count{}, fmt.Errorf("cannot encode to %s: only to F16, BF16, F32 and F64", dtype)
	}
	return c, nil
}

func (c *Count) round(f float16, x float64) uint16 {
	bits := f.round(x)
	c.see(x, bits&0x7fff == f.infinity())
	return bits
}

func (c *Count) float32(x float64) uint32 {
	y := float32(x)
	c.see(x, math.IsInf(float64(y), 0))
	if y != y {
		return 0x7fc00000
	}
	return math.Float32bits(y)
}

func (c *Count) float64(x float64) uint64 {
	c.see(x, math.IsInf(x, 0))
	if x != x {
		return 0x7ff8 << 48
	}
	return math.Float64bits(x)
}

// see counts x, given whether it was written as infinite.
func (c *Count) see(x float64, infinite bool) {
	switch {
	case x != x:
		c.NaN++
	case infinite && math.IsInf(x, 0):
		c.Inf++
	case infinite:
		c.Overflow++
	}
}
