package examsite

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var update = flag.Bool("update", false, "write truth.jsonl anew from the marks in src")

// question is one line of truth.jsonl: what a person reading the two files
// knows about one question.
type question struct {
	Subject       string `json:"subject"`         // path of the file on the site
	Correction    string `json:"correction"`      // path of the file on the site
	Path          string `json:"path"`            // labels from the outside in: "Exercice 1/Partie A/3.a"
	QuestionStart string `json:"question_start"`  // first words, after the label and before any formula
	AnswerStart   string `json:"answer_start"`    // the same of the answer; empty if there is none to read
	NeedsFigure   bool   `json:"needs_figure"`    // cannot be answered from the text alone
	Alignable     bool   `json:"alignable"`       // both files have text and the correction answers it
	Joint         bool   `json:"joint,omitempty"` // one answer stands for several questions
}

// pair is a subject and one of its corrections on the site. Their sources are
// the files of the same name in src, where each question is marked
// "@Q path", with " figure" after it if it needs one, and each answer
// "@A path" or "@A path | path".
type pair struct {
	subject, correction string
	unreadable          bool // one of the two is a scan, encrypted, or no correction
}

var pairs = []pair{
	{subject: bac + "2031/spe-mathematiques-2031-metropole-1-sujet.pdf", correction: bac + "2031/spe-mathematiques-2031-metropole-1-corrige.pdf"},
	{subject: bac + "2031/spe-physique-chimie-2031-metropole-1-sujet.pdf", correction: bac + "2031/spe-physique-chimie-2031-metropole-1-corrige.pdf"},
	{subject: bac + "2031/spe-svt-2031-metropole-1-sujet.pdf", correction: bac + "2031/spe-svt-2031-metropole-1-corrige.pdf"},
	{subject: bac + "2031/spe-ses-2031-metropole-1-sujet.pdf", correction: bac + "2031/spe-ses-2031-metropole-1-corrige.pdf"},
	{subject: bac + "2031/philosophie-2031-metropole-sujet.pdf", correction: bac + "2031/philosophie-2031-metropole-corrige.pdf"},
	{subject: bac + "2030/spe-nsi-2030-metropole-1-sujet.pdf", correction: bac + "2030/spe-nsi-2030-metropole-1-corrige.pdf"},
	{subject: contest + "2030_MP_Maths_1_e.pdf", correction: contest + "2030_MP_Maths_1_ca.pdf"},
	{subject: contest + "2030_MP_Maths_1_e.pdf", correction: contest + "2030_MP_Maths_1_cb.pdf"},
	{subject: "IMG/tex/Spe_Polynesie_2_sept_2030.tex", correction: "IMG/tex/Corrige_Spe_Polynesie_2_sept_2030.tex"},
	{subject: "prepa/mpsi-physique/DS7.pdf", correction: "prepa/mpsi-physique/DS7-corrige.pdf"},
	{subject: "prepa/mpsi-mathematiques/TD4_suites_numeriques.pdf", correction: "prepa/mpsi-mathematiques/TD4_suites_numeriques-corrige.pdf"},
	{subject: "prepa/mpsi-mathematiques/DScours-vacances.pdf", correction: "prepa/mpsi-mathematiques/DScours-vacances-corrige.pdf", unreadable: true},
	{subject: bac + "2030/spe-mathematiques-2030-antilles-1-sujet.pdf", correction: bac + "2030/spe-mathematiques-2030-antilles-1-corrige.pdf", unreadable: true},
	{subject: contest + "2029_PSI_Physique_1_e.pdf", correction: contest + "2029_PSI_Physique_1_ca.pdf", unreadable: true},
}

const (
	bac     = "annales-pdf/"
	contest = "concours/doc/Concours_Armorique_"

	password = "secret" // of the encrypted file; see build.sh
)

