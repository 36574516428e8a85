package safetensors

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Model is the weights of a model: one file, or several with an index.
// It reads as a [File] does.
type Model struct {
	files    []*File // by name
	tensors  []Tensor
	byName   map[string]int
	unlisted []Tensor
	warnings []string
}

// OpenModel opens the weights in dir, model.safetensors or the files that
// model.safetensors.index.json names, and checks every header, and the index
// against them. path may also be one .safetensors file.
func OpenModel(path string) (*Model, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open a model: %w", err)
	}
	if !info.IsDir() {
		return openSingle(path)
	}
	single, indexPath := filepath.Join(path, singleName), filepath.Join(path, indexName)
	switch hasSingle, hasIndex := exists(single), exists(indexPath); {
	case hasSingle:
		if err := checkInside(path, single); err != nil {
			return nil, err
		}
		m, err := openSingle(single)
		if err == nil && hasIndex {
			m.warnings = append(m.warnings, fmt.Sprintf("%s: %s is read, as transformers does, and %s is not", path, singleName, indexName))
		}
		return m, err
	case hasIndex:
		return openIndexed(path, indexPath)
	default:
		return nil, noModel(path)
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func openSingle(path string) (*Model, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	m := &Model{files: []*File{f}, byName: f.byName, tensors: f.header.tensors}
	return m, nil
}

func openIndexed(dir, indexPath string) (*Model, error) {
	idx, err := readIndex(indexPath)
	if err != nil {
		return nil, withPath(err, indexPath)
	}
	m := &Model{byName: make(map[string]int, len(idx.weightMap))}
	if err := m.openShards(dir, idx); err != nil {
		m.Close()
		return nil, err
	}
	if err := m.match(idx, indexPath); err != nil {
		m.Close()
		return nil, err
	}
	if err := m.warnOfStrays(dir); err != nil {
		m.Close()
		return nil, err
	}
	return m, nil
}

func withPath(err error, path string) error {
	if format, ok := errors.AsType[*FormatError](err); ok {
		format.Path = path
		return format
	}
	return fmt.Errorf("%s: %w", path, err)
}

func (m *Model) openShards(dir string, idx index) error {
	for _, name := range slices.Sorted(slices.Values(idx.shards)) {
		path := filepath.Join(dir, name)
		if !exists(path) {
			return &FormatError{Path: path, Problem: "the index names this file and it is absent", Remedy: "download the whole model"}
		}
		if err := checkInside(dir, path); err != nil {
			return err
		}
		f, err := Open(path)
		if err != nil {
			return err
		}
		m.files = append(m.files, f)
	}
	return nil
}

// match takes the tensors that the index lists and sets the others apart.
func (m *Model) match(idx index, indexPath string) error {
	home := make(map[string]*File, len(idx.weightMap))
	total := int64(0)
	for _, f := range m.files {
		for _, t := range f.header.tensors {
			if other, twice := home[t.Name]; twice {
				return &FormatError{Path: f.path, Tensor: t.Name, Problem: fmt.Sprintf("it stands in %s too", filepath.Base(other.path)),
					Remedy: "one of the files belongs to another model: download the whole model again"}
			}
			home[t.Name] = f
			total += t.Size
			if len(home) > maxTensors {
				return &FormatError{Path: indexPath, Problem: fmt.Sprintf("more than %d tensors", maxTensors), Remedy: remedyLimit}
			}
			if idx.weightMap[t.Name] == "" {
				m.unlisted = append(m.unlisted, t)
				continue
			}
			m.byName[t.Name] = len(m.tensors)
			m.tensors = append(m.tensors, t)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(idx.weightMap)) {
		where, want := home[name], idx.weightMap[name]
		if where == nil || filepath.Base(where.path) != want {
			problem := "the index says it is in " + want + ", and it is in no file"
			if where != nil {
				problem = fmt.Sprintf("the index says it is in %s, and it is in %s", want, filepath.Base(where.path))
			}
			return &FormatError{Path: indexPath, Tensor: name, Problem: problem, Remedy: "the files are not of one model: download the whole model again"}
		}
	}
	if len(m.unlisted) > 0 {
		m.warnings = append(m.warnings, fmt.Sprintf("%s does not list %d tensors that are in its files, such as %q", indexPath, len(m.unlisted), m.unlisted[0].Name))
	}
	if idx.totalSize >= 0 && idx.totalSize != total {
		m.warnings = append(m.warnings, fmt.Sprintf("%s says the tensors have %d bytes in total, and they have %d", indexPath, idx.totalSize, total))
	}
	return nil
}

// warnOfStrays names weights in the folder that are not part of the model.
func (m *Model) warnOfStrays(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open a model: %w", err)
	}
	for _, e := range entries {
		mine := slices.ContainsFunc(m.files, func(f *File) bool { return filepath.Base(f.path) == e.Name() })
		if strings.HasPrefix(e.Name(), "model") && strings.HasSuffix(e.Name(), ".safetensors") && !mine {
			m.warnings = append(m.warnings, fmt.Sprintf("%s is not part of the model: the index does not name it", filepath.Join(dir, e.Name())))
		}
	}
	return nil
}

// checkInside follows symbolic links and refuses a file that is neither in dir
// nor in the Hub's cache, where models--org--name/blobs holds what snapshots
// and download folders link to.
func checkInside(dir, path string) error {
	root, err := resolve(dir)
	if err != nil {
		return err
	}
	target, err := resolve(path)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(root, target); err == nil && filepath.IsLocal(rel) {
		return nil
	}
	blobs := filepath.Dir(target)
	if filepath.Base(blobs) == "blobs" && strings.HasPrefix(filepath.Base(filepath.Dir(blobs)), "models--") {
		return nil
	}
	return &FormatError{Path: path, Problem: "a link to a file outside the model's folder", Remedy: "name the folder it points to, or put the file itself here"}
}

func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return "", fmt.Errorf("open a model: %w", err)
	}
	return path, nil
}

