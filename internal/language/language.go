// Package language says in which of six languages the prose of a text is
// written, passage by passage, so that an English paragraph in a French answer
// is found. Formulas, code, addresses and placeholders do not count.
//
// Function words decide most passages: they are read far faster
// than trigrams. Where they do not, lingua-go does, restricted to the same six
// languages in high accuracy, which is faster, smaller and better than all its
// languages. Passages with few letters stay
// undetermined: never "not French".
package language

import (
	"math"
	"slices"
)

// Codes are the languages told apart by their words, as ISO 639-1 codes. Those
// of other alphabets are known by their letters, and have codes of their own.
var Codes = []string{"de", "en", "es", "fr", "it", "pt"}

// Segment is a passage of a text, some sentences long.
type Segment struct {
	Start, End int     // bytes of the text
	Code       string  // one of Codes or of another alphabet, or empty where undetermined
	Confidence float64 // 0 to 1; 0 where undetermined
	Letters    int     // letters of its words
}

// Verdict is the language of a text.
type Verdict struct {
	Code       string  // the language of most letters, or empty where undetermined
	Confidence float64 // share of the determined letters in that language, 0 to 1
	Letters    int     // letters of all words
	Segments   []Segment
}

// Of returns the language of a text. It is safe for several goroutines, and
// equal texts have equal verdicts.
func Of(text string) Verdict {
	var v Verdict
	all := passages(text)
	tallies := make([]tally, len(all))
	for i, p := range all {
		s := Segment{Start: p.start, End: p.end, Letters: p.letters}
		s.Code, s.Confidence = byScript(p)
		if tallies[i] = tallyOf(p.words); s.Code == "" && tallies[i].decides() {
			s.Code, s.Confidence = tallies[i].code, tallies[i].confidence()
		}
		v.Segments = append(v.Segments, s)
		v.Letters += p.letters
	}
	company := v.most()
	for i, p := range all {
		switch s := &v.Segments[i]; {
		case s.Code != "":
		case company != "" && tallies[i].fits(company):
			s.Code, s.Confidence = company, tallies[i].confidence()
		case p.letters >= fewLetters:
			s.Code, s.Confidence = byTrigrams(p.words)
		}
	}
	v.Code = v.most()
	if v.Code != "" {
		v.Confidence = v.Share(v.Code)
	}
	return v
}

// most returns the language of most letters; of two with as many, the first.
func (v Verdict) most() (code string) {
	letters := map[string]int{}
	for _, s := range v.Segments {
		letters[s.Code] += s.Letters
	}
	best := 0
	for _, s := range v.Segments {
		if n := letters[s.Code]; s.Code != "" && n > best {
			code, best = s.Code, n
		}
	}
	return code
}

func (v Verdict) lettersIn(codes ...string) (n int) {
	for _, s := range v.Segments {
		if s.Code != "" && slices.Contains(codes, s.Code) {
			n += s.Letters
		}
	}
	return n
}

// Share returns the share of the letters of determined segments that are in
// one of the given languages, 0 to 1; 1 where no segment is determined.
func (v Verdict) Share(codes ...string) float64 {
	all := 0
	for _, s := range v.Segments {
		if s.Code != "" {
			all += s.Letters
		}
	}
	if all == 0 {
		return 1
	}
	return math.Round(1e4*float64(v.lettersIn(codes...))/float64(all)) / 1e4
}

// Foreign returns the passages of a text that are in another language than
// the given ones. Neighbours in the same language are one passage.
func Foreign(text string, wanted ...string) []Segment {
	return Of(text).Foreign(wanted...)
}

// Foreign returns the segments in another language than the given ones.
// Neighbours in the same language are one segment.
func (v Verdict) Foreign(wanted ...string) []Segment {
	var foreign []Segment
	joins := false
	for _, s := range v.Segments {
		if s.Code == "" || slices.Contains(wanted, s.Code) {
			joins = joins && s.Code == ""
			continue
		}
		if last := len(foreign) - 1; joins && foreign[last].Code == s.Code {
			f := &foreign[last]
			f.Confidence = min(f.Confidence, s.Confidence)
			f.End = s.End
			f.Letters += s.Letters
		} else {
			foreign = append(foreign, s)
		}
		joins = true
	}
	return foreign
}
