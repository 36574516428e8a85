package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// python returns an interpreter that has the package `datasets`. Without one
// the test is skipped, or fails where LUTH_REQUIRE_TOOLS is 1.
func python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("LUTH_PYTHON")
	if path == "" {
		path = "python3"
	}
	out, err := exec.Command(path, "-c", "import datasets").CombinedOutput()
	if err == nil {
		return path
	}
	message := fmt.Sprintf("SKIPPED: %s has no Python package `datasets` (%v %s); set LUTH_PYTHON to one that has", path, err, out)
	if os.Getenv("LUTH_REQUIRE_TOOLS") == "1" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

type judged struct {
	Version string
	Splits  map[string]struct {
		Rows            int64
		Digest          string
		NumBytes        int64           `json:"num_bytes"`
		CardNumBytes    int64           `json:"card_num_bytes"`
		CardNumExamples int64           `json:"card_num_examples"`
		Features        json.RawMessage `json:"features"`
	}
}

func judge(t *testing.T, interpreter, dir string) (report judged) {
	t.Helper()
	cmd := exec.Command(interpreter, "testdata/judge_datasets.py", dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &report)
	}
	if err != nil {
		t.Fatalf("judge %s: %v\n%s", dir, err, out)
	}
	return report
}

// rowsDigest is the judge's row_digest: keys in order, no spaces.
func rowsDigest(t *testing.T, d *Dataset, split string) string {
	t.Helper()
	hash := sha256.New()
	for s, err := range d.Samples(split) {
		if err != nil {
			t.Fatal(err)
		}
		var sorted any
		if err := json.Unmarshal([]byte(sampleJSON(t, s)), &sorted); err != nil {
			t.Fatal(err)
		}
		enc := json.NewEncoder(hash)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(sorted); err != nil {
			t.Fatal(err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// The Python package reads what luth writes: the same rows, the features, and
// the sizes on the card.
func TestPythonDatasetsReads(t *testing.T) {
	interpreter := python(t)
	dir := filepath.Join(t.TempDir(), "set")
	writeTestDataset(t, dir, 300, 20_000)
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	report := judge(t, interpreter, dir)
	if len(report.Splits) != len(d.Manifest.Splits) {
		t.Fatalf("datasets sees the splits %v", report.Splits)
	}
	want := hubSchema(reflect.TypeFor[Sample]())
	for _, split := range d.Manifest.Splits {
		got := report.Splits[split.Name]
		if got.Rows != split.Rows || got.CardNumExamples != split.Rows || got.CardNumBytes != split.ArrowBytes {
			t.Errorf("split %s: %+v, want %+v", split.Name, got, split)
		}
		if digest := rowsDigest(t, d, split.Name); got.Digest != digest {
			t.Errorf("split %s: rows differ: %s, %s", split.Name, got.Digest, digest)
		}
		if off := float64(got.NumBytes)/float64(split.ArrowBytes) - 1; off < -0.02 || off > 0.02 {
			t.Errorf("split %s: num_bytes is %d, datasets measures %d", split.Name, split.ArrowBytes, got.NumBytes)
		}
		t.Logf("datasets %s, split %s: %d rows, num_bytes %d (card %d)", report.Version, split.Name, got.Rows, got.NumBytes, got.CardNumBytes)
		if features := fmt.Sprintf(`{"info": {"features": %s}}`, got.Features); !sameJSON(t, features, want) {
			t.Errorf("features: %s, want %s", features, want)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}
