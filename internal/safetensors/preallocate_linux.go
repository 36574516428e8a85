package safetensors

import (
	"os"
	"syscall"
)

// preallocate gives the file its size and its blocks, so that a full disk is
// an error before the work and not in the midst of it.
func preallocate(f *os.File, size int64) error {
	for {
		switch err := syscall.Fallocate(int(f.Fd()), 0, 0, size); err {
		case syscall.EINTR:
		case syscall.EOPNOTSUPP, syscall.ENOSYS:
			return f.Truncate(size)
		default:
			return err
		}
	}
}
