package merge

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// card writes README.md. The front matter is what the Hub reads:
// https://huggingface.co/docs/hub/model-cards
func (m *Manifest) card(p *mergePlan, config []byte) []byte {
	var bases, names []string
	for _, in := range p.inputs {
		names = append(names, in.publicName())
		if in.onHub() {
			bases = append(bases, in.ref.Path)
		}
	}
	front := yaml.MapSlice{}
	if len(bases) > 0 {
		front = append(front, yaml.MapItem{Key: "base_model", Value: bases})
	}
	front = append(front, yaml.MapItem{Key: "library_name", Value: "transformers"}, yaml.MapItem{Key: "tags", Value: []string{"merge", "luth"}})
	head, err := yaml.Marshal(front)
	if err != nil {
		head = nil // texts and lists of texts can be encoded
	}
	method := p.doc.Method
	var b bytes.Buffer
	fmt.Fprintf(&b, "---\n%s---\n\n# Merge of %s\n\nMade by luth %s with the method %s (%s): %s\n", head, enumerate(names), m.Luth, method.Name, method.Source, strings.ToLower(method.Doc[:1])+method.Doc[1:])
	b.WriteString("\n| model | part |\n|---|---|\n")
	for _, in := range p.inputs {
		fmt.Fprintf(&b, "| %s | %s |\n", cell(in.publicName()), p.part(in))
	}
	if m.Seed != nil {
		fmt.Fprintf(&b, "\nElements were dropped at random with the seed %d.\n", *m.Seed)
	}
	fence := "```"
	text := strings.TrimSpace(p.public(string(config)))
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(&b, "\n## Configuration\n\nIn mergekit's format, also in `mergekit_config.yml`:\n\n%syaml\n%s\n%s\n", fence, text, fence)
	fmt.Fprintf(&b, "\nThe SHA-256 of every file that went in and came out is in `%s`.\n", manifestName)
	return b.Bytes()
}

// part says what a model was for.
func (p *mergePlan) part(m *model) string {
	var parts []string
	if p.doc.Base != nil && m.ref.same(*p.doc.Base) {
		parts = append(parts, "base")
	}
	if slices.ContainsFunc(p.doc.sources(), func(s Source) bool { return s.Model.same(m.ref) }) && len(parts) == 0 {
		parts = append(parts, "merged")
	}
	if m == p.donor {
		parts = append(parts, "config.json")
	}
	if m == p.tokens {
		parts = append(parts, "tokenizer")
	}
	return strings.Join(parts, ", ")
}

// enumerate writes "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// cell makes a value safe for a Markdown table.
func cell(value string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(value)
}
