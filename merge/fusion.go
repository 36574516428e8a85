package merge

import "math"

// prepareFusion takes the model's elements whose importance is at least
// median + 1.5 (third - first quartile), and the base's elsewhere. Importance
// is |x - base| times the divergence KL(softmax(x) || softmax(base)) of their
// row. The quartiles are exact; mergekit takes them from a random sample.
func prepareFusion(o *operands) (formula, error) {
	n, other := o.Spec.Elements(), o.others()[0]
	if n == 0 {
		return formula{coefficients: []float64{1, 0}}, nil
	}
	divergence, err := o.divergences(other)
	if err != nil {
		return formula{}, err
	}
	row := o.rowLastLength()
	importance := func(x, b float64, at int64) float64 {
		return float64(math.Abs(x-b) * divergence[at/row])
	}
	r := ranker{name: "importance", keys: func(b *buffers, c chunk, f func([]uint32, int64) error) error {
		return o.blocks(b, c, []int{o.Base, other}, func(src [][]float64, at int64) error {
			keys := b.keys(len(src[0]))
			for j := range keys {
				keys[j] = magnitude(importance(src[1][j], src[0][j], at+int64(j)))
			}
			return f(keys, at)
		})
	}}
	var quartile [3]float64
	for i, q := range []float64{.25, .5, .75} {
		// The element of that index in ascending order.
		c, err := o.cut(r, n-int64(q*float64(n-1)))
		if err != nil {
			return formula{}, err
		}
		quartile[i] = float64(math.Float32frombits(c.key))
		if c.key == 0 && c.equal < 0 { // all elements are above
			quartile[i] = 0
		}
	}
	threshold := quartile[1] + float64(1.5*(quartile[2]-quartile[0]))
	base := o.Base
	return formula{branch: "fusion", block: func(dst []float64, src [][]float64, at int64) {
		for j := range dst {
			dst[j] = src[base][j]
			if importance(src[other][j], src[base][j], at+int64(j)) >= threshold {
				dst[j] = src[other][j]
			}
		}
	}}, nil
}

// rowLastLength is the length of the last dimension.
func (p *tensorPlan) rowLastLength() int64 {
	if len(p.Spec.Shape) == 0 {
		return 1
	}
	return max(1, p.Spec.Shape[len(p.Spec.Shape)-1])
}

// divergences returns KL(softmax(x)+eps || softmax(base)+eps), eps = 1e-8, for
// every row of the last dimension.
func (o *operands) divergences(other int) ([]float64, error) {
	row := o.rowLastLength()
	rows := o.Spec.Elements() / row
	which := []int{o.Base, other}
	peaks, err := o.rowSums(which, rows, row, math.Inf(-1), func(sum *[2]float64, src [2]float64, _ int64) {
		sum[0], sum[1] = max(sum[0], src[0]), max(sum[1], src[1])
	})
	if err != nil {
		return nil, err
	}
	totals, err := o.rowSums(which, rows, row, 0, func(sum *[2]float64, src [2]float64, r int64) {
		sum[0] += math.Exp(src[0] - peaks[r][0])
		sum[1] += math.Exp(src[1] - peaks[r][1])
	})
	if err != nil {
		return nil, err
	}
	const eps = 1e-8
	parts, err := o.rowSums(which, rows, row, 0, func(sum *[2]float64, src [2]float64, r int64) {
		q := math.Exp(src[0]-peaks[r][0])/totals[r][0] + eps
		p := math.Exp(src[1]-peaks[r][1])/totals[r][1] + eps
		sum[0] += float64(p * math.Log(p/q))
	})
	out := make([]float64, rows)
	for i := range parts {
		out[i] = parts[i][0]
	}
	return out, err
}

// rowSums folds the elements of two operands, row by row of the last
// dimension. A row lies in one chunk, or, in a vector, is summed chunk after
// chunk by one worker.
func (o *operands) rowSums(which []int, rows, row int64, start float64, add func(sum *[2]float64, src [2]float64, r int64)) ([][2]float64, error) {
	out := make([][2]float64, rows)
	for i := range out {
		out[i] = [2]float64{start, start}
	}
	work := func(b *buffers, c chunk) (struct{}, error) {
		return struct{}{}, o.blocks(b, c, which, func(src [][]float64, at int64) error {
			for j := range src[0] {
				r := (at + int64(j)) / row
				add(&out[r], [2]float64{src[0][j], src[1][j]}, r)
			}
			return nil
		})
	}
	if len(o.Spec.Shape) < 2 && o.Spec.Elements() > o.chunkLength() {
		b := <-o.pool.free
		defer func() { o.pool.free <- b }()
		for c := range o.chunks() {
			if _, err := work(b, c); err != nil {
				return nil, err
			}
		}
		return out, o.ctx.Err()
	}
	return out, fold(o, work, func(chunk, struct{}) {})
}
