package exam_test

import (
	"os"
	"path/filepath"
	"testing"
)

// shared is the path of a real exam file, which tests skip when it is absent.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("LUTH_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(dir, "data", "exams", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no real exam files: %v (set LUTH_SHARED to the folder that holds data/exams)", err)
	}
	return path
}
