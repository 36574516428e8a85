package fidelity

import (
	"strings"
	"testing"
)

func FuzzTranslation(f *testing.F) {
	f.Add("Find $x^2$ in `a` for 3 items, (0, 1].", "Trouver $x^2$ dans `a` pour 3 objets, ]0 ; 1].")
	f.Add("What is 1,000 at 3:30 pm? \"a\"", "« XXIe » quatre-vingt-dix \xff")
	f.Fuzz(func(t *testing.T, source, target string) {
		for _, finding := range Translation(source, target, Options{}) {
			if finding.Gate == "" || finding.Detail == "" {
				t.Errorf("%+v", finding)
			}
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add("Expliquez $x$.", "On a \frac{1}{2} « the end » </think> ```")
	f.Fuzz(func(t *testing.T, prompt, answer string) {
		for _, finding := range Answer(prompt, answer, Options{Thinking: true}) {
			if finding.Gate == "" || finding.Detail == "" {
				t.Errorf("%+v", finding)
			}
		}
	})
}

// TestGatesAreLinear gives the gates texts that make a careless one look at
// the same bytes again and again: with such a one it does not come to its end.
func TestGatesAreLinear(t *testing.T) {
	for _, piece := range []string{"1,", "1 000 ", "a b ", "\"", "« ", "$x$ ", "$", "`a` ", "]0,", "{", "\\text{", "\\left", "A. ", "- a\n", "| a ", "écrivez ", "XXI ", "ab", "la la ", "<b>", "3 pm ", "[a b] ", "quatre-vingt ", "é", "的", "\\begin{a}"} {
		text := strings.Repeat(piece, 1<<15/len(piece))
		Translation(text, text+"x", Options{})
		Answer(text, "x"+text, Options{})
		Translation("$x"+text+"$", "$y"+text+"$", Options{})
	}
	long := strings.Repeat("1,", 1<<19)
	match([]string{"$x" + long + "$"}, []string{"$y" + long + "$"}, english, french)
	match([]string{"$" + strings.Repeat(`\text{`, 1<<17) + "$"}, []string{"$y$"}, english, english)
	quotations(strings.Repeat("« \" ", 1<<18))
	compression(long)
}

// row is a prompt of 1.5 kB with its translation, and an answer of 3 kB.
func row() (source, target, answer string) {
	source = strings.Repeat("Explain how the sequence $u_{n+1} = 0.9 u_n + 150$ behaves when n grows, and write `limit(u)` in Python. Include 3 examples of at least 1,200 terms.\n", 10)
	target = strings.Repeat("Expliquez comment la suite $u_{n+1} = 0{,}9 u_n + 150$ se comporte quand n croît, et écrivez `limit(u)` en Python. Donnez 3 exemples d'au moins 1 200 termes.\n", 10)
	var b strings.Builder
	sentences := []string{
		"La suite est croissante car chaque terme dépasse le précédent.", "On montre par récurrence que $u_n \\le 1500$ pour tout entier naturel $n$.", "Elle converge donc vers une limite réelle.",
		"Cette limite est solution de l'équation $\\ell = 0{,}9\\ell + 150$.", "En résolvant, on trouve une valeur finie que l'on compare aux premiers termes.", "Le programme suivant calcule ces termes jusqu'au seuil demandé.",
		"Les trois exemples proposés illustrent des vitesses de convergence différentes.", "Remarquons enfin que le premier terme n'a pas d'influence sur la limite obtenue.", "Le raisonnement précédent reste valable lorsque la raison est négative.",
	}
	for i := 0; b.Len() < 3000; i++ {
		b.WriteString(sentences[(i*i+3*i)%len(sentences)] + " ")
		if i%4 == 3 {
			b.WriteString("\n\n")
		}
	}
	return source, target, strings.TrimSpace(b.String())
}
