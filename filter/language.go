package filter

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/pemistahl/lingua-go"

	"github.com/kurakurai/luth/dataset"
)

// candidates are the languages told apart. With all 75 the detector is slower,
// larger and worse: research/dataset.md has the measurements.
var candidates = map[string]lingua.Language{
	"fr": lingua.French, "en": lingua.English, "es": lingua.Spanish, "de": lingua.German, "it": lingua.Italian, "pt": lingua.Portuguese,
}

// detector is built when a language is first asked for: its models take a
// quarter of a gigabyte.
var detector = sync.OnceValue(func() lingua.LanguageDetector {
	languages := slices.Sorted(maps.Values(candidates))
	return lingua.NewLanguageDetectorBuilder().FromLanguages(languages...).Build()
})

const (
	windowBytes = 200 // size of a window, as measured in research/dataset.md
	windowCount = 3   // windows of a longer text
)

type languageParams struct {
	Languages     []string `yaml:"languages"`      // ISO 639-1 codes that may stay
	MinLetters    int      `yaml:"min_letters"`    // below, the language is undetermined and the message stays
	MinConfidence float64  `yaml:"min_confidence"` // mean over a message's windows
}

// language drops samples with a message in another language.
func language() Filter {
	return define("language",
		"drops samples with a message in a language that is not wanted; code, LaTeX, addresses and formulas are left out, and messages with few letters stay",
		"lingua-go restricted to fr, en, es, de, it, pt in high accuracy (research/dataset.md, 3)",
		languageParams{Languages: []string{"fr"}, MinLetters: 40, MinConfidence: 0.5}, checkLanguage)
}

// validate reports languages that the detector does not tell apart.
func (p *languageParams) validate() error {
	for _, code := range p.Languages {
		if _, ok := candidates[code]; !ok {
			return fmt.Errorf("languages: %q is not one of fr, en, es, de, it, pt", code)
		}
	}
	return nil
}

func checkLanguage(p languageParams, s dataset.Sample) Verdict {
	lowest := 1.0
	for i, m := range s.Messages {
		found := words(m.Content)
		if letters(found) < p.MinLetters {
			continue
		}
		confidence, other := wanted(strings.Join(found, " "), p.Languages)
		if confidence < p.MinConfidence {
			return drop("not in a wanted language", place(i, m)+" looks like "+other, confidence, p.MinConfidence)
		}
		lowest = min(lowest, confidence)
	}
	return keep(lowest, p.MinConfidence)
}

// wanted returns the detector's confidence that a text is in one of the
// languages, 0 to 1, and the most likely language of the last window that is
// not.
func wanted(text string, languages []string) (confidence float64, other string) {
	parts := windows(text)
	for _, part := range parts {
		values := detector().ComputeLanguageConfidenceValues(part)
		for _, v := range values {
			if slices.ContainsFunc(languages, func(code string) bool { return candidates[code] == v.Language() }) {
				confidence += v.Value()
			}
		}
		if first := strings.ToLower(values[0].Language().IsoCode639_1().String()); !slices.Contains(languages, first) {
			other = first
		}
	}
	// The detector adds up in no fixed order; rounding gives every run the same bytes.
	return math.Round(confidence/float64(len(parts))*1e4) / 1e4, other
}

// windows returns a short text whole, and of a longer one its beginning,
// middle and end, cut at spaces.
func windows(text string) []string {
	if len(text) <= windowBytes*windowCount {
		return []string{text}
	}
	parts := make([]string, windowCount)
	for i := range parts {
		start := (len(text) - windowBytes) * i / (windowCount - 1)
		if i > 0 {
			start += strings.IndexByte(text[start:], ' ') + 1
		}
		end := min(start+windowBytes, len(text))
		if space := strings.LastIndexByte(text[start:end], ' '); end < len(text) && space > 0 {
			end = start + space
		}
		parts[i] = strings.ToValidUTF8(text[start:end], "") // a cut where there is no space may split a letter
	}
	return parts
}
