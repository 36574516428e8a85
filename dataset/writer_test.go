package dataset

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCreateRefusesForeignFolders(t *testing.T) {
	tests := []struct {
		name, file, want string
	}{
		{"a home", "letter.txt", "holds letter.txt, which is no part of a dataset"},
		{"a card alone", "README.md", "has files but no manifest.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "set")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, test.file), []byte("mine"), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Create(dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, test.file)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	good := testSample(1)
	tests := []struct {
		name, split string
		change      func(*Sample)
		want        string
	}{
		{"no answer", "train", func(s *Sample) { s.Messages = s.Messages[:1]; s.ID = "" }, "the last message is not the assistant's"},
		{"empty", "train", func(s *Sample) { s.Messages = nil; s.ID = "" }, "no user message"},
		{"other id", "train", func(s *Sample) { s.ID = "0123" }, "is not the content's id"},
		{"control character", "train", func(s *Sample) {
			s.Messages = []Message{{RoleUser, "a\x0crac"}, {RoleAssistant, "b"}}
			s.ID = ""
		}, "control character U+000C"},
		{"invalid UTF-8", "train", func(s *Sample) { s.Origin.Path = "\xff" }, "not valid UTF-8"},
		{"confidence", "train", func(s *Sample) { s.Steps = []Step{{Confidence: 2}} }, "confidence 2 is not between"},
		{"split with a slash", "../x", func(*Sample) {}, `split name "../x"`},
		{"split with a dash", "a-b", func(*Sample) {}, `split name "a-b"`},
	}
	w, err := Create(filepath.Join(t.TempDir(), "set"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, test := range tests {
		s := good
		test.change(&s)
		if err := w.Write(test.split, s); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if err := w.Commit(Meta{Balances: []Balance{{Stage: "x", In: 1}}}); err == nil || !strings.Contains(err.Error(), "lost count") {
		t.Errorf("a balance that does not add up: %v", err)
	}
}

func TestDropTakesAnything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	w, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	broken := Dropped{Sample: Sample{Messages: []Message{{"?", "caf\xe9\x00"}}}, Filter: "f", Reason: "r"}
	if err := w.Drop("train", broken); err != nil {
		t.Fatal(err)
	}
	if broken.Messages[0].Content != "caf\xe9\x00" {
		t.Error("the caller's sample was changed")
	}
	if err := w.Commit(Meta{Name: "set"}); err != nil {
		t.Fatal(err)
	}
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for s, err := range d.DroppedSamples() {
		if err != nil || s.Messages[0].Content != "caf\uFFFD\x00" {
			t.Errorf("%q %v", s.Messages, err)
		}
	}
}

// What a kill leaves, at each point where one can fall, and what Open and the
// next Create make of it.
func TestKilled(t *testing.T) {
	begin := func(t *testing.T, dir string) {
		w, err := Create(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write("train", testSample(1)); err != nil { // and no Commit
			t.Fatal(err)
		}
	}
	complete := func(t *testing.T, dir string) { writeTestDataset(t, dir, 20, DefaultShardBytes) }
	tests := []struct {
		name string
		kill func(t *testing.T, dir string)
		open bool // a dataset is there before the next run
	}{
		{"while the first is written", begin, false},
		{"while a second is written", func(t *testing.T, dir string) { complete(t, dir); begin(t, dir) }, true},
		{"between the renames", func(t *testing.T, dir string) {
			complete(t, dir)
			if err := os.Rename(dir, sibling(dir, "old")); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"after the renames", func(t *testing.T, dir string) {
			complete(t, dir)
			if err := os.CopyFS(sibling(dir, "old"), os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
		}, true},
	}
	want := filepath.Join(t.TempDir(), "set")
	complete(t, want)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "set")
			test.kill(t, dir)
			if _, err := Open(dir); (err == nil) != test.open || err != nil && !errors.Is(err, ErrNotDataset) {
				t.Errorf("open: %v", err)
			}
			complete(t, dir)
			sameTree(t, treeBytes(t, want), treeBytes(t, dir))
			if entries, _ := os.ReadDir(parent); len(entries) != 1 {
				t.Errorf("left over: %v", entries)
			}
		})
	}
}

// An old dataset that a kill put aside comes back even if the next run fails.
func TestKilledThenAborted(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	writeTestDataset(t, dir, 20, DefaultShardBytes)
	before := treeBytes(t, dir)
	if err := os.Rename(dir, sibling(dir, "old")); err != nil {
		t.Fatal(err)
	}
	w, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.Abort()
	sameTree(t, before, treeBytes(t, dir))
}
