package safetensors

import "math"

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
