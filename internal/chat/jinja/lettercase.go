package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// recase makes a method of a function that changes letters.
func recase(f func(*Text) *Text) func(*machine, *Text, []Value) (Value, error) {
	return func(m *machine, t *Text, _ []Value) (Value, error) {
		out := f(t)
		return out, m.spend(0, int64(len(out.s)+runSize*len(out.runs)))
	}
}

// convert writes t with f's text instead of each character; f may look at what
// stands before and behind.
func convert(t *Text, f func(at int, r rune) string) *Text {
	var b textBuilder
	if t.s == "" {
		return t
	}
	t.each(func(at, size int, r rune) {
		if s := f(at, r); s == t.s[at:at+size] {
			b.write(t.slice(at, at+size))
		} else {
			b.writeDerived(s, t, at)
		}
	})
	return b.text()
}

func upperRune(r rune) string {
	if r < utf8.RuneSelf {
		return string(unicode.ToUpper(r))
	}
	return cases.Upper(language.Und).String(string(r))
}

func titleRune(r rune) string {
	if r < utf8.RuneSelf {
		return string(unicode.ToUpper(r))
	}
	return cases.Title(language.Und, cases.NoLower).String(string(r))
}

// lowerRune also knows that a sigma at the end of a word is another letter.
func lowerRune(s string, at int, r rune) string {
	switch {
	case r < utf8.RuneSelf:
		return string(unicode.ToLower(r))
	case r == 'Σ' && finalSigma(s, at):
		return "ς"
	case r == 'Σ':
		return "σ"
	}
	return cases.Lower(language.Und).String(string(r))
}

// finalSigma is the condition Final_Sigma of the Unicode Standard, 3.13: a
// cased letter before, none behind, not counting characters that case ignores.
func finalSigma(s string, at int) bool {
	before := strings.TrimRightFunc(s[:at], caseIgnorable)
	after := strings.TrimLeftFunc(s[at+len("Σ"):], caseIgnorable)
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	return before != "" && isCasedRune(last) && (after == "" || !isCasedRune(first))
}

func caseIgnorable(r rune) bool {
	return strings.ContainsRune("'.:·’‘․﹒：", r) || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

func isCasedRune(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func isLower(r rune) bool { return unicode.In(r, unicode.Ll, unicode.Other_Lowercase) }

func upperText(t *Text) *Text {
	return convert(t, func(_ int, r rune) string { return upperRune(r) })
}

func lowerText(t *Text) *Text {
	return convert(t, func(at int, r rune) string { return lowerRune(t.s, at, r) })
}

func foldText(t *Text) *Text {
	return convert(t, func(_ int, r rune) string {
		if r < utf8.RuneSelf {
			return string(unicode.ToLower(r))
		}
		return cases.Fold().String(string(r))
	})
}

func capitalizeText(t *Text) *Text {
	return convert(t, func(at int, r rune) string {
		if at == 0 {
			return titleRune(r)
		}
		return lowerRune(t.s, at, r)
	})
}

func titleText(t *Text) *Text {
	inWord := false
	return convert(t, func(at int, r rune) string {
		first := !inWord
		inWord = isCasedRune(r)
		if first {
			return titleRune(r)
		}
		return lowerRune(t.s, at, r)
	})
}

func swapText(t *Text) *Text {
	return convert(t, func(at int, r rune) string {
		switch {
		case unicode.IsUpper(r):
			return lowerRune(t.s, at, r)
		case isLower(r):
			return upperRune(r)
		}
		return string(r)
	})
}

// isCased reports whether s has a letter of one case and none of the other.
func isCased(s string, never, some func(rune) bool) bool {
	return strings.IndexFunc(s, func(r rune) bool { return never(r) || unicode.IsTitle(r) }) < 0 && strings.IndexFunc(s, some) >= 0
}

// isDigit is Python's str.isdigit: decimal digits and those like ².
func isDigit(r rune) bool {
	return unicode.IsDigit(r) || strings.ContainsRune("²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", r) || r >= '①' && r <= '⑨'
}
