package merge

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"

	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/progress"
	"github.com/kurakurai/luth/internal/safetensors"
)

// TensorStats is what a plan says of one tensor; what needs data is only there
// if they were read.
type TensorStats struct {
	Tensor  string             `json:"tensor"`
	DType   string             `json:"dtype"`
	Shape   []int64            `json:"shape"`
	Layer   int                `json:"layer"` // -1: none
	Read    int64              `json:"read_bytes"`
	Write   int64              `json:"write_bytes"`
	Values  map[string]float64 `json:"parameters,omitempty"`
	Models  []ModelValues      `json:"models"`
	Branch  string             `json:"branch,omitempty"`
	Cosine  *float64           `json:"cosine,omitempty"`  // of the first model, or of the base, and the next
	Warning string             `json:"warning,omitempty"` // when the branch hangs on the last digits
}

// ModelValues is one input of a tensor.
type ModelValues struct {
	Model  string             `json:"model"`
	Tensor string             `json:"tensor"`
	Values map[string]float64 `json:"parameters,omitempty"`
	Norm   *float64           `json:"norm,omitempty"`
}

// describe says what is known without data.
func (p *tensorPlan) describe() TensorStats {
	read, written := p.bytes()
	s := TensorStats{
		Tensor: p.Spec.Name, DType: p.Spec.DType.String(), Shape: p.Spec.Shape, Layer: p.Layer,
		Read: read, Write: written, Values: finite(p.Shared),
	}
	if p.Copy {
		s.Branch = "copy"
	}
	for i, op := range p.Operands {
		s.Models = append(s.Models, ModelValues{Model: op.model.ref.String(), Tensor: op.tensor.Name, Values: finite(p.PerModel[i])})
	}
	return s
}

// finite leaves out parameters that are not given.
func finite(values map[string]float64) map[string]float64 {
	out := map[string]float64{}
	for name, v := range values {
		if !math.IsNaN(v) {
			out[name] = v
		}
	}
	return out
}

// Describe returns the tensors of the result without reading data.
func (p *Plan) Describe() []TensorStats {
	out := []TensorStats{}
	for _, t := range p.last().tensors {
		out = append(out, t.describe())
	}
	return out
}

// Measure reads the data and adds norms, cosines and the branch the method
// takes. Documents before the last must not be needed.
func (p *Plan) Measure(ctx context.Context, opts Options) ([]TensorStats, error) {
	if len(p.merges) > 1 {
		return nil, fmt.Errorf("statistics need the data of %s, which is not merged yet; merge it first, or plan without --stats", p.merges[0].doc.title())
	}
	last, workers := p.last(), newPool(opts.Workers)
	e := &engine{pool: workers, opts: opts}
	if err := e.verifyHeads(ctx, last); err != nil {
		return nil, err
	}
	stats, err := measureAll(ctx, opts.Stderr, "statistics", last.tensors, workers, func(ctx context.Context, t *tensorPlan) (TensorStats, error) {
		s := t.describe()
		if t.Copy {
			return s, nil
		}
		o := &operands{tensorPlan: t, ctx: ctx, pool: workers, seed: opts.Seed, compat: opts.Compat, memory: &memory{}}
		f, err := t.Method.prepare(o)
		if err != nil {
			return s, err
		}
		s.Branch = f.branch
		o.memory = &memory{} // methods may have looked at differences
		g, err := o.inner(o.all(), -1, whole)
		if err != nil {
			return s, err
		}
		for i := range s.Models {
			s.Models[i].Norm = figureOf(g.norm(i))
		}
		if len(s.Models) > 1 {
			i, j := 0, 1
			if t.Base >= 0 {
				i, j = t.Base, o.others()[0]
			}
			c := g.cosine(0, i, j, 0)
			s.Cosine = figureOf(c)
			if t.Method.Name == "slerp" && math.Abs(math.Abs(c)-straight) < 1e-5 {
				s.Warning = "the cosine is within 1e-5 of 0.9995, where slerp turns into lerp"
			}
		}
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	return stats, unchanged(last.inputs)
}

// figureOf returns a pointer that JSON can hold: nil for what is not finite.
func figureOf(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// measureAll calls f for every tensor, a few at a time, and keeps their order.
func measureAll[T any](ctx context.Context, w io.Writer, name string, tensors []*tensorPlan, p *pool, f func(context.Context, *tensorPlan) (T, error)) ([]T, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	bar := progress.New(w, name, int64(len(tensors)))
	defer bar.Close()
	all := func(yield func(*tensorPlan, error) bool) {
		for _, t := range tensors {
			if !yield(t, nil) {
				return
			}
		}
	}
	var out []T
	for r, err := range parallel.Map(ctx, all, p.workers, func(ctx context.Context, t *tensorPlan) result[T] {
		value, err := f(ctx, t)
		if err != nil {
			err = fmt.Errorf("tensor %s: %w", t.Spec.Name, err)
		}
		return result[T]{value, err}
	}) {
		if err == nil {
			err = r.err
		}
		if err != nil {
			return nil, err
		}
		bar.Add(1)
		out = append(out, r.value)
	}
	return out, ctx.Err()
}

// A Summary is what a plan costs.
type Summary struct {
	Tensors int     `json:"tensors"`
	Read    int64   `json:"read_bytes"`  // once over all inputs
	Write   int64   `json:"write_bytes"` // of the weights
	Memory  int64   `json:"buffer_bytes"`
	Seconds float64 `json:"estimated_seconds"`
}

// Summarise adds up a plan and estimates the time from how fast this machine
// merges data in memory. The disk may be slower.
func (p *Plan) Summarise(workers int) Summary {
	var s Summary
	passes := 0.0
	for _, m := range p.merges {
		for _, t := range m.tensors {
			read, written := t.bytes()
			s.Tensors++
			s.Read += read
			s.Write += written
			passes += float64(read) * t.Method.passes()
		}
		s.Memory = max(s.Memory, m.memory(workers))
	}
	s.Seconds = (passes + float64(s.Write)) / throughput() / float64(max(1, min(workers, runtime.NumCPU())))
	return s
}

// passes is how often a method reads its inputs, about, with one more for their
// checksums.
func (m *Method) passes() float64 {
	switch m.Name {
	case "linear", "nearswap", "ram", "passthrough", "task_arithmetic", "dare_linear", "dare_ties":
		return 2
	case "slerp", "nuslerp", "multislerp", "karcher", "model_stock", "ramplus_tl":
		return 3
	}
	return 5
}

// memory is what the buffers take.
func (p *mergePlan) memory(workers int) int64 {
	most := int64(0)
	for _, t := range p.tensors {
		n := int64(len(t.Operands))
		need := blockElements * (8 + 4 + 8 + 8 + 16*n + 4)
		if t.Method.Name == "della" || t.Method.Name == "della_linear" {
			need += n * 4 * t.chunkLength()
		}
		most = max(most, need)
	}
	return most * int64(workers)
}

// throughput is how many bytes of BF16 one core merges in a second.
func throughput() float64 {
	x, y := make([]byte, 2*blockElements), make([]byte, 2*blockElements)
	dst, out := make([]float64, blockElements), make([]byte, 2*blockElements)
	for i := range x {
		x[i], y[i] = byte(i*7), byte(i*13)
	}
	start := time.Now()
	const rounds = 64
	for range rounds {
		combine(dst, x, y, .3, .7)
		_, _ = safetensors.EncodeF64(out, dst, safetensors.BF16)
	}
	return rounds * float64(3*len(out)) / time.Since(start).Seconds()
}
