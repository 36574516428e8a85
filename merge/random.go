package merge

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
)

// A dice decides at random about the elements of one tensor of one model. What
// it decides depends on the seed, the tensor's name, which model it is, and the
// element's index, and so not on the order of the work.
type dice uint64

func (o *operands) dice(i int) dice {
	sum := sha256.Sum256(fmt.Appendf(nil, "luth merge %d %q %d", o.seed, o.Spec.Name, i))
	return dice(binary.LittleEndian.Uint64(sum[:]))
}

// below returns all ones if a number drawn evenly from 0 to 2^53 is below
// limit, else 0: the finaliser of SplitMix64 (Steele et al. 2014) of the key and
// the index.
func (d dice) below(index, limit int64) uint64 {
	z := uint64(d) + uint64(index+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return uint64((int64((z^z>>31)>>11) - limit) >> 63)
}

// limitOf is the limit below which a number lies with probability p.
func limitOf(p float64) int64 { return int64(math.Ceil(p * (1 << 53))) }
