package jsonrepair

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestRepair(t *testing.T) {
	tests := []struct {
		name, in, want string // want is the value of "a"
		repairs        string
	}{
		{"valid", `{"a": "x\ny \"q\" \\frac{1}{2} \u00e9"}`, "x\ny \"q\" \\frac{1}{2} é", ""},
		{"frac", `{"a": "$\frac{a}{b}$"}`, `$\frac{a}{b}$`, "escaped the backslash of 1 LaTeX macros"},
		{"theta times text", `{"a": "\theta \times \text{si}"}`, `\theta \times \text{si}`, "escaped the backslash of 3 LaTeX macros"},
		{"beta rho nabla neq", `{"a": "\beta_1 \rho \nabla f \neq 0"}`, `\beta_1 \rho \nabla f \neq 0`, "escaped the backslash of 4 LaTeX macros"},
		{"with others", `{"a": "\alpha \nu = \sqrt{2} \to 0"}`, `\alpha \nu = \sqrt{2} \to 0`, "escaped the backslash of 4 LaTeX macros"},
		{"newline", `{"a": "une\nu vaut 2\tan 2000\nne change"}`, "une\nu vaut 2\tan 2000\nne change", ""},
		{"newline among macros", `{"a": "$\alpha$\nne change\nu_n croît\nu est là"}`, "$\\alpha$\nne change\nu_n croît\nu est là", "escaped the backslash of 1 LaTeX macros"},
		{"line break", `{"a": "\begin{cases} x \\ y \\z \alpha \end{cases}"}`, `\begin{cases} x \\ y \\z \alpha \end{cases}`, "escaped the backslash of 5 LaTeX macros"},
		{"half escaped", `{"a": "\\alpha \sqrt{2}"}`, `\alpha \sqrt{2}`, "escaped the backslash of 1 LaTeX macros"},
		{"parentheses", `{"a": "\(x\) \[y\] \{z\} \,"}`, `\(x\) \[y\] \{z\} \,`, "escaped 7 other backslashes"},
		{"control characters", "{\"a\": \"\\\\x \frac{1}{2} \bar{x} x\x01y\"}", "\\x \\frac{1}{2} \\bar{x} x\x01y", "escaped the backslash of 2 LaTeX macros, escaped 1 control characters in strings"},
		{"raw newline", "{\"a\": \"x\n\ty\"}", "x\n\ty", "escaped 2 control characters in strings"},
		{"fence", "```json\n{\"a\": \"x\"}\n```", "x", "removed the fence around it"},
		{"words", "Voici le JSON :\n{\"a\": \"x\"}\nVoilà.", "x", "removed the words before it, removed the words after it"},
		{"commas", `{"b": [1, 2,], "a": "x,]",}`, "x,]", "removed 2 commas before a closing bracket"},
		{"UTF-8", "{\"a\": \"x\xff\"}", "x\ufffd", "replaced 1 bytes that are no UTF-8"},
		{"byte order mark", "\ufeff{\"a\": \"x\"}", "x", ""},
	}
	for _, test := range tests {
		got, repairs, err := Repair(test.in)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var value struct {
			A string `json:"a"`
		}
		if err := json.Unmarshal([]byte(got), &value); err != nil || value.A != test.want {
			t.Errorf("%s: %s is %q, want %q (%v)", test.name, got, value.A, test.want, err)
		}
		if said := strings.Join(repairs, ", "); said != test.repairs {
			t.Errorf("%s: says %q, want %q", test.name, said, test.repairs)
		}
	}
}

func TestRepairDeclines(t *testing.T) {
	for _, text := range []string{`{"a": "x`, `{"a": "x"`, `[1, 2`, `{"a": "x\`, "```json\n{\"a\": [1,"} {
		if got, _, err := Repair(text); !errors.Is(err, ErrCut) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "rien", `{"a" "b"}`, `{a: 1}`, `{"a": tru}`, "]["} {
		if got, _, err := Repair(text); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// decode returns the value of JSON, numbers as they are written.
func decode(text string) (value any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	err = d.Decode(&value)
	return value, err
}

// FuzzRepair holds that what comes out is valid, that mending it again changes
// nothing, and that valid JSON without the remains of a macro keeps its
// meaning.
func FuzzRepair(f *testing.F) {
	for _, s := range []string{`{"a": "\frac{1}{2} \alpha \nu_n"}`, "```json\n{\"a\": [1,]}\n```", `{"a": "x`, `["\\", "\u00e9\t"]`, "1E0100000", "{\"a\":\"\f\b\n\"}", `"\theta"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, repairs, err := Repair(text)
		if err != nil {
			return
		}
		value, err := decode(got)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		again, repeated, err := Repair(got)
		if err != nil || again != got || len(repeated) > 0 {
			t.Errorf("%q became %q, then %q: %v %v", text, got, again, repeated, err)
		}
		if before, err := decode(text); err == nil && len(repairs) == 0 && !reflect.DeepEqual(before, value) {
			t.Errorf("%q changed its meaning: %q", text, got)
		}
	})
}

// FuzzValid holds that JSON of any strings comes back with their meaning, if
// it has no control character before the rest of a macro.
func FuzzValid(f *testing.F) {
	f.Add("a\nb", "\\frac \\nu u_n\nu_n")
	f.Add("\\\\ x \\( y", "\u2028\x00\"")
	f.Fuzz(func(t *testing.T, a, b string) {
		in, err := json.Marshal([]string{a, b})
		if err != nil {
			t.Fatal(err)
		}
		got, repairs, err := Repair(string(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if got == string(in) {
			return
		}
		if !strings.ContainsAny(a+b, "\b\f\n\r\t") || !strings.HasPrefix(strings.Join(repairs, ""), "escaped the backslash of") {
			t.Errorf("%s became %s: %v", in, got, repairs)
		}
	})
}

func BenchmarkRepair(b *testing.B) {
	text := `{"a": "` + strings.Repeat(`Soit $\frac{a}{b}$ et \theta une suite.\n`, 60) + `"}`
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, _, err := Repair(text); err != nil {
			b.Fatal(err)
		}
	}
}
