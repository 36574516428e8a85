package filter

import (
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
)

// pair is a sample of one question and one answer.
func pair(question, answer string) dataset.Sample {
	s := dataset.Sample{Messages: []dataset.Message{{Role: dataset.RoleUser, Content: question}, {Role: dataset.RoleAssistant, Content: answer}}}
	s.ID = dataset.ContentID(s.Messages)
	return s
}

// solutions are answers as corrections word them, which every filter keeps.
var solutions = []string{
	`On a $u_{n+1} - u_n = 0,9u_n + 150 - u_n = 150 - 0,1 u_n$. Or, pour tout entier naturel $n$, $u_n \leqslant 1\,500$, donc $150 - 0,1u_n \geqslant 0$ : la suite $(u_n)$ est croissante.`,
	"$f$ est dérivable sur $\\mathbb{R}$ et\n\\[f'(x) = \\dfrac{2x}{x^2+1}.\\]\nOr $x^2+1 > 0$, donc $f'(x)$ est du signe de $2x$.",
	"$x = 2$.",
	"\\begin{align*}\nP(D) &= P(A \\cap D) + P(B \\cap D)\\\\\n&= 0{,}6 \\times 0{,}03 + 0{,}4 \\times 0{,}05 = 0{,}038.\n\\end{align*}",
	"f (x) = (2x + 1) e−x ; f ′(x) = 2e−x − (2x + 1) e−x = (1 − 2x) e−x ; f ′(x) = 0 ⇔ x = 1/2 ; lim f (x) = 0 quand x → +∞",
	"On répète les instructions tant que la condition est vraie :\n\n```python\ndef seuil():\n    n = 0\n    u = 800\n    while u < 1400:\n        u = 0.9*u + 150\n        n = n + 1\n    return n\n```\nL'appel `seuil()` renvoie $19$.",
	"Oui, car $\\vec{n}\\cdot\\overrightarrow{AB} = 0$ et $\\vec{n}\\cdot\\overrightarrow{AC} = 0$.",
	"D'après le théorème des valeurs intermédiaires, l'équation $f(x) = 0$ admet une unique solution $\\alpha \\in \\left]0\\,;1\\right[$.",
	"$\\mathrm{CH_3COOH + H_2O \\rightleftharpoons CH_3COO^- + H_3O^+}$ ; l'acide est faible et le pH vaut 2,9.",
	"Initialisation : $u_0 = 2 > 1$.\nHérédité : soit $k$ un entier tel que $u_k > 1$ ; alors $u_{k+1} = \\sqrt{u_k} > 1$.\nConclusion : la propriété est vraie pour tout entier naturel $n$.",
	"Vrai. Une primitive de $x \\mapsto x\\mathrm{e}^{-x^2}$ est $x \\mapsto -\\frac12 \\mathrm{e}^{-x^2}$.",
	"$\\left\\{\\begin{array}{l c l} x &=& 1 + t\\\\ y &=& 2 - t \\end{array}\\right. \\quad (t \\in \\mathbb{R})$",
	"Le texte distingue l'homme du citoyen : Rousseau, dans le « Contrat social », montre que l'obéissance à la loi qu'on s'est prescrite est liberté (https://example.org/contrat?the=of&and=is).",
	"La fonction suivante répond à la question.\ndef distance(a, b):\nreturn sqrt((a - b)**2)\nfor sommet in liste_adjacences:\nexplorer(sommet)\nSELECT titre FROM comptes WHERE owner = 'cours'",
	"∫ f(t) dt = ∫ f(t) dt + ∫ f(t) dt + ∫ f(t) dt + ∫ f(t) dt + ∫ f(t) dt + ∫ f(t) dt + ∫ f(t) dt + ∫ f(t) dt + ∫ f(t) dt",
	"z = 2 + 3i, |z| = √13 et arg(z) ≈ 0,98 rad (modulo 2π)",
}

const question = `Exercice 2. On considère la suite $(u_n)$ définie par $u_0 = 800$ et $u_{n+1} = 0,9u_n + 150$. Justifier la réponse.`

func TestSolutionsStay(t *testing.T) {
	for _, answer := range solutions {
		s := pair(question, answer)
		for _, f := range All() {
			if f.Check == nil {
				continue
			}
			if v := f.Check(s); !v.Keep {
				t.Errorf("%s drops %q: %s (%s), %v against %v", f.Name, answer, v.Reason, v.Detail, v.Value, v.Threshold)
			}
		}
	}
}

