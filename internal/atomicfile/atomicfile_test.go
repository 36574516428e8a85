package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestCommitReplacesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, content := range []string{"old", "new"} {
		if err := WriteFile(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Fatalf("got %q, %v", got, err)
		}
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	if err := WriteFile(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files left, %v", len(entries), err)
	}
	if got, _ := os.ReadFile(path); string(got) != "old" {
		t.Errorf("got %q", got)
	}
}

func TestCreateNamesTheFile(t *testing.T) {
	if err := WriteFile(filepath.Join(t.TempDir(), "none", "a"), nil); err == nil {
		t.Error("a missing folder is no error")
	}
}
