package exam_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/document"
	"github.com/kurakurai/luth/scrape/exam"
)

// text makes a document of lines without a layout; an empty line is a gap and
// "---" a new page.
func text(s string) document.Text {
	t := document.Text{Format: "tex", Verdict: document.VerdictText, Pages: []document.Page{{Number: 1}}}
	gap := false
	for _, l := range strings.Split(strings.TrimSpace(s), "\n") {
		p := &t.Pages[len(t.Pages)-1]
		switch l = strings.TrimSpace(l); l {
		case "":
			gap = true
		case "---":
			t.Pages = append(t.Pages, document.Page{Number: len(t.Pages) + 1})
		default:
			p.Lines = append(p.Lines, document.Line{Text: l, Break: gap})
			gap = false
		}
	}
	return t
}

// outlineOf lists the paths of an outline.
func outlineOf(n *exam.Node) string {
	var paths []string
	var walk func(*exam.Node)
	walk = func(n *exam.Node) {
		for _, c := range n.Children {
			paths = append(paths, c.Path())
			walk(c)
		}
	}
	walk(n)
	return strings.Join(paths, " ")
}

func TestParseOutline(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"exercises and parts": {"EXERCICE 1 (5 points)\nPartie A\n1. Montrer.\n2. a. Calculer.\nb. Conclure.\nPartie B : suite\n1) Donner.\nExercice 2 - Suites\n1. Étudier.",
			"Exercice 1 Exercice 1/Partie A Exercice 1/Partie A/1 Exercice 1/Partie A/2 Exercice 1/Partie A/2.a Exercice 1/Partie A/2.b Exercice 1/Partie B Exercice 1/Partie B/1 Exercice 2 Exercice 2/1"},
		"letters and numbers": {"Exercice 1\n1. Un.\nExercice 2\n1. Un.\nExercice A\n1. Un.\nExercice B\n1. Un.",
			"Exercice 1 Exercice 1/1 Exercice 2 Exercice 2/1 Exercice A Exercice A/1 Exercice B Exercice B/1"},
		"compound": {"1. Étude\n1.1. Montrer.\n1.2. Calculer.\n1.2.1. Donner.\n1.2.2. Dire.\n2. Suite\n2.1. Montrer.",
			"1 1.1 1.2 1.2.1 1.2.2 2 2.1"},
		"roman compound": {"Partie I\nI.1. Montrer.\nI.2.a) Calculer.\nI.2.b) Donner.\nPartie II\nII.1. Dire.", "Partie I Partie I/1 Partie I/2 Partie I/2.a Partie I/2.b Partie II Partie II/1"},
		"three headings": {"I. Étude\nI.A – Cas simple\nI.A.1) Montrer.\nI.A.2) a) Calculer.\nI.A.2) b) Donner.\nI.B – Cas général\nI.B.1) Dire.\nII. Suite\nII.A – Fin\nII.A.1) Lire.",
			"I I/A I/A/1 I/A/2 I/A/2.a I/A/2.b I/B I/B/1 II II/A II/A/1"},
		"glued headings":  {"A. Étude\nA1. Montrer.\nA2. Donner.\nB. Suite\nB1. Dire.", "A A/1 A/2 B B/1"},
		"inner numbers":   {"Exercice 1\nQuestion 1.1 Montrer.\nQuestion 1.2 Donner.\nQuestion 2.1 Dire.", "Exercice 1 Exercice 1/Question 1 Exercice 1/Question 1.1 Exercice 1/Question 1.2 Exercice 1/Question 2 Exercice 1/Question 2.1"},
		"ordinals":        {"Première partie\n1. Un.\nDeuxième partie\n2. Deux.", "Partie 1 Partie 1/1 Partie 2 Partie 2/2"},
		"through":         {"Partie I : A\nQ1. Un.\nQ2. Deux.\nPartie II : B\nQ3. Trois.\nQ4. Quatre.", "Partie I Partie I/Question 1 Partie I/Question 2 Partie II Partie II/Question 3 Partie II/Question 4"},
		"marks":           {"□ 1. Un.\n▶ 2. Deux.\n• 3. Trois.", "1 2 3"},
		"roman or letter": {"1. Un\na) Un.\ni) Un.\nii) Deux.\nb) Deux.\nc) Trois.\nd) Quatre.", "1 1.a 1.a.i 1.a.ii 1.b 1.c 1.d"},
		"ninth letter":    {"1. Un\na) A.\nb) B.\nc) C.\nd) D.\ne) E.\nf) F.\ng) G.\nh) H.\ni) I.\nj) J.", "1 1.a 1.b 1.c 1.d 1.e 1.f 1.g 1.h 1.i 1.j"},
		"claims":          {"Exercice 1\nAffirmation 1 : Vrai.\nAffirmation 2 : Faux.", "Exercice 1 Exercice 1/Affirmation 1 Exercice 1/Affirmation 2"},
		"sentence ends":   {"1. Montrer que le résultat de la fonction au point est toujours égal à\n2. Ensuite, on\n2. Conclure.", "1 2"},
		"decimals":        {"1. Calculer.\n3.5 cm de long.\n2. Donner.", "1 2"},
		"years":           {"1. Calculer.\n2019. Année.\n2. Donner.", "1 2"},
		"program":         {"Q1. Écrire.\n1 def f(x):\n2     return x\nQ2. Dire.\nQ3. Lire.", "Question 1 Question 2 Question 3"},
		"steps":           {"Question 1 Écrire.\nOn procède ainsi :\n1. On lit.\n2. On écrit.\nQuestion 2 Dire.\nQuestion 3 Lire.", "Question 1 Question 1.1 Question 1.2 Question 2 Question 3"},
		"nothing":         {"Un texte sans numéros.", ""},
		"empty":           {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := outlineOf(exam.ParseOutline(text(tt.text))); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

const subject = `
Exercice 1 (6 points)
Une usine fabrique des lampes.

1. Calculer la probabilité qu'une lampe soit défectueuse. (2 points)
2. a. Justifier que la variable X suit une loi binomiale.
b. Déterminer l'espérance de X.

On pose désormais une suite géométrique de raison 0,7.
3. Tracer la courbe de la suite.
4. D'après la figure 2, quelle est la limite de la suite ?
5. Exprimer le terme général de la suite.
---
Exercice 2
1. Montrer que le plan contient la droite.
2. Donner les coordonnées du point d'intersection.
3. Résoudre le système linéaire obtenu.`

const correction = `
Corrigé
Exercice 1
1. Calculer la probabilité qu'une lampe soit défectueuse.
Par la formule des probabilités totales, une lampe est défectueuse avec probabilité 0,05.
2a. La variable X compte les lampes sur des tirages indépendants : loi binomiale.
2b. Son espérance est np, soit E(X) = 5.
3. Voir la courbe.
4. La limite de la suite est nulle.
5. Le terme général est 3 fois 0,7 puissance n.
---
Exercice 2
1. Deux points de la droite sont dans le plan.
2. et 3. Le système linéaire donne le point d'intersection de coordonnées (1 ; 2).`

func TestAlign(t *testing.T) {
	pairs, report := exam.Align(text(subject), text(correction), exam.Options{})
	want := []struct {
		path, reason, question, answer string
		pages                          [2]int
	}{
		{"Exercice 1/1", "", "Calculer la probabilité qu'une lampe soit défectueuse.", "Par la formule des probabilités totales, une lampe est défectueuse avec probabilité 0,05.", [2]int{1, 1}},
		{"Exercice 1/2.a", "", "Justifier que la variable X suit une loi binomiale.", "La variable X compte les lampes sur des tirages indépendants : loi binomiale.", [2]int{1, 1}},
		{"Exercice 1/2.b", "", "Déterminer l'espérance de X.", "Son espérance est np, soit E(X) = 5.", [2]int{1, 1}},
		{"Exercice 1/3", "draw", "Tracer la courbe de la suite.", "Voir la courbe.", [2]int{1, 1}},
		{"Exercice 1/4", "needs_figure", "D'après la figure 2, quelle est la limite de la suite ?", "La limite de la suite est nulle.", [2]int{1, 1}},
		{"Exercice 1/5", "", "Exprimer le terme général de la suite.", "Le terme général est 3 fois 0,7 puissance n.", [2]int{1, 1}},
		{"Exercice 2/1", "", "Montrer que le plan contient la droite.", "Deux points de la droite sont dans le plan.", [2]int{2, 2}},
		{"Exercice 2/2-3", "", "Donner les coordonnées du point d'intersection.\n3. Résoudre le système linéaire obtenu.", "Le système linéaire donne le point d'intersection de coordonnées (1 ; 2).", [2]int{2, 2}},
	}
	if len(pairs) != len(want) {
		t.Fatalf("%d pairs, want %d: %+v", len(pairs), len(want), pairs)
	}
	for i, w := range want {
		p := pairs[i]
		if p.Path != w.path || string(p.Reason) != w.reason || p.Question != w.question || p.Answer != w.answer || p.QuestionPages != w.pages || p.AnswerPages != w.pages {
			t.Errorf("pair %d is\n%+v, want\n%+v", i, p, w)
		}
	}
	if report.Questions != 8 || report.Aligned != 8 || report.Kept != 6 {
		t.Errorf("report is %+v", report)
	}
	for i, context := range map[int]string{
		2: "Une usine fabrique des lampes.",
		5: "Une usine fabrique des lampes.\n\nOn pose désormais une suite géométrique de raison 0,7.",
		6: "",
	} {
		if pairs[i].Context != context {
			t.Errorf("context of %s is %q, want %q", pairs[i].Path, pairs[i].Context, context)
		}
	}
}

// TestRecall checks that the context of a question has what it needs of earlier
// ones: the one it draws a conclusion from, and the definition of what it uses.
func TestRecall(t *testing.T) {
	pairs, _ := exam.Align(text(`
Exercice 1
Soit f une fonction continue.
1. On pose g(x) = f(x) - x. Montrer que g est continue.
2. a) Montrer que g s'annule en un réel a.
b) En déduire que f a un point fixe.
3. Montrer que f est bornée et en déduire qu'elle est intégrable.
4. Calculer g(0).`), text("Exercice 1\n1. Oui.\n2. a) Oui.\nb) Oui.\n3. Oui.\n4. Oui."), exam.Options{})
	want := map[string]string{
		"Exercice 1/1":   "Soit f une fonction continue.",
		"Exercice 1/2.a": "Soit f une fonction continue.\n\nOn pose g(x) = f(x) - x.",
		"Exercice 1/2.b": "Soit f une fonction continue.\n\n2. a) Montrer que g s'annule en un réel a.",
		"Exercice 1/3":   "Soit f une fonction continue.",
		"Exercice 1/4":   "Soit f une fonction continue.\n\nOn pose g(x) = f(x) - x.",
	}
	for _, p := range pairs {
		if p.Context != want[p.Path] {
			t.Errorf("context of %s is %q, want %q", p.Path, p.Context, want[p.Path])
		}
	}
}

// TestUnfinished checks that an answer whose end is missing is not kept.
func TestUnfinished(t *testing.T) {
	pairs, report := exam.Align(text("1. Calculer l'intégrale de f."), text("1. L'intégrale de f se calcule par parties, donc :"), exam.Options{})
	if len(pairs) != 1 || pairs[0].Reason != exam.ReasonUnfinished || report.Aligned != 1 || report.Kept != 0 {
		t.Errorf("%+v, %+v", pairs, report)
	}
}

// TestEqualHeadings checks that paths differ where headings do not.
func TestEqualHeadings(t *testing.T) {
	got := outlineOf(exam.ParseOutline(text("Problème\n1. Un.\n2. Deux.\nProblème\n1. Un.\nEXERCICE 4 Sans spécialité\n1. Un.\n2. Deux.\nEXERCICE 4 Avec spécialité\n1. Un.")))
	const want = "Problème 1 Problème 1/1 Problème 1/2 Problème 2 Problème 2/1 Exercice 4 Exercice 4/1 Exercice 4/2 Exercice 4 bis Exercice 4 bis/1"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestCopiedAnswer checks that a list of the subject's questions in the
// correction is no answer to one of them.
func TestCopiedAnswer(t *testing.T) {
	const list = "1. Calculer la primitive de la fonction x sin x sur la droite réelle.\n2. Calculer la primitive de la fonction x cos x sur la droite réelle."
	pairs, _ := exam.Align(text("Exercice 1\n"+list), text("Exercice 1\n1. Calculer la primitive de la fonction x cos x sur la droite réelle."), exam.Options{})
	for _, p := range pairs {
		if p.Kept {
			t.Errorf("kept %+v", p)
		}
	}
}

// TestNotes checks that notes at the foot of a page are no part of an answer.
func TestNotes(t *testing.T) {
	line := func(s string, y, size float64) document.Line {
		return document.Line{Text: s, X0: 50, Y0: y, X1: 400, Y1: y + size, Size: size}
	}
	correction := document.Text{Pages: []document.Page{{Number: 1, Lines: []document.Line{
		line("1. La fonction f est croissante sur la droite réelle.", 100, 11),
		line("2. La fonction f est donc injective sur la droite réelle.", 120, 11),
		line("1. voir le cours pour s’en convaincre", 800, 8), line("et l’exercice de la feuille", 810, 8),
	}}}}
	pairs, _ := exam.Align(text("1. Montrer que la fonction f est croissante.\n2. Montrer que la fonction f est injective."), correction, exam.Options{})
	if len(pairs) != 2 || pairs[1].Answer != "La fonction f est donc injective sur la droite réelle." {
		t.Errorf("%+v", pairs)
	}
}

// TestSpans checks that the offsets lead back to the texts.
func TestSpans(t *testing.T) {
	s, c := text(subject), text(correction)
	pairs, _ := exam.Align(s, c, exam.Options{})
	for _, p := range pairs {
		for _, x := range []struct {
			whole, part string
			span        [2]int
		}{{s.String(), p.Question, p.QuestionSpan}, {c.String(), p.Answer, p.AnswerSpan}} {
			if got := x.whole[x.span[0]:x.span[1]]; !strings.Contains(letters(got), letters(x.part)) {
				t.Errorf("%s: offsets %v give %q, want %q", p.Path, x.span, got, x.part)
			}
		}
	}
}

func TestIdenticalTexts(t *testing.T) {
	pairs, report := exam.Align(text(subject), text(subject), exam.Options{})
	if !report.Identical || report.Kept != 0 || len(pairs) == 0 || pairs[0].Reason != exam.ReasonIdentical {
		t.Errorf("the subject is taken for its own correction: %+v", report)
	}
}

// TestPairJSON holds the order and names of the keys that scripts rely on.
func TestPairJSON(t *testing.T) {
	data, err := json.Marshal(exam.Pair{Kept: true})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"path":"","context":"","question":"","answer":"","confidence":0,"question_pages":[0,0],"answer_pages":[0,0],"kept":true,"reason":"",`
	if !strings.HasPrefix(string(data), want) {
		t.Errorf("a pair is written as %s, want %s...", data, want)
	}
}

// TestRealPapers holds the alignment of the real files to what it has reached:
// at least seven in ten questions of a regular pair.
func TestRealPapers(t *testing.T) {
	var questions, aligned int
	for _, m := range readManifest(t) {
		if m.role != "subject" || m.partner == "" {
			continue
		}
		s, c := extract(t, shared(t, m.file)), extract(t, shared(t, m.partner))
		_, report := exam.Align(s, c, exam.Options{})
		t.Logf("%-60.60s %3d questions, %3d aligned, %3d kept %v", m.file, report.Questions, report.Aligned, report.Kept, report.Dropped)
		switch {
		case c.Verdict != document.VerdictText || report.Identical:
			if report.Aligned > 0 {
				t.Errorf("%s: %d questions aligned with no correction", m.file, report.Aligned)
			}
			continue
		case m.subject == "philosophy":
			continue
		case report.Aligned*10 < report.Questions*7:
			t.Errorf("%s: %d of %d questions aligned, want seven in ten", m.file, report.Aligned, report.Questions)
		}
		questions, aligned = questions+report.Questions, aligned+report.Aligned
	}
	if aligned*100 < questions*93 {
		t.Errorf("%d of %d questions aligned, want 93%%", aligned, questions)
	}
}

// TestStrangers pairs real subjects with the corrections of others: next to
// nothing may be kept.
func TestStrangers(t *testing.T) {
	var subjects, corrections []document.Text
	var names []string
	for _, m := range readManifest(t) {
		if m.role == "subject" && m.partner != "" {
			subjects = append(subjects, extract(t, shared(t, m.file)))
			corrections = append(corrections, extract(t, shared(t, m.partner)))
			names = append(names, m.file)
		}
	}
	var questions, kept int
	for i, s := range subjects {
		for _, step := range []int{1, 3} {
			_, report := exam.Align(s, corrections[(i+step)%len(corrections)], exam.Options{})
			questions, kept = questions+report.Questions, kept+report.Kept
			if report.Kept > 2 {
				t.Errorf("%s: %d pairs kept with the correction of %s", names[i], report.Kept, names[(i+step)%len(names)])
			}
		}
	}
	t.Logf("%d of %d questions kept with the correction of another paper", kept, questions)
}

// hostile texts must not take long: the limits bound the work.
func TestHostileText(t *testing.T) {
	var many strings.Builder
	for i := range 30000 {
		fmt.Fprintf(&many, "%d. a) i) Montrer. 2. 3. 4. 5. 6. 7.\n", i%60+1)
	}
	deep := strings.Repeat("1.1.1.1 A. I. 1) a) i) ", 500) + "\n" + strings.Repeat("1. a) i) A. I. Q1 Exercice 1 Partie A\n", 3000)
	for name, s := range map[string]string{"many labels": many.String(), "deep": deep, "one long line": strings.Repeat("mot ", 300000)} {
		d := text(s)
		if pairs, report := exam.Align(d, d, exam.Options{}); len(pairs) != report.Questions {
			t.Errorf("%s: %d pairs and %d questions", name, len(pairs), report.Questions)
		}
	}
}

func FuzzParseOutline(f *testing.F) {
	f.Add(subject)
	f.Add("II.3.b) x\n(iv) y\n3a. et 3b.\nQ1-Q4\n1.2.3.4.5. z\n\ufffd\n2. et 3.\n")
	f.Fuzz(func(t *testing.T, s string) {
		d := text(s)
		whole := d.String()
		var walk func(*exam.Node)
		walk = func(n *exam.Node) {
			if n.Start < 0 || n.Start > len(whole) {
				t.Errorf("%s starts at %d of %d", n.Path(), n.Start, len(whole))
			}
			for _, c := range n.Children {
				walk(c)
			}
		}
		walk(exam.ParseOutline(d))
	})
}

func FuzzAlign(f *testing.F) {
	f.Add(subject, correction)
	f.Add("1. Montrer que 2 = 2 ?", "1. Montrer que 2 = 2 ? Oui.")
	f.Fuzz(func(t *testing.T, a, b string) {
		s, c := text(a), text(b)
		pairs, report := exam.Align(s, c, exam.Options{})
		if len(pairs) != report.Questions {
			t.Errorf("%d pairs and %d questions", len(pairs), report.Questions)
		}
		for _, p := range pairs {
			if p.Confidence < 0 || p.Confidence > 1.000001 || p.Kept != (p.Reason == "") {
				t.Errorf("pair %+v", p)
			}
			if p.QuestionSpan[1] > len(s.String()) || p.AnswerSpan[1] > len(c.String()) {
				t.Errorf("spans %v and %v are out of the texts", p.QuestionSpan, p.AnswerSpan)
			}
		}
	})
}
