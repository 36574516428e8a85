package translate

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// The prompts are files that never change once they are released: a new
// wording is a new version.
//
//go:embed prompts
var promptFiles embed.FS

// Prompt is a prompt file: sections of text with {{holes}}.
type Prompt struct {
	Name     string // translate/v1, or a path
	Hash     string // hex SHA-256 of the file
	sections map[string]string
}

const maxPromptBytes = 1 << 20

// LoadPrompt returns the prompt that comes with luth under name, such as
// translate/v1, or, for a name that ends in .txt, the one in that file. It must
// have the wanted sections.
func LoadPrompt(name string, wanted ...string) (Prompt, error) {
	text, err := readPrompt(name)
	if err != nil {
		return Prompt{}, err
	}
	sum := sha256.Sum256(text)
	p := Prompt{Name: name, Hash: hex.EncodeToString(sum[:]), sections: sections(string(text))}
	for _, section := range wanted {
		if p.sections[section] == "" {
			return Prompt{}, fmt.Errorf("prompt %s has no section %q; a section begins with a line `=== %s`", name, section, section)
		}
	}
	return p, nil
}

func readPrompt(name string) ([]byte, error) {
	if !strings.HasSuffix(name, ".txt") {
		text, err := promptFiles.ReadFile("prompts/" + name + ".txt")
		if err != nil {
			return nil, fmt.Errorf("there is no prompt %q; there are %s, or give the path of a .txt file", name, strings.Join(promptNames(), ", "))
		}
		return text, nil
	}
	if info, err := os.Stat(name); err == nil && info.Size() > maxPromptBytes {
		return nil, fmt.Errorf("prompt %s is longer than %d MiB", name, maxPromptBytes>>20)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read prompt: %w", err)
	}
	return text, nil
}

func promptNames() (names []string) {
	_ = fs.WalkDir(promptFiles, "prompts", func(path string, d fs.DirEntry, err error) error { // an embedded tree has no errors
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(path, "prompts/"), ".txt"))
		}
		return nil
	})
	return names
}

// sections cuts a prompt file at lines `=== name`. What stands before the
// first is a comment. The last line break of a section does not belong to it.
func sections(text string) map[string]string {
	found := map[string]string{}
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	parts := strings.Split("\n"+text, "\n=== ")
	for _, part := range parts[1:] {
		name, body, _ := strings.Cut(part, "\n")
		found[strings.TrimSpace(name)] = body
	}
	return found
}

// fill returns a section with its holes filled, given as name and value in
// turn. Values are not looked at again: a hole in a value stays as it is.
func (p Prompt) fill(section string, values ...string) string {
	pairs := make([]string, len(values))
	for i := range values {
		if pairs[i] = values[i]; i%2 == 0 {
			pairs[i] = "{{" + values[i] + "}}"
		}
	}
	return strings.NewReplacer(pairs...).Replace(p.sections[section])
}

// freshTag returns a tag that text does not hold, so that nothing in the text
// can end it.
func freshTag(text string) string {
	tag := "source"
	for n := 2; strings.Contains(text, "<"+tag) || strings.Contains(text, "</"+tag); n++ {
		tag = fmt.Sprintf("source-%d", n)
	}
	return tag
}
