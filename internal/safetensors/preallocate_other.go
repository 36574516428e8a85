//go:build !linux

package safetensors

import "os"

// preallocate gives the file its size.
func preallocate(f *os.File, size int64) error { return f.Truncate(size) }
