package dataset

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/kurakurai/luth/internal/atomicfile"
	"github.com/parquet-go/parquet-go"
)

// RowError is a row that could not be read as a sample. Only that row is
// lost: an iteration that yields a RowError goes on if the caller does.
type RowError struct {
	Path string
	Row  int64 // line of a JSONL file, 1-based; row of a Parquet file, 0-based
	Err  error
}

func (e *RowError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Path, e.Row, e.Err) }
func (e *RowError) Unwrap() error { return e.Err }

// SkipBad hands every RowError of in to bad, which counts it, and yields the
// rest. When all there is cannot be read it yields an error at the end: such
// an input is not what somebody meant.
func SkipBad[T any](in iter.Seq2[T, error], bad func(*RowError)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var first *RowError
		some := false
		for value, err := range in {
			var row *RowError
			if errors.As(err, &row) {
				if first == nil {
					first = row
				}
				bad(row)
				continue
			}
			some = true
			if !yield(value, err) {
				return
			}
		}
		if first != nil && !some {
			var none T
			yield(none, fmt.Errorf("no row can be read, so this is probably not the file you meant; the first: %s", first))
		}
	}
}

// extensions are the endings of file names that hold rows, with the
// compression of JSONL.
var extensions = []struct{ suffix, compression string }{
	{".parquet", ""}, {".jsonl", ""}, {".jsonl.gz", ".gz"}, {".jsonl.zst", ".zst"},
}

// rowFormat splits the name of a file of rows. ok is false when the name has
// none of the known endings.
func rowFormat(path string) (base string, isParquet bool, compression string, ok bool) {
	name := filepath.Base(path)
	for _, e := range extensions {
		if base, ok := strings.CutSuffix(name, e.suffix); ok {
			return base, e.suffix == ".parquet", e.compression, true
		}
	}
	return name, false, "", false
}

func sourceName(path string) string {
	base, _, _, _ := rowFormat(path)
	return base
}

// ReadFile yields the samples of one .parquet, .jsonl, .jsonl.gz or
// .jsonl.zst file, in luth's own shape or in a foreign one: messages or
// conversations (role/content or from/value), prompt + completion,
// instruction + input + output, text. Ids of foreign rows are computed; their
// origin is the file's name and the row. A row that cannot be read is a
// *RowError; any other error ends the iteration. Samples are not validated.
func ReadFile(path string) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		_, isParquet, compression, ok := rowFormat(path)
		if !ok {
			yield(Sample{}, fmt.Errorf("read %s: the name must end in .parquet, .jsonl, .jsonl.gz or .jsonl.zst", path))
			return
		}
		f, err := os.Open(path)
		if err != nil {
			yield(Sample{}, err)
			return
		}
		defer f.Close()
		if isParquet {
			parquetSamples(f)(yield)
			return
		}
		plain, err := decompressed(f, compression)
		if err != nil {
			yield(Sample{}, fmt.Errorf("read %s: %w", path, err))
			return
		}
		defer plain.Close()
		jsonlSamples(plain, path)(yield)
	}
}

// parquetSamples yields the rows of a Parquet file in any known shape.
func parquetSamples(f *os.File) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		file, err := openParquet(f)
		if err != nil {
			yield(Sample{}, err)
			return
		}
		if ownSchema(file.Schema()) {
			parquetRows[Sample](file, f.Name())(yield)
			return
		}
		row := int64(0)
		for columns, err := range parquetRows[any](file, f.Name()) {
			var s Sample
			if err == nil {
				fields, _ := columns.(map[string]any)
				if s, err = foreignSample(fields, sourceName(f.Name()), row); err != nil {
					err = &RowError{Path: f.Name(), Row: row, Err: err}
				}
				row++
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// ownSchema tells whether the columns are luth's: a messages list and an
// origin struct.
func ownSchema(schema *parquet.Schema) bool {
	_, hasContent := schema.Lookup("messages", "list", "element", "content")
	_, hasSource := schema.Lookup("origin", "source")
	return hasContent && hasSource
}

// rowWriter is what both formats write through.
type rowWriter[T any] interface {
	Write(T) error
	Close() error
}

// WriteFile writes samples to one .parquet, .jsonl, .jsonl.gz or .jsonl.zst
// file, which appears whole or not at all, and returns how many. It stops at
// the first error of in.
func WriteFile(path string, in iter.Seq2[Sample, error]) (rows int64, err error) {
	_, isParquet, compression, ok := rowFormat(path)
	if !ok {
		return 0, fmt.Errorf("write %s: the name must end in .parquet, .jsonl, .jsonl.gz or .jsonl.zst", path)
	}
	f, err := atomicfile.Create(path)
	if err != nil {
		return 0, err
	}
	defer f.Abort()
	w, err := newRowWriter(f, isParquet, compression)
	if err != nil {
		return 0, err
	}
	for s, err := range in {
		if err == nil {
			err = w.Write(s.withLists())
		}
		if err != nil {
			return rows, fmt.Errorf("write %s: %w", path, err)
		}
		rows++
	}
	if err := w.Close(); err != nil {
		return rows, fmt.Errorf("write %s: %w", path, err)
	}
	return rows, f.Commit()
}

func newRowWriter(w io.Writer, isParquet bool, compression string) (rowWriter[Sample], error) {
	if isParquet {
		return newParquetWriter[Sample](w, maxGroupBytes), nil
	}
	return newJSONLWriter[Sample](w, compression)
}
