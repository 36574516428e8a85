package safetensors

import (
	"math"
	"sync"
)

// float16 is a 16-bit floating-point format: a sign, an exponent, a mantissa.
type float16 struct {
	mantissa int // bits, without the leading 1
	bias     int // of the exponent
}

var (
	binary16 = float16{mantissa: 10, bias: 15} // IEEE 754-2019
	bfloat16 = float16{mantissa: 7, bias: 127} // the upper half of a float32
)

func (f float16) infinity() uint16 { return 0x7fff &^ (1<<f.mantissa - 1) }

// nan is the one NaN that is written. Hardware gives NaNs of either sign and
// of any payload, so to keep those would be to write other bytes on other machines.
func (f float16) nan() uint16 { return f.infinity() | 1<<(f.mantissa-1) }

// round returns the value nearest to x, and of two the even one. It uses
// integers only and serves as the definition; the loops in encode.go are for
// blocks where nothing is NaN, infinite or too large.
func (f float16) round(x float64) uint16 {
	bits := math.Float64bits(x)
	sign := uint16(bits >> 48 & 0x8000)
	switch {
	case x != x:
		return f.nan()
	case math.IsInf(x, 0):
		return sign | f.infinity()
	}
	exponent := int(bits>>52&0x7ff) - 1023 + f.bias
	mantissa := bits&(1<<52-1) | 1<<52
	shift := 52 - f.mantissa
	if exponent < 1 { // subnormal
		shift += 1 - exponent
		exponent = 1
	}
	if shift > 53 { // below half of the smallest number; so are all subnormal float64
		return sign
	}
	quotient, rest, half := mantissa>>shift, mantissa&(1<<shift-1), uint64(1)<<(shift-1)
	if rest > half || rest == half && quotient&1 == 1 {
		quotient++
	}
	// The leading 1 of the quotient, if there is one, adds 1 to the exponent.
	magnitude := uint64(exponent-1)<<f.mantissa + quotient
	return sign | uint16(min(magnitude, uint64(f.infinity())))
}

// float8Values gives the values of the 8-bit formats, by dtype and bits.
//
// Sources: OCP 8-bit Floating Point Specification (E4M3, E5M2), OCP
// Microscaling Formats 1.0 (E8M0), and for the FNUZ formats, which have neither
// infinities nor a negative zero, arXiv:2206.02915.
var float8Values = sync.OnceValue(func() map[DType]*[256]float32 {
	values := map[DType]*[256]float32{F8_E8M0: new([256]float32)}
	for i := range 256 {
		values[F8_E8M0][i] = float32(math.Ldexp(1, i-127))
	}
	for _, f := range []struct {
		dtype          DType
		mantissa, bias int
	}{{F8_E4M3, 3, 7}, {F8_E5M2, 2, 15}, {F8_E4M3FNUZ, 3, 8}, {F8_E5M2FNUZ, 2, 16}} {
		table := new([256]float32)
		for i := range 128 {
			exponent, mantissa := i>>f.mantissa, i&(1<<f.mantissa-1)
			if exponent > 0 {
				exponent--
				mantissa += 1 << f.mantissa
			}
			x := float32(math.Ldexp(float64(mantissa), exponent+1-f.bias-f.mantissa))
			table[i], table[i+128] = x, -x
		}
		values[f.dtype] = table
	}
	nan, infinity := float32(math.NaN()), float32(math.Inf(1))
	values[F8_E8M0][0xff] = nan
	values[F8_E4M3][0x7f], values[F8_E4M3][0xff] = nan, nan
	values[F8_E4M3FNUZ][0x80], values[F8_E5M2FNUZ][0x80] = nan, nan
	values[F8_E5M2][0x7c], values[F8_E5M2][0xfc] = infinity, -infinity
	for i := 0x7d; i <= 0x7f; i++ {
		values[F8_E5M2][i], values[F8_E5M2][i+128] = nan, nan
	}
	return values
})
