package chat

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// python returns an interpreter that has transformers. Without one the test is
// skipped, or fails where LUTH_REQUIRE_TOOLS is 1.
func python(t *testing.T) string {
	t.Helper()
	path := os.Getenv("LUTH_PYTHON")
	if path == "" {
		path = "python3"
	}
	out, err := exec.Command(path, "-c", "import jinja2, transformers; assert jinja2.__version__ >= '3.1.6'").CombinedOutput()
	if err == nil {
		return path
	}
	message := fmt.Sprintf("SKIPPED: %s has no Python packages transformers and jinja2 >= 3.1.6 (%v %s); set LUTH_PYTHON to one that has", path, err, out)
	if os.Getenv("LUTH_REQUIRE_TOOLS") == "1" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// Conversations that nobody has seen before give what transformers gives, with every template. The seed is printed.
func TestJudge(t *testing.T) {
	interpreter := python(t)
	seed := time.Now().UnixNano() % 1_000_000
	if s := os.Getenv("LUTH_SEED"); s != "" {
		fmt.Sscan(s, &seed)
	}
	t.Logf("seed %d; set LUTH_SEED to repeat it", seed)
	conversations, err := exec.Command(interpreter, "testdata/conversations.py", fmt.Sprint(seed), "200").Output()
	if err != nil {
		t.Fatal(err)
	}
	templates := testTemplates(t)
	args := []string{"testdata/judge_render.py"}
	for name := range templates {
		if name == "qwen3" {
			args = append(args, qwen3Config)
		} else {
			args = append(args, filepath.Join("testdata/templates", name+".jinja"))
		}
	}
	cmd := exec.Command(interpreter, args...)
	cmd.Stdin = bytes.NewReader(conversations)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(conversations), []byte("\n"))
	answers := bufio.NewScanner(bytes.NewReader(out))
	answers.Buffer(nil, 1<<22)
	n := 0
	for ; answers.Scan(); n++ {
		var answer struct {
			Template string
			goldenRender
		}
		if err := json.Unmarshal(answers.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(answer.Template, ".jinja")
		if name == filepath.Base(qwen3Config) {
			name = "qwen3"
		}
		checkRender(t, name, templates[name], lines[n%len(lines)], answer.goldenRender)
	}
	if n != len(lines)*len(templates) {
		t.Fatalf("the judge rendered %d texts of %d", n, len(lines)*len(templates))
	}
}
