package instruction

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

// space is \s of Python in a class of Go's regexp.
const space = `[\s\v\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]`

var (
	starBullet = regexp.MustCompile(`(?m)^` + space + `*\*[^\*].*$`)
	dashBullet = regexp.MustCompile(`(?m)^` + space + `*-.*$`)
	oneStar    = regexp.MustCompile(`\*[^\n\*]*\*`)
	twoStars   = regexp.MustCompile(`\*\*[^\n\*]*\*\*`)
	pps        = regexp.MustCompile(`p\.` + space + `?p\.` + space + `?s`)
	ps         = regexp.MustCompile(`p\.` + space + `?s\.`)
)

func bulletCount(_ *Language, _ Args, response string) int {
	return len(starBullet.FindAllStringIndex(response, -1)) + len(dashBullet.FindAllStringIndex(response, -1))
}

func highlightCount(_ *Language, _ Args, response string) (n int) {
	for _, h := range oneStar.FindAllString(response, -1) {
		if strings.TrimFunc(strings.Trim(h, "*"), isSpace) != "" {
			n++
		}
	}
	for _, h := range twoStars.FindAllString(response, -1) {
		if strings.TrimFunc(strings.TrimSuffix(strings.TrimPrefix(h, "**"), "**"), isSpace) != "" {
			n++
		}
	}
	return n
}

// postscript looks for the marker.
func postscript(l *Language, a Args, response string) (bool, error) {
	return l.postscript(strings.ToLower(response), a.PostscriptMarker)
}

func englishPostscript(text, marker string) (bool, error) {
	switch marker {
	case "P.P.S":
		return pps.MatchString(text), nil
	case "P.S.":
		return ps.MatchString(text), nil
	}
	n, err := occurrences(text, strings.ToLower(marker))
	return n > 0, err
}

// sections counts the parts that a word with a number begins.
func sections(_ *Language, a Args, response string) (bool, error) {
	n := 0
	for rest := response; ; {
		i := strings.Index(rest, a.SectionSplitter)
		if i < 0 {
			break
		}
		rest = rest[i+len(a.SectionSplitter):]
		number := rest
		if r, size := firstRune(rest); isSpace(r) {
			number = rest[size:]
		}
		if r, _ := firstRune(number); unicode.IsDigit(r) {
			n++
			rest = strings.TrimLeftFunc(number, unicode.IsDigit)
		}
	}
	if a.Relation == "" {
		a.Relation = AtLeast
	}
	return compare(n, a.Relation, a.N)
}

func firstRune(text string) (first rune, size int) {
	for i, r := range text {
		if i > 0 {
			return first, i
		}
		first = r
	}
	return first, len(text)
}

var fences = [...]string{"```json", "```Json", "```JSON", "```"}

// isJSON accepts what json.loads of Python does: NaN and Infinity too.
func isJSON(_ *Language, _ Args, response string) bool {
	text := strings.TrimFunc(response, isSpace)
	for _, fence := range fences {
		text = strings.TrimPrefix(text, fence)
	}
	text = strings.TrimFunc(strings.TrimSuffix(text, "```"), isSpace)
	return json.Valid([]byte(text)) || json.Valid([]byte(withoutNaN(text)))
}

// withoutNaN writes 0 for the numbers of Python that JSON has not.
func withoutNaN(text string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted && i+1 < len(text):
			b.WriteByte(c)
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && strings.HasPrefix(text[i:], "NaN"):
			b.WriteByte('0')
			i += len("NaN") - 1
			continue
		case !quoted && strings.HasPrefix(text[i:], "Infinity"):
			b.WriteByte('0')
			i += len("Infinity") - 1
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// hasTitle wants a line with something between the marks of a title.
func hasTitle(l *Language, _ Args, response string) bool {
	open, closing := l.Titles[0], l.Titles[1]
	for line := range strings.SplitSeq(response, "\n") {
		_, rest, found := strings.Cut(line, open)
		if end := strings.LastIndex(rest, closing); found && end > 0 {
			if strings.TrimFunc(strings.Trim(rest[:end], open+closing), isSpace) != "" {
				return true
			}
		}
	}
	return false
}

// twoResponses wants two different texts around ******.
func twoResponses(_ *Language, _ Args, response string) bool {
	var texts []string
	parts := strings.Split(response, "******")
	for i, part := range parts {
		part = strings.TrimFunc(part, isSpace)
		switch {
		case part != "":
			texts = append(texts, part)
		case i != 0 && i != len(parts)-1:
			return false
		}
	}
	return len(texts) == 2 && texts[0] != texts[1]
}
