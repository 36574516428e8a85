package merge

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// A dice decides at random about the elements of one tensor of one model. What
// it decides depends on the seed, the tensor's name, which model it is, and the
// element's index, and so not on the order of the work.
type dice uint64

func (o *operands) dice(i int) dice {
	sum := sha256.Sum256(fmt.Appendf(nil, "luth merge %d %q %d", o.seed, o.Spec.Name, i))
	return dice(binary.LittleEndian.Uint64(sum[:]))
}

// at returns a number from 0 to 1, not 1 itself: the finaliser of SplitMix64
// (Steele et al. 2014) of the key and the index.
func (d dice) at(index int64) float64 {
	z := uint64(d) + uint64(index+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) / (1 << 53)
}
