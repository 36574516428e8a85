package language

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// functionWords are the commonest articles, pronouns, prepositions,
// conjunctions and auxiliaries of each language of Codes, two letters and
// more. Elided forms stand with their apostrophe.
var functionWords = [...]string{
	`der die das den dem des ein eine einen einem einer eines und oder aber nicht ist sind war waren wird werden wurde wurden hat haben hatte
	ich du er sie es wir ihr ihm ihn ihnen mich dich sich mir dir uns euch mein dein sein ihre ihren ihrem ihrer seine seinen seiner
	zu zum zur mit von vom für auf aus bei beim nach über unter vor durch gegen ohne um im am an als wie wenn weil dass daß ob so auch nur noch schon
	sehr mehr kann können muss müssen soll sollte wollen dieser diese dieses diesem diesen jeder jede alle kein keine man hier dort dann da doch was wer welche`,
	`the of and to in is are was were be been being it its that this these those for with on at by from as an or but not no nor if then than so
	he she they we you his her their our your my me him them us who whom which what when where why how there here have has had do does did
	can could will would shall should may might must into onto upon over under about after before between through during each every all any some
	such only also both either neither because while although though until since out up down more most very just let's it's don't i'm you're`,
	`el la los las un una unos unas de del al y o pero no es son era fue ser está están estaba ha han había haber
	que quien cual cuál cuyo donde cuando como porque si sino para por con sin sobre entre hasta desde hacia según durante
	yo tú él ella ellos ellas nosotros usted ustedes me te se lo le les nos su sus mi mis tu tus este esta estos estas ese esa eso esto aquel
	muy más menos también ya en tan todo toda todos todas cada otro otra otros otras qué cómo hay puede pueden debe tiene tienen`,
	`le la les un une des du de au aux et ou mais donc or ni car ne pas plus est sont était étaient sera seront soit être été ont avait avoir
	ce cet cette ces ceci cela ça qui que quoi dont où quand comme si lorsque puisque parce alors ainsi aussi puis
	je tu il elle on nous vous ils elles me te se lui leur leurs son sa ses mon ma mes ton ta tes notre nos votre vos y en
	dans par pour sur avec sans sous entre vers chez depuis pendant avant après selon tout toute tous toutes chaque même très peut peuvent doit fait faire
	l' d' qu' n' c' j' s' m' t' jusqu' lorsqu' puisqu' quel quelle quels quelles aucun aucune`,
	`il lo la gli le un uno una di del dello della dei degli delle al allo alla ai agli alle dal dalla dai nel nella nei nelle sul sulla sui con
	per tra fra da in su ed ma se che chi cui quale quali quando come dove perché poiché non più meno anche ancora già molto
	io tu lui lei noi voi loro mi ti si ci vi ne suo sua suoi sue mio mia questo questa questi queste quello quella
	è sono era erano essere stato ha hanno aveva avere può possono deve ogni tutto tutti tutte altro altri l' d' un' dell' all' nell' dall' sull' quell' c'`,
	`os as um uma uns umas de do da dos das ao aos à às no na nos nas em num numa pelo pela pelos pelas com por para sem sobre entre até desde
	que quem qual cujo onde quando como porque se mas ou não é são era foi ser está estão estava há tem têm ter
	eu tu ele ela eles elas nós você vocês me te lhe lhes seu sua seus suas meu minha este esta estes estas esse essa isso isto aquele
	muito mais menos também já todo toda todos todas cada outro outra outros outras pode podem deve então assim foram`,
}

// weight of a word that one language alone has; one that n languages have
// counts a n-th for each.
const weight = 60

// masks gives each function word the languages that have it, one bit each.
var masks = func() map[string]uint8 {
	table := map[string]uint8{}
	for i, words := range functionWords {
		for w := range strings.FieldsSeq(words) {
			table[w] |= 1 << i
		}
	}
	return table
}()

// tally is how much the words of a passage speak for each language.
type tally struct {
	best, second int // scores of the two first languages
	code         string
	words        int
}

// A tally decides when its best score is enough, enough for so many words, and
// well ahead of the second. In the company of passages in the same language
// less is enough. docs/bench/language.md has the measurements.
const (
	leastScore = weight * 5 / 2
	leastShare = 0.15
	leastLead  = 1.7

	companyScore = weight
	companyShare = 0.08
	companyLead  = 1.25
)

func (t tally) decides() bool { return t.reaches(leastScore, leastShare, leastLead) }
func (t tally) fits(c string) bool {
	return t.code == c && t.reaches(companyScore, companyShare, companyLead)
}

func (t tally) reaches(score int, share, lead float64) bool {
	return t.best >= score && float64(t.best) >= share*weight*float64(t.words) && float64(t.best) >= lead*float64(t.second)
}

// confidence is the best score's share of the two first.
func (t tally) confidence() float64 {
	return round(float64(t.best) / float64(max(t.best+t.second, 1)))
}

// tallyOf counts the function words and the spellings of a passage.
func tallyOf(words []string) (t tally) {
	var scores [len(functionWords)]int
	for _, w := range words {
		for rest := w; rest != ""; {
			var part string
			part, rest = elision(rest)
			t.words++
			worth, mask := weight, maskOf(part)
			if mask == 0 {
				worth, mask = cueWeight, cueOf(part)
			}
			if mask == 0 {
				continue
			}
			worth /= bits.OnesCount8(mask)
			for ; mask != 0; mask &= mask - 1 {
				scores[bits.TrailingZeros8(mask)] += worth
			}
		}
	}
	for i, s := range scores {
		if s > t.best {
			t.best, t.second, t.code = s, t.best, Codes[i]
		} else {
			t.second = max(t.second, s)
		}
	}
	return t
}

// elision splits what stands before an apostrophe, with it, from what stands
// behind it.
func elision(word string) (head, tail string) {
	for i := 0; i < len(word); i++ {
		switch {
		case word[i] == '\'':
			return word[:i+1], word[i+1:]
		case strings.HasPrefix(word[i:], "’"):
			return word[:i+len("’")], word[i+len("’"):]
		}
	}
	return word, ""
}

// longestWord is the longest function word in bytes.
const longestWord = 12

// maskOf looks a word up whatever its case and its apostrophe.
func maskOf(word string) uint8 {
	if len(word) > longestWord {
		return 0
	}
	var lower [longestWord]byte
	n := 0
	for i := 0; i < len(word); {
		if c := word[i]; c < utf8.RuneSelf {
			if c-'A' < 26 {
				c |= 0x20
			}
			lower[n] = c
			i, n = i+1, n+1
			continue
		}
		if strings.HasPrefix(word[i:], "’") {
			lower[n] = '\''
			i, n = i+len("’"), n+1
			continue
		}
		c0 := word[i]
		lower[n] = c0
		if i++; c0 == 0xc3 && i < len(word) { // À to Þ have their small letters 0x20 further
			c1 := word[i]
			if c1 >= 0x80 && c1 <= 0x9e {
				c1 |= 0x20
			}
			lower[n+1] = c1
			i, n = i+1, n+2
			continue
		}
		n++
	}
	return masks[string(lower[:n])]
}
