package dataset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"
)

// What a Parquet file may claim. The Parquet reader below allocates what the
// headers say, so they are checked first: against the file's size where that
// is possible, against these bounds elsewhere.
const (
	maxFooterBytes   = 64 << 20
	maxSchemaColumns = 10_000
	maxPageBytes     = 1 << 30 // uncompressed
	maxPageValues    = 1 << 26
	maxHeaderBytes   = 16 << 20 // of one page
)

// openParquet opens a file whose headers make no claim that its size does not
// bear out.
func openParquet(f *os.File) (*parquet.File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	file, err := checkedParquet(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w; it is no Parquet file, or a damaged one", f.Name(), err)
	}
	return file, nil
}

func checkedParquet(r io.ReaderAt, size int64) (file *parquet.File, err error) {
	if err := checkFooter(r, size); err != nil {
		return nil, err
	}
	err = recovered(func() error {
		file, err = parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		return err
	})
	if err != nil {
		return nil, err
	}
	left := size
	for i, group := range file.Metadata().RowGroups {
		for j := range group.Columns {
			meta := &group.Columns[j].MetaData
			chunk := pageScan{r: r, start: meta.DataPageOffset, size: meta.TotalCompressedSize}
			if meta.DictionaryPageOffset != 0 {
				chunk.start = meta.DictionaryPageOffset
			}
			// Chunks do not overlap, so together they are no larger than the file.
			if chunk.start < 0 || chunk.size < 0 || chunk.size > left || chunk.start > size-chunk.size {
				return nil, fmt.Errorf("row group %d, column %d: the footer places %d bytes at %d, outside the file", i, j, chunk.size, chunk.start)
			}
			left -= chunk.size
			if err := chunk.check(); err != nil {
				return nil, fmt.Errorf("row group %d, column %d: %w", i, j, err)
			}
		}
	}
	return file, nil
}

func checkFooter(r io.ReaderAt, size int64) error {
	if size < 12 {
		return fmt.Errorf("%d bytes is too short", size)
	}
	var tail [8]byte
	if _, err := r.ReadAt(tail[:], size-8); err != nil {
		return err
	}
	if string(tail[4:]) != "PAR1" {
		return errors.New("there is no Parquet mark at its end")
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if n > size-12 || n > maxFooterBytes {
		return fmt.Errorf("the footer claims %d bytes", n)
	}
	footer := make([]byte, n)
	if _, err := r.ReadAt(footer, size-8-n); err != nil {
		return err
	}
	walk := thriftWalker{data: footer, visit: func(path []int64, value int64) error {
		if at(path, 2) && value > maxSchemaColumns { // FileMetaData.schema
			return fmt.Errorf("the schema has %d columns", value)
		}
		return nil
	}}
	return walk.structure()
}

// pageScan walks over the page headers of one column chunk.
type pageScan struct {
	r           io.ReaderAt
	start, size int64
}

func (s pageScan) check() error {
	for at := int64(0); at < s.size; {
		header, compressed, err := s.header(at)
		if err != nil {
			return fmt.Errorf("page header at %d: %w", s.start+at, err)
		}
		if compressed < 0 || compressed > s.size-at-header {
			return fmt.Errorf("page at %d claims %d bytes, outside its column", s.start+at, compressed)
		}
		at += header + compressed
	}
	return nil
}

// header reads the page header at offset at and returns its size and the size
// of the page behind it. Most headers are short; one with long bounds is read
// again with a larger window.
func (s pageScan) header(at int64) (size, compressed int64, err error) {
	for window := min(s.size-at, 4<<10); ; window = min(s.size-at, window*16) {
		data := make([]byte, window)
		if _, err := s.r.ReadAt(data, s.start+at); err != nil {
			return 0, 0, err
		}
		walk := thriftWalker{data: data, visit: func(path []int64, value int64) error {
			return checkPageField(path, value, &compressed)
		}}
		err := walk.structure()
		if err == nil {
			return int64(walk.pos), compressed, nil
		}
		if !errors.Is(err, errThriftCut) || window == s.size-at || window > maxHeaderBytes {
			return 0, 0, err
		}
	}
}

// checkPageField looks at one integer of a PageHeader. Field ids:
// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
func checkPageField(path []int64, value int64, compressed *int64) error {
	switch {
	case at(path, 2) && (value < 0 || value > maxPageBytes): // uncompressed_page_size
		return fmt.Errorf("a page claims %d bytes", value)
	case at(path, 3): // compressed_page_size
		*compressed = value
	case (at(path, 5, 1) || at(path, 7, 1) || at(path, 8, 1)) && (value < 0 || value > maxPageValues): // num_values
		return fmt.Errorf("a page claims %d values", value)
	}
	return nil
}

// recovered turns a panic of the Parquet reader into an error: it panics on
// some damaged files.
func recovered(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the Parquet reader gave up: %v", p)
		}
	}()
	return f()
}
