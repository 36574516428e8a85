package dataset

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxLine is the longest line of a JSONL file, in bytes.
const maxLine = 256 << 20

// maxWindow is the most memory a .zst file may ask for; it is what the zstd
// tool allows by default.
const maxWindow = 128 << 20

// jsonlSamples yields the rows of a JSONL stream. path is for messages and,
// in foreign rows, for the name of the source. A bad row is a *RowError.
func jsonlSamples(r io.Reader, path string) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		lines := bufio.NewReaderSize(r, 1<<16)
		for number := int64(1); ; number++ {
			line, err := readLine(lines, maxLine)
			if err == io.EOF {
				return
			}
			if err != nil && err != errLineTooLong {
				yield(Sample{}, fmt.Errorf("read %s: line %d: %w", path, number, err))
				return
			}
			if err == nil && len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			var s Sample
			if err == nil {
				s, err = jsonSample(line, sourceName(path), number-1)
			}
			if err != nil {
				s, err = Sample{}, &RowError{Path: path, Row: number, Err: err}
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// jsonSample reads one row: luth's own shape, known by its origin object, or
// a foreign one.
func jsonSample(line []byte, source string, row int64) (Sample, error) {
	if !utf8.Valid(line) {
		return Sample{}, errors.New("not valid UTF-8")
	}
	var own struct {
		Sample
		Origin *Origin `json:"origin"`
	}
	if err := json.Unmarshal(line, &own); err == nil && own.Origin != nil && own.Messages != nil {
		own.Sample.Origin = *own.Origin
		return own.Sample, nil
	}
	var columns map[string]any
	if err := json.Unmarshal(line, &columns); err != nil {
		return Sample{}, err
	}
	return foreignSample(columns, source, row)
}

// openLines opens a file of JSON lines.
func openLines(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, fmt.Errorf("%s is a folder; name a file of JSON lines", path)
	}
	return f, nil
}

var errLineTooLong = fmt.Errorf("the line is longer than %d MiB", maxLine>>20)

// readLine returns the next line without its newline, io.EOF after the last,
// and errLineTooLong for a line over limit bytes, which it passes over.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return nil, skipLine(r, err)
		}
		if line == nil && err == nil {
			return bytes.TrimSuffix(part, []byte("\n")), nil // valid until the next read
		}
		line = append(line, part...)
		switch {
		case err == bufio.ErrBufferFull:
		case err == io.EOF && len(line) > 0:
			return line, nil
		case err != nil:
			return nil, err
		default:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		}
	}
}

func skipLine(r *bufio.Reader, err error) error {
	for err == bufio.ErrBufferFull {
		_, err = r.ReadSlice('\n')
	}
	if err != nil && err != io.EOF {
		return err
	}
	return errLineTooLong
}

// jsonlWriter writes rows as JSON lines.
type jsonlWriter[T any] struct {
	enc   *json.Encoder
	buf   *bufio.Writer
	inner io.Closer // the compressor, or nil
}

// newJSONLWriter compresses for the extensions .gz and .zst.
func newJSONLWriter[T any](w io.Writer, extension string) (*jsonlWriter[T], error) {
	j := &jsonlWriter[T]{}
	switch extension {
	case ".gz":
		z := gzip.NewWriter(w)
		j.inner, w = z, z
	case ".zst":
		// One goroutine: the bytes must not depend on the number of cores.
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		j.inner, w = z, z
	}
	j.buf = bufio.NewWriterSize(w, 1<<16)
	j.enc = json.NewEncoder(j.buf)
	j.enc.SetEscapeHTML(false)
	return j, nil
}

// Write adds one row.
func (j *jsonlWriter[T]) Write(row T) error { return j.enc.Encode(row) }

// Close writes what is left. It does not close the writer below.
func (j *jsonlWriter[T]) Close() error {
	err := j.buf.Flush()
	if j.inner != nil {
		err = errors.Join(err, j.inner.Close())
	}
	return err
}

// decompressed returns the plain bytes of a file with the given extension.
func decompressed(r io.Reader, extension string) (io.ReadCloser, error) {
	switch extension {
	case ".gz":
		return gzip.NewReader(bufio.NewReader(r))
	case ".zst":
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	default:
		return io.NopCloser(r), nil
	}
}
