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
	switch dtype {
	case F16:
		return encode(dst, src, 2, f32ToF16, binary16.encode)
	case BF16:
		return encode(dst, src, 2, f32ToBF16, bfloat16.encode)
	case F32:
		return encode(dst, src, 4, f32ToF32, encodeF32)
	case F64:
		return encode(dst, src, 8, f32ToF64, encodeF64)
	}
	return Count{}, errEncode(dtype)
}

// EncodeF64 is [EncodeF32] for float64: rounded once, straight to dtype.
func EncodeF64(dst []byte, src []float64, dtype DType) (Count, error) {
	switch dtype {
	case F16:
		return encode(dst, src, 2, f64ToF16, binary16.encode)
	case BF16:
		return encode(dst, src, 2, f64ToBF16, bfloat16.encode)
	case F32:
		return encode(dst, src, 4, f64ToF32, encodeF32)
	case F64:
		return encode(dst, src, 8, f64ToF64, encodeF64)
	}
	return Count{}, errEncode(dtype)
}

func errEncode(dtype DType) error {
	return fmt.Errorf("cannot encode to %s: only to F16, BF16, F32 and F64", dtype)
}

// encode runs the loop of a pair of dtypes over small blocks. A loop works on a
// multiple of 4 elements, and returns false if one of them was NaN, infinite or
// became infinite; what it wrote is then wrong, and the block is encoded again
// element by element and counted.
func encode[T float32 | float64](dst []byte, src []T, size int, loop func([]byte, []T) bool, one func([]byte, float64) bool) (c Count, err error) {
	if len(dst) != len(src)*size {
		return c, fmt.Errorf("encode %d elements of %d bytes into %d bytes", len(src), size, len(dst))
	}
	const block = 256
	for len(src) > 0 {
		n := min(len(src), block)
		if n%4 != 0 || !loop(dst[:n*size], src[:n]) {
			for i, x := range src[:n] {
				c.see(float64(x), one(dst[i*size:], float64(x)))
			}
		}
		dst, src = dst[n*size:], src[n:]
	}
	return c, nil
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

// encode writes one element and says whether it is infinite.
func (f float16) encode(dst []byte, x float64) bool {
	bits := f.round(x)
	binary.LittleEndian.PutUint16(dst, bits)
	return bits&0x7fff == f.infinity()
}

func encodeF32(dst []byte, x float64) bool {
	y := float32(x)
	bits := math.Float32bits(y)
	if y != y {
		bits = 0x7fc00000
	}
	binary.LittleEndian.PutUint32(dst, bits)
	return math.IsInf(float64(y), 0)
}

func encodeF64(dst []byte, x float64) bool {
	bits := math.Float64bits(x)
	if x != x {
		bits = 0x7ff8 << 48
	}
	binary.LittleEndian.PutUint64(dst, bits)
	return math.IsInf(x, 0)
}

// The loops below have no branch per element. Each rounds by integer addition:
// half of the last kept bit's unit, less one, plus that bit, carries into the
// kept bits exactly when the rest is above half, or half and the bit is odd. A
// carry out of the mantissa steps the exponent up, which is what rounding up a
// power of two means. Results below the smallest normal number are rounded by
// the processor instead: added to a power of two whose last bit weighs one unit
// of the target. Go fuses nothing here, for there is no multiplication.
//
// An element that the loop cannot round shows in the top bit of over: its
// magnitude plus the distance from the first such magnitude to the sign bit.

const (
	abs32 = 1<<31 - 1
	abs64 = 1<<63 - 1

	infinity32 = 0x7f8 << 20
	infinity64 = 0x7ff << 52

	// The numbers halfway between the largest finite one and the power of two
	// after it: they and all above round to infinity.
	limitBF16from32 = 0x7f7f8 << 12
	limitBF16from64 = 0x47eff << 44
	limitF16from32  = 0x477ff << 12 // 65520
	limitF16from64  = 0x40effe << 40
)

// f32ToBF16 works on two elements at once, in the halves of a word: an element
// that does not round to infinity never carries into its neighbour.
func f32ToBF16(dst []byte, src []float32) bool {
	const both = 1<<32 | 1
	const margin = (1<<31 - limitBF16from32) * both
	over := uint64(0)
	for ; len(src) >= 4 && len(dst) >= 8; src, dst = src[4:], dst[8:] {
		even := uint64(math.Float32bits(src[0])) | uint64(math.Float32bits(src[2]))<<32
		odd := uint64(math.Float32bits(src[1])) | uint64(math.Float32bits(src[3]))<<32
		over |= (even&(abs32*both) + margin) | (odd&(abs32*both) + margin)
		even += 0x7fff*both + even>>16&both
		odd += 0x7fff*both + odd>>16&both
		binary.LittleEndian.PutUint64(dst, even>>16&(0xffff*both)|odd&(0xffff0000*both))
	}
	return over&(1<<31*both) == 0
}

func f32ToF16(dst []byte, src []float32) bool {
	const margin = 1<<31 - limitF16from32
	over := uint32(0)
	for ; len(src) >= 4 && len(dst) >= 8; src, dst = src[4:], dst[8:] {
		a, b, c, d := math.Float32bits(src[0]), math.Float32bits(src[1]), math.Float32bits(src[2]), math.Float32bits(src[3])
		over |= ((a&abs32 + margin) | (b&abs32 + margin)) | ((c&abs32 + margin) | (d&abs32 + margin))
		binary.LittleEndian.PutUint64(dst, round32ToF16(a)|round32ToF16(b)<<16|round32ToF16(c)<<32|round32ToF16(d)<<48)
	}
	return over>>31 == 0
}

func round32ToF16(bits uint32) uint64 {
	const smallestNormal = (127 - 14) << 23
	magnitude := bits & abs32
	rounded := (magnitude - (127-15)<<23 + 1<<12 - 1 + magnitude>>13&1) >> 13
	if magnitude < smallestNormal { // 0.5 has the unit 2^-24; its own bits end in zeros
		rounded = math.Float32bits(math.Float32frombits(magnitude) + 0.5)
	}
	return uint64(rounded&0x7fff | bits>>16&0x8000)
}

func f32ToF32(dst []byte, src []float32) bool {
	const margin = 1<<31 - infinity32
	over := uint32(0)
	for ; len(src) >= 4 && len(dst) >= 16; src, dst = src[4:], dst[16:] {
		a, b, c, d := math.Float32bits(src[0]), math.Float32bits(src[1]), math.Float32bits(src[2]), math.Float32bits(src[3])
		over |= ((a&abs32 + margin) | (b&abs32 + margin)) | ((c&abs32 + margin) | (d&abs32 + margin))
		binary.LittleEndian.PutUint64(dst, uint64(a)|uint64(b)<<32)
		binary.LittleEndian.PutUint64(dst[8:], uint64(c)|uint64(d)<<32)
	}
	return over>>31 == 0
}

func f32ToF64(dst []byte, src []float32) bool {
	const margin = 1<<63 - infinity64
	over := uint64(0)
	for ; len(src) >= 2 && len(dst) >= 16; src, dst = src[2:], dst[16:] {
		a, b := math.Float64bits(float64(src[0])), math.Float64bits(float64(src[1]))
		over |= (a&abs64 + margin) | (b&abs64 + margin)
		binary.LittleEndian.PutUint64(dst, a)
		binary.LittleEndian.PutUint64(dst[8:], b)
	}
	return over>>63 == 0
}

func f64ToBF16(dst []byte, src []float64) bool {
	const margin = 1<<63 - limitBF16from64
	over := uint64(0)
	for ; len(src) >= 4 && len(dst) >= 8; src, dst = src[4:], dst[8:] {
		a, b, c, d := math.Float64bits(src[0]), math.Float64bits(src[1]), math.Float64bits(src[2]), math.Float64bits(src[3])
		over |= ((a&abs64 + margin) | (b&abs64 + margin)) | ((c&abs64 + margin) | (d&abs64 + margin))
		binary.LittleEndian.PutUint64(dst, round64ToBF16(a)|round64ToBF16(b)<<16|round64ToBF16(c)<<32|round64ToBF16(d)<<48)
	}
	return over>>63 == 0
}

func round64ToBF16(bits uint64) uint64 {
	const smallestNormal = (1023 - 126) << 52
	magnitude := bits & abs64
	rounded := (magnitude - (1023-127)<<52 + 1<<44 - 1 + magnitude>>45&1) >> 45
	if magnitude < smallestNormal { // 2^-81 has the unit 2^-133
		rounded = math.Float64bits(math.Float64frombits(magnitude) + 0x1p-81)
	}
	return rounded&0x7fff | bits>>48&0x8000
}

func f64ToF16(dst []byte, src []float64) bool {
	const margin = 1<<63 - limitF16from64
	over := uint64(0)
	for ; len(src) >= 4 && len(dst) >= 8; src, dst = src[4:], dst[8:] {
		a, b, c, d := math.Float64bits(src[0]), math.Float64bits(src[1]), math.Float64bits(src[2]), math.Float64bits(src[3])
		over |= ((a&abs64 + margin) | (b&abs64 + margin)) | ((c&abs64 + margin) | (d&abs64 + margin))
		binary.LittleEndian.PutUint64(dst, round64ToF16(a)|round64ToF16(b)<<16|round64ToF16(c)<<32|round64ToF16(d)<<48)
	}
	return over>>63 == 0
}

func round64ToF16(bits uint64) uint64 {
	const smallestNormal = (1023 - 14) << 52
	magnitude := bits & abs64
	rounded := (magnitude - (1023-15)<<52 + 1<<41 - 1 + magnitude>>42&1) >> 42
	if magnitude < smallestNormal { // 2^28 has the unit 2^-24
		rounded = math.Float64bits(math.Float64frombits(magnitude) + 0x1p28)
	}
	return rounded&0x7fff | bits>>48&0x8000
}

func f64ToF32(dst []byte, src []float64) bool {
	const margin = 1<<31 - infinity32
	over := uint32(0)
	for ; len(src) >= 2 && len(dst) >= 8; src, dst = src[2:], dst[8:] {
		a, b := math.Float32bits(float32(src[0])), math.Float32bits(float32(src[1]))
		over |= (a&abs32 + margin) | (b&abs32 + margin)
		binary.LittleEndian.PutUint64(dst, uint64(a)|uint64(b)<<32)
	}
	return over>>31 == 0
}

func f64ToF64(dst []byte, src []float64) bool {
	const margin = 1<<63 - infinity64
	over := uint64(0)
	for ; len(src) >= 2 && len(dst) >= 16; src, dst = src[2:], dst[16:] {
		a, b := math.Float64bits(src[0]), math.Float64bits(src[1])
		over |= (a&abs64 + margin) | (b&abs64 + margin)
		binary.LittleEndian.PutUint64(dst, a)
		binary.LittleEndian.PutUint64(dst[8:], b)
	}
	return over>>63 == 0
}
