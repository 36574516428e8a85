package fidelity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// numberWords are the words of small numbers in both languages. One and un are
// articles too, and left out.
var numberWords = map[string]map[string]float64{
	"en": {
		"zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
		"thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
		"forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "dozen": 12,
		"twice": 2, "double": 2, "half": 0.5, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "both": 2, "pair": 2, "couple": 2,
	},
	"fr": {
		"zéro": 0, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12,
		"treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "dix-sept": 17, "dix-huit": 18, "dix-neuf": 19, "vingt": 20, "vingt-et-un": 21, "vingt-deux": 22,
		"vingt-trois": 23, "vingt-quatre": 24, "vingt-cinq": 25, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "soixante-dix": 70, "soixante-quinze": 75,
		"quatre-vingts": 80, "quatre-vingt-dix": 90, "cent": 100, "cents": 100, "mille": 1000, "douzaine": 12, "double": 2, "moitié": 0.5, "demi": 0.5, "demie": 0.5,
		"premier": 1, "première": 1, "deuxième": 2, "second": 2, "seconde": 2, "troisième": 3, "quatrième": 4, "cinquième": 5, "sixième": 6, "septième": 7, "huitième": 8, "neuvième": 9, "dixième": 10,
		"midi": 12, "minuit": 0, "quinzaine": 15, "dizaine": 10, "vingtaine": 20, "centaine": 100, "millier": 1000,
	},
}

// wordValue returns the length of the word that a text begins with and its
// value where it is a number. Such values are optional: two may be 2 or a pair.
func wordValue(text, code string) (length int, v value, ok bool) {
	for length < len(text) {
		r, size := utf8.DecodeRuneInString(text[length:])
		if !unicode.IsLetter(r) && (r != '-' || length == 0) {
			break
		}
		length += size
	}
	if length == 0 {
		return runeLength(text), v, false
	}
	word := text[:length]
	if x, found := numberWords[code][strings.ToLower(word)]; found {
		return length, value{word, []float64{x}, true}, true
	}
	head, tail, hyphenated := strings.Cut(strings.ToLower(word), "-")
	if hyphenated && code == "en" { // twenty-one
		tens, isTens := numberWords[code][head]
		units, isUnits := numberWords[code][tail]
		if tail == "one" {
			units, isUnits = 1, true
		}
		if isTens && isUnits && tens >= 20 && units < 10 {
			return length, value{word, []float64{tens + units}, true}, true
		}
	}
	if x := roman(word); x > 0 {
		return length, value{word, []float64{x}, true}, true
	}
	return length, v, false
}

// roman returns the value of a Roman numeral with the ending of an ordinal,
// such as XXIe, or in capitals alone; 0 for other words.
func roman(word string) float64 {
	digits := strings.TrimRight(word, "èemrs")
	total, last := 0.0, 0.0
	for i := len(digits) - 1; i >= 0; i-- {
		x := romanDigit(digits[i])
		switch {
		case x == 0:
			return 0
		case x < last:
			total -= x
		default:
			total += x
			last = x
		}
	}
	return total
}

func romanDigit(c byte) float64 {
	switch c {
	case 'I':
		return 1
	case 'V':
		return 5
	case 'X':
		return 10
	case 'L':
		return 50
	case 'C':
		return 100
	case 'D':
		return 500
	case 'M':
		return 1000
	}
	return 0
}
