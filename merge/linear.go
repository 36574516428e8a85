package merge

import (
	"errors"
	"fmt"
	"math"
)

// prepareLinear averages: sum of w_i x_i, divided by the sum of w_i if
// normalize (Wortsman et al. 2022).
func prepareLinear(o *operands) (formula, error) {
	f := formula{branch: "linear", coefficients: make([]float64, len(o.Operands))}
	sum := 0.0
	for i := range o.Operands {
		f.coefficients[i] = o.per("weight", i)
		sum += f.coefficients[i]
	}
	if !o.flag("normalize") {
		return f, nil
	}
	if sum == 0 {
		return f, errors.New("the weights add up to 0, so they cannot be normalised; change them or set normalize: false")
	}
	for i := range f.coefficients {
		f.coefficients[i] /= sum
	}
	return f, nil
}

// preparePassthrough copies one tensor, or multiplies it.
func preparePassthrough(o *operands) (formula, error) {
	scale := o.per("scale", 0)
	if math.IsNaN(scale) {
		return formula{branch: "copy", coefficients: []float64{1}}, nil
	}
	return formula{branch: fmt.Sprintf("times %v", scale), coefficients: []float64{scale}}, nil
}

// prepareNearswap moves the base a to the model b by w = t/|a-b|, at most 1.
func prepareNearswap(o *operands) (formula, error) {
	t, base, other := o.shared("t"), o.Base, o.others()[0]
	return formula{branch: "nearswap", block: func(dst []float64, src [][]float64, _ int64) {
		for i := range dst {
			a, b := src[base][i], src[other][i]
			w := max(0, min(1, t/max(math.Abs(a-b), 1e-6)))
			dst[i] = float64(w*b) + float64((1-w)*a)
		}
	}}, nil
}
