package scrape

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed sources
var shipped embed.FS

// maxDefinition is the size of a definition, in bytes, beyond which it is a mistake.
const maxDefinition = 1 << 20

// Sources returns the definitions that come with luth, sorted by name.
func Sources() ([]*Source, error) {
	files, err := fs.Glob(shipped, "sources/*.yaml")
	if err != nil {
		return nil, err
	}
	all := make([]*Source, 0, len(files))
	for _, file := range files {
		data, err := shipped.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s, err := ParseSource(path.Join("scrape", file), data)
		if err != nil {
			return nil, err
		}
		if s.dir, err = fs.Sub(shipped, path.Dir(file)); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// LoadSource returns the definition of that name among those that come with luth,
// or reads the file when name is a path, that is, ends in .yaml or .yml.
func LoadSource(name string) (*Source, error) {
	if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("read a source definition: %w", err)
		}
		if info.Size() > maxDefinition {
			return nil, fmt.Errorf("%s has %d bytes, which is no source definition", name, info.Size())
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read a source definition: %w", err)
		}
		s, err := ParseSource(name, data)
		if err != nil {
			return nil, err
		}
		s.dir = os.DirFS(filepath.Dir(name))
		return s, nil
	}
	all, err := Sources()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(all))
	for i, s := range all {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	return nil, fmt.Errorf("no source is called %q; there are %s, or give the path of a .yaml file", name, strings.Join(names, ", "))
}

// ParseSource reads a definition; file is its name in errors. Unknown keys are errors that
// quote the line, and so is every rule that Validate finds broken.
func ParseSource(file string, data []byte) (*Source, error) {
	if len(data) > maxDefinition {
		return nil, fmt.Errorf("%s has %d bytes, which is no source definition", file, len(data))
	}
	s := &Source{file: file}
	if err := decodeYAML(data, s); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	sum := sha256.Sum256(data)
	s.version = hex.EncodeToString(sum[:8])
	if tree, err := parser.ParseBytes(data, 0); err == nil {
		s.lines = lines{tree}
	}
	if err := s.compile(); err != nil {
		return nil, err
	}
	return s, nil
}

// decodeYAML decodes strictly. The recover is for the YAML library, which panics on
// some malformed input.
func decodeYAML(data []byte, into any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("not YAML: %v", r)
		}
	}()
	if err := yaml.UnmarshalWithOptions(data, into, yaml.Strict()); err != nil {
		return errors.New(yaml.FormatError(err, false, true))
	}
	return nil
}

// lines finds where in a definition a rule stands.
type lines struct {
	tree *ast.File
}

// of returns the line of a rule such as "documents[0].select", or of what holds it, 0 when
// unknown.
func (l lines) of(rule string) int {
	for l.tree != nil && rule != "" {
		if p, err := yaml.PathString("$." + rule); err == nil {
			if node, err := p.FilterFile(l.tree); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		rule = rule[:max(strings.LastIndexAny(rule, ".["), 0)]
	}
	return 0
}

// place names a rule for an error: "sources/x.yaml:12: documents[0].select".
func (s *Source) place(rule string) string {
	if line := s.lines.of(rule); line > 0 {
		return fmt.Sprintf("%s:%d: %s", s.file, line, rule)
	}
	return s.file + ": " + rule
}
