package dataset

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

const maxRecipeBytes = 1 << 20

// A Recipe says how a dataset is made: which stages, in which order, with
// which parameters.
type Recipe struct {
	Name   string `yaml:"name"`
	Output string `yaml:"output"` // the dataset directory; out/NAME when empty
	Work   string `yaml:"work"`   // what the stages write; out/work/NAME when empty
	// Input is what the first stage reads, for recipes that do not begin with a
	// crawl: anything OpenAny takes.
	Input string `yaml:"input"`
	// Tokenizer is a tokenizer.json with which tokens are counted; none when
	// empty. ReadRecipe makes a relative path start at the recipe's folder.
	Tokenizer string      `yaml:"tokenizer"`
	Card      Card        `yaml:"card"`
	Stages    []StageCall `yaml:"stages"`

	// Rehearsal makes stages that ask a language model ask luth's own fake
	// server, and marks the result.
	Rehearsal bool `yaml:"rehearsal"`
}

// StageCall is one entry of a recipe's stages: `name: parameters`.
type StageCall struct {
	Name   string
	Params Params
}

// UnmarshalYAML reads a mapping with one key, or only a name.
func (c *StageCall) UnmarshalYAML(node ast.Node) error {
	switch n := node.(type) {
	case *ast.StringNode:
		c.Name = n.Value
		return nil
	case *ast.MappingNode:
		if len(n.Values) == 1 {
			c.Name, c.Params = n.Values[0].Key.String(), Params{n.Values[0].Value}
			return nil
		}
	}
	return &yaml.SyntaxError{
		Message: "a stage is one name with its parameters, such as `- align: {threshold: 0.6}`",
		Token:   node.GetToken(),
	}
}

// ReadRecipe reads a recipe file. Unknown keys are errors; errors quote the
// line.
func ReadRecipe(path string) (*Recipe, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRecipeBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read recipe %s: %w", path, err)
	}
	r, err := ParseRecipe(text)
	if err != nil {
		return nil, fmt.Errorf("read recipe %s: %w", path, err)
	}
	if r.Tokenizer != "" && !filepath.IsAbs(r.Tokenizer) {
		r.Tokenizer = filepath.Join(filepath.Dir(path), r.Tokenizer)
	}
	return r, nil
}

var recipeName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]*$`)

// ParseRecipe reads a recipe from YAML text and fills in the paths it leaves
// out.
func ParseRecipe(text []byte) (*Recipe, error) {
	if len(text) > maxRecipeBytes {
		return nil, fmt.Errorf("it is longer than %d MiB", maxRecipeBytes>>20)
	}
	var r Recipe
	if err := yaml.UnmarshalWithOptions(text, &r, yaml.Strict()); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !recipeName.MatchString(r.Name) {
		return nil, fmt.Errorf("name: %q must be made of letters, digits, . _ and -", r.Name)
	}
	if len(r.Stages) == 0 {
		return nil, errors.New("stages: there are none, so there is nothing to build")
	}
	if r.Output == "" {
		r.Output = filepath.Join("out", r.Name)
	}
	if r.Work == "" {
		r.Work = filepath.Join("out", "work", r.Name)
	}
	if r.Card.PrettyName == "" {
		r.Card.PrettyName = r.Name
	}
	return &r, nil
}

// Hash returns a hex hash of what decides the result: name, card, whether
// it is a rehearsal, and stages with their parameters, but not the paths. Of
// the tokenizer the manifest has a hash of its own.
func (r *Recipe) Hash() (string, error) {
	parts := []string{r.Name, fmt.Sprintf("%q", r.Card)}
	if r.Rehearsal {
		parts = append(parts, RehearsalModel)
	}
	for _, call := range r.Stages {
		params, err := call.Params.Hash()
		if err != nil {
			return "", fmt.Errorf("stage %s: %w", call.Name, err)
		}
		parts = append(parts, call.Name, params)
	}
	return hashOf(parts...), nil
}

// resolve finds the stage of every call.
func (r *Recipe) resolve(stages []Stage) ([]Stage, error) {
	found := make([]Stage, len(r.Stages))
	for i, call := range r.Stages {
		names := make([]string, len(stages))
		for j, s := range stages {
			names[j] = s.Name
			if s.Name == call.Name {
				found[i] = s
			}
		}
		if found[i].Run == nil {
			return nil, fmt.Errorf("recipe %s: unknown stage %q; the stages are %s", r.Name, call.Name, strings.Join(names, ", "))
		}
	}
	return found, nil
}
