package merge

import (
	"errors"
	"fmt"
	"math"
)

// straight is the cosine above which slerp goes in a straight line.
const straight = 0.9995

// arc returns the factors of the two ends of an arc with the given cosine, at
// place t.
func arc(cos, t float64) (p, q float64) {
	theta := arccos(cos)
	s := sine(theta)
	return sine(float64((1-t)*theta)) / s, sine(float64(t*theta)) / s
}

// prepareSlerp interpolates on the great circle between the base, t = 0, and
// the other model (Shoemake 1985), each with its own length: the factors are
// those of unit vectors. Tensors whose cosine is beyond ±0.9995 are
// interpolated in a straight line. The norms that make the cosine count as 1
// when they are at most 1e-8.
func prepareSlerp(o *operands) (formula, error) {
	g, err := o.inner(o.all(), -1, whole)
	if err != nil {
		return formula{}, err
	}
	t, base, other := o.shared("t"), o.Base, o.others()[0]
	cos := g.at(base, other) / floorNorm(g.norm(base)) / floorNorm(g.norm(other))
	cos = max(-1, min(1, cos))
	f := formula{branch: "slerp", coefficients: make([]float64, 2)}
	p, q := 1-t, t
	if math.Abs(cos) > straight {
		f.branch = "lerp"
	} else {
		p, q = arc(cos, t)
	}
	f.coefficients[base], f.coefficients[other] = p, q
	return f, nil
}

func floorNorm(norm float64) float64 {
	if norm > 1e-8 {
		return norm
	}
	return 1
}

// prepareNuslerp interpolates between two models by their weights, on their
// differences from the base if there is one.
func prepareNuslerp(o *operands) (formula, error) {
	models := o.others()
	w0, w1 := o.per("weight", models[0]), o.per("weight", models[1])
	t := .5
	if sum := w0 + w1; math.Abs(sum) >= 1e-6 {
		t = w1 / sum
	}
	by := whole
	switch {
	case o.flag("nuslerp_flatten") || len(o.Spec.Shape) == 0:
	case o.flag("nuslerp_row_wise") && len(o.Spec.Shape) > 1:
		by = byColumn
	case len(o.Spec.Shape) > 1:
		by = byRow
	}
	if by != whole && len(o.Spec.Shape) > 2 {
		return formula{}, fmt.Errorf("nuslerp_flatten: false is for matrices, and the tensor has %d dimensions; exempt it with a filter", len(o.Spec.Shape))
	}
	g, err := o.inner(models, o.Base, by)
	if err != nil {
		return formula{}, err
	}
	factors := make([][2]float64, len(g.groups))
	straights := 0
	for i := range factors {
		cos := g.cosine(i, 0, 1, 0)
		if 1-float64(cos*cos) <= 1e-16 {
			factors[i] = [2]float64{1 - t, t}
			straights++
			continue
		}
		p, q := arc(cos, t)
		factors[i] = [2]float64{p, q}
	}
	if by == whole {
		branch := []string{"slerp", "lerp"}[straights]
		return o.fromBase(branch, models, factors[0][:]), nil
	}
	return o.perGroup(models, factors, by), nil
}

// fromBase makes the formula base + sum of c_i (x_i - base), or without base
// the sum of c_i x_i, of the coefficients of models.
func (o *operands) fromBase(branch string, models []int, c []float64) formula {
	f := formula{branch: branch, coefficients: make([]float64, len(o.Operands))}
	rest := 1.0
	for i, m := range models {
		f.coefficients[m] = c[i]
		rest -= c[i]
	}
	if o.Base >= 0 {
		f.coefficients[o.Base] = rest
	}
	return f
}

// perGroup is fromBase for two models with factors for each row or column.
func (o *operands) perGroup(models []int, factors [][2]float64, by grouping) formula {
	base, row := o.Base, o.rowLength()
	return formula{branch: "slerp by parts", block: func(dst []float64, src [][]float64, at int64) {
		x, y := src[models[0]], src[models[1]]
		for i := range dst {
			group := (at + int64(i)) / row
			if by == byColumn {
				group = (at + int64(i)) % row
			}
			f := factors[group]
			if base < 0 {
				dst[i] = float64(f[0]*x[i]) + float64(f[1]*y[i])
				continue
			}
			b := src[base][i]
			dst[i] = b + (float64(f[0]*(x[i]-b)) + float64(f[1]*(y[i]-b)))
		}
	}}
}

// prepareMultislerp is a weighted mean on the sphere: unit vectors u_i, their
// weighted mean m at unit length, the weighted sum of what of the u_i is
// orthogonal to m, back on the sphere along that, at the mean length.
func prepareMultislerp(o *operands) (formula, error) {
	models := o.others()
	if len(models) == 1 {
		return o.fromBase("copy", models, []float64{1}), nil
	}
	g, err := o.inner(models, o.Base, whole)
	if err != nil {
		return formula{}, err
	}
	k, eps := len(models), o.shared("eps")
	weights, norms := make([]float64, k), make([]float64, k)
	sum := 0.0
	for i, m := range models {
		weights[i], norms[i] = o.per("weight", m), g.norm(i)
		sum += weights[i]
	}
	if o.flag("normalize_weights") {
		if sum == 0 {
			return formula{}, errors.New("the weights add up to 0, so they cannot be normalised; change them or set normalize_weights: false")
		}
		for i := range weights {
			weights[i] /= sum
		}
	}
	mean, length := make([]float64, k), 0.0
	for i := range mean {
		mean[i] = weights[i] / (norms[i] + eps)
		length += float64(weights[i] * norms[i])
	}
	norm := g.length(mean)
	if norm < eps {
		if k == 2 {
			return o.fromBase("linear", models, weights), nil
		}
		return formula{}, errors.New("the models' directions cancel out, so they have no mean on the sphere; change the weights")
	}
	scale(mean, 1/norm)
	tangent := make([]float64, k)
	for i := range tangent {
		unit := make([]float64, k)
		unit[i] = 1 / (norms[i] + eps)
		along := g.product(unit, mean)
		for j := range tangent {
			tangent[j] += float64(weights[i] * (unit[j] - float64(along*mean[j])))
		}
	}
	angle := g.length(tangent) + eps
	for i := range mean {
		mean[i] = length * (float64(mean[i]*cosine(angle)) + float64(tangent[i]*(sine(angle)/angle)))
	}
	return o.fromBase("sphere", models, mean), nil
}

