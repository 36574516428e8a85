package filter

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/dataset"
	tongue "github.com/kurakurai/luth/internal/language"
)

type languageParams struct {
	Languages  []string `yaml:"languages"`   // ISO 639-1 codes that may stay
	MinLetters int      `yaml:"min_letters"` // below, the language is undetermined and the message stays
	MinShare   float64  `yaml:"min_share"`   // of a message's letters, in the languages that may stay
}

// language drops samples with a message in another language.
func language() Filter {
	return define("language",
		"drops samples with a message that is mostly in a language that is not wanted; code, LaTeX, addresses and formulas are left out, and messages with few letters stay",
		"function words, then lingua-go restricted to fr, en, es, de, it, pt in high accuracy, passage by passage (docs/bench/language.md)",
		languageParams{Languages: []string{"fr"}, MinLetters: 40, MinShare: 0.5}, checkLanguage)
}

// validate reports languages that are not told apart.
func (p *languageParams) validate() error {
	for _, code := range p.Languages {
		if !slices.Contains(tongue.Codes, code) {
			return fmt.Errorf("languages: %q is not one of %s", code, strings.Join(tongue.Codes, ", "))
		}
	}
	return nil
}

func checkLanguage(p languageParams, s dataset.Sample) Verdict {
	lowest := 1.0
	for i, m := range s.Messages {
		found := tongue.Of(m.Content)
		if found.Letters < p.MinLetters {
			continue
		}
		share := found.Share(p.Languages...)
		if share < p.MinShare {
			return drop("not in a wanted language", place(i, m)+" looks like "+found.Foreign(p.Languages...)[0].Code, share, p.MinShare)
		}
		lowest = min(lowest, share)
	}
	return keep(lowest, p.MinShare)
}
