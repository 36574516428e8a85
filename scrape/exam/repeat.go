package exam

import (
	"strings"
	"unicode"
)

const (
	repeatSlack = 5    // tokens that may differ in a row between two printings
	repeatShare = 0.85 // of the question that must come back to call it repeated
)

// alignTokens follows two token lists in parallel from their beginnings,
// stepping over small differences. It returns how far it came in each and how
// many tokens were equal.
func alignTokens(q, a []token) (i, j, equal int) {
	lastI, lastJ := 0, 0
	for i < len(q) && j < len(a) {
		if q[i].text == a[j].text {
			i, j, equal = i+1, j+1, equal+1
			lastI, lastJ = i, j
			continue
		}
		di, dj, ok := resync(q[i:], a[j:])
		if !ok {
			break
		}
		i, j = i+di, j+dj
	}
	return lastI, lastJ, equal
}

// resync finds the smallest step after which two lists agree again.
func resync(q, a []token) (di, dj int, ok bool) {
	for step := 1; step <= 2*repeatSlack; step++ {
		for di = max(0, step-repeatSlack); di <= min(step, repeatSlack); di++ {
			if dj = step - di; di < len(q) && dj < len(a) && agree(q[di:], a[dj:]) {
				return di, dj, true
			}
		}
	}
	return 0, 0, false
}

// agree asks for two equal tokens, where there are two.
func agree(q, a []token) bool {
	if q[0].text != a[0].text {
		return false
	}
	return len(q) < 2 || len(a) < 2 || q[1].text == a[1].text
}

// repeats returns the offset in the answer's text where a repetition of the
// question ends, 0 when the answer does not begin with the question.
func repeats(question, answer string) int {
	q, a := tokenize(question), tokenize(answer)
	if len(q) == 0 {
		return 0
	}
	if len(a) == 0 || q[0].text != a[0].text {
		return 0
	}
	i, j, equal := alignTokens(q, a)
	long := len(q) >= 4
	if !long && equal < len(q) || equal == 0 {
		return 0
	}
	if float64(equal) < repeatShare*float64(len(q)) || float64(i) < 0.9*float64(len(q)) && len(q)-i > 3 {
		return 0
	}
	end := a[j-1].end
	rest := answer[end:]
	if !endsSentence(rest) {
		return 0
	}
	return end + len(rest) - len(strings.TrimLeftFunc(rest, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(".?!;:)]}»,…\ufffd", r)
	}))
}

// endsSentence tells whether a repeated question is over where the text goes
// on: « Une autre méthode serait… » answers in the words of the question.
func endsSentence(rest string) bool {
	for _, r := range rest {
		switch {
		case strings.ContainsRune("\n.?!;:=", r):
			return true
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return false
		}
	}
	return true
}

// withoutRepeat drops the question from the start of an answer and the
// statement that follows the question from its end.
func withoutRepeat(question, statement, answer passage) (rest passage, repeated bool) {
	if cut := repeats(question.raw(), answer.raw()); cut > 0 {
		answer, repeated = answer.from(cut), true
	}
	return withoutTail(statement, answer), repeated
}

// withoutTail cuts an answer where the statement that stands after the
// question in the subject comes back.
func withoutTail(statement, answer passage) passage {
	if statement.empty() {
		return answer
	}
	s := tokenize(statement.raw())
	raw := answer.raw()
	a := tokenize(raw)
	if len(s) < 4 {
		return answer
	}
	for at := range a {
		if at+3 >= len(a) || !sameTokens(s[:3], a[at:at+3]) {
			continue
		}
		if _, j, equal := alignTokens(s, a[at:]); float64(equal) > 0.8*float64(min(len(s), len(a)-at)) && j > 3 {
			return answer.upTo(a[at].start)
		}
	}
	return answer
}

func sameTokens(a, b []token) bool {
	for i := range a {
		if a[i].text != b[i].text {
			return false
		}
	}
	return true
}

// covered is the share of a text's runs of four tokens that another contains.
func covered(text, by string) float64 {
	const n = 4
	t, b := tokenize(text), tokenize(by)
	if len(t) < n {
		return 0
	}
	have := make(map[string]bool, len(b))
	for i := 0; i+n <= len(b); i++ {
		have[shingle(b[i:i+n])] = true
	}
	hits := 0
	for i := 0; i+n <= len(t); i++ {
		if have[shingle(t[i:i+n])] {
			hits++
		}
	}
	return float64(hits) / float64(len(t)-n+1)
}

func shingle(t []token) string {
	var b strings.Builder
	for _, x := range t {
		b.WriteString(x.text)
		b.WriteByte(' ')
	}
	return b.String()
}
