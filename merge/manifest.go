package merge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/safetensors"
)

const manifestName = "manifest.json"

// A Manifest says what a merged model was made from and what it consists of.
// It holds nothing that depends on when or where it was made.
type Manifest struct {
	Format  string         `json:"format"` // "luth-merge"
	Schema  int            `json:"schema"`
	Luth    string         `json:"luth"` // version
	Method  string         `json:"merge_method"`
	Compat  bool           `json:"mergekit_compat,omitempty"`
	Seed    *uint64        `json:"seed,omitempty"` // of methods that drop at random
	Inputs  []Input        `json:"inputs"`
	Outputs []FileSum      `json:"outputs"` // all files but this one
	Tensors []TensorRecord `json:"tensors"`
	Notes   []string       `json:"notes,omitempty"`
}

// Input is a model that was merged.
type Input struct {
	Model string    `json:"model"` // as the configuration names it; the last part of a path
	Files []FileSum `json:"files,omitempty"`
}

// FileSum identifies a file.
type FileSum struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// manifest makes all of it but the files beside the weights.
func (o *output) manifest(shards []safetensors.Shard, s *sums, opts Options) (*Manifest, error) {
	m := &Manifest{Format: "luth-merge", Schema: 1, Luth: dataset.Version, Method: o.plan.doc.Method.Name, Compat: opts.Compat}
	if o.plan.doc.Method.Random {
		m.Seed = &opts.Seed
	}
	for _, in := range o.plan.inputs {
		input := Input{Model: in.publicName()}
		if in.weights != nil {
			for _, f := range in.weights.Files() {
				input.Files = append(input.Files, FileSum{filepath.Base(f.Path()), f.Size(), s.byFile[f.Path()]})
			}
		}
		m.Inputs = append(m.Inputs, input)
	}
	for _, shard := range shards {
		m.Outputs = append(m.Outputs, FileSum{shard.Name, shard.Size, shard.SHA256})
	}
	if len(shards) > 1 {
		index, err := sumFile(o.work, "model.safetensors.index.json")
		if err != nil {
			return nil, err
		}
		m.Outputs = append(m.Outputs, index)
	}
	for _, t := range o.plan.tensors {
		m.Tensors = append(m.Tensors, o.journal.done[t.Spec.Name])
	}
	return m, nil
}

func (m *Manifest) encode() ([]byte, error) {
	slices.SortFunc(m.Outputs, func(a, b FileSum) int { return strings.Compare(a.Path, b.Path) })
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// sumFile identifies a file in dir.
func sumFile(dir, name string) (FileSum, error) {
	content, err := readSmall(filepath.Join(dir, name), maxSideFileBytes)
	sum := sha256.Sum256(content)
	return FileSum{name, int64(len(content)), hex.EncodeToString(sum[:])}, err
}

// publicName is how a model is called in what may be published: its id on the
// Hub, or the last part of a path.
func (m *model) publicName() string {
	if m.onHub() {
		return m.ref.String()
	}
	return filepath.Base(filepath.Clean(m.ref.Path))
}

// onHub says whether the reference is an id on the Hub: the model is in the
// Hub's cache, or a folder that the Hub's tools filled.
func (m *model) onHub() bool {
	return hubID.MatchString(m.ref.Path) && (m.found == foundInCache || isDir(filepath.Join(m.dir, ".cache", "huggingface")))
}

// public replaces the paths of models in a text by their public names.
func (p *mergePlan) public(text string) string {
	var pairs []string
	for _, m := range p.inputs {
		for _, path := range []string{m.ref.String(), m.dir, m.ref.Path} {
			if path != "" && path != m.publicName() {
				pairs = append(pairs, path, m.publicName())
			}
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
