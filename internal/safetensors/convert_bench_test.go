package safetensors

import (
	"math/rand/v2"
	"testing"
)

// A block that fits the second cache, as readers use them.
const benchElements = 1 << 16

func benchValues[T float32 | float64]() []T {
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]T, benchElements)
	for i := range values {
		values[i] = T(r.NormFloat64() * 0.02) // the weights of a model
	}
	return values
}

func BenchmarkEncode(b *testing.B) {
	f32, f64 := benchValues[float32](), benchValues[float64]()
	for _, dtype := range []DType{BF16, F16, F32, F64} {
		dst := make([]byte, benchElements*dtype.Bits()/8)
		b.Run("F32to"+dtype.String(), func(b *testing.B) {
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				if c, err := EncodeF32(dst, f32, dtype); err != nil || c != (Count{}) {
					b.Fatal(c, err)
				}
			}
		})
		b.Run("F64to"+dtype.String(), func(b *testing.B) {
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				if c, err := EncodeF64(dst, f64, dtype); err != nil || c != (Count{}) {
					b.Fatal(c, err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	f32, f64 := make([]float32, benchElements), make([]float64, benchElements)
	for _, dtype := range []DType{BF16, F16, F32, F64} {
		src := make([]byte, benchElements*dtype.Bits()/8)
		if _, err := EncodeF32(src, benchValues[float32](), dtype); err != nil {
			b.Fatal(err)
		}
		b.Run(dtype.String()+"toF32", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if err := DecodeF32(f32, src, dtype); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(dtype.String()+"toF64", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if err := DecodeF64(f64, src, dtype); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
