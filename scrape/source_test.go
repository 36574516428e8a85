package scrape

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/crawl"
)

var update = flag.Bool("update", false, "write the golden files of the sources anew")

// TestSources checks every definition that comes with luth against its fixture
// pages and what is expected of them.
func TestSources(t *testing.T) {
	all, err := Sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Errorf("%d sources", len(all))
	}
	for _, s := range all {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if file := filepath.Base(s.file); file != s.Name+".yaml" {
				t.Errorf("source %s stands in %s", s.Name, file)
			}
			report, err := Check(t.Context(), s, CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := report.Err(); err != nil {
				t.Error(err)
			}
			var got bytes.Buffer
			if err := report.Print(&got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("sources", "testdata", s.Name, "expected.txt")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got\n%s\nwant\n%s\nrun go test ./scrape -run TestSources -update if this is right", got.String(), want)
			}
		})
	}
}

// minimal is a definition in which every test breaks one rule.
const minimal = `name: small
title: Small
description: A small site.
licence: none
level: bac
domains: [a.example]
start:
  urls: [http://a.example/]
documents:
  - select: a.pdf
metadata:
  - from: file
    match: '(?P<year>20\d\d)'
pairing:
  correction: [corrige]
`

func TestParseSource(t *testing.T) {
	if _, err := ParseSource("small.yaml", []byte(minimal)); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, old, new, want string }{
		{"unknown key", "licence:", "license:", `unknown field "license"`},
		{"not YAML", "domains: [a.example]", "domains: [a.example", "small.yaml: "},
		{"quotes the line", "level: bac", "level: [bac]", ">  5 | level: [bac]"},
		{"name", "name: small", "name: Small Site", `small.yaml:1: name: "Small Site" is no name`},
		{"missing", "licence: none", "", "licence: is missing"},
		{"level", "level: bac", "level: college", `small.yaml:5: level: "college" is none of bac, cpge`},
		{"domain", "[a.example]", "['http://a.example']", `small.yaml:6: domains[0]: "http://a.example" is no host name`},
		{"no start", "  urls: [http://a.example/]", "  urls: []", "nowhere to start"},
		{"start elsewhere", "[http://a.example/]", "[http://b.example/]", "small.yaml:8: start.urls[0]: host b.example is not among domains"},
		{"no address", "[http://a.example/]", "[a.example]", "is no web address"},
		{"selector", "select: a.pdf", "select: 'a[href'", `small.yaml:10: documents[0].select: selector "a[href" does not compile`},
		{"regexp", `20\d\d)'`, `20\d\d'`, "small.yaml:13: metadata[0].match: error parsing regexp: missing closing ): `(?P<year>20\\d\\d`"},
		{"field", "?P<year>", "?P<when>", `"when" is none of level, exam, subject`},
		{"no field", "(?P<year>20\\d\\d)", "20", "gives no field"},
		{"origin", "from: file", "from: name", `metadata[0].from: "name" is none of url, path, file`},
		{"no rule", "  - select: a.pdf", "  - row: tr", "documents[0]: needs select or match"},
		{"no correction", "correction: [corrige]", "subject: [sujet]", "no rule tells a correction"},
		{"row", "correction: [corrige]", "correction: [corrige]\n  by: row", "small.yaml:16: pairing.by: row needs a document rule with row"},
		{"unknown subject", "pairing:", "values:\n  subject: {droit: law}\npairing:", `unknown subject "law"; use one of biology`},
		{"slug", "pairing:", "values:\n  subject: {Spé Maths: mathematics}\npairing:", "write it as a slug: spe-maths"},
		{"negative", "pairing:", "limits: {jitter: -1s}\npairing:", "a limit is negative"},
		{"negative delay", "pairing:", "limits: {delay: -1s}\npairing:", "small.yaml:14: limits.delay: -1s between requests is too short"},
		{"impolite", "[a.example]\nstart:\n  urls: [http://a.example/]", "[a.fr]\nlimits: {delay: 10ms}\nstart:\n  urls: [http://a.fr/]", "limits.delay: 10ms between requests is too short"},
		{"empty form", "start:", "start:\n  form: {action: 'http://a.example/', fields: {q: []}}", "start.form.fields.q: has no value"},
		{"huge form", "start:", "start:\n  form: {action: 'http://a.example/', fields: {" + fields10() + "}}", "more than 10000 requests"},
		{"paging", "start:", "start:\n  form: {action: 'http://a.example/', paging: {first: 2, last: 1}}", "needs field, and last not before first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(minimal, tt.old) {
				t.Fatalf("%q does not stand in the definition", tt.old)
			}
			_, err := ParseSource("small.yaml", []byte(strings.Replace(minimal, tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v\nwant %s", err, tt.want)
			}
		})
	}
}

