package safetensors

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// benchSpecs are 252 MB of the layers of Qwen3-0.6B in bfloat16.
func benchSpecs() (specs []Tensor, size int64) {
	for i := range 8 {
		for _, part := range []struct {
			name  string
			shape []int64
		}{
			{"self_attn.q_proj", []int64{2048, 1024}}, {"self_attn.k_proj", []int64{1024, 1024}}, {"self_attn.v_proj", []int64{1024, 1024}},
			{"self_attn.o_proj", []int64{1024, 2048}}, {"mlp.gate_proj", []int64{3072, 1024}}, {"mlp.up_proj", []int64{3072, 1024}},
			{"mlp.down_proj", []int64{1024, 3072}}, {"input_layernorm", []int64{1024}},
		} {
			spec := Tensor{Name: fmt.Sprintf("model.layers.%d.%s.weight", i, part.name), DType: BF16, Shape: part.shape}
			specs = append(specs, spec)
			size += 2 * spec.Elements()
		}
	}
	return specs, size
}

const benchBlock = 1 << 20 // bytes read or written at once

// inBlocks calls work for every block of every tensor, from one goroutine for
// each processor.
func inBlocks(tensors []Tensor, work func(t Tensor, off, n int64, buf []byte, values []float32) error) error {
	type block struct {
		tensor Tensor
		off, n int64
	}
	blocks := make(chan block, 16)
	errs := make([]error, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			buf, values := make([]byte, benchBlock), make([]float32, benchBlock/2)
			for b := range blocks {
				if err := work(b.tensor, b.off, b.n, buf[:b.n], values[:b.n/2]); err != nil {
					errs[i] = err
				}
			}
		})
	}
	for _, t := range tensors {
		size := 2 * t.Elements()
		for off := int64(0); off < size; off += benchBlock {
			blocks <- block{t, off, min(benchBlock, size-off)}
		}
	}
	close(blocks)
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkRead reads a model from the page cache, and converts it.
func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	specs, size := benchSpecs()
	w := create(b, dir, specs, Options{})
	if err := inBlocks(specs, func(t Tensor, off, n int64, buf []byte, _ []float32) error { return w.WriteAt(t.Name, buf, off) }); err != nil {
		b.Fatal(err)
	}
	finish(b, w)
	m, err := OpenModel(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	for name, convert := range map[string]bool{"only": false, "convert": true} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				err := inBlocks(m.Tensors(), func(t Tensor, off, n int64, buf []byte, values []float32) error {
					if _, err := t.ReadAt(buf, off); err != nil || !convert {
						return err
					}
					return DecodeF32(values, buf, BF16)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWrite converts and writes a model, with its checksums, durably.
func BenchmarkWrite(b *testing.B) {
	specs, size := benchSpecs()
	dir := b.TempDir()
	b.SetBytes(size)
	for i := 0; b.Loop(); i++ {
		w := create(b, filepath.Join(dir, fmt.Sprint(i)), specs, Options{})
		err := inBlocks(specs, func(t Tensor, off, n int64, buf []byte, values []float32) error {
			if _, err := EncodeF32(buf, values, BF16); err != nil {
				return err
			}
			return w.WriteAt(t.Name, buf, off)
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Finish(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen reads the header of a model of 500 tensors.
func BenchmarkOpen(b *testing.B) {
	var specs []Tensor
	for i := range 500 {
		specs = append(specs, Tensor{Name: fmt.Sprintf("model.layers.%d.mlp.down_proj.weight", i), DType: BF16, Shape: []int64{4, 4}})
	}
	dir := b.TempDir()
	w := create(b, dir, specs, Options{})
	writeAll(b, w, specs)
	finish(b, w)
	for b.Loop() {
		f, err := Open(filepath.Join(dir, singleName))
		if err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}
