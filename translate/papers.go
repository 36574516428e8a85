package translate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/kurakurai/luth/dataset"
)

// maxTextBytes is the longest text of a paper that is read.
const maxTextBytes = 8 << 20

func readText(path string) (text []byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if text, err = io.ReadAll(io.LimitReader(file, maxTextBytes+1)); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(text) > maxTextBytes {
		return nil, fmt.Errorf("%s is longer than %d MiB, which no exam is", path, maxTextBytes>>20)
	}
	return text, nil
}

// readPaper reads a file of text, as `luth scrape extract` prints it.
func readPaper(path string) ([]byte, error) {
	text, err := readText(path)
	switch {
	case err != nil:
		return nil, err
	case strings.HasPrefix(string(text), "%PDF-"):
		return nil, fmt.Errorf("%s is a PDF file; give its text: luth scrape extract %s > %s.txt", path, path, path)
	case !utf8.Valid(text):
		return nil, fmt.Errorf("%s is not valid UTF-8; give what `luth scrape extract` prints", path)
	case len(strings.TrimSpace(string(text))) == 0:
		return nil, fmt.Errorf("%s has no text", path)
	}
	return text, nil
}

const errNoTexts = "name the folder in which scrape's extract stage keeps the texts, such as out/work/NAME/02-extract/texts"

// task makes the stage of a recipe ready, which finds the texts by the hashes
// of the documents.
func (p *ExtractParams) task() (Task, error) {
	if p.Texts == "" {
		return Task{}, errors.New("texts: " + errNoTexts)
	}
	texts := &folder{dir: p.Texts, kept: map[string]*source{}}
	task, err := extractTask(*p, texts.text)
	task.Open = func(input string) (iter.Seq2[dataset.Row, error], error) {
		// Not before: in the first build an earlier stage makes the folder.
		if info, err := os.Stat(p.Texts); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("texts: %s is no folder; %s", p.Texts, errNoTexts)
		}
		return alignedRows(input)
	}
	return task, err
}

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// papersKept is how many texts a folder keeps at hand.
const papersKept = 64

// folder finds texts in the folder that scrape's extract stage keeps them in,
// or in one of .txt files, both named by the SHA-256 of the document.
type folder struct {
	dir  string
	mu   sync.Mutex
	kept map[string]*source
}

func (f *folder) text(sha256 string) (*source, error) {
	if !hexDigest.MatchString(sha256) {
		return nil, errors.New("the row names no document")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.kept[sha256]; s != nil {
		return s, nil
	}
	s, err := f.read(sha256)
	if err != nil {
		return nil, err
	}
	if len(f.kept) >= papersKept {
		clear(f.kept) // rows of a paper stand together
	}
	f.kept[sha256] = s
	return s, nil
}

func (f *folder) read(sha256 string) (*source, error) {
	names := []string{filepath.Join(f.dir, sha256+".txt")}
	extractors, _ := os.ReadDir(f.dir) // in order; without any there is no text, as is said below
	for _, extractor := range extractors {
		names = append(names, filepath.Join(f.dir, extractor.Name(), sha256[:2], sha256+".json"))
	}
	for _, name := range names {
		text, err := readText(name)
		if err != nil {
			continue
		}
		plain := string(text)
		if strings.HasSuffix(name, ".json") {
			if plain, err = documentText(text); err != nil {
				return nil, fmt.Errorf("the text of document %s cannot be read: %w", sha256, err)
			}
		}
		return newSource(plain), nil
	}
	return nil, fmt.Errorf("texts has no text of document %s", sha256)
}

// documentText reads the JSON in which scrape keeps a text: pages of lines.
func documentText(data []byte) (string, error) {
	var document struct {
		Pages []struct {
			Lines []struct {
				Text  string `json:"text"`
				Break bool   `json:"break"`
			} `json:"lines"`
		} `json:"pages"`
	}
	if err := json.Unmarshal(data, &document); err != nil {
		return "", err
	}
	var b strings.Builder
	for i, page := range document.Pages {
		if i > 0 {
			b.WriteByte('\f')
		}
		for _, line := range page.Lines {
			if line.Break && b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(line.Text + "\n")
		}
	}
	return b.String(), nil
}