// fields10 returns five form fields of ten values each.
func fields10() string {
	var parts []string
	for _, name := range strings.Split("abcde", "") {
		parts = append(parts, name+": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]")
	}
	return strings.Join(parts, ", ")
}

func TestAllProblemsAtOnce(t *testing.T) {
	broken := strings.NewReplacer("level: bac", "level: x", "select: a.pdf", "select: '['", "from: file", "from: y").Replace(minimal)
	_, err := ParseSource("small.yaml", []byte(broken))
	for _, want := range []string{"level", "documents[0].select", "metadata[0].from"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestLoadSource(t *testing.T) {
	if s, err := LoadSource("prepas"); err != nil || s.Name != "prepas" {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := LoadSource("prepa"); err == nil || !strings.Contains(err.Error(), "there are agro-veto, apmep") {
		t.Errorf("error %v", err)
	}
	path := filepath.Join(t.TempDir(), "small.yaml")
	if _, err := LoadSource(path); err == nil {
		t.Error("a missing file was read")
	}
	if err := os.WriteFile(path, []byte(minimal), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := LoadSource(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), s, CheckOptions{}); err == nil || !strings.Contains(err.Error(), "testdata/small/site.txtar") {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(path, bytes.Repeat([]byte("#"), maxDefinition+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSource(path); err == nil {
		t.Error("a huge file was read")
	}
}

func TestSubjectOf(t *testing.T) {
	for text, want := range map[string]string{
		"spe-mathematiques": "mathematics", "Mathématiques 1": "mathematics", "Maths A": "mathematics", "physique-chimie": "physics-chemistry",
		"Physique": "physics-chemistry", "SVT": "biology", "ses": "ses", "enseignement-scientifique": "general-science",
		"Sciences de l’ingénieur": "engineering-science", "Option S2I": "engineering-science", "NSI": "computer-science",
		"Informatique commune": "computer-science", "philosophie": "philosophy", "Spé anglais": "languages", "Langue vivante B": "languages",
	} {
		if got, ok := subjectOf(text, nil); !ok || got != want {
			t.Errorf("subjectOf(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
	if got, ok := subjectOf("arts plastiques", nil); ok {
		t.Errorf("arts plastiques is %q", got)
	}
	if got, _ := subjectOf("spe-mathematiques", map[string]string{"spe-mathematiques": "biology"}); got != "biology" {
		t.Errorf("the site's own spelling lost to %q", got)
	}
}

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{
		"Nouvelle-Calédonie": "nouvelle-caledonie", "  Œuvre n° 2 ": "oeuvre-n-2", "e\u0301preuve": "epreuve", "": "", "«»": "",
	} {
		if got := slug(text); got != want {
			t.Errorf("slug(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFileName(t *testing.T) {
	for address, want := range map[string]string{
		"http://a.example/x/y-sujet.pdf?download=true": "y-sujet",
		"http://a.example/Banque_X-E%CC%81NS_e.pdf":    "Banque_X-ÉNS_e",
		"http://a.example/i.php?f=doc/X_e.pdf&a=1":     "X_e",
		"http://a.example/document/12/download":        "download",
		"http://a.example/%zz":                         "",
	} {
		if got := fileName(address); got != want {
			t.Errorf("fileName(%q) = %q, want %q", address, got, want)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	f.Add([]byte(minimal))
	all, err := Sources()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range all[:3] {
		data, err := shipped.ReadFile("sources/" + s.Name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseSource("fuzz.yaml", data)
		if err == nil && (s.Name == "" || len(s.Rules().Start) == 0) {
			t.Errorf("a definition without name or start was taken: %+v", s)
		}
	})
}

func FuzzDescribe(f *testing.F) {
	all, err := Sources()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("https://www.sujetdebac.fr/annales-pdf/2024/spe-mathematiques-2024-metropole-1-sujet-officiel.pdf", "Sujet")
	f.Add("https://prepas.org/index.php?file=doc/Banque_X-%C3%89NS_2023_MP_Maths_A_ca (1).pdf", "a")
	f.Add("http://a/%zz?%", "\xff")
	f.Fuzz(func(t *testing.T, address, text string) {
		for _, s := range all {
			var l crawl.Link
			a := anchor{url: address, text: text}
			s.describe(&l, a, crawl.Page{URL: address})
			if l.Meta["level"] == "" || l.Role != "" && l.Role != crawl.RoleSubject && l.Role != crawl.RoleCorrection {
				t.Errorf("%s: %+v", s.Name, l)
			}
			s.skip(a)
		}
	})
}
