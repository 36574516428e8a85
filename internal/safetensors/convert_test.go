package safetensors

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

// reference rounds x as math/big does: to the precision that the format has at
// the magnitude of x, ties to even. It shares nothing with the code it judges.
func reference(x float64, mantissa, minExponent, maxExponent int) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	_, exponent := math.Frexp(x) // |x| in [0.5, 1) * 2^exponent
	precision := mantissa + 1
	if exponent-1 < minExponent {
		precision -= minExponent - (exponent - 1)
	}
	if precision < 1 { // below the smallest number: the precision of big.Float ends at 1
		half := math.Ldexp(1, minExponent-mantissa-1)
		if math.Abs(x) > half {
			return math.Copysign(2*half, x)
		}
		return math.Copysign(0, x)
	}
	y, _ := new(big.Float).SetPrec(uint(precision)).SetMode(big.ToNearestEven).SetFloat64(x).Float64()
	if math.Abs(y) >= math.Ldexp(1, maxExponent+1) {
		return math.Copysign(math.Inf(1), x)
	}
	return y
}

var formats = []struct {
	dtype                              DType
	mantissa, minExponent, maxExponent int
}{
	{BF16, 7, -126, 127},
	{F16, 10, -14, 15},
	{F32, 23, -126, 127},
}

// testValues are the numbers where rounding goes wrong: everything near the
// limits and the ties of a format, and numbers of all magnitudes.
func testValues(mantissa, minExponent, maxExponent int) (values []float64) {
	r := rand.New(rand.NewPCG(7, uint64(mantissa)))
	add := func(x float64) {
		for _, y := range []float64{x, math.Nextafter(x, math.Inf(1)), math.Nextafter(x, 0)} {
			values = append(values, y, -y)
			f := float32(y)
			values = append(values, float64(f), float64(math.Nextafter32(f, 0)), float64(math.Nextafter32(f, float32(math.Inf(1)))))
		}
	}
	for exponent := minExponent - mantissa - 4; exponent <= maxExponent+2; exponent++ {
		for range 8 {
			// A number of the format, and the tie after it.
			m := float64(r.IntN(1<<mantissa) + 1<<mantissa)
			add(math.Ldexp(m, exponent-mantissa))
			add(math.Ldexp(m+0.5, exponent-mantissa))
			add(math.Ldexp(m+0.5, minExponent-mantissa-r.IntN(4)))
			add(math.Ldexp(1+r.Float64(), exponent))
		}
		add(math.Ldexp(2-math.Ldexp(1, -mantissa-1), exponent)) // the last tie before a power of two
	}
	for range 20000 {
		add(math.Float64frombits(r.Uint64()))
	}
	add(0)
	add(math.Inf(1))
	add(math.SmallestNonzeroFloat64)
	return append(values, math.NaN(), math.Float64frombits(0xfff0000000000001))
}

func TestEncodeRoundsToNearestEven(t *testing.T) {
	for _, f := range formats {
		values := testValues(f.mantissa, f.minExponent, f.maxExponent)
		narrow := make([]float32, len(values))
		for i, x := range values {
			narrow[i] = float32(x)
		}
		round := func(x float64) float64 { return reference(x, f.mantissa, f.minExponent, f.maxExponent) }
		// Four of the same number take the loop, one alone does not.
		for _, n := range []int{1, 4} {
			checkEncode(t, f.dtype, values, n, EncodeF64, round)
			checkEncode(t, f.dtype, narrow, n, EncodeF32, round)
		}
	}
}

// checkEncode encodes each of the values n at once and compares what comes
// back, and the counts, with the reference.
func checkEncode[T float32 | float64](t *testing.T, dtype DType, values []T, n int, encode func([]byte, []T, DType) (Count, error), round func(float64) float64) {
	t.Helper()
	size := dtype.Bits() / 8
	buf, block := make([]byte, len(values)*n*size), make([]T, n)
	counts := make([]Count, len(values))
	for i, x := range values {
		for j := range block {
			block[j] = x
		}
		var err error
		if counts[i], err = encode(buf[i*n*size:][:n*size], block, dtype); err != nil {
			t.Fatal(err)
		}
	}
	back := make([]float64, len(values)*n)
	if err := DecodeF64(back, buf, dtype); err != nil {
		t.Fatal(err)
	}
	for i, x := range values {
		want, wantCount := round(float64(x)), Count{}
		switch {
		case x != x:
			wantCount.NaN = int64(n)
		case math.IsInf(float64(x), 0):
			wantCount.Inf = int64(n)
		case math.IsInf(want, 0):
			wantCount.Overflow = int64(n)
		}
		for _, got := range back[i*n:][:n] {
			if !sameFloat(got, want) {
				t.Fatalf("%s of %v (%x), %d at once: %v, want %v", dtype, x, math.Float64bits(float64(x)), n, got, want)
			}
		}
		if counts[i] != wantCount {
			t.Fatalf("%s of %v: counted %+v, want %+v", dtype, x, counts[i], wantCount)
		}
	}
}

