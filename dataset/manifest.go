package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
)

// ManifestName is the file that makes a folder a dataset.
const ManifestName = "manifest.json"

// manifestSchema is the version of the format of a dataset directory.
const manifestSchema = 1

const maxManifestBytes = 64 << 20

// Manifest describes a dataset directory. It holds nothing that depends on
// when or where it was written.
type Manifest struct {
	Schema  int      `json:"schema"` // version of this format
	Name    string   `json:"name"`
	Luth    string   `json:"luth"`              // version of luth that wrote it
	Recipe  string   `json:"recipe,omitempty"`  // hex hash of the recipe, see Recipe.Hash
	Parents []string `json:"parents,omitempty"` // fingerprints of what it was made from

	// Tokenizer says what Tokens counts in splits and shards; without it they
	// are absent.
	Tokenizer *TokenizerInfo `json:"tokenizer,omitempty"`

	Splits   []Split   `json:"splits"`
	Shards   []Shard   `json:"shards"`   // files of samples, by path
	Dropped  []Shard   `json:"dropped"`  // files of dropped samples, by path
	Balances []Balance `json:"balances"` // of every stage, in order
	Card     Card      `json:"card"`

	// Parameters are those of stages, as JSON, by the hash in Step.Params.
	Parameters map[string]json.RawMessage `json:"parameters,omitempty"`

	Rehearsal int64 `json:"rehearsal,omitempty"` // samples made in a rehearsal: not to be published
}

// Split is the total of one split.
type Split struct {
	Name       string `json:"name"`
	Rows       int64  `json:"rows"`
	Bytes      int64  `json:"bytes"`       // of its files
	ArrowBytes int64  `json:"arrow_bytes"` // in memory, the Hub's num_bytes
	Tokens     int64  `json:"tokens,omitempty"`
}

// Shard is one Parquet file.
type Shard struct {
	Path   string `json:"path"` // slashes, from the dataset directory
	Split  string `json:"split"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	Tokens int64  `json:"tokens,omitempty"` // of samples; dropped ones are not counted
}

// Meta is what a dataset's maker says of it; the rest of a manifest is
// computed.
type Meta struct {
	Name     string
	Recipe   string
	Parents  []string
	Balances []Balance
	Card     Card

	Parameters map[string]json.RawMessage // by the hash in Step.Params
}

// ErrNotDataset tells that a folder has no manifest.
var ErrNotDataset = errors.New("not a dataset directory: there is no " + ManifestName)

// ReadManifest reads and checks the manifest of the dataset directory dir,
// and returns its fingerprint, the hex SHA-256 of the file.
func ReadManifest(dir string) (m Manifest, fingerprint string, err error) {
	f, err := os.Open(filepath.Join(dir, ManifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return m, "", fmt.Errorf("%s is %w", dir, ErrNotDataset)
	}
	if info, statErr := os.Stat(dir); err != nil && statErr == nil && !info.IsDir() {
		return m, "", fmt.Errorf("%s is a file and %w; `luth dataset convert %s DIR` makes one", dir, ErrNotDataset, dir)
	}
	if err != nil {
		return m, "", err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxManifestBytes+1))
	if err != nil {
		return m, "", fmt.Errorf("read %s: %w", f.Name(), err)
	}
	if m, err = parseManifest(data); err != nil {
		return m, "", fmt.Errorf("read %s: %w; build the dataset again", f.Name(), err)
	}
	sum := sha256.Sum256(data)
	return m, hex.EncodeToString(sum[:]), nil
}

func parseManifest(data []byte) (m Manifest, err error) {
	if len(data) > maxManifestBytes {
		return m, fmt.Errorf("it is longer than %d MiB", maxManifestBytes>>20)
	}
	var version struct{ Schema int }
	if err := json.Unmarshal(data, &version); err != nil {
		return m, err
	}
	if version.Schema != manifestSchema {
		return m, fmt.Errorf("its schema is %d, this luth (%s) knows %d", version.Schema, Version, manifestSchema)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return m, err
	}
	return m, m.check()
}

// Rows returns the number of samples in all splits.
func (m Manifest) Rows() (rows int64) {
	for _, s := range m.Splits {
		rows += s.Rows
	}
	return rows
}

func (m Manifest) check() error {
	for _, s := range m.Shards {
		if err := s.check("data"); err != nil {
			return err
		}
	}
	for _, s := range m.Dropped {
		if err := s.check("dropped"); err != nil {
			return err
		}
	}
	return nil
}

// check refuses paths that lead anywhere but to a file directly in folder.
func (s Shard) check(folder string) error {
	if name, ok := path.Split(s.Path); name != folder+"/" || !filepath.IsLocal(ok) || path.Ext(ok) != ".parquet" {
		return fmt.Errorf("shard path %q is not a .parquet file in %s", s.Path, folder)
	}
	return checkSplit(s.Split)
}

// encode returns the bytes of manifest.json.
func (m Manifest) encode() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

var splitName = regexp.MustCompile(`^\w+(\.\w+)*$`)

// checkSplit accepts the names that Hugging Face `datasets` accepts.
func checkSplit(name string) error {
	if len(name) > 100 || !splitName.MatchString(name) {
		return fmt.Errorf("split name %q: only letters, digits, _ and . between them are allowed", name)
	}
	return nil
}
