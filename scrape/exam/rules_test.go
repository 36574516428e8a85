package exam

import (
	"testing"

	"github.com/kurakurai/luth/scrape/document"
)

func TestScanLabels(t *testing.T) {
	tests := []struct {
		line string
		want string // labels with a slash between, then the rest of the line
	}{
		{"1. Montrer", "1| Montrer"},
		{"1) a) Montrer", "1/a| Montrer"},
		{"3a. Réponse", "3/a| Réponse"},
		{"3.a) Réponse", "3/a| Réponse"},
		{"II.3.b) Donc", "II/3/b| Donc"},
		{"A.2.c Donc", "A/2/c| Donc"},
		{"1.2.1. Lors", "1/2/1| Lors"},
		{"(ii) Donc", "ii| Donc"},
		{"2. et 3. On a", "2-3| On a"},
		{"1. à 3. Voir", "1-3| Voir"},
		{"2°) Calculer", "2| Calculer"},
		{"Q12 – Écrire", "Question 12| Écrire"},
		{"Q1-Q4. Voir", "Question 1-4| Voir"},
		{"Questions 4 et 5 : voir", "Question 4-5| voir"},
		{"□ 12. Montrer", "12| Montrer"},
		{"J Q2 Dessiner", "Question 2| Dessiner"},
		{"Exercice\u00a02\t(6 points)", "Exercice 2|\t(6 points)"},
		{"EXERCICE A commun à tous", "Exercice A| commun à tous"},
		{"Corrigé de l’exercice 2", "Exercice 2|"},
		{"Deuxième partie : suites", "Partie 2| suites"},
		{"Partie B – Étude", "Partie B| Étude"},
		{"Dissertation n°1", "Sujet 1|"},
		{"Affirmation 3 : vraie", "Affirmation 3| vraie"},
		{"Problème", "Problème|"},
		{"I.A – 1) Montrer", "I/A/1| Montrer"},
		{"I.A.1.a) Montrer", "I/A/1/a| Montrer"},
		{"A1. Montrer", "A/1| Montrer"},
		{"I-1) Montrer", "I/1| Montrer"},
		{"1 . Montrer", "1| Montrer"},
		{"Q1 a) Montrer", "Question 1/a| Montrer"},
		{"Question 1.2 Montrer", "Question 1/2| Montrer"},
		{"Ex. 2", "Exercice 2|"},
		{"A-2-a- Montrer", "A/2/a| Montrer"},
		{"A-2-c Donner", "A/2/c| Donner"},
		{"B-3 Donner", "B/3| Donner"},
		{"II-1- Montrer", "II/1| Montrer"},
		{"▷ 3 Montrer", "3| Montrer"},
		{"□ 12 a) Montrer", "12/a| Montrer"},
		{"4.a) à 4.c) On a", "4/a-c| On a"},
		{"3a et 3b. On a", "3/a-b| On a"},
		{"5.a/b Voir", "5/a-b| Voir"},
		{"1.a, 1.b et 1.c Voir", "1/a-c| Voir"},
		{"C-1 s’écrit donc", "|"},
		{"A-t-on f(1) = 0 ?", "|"},
		{"▷ 3 points", "|"},
		{"Explication de texte", "Sujet|"},
		{"Explication de texte : Descartes", "Sujet| Descartes"},
		{"Explication de texte et dissertation", "|"},
		{"Question préliminaire : montrer", "0| montrer"},
		{"partie B, on a vu que", "|"},
		{"Exercice 2 du livre", "|"},
		{"3.5 est une valeur", "|"},
		{"2x + 1", "|"},
		{"3 - 4x = 0", "|"},
		{"2019. Une année", "|"},
		{"f(x) = 2.", "|"},
		{"a = 2", "|"},
		{"", "|"},
	}
	for _, tt := range tests {
		chain, end := scanLabels(tt.line)
		got := ""
		for i, readings := range chain {
			if i > 0 {
				got += "/"
			}
			got += readings[0].String()
		}
		got += "|"
		if len(chain) > 0 {
			got += tt.line[end:]
		}
		if got != tt.want {
			t.Errorf("scanLabels(%q) = %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestNeeds(t *testing.T) {
	tests := []struct {
		question, answer, above, section string
		want                             Reason
	}{
		{"Calculer la probabilité de l'événement S.", "", "", "", ReasonNone},
		{"Tracer la courbe de f.", "", "", "", ReasonDraw},
		{"Recopier et compléter l’arbre pondéré.", "", "", "", ReasonDraw},
		{"Étudier les variations de f et dresser son tableau de variations.", "", "", "", ReasonNone},
		{"En utilisant la figure 2, déterminer la vitesse.", "", "", "", ReasonFigure},
		{"Résoudre graphiquement f(x) = 2.", "", "", "", ReasonFigure},
		{"Quelle est la valeur de f'(1) ?", "", "", "Les réponses seront données avec la précision permise par le graphique.", ReasonFigure},
		{"Que renvoie le programme ci-dessous ?", "", "", "", ReasonNone},
		{"Expliquer le mécanisme à l'aide du document 3.", "", "", "", ReasonDocument},
		{"Répondre sur l’annexe à rendre avec la copie.", "", "", "", ReasonAnnex},
		{"Calculer l'intensité.", "", "On réalise le circuit ci-contre.", "", ReasonFigure},
		{"Déterminer le volume à l’équivalence.", "On lit graphiquement V_E = 14 mL.", "", "", ReasonFigure},
		{"Déterminer l’âge de la roche.", "Par lecture graphique, la pente vaut 0,0042.", "", "", ReasonFigure},
		{"Identifier le produit à l’aide des spectres proposés.", "", "", "", ReasonFigure},
		{"Indiquer la plaque obtenue avant purification.", "", "", "", ReasonFigure},
		{"Choisir parmi les formules semi-développées suivantes celle de l’éthanol.", "", "", "", ReasonFigure},
		{"Déterminer la limite de f.", "On lit dans l’énoncé que f est croissante.", "", "", ReasonNone},
		{"Montrer que la courbe de f admet une asymptote.", "", "", "", ReasonNone},
	}
	for _, tt := range tests {
		if got := needs(tt.question, tt.answer, tt.above, tt.section); got != tt.want {
			t.Errorf("needs(%q) = %q, want %q", tt.question, got, tt.want)
		}
	}
}

func TestRepeats(t *testing.T) {
	tests := []struct{ question, answer, rest string }{
		{"Montrer que f est paire.", "Montrer que f est paire. Soit x réel.", " Soit x réel."},
		{"Montrer que f est paire.", "Soit x réel : f est paire.", "Soit x réel : f est paire."},
		{"Proposer une autre méthode de titrage.", "Une autre méthode de titrage serait la pH-métrie.", "Une autre méthode de titrage serait la pH-métrie."},
		{"DL de cos(x) =", "DL de cos(x) = 1 + o(x)", "= 1 + o(x)"},
		{"La science peut-elle tout dire ?", "Sujet : La science peut-elle tout dire ?\nNon.", "Non."},
		{"Calculer le produit 𝐴𝐵 . 𝑢 des vecteurs.", "Calculer le produit AB · u des vecteurs.\nIl vaut 8.", "Il vaut 8."},
	}
	for _, tt := range tests {
		if got := tt.answer[repeats(tt.question, tt.answer):]; got != tt.rest {
			t.Errorf("after %q remains %q, want %q", tt.question, got, tt.rest)
		}
	}
}

func TestClean(t *testing.T) {
	full := func(s string) document.Line { return document.Line{Text: s, X0: 50, X1: 500, Size: 10} }
	short := func(s string) document.Line { return document.Line{Text: s, X0: 50, X1: 200, Size: 10} }
	tests := map[string]struct {
		lines []document.Line
		want  string
	}{
		"wrapped":   {[]document.Line{full("Montrer que la fonction"), short("est paire.")}, "Montrer que la fonction est paire."},
		"points":    {[]document.Line{full("Montrer que f est paire. (2 points)")}, "Montrer que f est paire."},
		"1 point":   {[]document.Line{full("Le joueur marquera"), short("1 point.")}, "Le joueur marquera 1 point."},
		"formula":   {[]document.Line{full("On a donc"), {Text: "x = 2", X0: 200, X1: 240, Size: 10, Formula: true}, short("Fin.")}, "On a donc\nx = 2\nFin."},
		"program":   {[]document.Line{full("Écrire :"), short("def f(x):"), short("return x")}, "Écrire :\ndef f(x):\nreturn x"},
		"furniture": {[]document.Line{full("Donner la limite"), short("Page 3 sur 7"), short("de f.")}, "Donner la limite de f."},
	}
	for name, tt := range tests {
		o := &outline{lines: layout(document.Text{Pages: []document.Page{{Number: 1, Lines: tt.lines}}})}
		if got := clean(o.passage(place{}, place{len(o.lines), 0})); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
