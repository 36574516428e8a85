package merge

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Reference names a model: a folder, a model of the Hub, or an earlier
// document.
type Reference struct {
	Line     int
	Path     string
	Revision string
}

func (r Reference) String() string {
	if r.Revision == "" {
		return r.Path
	}
	return r.Path + "@" + r.Revision
}

func (r *Reference) same(o Reference) bool { return r.Path == o.Path && r.Revision == o.Revision }

func (c *reader) requiredReference(item *node, where string) Reference {
	n := item.get("model")
	if n == nil {
		c.wrong(item.line, "%s has no model", where)
		return Reference{}
	}
	return c.reference(n, "model")
}

func (c *reader) optionalReference(n *node, where string) *Reference {
	if n == nil || n.kind == nothing {
		return nil
	}
	r := c.reference(n, where)
	if r.Path == "" {
		return nil
	}
	return &r
}

// reference reads "path", "path@revision", or the mapping {model: {path,
// revision}}. LoRA adapters are refused.
func (c *reader) reference(n *node, where string) Reference {
	r := Reference{Line: n.line}
	switch n.kind {
	case mapping:
		c.keys(n, where, []string{"model", "lora", "override_architecture"})
		if lora := n.get("lora"); lora != nil && lora.kind != nothing {
			c.refuseLoRA(lora.line)
		}
		if o := n.get("override_architecture"); o != nil && o.kind != nothing {
			c.note(o.line, "override_architecture has no effect: luth plans from the names of tensors")
		}
		inner := n.get("model")
		switch {
		case inner == nil:
			c.wrong(n.line, "%s: the mapping has no model", where)
		case inner.kind == mapping:
			c.keys(inner, where, []string{"path", "revision"})
			r.Path, r.Revision = c.text(inner.get("path"), "path"), c.text(inner.get("revision"), "revision")
		default:
			r.Path = c.text(inner, where)
		}
	case text, number, boolean:
		r.Path = n.text
		if path, _, ok := strings.Cut(r.Path, "+"); ok && !isDir(r.Path) {
			c.refuseLoRA(n.line)
			r.Path = path
		}
		if path, revision, ok := strings.Cut(r.Path, "@"); ok && !isDir(r.Path) {
			if path == "" || revision == "" || strings.Contains(revision, "@") {
				c.wrong(n.line, "%s: %q is not path@revision", where, abridge(n.text))
			}
			r.Path, r.Revision = path, revision
		}
	}
	if r.Path == "" {
		c.wrong(n.line, "%s names no model", where)
	} else if strings.ContainsAny(r.Path, "\x00\n") {
		c.wrong(n.line, "%s: %q is not a path", where, abridge(r.Path))
		r.Path = ""
	}
	return r
}

func (c *reader) refuseLoRA(line int) {
	c.wrong(line, "LoRA adapters are not applied here; merge the adapter into its model first (peft: merge_and_unload, save_pretrained) and name the folder that makes")
}

// hubID matches what may be an id on the Hub: owner/name.
var hubID = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[\w.-]+$`)

// locate finds the folder of a model: as the path stands, from the folder of
// the configuration, or in the cache of the Hugging Face Hub. The second
// result says where it was found when that is not the first.
func locate(r Reference, configDir string) (dir, how string, err error) {
	if r.Revision == "" {
		if isDir(r.Path) {
			return r.Path, "", nil
		}
		if beside := filepath.Join(configDir, r.Path); !filepath.IsAbs(r.Path) && isDir(beside) {
			return beside, "found beside the configuration, not in the working directory", nil
		}
	}
	if !hubID.MatchString(r.Path) {
		if _, err := os.Stat(r.Path); err == nil {
			return "", "", fmt.Errorf("%s is not a folder; name the folder that holds config.json and the .safetensors files", r)
		}
		return "", "", fmt.Errorf("%s: there is no such folder, neither from the working directory nor beside the configuration", r)
	}
	dir, err = cached(r)
	if err != nil {
		return "", "", fmt.Errorf("%s is neither a folder nor in the Hub's cache (%w); download it first, for example: hf download %s%s", r, err, r.Path, revisionFlag(r))
	}
	return dir, foundInCache, nil
}

const foundInCache = "found in the Hub's cache"

func revisionFlag(r Reference) string {
	if r.Revision == "" {
		return ""
	}
	return " --revision " + r.Revision
}

// cached finds a snapshot in the cache that Hugging Face's tools keep:
// models--OWNER--NAME/refs/REVISION holds the name of a folder in snapshots/.
func cached(r Reference) (string, error) {
	root := hubCache()
	if root == "" {
		return "", errors.New("no home directory")
	}
	repo := filepath.Join(root, "models--"+strings.ReplaceAll(r.Path, "/", "--"))
	revision := r.Revision
	if revision == "" {
		revision = "main"
	}
	if !filepath.IsLocal(revision) {
		return "", fmt.Errorf("%q is not a revision", revision)
	}
	if commit, err := readSmall(filepath.Join(repo, "refs", revision), 1<<10); err == nil {
		revision = strings.TrimSpace(string(commit))
	}
	dir := filepath.Join(repo, "snapshots", revision)
	if !filepath.IsLocal(revision) || !isDir(dir) {
		return "", fmt.Errorf("no snapshot of revision %s", abridge(revision))
	}
	return dir, nil
}

func hubCache() string {
	if dir := os.Getenv("HF_HUB_CACHE"); dir != "" {
		return dir
	}
	if dir := os.Getenv("HF_HOME"); dir != "" {
		return filepath.Join(dir, "hub")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".cache", "huggingface", "hub")
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// readSmall reads a file that must not be longer than limit.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %d bytes; more than %d are not read", path, info.Size(), limit)
	}
	return os.ReadFile(path)
}
