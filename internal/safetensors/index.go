package safetensors

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode"
)

const (
	maxIndex  = 100_000_000 // bytes of model.safetensors.index.json
	maxShards = 10_000
)

// index is what model.safetensors.index.json says.
type index struct {
	shards    []string          // file names, in order of first mention
	weightMap map[string]string // file name by tensor
	totalSize int64             // -1 if it is absent or no whole number
}

// readIndex reads and checks an index. Its errors have no path yet.
func readIndex(path string) (index, error) {
	info, err := os.Stat(path)
	if err != nil {
		return index{}, fmt.Errorf("read the index: %w", err)
	}
	if !info.Mode().IsRegular() {
		return index{}, broken("", "not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return index{}, fmt.Errorf("read the index: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxIndex+1))
	if err != nil {
		return index{}, fmt.Errorf("read the index: %w", err)
	}
	if len(text) > maxIndex {
		return index{}, &FormatError{Problem: fmt.Sprintf("an index of more than %d bytes", maxIndex), Remedy: remedyLimit}
	}
	return parseIndex(text)
}

func parseIndex(text []byte) (index, error) {
	idx := index{totalSize: -1}
	s := &scanner{data: text}
	seen := make(map[string]bool)
	err := s.object(func(key string) error {
		if seen[key] {
			return fmt.Errorf("the key %q stands twice", clip(key))
		}
		seen[key] = true
		switch key {
		case "weight_map":
			return idx.parseWeightMap(s)
		case "metadata":
			return idx.parseMetadata(s)
		default:
			return s.skip(1)
		}
	})
	switch {
	case err != nil:
	case s.peek() != 0 || s.pos < len(text):
		err = s.errorf("text after the end")
	case !seen["weight_map"]:
		err = errors.New("it has no weight_map")
	}
	if format, ok := errors.AsType[*FormatError](err); ok {
		return index{}, format
	}
	if err != nil {
		return index{}, &FormatError{Problem: "the index: " + err.Error(), Remedy: "get the file again, or write the model again with save_pretrained"}
	}
	return idx, nil
}

func (idx *index) parseWeightMap(s *scanner) error {
	idx.weightMap = make(map[string]string)
	names := make(map[string]string) // one copy of every shard's name
	return s.object(func(tensor string) error {
		if err := checkName(tensor); err != nil {
			return fmt.Errorf("tensor %q: %w", clip(tensor), err)
		}
		if _, twice := idx.weightMap[tensor]; twice {
			return fmt.Errorf("the tensor %q stands twice", tensor)
		}
		if len(idx.weightMap) == maxTensors {
			return &FormatError{Problem: fmt.Sprintf("more than %d tensors", maxTensors), Remedy: remedyLimit}
		}
		file, err := s.string()
		if err != nil {
			return fmt.Errorf("the file of tensor %q must be a string: %w", tensor, err)
		}
		name, known := names[file]
		if !known {
			if err := checkShardName(file); err != nil {
				return fmt.Errorf("tensor %q: %w", tensor, err)
			}
			if len(names) == maxShards {
				return &FormatError{Problem: fmt.Sprintf("more than %d files", maxShards), Remedy: remedyLimit}
			}
			name, names[file] = file, file
			idx.shards = append(idx.shards, file)
		}
		idx.weightMap[tensor] = name
		return nil
	})
}

// parseMetadata looks for total_size and steps over the rest.
func (idx *index) parseMetadata(s *scanner) error {
	if s.peek() != '{' { // some writers give null
		return s.skip(1)
	}
	seen := false
	return s.object(func(key string) error {
		if key != "total_size" {
			return s.skip(2)
		}
		if seen {
			return errors.New("the key \"total_size\" stands twice")
		}
		seen = true
		if c := s.peek(); c != '-' && (c < '0' || c > '9') {
			return s.skip(2)
		}
		number, err := s.number()
		if err != nil {
			return err
		}
		// Some versions of transformers wrote a float.
		if f, err := strconv.ParseFloat(string(number), 64); err == nil && f >= 0 && f < 1<<53 && f == math.Trunc(f) {
			idx.totalSize = int64(f)
		}
		return nil
	})
}

// checkShardName refuses what is not the plain name of a file beside the index.
func checkShardName(name string) error {
	switch {
	case name == "" || len(name) > 255:
		return fmt.Errorf("a file name of %d bytes", len(name))
	case strings.ContainsAny(name, `/\:`) || strings.HasPrefix(name, ".."):
		return fmt.Errorf("the file %q is not beside the index: only plain names are read", clip(name))
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("the file name %q has control characters", clip(name))
	case !strings.HasSuffix(name, ".safetensors"):
		return fmt.Errorf("the file %q is no .safetensors file, and luth reads no other", clip(name))
	}
	return nil
}
