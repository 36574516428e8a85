package scrape

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kurakurai/luth/internal/atomicfile"
	"github.com/kurakurai/luth/scrape/crawl"
	"github.com/kurakurai/luth/scrape/document"
	"github.com/kurakurai/luth/scrape/latex"
	"github.com/kurakurai/luth/scrape/pdftext"
)

// maxDocument is the size of the largest file that is read, in bytes.
const maxDocument = 256 << 20

// Extract reads the text of an exam file, PDF or LaTeX by its content. A file
// that gives no text has the verdict that says why.
func Extract(ctx context.Context, data []byte) document.Text {
	if bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")) {
		return pdftext.Extract(ctx, data)
	}
	if crawl.Sniff("", "", data) == crawl.FormatTeX {
		return latex.Extract(data, latex.DefaultLimits)
	}
	return document.Text{Verdict: document.VerdictDamaged, Detail: "neither a PDF file nor a LaTeX source"}
}

// ExtractFile is Extract on a file.
func ExtractFile(ctx context.Context, path string) (document.Text, error) {
	info, err := os.Stat(path)
	if err != nil {
		return document.Text{}, err
	}
	if info.Size() > maxDocument {
		return document.Text{Verdict: document.VerdictHostile, Detail: fmt.Sprintf("%d bytes, over the limit of %d", info.Size(), maxDocument)}, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return document.Text{}, err
	}
	return Extract(ctx, data), nil
}

// extractorVersion changes with the output of either extractor.
const extractorVersion = "pdf" + pdftext.Version + "-tex" + latex.Version

// textCache keeps extracted texts by the hash of the file, so that a run that
// was stopped reads no file twice.
type textCache struct{ dir string }

func (c textCache) path(sha256 string) string {
	return filepath.Join(c.dir, extractorVersion, sha256[:2], sha256+".json")
}

// get returns the text of the file at path, whose hash is sha256. A reading
// that ctx cut short is not kept.
func (c textCache) get(ctx context.Context, path, sha256 string) (document.Text, error) {
	cached := c.path(sha256)
	if text, err := readText(cached); err == nil {
		return text, nil
	}
	text, err := ExtractFile(ctx, path)
	if err != nil {
		return text, err
	}
	if err := ctx.Err(); err != nil {
		return text, err
	}
	data, err := json.Marshal(text)
	if err != nil {
		return text, fmt.Errorf("write the text of %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(cached), 0o755); err != nil {
		return text, err
	}
	return text, atomicfile.WriteFile(cached, data)
}

func readText(path string) (text document.Text, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return text, err
	}
	if err := json.Unmarshal(data, &text); err != nil {
		return text, fmt.Errorf("read %s: %w", path, err)
	}
	return text, nil
}
