package exam

import (
	"regexp"
	"strings"
)

// oneOf compiles one expression of alternatives, between word boundaries,
// blind to case.
func oneOf(alternatives ...string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|[^\pL])(` + strings.Join(alternatives, "|") + `)`)
}

// What a question asks for, or needs, that its text does not hold.
var (
	// drawing: the answer is a drawing, or something filled in.
	drawing = oneOf(
		`(re)?trace[rz]\b`, `dessine[rz]\b`, `esquisse[rz]\b`, `schématise[rz]\b`, `hachure[rz]\b`, `colorie[rz]\b`,
		`entoure[rz]\b`, `légende[rz]\b`, `surligne[rz]\b`, `représentez\b`, `fa(ire|ites) (un|le) schéma`,
		`à l[’']aide d[’']un schéma`, `(faire |faites )?figurer\b`, `placer (les?|la|sur|dans|ce)\b`,
		`représenter (graphiquement|alors|sur|dans|l[’']allure|l[’']évolution|les? |la |l[’']arbre|un (arbre|schéma|graphique|tableau)|une (formule|courbe))`,
		`construire (la (figure|courbe|droite|parabole|tangente)|le (point|symétrique|graphique)|sur\b|graphiquement|un arbre|l[’']arbre)`,
		`reproduire (la|le|et)\b`, `recopie[rz] (puis|et) complét`,
		`compléte[rz] (le (tableau|schéma|diagramme|graphique|document|graphe)|la (figure|courbe)|l[’'](arbre|annexe|axe)|les pointillés|et\b|sur\b|puis\b)`,
		`complétez\b`, `recopier l[’']arbre`, `en complétant l`,
	)
	// readingOff: the answer is read off a graph.
	readingOff = oneOf(
		`lecture graphique`, `graphiquement\b`, `lire sur`, `avec la précision (permise|du graphique)`, `lisible sur`,
		`relever sur`, `justifiant à l[’']aide du graphique`,
		`(à partir d[ue]|d[’']après|à l[’']aide d[ue]|en utilisant|sur) (le |la |ce |cette )?(graph(e|ique)|courbe)s?( (précédente?|fournie?|donnée?|ci|suivante?)|[\s.,])`,
	)
	annex = oneOf(
		`en annexe`, `l[’']annexe`, `annexes?\s+(\d|[A-Z]\b|à rendre|page|ci)`, `à rendre avec (la|votre) copie`,
		`documents?[- ]réponses?`, `feuilles?[- ]réponses?`, `DR\s?\d`,
	)
	documents = oneOf(
		`documents?\s+(n°\s*)?\d`, `doc\.?\s*\d`, `(les?|du|des|ces?|aux?) documents?\b`, `corpus\b`,
		`l[’']extrait (ci|suivant|précédent)`, `texte ci-(dessus|dessous|contre|après)`, `carte (ci|de la figure)`, `dossier documentaire`,
	)
	figures = oneOf(
		`figures?\s+(n°\s*)?\d`, `fig\.?\s*\d`, `(la|les|cette|ces|une|sur la) figures?\b`, `figures? (ci|suivante)`,
		`schémas?\s+(n°\s*\d|ci|suivant|précédent|\d)`, `(le|ce|du) schéma\b`, `graphiques?\s+(\d|ci|suivant|précédent)`,
		`(le|ce|du) graphique\b`, `photograph`, `formule topologique`, `hachurée?s?\b`, `entourée?s? sur`, `ci-contre`,
		shown+`\s(\pL+ ){0,6}(ci-(contre|dessous|dessus|après)|donnée?s? (en|ci)|représentée?s? (ci|sur|en)|tracée?s?( ci| en| sur| dans)|fournie?s?)`,
		`ci-(dessous|dessus|après)[^.]{0,40}`+shown,
	)
	// displayed are pictures that questions of physics and chemistry name.
	displayed = oneOf(
		`(le|les|du|des|ce|ces|aux?) (spectres?|chromatogrammes?|oscillogrammes?|enregistrements?|chronophotographies?|clichés?)\b`,
		`(la|les|cette|quelle) plaques?\b`, `formules? (semi-développées? |développées? |topologiques? )?(suivantes?|ci-|proposées?|données?|représentées?)`,
		`(forme|molécule|espèce|structure|plaque|montage|courbe|série|photo|image|spectre|tracé)s? (n°|no|n\^o|numéro)\s*\d`,
	)
	// readOff are the words of an answer that was read off a picture.
	readOff = oneOf(
		`(par|d[’']une|une) lecture graphique`, `graphiquement,? (on|nous)\b`, `(on|nous) (lit|lisons|relève|mesure) (alors |donc )?(graphiquement|sur)`,
		`(on|se|s[’'])\s?(voit|lit|observe(nt)?|remarque) (bien )?(alors,? )?(sur,?|en observant|en étudiant) (le |la |les |l[’'])?(figure|graph|courbe|dessin|schéma|document|spectre|tracé)`,
		`sur (la|les|cette|notre) figures?\b`, `sur (le|ce) (dessin|schéma|spectre|chromatogramme|graphique)\b`, `(voir|cf\.?) (la |le )?(figure|graph|schéma|dessin)`,
	)
	// given lets programmes and tables pass, whose text stands in the paper.
	given = oneOf(`(tableau|programme|algorithme|fonction|script|code|suite d[’']instructions|requête)\b[^.]{0,60}(ci-(contre|dessous|dessus|après)|suivant)`)
)

// shown are the things that papers show as pictures.
const shown = `(courbes?|graphes?|représentations? graphiques?|droites?|diagrammes?|histogrammes?|spectres?|chromatogrammes?|arbres?|circuits?|montages?|dispositifs?|dessins?|images?|plans?|croquis|oscillogrammes?|organigrammes?|figures?|schémas?|graphiques?|photos?)`

// needs names why a question cannot be answered from its text, or nothing. The
// question and the statement right above it count; a figure that only
// illustrates the exercise does not, unless its part is read off a graph.
// So does an answer that was read off one.
func needs(question, answer, above, section string) Reason {
	switch {
	case drawing.MatchString(question):
		return ReasonDraw
	case annex.MatchString(question):
		return ReasonAnnex
	case refersToFigure(question), readingOff.MatchString(question), readingOff.MatchString(section),
		displayed.MatchString(question), readOff.MatchString(answer):
		return ReasonFigure
	case documents.MatchString(question):
		return ReasonDocument
	case annex.MatchString(above):
		return ReasonAnnex
	case refersToFigure(above):
		return ReasonFigure
	case documents.MatchString(above):
		return ReasonDocument
	}
	return ReasonNone
}

// refersToFigure tells whether a text speaks of a picture, a curve or a
// diagram that is not text. Programmes and tables are text.
func refersToFigure(s string) bool {
	return figures.MatchString(given.ReplaceAllString(s, " "))
}
