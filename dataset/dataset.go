package dataset

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Dataset is a dataset directory opened for reading.
type Dataset struct {
	Dir         string
	Manifest    Manifest
	Fingerprint string // hex SHA-256 of the manifest
}

// Row is a sample and the split it is in.
type Row struct {
	Split  string
	Sample Sample
}

// Open reads the manifest of a dataset directory. Use Verify to know whether
// the files are what it says.
func Open(dir string) (*Dataset, error) {
	m, fingerprint, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	return &Dataset{Dir: dir, Manifest: m, Fingerprint: fingerprint}, nil
}

// Samples yields the samples of one split, or of all when split is empty, in
// the order of the manifest. An error ends the iteration.
func (d *Dataset) Samples(split string) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		if split != "" && !slices.ContainsFunc(d.Manifest.Splits, func(s Split) bool { return s.Name == split }) {
			yield(Sample{}, fmt.Errorf("dataset %s has no split %q; it has %s", d.Dir, split, splitNames(d.Manifest.Splits)))
			return
		}
		for row, err := range d.Rows() {
			if err == nil && split != "" && row.Split != split {
				continue
			}
			if !yield(row.Sample, err) {
				return
			}
		}
	}
}

func splitNames(splits []Split) string {
	if len(splits) == 0 {
		return "none"
	}
	names := make([]string, len(splits))
	for i, s := range splits {
		names[i] = s.Name
	}
	return strings.Join(names, ", ")
}

// Rows yields every sample with its split.
func (d *Dataset) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, shard := range d.Manifest.Shards {
			for s, err := range ownRows[Sample](filepath.Join(d.Dir, shard.Path)) {
				if !yield(Row{shard.Split, s}, err) || err != nil {
					return
				}
			}
		}
	}
}

// DroppedSamples yields every dropped sample of all splits.
func (d *Dataset) DroppedSamples() iter.Seq2[Dropped, error] {
	return func(yield func(Dropped, error) bool) {
		for row, err := range d.droppedRows() {
			if !yield(row.Dropped, err) {
				return
			}
		}
	}
}

// droppedRow is a dropped sample and the split it was meant for.
type droppedRow struct {
	Split   string
	Dropped Dropped
}

func (d *Dataset) droppedRows() iter.Seq2[droppedRow, error] {
	return func(yield func(droppedRow, error) bool) {
		for _, shard := range d.Manifest.Dropped {
			for s, err := range ownRows[Dropped](filepath.Join(d.Dir, shard.Path)) {
				if !yield(droppedRow{shard.Split, s}, err) || err != nil {
					return
				}
			}
		}
	}
}

// ownRows yields the rows of a file that luth wrote.
func ownRows[T any](path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		f, err := os.Open(path)
		if err != nil {
			yield(zero, err)
			return
		}
		defer f.Close()
		file, err := openParquet(f)
		if err != nil {
			yield(zero, err)
			return
		}
		parquetRows[T](file, path)(yield)
	}
}

// OpenAny yields the samples of a dataset directory, of one .parquet, .jsonl,
// .jsonl.gz or .jsonl.zst file, or of a folder of such files. The split of a
// file is its name up to a shard number, as in train-00000-of-00002.parquet.
// Rows that cannot be read are *RowError, as in ReadFile.
func OpenAny(path string) (iter.Seq2[Row, error], error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return fileRows([]string{path}), nil
	}
	if _, err := os.Stat(filepath.Join(path, ManifestName)); err == nil {
		d, err := Open(path)
		if err != nil {
			return nil, err
		}
		return d.Rows(), nil
	}
	files, err := rowFiles(path)
	if err != nil {
		return nil, err
	}
	return fileRows(files), nil
}

// rowFiles returns the files of rows directly in a folder, sorted.
func rowFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if _, _, _, ok := rowFormat(e.Name()); ok && !e.IsDir() {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s is %w, and it holds no .parquet or .jsonl file", dir, ErrNotDataset)
	}
	return files, nil
}

func fileRows(files []string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, path := range files {
			split := splitOf(path)
			for s, err := range ReadFile(path) {
				if !yield(Row{split, s}, err) {
					return
				}
			}
		}
	}
}

// splitOf names the split of a file: its name up to a shard number, with
// characters that a split may not have replaced by _.
func splitOf(path string) string {
	base, _, _, _ := rowFormat(path)
	base, _, _ = strings.Cut(base, "-0")
	clean := strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, base)
	if clean == "" {
		return "train"
	}
	return clean
}
