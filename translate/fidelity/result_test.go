package fidelity

import (
	"strings"
	"testing"
)

func TestResult(t *testing.T) {
	for _, c := range []struct {
		source, rewritten string
		changed           string // in the detail; "" where the result survives
	}{
		{"On a x = 2 donc $x^2 = 4$.", "On sait que $x = 2$. En élevant au carré, on a donc $x^{2}=4$.", ""},
		{"On a x = 2 donc $x^2 = 4$.", "On sait que $x = 2$, donc $x^2 = 5$.", "5"},
		{"On a x = 2 donc $x^2 = 4$.", "On sait que $x = 2$, donc $x^3 = 4$.", "$x^2 = 4$"},
		{"On a x = 2 donc $x^2 = 4$.", "On sait que $x = 2$ et on élève au carré.", "$x^2 = 4$"},
		{"Le résultat est \\boxed{\\dfrac{3}{4}}.", "On calcule, et le résultat est $\\boxed{\\frac{3}{4}}$.", ""},
		{"Le résultat est \\boxed{\\dfrac{3}{4}}.", "On calcule, et le résultat est $\\boxed{\\frac{4}{3}}$.", "34"},
		{"Le résultat est \\boxed{3}.", "Le résultat est 3.", "3"},
		{"La probabilité est 0,25.", "On calcule : la probabilité vaut $\\frac{25}{100} = 0{,}25$.", ""},
		{"La probabilité est 0,25.", "La probabilité est $0{,}25$, donc il y a une chance sur $8$.", "8"},
		{"La probabilité est 0,25.", "On calcule et on trouve une probabilité de $0{,}25$.", ""},
		{"La probabilité est 0,25.", "On calcule et on trouve une probabilité de $0{,}52$.", "0.25"},
		{"Ainsi la solution est -3.", "Ainsi, la solution est $-3$.", ""},
		{"Ainsi la solution est -3.", "Ainsi, la solution est $3$.", "-3"},
		{"Ainsi le prix est de 12 500 euros.", "Ainsi, le prix est de $12\\,500$ euros.", ""},
		{"d'où f(x) >= (1)/(2) sur [0,1].", "On en déduit que $f(x) \\geq \\dfrac12$ sur $[0 ; 1]$.", ""},
		{"On obtient $S = \\{1, 2\\}$.", "On obtient $S=\\left\\{1 \\,;\\, 2\\right\\}$.", ""},
		{"donc u₁ = 3² = 9", "donc $u_1 = 3^2 = 9$", ""},
		{"donc $f$ est croissante.", "donc la fonction $f$ est croissante sur l'intervalle.", ""},
		{"donc $\\sin x > 0$.", "donc $\\cos x > 0$.", "\\sin x"},
		{"On a donc $x = 3$. C'est la fin.", "Au début, $x = 3$. " + strings.Repeat("On écrit beaucoup de choses. ", 9) + "On a donc fini avec $y$.", "$x = 3$"},
		{"La fonction est continue.", "La fonction est continue, car elle est dérivable.", ""},
		{"", "", ""},
	} {
		found := Result(c.source, c.rewritten)
		switch {
		case c.changed == "" && len(found) > 0, c.changed != "" && (len(found) != 1 || found[0].Gate != GateResult || !found[0].Reject || !strings.Contains(found[0].Detail, c.changed)):
			t.Errorf("%q\n%q: %v", c.source, c.rewritten, found)
		}
	}
}

// Numbers of the steps before the result are for a person to look at.
func TestResultFlagsSteps(t *testing.T) {
	found := Result("On a 2 + 3 = 5, donc le total est 10.", "On a $2 + 3 = 6$, donc le total est $10$.")
	if len(found) != 1 || found[0].Reject || found[0].Gate != GateNumber || !strings.Contains(found[0].Detail, "5") {
		t.Errorf("%v", found)
	}
}

func TestStatement(t *testing.T) {
	for _, c := range []struct {
		source, rewritten string
		same              bool
	}{
		{"Soit f(x) = x² + 1, calculer f(2).", "Soit $f(x) = x^2 + 1$. Calculer $f(2)$.", true},
		{"Soit $f(x)=\\dfrac{1}{x}$ sur ]0,1[.", "Soit $f(x) = \\frac{1}{x}$ sur $]0 ; 1[$.", true},
		{"Soit $sin x >= 0$ .", "Soit $\\sin x \\geqslant 0$.", true},
		{"- 3 pommes\n- 4 poires", "3 pommes et 4 poires", true},
		{"Calculer f(2).", "Calculer $f(3)$.", false},
		{"Calculer f(2).", "Calculer $f(2)$ puis $f(3)$.", false},
		{"Calculer $\\ln x$.", "Calculer $\\exp x$.", false},
		{"Calculer x - 3.", "Calculer $x + 3$.", false},
		{"Calculer $\\frac{1}{2$.", "Calculer $\\frac{1}{2}$.", true},
	} {
		if found := Statement(c.source, c.rewritten); (len(found) == 0) != c.same {
			t.Errorf("%q\n%q: %v", c.source, c.rewritten, found)
		}
	}
}

func FuzzResult(f *testing.F) {
	f.Add("On a donc $x^2 = \\boxed{4}$.", "donc $-3{,}5$")
	f.Add("\\boxed{\\boxed", "1 000 000,5")
	f.Fuzz(func(t *testing.T, source, rewritten string) {
		if found := Result(source, source); len(found) > 0 {
			t.Errorf("%q is not itself: %v", source, found)
		}
		if found := Statement(source, source); len(found) > 0 {
			t.Errorf("%q does not state itself: %v", source, found)
		}
		Result(source, rewritten)
	})
}
