package merge

import (
	"fmt"
	"math"
	"slices"

	"github.com/kurakurai/luth/internal/safetensors"
)

// taskVectors makes the methods that add differences d_i = x_i - base to the
// base:
//
//	base + lambda * sum of w_i s_i(d_i) / (sum of w_i, if normalize)
//
// with s_i a sieve. With consensus (TIES), an element of d_i takes part only
// if its weighted value has the sign of the sum of all of them, and the sum of
// the weights is of those that take part.
func taskVectors(how keep, consensus bool) func(*operands) (formula, error) {
	return func(o *operands) (formula, error) {
		v := taskVector{operands: o, models: o.others(), consensus: consensus, dtype: o.rounding()}
		dense := true
		for _, m := range v.models {
			v.weights = append(v.weights, v.dtype.number(o.per("weight", m)))
			s, err := o.sieve(how, m)
			if err != nil {
				return formula{}, fmt.Errorf("%s: %w", o.Operands[m].model.ref, err)
			}
			v.sieves = append(v.sieves, s)
			dense = dense && s == nil
		}
		alone := len(v.models) == 1 // and so in agreement with itself
		if dense && (alone || !consensus) && v.dtype == 0 {
			return o.fromBase("task vectors", v.models, v.factors()), nil
		}
		if alone && v.dtype == 0 {
			return formula{branch: "task vectors", start: v.startAlone}, nil
		}
		return formula{branch: "task vectors", start: v.start}, nil
	}
}

// taskVector is what the formula of one tensor needs.
type taskVector struct {
	*operands
	models    []int
	weights   []float64
	sieves    []sieve // nil for a model all of whose elements are kept
	consensus bool
	dtype     rounding
}

// factors are the coefficients of the differences where nothing is dropped.
func (v *taskVector) factors() []float64 {
	out := slices.Clone(v.weights)
	divisor := v.divisor()
	for i := range out {
		out[i] = v.shared("lambda") * out[i] / divisor
	}
	return out
}

// divisor is the sum of the weights if they are to be normalised, else 1.
func (v *taskVector) divisor() float64 {
	sum := 0.0
	for _, w := range v.weights {
		sum += w
	}
	if !v.flag("normalize") || math.Abs(sum) < 1e-8 && !v.consensus || sum == 0 {
		return 1
	}
	return v.dtype.number(sum)
}

// startAlone is start for one model, whose sifted difference only has a factor.
func (v *taskVector) startAlone(b *buffers, c chunk) (blockFunc, error) {
	sift, err := v.sieves[0](b, c)
	factor := v.factors()[0]
	return func(dst []float64, src [][]float64, at int64) {
		x, base := src[v.models[0]][:len(dst)], src[v.Base][:len(dst)]
		for j := range dst {
			dst[j] = x[j] - base[j]
		}
		sift(dst, at)
		for j := range dst {
			dst[j] = base[j] + float64(factor*dst[j])
		}
	}, err
}

// start returns the function for the blocks of a chunk.
func (v *taskVector) start(b *buffers, c chunk) (blockFunc, error) {
	sift := make([]siftFunc, len(v.models))
	for i, s := range v.sieves {
		if s == nil {
			continue
		}
		var err error
		if sift[i], err = s(b, c); err != nil {
			return nil, err
		}
	}
	weighted := make([][]float64, len(v.models))
	return func(dst []float64, src [][]float64, at int64) {
		for i, m := range v.models {
			d := b.spare(i, len(dst))
			weighted[i] = d
			x, base := src[m][:len(d)], src[v.Base][:len(d)]
			for j := range d {
				d[j] = x[j] - base[j]
			}
			v.dtype.all(d)
			if sift[i] != nil {
				sift[i](d, at)
				v.dtype.all(d)
			}
			if w := v.weights[i]; w != 1 {
				for j := range d {
					d[j] = float64(d[j] * w)
				}
				v.dtype.all(d)
			}
		}
		v.mix(b, dst, weighted)
		base := src[v.Base][:len(dst)]
		for j := range dst {
			dst[j] += base[j]
		}
	}, nil
}

// mix combines the sifted and weighted differences.
func (v *taskVector) mix(b *buffers, dst []float64, weighted [][]float64) {
	clear(dst)
	for _, d := range weighted {
		d = d[:len(dst)]
		for j := range dst {
			dst[j] += d[j]
		}
	}
	divisors := b.spare(len(weighted), len(dst))
	if v.consensus {
		v.agree(b, dst, divisors, weighted)
	} else {
		for j := range divisors {
			divisors[j] = v.divisor()
		}
	}
	v.dtype.all(dst)
	if v.flag("normalize") {
		v.dtype.all(divisors)
		for j := range dst {
			dst[j] /= divisors[j]
		}
		v.dtype.all(dst)
	}
	if lambda := v.shared("lambda"); lambda != 1 {
		for j := range dst {
			dst[j] = float64(dst[j] * lambda)
		}
		v.dtype.all(dst)
	}
}

// agree replaces the sums by those of the differences whose sign is the sum's,
// and gives the sums of their weights, 1 where that is 0. A sum of zero counts
// as positive; a difference of zero takes no part. The loop has no branches, for
// none of them could be foreseen.
func (v *taskVector) agree(b *buffers, sums, divisors []float64, weighted [][]float64) {
	majority := b.spare(len(weighted)+1, len(sums))
	for j, s := range sums {
		majority[j] = s + 0 // -0 becomes 0
	}
	clear(sums)
	clear(divisors)
	for i, d := range weighted {
		weight := math.Float64bits(v.weights[i])
		d = d[:len(sums)]
		for j := range sums {
			bits := math.Float64bits(d[j])
			same := uint64(int64(^(bits ^ math.Float64bits(majority[j]))) >> 63)
			size := bits << 1
			same &= uint64(int64(size|-size) >> 63)
			sums[j] += math.Float64frombits(bits & same)
			divisors[j] += math.Float64frombits(weight & same)
		}
	}
	for j, w := range divisors {
		if w == 0 {
			divisors[j] = 1
		}
	}
}

// A rounding is the dtype to which --mergekit-compat rounds every step, as
// mergekit does for task vectors; 0 is none.
type rounding safetensors.DType

// rounding is that of the type the base is computed in.
func (o *operands) rounding() rounding {
	if !o.compat || o.Base < 0 {
		return 0
	}
	if o.Compute != 0 {
		return rounding(o.Compute)
	}
	return rounding(o.Operands[o.Base].tensor.DType)
}

func (r rounding) number(x float64) float64 {
	if r == 0 {
		return x
	}
	one := [1]float64{x}
	r.all(one[:])
	return one[0]
}

// all rounds in place.
func (r rounding) all(x []float64) {
	if r == 0 || safetensors.DType(r) == safetensors.F64 {
		return
	}
	dtype := safetensors.DType(r)
	var raw [4 * 256]byte
	for len(x) > 0 {
		n := min(len(x), 256)
		part := raw[:n*dtype.Bits()/8]
		// Neither can fail: the type is a float and the lengths agree.
		_, _ = safetensors.EncodeF64(part, x[:n], dtype)
		_ = safetensors.DecodeF64(x[:n], part, dtype)
		x = x[n:]
	}
}
