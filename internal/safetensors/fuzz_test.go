package safetensors

import (
	"bytes"
	"errors"
	"testing"
)

// Whatever the bytes, a header is refused with a FormatError, or describes
// tensors that cover the data exactly and that can be laid out again.
func FuzzOpen(f *testing.F) {
	for _, h := range hostileFiles {
		if len(h.data) < 1<<12 {
			f.Add(h.data)
		}
	}
	f.Add(file(`{"__metadata__":{"format":"pt"},"a":`+one+`,"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]}} `, 16))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := readHeader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			if _, ok := errors.AsType[*FormatError](err); !ok {
				t.Fatalf("%v is no FormatError", err)
			}
			return
		}
		total := int64(0)
		for i, tensor := range h.tensors {
			if i > 0 && tensor.begin != h.tensors[i-1].begin+h.tensors[i-1].Size {
				t.Fatalf("%q does not follow %q", tensor.Name, h.tensors[i-1].Name)
			}
			total += tensor.Size
		}
		if n := len(h.tensors); n > 0 && h.tensors[n-1].begin+h.tensors[n-1].Size != int64(len(data)) {
			t.Fatal("the last tensor does not end with the file")
		}
		specs, err := describe(h.tensors)
		if err != nil {
			t.Fatal(err)
		}
		l, err := newLayout(specs, h.metadata)
		if err != nil {
			t.Fatal(err)
		}
		if l.size != int64(len(l.header))+total {
			t.Fatalf("%d bytes of data, laid out in %d", total, l.size)
		}
		back, err := readHeader(bytes.NewReader(append(l.header, make([]byte, total)...)), l.size)
		if err != nil || len(back.tensors) != len(h.tensors) {
			t.Fatalf("laid out as %q: %v", l.header, err)
		}
	})
}

// An index is refused, or names only plain files.
func FuzzIndex(f *testing.F) {
	for _, h := range hostileIndexes {
		if len(h.text) < 1<<12 {
			f.Add([]byte(h.text))
		}
	}
	f.Add([]byte(`{"metadata":{"total_size":8},"weight_map":{"a":"a.safetensors","b":"b.safetensors"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		idx, err := parseIndex(text)
		if err != nil {
			if _, ok := errors.AsType[*FormatError](err); !ok {
				t.Fatalf("%v is no FormatError", err)
			}
			return
		}
		for tensor, file := range idx.weightMap {
			if checkName(tensor) != nil || checkShardName(file) != nil {
				t.Fatalf("%q: %q", tensor, file)
			}
		}
	})
}
