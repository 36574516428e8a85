package pdftext

import (
	"strings"
	"unicode"

	"github.com/kurakurai/luth/scrape/document"
)

// A text of minJudged letters in words of the Latin script is judged by the
// share of the ten letters that French and English use most. It is 0.63 to
// 0.85 in texts of these and of other European languages, in listings and in
// solutions full of formulas, and 0.3 to 0.5 where codes are not the
// characters they pass for.
const (
	minJudged      = 300
	minCommon      = 0.5
	commonLetters  = "etaoinsrluéèêëàâîïôùûü"
	minWord        = 3
	minLatinLetter = 0.5
)

// isGarbled reports whether the letters of a text are not those it shows.
func isGarbled(pages []document.Page) bool {
	var all, latin, judged, common int
	for _, p := range pages {
		for _, l := range p.Lines {
			for _, word := range strings.FieldsFunc(l.Text, func(r rune) bool { return !unicode.IsLetter(r) }) {
				n, ofLatin, ofCommon := countLetters(word)
				all += n
				latin += ofLatin
				if n >= minWord && ofLatin == n {
					judged += n
					common += ofCommon
				}
			}
		}
	}
	return judged >= minJudged && float64(latin) > minLatinLetter*float64(all) && float64(common) < minCommon*float64(judged)
}

func countLetters(word string) (all, latin, common int) {
	for _, r := range word {
		all++
		if r = unicode.ToLower(r); unicode.Is(unicode.Latin, r) {
			latin++
		}
		if strings.ContainsRune(commonLetters, r) {
			common++
		}
	}
	return all, latin, common
}
