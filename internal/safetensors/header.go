package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// FormatError says which rule of the format a file breaks.
type FormatError struct {
	Path    string
	Tensor  string // the tensor concerned, if it is one
	Problem string
	Remedy  string // what the user can do
}

func (e *FormatError) Error() string {
	where := e.Path
	if e.Tensor != "" {
		where += fmt.Sprintf(": tensor %q", clip(e.Tensor))
	}
	return fmt.Sprintf("%s: %s; %s", where, e.Problem, e.Remedy)
}

const (
	remedyCut    = "the file is cut or damaged: download or copy it again"
	remedyBroken = "the file breaks the safetensors format: get it again, or write it again with the safetensors library"
	remedyLimit  = "luth refuses files beyond this limit, for no model needs them"
)

func broken(tensor, format string, args ...any) *FormatError {
	return &FormatError{Tensor: tensor, Problem: fmt.Sprintf(format, args...), Remedy: remedyBroken}
}

// header is what stands before the data of a file.
type header struct {
	tensors  []Tensor // in data order; begin counts from the start of the file
	metadata map[string]string
}

// readHeader reads and checks the header of a file of size bytes. Memory is
// taken for what the file really holds, never for what it claims.
func readHeader(r io.ReaderAt, size int64) (header, error) {
	if size < 8 {
		return header{}, &FormatError{Problem: fmt.Sprintf("%d bytes, too short for the header's length", size), Remedy: remedyCut}
	}
	var prefix [8]byte
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return header{}, fmt.Errorf("read the header's length: %w", err)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	switch {
	case length > uint64(size-8) && recognise(prefix) != nil:
		return header{}, recognise(prefix)
	case length > maxHeader:
		return header{}, broken("", "a header of %d bytes, and the format's limit is %d", length, maxHeader)
	case length > uint64(size-8):
		return header{}, &FormatError{Problem: fmt.Sprintf("a header of %d bytes in a file of %d", length, size), Remedy: remedyCut}
	}
	text := make([]byte, length)
	if n, err := r.ReadAt(text, 8); n < len(text) {
		return header{}, fmt.Errorf("read the header: %w", err)
	}
	h, err := parseHeader(text)
	if err != nil {
		return header{}, err
	}
	return h, h.place(8+int64(length), size)
}

// recognise names the format of a file whose first bytes are no header's length.
func recognise(prefix [8]byte) error {
	const convert = "luth reads safetensors only: save the model again with save_pretrained(..., safe_serialization=True)"
	switch {
	case string(prefix[:4]) == "PK\x03\x04":
		return &FormatError{Problem: "a zip archive, probably a PyTorch checkpoint, which can run code when it is loaded", Remedy: convert}
	case prefix[0] == 0x80 && prefix[1] >= 2 && prefix[1] <= 5:
		return &FormatError{Problem: "a Python pickle, which can run code when it is loaded", Remedy: convert}
	case string(prefix[:4]) == "GGUF":
		return &FormatError{Problem: "a GGUF file", Remedy: "luth reads safetensors only: use the model it was converted from"}
	case string(prefix[:7]) == "version":
		return &FormatError{Problem: "a Git LFS pointer and not the file itself", Remedy: "fetch it with git lfs pull"}
	}
	return nil
}

// parseHeader reads the JSON. The tensors' begin and Size are their data
// offsets, yet unchecked.
func parseHeader(text []byte) (header, error) {
	h := header{}
	if len(text) == 0 || text[0] != '{' {
		return h, broken("", "the header does not begin with '{'")
	}
	s := &scanner{data: text}
	seen := make(map[string]struct{})
	err := s.object(func(name string) error {
		if _, twice := seen[name]; twice {
			return broken(name, "the name stands twice in the header")
		}
		seen[name] = struct{}{}
		if name == metadataKey {
			var err error
			h.metadata, err = parseMetadata(s)
			return err
		}
		if len(h.tensors) == maxTensors {
			return &FormatError{Problem: fmt.Sprintf("more than %d tensors", maxTensors), Remedy: remedyLimit}
		}
		t, err := parseTensor(s, name)
		if err != nil {
			return broken(name, "%v", err)
		}
		h.tensors = append(h.tensors, t)
		return nil
	})
	if format, ok := errors.AsType[*FormatError](err); ok {
		return header{}, format
	}
	if err != nil {
		return header{}, broken("", "the header: %v", err)
	}
	for _, c := range text[s.pos:] {
		if c != ' ' {
			return header{}, broken("", "%q after the header's JSON, where only spaces may stand", c)
		}
	}
	return h, nil
}

