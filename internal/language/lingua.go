package language

import (
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/pemistahl/lingua-go"
)

// leastConfidence of lingua below which a passage stays undetermined.
const leastConfidence = 0.5

// detector is built when function words first do not decide: its models take a
// quarter of a gigabyte.
var detector = sync.OnceValue(func() lingua.LanguageDetector {
	return lingua.NewLanguageDetectorBuilder().
		FromLanguages(lingua.German, lingua.English, lingua.Spanish, lingua.French, lingua.Italian, lingua.Portuguese).
		Build()
})

// mostBytes is how much of a passage lingua is asked about; more costs time and
// changes nothing.
const mostBytes = 300

// byTrigrams asks lingua for the language of words; nothing and 0 where it is
// not sure.
func byTrigrams(words []string) (code string, confidence float64) {
	text := strings.Join(words, " ")
	if len(text) > mostBytes {
		text = strings.ToValidUTF8(text[:mostBytes], "")
	}
	if code, confidence = mostLikely(text); confidence < leastConfidence {
		return "", 0
	}
	return code, confidence
}

func mostLikely(text string) (code string, confidence float64) {
	values := detector().ComputeLanguageConfidenceValues(text)
	// The detector adds up in no fixed order: rounding, and ties by name, give
	// every run the same verdict.
	best := slices.MaxFunc(values, func(a, b lingua.ConfidenceValue) int {
		if x, y := round(a.Value()), round(b.Value()); x != y {
			return int(math.Copysign(1, x-y))
		}
		return int(b.Language()) - int(a.Language())
	})
	return strings.ToLower(best.Language().IsoCode639_1().String()), round(best.Value())
}

func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }
