package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/kurakurai/luth/internal/chat/jinja"
)

// Files that hold chat templates, as transformers names them.
const (
	configName     = "tokenizer_config.json"
	templateName   = "chat_template.jinja"
	legacyName     = "chat_template.json"
	additionalName = "additional_chat_templates"

	maxConfig    = 32 << 20
	maxTemplate  = 1 << 20
	maxTemplates = 64
)

// tokenNames are the special tokens that templates see as variables.
var tokenNames = []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}

// Config is what a tokenizer says about chats.
type Config struct {
	Templates map[string]string // by name; a single one is "default"
	Tokens    map[string]string // special tokens by their names, such as eos_token
}

// ReadConfig reads the chat templates and special tokens of a model. path is
// its folder, its tokenizer_config.json, a chat_template.jinja or a
// chat_template.json. As in transformers, a chat_template.jinja beside a
// tokenizer_config.json comes before what that says.
func ReadConfig(path string) (*Config, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	dir, name := filepath.Split(path)
	if info.IsDir() {
		dir, name = path, ""
	}
	c := &Config{Templates: make(map[string]string), Tokens: make(map[string]string)}
	switch {
	case strings.HasSuffix(name, ".jinja"):
		if err := c.readTokens(filepath.Join(dir, configName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return c, c.readTemplate("default", path)
	case name == legacyName:
		if err := c.readTokens(filepath.Join(dir, configName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return c, c.readLegacy(path)
	case name == "":
		name = configName
	}
	if err := c.readFolder(dir, name); err != nil {
		return nil, err
	}
	if len(c.Templates) == 0 {
		return nil, fmt.Errorf("%s has no chat_template, and no %s lies beside it: name a file that has one", filepath.Join(dir, name), templateName)
	}
	return c, nil
}

func (c *Config) readFolder(dir, name string) error {
	raw, err := c.readJSON(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	if err := c.setTokens(raw, name); err != nil {
		return err
	}
	if err := c.setTemplates(raw["chat_template"], name); err != nil {
		return err
	}
	err = c.readTemplate("default", filepath.Join(dir, templateName))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = c.readAdditional(filepath.Join(dir, additionalName))
	}
	if err == nil && len(c.Templates) == 0 {
		if err = c.readLegacy(filepath.Join(dir, legacyName)); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return err
}

func readCapped(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes: it is no file of this kind", path, limit)
	}
	return data, nil
}

func (c *Config) readJSON(path string) (map[string]json.RawMessage, error) {
	data, err := readCapped(path, maxConfig)
	if err != nil {
		return nil, err
	}
	return parseConfig(data, path)
}

func parseConfig(data []byte, path string) (raw map[string]json.RawMessage, err error) {
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return raw, nil
}

func (c *Config) readTokens(path string) error {
	raw, err := c.readJSON(path)
	if err != nil {
		return err
	}
	return c.setTokens(raw, path)
}

// setTokens takes tokens that are strings, or objects with their content.
func (c *Config) setTokens(raw map[string]json.RawMessage, file string) error {
	for _, name := range tokenNames {
		value, ok := raw[name]
		if !ok || string(value) == "null" {
			continue
		}
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			var added struct{ Content *string }
			if err := json.Unmarshal(value, &added); err != nil || added.Content == nil {
				return fmt.Errorf("%s: %s is neither a string nor an object with a string content", file, name)
			}
			text = *added.Content
		}
		c.Tokens[name] = text
	}
	return nil
}

// setTemplates takes one template, or a list of named ones.
func (c *Config) setTemplates(raw json.RawMessage, file string) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var one string
	if json.Unmarshal(raw, &one) == nil {
		c.Templates["default"] = one
		return nil
	}
	var named []struct{ Name, Template *string }
	if err := json.Unmarshal(raw, &named); err != nil {
		return fmt.Errorf("%s: chat_template is neither a string nor a list of objects with name and template", file)
	}
	if len(named) > maxTemplates {
		return fmt.Errorf("%s: chat_template lists %d templates; at most %d are read", file, len(named), maxTemplates)
	}
	for i, t := range named {
		if t.Name == nil || t.Template == nil {
			return fmt.Errorf("%s: chat_template[%d] needs name and template", file, i)
		}
		c.Templates[*t.Name] = *t.Template
	}
	return nil
}

func (c *Config) readTemplate(name, path string) error {
	data, err := readCapped(path, maxTemplate)
	if err != nil {
		return err
	}
	c.Templates[name] = string(data)
	return nil
}

func (c *Config) readAdditional(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.jinja"))
	if err != nil {
		return err
	}
	if len(files) > maxTemplates {
		return fmt.Errorf("%s has %d templates; at most %d are read", dir, len(files), maxTemplates)
	}
	for _, file := range files {
		if err := c.readTemplate(strings.TrimSuffix(filepath.Base(file), ".jinja"), file); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) readLegacy(path string) error {
	raw, err := c.readJSON(path)
	if err != nil {
		return err
	}
	if err := c.setTemplates(raw["chat_template"], path); err != nil {
		return err
	}
	if len(c.Templates) == 0 {
		return fmt.Errorf("%s has no chat_template: name a file that has one", path)
	}
	return nil
}

// Template compiles the template of the given name. Without a name it is
// "default", or "tool_use", where there is one, for conversations with tools.
func (c *Config) Template(name string) (*Template, error) {
	wanted := name
	if name == "" {
		wanted = "default"
	}
	source, ok := c.Templates[wanted]
	if !ok {
		names := make([]string, 0, len(c.Templates))
		for n := range c.Templates {
			names = append(names, n)
		}
		sort.Strings(names)
		return nil, fmt.Errorf("there is no chat template %q: choose one of %s", wanted, strings.Join(names, ", "))
	}
	t, err := New(source, c.Tokens)
	if err != nil {
		return nil, fmt.Errorf("chat template %q: %w", wanted, err)
	}
	if source, ok := c.Templates["tool_use"]; ok && name == "" {
		if t.withTools, err = jinja.Parse(source); err != nil {
			return nil, fmt.Errorf(`chat template "tool_use": %w`, err)
		}
	}
	return t, nil
}

// Load reads the chat template of a model, as ReadConfig and Template do.
func Load(path string) (*Template, error) {
	c, err := ReadConfig(path)
	if err != nil {
		return nil, fmt.Errorf("load the chat template: %w", err)
	}
	t, err := c.Template("")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}
