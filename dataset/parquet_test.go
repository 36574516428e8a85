package dataset

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// parquetBytes returns a Parquet file of n test samples, in row groups of
// about groupLimit Arrow bytes.
func parquetBytes(t testing.TB, n int, groupLimit int64) []byte {
	t.Helper()
	var b bytes.Buffer
	w := newParquetWriter[Sample](&b, groupLimit)
	for s := range testSamples(n) {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readParquet reads data as a file of samples, as far as that goes.
func readParquet(t testing.TB, data []byte) (rows int, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, e := range ReadFile(path) {
		if e != nil {
			return rows, e
		}
		rows++
	}
	return rows, nil
}

func TestParquetRowGroups(t *testing.T) {
	data := parquetBytes(t, 100, 5000)
	file, err := checkedParquet(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(file.RowGroups()); n < 5 {
		t.Errorf("%d row groups", n)
	}
	if v, _ := file.Lookup("huggingface"); !strings.HasPrefix(v, `{"info": {"features": {"id": {"dtype": "string", "_type": "Value"}, "messages": {"feature": {"role":`) {
		t.Error(v)
	}
	for _, group := range file.Metadata().RowGroups {
		for _, c := range group.Columns {
			if c.OffsetIndexOffset == 0 || c.ColumnIndexOffset == 0 {
				t.Error("a column has no page index")
			}
		}
	}
}

// A damaged file is an error that says so; it is never a shorter file.
func TestParquetDamaged(t *testing.T) {
	data := parquetBytes(t, 60, 3000)
	for n := 0; n < len(data); n += 307 {
		if rows, err := readParquet(t, data[:n]); err == nil {
			t.Errorf("cut to %d bytes: %d rows and no error", n, rows)
		}
	}
	footer := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	for at := 4; at < len(data); at += 41 {
		broken := bytes.Clone(data)
		broken[at] ^= 0xff
		rows, err := readParquet(t, broken)
		if err == nil && rows != 60 {
			t.Errorf("byte %d (footer from %d): %d rows and no error", at, footer, rows)
		}
	}
}

func TestParquetClaims(t *testing.T) {
	data := parquetBytes(t, 5, 1<<20)
	huge := bytes.Clone(data)
	binary.LittleEndian.PutUint32(huge[len(huge)-8:], 1<<31)
	if _, err := readParquet(t, huge); err == nil || !strings.Contains(err.Error(), "the footer claims 2147483648 bytes") {
		t.Error(err)
	}
	for name, test := range map[string]struct {
		metadata []byte
		want     string
	}{
		"list longer than the data": {[]byte{0x29, 0xfc, 0xff, 0xff, 0xff, 0x07, 0}, "the metadata is cut"},
		"text longer than the data": {[]byte{0x18, 0xff, 0xff, 0xff, 0xff, 0x07, 0}, "the metadata is cut"},
		"unknown type":              {[]byte{0x1f, 0}, "unknown Thrift type 15"},
		"too deep":                  {bytes.Repeat([]byte{0x1c}, 100), "nested more than"},
		"end missing":               {[]byte{0x15, 2}, "the metadata is cut"},
	} {
		w := thriftWalker{data: test.metadata}
		if err := w.structure(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParquet(f *testing.F) {
	data := parquetBytes(f, 3, 600)
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("PAR1PAR1PAR1"))
	f.Fuzz(func(t *testing.T, data []byte) { readParquet(t, data) })
}

func FuzzThrift(f *testing.F) {
	data := parquetBytes(f, 3, 600)
	f.Add(data[len(data)-8-int(binary.LittleEndian.Uint32(data[len(data)-8:])) : len(data)-8])
	f.Fuzz(func(t *testing.T, data []byte) {
		w := thriftWalker{data: data}
		if err := w.structure(); err == nil && (w.pos > len(data) || len(w.path) != 0) {
			t.Errorf("at %d of %d, path %v", w.pos, len(data), w.path)
		}
	})
}

// liveHeap returns the bytes in use after a collection.
func liveHeap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What a writer and a reader hold does not grow with the rows that went
// through: 90 MB here, between the two measurements. The compressor keeps up
// to 32 MB of history.
func TestMemoryIsBounded(t *testing.T) {
	const rows, early, limit = 40_000, 4_000, 40 << 20
	sample := benchSample(1)
	line := []byte(sampleJSON(t, sample) + "\n")
	w := newParquetWriter[Sample](io.Discard, 1<<20)
	var before int64
	n := 0
	for s, err := range jsonlSamples(repeated(line, rows), "x.jsonl") {
		if err == nil {
			err = w.Write(s)
		}
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == early {
			before = liveHeap()
		}
		if n == rows {
			if grown := liveHeap() - before; grown > limit {
				t.Errorf("%d bytes more are held after %d rows than after %d", grown, rows, early)
			}
		}
	}
	if n != rows {
		t.Error(n)
	}
	runtime.KeepAlive(w)
}

// repeated reads as line, n times.
func repeated(line []byte, n int) io.Reader {
	readers := make([]io.Reader, n)
	for i := range readers {
		readers[i] = bytes.NewReader(line)
	}
	return io.MultiReader(readers...)
}