func TestFilters(t *testing.T) {
	french := "La fonction est croissante sur cet intervalle car sa dérivée est positive."
	tests := []struct{ filter, question, answer, reason string }{
		{"valid", question, "a\x00b", "breaks a rule of the record"},
		{"valid", question, " ", "breaks a rule of the record"},
		{"valid", question, french, ""},
		{"empty", question, "… : —", "a message says nothing"},
		{"empty", question, "0", ""},
		{"length", "Calculer.", french, "question too short"},
		{"length", question, "oui", "answer too short"},
		{"length", question, strings.Repeat("é", 32_001), "message too long"},
		{"length", question, strings.Repeat("é", 32_000), ""},
		{"echo", question, strings.ToUpper(question), "answer repeats its question"},
		{"echo", question, "on considère la suite (u_n) définie par u_0 = 800 et u_{n+1} = 0,9u_n + 150. Justifier", "answer repeats its question"},
		{"echo", question, question + " La suite est croissante.", ""},
		{"echo", "La suite est-elle croissante ? Oui ou non.", "Oui", ""},
		{"latex", question, "On a $x = 1 donc y.", "formula that does not close"},
		{"latex", question, "On a $\\frac{1}{2$ donc.", "braces that do not pair"},
		{"latex", question, `On a $\left( 1 + x)$.`, `\left and \right do not pair`},
		{"latex", question, `\begin{align} x &= 1`, "formula that does not close"},
		{"latex", question, `x &= 1 \end{align}`, "environment that does not close"},
		{"latex", question, `$\begin{pmatrix} 1 \end{matrix}$`, "environment that does not close"},
		{"latex", question, `On trouve $rac{a}{b}$.`, "macro without its beginning"},
		{"latex", question, `Donc rac{a}{b} vaut 2.`, "macro without its beginning"},
		{"latex", question, `L'angle $heta = 2$.`, "macro without its beginning"},
		{"latex", question, `Le prix est de 5 \$ et $\{x\}$ ; $\leftarrow$, $a\$b$.`, ""},
		{"latex", question, "`$HOME` et\n```sh\necho $x {\n```", ""},
		{"latex", question, `Le contexte{ici} $\text{si } x$, $\theta$`, ""},
		{"garbled", question, "La fon\ufffdtion est croissante", "characters that mean nothing"},
		{"garbled", question, "Les \ue001\ue002 réels", "characters that mean nothing"},
		{"garbled", question, "Les  ́eleves ont  ̀a calculer", "characters that mean nothing"},
		{"garbled", question, "La dÃ©rivÃ©e est positive", "characters that mean nothing"},
		{"garbled", question, "Onconsidèrelafonctionfdéfiniesurlensembledesréels " + strings.Repeat("Montrerquelasuiteestcroissantepuisconclure ", 12), "words that cannot be"},
		{"garbled", question, strings.Repeat("xprtm nvlsq dprts ", 6), "words that cannot be"},
		{"garbled", question, "E\u0301tudier x\u0304 et a\u0338≠b, de 3\u0302 : fonction où", ""},
		{"repetition", question, strings.Repeat("La suite est donc croissante et majorée.\n", 12), "words in a loop"},
		{"repetition", question, longLines(8), "lines that repeat"},
		{"repetition", question, longLines(1), ""},
		{"repetition", question, "```\n" + strings.Repeat("print(valeur)\n", 50) + "```", ""},
		{"language", question, "The function is increasing on this interval because its derivative is positive.", "not in a wanted language"},
		{"language", question, "La función es creciente en este intervalo porque su derivada es positiva y continua.", "not in a wanted language"},
		{"language", "Show that the sequence is increasing and bounded, then find its limit.", french, "not in a wanted language"},
		{"language", question, french, ""},
		{"language", question, "Yes, $x = 2$.", ""},
	}
	for _, test := range tests {
		f, err := find(test.filter)
		if err != nil {
			t.Fatal(err)
		}
		if v := f.Check(pair(test.question, test.answer)); v.Reason != test.reason || v.Keep != (test.reason == "") {
			t.Errorf("%s on %.60q: %+v, want %q", test.filter, test.answer, v, test.reason)
		}
	}
}

// longLines is a text with one line n times, among others.
func longLines(n int) string {
	var b strings.Builder
	for i := range 10 {
		b.WriteString(strings.Repeat(string(rune('a'+i)), 10) + " est la valeur du paramètre pour la ligne\n")
		if i < n {
			b.WriteString("On applique le théorème de convergence monotone à la suite.\n")
		}
	}
	return b.String()
}

func TestNormal(t *testing.T) {
	same := [][2]string{
		{"Peut-on conclure ?", "peut on  CONCLURE"}, {"– oui\n- non", "oui, non"}, {"$x = 1$", "x=1"}, {"l'œuvre", "l’œuvre"}, {"e\u0301te\u0301", "été"},
	}
	for _, p := range same {
		if normal(p[0]) != normal(p[1]) {
			t.Errorf("%q and %q should be the same: %q, %q", p[0], p[1], normal(p[0]), normal(p[1]))
		}
	}
	different := [][2]string{
		{"x + 1", "x - 1"}, {"0,5", "05"}, {"a-b", "ab"}, {"2/3", "23"}, {"n!", "n"}, {"f(2)", "f(3)"}, {"x > 1", "x < 1"}, {"x^2", "x2"}, {"3 - 2", "3 2"},
	}
	for _, p := range different {
		if normal(p[0]) == normal(p[1]) {
			t.Errorf("%q and %q should differ", p[0], p[1])
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range solutions {
		f.Add(question, s)
	}
	f.Add("\xff$", "\\begin{\x00")
	filters := All()
	f.Fuzz(func(t *testing.T, question, answer string) {
		for _, filter := range filters {
			if filter.Key != nil {
				filter.Key(pair(question, answer))
			} else if v := filter.Check(pair(question, answer)); v.Keep != (v.Reason == "") {
				t.Errorf("%s: %+v", filter.Name, v)
			}
		}
	})
}

func BenchmarkLanguage(b *testing.B) {
	text := strings.Join(solutions, "\n\n")
	s := pair(question, text)
	f := language()
	f.Check(s) // loads the models
	b.SetBytes(int64(len(question) + len(text)))
	for b.Loop() {
		f.Check(s)
	}
}
