package merge

import "math"

// prepareSCE selects the elements whose differences vary most between the
// models, weights each model by the energy of what is left of its differences,
// and erases signs that are not the majority's (Wan et al. 2024).
func prepareSCE(o *operands) (formula, error) {
	models := o.others()
	top := o.shared("select_topk")
	selected := &cut{key: 0, equal: -1} // all
	varying := o.byVariance(models)
	if top < 1 {
		nonzero, err := o.countVarying(varying)
		if err != nil {
			return formula{}, err
		}
		if selected, err = o.cut(varying, share(max(0, top), nonzero)); err != nil {
			return formula{}, err
		}
	}
	energy, err := o.energy(models, selected)
	if err != nil {
		return formula{}, err
	}
	return formula{branch: "sce", start: func(b *buffers, c chunk) (blockFunc, error) {
		in := selected.in(c.index)
		return func(dst []float64, src [][]float64, _ int64) {
			sce(dst, src, o.Base, models, energy, &in)
		}, nil
	}}, nil
}

func sce(dst []float64, src [][]float64, base int, models []int, energy []float64, selected *side) {
	for j := range dst {
		b := src[base][j]
		dst[j] = b
		if !selected.above(variance(src, models, base, j)) {
			continue
		}
		sum := 0.0
		for _, m := range models {
			sum += src[m][j] - b
		}
		merged, weights := 0.0, 0.0
		for i, m := range models {
			if d := src[m][j] - b; d > 0 && sum >= 0 || d < 0 && sum < 0 {
				merged += float64(energy[i] * d)
				weights += energy[i]
			}
		}
		dst[j] = b + merged/max(weights, 1e-6)
	}
}

// variance returns the key of the variance of the differences in element j.
func variance(src [][]float64, models []int, base, j int) uint32 {
	mean := 0.0
	for _, m := range models {
		mean += src[m][j] - src[base][j]
	}
	mean /= float64(len(models))
	sum := 0.0
	for _, m := range models {
		d := src[m][j] - src[base][j] - mean
		sum += float64(d * d)
	}
	return magnitude(sum / float64(len(models)))
}

func (o *operands) byVariance(models []int) ranker {
	return ranker{name: "variance", keys: func(b *buffers, c chunk, f func([]uint32, int64) error) error {
		return o.blocks(b, c, o.all(), func(src [][]float64, at int64) error {
			keys := b.keys(len(src[0]))
			for j := range keys {
				keys[j] = variance(src, models, o.Base, j)
			}
			return f(keys, at)
		})
	}}
}

func (o *operands) countVarying(r ranker) (total int64, err error) {
	err = fold(o, func(b *buffers, c chunk) (n int64, err error) {
		err = r.keys(b, c, func(keys []uint32, _ int64) error {
			for _, key := range keys {
				if key != 0 {
					n++
				}
			}
			return nil
		})
		return n, err
	}, func(_ chunk, n int64) { total += n })
	return total, err
}

// energy returns the mean square of each model's selected differences, as
// shares of 1.
func (o *operands) energy(models []int, selected *cut) ([]float64, error) {
	total := make([]float64, len(models))
	err := fold(o, func(b *buffers, c chunk) ([]float64, error) {
		sums, in := make([]float64, len(models)), selected.in(c.index)
		return sums, o.blocks(b, c, o.all(), func(src [][]float64, _ int64) error {
			for j := range src[0] {
				if !in.above(variance(src, models, o.Base, j)) {
					continue
				}
				for i, m := range models {
					d := src[m][j] - src[o.Base][j]
					sums[i] += float64(d * d)
				}
			}
			return nil
		})
	}, func(_ chunk, sums []float64) {
		for i := range sums {
			total[i] += sums[i]
		}
	})
	if err != nil {
		return nil, err
	}
	all := 0.0
	for i := range total {
		total[i] /= float64(max(1, o.Spec.Elements()))
		all += total[i]
	}
	for i := range total {
		if math.Abs(all) < 1e-6 && o.compat || all == 0 {
			total[i] = 1 / float64(len(total))
		} else {
			total[i] /= all
		}
	}
	return total, nil
}

// prepareRAM adds the differences that only one model has and averages those
// that several have; up to epsilon is no difference (arXiv:2601.13572).
func prepareRAM(o *operands) (formula, error) {
	return o.ram(make([]float64, len(o.others()))), nil
}

// prepareRAMPlus makes a model's own differences larger by r times the ratio,
// up to alpha, of its shared elements to its own.
func prepareRAMPlus(o *operands) (formula, error) {
	models, epsilon := o.others(), o.shared("epsilon")
	shared, own := make([]float64, len(models)), make([]float64, len(models))
	err := fold(o, func(b *buffers, c chunk) ([][2]int64, error) {
		counts := make([][2]int64, len(models))
		return counts, o.blocks(b, c, o.all(), func(src [][]float64, _ int64) error {
			for j := range src[0] {
				_, n := contributions(src, models, o.Base, j, epsilon)
				for i, m := range models {
					if n > 0 && math.Abs(src[m][j]-src[o.Base][j]) > epsilon {
						counts[i][min(n, 2)-1]++
					}
				}
			}
			return nil
		})
	}, func(_ chunk, counts [][2]int64) {
		for i, n := range counts {
			own[i] += float64(n[0])
			shared[i] += float64(n[1])
		}
	})
	gains := make([]float64, len(models))
	for i := range gains {
		ratio := shared[i] / max(own[i], epsilon)
		gains[i] = o.shared("r") * max(0, min(o.shared("alpha"), ratio))
	}
	return o.ram(gains), err
}

// contributions sums the differences in element j that count, and says how
// many models have one.
func contributions(src [][]float64, models []int, base, j int, epsilon float64) (sum float64, n int) {
	for _, m := range models {
		if d := src[m][j] - src[base][j]; math.Abs(d) > epsilon {
			sum += d
			n++
		}
	}
	return sum, n
}

func (o *operands) ram(gains []float64) formula {
	models, epsilon, base := o.others(), o.shared("epsilon"), o.Base
	return formula{branch: "ram", block: func(dst []float64, src [][]float64, _ int64) {
		for j := range dst {
			sum, n := contributions(src, models, base, j, epsilon)
			if n == 1 {
				for i, m := range models {
					if d := src[m][j] - src[base][j]; math.Abs(d) > epsilon {
						sum = float64(d * (1 + gains[i]))
					}
				}
			}
			dst[j] = src[base][j] + sum/float64(max(1, n))
		}
	}}
}
