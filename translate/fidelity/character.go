package fidelity

import "unicode/utf8"

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }

// runeLength returns the length of a text's first character, at least 1.
func runeLength(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return size
}

// isNarrowSpace reports whether a character is one of the spaces that stand
// inside numbers and before punctuation.
func isNarrowSpace(character string) bool {
	return character == "\u00a0" || character == "\u202f" || character == "\u2009"
}

// lastRuneLength returns the length of a text's last character.
func lastRuneLength(text string) int {
	_, size := utf8.DecodeLastRuneInString(text)
	return size
}
