package merge

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// BenchmarkMethods merges two models of one matrix of 8 million BF16, without
// files: what is written is dropped.
func BenchmarkMethods(b *testing.B) {
	dir := b.TempDir()
	const rows, columns = 8192, 1024
	for _, role := range []string{"base", "a"} {
		x := weight{[]int64{rows, columns}, tinyTensor(role, "model.layers.1.w", rows*columns)}
		writeModel(b, filepath.Join(dir, role), tinyConfig("bfloat16"), safetensors.BF16, map[string]weight{"model.layers.1.w": x})
	}
	chdir(b, dir)
	for _, method := range []string{"linear", "slerp", "ties", "dare_ties", "della", "sce", "model_stock"} {
		b.Run(method, func(b *testing.B) {
			config := fmt.Sprintf("merge_method: %s\nbase_model: base\nmodels: [{model: base}, {model: a}]\n", method)
			switch method {
			case "linear":
				config += "parameters: {weight: 0.5}\n"
			case "slerp":
				config += "parameters: {t: 0.7}\n"
			case "model_stock":
				config = "merge_method: model_stock\nbase_model: base\nmodels: [{model: a}, {model: a}]\n"
			case "sce":
				config += "parameters: {select_topk: 0.5}\n"
			default:
				config += "parameters: {weight: 0.8, density: 0.5}\n"
			}
			plan, err := Prepare([]byte(config), ".", false)
			if err != nil {
				b.Fatal(err)
			}
			defer plan.Close()
			p := newPool(1)
			t := plan.last().tensors[0]
			b.SetBytes(2 * 2 * rows * columns)
			for b.Loop() {
				o := &operands{tensorPlan: t, ctx: b.Context(), pool: p, memory: &memory{}}
				f, err := t.Method.prepare(o)
				if err != nil {
					b.Fatal(err)
				}
				drop := func([]byte, int64) error { return nil }
				if _, err := o.write([]target{{f, safetensors.BF16, drop}}, &meter{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(rows*columns), "ns/element")
		})
	}
}
