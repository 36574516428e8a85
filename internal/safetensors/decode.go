package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
)

// DecodeF32 reads elements of dtype from src, which has the bytes of len(dst)
// elements and needs no alignment. dtype is F64, F32, F16, BF16 or one of the
// 8-bit floats. All are exact but F64, which is rounded to nearest even.
func DecodeF32(dst []float32, src []byte, dtype DType) error {
	return decode(dst, src, dtype)
}

// DecodeF64 is [DecodeF32] to float64; every dtype is exact.
func DecodeF64(dst []float64, src []byte, dtype DType) error {
	return decode(dst, src, dtype)
}

func decode[T float32 | float64](dst []T, src []byte, dtype DType) error {
	if len(src) != len(dst)*dtype.Bits()/8 {
		return fmt.Errorf("decode %d elements of %s from %d bytes", len(dst), dtype, len(src))
	}
	switch dtype {
	case F16:
		for i := range dst {
			dst[i] = T(binary16Value(binary.LittleEndian.Uint16(src[2*i:])))
		}
	case BF16:
		for i := range dst {
			dst[i] = T(math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16))
		}
	case F32:
		for i := range dst {
			dst[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:])))
		}
	case F64:
		for i := range dst {
			dst[i] = T(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
		}
	default:
		return fmt.Errorf("cannot decode %s: it is no floating-point dtype that luth computes with", dtype)
	}
	return nil
}

// binary16Value returns the value of an IEEE half.
func binary16Value(h uint16) float32 {
	const exponentBits, rebias = 0x1f << 23, (127 - 15) << 23
	magnitude := uint32(h&0x7fff) << 13
	switch exponent := magnitude & exponentBits; {
	case exponent == exponentBits: // infinite or NaN
		magnitude += 2 * rebias
	case exponent == 0: // subnormal: the leading 1 that the format omits is taken away
		magnitude = math.Float32bits(math.Float32frombits(magnitude+rebias+1<<23) - 1.0/(1<<14))
	default:
		magnitude += rebias
	}
	return math.Float32frombits(magnitude | uint32(h&0x8000)<<16)
}
