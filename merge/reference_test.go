package merge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// TestHubCache finds a model where `hf download` puts it.
func TestHubCache(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	cache := t.TempDir()
	t.Setenv("HF_HUB_CACHE", cache)
	repo := filepath.Join(cache, "models--Org--Name")
	for _, dir := range []string{"refs", "snapshots"} {
		if err := os.MkdirAll(filepath.Join(repo, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(repo, "refs", "main"), []byte("abc123"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename("a", filepath.Join(repo, "snapshots", "abc123")); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"Org/Name", "Org/Name@abc123"} {
		out := []string{"first", "second"}[i]
		config := strings.Replace(slerpText, "- model: a\n", "- model: "+name+"\n", 1)
		if err := tryMerge(t, config, out, Options{}); err != nil {
			t.Fatal(err)
		}
		card, err := os.ReadFile(filepath.Join(out, "README.md"))
		if err != nil || !strings.Contains(string(card), "base_model:\n- Org/Name\n") || strings.Contains(string(card), cache) {
			t.Errorf("%v: the card is\n%s", err, card)
		}
	}
	for name, want := range map[string]string{
		"Org/Name@nosuch": "no snapshot of revision nosuch", "Org/Name@../x": "is not a revision", "Org/Other": "download it first, for example: hf download Org/Other",
	} {
		err := planText(strings.Replace(slerpText, "- model: a\n", "- model: "+name+"\n", 1), false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// TestBesideTheConfiguration finds a model in the folder of the configuration.
func TestBesideTheConfiguration(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	dir := mustAbs(t, ".")
	chdir(t, t.TempDir())
	plan, err := Prepare([]byte(slerpText), dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	if notes := strings.Join(plan.Notes(), "\n"); !strings.Contains(notes, "a: found beside the configuration, not in the working directory") {
		t.Errorf("the notes are %s", notes)
	}
}
