package dataset

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// A Stage is one kind of work that a recipe can name. Packages make them,
// main registers them with NewBuildCommand.
type Stage struct {
	Name    string // the key in a recipe: "align"
	Version string // changes whenever the same input may give another output
	Short   string // one line for --help

	// Always makes the stage run at every build. It is for stages that look
	// at the outside world, such as a crawl; they find out for themselves
	// what is new. Later stages still rest when its fingerprint is the same.
	Always bool

	// NeedsInput says that the stage cannot be a recipe's first unless the
	// recipe names an input.
	NeedsInput bool

	// Check, if set, finds what is wrong with the job without doing it: it
	// decodes the parameters and looks for what the stage needs. It is called
	// for all stages before the first one runs, so job.Input and job.WorkDir
	// may not exist yet.
	Check func(Job) error

	// External, if set, returns a hash of what the stage reads beside its
	// input and parameters, such as files that the parameters name. The stage
	// runs again when it changes.
	External func(Job) (string, error)

	// Run reads job.Input and writes job.Output. A run that was killed is
	// started again with the same job and must come to the same output. It
	// returns ctx's error when stopped.
	Run func(ctx context.Context, job Job) (Outcome, error)
}

// Job is one stage's work in one build.
type Job struct {
	Name    string // of the recipe
	Card    Card
	Params  Params
	Input   string // what the stage before wrote; for the first, the recipe's input, or empty
	WorkDir string // the stage's own folder, which exists and is kept between builds
	Output  string // where to write, WorkDir/out; dataset.Create replaces it as a whole
	Workers int    // goroutines to use; must not change the output

	Rehearsal bool // ask luth's own fake server in place of a language model

	Stderr io.Writer // for progress
}

// Outcome is what a stage did.
type Outcome struct {
	// Fingerprint is a hash of everything in the output. It may be empty
	// when the output is a dataset directory: then it is the manifest's.
	Fingerprint string
	// Balances accounts for what went in. They describe the output, not the
	// run: a build that resumed has the same ones as a build never stopped.
	Balances []Balance
}

// Params are the parameters a recipe gives to a stage.
type Params struct{ node ast.Node }

// ParseParams reads parameters from YAML text, as a recipe would hold them
// under the stage's name.
func ParseParams(text string) (Params, error) {
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return Params{}, err
	}
	if len(file.Docs) == 0 {
		return Params{}, nil
	}
	return Params{file.Docs[0].Body}, nil
}

// Decode stores the parameters in the struct v points to, by its `yaml` tags.
// Keys that v does not have are errors, which quote the line of the recipe.
// Fields that are not given keep what is in v, so defaults are set before.
func (p Params) Decode(v any) error {
	if p.empty() {
		return nil
	}
	return yaml.NodeToValue(p.node, v, yaml.Strict())
}

func (p Params) empty() bool {
	if mapping, ok := p.node.(*ast.MappingNode); ok {
		return len(mapping.Values) == 0
	}
	return p.node == nil || p.node.Type() == ast.NullType
}

// Hash returns a hex hash of the parameters' values; comments, order of keys
// and layout do not matter. It is what Step.Params holds.
func (p Params) Hash() (string, error) {
	if p.empty() {
		return hashOf("null"), nil
	}
	var value any
	if err := yaml.NodeToValue(p.node, &value); err != nil {
		return "", err
	}
	text, err := json.Marshal(value) // keys in order
	if err != nil {
		return "", fmt.Errorf("parameters: %w", err)
	}
	return hashOf(string(text)), nil
}

// hashOf returns the hex SHA-256 of the parts, each with its length.
func hashOf(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%d:%s", len(p), p)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}