// TestTruthMatchesMarks holds truth.jsonl to the marks in the sources.
func TestTruthMatchesMarks(t *testing.T) {
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	for _, p := range pairs {
		for _, q := range marked(t, p) {
			if err := enc.Encode(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	if *update {
		if err := os.WriteFile("truth.jsonl", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("truth.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("truth.jsonl differs from the marks in src: run go test ./scrape/examsite -run TestTruthMatchesMarks -update")
	}
}

// marked returns the questions of a pair in the subject's order.
func marked(t *testing.T, p pair) []question {
	t.Helper()
	type answer struct {
		start string
		joint bool
	}
	answers := map[string]answer{}
	for _, m := range marks(t, p.correction, "A") {
		paths := strings.Split(m.path, " | ")
		for _, at := range paths {
			if _, twice := answers[at]; twice {
				t.Errorf("%s: two answers to %s", p.correction, at)
			}
			answers[at] = answer{m.start, len(paths) > 1}
		}
	}
	var questions []question
	for _, m := range marks(t, p.subject, "Q") {
		at, figure := strings.CutSuffix(m.path, " figure")
		a, answered := answers[at]
		delete(answers, at)
		q := question{Subject: p.subject, Correction: p.correction, Path: at, QuestionStart: m.start, NeedsFigure: figure}
		if answered && !p.unreadable {
			q.AnswerStart, q.Joint, q.Alignable = a.start, a.joint, true
		}
		questions = append(questions, q)
	}
	for at := range answers {
		t.Errorf("%s: an answer to %s, which the subject does not ask", p.correction, at)
	}
	return questions
}

type mark struct{ path, start string }

var markLine = regexp.MustCompile(`(?:%|<!--)@([QA]) (.*?)(?:-->|\n)`)

// marks reads the marks of one kind, Q or A, from the source of a site file.
func marks(t *testing.T, file, kind string) []mark {
	t.Helper()
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	source, err := os.ReadFile(filepath.Join("src", name+".tex"))
	if os.IsNotExist(err) {
		source, err = os.ReadFile(filepath.Join("src", name+".html"))
	}
	if err != nil {
		t.Fatal(err)
	}
	var found []mark
	for _, m := range markLine.FindAllSubmatchIndex(source, -1) {
		if string(source[m[2]:m[3]]) != kind {
			continue
		}
		at, start := string(source[m[4]:m[5]]), firstWords(string(source[m[1]:]))
		if len(start) < 8 {
			t.Errorf("src/%s: %s %s begins with %q: too short to be found again", name, kind, at, start)
		}
		found = append(found, mark{at, start})
	}
	return found
}

var (
	label   = regexp.MustCompile(`^\s*(\\item|\\question|\\q\{[^}]*\}|\\textbf\{Affirmation[^}]*\})\s*`)
	simple  = regexp.MustCompile(`\$([A-Za-z0-9 '=(),;]+)\$`)
	wrapper = regexp.MustCompile(`\\(?:emph|texttt|textbf|textit)\{([^}]*)\}|</?[bi]>`)
	formula = regexp.MustCompile(`\$|\\[^%]|<|\n\s*\n|\n\s*%`)
)

// firstWords returns up to 50 characters of plain text from the start of a
// piece of LaTeX or HTML, up to the first command or formula of more than letters.
func firstWords(source string) string {
	text := label.ReplaceAllString(source[:min(len(source), 600)], "")
	text = simple.ReplaceAllString(text, "$1")
	text = wrapper.ReplaceAllString(text, "$1")
	if at := formula.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	text = html.UnescapeString(strings.NewReplacer("~", " ", `\%`, "%").Replace(text))
	words := strings.Fields(text)
	start := ""
	for _, w := range words {
		if len([]rune(start))+1+len([]rune(w)) > 50 {
			break
		}
		start += " " + w
	}
	return strings.TrimSpace(start)
}

func readTruth(t *testing.T) []question {
	t.Helper()
	f, err := os.Open("truth.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var questions []question
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatalf("truth.jsonl: %v: %s", err, lines.Bytes())
		}
		questions = append(questions, q)
	}
	return questions
}

// TestTruthStandsInFiles looks for the start of every question and answer in
// the files a crawler gets, as pdftotext reads them.
func TestTruthStandsInFiles(t *testing.T) {
	texts := map[string]string{}
	text := func(file string) string {
		if _, ok := texts[file]; !ok {
			texts[file] = letters(fileText(t, file))
		}
		return texts[file]
	}
	for _, q := range readTruth(t) {
		if !strings.Contains(text(q.Subject), letters(q.QuestionStart)) {
			t.Errorf("%s: %s: no %q in its text", q.Subject, q.Path, q.QuestionStart)
		}
		if q.Alignable && !strings.Contains(text(q.Correction), letters(q.AnswerStart)) {
			t.Errorf("%s: %s: no %q in its text", q.Correction, q.Path, q.AnswerStart)
		}
	}
}

// fileText returns the text of a file of the site.
func fileText(t *testing.T, file string) string {
	t.Helper()
	name := filepath.Join("site", filepath.FromSlash(file))
	if path.Ext(file) == ".tex" {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	needTool(t, "pdftotext")
	out, err := exec.Command("pdftotext", "-upw", password, name, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext %s: %v", name, err)
	}
	return string(out)
}

// needTool skips the test where a program is missing, or fails it where
// LUTH_REQUIRE_TOOLS=1 says that nothing may be missing.
func needTool(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	message := fmt.Sprintf("%s is not installed (Debian: poppler-utils): the texts of the PDFs go unchecked", program)
	if os.Getenv("LUTH_REQUIRE_TOOLS") == "1" {
		t.Fatal(message)
	}
	t.Skip("SKIPPED: " + message)
}

// letters keeps the base letters and the digits of a text, so that spaces,
// hyphenation, accents and ligatures do not count.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(strings.NewReplacer("œ", "oe", "ı", "i").Replace(text)))
}