func parseMetadata(s *scanner) (map[string]string, error) {
	metadata := make(map[string]string)
	err := s.object(func(key string) error {
		if _, twice := metadata[key]; twice {
			return fmt.Errorf("the key %q stands twice", clip(key))
		}
		value, err := s.string()
		if err != nil {
			return fmt.Errorf("the value of %q must be a string: %w", clip(key), err)
		}
		metadata[key] = value
		return nil
	})
	if err != nil {
		return nil, broken("", "the header's %s: %v", metadataKey, err)
	}
	return metadata, nil
}

// parseTensor reads a tensor's description: exactly dtype, shape and
// data_offsets, each once.
func parseTensor(s *scanner, name string) (Tensor, error) {
	t := Tensor{Name: name}
	if err := checkName(name); err != nil {
		return t, err
	}
	var offsets []int64
	var seen [3]bool
	fields := [3]string{"dtype", "shape", "data_offsets"}
	err := s.object(func(key string) (err error) {
		i := slices.Index(fields[:], key)
		switch {
		case i < 0:
			return fmt.Errorf("the unknown field %q", clip(key))
		case seen[i]:
			return fmt.Errorf("the field %q stands twice", key)
		}
		seen[i] = true
		switch i {
		case 0:
			var name string
			if name, err = s.string(); err == nil {
				t.DType, err = ParseDType(name)
			}
		case 1:
			t.Shape, err = integers(s, maxRank)
		case 2:
			offsets, err = integers(s, 2)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	for i, ok := range seen {
		if !ok {
			return t, fmt.Errorf("the field %q is missing", fields[i])
		}
	}
	if len(offsets) != 2 {
		return t, fmt.Errorf("data_offsets has %d numbers, and must have 2", len(offsets))
	}
	if offsets[1] < offsets[0] {
		return t, fmt.Errorf("data_offsets end at %d, before their begin %d", offsets[1], offsets[0])
	}
	t.begin, t.Size = offsets[0], offsets[1]-offsets[0]
	return t, checkSize(t)
}

// integers reads an array of at most limit unsigned integers.
func integers(s *scanner, limit int) ([]int64, error) {
	list := make([]int64, 0, 2)
	err := s.array(func() error {
		if len(list) == limit {
			return fmt.Errorf("more than %d numbers", limit)
		}
		n, err := s.integer()
		list = append(list, n)
		return err
	})
	return list, err
}

// checkSize compares the size the offsets give with that of the shape.
func checkSize(t Tensor) error {
	size, err := dataSize(t.DType, t.Shape)
	if err != nil {
		return err
	}
	if size != t.Size {
		return fmt.Errorf("data_offsets span %d bytes, and %s of shape %s takes %d", t.Size, t.DType, shapeString(t.Shape), size)
	}
	return nil
}

// place puts the tensors in data order and checks that they cover the data
// from its first byte to the end of the file, without hole or overlap.
func (h *header) place(dataStart, fileSize int64) error {
	slices.SortFunc(h.tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.Size, b.Size), cmp.Compare(a.Name, b.Name))
	})
	end := int64(0)
	for i := range h.tensors {
		t := &h.tensors[i]
		switch {
		case t.begin < end:
			return broken(t.Name, "its data begin at %d, inside those of %q, which end at %d", t.begin, clip(h.tensors[i-1].Name), end)
		case t.begin > end:
			return broken(t.Name, "its data begin at %d, and nothing stands between %d and there", t.begin, end)
		case t.Size > fileSize-dataStart-end:
			return &FormatError{Tensor: t.Name, Problem: fmt.Sprintf("its data end at byte %d of a file of %d", dataStart+end+t.Size, fileSize), Remedy: remedyCut}
		}
		end += t.Size
		t.begin += dataStart
	}
	if rest := fileSize - dataStart - end; rest != 0 {
		return broken("", "%d bytes after the last tensor", rest)
	}
	return nil
}
