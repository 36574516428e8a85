package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/markup"
)

type repetitionParams struct {
	Lines         float64 `yaml:"lines"`          // largest share of characters in lines seen before
	MinCharacters int     `yaml:"min_characters"` // shorter messages are not judged by their lines
	Loop          int     `yaml:"loop"`           // times that words may come again without a break
}

// shortLine is the length, in characters, below which a line may well come
// again: a brace, a rule of a table, a sign.
const shortLine = 12

// repetition drops text that turns in circles.
func repetition() Filter {
	return define("repetition",
		"drops samples with a message whose lines repeat earlier ones, by share of characters, or that says the same words many times in a row; code and formulas are left out",
		"share of characters in duplicate lines from Gopher (Rae et al. 2021, table A1); the loop is luth's",
		repetitionParams{Lines: 0.2, MinCharacters: 400, Loop: 8}, checkRepetition)
}

func checkRepetition(p repetitionParams, s dataset.Sample) Verdict {
	worst := 0.0
	for i, m := range s.Messages {
		if times, phrase := loop(words(m.Content)); times > p.Loop {
			return drop("words in a loop", fmt.Sprintf("%s: %q", place(i, m), phrase), float64(times), float64(p.Loop))
		}
		share, line := repeatedLines(m.Content, p.MinCharacters)
		if share > p.Lines {
			return drop("lines that repeat", fmt.Sprintf("%s: %q", place(i, m), line), share, p.Lines)
		}
		worst = max(worst, share)
	}
	return keep(worst, p.Lines)
}

// repeatedLines returns the share of characters in lines of prose that were
// there before, and one such line.
func repeatedLines(text string, minimum int) (share float64, example string) {
	seen := map[string]bool{}
	total, repeated := 0, 0
	for line := range strings.Lines(withoutCode(text)) {
		line = strings.TrimSpace(line)
		n := utf8.RuneCountInString(line)
		total += n
		if n >= shortLine && seen[line] {
			repeated += n
			example = line
		}
		seen[line] = true
	}
	if total < minimum {
		return 0, ""
	}
	return float64(repeated) / float64(total), example
}

func withoutCode(text string) string {
	var b strings.Builder
	for _, s := range markup.Spans(text) {
		if !s.Kind.IsCode() {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

const (
	maxPeriod   = 16 // words of the longest phrase that loop looks for
	shortPhrase = 5  // letters of the shortest: dt may well come again
)

// loop returns how many times in a row a phrase is said, and the phrase.
func loop(found []string) (times int, phrase string) {
	for period := 1; period <= maxPeriod; period++ {
		run := 0
		for i := period; i < len(found); i++ {
			if !strings.EqualFold(found[i], found[i-period]) {
				run = 0
				continue
			}
			run++
			if n := run/period + 1; n > times && letters(found[i-period+1:i+1]) >= shortPhrase {
				times, phrase = n, strings.Join(found[i-period+1:i+1], " ")
			}
		}
	}
	return times, phrase
}

// words returns the words of a text's prose.
func words(text string) []string {
	var all []string
	for _, word := range markup.Words(text) {
		all = append(all, word)
	}
	return all
}

// letters counts the letters of words.
func letters(words []string) (n int) {
	for _, w := range words {
		n += utf8.RuneCountInString(w)
	}
	return n
}
