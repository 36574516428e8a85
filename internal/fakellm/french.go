package fakellm

import (
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	subjects    = strings.Split("Le résultat|La méthode|Cette démonstration|L'exemple précédent|Le raisonnement|Notre hypothèse|La première étape|Ce principe|L'équation obtenue|La définition|Cette propriété|Le calcul suivant|L'énoncé|La conclusion|Chaque terme|La fonction étudiée", "|")
	verbs       = strings.Split("montre que|permet de voir que|suppose que|confirme que|nous rappelle que|signifie que|prouve que|laisse penser que|explique pourquoi|établit que|suggère que|garantit que", "|")
	clauses     = strings.Split("la suite converge vers une limite|les deux côtés sont égaux|la solution est unique|le problème admet une réponse simple|les données suffisent|chaque cas doit être traité|la valeur cherchée est positive|l'ordre des termes ne compte pas|les conditions sont réunies|l'erreur reste petite|la règle s'applique ici|le lecteur peut vérifier chaque ligne|les quantités varient ensemble|le choix du départ importe peu", "|")
	connections = strings.Split("|Ensuite, |De plus, |Par conséquent, |En effet, |Ainsi, |Enfin, |Autrement dit, |Toutefois, ", "|")

	// Most are function words, so that any few of them are seen to be French.
	words = strings.Fields("le les une des du dans pour avec sans sous que qui donc alors mais comme cette ces notre leur leurs très aussi chez même où être était étaient sont est nous vous ils elles elle dont aux depuis jusqu'à après déjà quand ceux ainsi encore parce texte réponse phrase élève histoire année lumière forêt écrire créer première écrit donné trouvé lumières vérité")

	english = "The answer follows from the definition, and every step of the proof can be checked by the reader. We conclude that the two quantities are equal. This is what we wanted to show, and the method works in the general case as well."
)

// protected matches what a translator must leave alone: code, mathematics,
// addresses, placeholders, tags, and words with a digit.
var protected = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`|\\$\\$.*?\\$\\$|\\$[^$\n]+\\$|\\\\\\(.*?\\\\\\)|\\\\\\[.*?\\\\\\]|\\\\begin\\{.*?\\\\end\\{\\w+\\*?\\}|\\\\[a-zA-Z]+|https?://\\S+|[\\w.+-]+@[\\w-]+\\.[\\w.]+|\\{[^{}\n]*\\}|\\[[^\\[\\]\n]*\\]|<[^<>\n]+>|%[sdf]|\\S*\\d\\S*")

// translated puts a French word in the place of every other word. It says
// nothing, but it has the shape of a translation.
func translated(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/4)
	last := 0
	for _, span := range protected.FindAllStringIndex(text, -1) {
		translateWords(&b, text[last:span[0]])
		b.WriteString(text[span[0]:span[1]])
		last = span[1]
	}
	translateWords(&b, text[last:])
	return b.String()
}

func translateWords(b *strings.Builder, text string) {
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' })
		if end < 0 {
			end = len(text)
		}
		if end == 0 {
			_, size := utf8.DecodeRuneInString(text)
			b.WriteString(text[:size])
			text = text[size:]
			continue
		}
		b.WriteString(translateWord(text[:end]))
		text = text[end:]
	}
}

func translateWord(word string) string {
	h := fnv.New32a()
	h.Write([]byte(strings.ToLower(word)))
	french := words[h.Sum32()%uint32(len(words))]
	if first, size := utf8.DecodeRuneInString(word); size > 0 && unicode.IsUpper(first) {
		r, n := utf8.DecodeRuneInString(french)
		return string(unicode.ToUpper(r)) + french[n:]
	}
	return french
}

// composed returns a few French sentences.
func composed(random *rand.Rand) string {
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	var b strings.Builder
	for i := range 3 + random.IntN(6) {
		if i > 0 {
			b.WriteString(" ")
			connection := pick(connections)
			b.WriteString(connection)
			if connection != "" {
				b.WriteString(lowerFirst(pick(subjects)) + " " + pick(verbs) + " " + pick(clauses) + ".")
				continue
			}
		}
		b.WriteString(pick(subjects) + " " + pick(verbs) + " " + pick(clauses) + ".")
	}
	return b.String()
}

func lowerFirst(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(r)) + text[n:]
}
