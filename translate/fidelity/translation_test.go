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

// Pairs on which the checks were first tried.
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

// Prompts as the persona sets of Tulu have them, with faithful translations:
// nothing is to be found in them.
func TestFaithfulTranslations(t *testing.T) {
	run(t, []translationTest{
		{
			"Maria, a marine biologist, is studying a population of 1,200 sea turtles. Each year the population grows by 3.5%, but 40 turtles are lost to fishing nets. Let $P_n$ denote the population after $n$ years.\n\n1. Write a recurrence relation for $P_n$.\n2. Find the population after 5 years, rounded to the nearest whole number.\n3. Will the population ever exceed 2,000? Explain your reasoning.",
			"Maria, biologiste marine, étudie une population de 1 200 tortues marines. Chaque année, la population augmente de 3,5 %, mais 40 tortues périssent dans des filets de pêche. On note $P_n$ la population après $n$ années.\n\n1. Écrivez une relation de récurrence pour $P_n$.\n2. Déterminez la population après 5 ans, arrondie à l'entier le plus proche.\n3. La population dépassera-t-elle un jour 2 000 ? Expliquez votre raisonnement.", "",
		},
		{
			"Write a product description for a handmade leather wallet. Your response should contain at least 3 placeholders represented by square brackets, such as [name]. Do not use any commas, and finish with a postscript starting with P.S.",
			"Rédigez la description d'un portefeuille en cuir fait main. Votre réponse doit contenir au moins 3 espaces réservés entre crochets, tels que [name]. N'utilisez aucune virgule et terminez par un post-scriptum commençant par P.S.", "",
		},
		{
			"As a high school chemistry teacher, I need a worksheet on balancing equations. Include exactly 5 questions, each followed by four options labelled A) to D), and wrap the title in double angular brackets, such as <<Balancing Equations>>.",
			"En tant que professeur de chimie au lycée, j'ai besoin d'une fiche d'exercices sur l'équilibrage des équations. Incluez exactement 5 questions, chacune suivie de quatre options notées de A) à D), et mettez le titre entre doubles chevrons, comme <<Équilibrage des équations>>.", "",
		},
		{
			"Consider the function \\(f(x) = \\frac{x^2 - 1}{x + 2}\\) on the interval \\((-2, \\infty)\\).\n\n(a) Compute \\(f'(x)\\).\n(b) Determine where \\(f\\) is increasing.\n(c) Evaluate\n\\[\\int_0^1 f(x) \\, dx.\\]",
			"On considère la fonction \\(f(x) = \\frac{x^2 - 1}{x + 2}\\) sur l'intervalle \\(]-2 ; +\\infty[\\).\n\n(a) Calculez \\(f'(x)\\).\n(b) Déterminez où \\(f\\) est croissante.\n(c) Calculez\n\\[\\int_0^1 f(x) \\, \\mathrm{d}x.\\]", "",
		},
		{
			"Here's my Python function:\n\n```python\ndef area(r):\n    return 3.14 * r ** 2  # circle\n```\n\nWhy does `area(\"2\")` raise a TypeError? Answer in under 100 words.",
			"Voici ma fonction Python :\n\n```python\ndef area(r):\n    return 3.14 * r ** 2  # circle\n```\n\nPourquoi `area(\"2\")` lève-t-elle une TypeError ? Répondez en moins de 100 mots.", "",
		},
		{
			"A baker sells croissants for $2.50 each and baguettes for $1.75 each. On Monday, he sold twice as many croissants as baguettes and earned $337.50 in total. How many baguettes did he sell?",
			"Un boulanger vend ses croissants 2,50 $ pièce et ses baguettes 1,75 $ pièce. Lundi, il a vendu deux fois plus de croissants que de baguettes et a gagné 337,50 $ au total. Combien de baguettes a-t-il vendues ?", "",
		},
		{
			"Summarize the history of the Silk Road in exactly three paragraphs separated by ***. The second paragraph must begin with the word \"Meanwhile\".",
			"Résumez l'histoire de la route de la soie en exactement trois paragraphes séparés par ***. Le deuxième paragraphe doit commencer par le mot « Pendant ».", "",
		},
		{
			"You are a financial advisor. Compare a 15-year mortgage at 4.25% with a 30-year mortgage at 5% on a $300,000 loan. Present the result as a table:\n\n| Term | Monthly payment | Total interest |\n|---|---|---|\n| 15 years | | |\n| 30 years | | |",
			"Vous êtes conseiller financier. Comparez un prêt immobilier sur 15 ans à 4,25 % avec un prêt sur 30 ans à 5 % pour un emprunt de 300 000 $. Présentez le résultat sous forme de tableau :\n\n| Durée | Mensualité | Intérêts totaux |\n|---|---|---|\n| 15 ans | | |\n| 30 ans | | |", "",
		},
		{
			"A train leaves Lyon at 2:45 pm travelling at 180 km/h. Another leaves Paris, 465 km away, at 3:15 pm at 210 km/h. At what time do they meet?",
			"Un train part de Lyon à 14 h 45 et roule à 180 km/h. Un autre part de Paris, à 465 km, à 15 h 15, à 210 km/h. À quelle heure se croisent-ils ?", "",
		},
		{
			"Describe the life of a 19th-century lighthouse keeper in 200-250 words. Include the keywords \"storm\" and \"solitude\", and highlight at least two phrases in *italics*.",
			"Décrivez la vie d'un gardien de phare du XIXe siècle en 200 à 250 mots. Incluez les mots-clés « tempête » et « solitude », et mettez en valeur au moins deux expressions en *italique*.", "",
		},
		{
			"Let $A = \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$. Find $\\det(A)$ and, if it exists, $A^{-1}$. Then show that $A^2 - 5A - 2I = 0$.",
			"Soit $A = \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$. Calculez $\\det(A)$ et, si elle existe, $A^{-1}$. Montrez ensuite que $A^2 - 5A - 2I = 0$.", "",
		},
		{
			"I'm organizing a charity run. Draft an email to sponsors (contact: run@charity.org, site: https://charity.org/run) explaining the 3 sponsorship tiers: Bronze ($500), Silver ($1,000) and Gold ($2,500).",
			"J'organise une course caritative. Rédigez un courriel aux sponsors (contact : run@charity.org, site : https://charity.org/run) présentant les 3 niveaux de parrainage : Bronze (500 $), Argent (1 000 $) et Or (2 500 $).", "",
		},
		{
			"If $f: \\mathbb{R} \\to \\mathbb{R}$ satisfies $f(x + y) = f(x) + f(y)$ for all $x, y \\in \\mathbb{R}$ and $f(1) = 2.5$, what is $f(1,000)$?",
			"Si $f : \\mathbb{R} \\to \\mathbb{R}$ vérifie $f(x + y) = f(x) + f(y)$ pour tous $x, y \\in \\mathbb{R}$ et $f(1) = 2{,}5$, que vaut $f(1\\,000)$ ?", "",
		},
		{
			"- Explain what a blockchain is\n- Give one example\n- Keep it simple!",
			"- Expliquez ce qu'est une blockchain\n- Donnez un exemple\n- Restez simple !", "",
		},
	})
}
