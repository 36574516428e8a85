package merge

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
)

// A Difference compares one tensor of two models, A and B.
type Difference struct {
	Tensor    string   `json:"tensor"`
	Layer     int      `json:"layer"` // -1: none
	Elements  int64    `json:"elements"`
	NormA     *float64 `json:"norm_a"` // null: not finite
	NormB     *float64 `json:"norm_b"`
	Cosine    *float64 `json:"cosine"`
	Relative  *float64 `json:"relative"` // norm of B - A, divided by that of A
	Largest   *float64 `json:"largest"`  // of |B - A|
	Identical bool     `json:"identical"`
	Slerp     string   `json:"slerp,omitempty"` // which branch slerp would take
}

// A Comparison is of two models.
type Comparison struct {
	A         string       `json:"a"`
	B         string       `json:"b"`
	Tensors   []Difference `json:"tensors"`
	OnlyA     []string     `json:"only_a"`
	OnlyB     []string     `json:"only_b"`
	UnlistedA []string     `json:"unlisted_a"` // in A's files, not in its index, and not read
	UnlistedB []string     `json:"unlisted_b"`
	Shapes    []string     `json:"different_shapes"`
	Config    []string     `json:"config_differences"`
}

// Compare reads two models, from paths or ids as in a configuration, and
// compares the tensors they share.
func Compare(ctx context.Context, a, b string, opts Options) (*Comparison, error) {
	models := make([]*model, 2)
	for i, path := range []string{a, b} {
		r := &reader{}
		ref := r.reference(&node{kind: text, text: path}, "model")
		if err := r.problems.err(); err != nil {
			return nil, err
		}
		m, err := openModel(ref, ".")
		if err != nil {
			return nil, err
		}
		defer m.close()
		models[i] = m
	}
	c := &Comparison{A: a, B: b, Tensors: []Difference{}, OnlyA: []string{}, OnlyB: []string{}, Shapes: []string{}, Config: []string{}}
	c.UnlistedA, c.UnlistedB = models[0].unlisted(), models[1].unlisted()
	c.Config = append(c.Config, differences(models[0].config, models[1].config)...)
	plans := c.pair(models[0], models[1])
	p := newPool(opts.Workers)
	var err error
	c.Tensors, err = measureAll(ctx, opts.Stderr, "compare", plans, p, func(ctx context.Context, t *tensorPlan) (Difference, error) {
		o := &operands{tensorPlan: t, ctx: ctx, pool: p, memory: &memory{}}
		return o.difference()
	})
	if err != nil {
		return nil, err
	}
	return c, unchanged(models)
}

// pair plans the tensors both models have and lists the others.
func (c *Comparison) pair(a, b *model) (plans []*tensorPlan) {
	all := maps.Clone(a.tensors)
	maps.Copy(all, b.tensors)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		x, inA := a.tensors[name]
		y, inB := b.tensors[name]
		switch {
		case !inB:
			c.OnlyA = append(c.OnlyA, name)
		case !inA:
			c.OnlyB = append(c.OnlyB, name)
		case !slices.Equal(x.Shape, y.Shape):
			c.Shapes = append(c.Shapes, fmt.Sprintf("%s: %v and %v", name, x.Shape, y.Shape))
		case isFloat(x.DType) && isFloat(y.DType):
			t := &tensorPlan{Spec: x, Base: -1, Layer: -1, Operands: []operand{{model: a, tensor: x}, {model: b, tensor: y}}}
			if prefix, layer, _, ok := splitLayer(name); ok && prefix == a.stack {
				t.Layer = layer
			}
			plans = append(plans, t)
		}
	}
	slices.SortStableFunc(plans, func(x, y *tensorPlan) int { return x.Layer - y.Layer })
	return plans
}

// sumsOfPair holds sums over a tensor: of a², ab, b², (b-a)², the largest |b-a|.
type sumsOfPair struct{ aa, ab, bb, dd, most float64 }

func (o *operands) difference() (Difference, error) {
	var t sumsOfPair
	err := fold(o, func(b *buffers, c chunk) (s sumsOfPair, err error) {
		err = o.blocks(b, c, o.all(), func(src [][]float64, _ int64) error {
			s.aa += dot(src[0], src[0])
			s.ab += dot(src[0], src[1])
			s.bb += dot(src[1], src[1])
			subtract(src, 0)
			s.dd += dot(src[1], src[1])
			for _, d := range src[1] {
				s.most = max(s.most, math.Abs(d))
			}
			return nil
		})
		return s, err
	}, func(_ chunk, s sumsOfPair) {
		t = sumsOfPair{t.aa + s.aa, t.ab + s.ab, t.bb + s.bb, t.dd + s.dd, max(t.most, s.most)}
	})
	a, b := math.Sqrt(t.aa), math.Sqrt(t.bb)
	cos := t.ab / a / b
	if t.dd == 0 && a > 0 {
		cos = 1
	}
	d := Difference{
		Tensor: o.Spec.Name, Layer: o.Layer, Elements: o.Spec.Elements(), NormA: figureOf(a), NormB: figureOf(b),
		Cosine: figureOf(max(-1, min(1, cos))), Relative: figureOf(math.Sqrt(t.dd) / a), Largest: figureOf(t.most), Identical: t.dd == 0,
	}
	if d.Cosine != nil {
		d.Slerp = "slerp"
		if math.Abs(*d.Cosine) > straight {
			d.Slerp = "lerp"
		}
	}
	return d, err
}

// A LayerDifference is that of all tensors of a layer together.
type LayerDifference struct {
	Layer    int // -1: outside the layers
	Tensors  int
	Relative float64
	Cosine   float64
}

// Layers adds up the tensors of each layer, by layer.
func (c *Comparison) Layers() []LayerDifference {
	type sums struct {
		n              int
		aa, ab, bb, dd float64
	}
	by := map[int]*sums{}
	for _, t := range c.Tensors {
		if t.NormA == nil || t.NormB == nil || t.Relative == nil || t.Cosine == nil {
			continue
		}
		s := by[t.Layer]
		if s == nil {
			s = &sums{}
			by[t.Layer] = s
		}
		a, b := *t.NormA, *t.NormB
		s.n++
		s.aa += float64(a * a)
		s.bb += float64(b * b)
		s.ab += float64(*t.Cosine * a * b)
		s.dd += float64(*t.Relative * a * *t.Relative * a)
	}
	var out []LayerDifference
	for _, layer := range slices.Sorted(maps.Keys(by)) {
		s := by[layer]
		out = append(out, LayerDifference{layer, s.n, math.Sqrt(s.dd / s.aa), s.ab / math.Sqrt(s.aa*s.bb)})
	}
	return out
}
