package filter

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kurakurai/luth/dataset"
)

type garbledParams struct {
	Characters float64 `yaml:"characters"` // largest share of characters that mean nothing
	Words      float64 `yaml:"words"`      // largest share of words that cannot be
	MinWords   int     `yaml:"min_words"`  // with fewer words their share is not judged
}

// garbled drops text that an extractor could not read.
func garbled() Filter {
	return define("garbled",
		"drops samples with a message in which too many characters are U+FFFD, private use, accents without a letter or UTF-8 read as Latin-1, or too many words have no vowel or are far too long",
		"luth; what extractors give for fonts without a mapping and lost spaces",
		garbledParams{Characters: 0.01, Words: 0.2, MinWords: 12}, checkGarbled)
}

func checkGarbled(p garbledParams, s dataset.Sample) Verdict {
	worst := 0.0
	for i, m := range s.Messages {
		share, example := lostCharacters(m.Content)
		if share > p.Characters {
			return drop("characters that mean nothing", fmt.Sprintf("%s, such as %s", place(i, m), example), share, p.Characters)
		}
		worst = max(worst, share)
		found := words(m.Content)
		if len(found) < p.MinWords {
			continue
		}
		if share, example := oddWords(found); share > p.Words {
			return drop("words that cannot be", fmt.Sprintf("%s, such as %q", place(i, m), example), share, p.Words)
		}
	}
	return keep(worst, p.Characters)
}

// lostCharacters returns the share of visible characters that mean nothing,
// and one of them.
func lostCharacters(text string) (share float64, example string) {
	visible, lost := 0, 0
	previous := ' '
	for i, r := range text {
		if !unicode.IsSpace(r) {
			visible++
		}
		if r == utf8.RuneError || unicode.Is(unicode.Co, r) || unicode.Is(unicode.Mn, r) && !carriesAccent(previous) || mojibake(text[i:]) {
			lost++
			example = fmt.Sprintf("%U", r)
		}
		previous = r
	}
	if visible == 0 {
		return 0, ""
	}
	return float64(lost) / float64(visible), example
}

// carriesAccent reports whether a combining mark may follow r: letters, other
// marks, and the signs that mathematics strikes through.
func carriesAccent(r rune) bool {
	return unicode.IsLetter(r) || unicode.Is(unicode.M, r) || unicode.Is(unicode.Sm, r) || unicode.IsDigit(r)
}

// mojibake reports whether text begins with UTF-8 that was read as
// Windows-1252: "Ã©" for é, "â€™" for the apostrophe.
func mojibake(text string) bool {
	if strings.HasPrefix(text, "â€") {
		return true
	}
	rest, ok := strings.CutPrefix(text, "Ã")
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && (r >= 0x80 && r <= 0xbf || strings.ContainsRune("€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸ", r) && rest != "")
}

// longWord is more letters than French words have: anticonstitutionnellement
// has 25.
const longWord = 27

// oddWords returns the share of words without a vowel, or with the letters of
// several words, and one of them. Words in capitals may be abbreviations.
func oddWords(found []string) (share float64, example string) {
	odd, judged := 0, 0
	for _, w := range found {
		n := utf8.RuneCountInString(w)
		if n < 4 || strings.ToUpper(w) == w {
			continue
		}
		judged++
		if n >= longWord && !strings.ContainsAny(w, "-'’") || !hasVowel(w) {
			odd++
			example = w
		}
	}
	return float64(odd) / float64(max(judged, 1)), example
}

func hasVowel(word string) bool {
	return strings.ContainsAny(strings.ToLower(word), "aeiouyàâäáãåéèêëíîïìóôöòõúùûüÿœæ")
}
