package fidelity

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// sameNumbers flags a translation whose numbers outside formulas have other
// values than the source's, read as each language writes them.
func sameNumbers(s, t *view, opts Options) []Finding {
	source := readValues(s.prose, opts.from())
	target := readValues(t.prose, opts.to())
	missing, added := compareValues(source, target)
	if detail := describe(missing, added); detail != "" {
		return flag(GateNumber, detail)
	}
	return nil
}

// value is a number of a text, which may be read in more than one way.
type value struct {
	text     string
	readings []float64 // 3 pm is 3 and 15
	optional bool      // need not be in the other text: number words, minutes of 3:00
}

// compareValues returns the texts of the values that one side has and the
// other lacks. Values written in digits are matched first.
func compareValues(source, target []value) (missing, added []string) {
	slices.SortStableFunc(source, requiredFirst)
	slices.SortStableFunc(target, requiredFirst)
	byReading := map[float64][]int{}
	for i, v := range target {
		for _, x := range v.readings {
			byReading[x] = append(byReading[x], i)
		}
	}
	taken := make([]bool, len(target))
	take := func(v value) bool {
		for _, x := range v.readings {
			places := byReading[x]
			for len(places) > 0 && taken[places[0]] {
				places = places[1:]
			}
			byReading[x] = places
			if len(places) > 0 {
				taken[places[0]] = true
				return true
			}
		}
		return false
	}
	for _, v := range source {
		if !take(v) && !v.optional {
			missing = append(missing, v.text)
		}
	}
	for i, v := range target {
		if !taken[i] && !v.optional {
			added = append(added, v.text)
		}
	}
	return missing, added
}

func requiredFirst(a, b value) int {
	switch {
	case a.optional == b.optional:
		return 0
	case b.optional:
		return -1
	}
	return 1
}

// readValues returns the numbers of a text: in digits, as ordinals, as times
// of day, in words, and the Roman ones of centuries.
func readValues(prose, code string) []value {
	var all []value
	for i := 0; i < len(prose); {
		c := prose[i]
		switch {
		case isDigit(c):
			start := i
			n := numeral(prose[i:], code)
			i += n
			all = append(all, clock(prose[start:i], prose[i:], code)...)
			for i < len(prose) && isLetter(prose[i]) {
				i++ // st, th, e, s, km
			}
		case isLetter(c) || c >= 0x80:
			n, v, ok := wordValue(prose[i:], code)
			if ok {
				all = append(all, v)
			}
			i += n
			for i < len(prose) && (isDigit(prose[i]) && n > 0 && !isSpaceBefore(prose, i)) {
				i++ // the 2 of H2O
			}
		default:
			i++
		}
	}
	return all
}

func isSpaceBefore(text string, i int) bool {
	c := text[i-1]
	return !isLetter(c) && !isDigit(c)
}

// numeral returns the length of the number that a text begins with, groups of
// digits and decimals included.
func numeral(text, code string) int {
	n := digits(text)
	grouped := n <= 3
	for grouped {
		size := separator(text[n:], code)
		if size == 0 || digits(text[n+size:]) != 3 {
			break
		}
		n += size + 3
	}
	if n < len(text) && (text[n] == '.' || text[n] == ',') {
		if d := digits(text[n+1:]); d > 0 && !(text[n] == ',' && code == "en") {
			n += 1 + d
		}
	}
	return n
}

// separator returns the length of what separates groups of three digits.
func separator(text, code string) int {
	for _, s := range [...]string{"\u202f", "\u00a0", "\u2009", "'"} {
		if strings.HasPrefix(text, s) {
			return len(s)
		}
	}
	if text != "" && (text[0] == ',' && code == "en" || text[0] == ' ' && code != "en") {
		return 1
	}
	return 0
}

func digits(text string) (n int) {
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

// parse returns the value of a numeral.
func parse(numeral, code string) float64 {
	plain := make([]byte, 0, len(numeral))
	for i := range len(numeral) {
		switch c := numeral[i]; {
		case isDigit(c):
			plain = append(plain, c)
		case c == '.' || c == ',' && code != "en":
			plain = append(plain, '.')
		}
	}
	x, err := strconv.ParseFloat(string(plain), 64)
	if err != nil || math.IsInf(x, 0) {
		return math.MaxFloat64
	}
	return x
}

// clock returns the value of a numeral with what follows it: the hour of 3 pm
// may be 15, the zero minutes of 3:00 may go.
func clock(numeral, after, code string) []value {
	x := parse(numeral, code)
	v := value{text: numeral, readings: []float64{x}}
	if code == "en" && x >= 1 && x <= 12 {
		rest := strings.TrimLeft(after, " \u00a0")
		if m, ok := strings.CutPrefix(after, ":"); ok && digits(m) == 2 {
			rest = strings.TrimLeft(m[2:], " \u00a0")
		}
		switch rest = strings.ToLower(rest[:min(len(rest), 4)]); {
		case strings.HasPrefix(rest, "pm") || strings.HasPrefix(rest, "p.m"):
			v.readings = append(v.readings, math.Mod(x, 12)+12)
		case x == 12 && (strings.HasPrefix(rest, "am") || strings.HasPrefix(rest, "a.m")):
			v.readings = append(v.readings, 0)
		}
	}
	v.optional = numeral == "00"
	return []value{v}
}
