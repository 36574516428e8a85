package jinja

import (
	"errors"
	"strings"
	"testing"
)

// The budget stops templates that would never end or fill the memory, and the
// error says so.
func TestBudget(t *testing.T) {
	vars := map[string]Value{"messages": NewList(NewText("x"), NewDict())}
	for _, source := range []string{
		"{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
		"{{ 'a' * 10**9 }}",
		"{{ [1] * 10**9 }}",
		"{% set ns = namespace(s='aa') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
		"{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
		"{% set ns = namespace(s='a') %}{% for i in range(99) %}{% set ns.s = ns.s|replace('a', 'aaaa') %}{% endfor %}",
		"{% set ns = namespace(s='a') %}{% for i in range(99) %}{% set ns.s = (ns.s ~ ',') * 8 %}{% set x = ns.s.split(',') %}{% endfor %}",
		"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
		"{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
		"{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|tojson }}",
		"{% set ns = namespace(l=[], m=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% set ns.m = [ns.m] %}{% endfor %}{{ ns.l == ns.m }}",
		"{{ 'a'.center(10**9) }}{{ 'a'|center(10**9) }}",
		"{{ 'x'.zfill(10**9) }}",
		"{{ '%s'|format('a')|indent(10**9) }}",
		"{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}",
		"{% for a in range(99999) %}{% for b in range(99999) %}{% set x = messages|tojson %}{% endfor %}{% endfor %}",
	} {
		tmpl, err := Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tmpl.Render(vars, Options{Steps: 1_000_000, Bytes: 16 << 20})
		if !errors.Is(err, ErrBudget) {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// Templates that would exhaust the stack of the parser, or of what walks its
// tree, are refused.
func TestParseBounds(t *testing.T) {
	for _, source := range []string{
		strings.Repeat("{% if 1 %}", 5000),
		"{{ " + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000) + " }}",
		"{{ " + strings.Repeat("[", 5000),
		"{{ " + strings.Repeat("not ", 5000) + "1 }}",
		"{{ " + strings.Repeat("- ", 5000) + "1 }}",
		"{{ x" + strings.Repeat(".a", 5000) + " }}",
		"{{ x" + strings.Repeat("|upper", 5000) + " }}",
		"{{ 1" + strings.Repeat(" * 1", 5000) + " }}",
		"{{ 1" + strings.Repeat(" if 1 else 1", 5000) + " }}",
		"{% for " + strings.Repeat("(", 5000) + "x in y %}",
		strings.Repeat(" ", maxSource+1),
		"\xff",
	} {
		if _, err := Parse(source); err == nil {
			t.Errorf("%.40s... was read", source)
		}
	}
}

// What is refused is named, with its line.
func TestUnsupported(t *testing.T) {
	for source, want := range map[string]string{
		"\n\n{% include 'x' %}":              "line 3: the tag {% include %} is not supported",
		"{% extends 'x' %}":                  "line 1: the tag {% extends %} is not supported",
		"\n{{ x|groupby('a') }}":             "line 2: the filter |groupby is not supported",
		"\n{{ x.encode('utf-8') }}":          "line 2: the method .encode() is not supported",
		"{{ x is filter }}":                  "line 1: the test \"is filter\" is not supported",
		"{{ lipsum() }}":                     "line 1: lipsum is not supported",
		"{{ (x|safe) + '<' }}":               "line 1: the filter |safe anywhere but at the end of {{ }} is not supported",
		"{% set x = y|safe %}":               "line 1: the filter |safe anywhere but at the end of {{ }} is not supported",
		"a\n{% if x %}\n{{ x }\n{% endif %}": "line 3: unexpected \"}\"",
		"{% for x in y %}":                   "line 1: the template ends where {% endfor %} should stand",
		"{# x":                               "line 1: the comment is not closed: write #}",
		"\n{{ 'x }}":                         "line 2: the string is not closed: write '",
	} {
		_, err := Parse(source)
		if err == nil || err.Error() != want {
			t.Errorf("%q\n got %v\nwant %s", source, err, want)
		}
	}
}
