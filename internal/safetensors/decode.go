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
	if dtype == BF16 && len(src) == 2*len(dst) {
		bf16ToF32(dst, src)
		return nil
	}
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
		decodeF16(dst, src)
	case BF16:
		decodeBF16(dst, src)
	case F32:
		decodeF32(dst, src)
	case F64:
		decodeF64(dst, src)
	case F8_E4M3, F8_E5M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ:
		values := float8Values()[dtype]
		for i, x := range src {
			dst[i] = T(values[x])
		}
	default:
		return fmt.Errorf("cannot decode %s: luth computes with F64, F32, F16, BF16 and the 8-bit floats", dtype)
	}
	return nil
}

// bf16ToF32 is decodeBF16 for the commonest pair: without a type parameter, Go
// moves the bits by integer registers alone, in two thirds of the time.
func bf16ToF32(dst []float32, src []byte) {
	const upper = 0xffff0000
	for ; len(dst) >= 4 && len(src) >= 8; dst, src = dst[4:], src[8:] {
		w := binary.LittleEndian.Uint64(src)
		dst[0] = math.Float32frombits(uint32(w) << 16)
		dst[1] = math.Float32frombits(uint32(w) & upper)
		dst[2] = math.Float32frombits(uint32(w>>16) & upper)
		dst[3] = math.Float32frombits(uint32(w>>32) & upper)
	}
	decodeBF16(dst, src)
}

func decodeBF16[T float32 | float64](dst []T, src []byte) {
	const upper = 0xffff0000
	for ; len(dst) >= 4 && len(src) >= 8; dst, src = dst[4:], src[8:] {
		w := binary.LittleEndian.Uint64(src)
		dst[0] = T(math.Float32frombits(uint32(w) << 16))
		dst[1] = T(math.Float32frombits(uint32(w) & upper))
		dst[2] = T(math.Float32frombits(uint32(w>>16) & upper))
		dst[3] = T(math.Float32frombits(uint32(w>>32) & upper))
	}
	for i := range dst {
		dst[i] = T(math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[2*i:])) << 16))
	}
}

func decodeF16[T float32 | float64](dst []T, src []byte) {
	for ; len(dst) >= 4 && len(src) >= 8; dst, src = dst[4:], src[8:] {
		w := binary.LittleEndian.Uint64(src)
		dst[0] = T(binary16Value(uint32(w) & 0xffff))
		dst[1] = T(binary16Value(uint32(w) >> 16))
		dst[2] = T(binary16Value(uint32(w>>32) & 0xffff))
		dst[3] = T(binary16Value(uint32(w >> 48)))
	}
	for i := range dst {
		dst[i] = T(binary16Value(uint32(binary.LittleEndian.Uint16(src[2*i:]))))
	}
}

// binary16Value returns the value of the IEEE half with the given bits.
func binary16Value(h uint32) float32 {
	const rebias = (127 - 15) << 23
	magnitude := h & 0x7fff << 13
	bits := magnitude + rebias
	if magnitude >= 31<<23 { // infinite or NaN
		bits += rebias
	}
	if magnitude < 1<<23 { // subnormal: a 1 before the mantissa, and its weight taken away
		bits = math.Float32bits(math.Float32frombits(bits+1<<23) - 0x1p-14)
	}
	return math.Float32frombits(bits | h&0x8000<<16)
}

func decodeF32[T float32 | float64](dst []T, src []byte) {
	for ; len(dst) >= 2 && len(src) >= 8; dst, src = dst[2:], src[8:] {
		w := binary.LittleEndian.Uint64(src)
		dst[0] = T(math.Float32frombits(uint32(w)))
		dst[1] = T(math.Float32frombits(uint32(w >> 32)))
	}
	for i := range dst {
		dst[i] = T(math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:])))
	}
}

func decodeF64[T float32 | float64](dst []T, src []byte) {
	for ; len(dst) >= 2 && len(src) >= 16; dst, src = dst[2:], src[16:] {
		dst[0] = T(math.Float64frombits(binary.LittleEndian.Uint64(src)))
		dst[1] = T(math.Float64frombits(binary.LittleEndian.Uint64(src[8:])))
	}
	for i := range dst {
		dst[i] = T(math.Float64frombits(binary.LittleEndian.Uint64(src[8*i:])))
	}
}
