package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// layout is a file before its data: the header's bytes, length first, and the
// tensors in data order with their places in the file.
type layout struct {
	header  []byte
	tensors []Tensor
	size    int64 // of the whole file
}

// newLayout places tensors and writes their header, byte for byte as the
// reference implementation: dtypes of the largest elements first, then by
// name, and spaces up to a multiple of 8. Metadata are written by key, for the
// reference's order is that of a hash table.
func newLayout(tensors []Tensor, metadata map[string]string) (layout, error) {
	tensors = slices.Clone(tensors)
	slices.SortFunc(tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.DType, a.DType), cmp.Compare(a.Name, b.Name))
	})
	text := []byte("{")
	if metadata != nil {
		text = append(text, `"`+metadataKey+`":{`...)
		for i, key := range slices.Sorted(maps.Keys(metadata)) {
			if i > 0 {
				text = append(text, ',')
			}
			text = appendString(text, key)
			text = append(text, ':')
			text = appendString(text, metadata[key])
		}
		text = append(text, '}')
	}
	end := int64(0)
	for i := range tensors {
		t := &tensors[i]
		t.begin, end = end, end+t.Size
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = appendTensor(text, *t)
	}
	text = append(text, '}')
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	if len(text) > maxHeader {
		return layout{}, fmt.Errorf("the header takes %d bytes, and the format's limit is %d: make more shards or shorten the metadata", len(text), maxHeader)
	}
	l := layout{tensors: tensors, header: append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)}
	for i := range tensors {
		tensors[i].begin += int64(len(l.header))
	}
	l.size = int64(len(l.header)) + end
	return l, nil
}

func appendTensor(text []byte, t Tensor) []byte {
	text = appendString(text, t.Name)
	text = append(text, `:{"dtype":"`+t.DType.String()+`","shape":[`...)
	for i, dim := range t.Shape {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendInt(text, dim, 10)
	}
	text = append(text, `],"data_offsets":[`...)
	text = strconv.AppendInt(text, t.begin, 10)
	text = append(text, ',')
	text = strconv.AppendInt(text, t.begin+t.Size, 10)
	return append(text, "]}"...)
}

// appendString quotes a string with the fewest escapes JSON allows, as the
// reference implementation does; encoding/json escapes more.
func appendString(text []byte, s string) []byte {
	const short = "\bb\tt\nn\ff\rr\"\"\\\\"
	text = append(text, '"')
next:
	for i := range len(s) {
		for j := 0; j < len(short); j += 2 {
			if s[i] == short[j] {
				text = append(text, '\\', short[j+1])
				continue next
			}
		}
		if s[i] < ' ' {
			text = fmt.Appendf(text, `\u%04x`, s[i])
			continue
		}
		text = append(text, s[i])
	}
	return append(text, '"')
}

// describe checks the description of tensors to be written and computes their
// sizes.
func describe(specs []Tensor) ([]Tensor, error) {
	if len(specs) > maxTensors {
		return nil, fmt.Errorf("%d tensors, and the limit is %d", len(specs), maxTensors)
	}
	tensors := make([]Tensor, len(specs))
	seen := make(map[string]bool, len(specs))
	room := int64(math.MaxInt64 - maxHeader - 8)
	for i, spec := range specs {
		size, err := dataSize(spec.DType, spec.Shape)
		switch {
		case !spec.DType.valid():
			err = errors.New("it has no dtype")
		case err != nil:
		case seen[spec.Name]:
			err = errors.New("the name is given twice")
		case spec.Size != 0 && spec.Size != size:
			err = fmt.Errorf("a size of %d bytes is given, and %s of shape %s takes %d", spec.Size, spec.DType, shapeString(spec.Shape), size)
		case size > room:
			err = errors.New("the tensors together take more than 2^63 bytes")
		default:
			err = cmp.Or(checkName(spec.Name), checkRank(spec.Shape))
		}
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", clip(spec.Name), err)
		}
		seen[spec.Name] = true
		room -= size
		tensors[i] = Tensor{Name: spec.Name, DType: spec.DType, Shape: slices.Clone(spec.Shape), Size: size}
	}
	return tensors, nil
}

// split divides tensors into shards of at most limit bytes of data, in the
// order given, as huggingface_hub does: a tensor that is larger than the limit
// alone has a shard of its own.
func split(tensors []Tensor, limit int64) [][]Tensor {
	var shards [][]Tensor
	var current []Tensor
	size := int64(0)
	for _, t := range tensors {
		if t.Size > limit {
			shards = append(shards, []Tensor{t})
			continue
		}
		if t.Size > limit-size {
			shards = append(shards, current)
			current, size = nil, 0
		}
		current = append(current, t)
		size += t.Size
	}
	if len(current) > 0 || len(shards) == 0 {
		shards = append(shards, current)
	}
	return shards
}

// shardName returns the name of shard i of n, as the Hub wants it.
func shardName(i, n int) string {
	if n == 1 {
		return singleName
	}
	return fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, n)
}
