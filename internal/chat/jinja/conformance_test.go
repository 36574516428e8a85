package jinja

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// The clock of testdata/hf_template.py.
var testNow = time.Date(2024, 7, 26, 8, 5, 9, 0, time.UTC)

type conformanceCase struct {
	Template  string
	Vars      json.RawMessage
	Out       *string
	Error     string
	Generated [][2]int
}

func readConformance(t testing.TB) (vars map[string]Value, cases []conformanceCase) {
	t.Helper()
	f, err := os.Open("testdata/conformance.jsonl.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(zr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c conformanceCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if vars == nil {
			vars = testVars(t, c.Vars)
			continue
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil || len(cases) < 500 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	return vars, cases
}

func testVars(t testing.TB, data []byte) map[string]Value {
	t.Helper()
	v, err := FromJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	vars := make(map[string]Value)
	v.(*Dict).All(func(key string, v Value) { vars[key] = v })
	return vars
}

// Small templates give what jinja2 gives, byte for byte, or are refused.
// Refused is only what is listed here, or what jinja2 refuses, too.
func TestConformance(t *testing.T) {
	vars, cases := readConformance(t)
	refused := 0
	for _, c := range cases {
		given := vars
		if c.Vars != nil {
			given = testVars(t, c.Vars)
		}
		var got Result
		tmpl, err := Parse(c.Template)
		if err == nil {
			got, err = tmpl.Render(given, Options{Now: testNow})
		}
		switch {
		case err == nil && c.Out == nil:
			t.Errorf("%s\n got %q\nwant an error: %s", c.Template, got.Text, c.Error)
		case err == nil && got.Text != *c.Out:
			t.Errorf("%s\n got %q\nwant %q", c.Template, got.Text, *c.Out)
		case err == nil && len(got.Generated) != len(c.Generated):
			t.Errorf("%s\n generated %v, want %v", c.Template, got.Generated, c.Generated)
		case err == nil:
			for i, r := range got.Generated {
				if r != (Range{c.Generated[i][0], c.Generated[i][1]}) {
					t.Errorf("%s\n generated %v, want %v", c.Template, got.Generated, c.Generated)
				}
			}
		case c.Out != nil && unsupported[c.Template]:
			refused++
		case c.Out != nil:
			t.Errorf("%s\n got error %v\nwant %q", c.Template, err, *c.Out)
		}
	}
	if refused != len(unsupported) {
		t.Errorf("%d of %d unsupported templates were refused", refused, len(unsupported))
	}
}

// unsupported are the templates that jinja2 runs and this package refuses.
var unsupported = map[string]bool{
	"{{ s.__class__ }}": true,
	"{{ s.encode() }}":  true,
}
