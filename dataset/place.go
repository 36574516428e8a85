package dataset

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// CheckPlaces refuses an output that would replace the input it is made from.
func CheckPlaces(input, output string) error {
	if within(input, output) {
		return fmt.Errorf("%s would be replaced while it is read; choose another output than %s", input, output)
	}
	return nil
}

// refuseDataset refuses an output folder that holds a dataset already.
func refuseDataset(output string) error {
	if _, _, _, isFile := rowFormat(output); isFile {
		return nil
	}
	d, err := Open(output)
	if errors.Is(err, ErrNotDataset) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s holds a dataset of %d rows; choose another folder or give --force", output, d.Manifest.Rows())
}

// within tells whether a path is dir or below it, by whatever names. Neither
// need exist.
func within(path, dir string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	for ; !samePlace(path, dir); path = filepath.Dir(path) {
		if path == filepath.Dir(path) {
			return false
		}
	}
	return true
}

// samePlace tells whether two paths are one file or folder.
func samePlace(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB)
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}
