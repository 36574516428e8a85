package exam

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	repeatSlack = 5    // tokens that may differ in a row between two printings
	repeatShare = 0.85 // of the question that must come back to call it repeated
)

// matched is a token that stands in both of two lists.
type matched struct{ question, answer int }

// matchTokens follows two token lists in parallel from their beginnings,
// stepping over small differences, and returns the equal tokens.
func matchTokens(q, a []token) []matched {
	var out []matched
	for i, j := 0, 0; i < len(q) && j < len(a); {
		if q[i].text == a[j].text {
			out = append(out, matched{i, j})
			i, j = i+1, j+1
			continue
		}
		di, dj, ok := resync(q[i:], a[j:])
		if !ok {
			break
		}
		i, j = i+di, j+dj
	}
	return out
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

// leadIn are words that corrections put before a question they repeat.
var leadIn = stems("sujet question enonce rappel n de la du texte")

// repeats returns the offset in the answer's text where a repetition of the
// question ends, 0 when the answer does not begin with the question.
func repeats(question, answer string) int {
	q, a := tokenize(question), tokenize(answer)
	for len(a) > 0 && len(q) > 0 && leadIn[a[0].text] && a[0].text != q[0].text {
		a = a[1:]
	}
	if len(q) == 0 || len(a) == 0 || q[0].text != a[0].text {
		return 0
	}
	matches := matchTokens(q, a)
	if len(q) < 4 && len(matches) < len(q) {
		return 0
	}
	// The last equal tokens may be chance ones further on: the repetition ends
	// at the last one that closes a sentence.
	for n := len(matches); n > 0 && float64(n) >= repeatShare*float64(len(q)); n-- {
		m := matches[n-1]
		end := a[m.answer].end
		rest := answer[end:]
		if left := len(q) - 1 - m.question; left > 3 && float64(left) > 0.1*float64(len(q)) {
			return 0
		}
		if after, ok := sentenceRest(rest); ok {
			return end + after
		}
	}
	return 0
}

// sentenceRest returns how many bytes still belong to a repeated question of
// which rest follows the last word. It is not ok when the text goes on in the
// same sentence: « Une autre méthode serait… » answers in the question's words.
// A formula may go on: « DL de cos(x) = 1 - … ».
func sentenceRest(rest string) (n int, ok bool) {
	for i, r := range rest {
		switch {
		case strings.ContainsRune("\n.?!;:", r):
			n, ok = i+1, true
		case (r == '=' || r == '…') && !ok:
			n, ok = i, true
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return n, ok
		}
	}
	return len(rest), true
}

// withoutRepeat drops the question from the start of an answer and the
// statement that follows the question from its end.
func withoutRepeat(question, statement, answer passage) (rest passage, repeated bool) {
	for skip := 0; skip < min(3, len(answer.segs)); skip++ {
		// A title may stand before the repeated question.
		rest := passage{answer.doc, answer.segs[skip:]}
		if rest, ok := afterQuestion(question, statement, rest); ok {
			return rest, true
		}
		if len(answer.segs[skip].text) > 90 {
			break
		}
	}
	return withoutTail(statement, answer), false
}

// afterQuestion cuts a question off the start of an answer.
func afterQuestion(question, statement, answer passage) (rest passage, ok bool) {
	raw := question.raw()
	for _, end := range sentenceEnds(raw) {
		asked := withoutPoints(raw[:end])
		if end < len(raw) && len(tokenize(asked)) < 5 {
			break
		}
		if cut := repeats(asked, answer.raw()); cut > 0 {
			after := join([]passage{question.from(end), statement})
			return withoutTail(after, answer.from(cut)), true
		}
	}
	return answer, false
}

// sentenceEnds lists where sentences of a text end, the last first: a
// correction may repeat the question without the remarks after it.
func sentenceEnds(s string) []int {
	ends := []int{len(s)}
	for i := len(s) - 2; i > 0 && len(ends) < 12; i-- {
		if (s[i] == '.' || s[i] == '?' || s[i] == '!') && (s[i+1] == ' ' || s[i+1] == '\n') {
			ends = append(ends, i+1)
		}
	}
	return ends
}

// asksAgain tells whether an answer holds the question in its words, beginning
// with its first ones.
func asksAgain(question, answer string) bool {
	q, a := tokenize(question), tokenize(answer)
	n := min(4, len(q))
	opens := func(t token) bool {
		r, _ := utf8.DecodeRuneInString(answer[t.start:])
		return unicode.IsUpper(r)
	}
	if n < 3 {
		return false
	}
	for at := 0; at+n <= len(a); at++ {
		if at == 0 && orders[q[0].text] && len(a) >= min(8, len(q)) && sameTokens(q[:min(8, len(q))], a[:min(8, len(q))]) {
			return true
		}
		if opens(a[at]) && sameTokens(q[:n], a[at:at+n]) {
			if equal := len(matchTokens(q, a[at:])); float64(equal) > 0.8*float64(len(q)) {
				return orders[q[0].text] || len(q) >= 8 || strings.Contains(question, "?")
			}
		}
	}
	return false
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
		n := min(8, len(s))
		begins := at+n <= len(a) && n == 8 && sameTokens(s[:n], a[at:at+n])
		equal := len(matchTokens(s, a[at:]))
		if begins || equal > 3 && float64(equal) > 0.8*float64(min(len(s), len(a)-at)) {
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
