package language

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

type script struct {
	code  string
	table *unicode.RangeTable
}

// scripts are the alphabets of other languages, by the code of the language
// most written in each. Greek is left out: its letters are mathematics.
var scripts = []script{
	{"zh", unicode.Han}, {"ja", unicode.Hiragana}, {"ja", unicode.Katakana}, {"ko", unicode.Hangul}, {"ru", unicode.Cyrillic}, {"ar", unicode.Arabic}, {"he", unicode.Hebrew},
	{"hi", unicode.Devanagari}, {"th", unicode.Thai}, {"bn", unicode.Bengali}, {"ta", unicode.Tamil}, {"te", unicode.Telugu}, {"kn", unicode.Kannada}, {"ml", unicode.Malayalam},
	{"gu", unicode.Gujarati}, {"pa", unicode.Gurmukhi}, {"ka", unicode.Georgian}, {"hy", unicode.Armenian}, {"am", unicode.Ethiopic},
}

// firstForeign is below the first letter of those alphabets.
const firstForeign = 0x400

// ScriptOf returns the code of the language that is most written in the
// alphabet of a letter, and nothing for Latin, Greek and other letters.
func ScriptOf(letter rune) (code string) {
	if letter < firstForeign || !unicode.IsLetter(letter) {
		return ""
	}
	for _, s := range scripts {
		if unicode.Is(s.table, letter) {
			return s.code
		}
	}
	return ""
}

// Known reports whether Of can give a code.
func Known(code string) bool {
	return slices.Contains(Codes, code) || slices.ContainsFunc(scripts, func(s script) bool { return s.code == code })
}

// byScript returns the language of a passage that is for the most part in
// another alphabet than Latin. Japanese is what has kana among its Han.
func byScript(p passage) (code string, confidence float64) {
	foreign, kana := 0, false
	for _, w := range p.words {
		if first, _ := utf8.DecodeRuneInString(w); first < firstForeign {
			continue
		}
		for _, r := range w {
			if c := ScriptOf(r); c != "" {
				foreign++
				kana = kana || c == "ja"
				if code == "" {
					code = c
				}
			}
		}
	}
	if 2*foreign <= p.letters {
		return "", 0
	}
	if kana {
		code = "ja"
	}
	return code, round(float64(foreign) / float64(p.letters))
}
