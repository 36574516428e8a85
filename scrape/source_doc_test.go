package scrape

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocumentedSource loads the definition that docs/adding-a-source.md shows
// and checks it against the pages it shows.
func TestDocumentedSource(t *testing.T) {
	text, err := os.ReadFile("../docs/adding-a-source.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	definition, rest, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the page shows no definition")
	}
	var site strings.Builder
	for line := range strings.Lines(rest) {
		if code, is := strings.CutPrefix(line, "    "); is && (strings.HasPrefix(code, "-- ") || strings.HasPrefix(code, "<main>")) {
			site.WriteString(code)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "lycee-exemple.yaml")
	pages := filepath.Join(dir, "testdata", "lycee-exemple", "site.txtar")
	if err := os.MkdirAll(filepath.Dir(pages), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{file: definition, pages: site.String()} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	source, err := LoadSource(file)
	if err != nil {
		t.Fatal(err)
	}
	report, err := Check(t.Context(), source, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	if len(report.Papers) != 1 || len(report.Papers[0].Subjects) != 1 || len(report.Papers[0].Corrections) != 1 {
		t.Errorf("papers %+v", report.Papers)
	}
}
