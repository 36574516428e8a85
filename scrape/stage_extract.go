package scrape

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/atomicfile"
	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/progress"
	"github.com/kurakurai/luth/scrape/crawl"
	"github.com/kurakurai/luth/scrape/document"
)

// The files that the stages hand on, one JSON object a line.
const (
	inventoryFile = "inventory.jsonl" // of crawl: File per document fetched
	documentsFile = "documents.jsonl" // of extract: Document per document read
)

// File is a fetched document: what the crawl knows of it and where its bytes
// stand, relative to the inventory.
type File struct {
	crawl.Item
	Path string `json:"path"`
}

// Document is a document after extraction.
type Document struct {
	File
	Verdict document.Verdict `json:"verdict"`
	Detail  string           `json:"detail,omitempty"`
	Pages   int              `json:"pages"`
	Glyphs  int              `json:"glyphs"`
	Unknown int              `json:"unknown"` // glyphs without a character
	Text    string           `json:"text"`    // path of the extracted text, relative to the list
}

func extractStage() dataset.Stage {
	return dataset.Stage{
		Name: "extract", Version: extractorVersion,
		Short:      "read the text of PDF and LaTeX files, with a verdict on each",
		NeedsInput: true,
		Check:      noParams,
		Run:        runExtract,
	}
}

// noParams refuses parameters: extraction has none.
func noParams(job dataset.Job) error { return job.Params.Decode(&struct{}{}) }

func runExtract(ctx context.Context, job dataset.Job) (dataset.Outcome, error) {
	if err := noParams(job); err != nil {
		return dataset.Outcome{}, err
	}
	files, err := readLines[File](filepath.Join(job.Input, inventoryFile))
	if err != nil {
		return dataset.Outcome{}, err
	}
	bar := progress.New(job.Stderr, "extract", int64(len(files)))
	defer bar.Close()
	cache := textCache{filepath.Join(job.WorkDir, "texts")}
	type result struct {
		doc Document
		err error
	}
	read := func(ctx context.Context, f File) result {
		doc, err := extractFile(ctx, job, cache, f)
		bar.Add(1)
		return result{doc, err}
	}
	balance := dataset.Balance{Stage: "extract", Unit: "documents", In: int64(len(files))}
	var docs []Document
	for r, err := range parallel.Map(ctx, values(files), job.Workers, read) {
		if err := errors.Join(err, r.err); err != nil {
			return dataset.Outcome{}, err
		}
		if docs = append(docs, r.doc); r.doc.Verdict == document.VerdictText {
			balance.Out++
		} else {
			balance.Drop(string(r.doc.Verdict))
		}
	}
	if err := ctx.Err(); err != nil {
		return dataset.Outcome{}, err
	}
	fingerprint, err := writeLines(filepath.Join(job.Output, documentsFile), docs)
	return dataset.Outcome{Fingerprint: fingerprint, Balances: []dataset.Balance{balance}}, err
}

func extractFile(ctx context.Context, job dataset.Job, cache textCache, f File) (Document, error) {
	path := filepath.Join(job.Input, f.Path)
	text, err := cache.get(ctx, path, f.SHA256)
	if err != nil {
		return Document{}, fmt.Errorf("extract %s (from %s): %w", path, f.URL, err)
	}
	rel, err := filepath.Rel(job.Output, cache.path(f.SHA256))
	if err != nil {
		return Document{}, err
	}
	f.Path, err = filepath.Rel(job.Output, path)
	return Document{
		File: f, Verdict: text.Verdict, Detail: text.Detail, Pages: len(text.Pages),
		Glyphs: text.Glyphs, Unknown: text.Unknown, Text: filepath.ToSlash(rel),
	}, err
}

// values yields the elements of a slice.
func values[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// writeLines writes one JSON object a line and returns the hash of the file.
func writeLines[T any](path string, list []T) (fingerprint string, err error) {
	var b bytes.Buffer
	for _, v := range list {
		line, err := json.Marshal(v)
		if err != nil {
			return "", fmt.Errorf("write %s: %w", path, err)
		}
		b.Write(append(line, '\n'))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:]), atomicfile.WriteFile(path, b.Bytes())
}

// readLines reads what writeLines wrote.
func readLines[T any](path string) ([]T, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w; run the stage before it first", err)
	}
	var list []T
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		list = append(list, v)
	}
	return list, nil
}
