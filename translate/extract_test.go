package translate

import (
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/internal/fakellm"
)

const (
	subjectText = "Exercice 1\nOn considère la suite u définie par u_0 = 1.\n1. Calculer u_1.\n2. Montrer que la suite est crois-\nsante.\n" +
		"3. Conclure.\nPage 1/2\n\f4. Tracer la courbe.\n5. Déterminer la limite de la suite.\n6. Donner un exemple.\n"
	correctionText = "Exercice 1\n1. On trouve u_1 = 3.\n2. Pour tout n, on a $u_{n+1} - u_n \\geq 0$, donc la suite est\ncroissante.\n1/2\n\f" +
		"3. La suite converge d’après le théorème.\n5. La limite est 4, car la suite est bornée.\n"
)

// pairLines are what the rules made of the two: 1 is kept, 2, 3 and 6 are for
// the model, which the correction has no 6 for, and 4 needs a figure. Of 5 the
// rules have no question. The last line is no pair.
const pairLines = `{"path":"Exercice 1/1","context":"On considère la suite u.","question":"Calculer u_1.","answer":"On trouve u_1 = 3.","confidence":0.9,"question_pages":[1,1],"answer_pages":[1,1],"kept":true,"reason":""}
{"path":"Exercice 1/2","context":"","question":"Montrer que la suite est croissante.","answer":"Faux.","confidence":0.3,"question_pages":[1,1],"answer_pages":[1,1],"kept":false,"reason":"low_confidence"}
{"path":"Exercice 1/3","context":"","question":"Conclure.","answer":"","confidence":0,"question_pages":[1,1],"answer_pages":[0,0],"kept":false,"reason":"no_answer"}

{"path":"Exercice 1/4","context":"","question":"Tracer la courbe.","answer":"Voir la figure.","confidence":0.9,"question_pages":[2,2],"answer_pages":[2,2],"kept":false,"reason":"draw"}
{"path":"Exercice 1/5","context":"","question":"","answer":"","confidence":0,"question_pages":[2,2],"answer_pages":[0,0],"kept":false,"reason":"empty_question"}
{"path":"Exercice 1/6","context":"","question":"Donner un exemple.","answer":"","confidence":0,"question_pages":[2,2],"answer_pages":[0,0],"kept":false,"reason":"no_answer"}
{"path":"","kept":true}
`

// paperFiles writes the texts and the pairs.
func paperFiles(t *testing.T) (subject, correction, pairs string) {
	t.Helper()
	dir := t.TempDir()
	paths := map[string]string{"sujet.txt": subjectText, "corrige.txt": correctionText, "pairs.jsonl": pairLines}
	for name, text := range paths {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "sujet.txt"), filepath.Join(dir, "corrige.txt"), filepath.Join(dir, "pairs.jsonl")
}

func extractDefaultsForTests() ExtractParams {
	p := extractDefaults()
	p.Model = dataset.RehearsalModel
	return p
}

// paperOf makes the stage ready for a paper with its pairs.
func paperOf(t *testing.T, subject, correction, pairs string) Task {
	t.Helper()
	task, err := newPaperTask(extractDefaultsForTests(), subject, correction, false)
	if err != nil {
		t.Fatal(err)
	}
	task.Open = func(string) (iter.Seq2[dataset.Row, error], error) { return pairRows(pairs, task.origin), nil }
	return task.Task
}

