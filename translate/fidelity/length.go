package fidelity

import (
	"fmt"
	"strings"

	"github.com/kurakurai/luth/internal/markup"
)

// Lengths of a translation in letters, as a share of the source's. French is
// typically 1.1 to 1.3 times English.
const (
	judgedLetters               = 60 // with fewer letters a few words decide
	shortShare, longShare       = 0.7, 1.9
	shortestShare, longestShare = 0.4, 3.0
)

// Repetition, as measured on answers of models (docs/gates.md).
const (
	maxPeriod       = 16  // words of the longest phrase that loop looks for
	maxLoop         = 6   // times that a phrase may be said in a row
	loopBytes       = 24  // of a phrase said so often: ha ha ha is none
	repetitionBytes = 400 // shorter texts are not compressed
	maxCompression  = 4.0
)

func lengths(s, t *view, _ Options) []Finding {
	if s.letters < judgedLetters {
		return nil
	}
	share := float64(t.letters) / float64(s.letters)
	detail := fmt.Sprintf("%.2f times as many letters as the source", share)
	switch {
	case share < shortestShare || share > longestShare:
		return reject(GateLength, detail)
	case share < shortShare || share > longShare:
		return flag(GateLength, detail)
	}
	return nil
}

// repeats rejects a text that turns in circles where its source does not.
func repeats(s, t *view, _ Options) []Finding {
	if times, phrase := loop(t); times > maxLoop {
		if before, _ := loop(s); before < times-1 {
			return reject(GateRepetition, fmt.Sprintf("says %d times in a row: %s", times, excerpt(phrase)))
		}
	}
	prose := withoutCode(t)
	if len(prose) < repetitionBytes {
		return nil
	}
	ratio := compression(prose)
	if ratio > maxCompression && ratio > 1.5*compression(withoutCode(s)) {
		return reject(GateRepetition, fmt.Sprintf("compresses %.1f times", ratio))
	}
	return nil
}

// withoutCode returns a text without its blocks of code, which may repeat.
func withoutCode(v *view) string {
	var b strings.Builder
	for _, s := range v.spans {
		if s.Kind != markup.Fence {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// loop returns how many times in a row a phrase of up to maxPeriod words is
// said, and the phrase.
func loop(v *view) (times int, phrase string) {
	words := v.words
	for period := 1; period <= min(maxPeriod, len(words)/2); period++ {
		run := 0
		for i := period; i < len(words); i++ {
			if words[i] != words[i-period] {
				run = 0
				continue
			}
			if run++; run/period+1 > times {
				said := strings.Join(words[i-period+1:i+1], " ")
				if len(said)*maxLoop >= loopBytes && strings.ContainsFunc(said, isWordRune) {
					times, phrase = run/period+1, said
				}
			}
		}
	}
	return times, phrase
}

func isWordRune(r rune) bool { return r >= 0x80 || isLetter(byte(r)) }

// compression estimates how many times smaller a text becomes: it is parsed as
// LZ77 does, greedily, against the last place of each four bytes; a literal
// counts one byte and a match three. It depends on no library's version.
func compression(text string) float64 {
	const bits = 13
	var last [1 << bits]int32
	out := 0
	for i := 0; i < len(text); {
		if i+4 > len(text) {
			out += len(text) - i
			break
		}
		four := uint32(text[i]) | uint32(text[i+1])<<8 | uint32(text[i+2])<<16 | uint32(text[i+3])<<24
		slot := four * 2654435761 >> (32 - bits)
		before := int(last[slot]) - 1
		last[slot] = int32(i) + 1
		n := 0
		if before >= 0 {
			for i+n < len(text) && text[before+n] == text[i+n] {
				n++
			}
		}
		if n < 4 {
			out++
			i++
			continue
		}
		out += 3
		i += n
	}
	return float64(len(text)) / float64(max(out, 1))
}
