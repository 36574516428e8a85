package scrape

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/kurakurai/luth/scrape/exam"
)

// folderPair is a paper found in a folder, or a file without partner.
type folderPair struct {
	Subject      string   `json:"subject"`
	Correction   string   `json:"correction"`
	Alternatives []string `json:"alternatives"`
	Reason       string   `json:"reason"` // why a file stands alone, empty for a pair
}

// pairFolder pairs the PDF and LaTeX files below dir by their names.
func pairFolder(dir string) ([]folderPair, error) {
	var files []exam.File
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch ext := strings.ToLower(filepath.Ext(path)); {
		case d.IsDir() || ext != ".pdf" && ext != ".tex":
		default:
			folder, name := filepath.Split(path)
			files = append(files, exam.File{Folder: folder, Name: name})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the exam files of %s: %w", dir, err)
	}
	var pairs []folderPair
	for _, p := range exam.PairFiles(files) {
		pair := folderPair{Subject: filePath(p.Subject), Correction: filePath(p.Correction), Reason: string(p.Reason), Alternatives: []string{}}
		for _, a := range p.Alternatives {
			pair.Alternatives = append(pair.Alternatives, filePath(&a))
		}
		pairs = append(pairs, pair)
	}
	return pairs, nil
}

func filePath(f *exam.File) string {
	if f == nil {
		return ""
	}
	return f.Folder + f.Name
}
