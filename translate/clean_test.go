package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/fakellm"
)

func cleaned(t *testing.T) Task {
	t.Helper()
	p := cleanDefaults()
	p.Model = dataset.RehearsalModel
	task, err := cleanTask(p)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// exercises writes n French exercises with their solutions.
func exercises(t *testing.T, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "exercises.jsonl")
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"messages":[{"role":"user","content":"Soit la fonction définie par $f(x) = x^2 + %d$ sur les réels. Calculer sa valeur en %d."},`, i, i+2)
		fmt.Fprintf(&b, `{"role":"assistant","content":"On remplace la variable par sa valeur dans la formule, donc on obtient $f(%d) = %d$ pour cette fonction."}]}`+"\n", i+2, (i+2)*(i+2)+i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCleanRewritesQuestionsAndAnswers(t *testing.T) {
	in := exercises(t, 50)
	options, server := served(t, fakellm.Options{Thinks: true}, "")
	out, balance := mustRun(t, in, cleaned(t), options)
	if balance.Out != 50 || server.Stats().Answered != 2*50+1 {
		t.Fatalf("%+v, %d asked", balance, server.Stats().Answered)
	}
	for i, s := range samplesOf(t, out) {
		question, answer := s.Messages[0].Content, s.Messages[1].Content
		if strings.Contains(question, "Soit la fonction") || !strings.Contains(question, fmt.Sprintf("$f(x) = x^2 + %d$", i)) ||
			!strings.Contains(answer, fmt.Sprintf("$f(%d) = %d$", i+2, (i+2)*(i+2)+i)) {
			t.Errorf("%+v", s.Messages)
		}
	}
}

// A changed result is asked for once more with the difference; then the row is
// dead, and kept as it came.
func TestCleanKeepsResults(t *testing.T) {
	in := exercises(t, 200)
	options, server := served(t, fakellm.Options{}, "result=0.3")
	out, balance := mustRun(t, in, cleaned(t), options)
	dead := balance.Dead["result_changed"]
	if balance.Out+dead != 200 || dead < 15 || dead > 70 { // 1 - (1 - 0.3²)² of 200 are 34
		t.Fatalf("%+v", balance)
	}
	if n := server.Stats().Answered; n < 2*200-int(dead)+100 || n > 4*200+1 {
		t.Errorf("%d asked", n)
	}
	for _, d := range droppedOf(t, out) {
		if !strings.HasPrefix(d.Reason, "result_changed: ") || d.Filter != "translate.clean" || !strings.HasPrefix(d.Messages[0].Content, "Soit la fonction") {
			t.Errorf("%s, %+v", d.Reason, d.Messages)
		}
	}
	always, server := served(t, fakellm.Options{}, "result=1")
	if _, balance := mustRun(t, exercises(t, 10), cleaned(t), always); balance.Dead["result_changed"] != 10 || server.Stats().Answered != 2*10+1 {
		t.Errorf("%+v, %d asked", balance, server.Stats().Answered)
	}
}

func TestCleanGate(t *testing.T) {
	question := passage{text: "Soit f une fonction définie sur les réels par f(x) = 2x. Calculer f(3)."}
	answer := passage{question: question.text, text: "On remplace x par 3 dans l'expression, donc f(3) = 6."}
	for _, c := range []struct {
		of   passage
		made string
		gate string
	}{
		{question, question.text, ""},
		{question, "Soit $f$ la fonction définie sur les réels par $f(x) = 2x$. Calculer $f(3)$.", ""},
		{question, "Let $f$ be the function that is defined on the reals by $f(x) = 2x$. Compute $f(3)$.", "language"},
		{question, "Voici la question réécrite : Soit $f$ la fonction définie sur les réels par $f(x) = 2x$. Calculer $f(3)$.", "wrapper"},
		{question, "Calculer $f(3)$, $f(2)$.", "length"},
		{question, "Soit $f$ la fonction définie sur les réels par $f(x) = 2x$. Calculer $f(3)$, qui vaut 6.", "result_changed"},
		{answer, "Pour calculer $f(3)$, on remplace $x$ par 3 dans l'expression $f(x) = 2x$, donc $f(3) = 2 \\times 3 = 6$.", ""},
		{answer, "Pour calculer $f(3)$, on remplace $x$ par 3 dans l'expression $f(x) = 2x$, donc $f(3) = 2 + 3 = 5$.", "result_changed"},
		{answer, "Pour calculer $f(3)$, on remplace $x$ par 3 dans l'expression $f(x) = 2x$, donc $f(3) = \\frac{12}{2 = 6$.", "formula"},
		{answer, question.text, "echo"},
		{answer, "On remplace x\fpar 3 dans l'expression, donc f(3) = 6.", "control"},
	} {
		f, rejected := rejection(cleanGate(c.of, c.made))
		if f.Gate != c.gate || rejected != (c.gate != "") {
			t.Errorf("%q: %+v", c.made, cleanGate(c.of, c.made))
		}
	}
}
