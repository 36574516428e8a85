package dataset

import (
	"strings"
	"testing"
)

func TestParseRecipe(t *testing.T) {
	r, err := ParseRecipe([]byte(`
name: scholar
card:
  pretty_name: Scholar
  license: odc-by
  limits: [Figures are missing.]
stages:
  - crawl: {sources: [apmep], pages: 3}
  - align
`))
	if err != nil {
		t.Fatal(err)
	}
	if r.Output != "out/scholar" || r.Work != "out/work/scholar" || r.Card.License != "odc-by" || len(r.Stages) != 2 || r.Stages[1].Name != "align" {
		t.Errorf("%+v", r)
	}
	var params struct {
		Sources []string
		Pages   int
	}
	if err := r.Stages[0].Params.Decode(&params); err != nil || params.Pages != 3 || params.Sources[0] != "apmep" {
		t.Errorf("%+v %v", params, err)
	}
}

func TestRecipeErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "name:"},
		{"name: a b\nstages: [x]", `name: "a b" must be`},
		{"name: ../a\nstages: [x]", `name: "../a" must be`},
		{"name: a", "stages: there are none"},
		{"name: a\nstage: [x]", `>  2 | stage: [x]`},
		{"name: a\ncard: {licence: x}\nstages: [x]", `unknown field "licence"`},
		{"name: a\nstages:\n  - x: {}\n    y: {}\n", "a stage is one name with its parameters"},
		{"name: a\nstages: [3]", "a stage is one name with its parameters"},
		{"name: a\nname: b\nstages: [x]", "already defined"},
		{"name: [", "1 |"},
	}
	for _, test := range tests {
		if _, err := ParseRecipe([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.text, err)
		}
	}
}

func TestRecipeHash(t *testing.T) {
	hash := func(text string) string {
		r, err := ParseRecipe([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		h, err := r.Hash()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	base := hash("name: a\nstages: [{x: {a: 1, b: 2}}, y]")
	for _, same := range []string{
		"stages: # reordered\n- x:\n    b: 2\n    a: 1\n- y: {}\nname: a\n",
		"name: a\noutput: elsewhere\nwork: elsewhere\nstages:\n- x: {a: 1, b: 2}\n- y:\n",
	} {
		if hash(same) != base {
			t.Errorf("%q has another hash", same)
		}
	}
	for _, other := range []string{
		"name: b\nstages: [{x: {a: 1, b: 2}}, y]",
		"name: a\nstages: [{x: {a: 1, b: 3}}, y]",
		"name: a\nstages: [y, {x: {a: 1, b: 2}}]",
		"name: a\ncard: {license: mit}\nstages: [{x: {a: 1, b: 2}}, y]",
	} {
		if hash(other) == base {
			t.Errorf("%q has the same hash", other)
		}
	}
}

func FuzzRecipe(f *testing.F) {
	f.Add([]byte("name: a\nstages:\n- x: {a: 1}\n- y\n"))
	f.Add([]byte("name: a\noutput: b\ncard: {license: x, tags: [a]}\nstages: [&a {x: 1}, *a]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseRecipe(text)
		if err != nil {
			return
		}
		for _, call := range r.Stages {
			var params struct{ A, B int }
			call.Params.Decode(&params)
		}
		r.Hash()
	})
}