// All 65536 values of each 16-bit format survive a decoding and an encoding;
// every NaN comes back as the one NaN that is written.
func TestSixteenBitFormatsExhaustively(t *testing.T) {
	for _, f := range []struct {
		dtype  DType
		format float16
		value  func(bits uint16) float64
	}{
		{BF16, bfloat16, func(b uint16) float64 { return ieee(b, 7, 127) }},
		{F16, binary16, func(b uint16) float64 { return ieee(b, 10, 15) }},
	} {
		all := make([]byte, 2<<16)
		for i := range 1 << 16 {
			binary.LittleEndian.PutUint16(all[2*i:], uint16(i))
		}
		f32, f64 := make([]float32, 1<<16), make([]float64, 1<<16)
		if err := DecodeF32(f32, all, f.dtype); err != nil {
			t.Fatal(err)
		}
		if err := DecodeF64(f64, all, f.dtype); err != nil {
			t.Fatal(err)
		}
		from32, from64 := make([]byte, 2<<16), make([]byte, 2<<16)
		c32, err := EncodeF32(from32, f32, f.dtype)
		if err != nil {
			t.Fatal(err)
		}
		c64, err := EncodeF64(from64, f64, f.dtype)
		if err != nil {
			t.Fatal(err)
		}
		wantNaN := 2 * int64(1<<f.format.mantissa-1)
		if want := (Count{NaN: wantNaN, Inf: 2}); c32 != want || c64 != want {
			t.Errorf("%s: counted %+v and %+v, want %+v", f.dtype, c32, c64, want)
		}
		for i := range 1 << 16 {
			want := f.value(uint16(i))
			if !sameFloat(float64(f32[i]), want) || !sameFloat(f64[i], want) {
				t.Fatalf("%s %04x decodes to %v and %v, want %v", f.dtype, i, f32[i], f64[i], want)
			}
			bits := uint16(i)
			if math.IsNaN(want) {
				bits = f.format.nan()
			}
			got32, got64 := binary.LittleEndian.Uint16(from32[2*i:]), binary.LittleEndian.Uint16(from64[2*i:])
			if got32 != bits || got64 != bits {
				t.Fatalf("%s %04x comes back as %04x and %04x, want %04x", f.dtype, i, got32, got64, bits)
			}
		}
	}
}

// ieee is the textbook value of a 16-bit format.
func ieee(bits uint16, mantissa, bias int) float64 {
	sign := 1.0
	if bits>>15 == 1 {
		sign = -1
	}
	exponent, fraction := int(bits&0x7fff)>>mantissa, float64(bits&(1<<mantissa-1))/float64(int(1)<<mantissa)
	switch {
	case exponent == 1<<(15-mantissa)-1 && fraction != 0:
		return math.NaN()
	case exponent == 1<<(15-mantissa)-1:
		return sign * math.Inf(1)
	case exponent == 0:
		return sign * math.Ldexp(fraction, 1-bias)
	}
	return sign * math.Ldexp(1+fraction, exponent-bias)
}

func sameFloat(a, b float64) bool {
	return a == b && math.Signbit(a) == math.Signbit(b) || math.IsNaN(a) && math.IsNaN(b)
}

// Rounding twice, to float32 and then to bfloat16, goes wrong here.
func TestEncodeF64RoundsOnce(t *testing.T) {
	x := 1 + 0x1p-8 + 0x1p-40 // just above a tie of bfloat16, which float32 rounds onto it
	checkEncode(t, BF16, []float64{x}, 4, EncodeF64, func(float64) float64 { return 1 + 0x1p-7 })
	x = 1 + 0x1p-11 + 0x1p-40
	checkEncode(t, F16, []float64{x}, 4, EncodeF64, func(float64) float64 { return 1 + 0x1p-10 })
}

// Blocks of any length and alignment give what element by element does.
func TestConvertAnyLengthAndAlignment(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 0; n < 600; n += 1 + n/64 {
		values, want64 := make([]float32, n), make([]float64, n)
		for i := range values {
			values[i] = float32(r.NormFloat64()) * []float32{1, 1e-6, 1e-40, 1e38}[r.IntN(4)]
			if r.IntN(400) == 0 {
				values[i] = float32(math.NaN())
			}
			want64[i] = float64(values[i])
		}
		for _, dtype := range []DType{BF16, F16, F32, F64} {
			size := dtype.Bits() / 8
			buf := make([]byte, n*size+8)
			p := buf[n%8:][:n*size]
			count, err := EncodeF32(p, values, dtype)
			if err != nil {
				t.Fatal(err)
			}
			count64, err := EncodeF64(slices.Clone(p), want64, dtype)
			if err != nil || count != count64 {
				t.Fatal(count, count64, err)
			}
			var single Count
			back32, back64 := make([]float32, n), make([]float64, n)
			if err := DecodeF32(back32, p, dtype); err != nil {
				t.Fatal(err)
			}
			if err := DecodeF64(back64, p, dtype); err != nil {
				t.Fatal(err)
			}
			for i, x := range values {
				one := make([]byte, size)
				c, err := EncodeF32(one, []float32{x}, dtype)
				if err != nil {
					t.Fatal(err)
				}
				single.Add(c)
				if string(one) != string(p[i*size:][:size]) {
					t.Fatalf("%s, element %d of %d: %x alone, %x in the block", dtype, i, n, one, p[i*size:][:size])
				}
				if !sameFloat(float64(back32[i]), back64[i]) {
					t.Fatalf("%s, element %d of %d decodes to %v and %v", dtype, i, n, back32[i], back64[i])
				}
			}
			if single != count {
				t.Fatalf("%s, %d elements: counted %+v, one by one %+v", dtype, n, count, single)
			}
		}
	}
}

func TestConvertRefusesBadArguments(t *testing.T) {
	if err := DecodeF32(make([]float32, 2), make([]byte, 3), BF16); err == nil {
		t.Error("a source of another length is no error")
	}
	if err := DecodeF64(make([]float64, 1), make([]byte, 8), I64); err == nil {
		t.Error("integers are decoded")
	}
	if _, err := EncodeF32(make([]byte, 3), make([]float32, 2), BF16); err == nil {
		t.Error("a destination of another length is no error")
	}
	if _, err := EncodeF64(make([]byte, 1), make([]float64, 1), F8_E4M3); err == nil {
		t.Error("8-bit floats are encoded")
	}
}