// Without pairs the model lists the questions, and is asked for all answers.
func TestExtractWithoutRules(t *testing.T) {
	subject, correction, _ := paperFiles(t)
	task, err := newPaperTask(extractDefaultsForTests(), subject, correction, false)
	if err != nil {
		t.Fatal(err)
	}
	options, server := served(t, fakellm.Options{}, "")
	for range 2 { // the second time the journal knows
		rows, err := task.listQuestions(t.Context(), options, false)
		if err != nil || len(rows) != 6 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		task.Open = func(string) (iter.Seq2[dataset.Row, error], error) { return these(rows), nil }
		out, balance := mustRun(t, subject, task.Task, options)
		if balance.In != 6 || balance.Out != 4 || balance.Dropped["no_answer"] != 2 || server.Stats().Answered != 2+1+6 {
			t.Fatalf("%+v, %d asked", balance, server.Stats().Answered)
		}
		s := samplesOf(t, out)[3]
		if s.Messages[0].Content != "Déterminer la limite de la suite." || s.Messages[1].Content != "La limite est 4, car la suite est bornée." ||
			s.Origin.Path != "5" || s.Origin.Pages != "2" || s.Steps[0].Stage != "translate.questions" || s.Steps[1].Stage != "translate.extract" || s.Steps[0].Model == "" {
			t.Errorf("%+v", s)
		}
	}
	task.Needs = nil
	options, _ = served(t, fakellm.Options{Fixed: `{"status": "no_answer", "answer": "", "questions": [{"path": "1", "question": "Calculer u_1."}, {"path": "2", "question": " "}, {"path": "3", "question": "Conclure\u0007."}]}`}, "")
	rows, err := task.listQuestions(t.Context(), options, false)
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	task.Open = func(string) (iter.Seq2[dataset.Row, error], error) { return these(rows), nil }
	if _, balance := mustRun(t, subject, task.Task, options); balance.Dropped[reasonUnusable] != 2 || balance.Dropped["no_answer"] != 1 {
		t.Errorf("%+v", balance)
	}
	for _, bad := range []string{"[]", `{"questions": []}`, `{"questions": [{"path": "1", "question": " "}]}`, "nothing"} {
		options, _ := served(t, fakellm.Options{Fixed: bad}, "")
		if _, err := task.listQuestions(t.Context(), options, false); err == nil || !strings.Contains(err.Error(), "--pairs") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestExtractAsksForWhatRulesCouldNot(t *testing.T) {
	subject, correction, pairs := paperFiles(t)
	task := paperOf(t, subject, correction, pairs)
	options, server := served(t, fakellm.Options{Thinks: true}, "")
	out, balance := mustRun(t, pairs, task, options)
	if balance.In != 7 || balance.Out != 4 || balance.Dropped["draw"] != 1 || balance.Dropped["no_answer"] != 1 || balance.Dead["row cannot be read"] != 1 {
		t.Fatalf("%+v", balance)
	}
	if n := server.Stats().Answered; n != 4+2 { // the canary and the schema's
		t.Errorf("%d questions asked", n)
	}
	wants := []struct{ question, answer, pages string }{
		{"On considère la suite u.\n\nCalculer u_1.", "On trouve u_1 = 3.", "1"},
		{"Montrer que la suite est croissante.", "Pour tout n, on a $u_{n+1} - u_n \\geq 0$, donc la suite est\ncroissante.\n1/2", "1"},
		{"Conclure.", "La suite converge d’après le théorème.", "2"},
		{"Déterminer la limite de la suite.", "La limite est 4, car la suite est bornée.", "2"},
	}
	for i, s := range samplesOf(t, out) {
		byModel := i > 0
		rules, step := s.Steps[0], s.Steps[1]
		if s.Messages[0].Content != wants[i].question || s.Messages[1].Content != wants[i].answer || s.Origin.AnswerPages != wants[i].pages {
			t.Errorf("%d: %+v, pages %s", i, s.Messages, s.Origin.AnswerPages)
		}
		if rules.Stage != "scrape.align" || (len(rules.Flags) == 1) != byModel || (step.Model != "") != byModel || len(step.Flags) != 0 || step.Stage != "translate.extract" {
			t.Errorf("%d: %+v", i, s.Steps)
		}
		if len(s.Origin.SHA256) != 64 || s.Origin.Source != "sujet" || s.Origin.Path == "" {
			t.Errorf("%d: %+v", i, s.Origin)
		}
	}
}

// An answer that the correction does not have is asked for again, and then
// marked; one that no model may give is not taken.
func TestExtractMarksWhatIsRewritten(t *testing.T) {
	subject, correction, pairs := paperFiles(t)
	task := paperOf(t, subject, correction, pairs)
	task.Needs = nil // the fixed answer follows one schema only
	run := func(answer string) (string, dataset.Balance, *fakellm.Server) {
		options, server := served(t, fakellm.Options{Fixed: answer}, "")
		out, balance := mustRun(t, pairs, task, options)
		return out, balance, server
	}
	out, balance, server := run(`{"status": "answered", "question": "Conclure, enfin.", "answer": "On utilise le théorème de la limite monotone avec $\frac{1}{2}$."}`)
	if balance.Out != 5 || server.Stats().Answered != 1+4*2 {
		t.Errorf("%+v, %d asked", balance, server.Stats().Answered)
	}
	marked := 0
	for _, s := range samplesOf(t, out) {
		if flags := s.Steps[1].Flags; len(flags) > 0 {
			marked++
			if !slices.Contains(flags, "answer_rewritten") || slices.Contains(flags, "question_rewritten") != (s.Origin.Path == "Exercice 1/5") || !strings.Contains(s.Messages[1].Content, `\frac{1}{2}`) { // mended
				t.Errorf("%+v", s)
			}
		}
	}
	if marked != 4 {
		t.Errorf("%d marked", marked)
	}
	for answer, class := range map[string]string{
		`{"status": "answered", "answer": ""}`:  deadJSON,
		`{"status": "perhaps", "answer": "x"}`:  deadJSON,
		`{"status": "answered", "answer": "cut`: deadJSON,
		`no JSON at all`:                        deadJSON,
		`{"status": "answered", "question": "Quoi ?", "answer": "I am sorry, but I cannot find the answer in the correction of this exam."}`: "language",
	} {
		if _, balance, _ := run(answer); balance.Dead[class] != 4 {
			t.Errorf("%s: %+v", answer, balance)
		}
	}
	if _, balance, _ = run(`{"status": "needs_figure", "answer": ""}`); balance.Dropped[statusFigure] != 4 {
		t.Errorf("%+v", balance)
	}
}

func TestExtractRefusesServersWithoutSchema(t *testing.T) {
	subject, correction, pairs := paperFiles(t)
	task := paperOf(t, subject, correction, pairs)
	options, _ := served(t, fakellm.Options{Ignores: []string{"json_schema"}}, "")
	if _, _, err := try(t, pairs, task, options); exit.Code(err) != exit.BadUsage || !strings.Contains(err.Error(), "json_schema is ignored") {
		t.Errorf("%v", err)
	}
	pdf := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(pdf, []byte("%PDF-1.4"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := newPaperTask(extractDefaultsForTests(), pdf, correction, false); err == nil || !strings.Contains(err.Error(), "luth scrape extract") {
		t.Errorf("%v", err)
	}
}

// In a recipe the rows are those of align, kept and dropped, and the texts are
// found by their hashes.
func TestExtractStage(t *testing.T) {
	dir := t.TempDir()
	in, texts := filepath.Join(dir, "in"), filepath.Join(dir, "texts")
	sums := [2]string{strings.Repeat("a", 64), strings.Repeat("b", 64)}
	for i, text := range []string{subjectText, correctionText} {
		name := filepath.Join(texts, "pdf1-tex1", sums[i][:2], sums[i]+".json")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(documentJSON(text)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := dataset.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	sample := func(path, question, answer, sum string) dataset.Sample {
		return dataset.Sample{
			Messages: exchange("", question, answer),
			Origin:   dataset.Origin{Path: path, SHA256: sum, AnswerSHA256: sums[1]},
			Steps:    []dataset.Step{{Stage: "scrape.extract"}, {Stage: "scrape.align", Confidence: 0.5}},
		}
	}
	drop := func(filter, reason string, s dataset.Sample) {
		if err := w.Drop("train", dataset.Dropped{Sample: s, Filter: filter, Reason: reason}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write("train", sample("1", "Calculer u_1.", "On trouve u_1 = 3.", sums[0])); err != nil {
		t.Fatal(err)
	}
	drop("scrape.align", "no_answer", sample("3", "Conclure.", "", sums[0]))
	drop("scrape.align", "invalid record: message 0", sample("4", "", "", sums[0]))
	drop("scrape.align", "no_answer", sample("5", "Conclure ?", "", strings.Repeat("c", 64)))
	drop("filter.language", "another language", sample("6", "Why?", "So.", sums[0]))
	if err := w.Commit(dataset.Meta{Name: "in"}); err != nil {
		t.Fatal(err)
	}
	p := extractDefaultsForTests()
	p.Texts = texts
	task, err := p.task()
	if err != nil {
		t.Fatal(err)
	}
	options, _ := served(t, fakellm.Options{}, "")
	out, balance := mustRun(t, in, task, options)
	if balance.In != 4 || balance.Out != 2 || balance.Dropped["invalid record"] != 1 || balance.Dead[deadNoText] != 1 {
		t.Fatalf("%+v", balance)
	}
	if s := samplesOf(t, out)[1]; s.Messages[1].Content != "La suite converge d’après le théorème." || s.Origin.AnswerPages != "2" {
		t.Errorf("%+v", s)
	}
	p.Texts = filepath.Join(dir, "nowhere")
	if task, err = p.task(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := try(t, in, task, options); err == nil || !strings.Contains(err.Error(), "02-extract/texts") {
		t.Errorf("a folder that is not there: %v", err)
	}
	p.Texts = ""
	if _, err := p.task(); err == nil {
		t.Error("a stage without texts passes")
	}
}

// documentJSON writes a text as scrape keeps it.
func documentJSON(text string) string {
	var pages []string
	for page := range strings.SplitSeq(text, "\f") {
		var lines []string
		for line := range strings.SplitSeq(strings.TrimSuffix(page, "\n"), "\n") {
			quoted, _ := json.Marshal(line)
			lines = append(lines, fmt.Sprintf(`{"text":%s}`, quoted))
		}
		pages = append(pages, `{"lines":[`+strings.Join(lines, ",")+`]}`)
	}
	return `{"verdict":"text","pages":[` + strings.Join(pages, ",") + `]}`
}

func TestFind(t *testing.T) {
	s := newSource(correctionText)
	for passage, page := range map[string]int{
		"On trouve u_1 = 3.":                       1,
		"on  a\n$u_{n+1} - u_n \\geq 0$":           1,
		`on a \(u_{n+1}\,-\,u_n \geq 0\)`:          1,
		"la suite est croissante":                  1,
		"croissante. 3. La suite converge d'après": 1, // the page's number left out
		"La limite est 4":                          2,
		"La limite est 5":                          0,
		"La limite est":                            2,
		"la limite est 4":                          0,
		"u_{n+1} u_n":                              0,
		"u_{n+1} + u_n":                            0,
		" \n":                                      0,
	} {
		first, _, found := s.find(passage)
		if found != (page > 0) || found && first != page {
			t.Errorf("%q: page %d, %t", passage, first, found)
		}
	}
	if _, _, found := newSource(subjectText).find("Montrer que la suite est croissante."); !found {
		t.Error("a divided word is not found")
	}
	if _, _, found := newSource("x = a - b").find("x = ab"); found {
		t.Error("a minus is lost")
	}
	if first, last, _ := s.find("u_1 = 3.\n2. Pour"); first != 1 || last != 1 {
		t.Errorf("pages %d to %d", first, last)
	}
}

func FuzzFind(f *testing.F) {
	f.Add(correctionText, "la suite")
	f.Add("a\\", "\\left( x \\right)")
	f.Fuzz(func(t *testing.T, text, passage string) {
		s := newSource(text)
		if first, last, found := s.find(passage); found && !(1 <= first && first <= last && last <= strings.Count(text, "\f")+1) {
			t.Errorf("pages %d to %d", first, last)
		}
		if _, _, found := s.find(text); !found && normal(strings.ReplaceAll(text, "\f", "")) != "" {
			t.Errorf("%q does not hold itself", text)
		}
	})
}

func FuzzReadPair(f *testing.F) {
	for line := range strings.Lines(pairLines) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"path":"x","confidence":1e999,"question_pages":[-1,99999999999]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		p, err := readPair(line)
		if s := p.sample(dataset.Origin{}); err == nil && (len(s.Messages) != 2 || len(s.Steps) != 1 || !(s.Steps[0].Confidence >= 0 && s.Steps[0].Confidence <= 1)) {
			t.Errorf("%+v", s)
		}
	})
}

func FuzzReadExtracted(f *testing.F) {
	f.Add(`{"status": "answered", "answer": "$\frac{1}{2}$", "question": "a"}`, true)
	f.Add("```json\n{\"status\": \"no_answer\"}\n```", false)
	f.Fuzz(func(t *testing.T, text string, question bool) {
		if list, err := readQuestions(text); err == nil && len(list) == 0 {
			t.Error("no question and no error")
		}
		made, bad := readExtracted(text, question)
		if bad == nil && made.Status == statusAnswered && (made.Answer == "" || question && made.Question == "" || control(made.Answer) != nil) {
			t.Errorf("%+v", made)
		}
	})
}
