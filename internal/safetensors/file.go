package safetensors

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// File is an open .safetensors file. Only its header is in memory: data are
// read where and when [Tensor.ReadAt] is asked for them, by pread and not
// through a mapping, so a file that is cut meanwhile gives an error and no
// signal. Its methods may be called from several goroutines.
type File struct {
	path   string
	f      *os.File
	info   fs.FileInfo // when it was opened
	header header
	byName map[string]int // index in header.tensors
}

// Open opens a .safetensors file and checks its whole header: see the package
// comment for the rules. What breaks one is a [*FormatError].
func Open(path string) (*File, error) {
	// A FIFO or a device would block or never end.
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open a safetensors file: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, &FormatError{Path: path, Problem: "not a regular file", Remedy: "name a .safetensors file"}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a safetensors file: %w", err)
	}
	file, err := newFile(path, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return file, nil
}

func newFile(path string, f *os.File) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open a safetensors file: %w", err)
	}
	h, err := readHeader(f, info.Size())
	if err != nil {
		return nil, withPath(err, path)
	}
	file := &File{path: path, f: f, info: info, header: h, byName: make(map[string]int, len(h.tensors))}
	for i := range h.tensors {
		h.tensors[i].file = file
		file.byName[h.tensors[i].Name] = i
	}
	return file, nil
}

// Path returns the path the file was opened with.
func (f *File) Path() string { return f.path }

// Size returns the file's size in bytes.
func (f *File) Size() int64 { return f.info.Size() }

// Tensors returns the tensors in the order of their data.
func (f *File) Tensors() []Tensor { return slices.Clone(f.header.tensors) }

// Tensor returns the tensor of that name.
func (f *File) Tensor(name string) (Tensor, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Tensor{}, false
	}
	return f.header.tensors[i], true
}

// Metadata returns the header's free text pairs, such as "format": "pt".
func (f *File) Metadata() map[string]string { return maps.Clone(f.header.metadata) }

// Check says whether the file is still the one that was opened: same file,
// size and time of change. Call it after the last read; an error means that
// what was read may mix two versions.
func (f *File) Check() error {
	now, err := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return changed(f.path, "it was removed")
	case err != nil:
		return fmt.Errorf("check whether a file changed: %w", err)
	case !os.SameFile(now, f.info):
		return changed(f.path, "another file took its place")
	case now.Size() != f.info.Size():
		return changed(f.path, fmt.Sprintf("its size went from %d to %d bytes", f.info.Size(), now.Size()))
	case !now.ModTime().Equal(f.info.ModTime()):
		return changed(f.path, "it was written to")
	}
	return nil
}

func changed(path, how string) error {
	return &FormatError{Path: path, Problem: "the file changed while it was read: " + how, Remedy: "let nothing write to it, and start again"}
}

// SHA256 returns the checksum of the whole file in hexadecimal.
func (f *File) SHA256(ctx context.Context) (string, error) {
	hash := sha256.New()
	buf := make([]byte, 1<<20)
	for off := int64(0); off < f.Size(); {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.f.ReadAt(buf[:min(int64(len(buf)), f.Size()-off)], off)
		hash.Write(buf[:n])
		off += int64(n)
		if errors.Is(err, io.EOF) && off < f.Size() {
			return "", changed(f.path, "it became shorter")
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("hash %s: %w", f.path, err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Close closes the file; its tensors can no longer be read.
func (f *File) Close() error { return f.f.Close() }
