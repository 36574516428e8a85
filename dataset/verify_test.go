package dataset

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// edit replaces text in a file.
func edit(t *testing.T, path, old, new string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("%s has no %q", path, old)
	}
	if err := os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(new), 1), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replaceShard puts other rows in a shard and corrects the manifest's size
// and hash, as a careless tool would.
func replaceShard(t *testing.T, dir string, samples ...Sample) {
	t.Helper()
	m, _, err := ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &m.Shards[0]
	shard := shardWriter[Sample]{dir: dir, split: s.Split, limit: 1 << 40, name: func(int) string { return s.Path }}
	for _, sample := range samples {
		if err := shard.write(sample); err != nil {
			t.Fatal(err)
		}
	}
	if err := shard.close(); err != nil {
		t.Fatal(err)
	}
	*s = shard.shards[0]
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ManifestName), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestVerify(t *testing.T) {
	const shard = "data/test-00000-of-00001.parquet"
	tests := []struct {
		name   string
		damage func(t *testing.T, dir string)
		want   []string // each in a difference of its own; none: all is well
	}{
		{"untouched", func(*testing.T, string) {}, nil},
		{"git's and the Hub's files", func(t *testing.T, dir string) {
			os.MkdirAll(filepath.Join(dir, ".git", "x"), 0o755)
			os.WriteFile(filepath.Join(dir, ".git", "x", "y"), nil, 0o644)
			os.WriteFile(filepath.Join(dir, ".gitattributes"), nil, 0o644)
		}, nil},
		{"missing shard", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, shard)) },
			[]string{shard + ": the file is missing", "split test: 0 rows"}},
		{"truncated shard", func(t *testing.T, dir string) { os.Truncate(filepath.Join(dir, shard), 1000) },
			[]string{shard + ": 1000 bytes, the manifest says", shard + ": SHA-256 is", "no Parquet mark"}},
		{"extra file", func(t *testing.T, dir string) { os.WriteFile(filepath.Join(dir, "data", "more.parquet"), nil, 0o644) },
			[]string{"data/more.parquet: the manifest does not know this file"}},
		{"flipped byte", func(t *testing.T, dir string) {
			data, _ := os.ReadFile(filepath.Join(dir, shard))
			data[len(data)/3] ^= 1
			os.WriteFile(filepath.Join(dir, shard), data, 0o644)
		}, []string{shard + ": SHA-256 is"}},
		{"dropped file changed", func(t *testing.T, dir string) { os.Truncate(filepath.Join(dir, "dropped", "train.parquet"), 50) },
			[]string{"dropped/train.parquet: 50 bytes", "dropped/train.parquet: SHA-256"}},
		{"card edited", func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "README.md"), "| test | 4 |", "| test | 6 |")
		},
			[]string{"README.md: line"}},
		{"card missing", func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "README.md")) }, []string{"README.md: open"}},
		{"balance edited", func(t *testing.T, dir string) { edit(t, filepath.Join(dir, ManifestName), `"in": 50`, `"in": 51`) },
			[]string{"manifest.json: stage make lost count", "README.md: line"}},
		{"total edited", func(t *testing.T, dir string) { edit(t, filepath.Join(dir, ManifestName), `"rows": 4,`, `"rows": 5,`) },
			[]string{"split test: 4 rows", "README.md: line"}},
		{"invalid and double samples", func(t *testing.T, dir string) {
			bad := testSample(2)
			bad.ID = testSample(1).ID
			replaceShard(t, dir, testSample(1), bad)
		}, []string{"is not the content's id", "is in split test already", "split test: 2 rows"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "set")
			writeTestDataset(t, dir, 50, DefaultShardBytes)
			test.damage(t, dir)
			report, err := Verify(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(report.Differences, "\n")
			for _, want := range test.want {
				if !strings.Contains(all, want) {
					t.Errorf("no %q in\n%s", want, all)
				}
			}
			if len(test.want) == 0 && all != "" {
				t.Error(all)
			}
		})
	}
}

func TestVerifyForeignSchema(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	writeTestDataset(t, dir, 50, DefaultShardBytes)
	// The dropped file has more columns than a file of samples.
	if err := checkSchema[Sample](filepath.Join(dir, "dropped", "train.parquet")); err == nil || !strings.Contains(err.Error(), "columns are not those") {
		t.Error(err)
	}
}

func TestManifestErrors(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	writeTestDataset(t, dir, 20, DefaultShardBytes)
	good, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ old, new, want string }{
		{`"schema": 1`, `"schema": 2`, "its schema is 2, this luth"},
		{`"name"`, `"nom"`, `unknown field "nom"`},
		{`data/test-00000-of-00001.parquet`, `data/../../../etc/passwd`, "shard path"},
		{`data/test-00000-of-00001.parquet`, `dropped/test.parquet`, "shard path"},
		{`"split": "test"`, `"split": "../x"`, "split name"},
		{`}`, ``, "invalid"},
	}
	for _, test := range tests {
		if _, err := parseManifest([]byte(strings.Replace(string(good), test.old, test.new, 1))); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.new, err)
		}
	}
}

func FuzzManifest(f *testing.F) {
	dir := filepath.Join(f.TempDir(), "set")
	writeTestDataset(f, dir, 20, DefaultShardBytes)
	good, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"schema":1,"shards":[{"path":"data/a.parquet","split":"a"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			return
		}
		for _, s := range m.Shards {
			if !filepath.IsLocal(s.Path) {
				t.Errorf("%q leads out of the dataset", s.Path)
			}
		}
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseManifest(text); err != nil {
			t.Error(err)
		}
	})
}
