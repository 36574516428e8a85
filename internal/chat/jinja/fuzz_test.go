package jinja

import (
	"strings"
	"testing"
)

// Any template is refused or run, within its budget and without a panic, and
// the record of origins of what it writes is sound.
func FuzzParse(f *testing.F) {
	vars, cases := readConformance(f)
	for _, c := range cases {
		f.Add(c.Template)
	}
	source := " Ab, cD é\n"
	vars["tagged"] = Tag(NewText(source), 1)
	vars["list"] = Tag(NewList(Tag(NewText("x"), 2), NewText("y")), 3)
	f.Fuzz(func(t *testing.T, template string) {
		if len(template) > 2000 {
			return
		}
		template = strings.NewReplacer("{{ s", "{{ tagged", "{{ l", "{{ list").Replace(template)
		tmpl, err := Parse(template)
		if err != nil {
			return
		}
		r, err := tmpl.Render(vars, Options{Steps: 20_000, Bytes: 1 << 20, Now: testNow})
		if err != nil {
			return
		}
		at := 0
		for _, run := range r.Runs {
			if run.Start < at || run.End < run.Start || run.End > len(r.Text) || run.Origin < 1 || run.Origin > 3 {
				t.Fatalf("%q: bad run %+v in %q", template, run, r.Text)
			}
			at = run.End
			if run.Exact && run.Origin == 1 && source[run.Offset:run.Offset+run.End-run.Start] != r.Text[run.Start:run.End] {
				t.Fatalf("%q: run %+v is not exact in %q", template, run, r.Text)
			}
		}
		for _, g := range r.Generated {
			if g.Start > g.End || g.End > len(r.Text) {
				t.Fatalf("%q: bad range %+v", template, g)
			}
		}
	})
}

// Any JSON is refused, or written back as JSON that reads the same.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.5,-0.0,1e400,12345678901234567890,null,true,"\ud83d\ude00\\ud800 é\u0000"]}`))
	f.Add([]byte(`"\ud800"`))
	f.Add([]byte(`\u`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := FromJSON(data)
		if err != nil || strings.ContainsAny(string(data), "eE") { // a float may be infinite, which JSON cannot write
			return
		}
		m := &machine{steps: 1 << 40, bytes: 1 << 40}
		var b textBuilder
		if err := m.toJSON(&b, v, jsonStyle{comma: ", ", colon: ": "}, 0); err != nil {
			t.Fatal(err)
		}
		again, err := FromJSON(b.buf)
		if err != nil {
			t.Fatalf("%s: %v", b.buf, err)
		}
		if same, err := m.equal(v, again); !same || err != nil {
			t.Fatalf("%s became %s, %v", data, b.buf, err)
		}
	})
}