func scale(v []float64, by float64) {
	for i := range v {
		v[i] *= by
	}
}

// prepareKarcher finds the point of the sphere with the least sum of squared
// distances to the models' directions (Karcher 1977) by steps along the mean
// of the tangents, and gives it the mean length.
func prepareKarcher(o *operands) (formula, error) {
	k := len(o.Operands)
	if k == 1 {
		return formula{branch: "copy", coefficients: []float64{1}}, nil
	}
	g, err := o.inner(o.all(), -1, whole)
	if err != nil {
		return formula{}, err
	}
	tol := o.shared("tol")
	length, valid := 0.0, 0
	units := make([][]float64, k)
	for i := range units {
		norm := g.norm(i)
		length += norm / float64(k)
		if norm > tol {
			units[i] = make([]float64, k)
			units[i][i] = 1 / norm
			valid++
		}
	}
	if valid == 0 {
		return formula{branch: "zero", coefficients: make([]float64, k)}, nil
	}
	mean, steps := g.karcher(units, 1/float64(valid), int(o.shared("max_iter")), tol)
	scale(mean, length)
	return formula{branch: fmt.Sprintf("%d steps", steps), coefficients: mean}, nil
}

// karcher searches the mean of the units that are not nil, each of weight w.
func (g *gram) karcher(units [][]float64, w float64, maxSteps int, tol float64) (mean []float64, steps int) {
	mean = make([]float64, len(units))
	var first []float64
	for _, u := range units {
		if u == nil {
			continue
		}
		if first == nil {
			first = u
		}
		for j := range mean {
			mean[j] += float64(w * u[j])
		}
	}
	if norm := g.length(mean); norm < tol {
		copy(mean, first)
	} else {
		scale(mean, 1/norm)
	}
	for steps < maxSteps {
		tangent := make([]float64, len(units))
		for _, u := range units {
			if u == nil {
				continue
			}
			cos := max(-1, min(1, g.product(mean, u)))
			theta := arccos(cos)
			if theta < tol {
				continue
			}
			c := w * (theta / sine(theta))
			for j := range tangent {
				tangent[j] += float64(c * (u[j] - float64(cos*mean[j])))
			}
		}
		norm := g.length(tangent)
		if norm < tol {
			break
		}
		steps++
		along, ahead := cosine(norm), sine(norm)/norm
		for j := range mean {
			mean[j] = float64(along*mean[j]) + float64(ahead*tangent[j])
		}
		if norm := g.length(mean); norm > tol {
			scale(mean, 1/norm)
		}
	}
	return mean, steps
}

// prepareModelStock goes from the base to the average of k models by
// t = k c / (1 + (k-1) c), with c the mean cosine of the angles between their
// differences from the base (Jang et al. 2024): for the tensor, or for each
// row.
func prepareModelStock(o *operands) (formula, error) {
	models := o.others()
	by := whole
	if o.flag("filter_wise") && len(o.Spec.Shape) > 1 {
		by = byRow
	}
	g, err := o.inner(models, o.Base, by)
	if err != nil {
		return formula{}, err
	}
	t := make([]float64, len(g.groups))
	for i := range t {
		t[i] = g.stock(i)
	}
	k := float64(len(models))
	if by == whole {
		c := make([]float64, len(models))
		for i := range c {
			c[i] = t[0] / k
		}
		return o.fromBase(fmt.Sprintf("t %.3f", t[0]), models, c), nil
	}
	base, row := o.Base, o.rowLength()
	return formula{branch: "t by rows", block: func(dst []float64, src [][]float64, at int64) {
		for i := range dst {
			sum := 0.0
			for _, m := range models {
				sum += src[m][i]
			}
			t := t[(at+int64(i))/row]
			dst[i] = float64(t*(sum/k)) + float64((1-t)*src[base][i])
		}
	}}, nil
}

// stock returns the place between base and average for one group.
func (g *gram) stock(group int) float64 {
	sum, pairs := 0.0, 0
	for i := range g.size {
		for j := i + 1; j < g.size; j++ {
			a, b := math.Sqrt(g.in(group, i, i)), math.Sqrt(g.in(group, j, j))
			sum += max(-1, min(1, g.in(group, i, j)/max(float64(a*b), 1e-6)))
			pairs++
		}
	}
	c, k := sum/float64(pairs), float64(g.size)
	below := 1 + float64((k-1)*c)
	if math.Abs(below) < 1e-6 {
		return 0
	}
	return float64(k*c) / below
}
