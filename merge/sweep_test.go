package merge

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/safetensors"
)

// TestSweep compares its results with merges one by one.
func TestSweep(t *testing.T) {
	inTinyModels(t, safetensors.BF16)
	for _, c := range []struct{ sweep, config string }{
		{"t=0.3:0.9:0.2", "# kept\n" + slerpText},
		{"t=0.25,1", strings.Replace(slerpText, "parameters: {t: 0.7}\n", "", 1)},
		{"lambda=0.5,1", "merge_method: ties\nbase_model: base\nmodels: [{model: a, parameters: {weight: 1, density: 0.3}}, {model: c, parameters: {weight: 1, density: 0.3}}]\nparameters: {normalize: true}\n"},
		{"density=0.2,0.5,1", "merge_method: della\nbase_model: base\nmodels: [{model: a}, {model: c}]\nparameters: {weight: 1, epsilon: 0.1}\n"},
	} {
		s, err := ParseSweep(c.sweep)
		if err != nil {
			t.Fatal(err)
		}
		out := t.TempDir()
		reports, err := RunSweep(t.Context(), []byte(c.config), s, out, ".", Options{Workers: 2, Seed: 9, Stderr: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		if len(reports) != len(s.Values) {
			t.Errorf("%d results of %d", len(reports), len(s.Values))
		}
		// A sweep that was stopped makes what is missing.
		if err := os.RemoveAll(reports[1].Output); err != nil {
			t.Fatal(err)
		}
		again, err := RunSweep(t.Context(), []byte(c.config), s, out, ".", Options{Workers: 2, Seed: 9, Stderr: io.Discard})
		if err != nil || len(again) != 1 || again[0].Output != reports[1].Output {
			t.Errorf("the second run made %d results, %v", len(again), err)
		}
		for i, v := range s.Values {
			text, err := os.ReadFile(filepath.Join(reports[i].Output, "mergekit_config.yml"))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(c.config, "# kept") && !strings.Contains(string(text), "# kept") || !strings.Contains(string(text), s.Parameter+": "+v) {
				t.Errorf("the configuration of %s is\n%s", v, text)
			}
			alone := filepath.Join(t.TempDir(), "alone")
			if err := tryMerge(t, string(text), alone, Options{Seed: 9}); err != nil {
				t.Fatal(err)
			}
			if manifestOf(t, alone) != manifestOf(t, reports[i].Output) {
				t.Errorf("%s = %s: the result of the sweep differs from the merge alone", s.Parameter, v)
			}
		}
	}
}

func TestWrongSweeps(t *testing.T) {
	for _, text := range []string{"", "t", "t=", "=1", "t=a", "t=0:1", "t=1:0:0.1", "t=0:1:0", "t=0:1:-1", "t=0:1:1e-9", "t=1,1", "t=.inf", "t=0:1e300:1"} {
		if s, err := ParseSweep(text); err == nil {
			t.Errorf("%q gives %v", text, s)
		}
	}
	s, err := ParseSweep("t=0.3:0.9:0.1")
	if err != nil || strings.Join(s.Values, " ") != "0.3 0.4 0.5 0.6 0.7 0.8 0.9" {
		t.Errorf("got %v, %v", s, err)
	}
	inTinyModels(t, safetensors.BF16)
	for text, want := range map[string]string{
		"x=1,2":       `slerp has no parameter "x" to vary`,
		"t=0.5,7":     "t is 7, outside 0 to 1",
		"weight=0.5,": "", // a value is empty
	} {
		s, err := ParseSweep(text)
		if err == nil {
			_, err = RunSweep(t.Context(), []byte(slerpText), s, t.TempDir(), ".", Options{Workers: 1, Stderr: io.Discard})
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: the error is %v, want %s", text, err, want)
		}
	}
}
