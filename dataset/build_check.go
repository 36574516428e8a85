package dataset

import (
	"fmt"
	"os"
	"path/filepath"
)

// check finds what would stop a build, before the stages run: they may take
// hours.
func (r *Recipe) check(stages []Stage, jobs []Job) error {
	if err := r.checkPlaces(); err != nil {
		return fmt.Errorf("recipe %s: %w", r.Name, err)
	}
	if _, err := r.Hash(); err != nil {
		return fmt.Errorf("recipe %s: %w", r.Name, err)
	}
	for i, stage := range stages {
		if stage.Check == nil {
			continue
		}
		if err := stage.Check(jobs[i]); err != nil {
			return fmt.Errorf("stage %s: %w", stage.Name, err)
		}
	}
	return nil
}

// checkPlaces refuses an output that the dataset could not replace at the end.
func (r *Recipe) checkPlaces() error {
	if within(r.Work, r.Output) {
		return fmt.Errorf("work %s is in the output %s, which is replaced as a whole; choose another folder with --work", r.Work, r.Output)
	}
	return replaceable(r.Output)
}

// within tells whether a path is dir or below it. Neither need exist.
func within(path, dir string) bool {
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