// noModel says what dir holds instead of safetensors.
func noModel(dir string) error {
	const pickles = "PyTorch checkpoints, which can run code when they are loaded: convert them with save_pretrained(..., safe_serialization=True)"
	others := map[string]string{
		".bin": pickles, ".pt": pickles, ".pth": pickles, ".ckpt": pickles,
		".gguf":        "GGUF: use the model it was converted from",
		".safetensors": "safetensors under other names: name the file itself",
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("open a model: %w", err)
	}
	for _, e := range entries {
		if what := others[filepath.Ext(e.Name())]; what != "" && (filepath.Ext(e.Name()) != ".bin" || strings.Contains(e.Name(), "model")) {
			problem, remedy, _ := strings.Cut(what, ": ")
			return &FormatError{Path: dir, Problem: fmt.Sprintf("no %s here, and %s is %s", singleName, e.Name(), problem), Remedy: remedy}
		}
		if strings.HasSuffix(e.Name(), ".safetensors"+partialSuffix) {
			return &FormatError{Path: dir, Problem: "an unfinished model (" + e.Name() + ")", Remedy: "let the command that writes it finish"}
		}
	}
	return &FormatError{Path: dir, Problem: fmt.Sprintf("neither %s nor %s here", singleName, indexName), Remedy: "name the folder of a downloaded model"}
}

// Files returns the model's files, by name.
func (m *Model) Files() []*File { return slices.Clone(m.files) }

// Tensors returns the tensors file by file, in the order of their data.
func (m *Model) Tensors() []Tensor { return slices.Clone(m.tensors) }

// Tensor returns the tensor of that name.
func (m *Model) Tensor(name string) (Tensor, bool) {
	i, ok := m.byName[name]
	if !ok {
		return Tensor{}, false
	}
	return m.tensors[i], true
}

// Metadata returns the free text pairs of the first file's header.
func (m *Model) Metadata() map[string]string {
	if len(m.files) == 0 {
		return nil
	}
	return m.files[0].Metadata()
}

// Unlisted returns the tensors that are in the files and not in the index.
// They are not part of Tensors.
func (m *Model) Unlisted() []Tensor { return slices.Clone(m.unlisted) }

// Warnings returns what is odd about the model and no error: unlisted tensors,
// a wrong total size, weights beside the model.
func (m *Model) Warnings() []string { return slices.Clone(m.warnings) }

// Check says whether the files are still those that were opened: see
// [File.Check].
func (m *Model) Check() error {
	for _, f := range m.files {
		if err := f.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the files.
func (m *Model) Close() error {
	var errs []error
	for _, f := range m.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}
