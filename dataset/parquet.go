package dataset

import (
	"fmt"
	"io"
	"iter"
	"reflect"

	"github.com/parquet-go/parquet-go"
)

// Limits of a row group. The Hub's viewer and random access both want small
// ones; a writer holds one row group in memory.
const (
	maxGroupRows  = 20_000
	maxGroupBytes = 100_000_000 // Arrow bytes, before compression
)

// parquetWriter writes rows as one Parquet file: zstd, page index, and the
// features of T under the key "huggingface". The same rows give the same
// bytes.
type parquetWriter[T any] struct {
	w          *parquet.GenericWriter[T]
	out        *countingWriter
	groupLimit int64 // Arrow bytes

	rows       int64 // in all
	arrow      int64 // Arrow bytes in all
	groupRows  int64
	groupArrow int64
	lastGroup  int64 // file bytes of the row group flushed last
}

func newParquetWriter[T any](w io.Writer, groupLimit int64) *parquetWriter[T] {
	out := &countingWriter{w: w}
	return &parquetWriter[T]{
		out:        out,
		groupLimit: groupLimit,
		w: parquet.NewGenericWriter[T](out,
			parquet.Compression(&parquet.Zstd),
			parquet.CreatedBy("luth", Version, ""),
			parquet.KeyValueMetadata("huggingface", hubSchema(reflect.TypeFor[T]())),
			// Bounds of whole texts would only swell the footer.
			parquet.SkipPageBounds("messages", "list", "element", "content"),
		),
	}
}

// Write adds one row.
func (p *parquetWriter[T]) Write(row T) error {
	if _, err := p.w.Write([]T{row}); err != nil {
		return err
	}
	size := arrowBytes(reflect.ValueOf(row))
	p.rows++
	p.arrow += size
	p.groupRows++
	p.groupArrow += size
	if p.groupRows < maxGroupRows && p.groupArrow < p.groupLimit {
		return nil
	}
	before := p.out.n
	if err := p.w.Flush(); err != nil {
		return err
	}
	p.lastGroup = p.out.n - before
	p.groupRows, p.groupArrow = 0, 0
	return nil
}

// full tells whether one more row group like the last would take the file
// over limit bytes. It is only true between two row groups.
func (p *parquetWriter[T]) full(limit int64) bool {
	return p.rows > 0 && p.groupRows == 0 && p.out.n+p.lastGroup > limit
}

// Close writes the footer. It does not close the writer below.
func (p *parquetWriter[T]) Close() error { return p.w.Close() }

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// parquetRows yields the rows of a Parquet file as values of T: a struct for
// columns known beforehand (those absent read as zero), or `any` for maps by
// column name. Row numbers in errors are 0-based.
func parquetRows[T any](file *parquet.File, path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		row := int64(0)
		fail := func(err error) {
			yield(zero, fmt.Errorf("read %s: row %d: %w; the file is damaged, fetch or build it again", path, row, err))
		}
		var reader *parquet.GenericReader[T]
		if err := recovered(func() error { reader = parquet.NewGenericReader[T](file); return nil }); err != nil {
			fail(err)
			return
		}
		defer reader.Close()
		batch := make([]T, 64)
		for {
			clear(batch)
			var n int
			err := recovered(func() (err error) { n, err = reader.Read(batch); return err })
			for _, value := range batch[:n] {
				if !yield(value, nil) {
					return
				}
				row++
			}
			if err == io.EOF && row == file.NumRows() {
				return
			}
			if err == io.EOF || err == nil && n == 0 {
				err = fmt.Errorf("the file ends there, though its footer promises %d rows", file.NumRows())
			}
			if err != nil {
				fail(err)
				return
			}
		}
	}
}
