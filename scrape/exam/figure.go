package exam

import "regexp"

// What a question asks for, or needs, that its text does not hold.
var (
	drawing = regexp.MustCompile(`(?i)\b(tracer|tracez|dessiner|dessinez|esquisser|schématiser|schématisez|représenter (graphiquement|alors|sur|dans|l[’']allure|la (courbe|fonction|droite|trajectoire)|les (forces|vecteurs|courbes|points)|le (schéma|graphe|vecteur|spectre)|un schéma)|représentez|placer (les?|la|sur|dans|ce)|construire (la (figure|courbe|droite|parabole)|le (point|symétrique|graphique)|sur|graphiquement)|hachurer|colorier|entourer|légender|surligner|reproduire (la|le|et)|recopier (puis|et) compléter|recopiez et complétez|compléter (le (tableau|schéma|diagramme|graphique|document|graphe)|la (figure|courbe)|l[’'](arbre|annexe|axe)|les pointillés|et|sur|puis)|complétez|sur (la|votre) copie[^.]*(entourer|tracer)|faire (un|le) schéma|à l[’']aide d[’']un schéma|faire figurer)\b`)
	readingOff = regexp.MustCompile(`(?i)\b(lecture graphique|graphiquement|lire (sur|graphiquement)|avec la précision (permise|du graphique)|par lecture|lisible sur|à partir du graph(e|ique)|d[’']après le graph(e|ique)|relever (sur|graphiquement))`)
	annex      = regexp.MustCompile(`(?i)\b(en annexe|l[’']annexe|annexes?\s+(\d|[A-Z]\b|à rendre|page|ci)|à rendre avec (la|votre) copie|document[- ]réponses?|feuille[- ]réponses?|DR\s?\d)`)
	documents  = regexp.MustCompile(`(?i)\b(documents?\s+(n°\s*)?\d|doc\.?\s*\d|(le|les|du|des|ce|ces|aux?) documents?\b|corpus|l[’']extrait ci|texte ci-(dessus|dessous|contre|après)|photograph|carte (ci|de la figure))`)
	figures    = regexp.MustCompile(`(?i)\b(figures?\s+(n°\s*)?\d|fig\.?\s*\d|(la|les|cette|ces|une) figures?\b|figures? (ci|suivante|ci-contre)|schémas?\s+(n°\s*\d|ci|suivant|précédent|\d)|(le|ce) schéma\b|graphiques?\s+(\d|ci|suivant|précédent)|(le|ce) graphique\b|(courbes?|graphe|représentations? graphiques?|droites?|tableau|diagramme|histogramme|spectres?|chromatogramme|arbre|circuit|montage|dispositif|dessin|images?|plan|croquis|oscillogramme|organigramme) (\w+ ){0,6}(ci-(contre|dessous|dessus|après)|suivante?s?\b( :)?$|donnée?s? (en|ci)|représentée?s? (ci|sur|en)|tracée?s?( ci| en| sur| dans)|fournie?s?)|ci-contre)`)
	// given lets a table or a tree pass whose text stands in the question.
	given = regexp.MustCompile(`(?i)\b(tableau|programme|algorithme|fonction|script|code|suite d[’']instructions|requête)\b[^.]{0,60}(ci-(contre|dessous|dessus|après)|suivant)`)
)

// needs names why a question cannot be answered from its text, or nothing. The
// question and the statement right above it count; a figure that only
// illustrates the exercise does not.
func needs(question, parent string) Reason {
	switch {
	case drawing.MatchString(question):
		return ReasonDraw
	case annex.MatchString(question):
		return ReasonAnnex
	case refersToFigure(question) || readingOff.MatchString(question):
		return ReasonFigure
	case documents.MatchString(question):
		return ReasonDocument
	case annex.MatchString(parent):
		return ReasonAnnex
	case refersToFigure(parent):
		return ReasonFigure
	case documents.MatchString(parent):
		return ReasonDocument
	}
	return ReasonNone
}

// refersToFigure tells whether a text speaks of a picture, a curve or a
// diagram that is not text. Programmes and tables are text.
func refersToFigure(s string) bool {
	return figures.MatchString(given.ReplaceAllString(s, ""))
}
