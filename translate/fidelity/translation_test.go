package fidelity

import (
	"strings"
	"testing"
)

// gates writes findings as their gates, with a ! behind those that reject.
func gates(findings []Finding) string {
	var all []string
	for _, f := range findings {
		name := f.Gate
		if f.Reject {
			name += "!"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

type translationTest struct{ source, target, want string }

func run(t *testing.T, tests []translationTest) {
	t.Helper()
	for _, test := range tests {
		if got := Translation(test.source, test.target, Options{}); gates(got) != test.want {
			t.Errorf("%.70q\n  -> %.70q\n got %+v\nwant %q", test.source, test.target, got, test.want)
		}
	}
}

// The pairs of prototypes/llm/tq, which research/llm.md measured.
func TestPrototypePairs(t *testing.T) {
	run(t, []translationTest{
		{"Find $x$ such that $x^2=2$.", "Trouver $x$ tel que $x^2 = 2$.", ""},
		{"The price is 1,234.56 dollars for 3 items.", "Le prix est de 1 234,56 dollars pour 3 articles.", ""},
		{"It costs $5 and then $10 more.", "Cela coûte 5 $ puis 10 $ de plus.", ""},
		{"Use $\\frac{1}{2}$ if $x>0$ and $0 \\text{ otherwise}$.", "Utilisez $\\dfrac{1}{2}$ si $x>0$ et $0 \\text{ sinon}$.", ""},
		{"Let $\\pi \\approx 3.14$.", "Soit $\\pi \\approx 3{,}14$.", ""},
		{"Population 12,500,000 in 2020.", "Population de 12 500 000 en 2020.", ""},
		{"Write exactly 3 bullet points, 150 words.", "Rédigez exactement 3 puces, 150 mots.", ""},
		{"Chapter 2, 300 pages", "Chapitre 2, 300 pages", ""},
		{"Values 1, 2 and 3.5", "Valeurs 1, 2 et 3,5", ""},
		{"In 1999 200 people came", "En 1999 200 personnes sont venues", ""},
		{"Run `pip install x` and see https://a.b/c.", "Exécutez `pip install x` et voyez https://a.b/c.", ""},
		{"20% of 45", "20 % de 45", ""},
		{"a 1.5 m rod", "une tige de 1,5 m", ""},
		{"Find $x$ such that $x^2=2$.", "Trouver $x$ tel que $x^3=2$.", "formula!"},
		{"Write exactly 3 bullet points.", "Rédigez exactement 4 puces.", "number"},
		{"See ```py\nprint(1)\n```", "Voir ```py\nimprimer(1)\n```", "code!"},
		{"There are 1,000 birds", "Il y a 1,000 oiseaux", "number"},
		{"Compute $\\int_0^1 f$ and $g$.", "Calculer $\\int_0^1 f$.", "formula!"},
		{"Answer 0.05", "Répondre 0,5", "number"},
		{"The 21st century and 2 apples", "Le XXIe siècle et 2 pommes", ""},
		{"At 3:30 pm", "À 15 h 30", ""},
		{"There are two cats and 2 dogs", "Il y a 2 chats et 2 chiens", ""},
		{"$2 billion", "2 milliards de dollars", ""},
	})
}
