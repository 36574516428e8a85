package merge

import (
	"encoding/binary"
	"math"

	"github.com/kurakurai/luth/internal/safetensors"
)

// The loops of this file do for two BF16 inputs what pass.go and gram.go do
// for any, with the same results; a test compares them.

// fast says whether the targets are linear combinations of two operands,
// written as BF16.
func fast(targets []target, operands int) bool {
	for _, t := range targets {
		if operands != 2 || t.formula.coefficients == nil || t.dtype != safetensors.BF16 || t.formula.coefficients[0] == 0 || t.formula.coefficients[1] == 0 {
			return false
		}
	}
	return true
}

// writePairs is writeBlocks for targets that are fast.
func (o *operands) writePairs(b *buffers, c chunk, targets []target) ([]safetensors.Count, error) {
	counts := make([]safetensors.Count, len(targets))
	for at := c.begin; at < c.end; at += blockElements {
		n := 2 * min(c.end-at, blockElements)
		x, y := b.raws[0][:n], b.raws[1][:n]
		if err := o.readPair(x, y, at); err != nil {
			return nil, err
		}
		for i, t := range targets {
			dst, out := b.dst[:n/2], b.out[:n]
			combine(dst, x, y, t.formula.coefficients[0], t.formula.coefficients[1])
			count, err := safetensors.EncodeF64(out, dst, safetensors.BF16)
			if err != nil {
				return nil, err
			}
			counts[i].Add(count)
			if err := t.write(out, 2*at); err != nil {
				return nil, err
			}
		}
	}
	return counts, nil
}

func (o *operands) readPair(x, y []byte, at int64) error {
	if err := readFull(o.Operands[0].tensor, x, 2*at); err != nil {
		return err
	}
	return readFull(o.Operands[1].tensor, y, 2*at)
}

// combine computes p*x + q*y of BF16.
func combine(dst []float64, x, y []byte, p, q float64) {
	x, y = x[:2*len(dst)], y[:2*len(dst)]
	i := 0
	for ; i+4 <= len(dst); i += 4 {
		u, v, d := binary.LittleEndian.Uint64(x[2*i:]), binary.LittleEndian.Uint64(y[2*i:]), (*[4]float64)(dst[i:])
		d[0] = float64(p*lane0(u)) + float64(q*lane0(v))
		d[1] = float64(p*lane1(u)) + float64(q*lane1(v))
		d[2] = float64(p*lane0(u>>32)) + float64(q*lane0(v>>32))
		d[3] = float64(p*lane1(u>>32)) + float64(q*lane1(v>>32))
	}
	for ; i < len(dst); i++ {
		dst[i] = float64(p*widen(binary.LittleEndian.Uint16(x[2*i:]))) + float64(q*widen(binary.LittleEndian.Uint16(y[2*i:])))
	}
}

// lane0 and lane1 are the first and second BF16 in the lower half of a word.
func lane0(u uint64) float64 { return float64(math.Float32frombits(uint32(u) << 16)) }
func lane1(u uint64) float64 { return float64(math.Float32frombits(uint32(u) &^ 0xffff)) }

func widen(b uint16) float64 { return float64(math.Float32frombits(uint32(b) << 16)) }

// dots adds the products x*x, x*y and y*y of a block of BF16, in four lanes.
func dots(x, y []byte) (xx, xy, yy float64) {
	y = y[:len(x)]
	var a, b, c [4]float64
	i := 0
	for ; i+8 <= len(x); i += 8 {
		u, v := binary.LittleEndian.Uint64(x[i:]), binary.LittleEndian.Uint64(y[i:])
		x0, y0 := lane0(u), lane0(v)
		x1, y1 := lane1(u), lane1(v)
		x2, y2 := lane0(u>>32), lane0(v>>32)
		x3, y3 := lane1(u>>32), lane1(v>>32)
		a[0] += float64(x0 * x0)
		b[0] += float64(x0 * y0)
		c[0] += float64(y0 * y0)
		a[1] += float64(x1 * x1)
		b[1] += float64(x1 * y1)
		c[1] += float64(y1 * y1)
		a[2] += float64(x2 * x2)
		b[2] += float64(x2 * y2)
		c[2] += float64(y2 * y2)
		a[3] += float64(x3 * x3)
		b[3] += float64(x3 * y3)
		c[3] += float64(y3 * y3)
	}
	for lane := 0; i+2 <= len(x); i, lane = i+2, lane+1 {
		p, q := widen(binary.LittleEndian.Uint16(x[i:])), widen(binary.LittleEndian.Uint16(y[i:]))
		a[lane] += float64(p * p)
		b[lane] += float64(p * q)
		c[lane] += float64(q * q)
	}
	return sum4(a), sum4(b), sum4(c)
}

func sum4(v [4]float64) float64 { return (v[0] + v[1]) + (v[2] + v[3]) }
