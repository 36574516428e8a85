package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	if stages[0].NeedsInput && r.Input == "" {
		return fmt.Errorf("recipe %s: its first stage, %s, needs an input; name a dataset or file as `input:` beside `stages:`", r.Name, stages[0].Name)
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

// checkPlaces refuses an output that the dataset could not replace at the end,
// or that holds what the stages read.
func (r *Recipe) checkPlaces() error {
	if within(r.Work, r.Output) {
		return fmt.Errorf("work %s is in the output %s, which is replaced as a whole; choose another folder with --work", r.Work, r.Output)
	}
	if r.Input != "" && within(r.Input, r.Output) {
		return fmt.Errorf("input %s is in the output %s, which is replaced as a whole; choose another folder with --out", r.Input, r.Output)
	}
	return replaceable(r.Output)
}

// inputFingerprint returns the fingerprint of a dataset directory, the SHA-256
// of a file, or a hash of the names and contents of the files in a folder.
func inputFingerprint(ctx context.Context, path string) (string, error) {
	_, fingerprint, err := ReadManifest(path)
	if err == nil {
		return fingerprint, nil
	}
	info, statErr := os.Stat(path)
	if statErr != nil {
		return "", statErr
	}
	if !info.IsDir() {
		return hashFile(ctx, path)
	}
	if !errors.Is(err, ErrNotDataset) {
		return "", err
	}
	files, err := rowFiles(path)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, file := range files {
		hash, err := hashFile(ctx, file)
		if err != nil {
			return "", err
		}
		parts = append(parts, filepath.Base(file), hash)
	}
	return hashOf(parts...), nil
}

const hashStep = 64 << 20 // bytes between two looks at the context

// hashFile returns the hex SHA-256 of a file.
func hashFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	for err == nil {
		if _, err = io.CopyN(hash, f, hashStep); err == nil {
			err = ctx.Err()
		}
	}
	if err != io.EOF {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
