// Package ifevaltest gives tests the prompts, responses and verdicts of IFEval
// and M-IFEval that lie in shared/data/eval/ifeval, beside the repository.
package ifevaltest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Rows calls f with each row of a file of JSON lines. Without the file it
// skips the test, or fails it where LUTH_REQUIRE_TOOLS is 1.
func Rows[T any](tb testing.TB, name string, f func(T)) {
	tb.Helper()
	file, err := os.Open(filepath.Join(folder(tb), name))
	switch {
	case err != nil && os.Getenv("LUTH_REQUIRE_TOOLS") == "1":
		tb.Fatalf("needs shared/data (set LUTH_SHARED to the folder that holds data): %v", err)
	case err != nil:
		tb.Skipf("skipped: needs shared/data (set LUTH_SHARED to the folder that holds data): %v", err)
	}
	defer file.Close()
	var in io.Reader = bufio.NewReader(file)
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(in); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
	}
	for decoder := json.NewDecoder(in); decoder.More(); {
		var row T
		if err := decoder.Decode(&row); err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		f(row)
	}
}

// folder returns where the files are: LUTH_SHARED, or shared beside the
// repository.
func folder(tb testing.TB) string {
	tb.Helper()
	shared := os.Getenv("LUTH_SHARED")
	if shared == "" {
		root, err := filepath.Abs(".")
		if err != nil {
			tb.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || root == filepath.Dir(root) {
				break
			}
			root = filepath.Dir(root)
		}
		shared = filepath.Join(filepath.Dir(root), "shared")
	}
	return filepath.Join(shared, "data", "eval", "ifeval")
}

// Prompt is a row of mifeval_{en,fr}_input_data.jsonl, without its arguments.
type Prompt struct {
	Key          int      `json:"key"`
	Text         string   `json:"prompt"`
	Instructions []string `json:"instruction_id_list"`
}

// Response is a row of mifeval_{en,fr}_outputs_verdicts.jsonl.gz: what a model
// answered, and what the authors' code says of it, by instruction.
type Response struct {
	Model         string `json:"model"`
	Key           int    `json:"key"`
	Text          string `json:"response"`
	Strict        []bool `json:"rerun_strict"`
	Loose         []bool `json:"rerun_loose"`
	Deterministic []bool `json:"deterministic"` // four seeds of langdetect agree
}
