package translate

import (
	"math"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"github.com/kurakurai/luth/translate/llm"
)

// probability returns p(True), from 0 to 1: of the probability that the model
// gave to the two verdicts at the token where the verdict begins, the share of
// True. It is false where the server gave no probabilities or they are not
// those of the answer. Where the other verdict is not among the alternatives,
// all that is left of 1 is its.
func probability(a llm.Answer) (p float64, known bool) {
	tokens, err := a.TokenLogprobs()
	if err != nil || len(tokens) == 0 {
		return 0, false
	}
	place := verdictPlace(a.Content)
	if place < 0 {
		return 0, false
	}
	start := 0
	for _, token := range tokens {
		end := start + len(token.Token)
		if end > len(a.Content) || a.Content[start:end] != token.Token { // bytes that are no text of their own
			return 0, false
		}
		if place < end {
			return share(token, a.Content[start:place])
		}
		start = end
	}
	return 0, false
}

// verdictPlace returns where the verdict stands in a JSON object or as the
// only word; below 0 when nowhere.
func verdictPlace(content string) int {
	if word := strings.TrimSpace(content); word == verdictTrue || word == verdictFalse {
		return strings.Index(content, word)
	}
	key := strings.Index(content, `"verdict"`)
	if key < 0 {
		return -1
	}
	rest := content[key+len(`"verdict"`):]
	value := strings.TrimLeft(rest, " \t\r\n:")
	if !strings.HasPrefix(value, `"`) {
		return -1
	}
	return len(content) - len(value) + 1
}

// share compares the alternatives of the token in which the verdict begins;
// before is what the token has before the verdict.
func share(token openai.LogProb, before string) (p float64, known bool) {
	var yes, no float64
	seen := false
	count := func(text string, logprob float64) {
		rest, ok := strings.CutPrefix(text, before)
		chance := min(math.Exp(logprob), 1)
		switch {
		case !ok || rest == "" || math.IsNaN(chance):
		case begins(rest, verdictTrue):
			yes += chance
		case begins(rest, verdictFalse):
			no += chance
		}
	}
	for _, other := range token.TopLogProbs {
		seen = seen || other.Token == token.Token
		count(other.Token, other.LogProb)
	}
	if !seen {
		count(token.Token, token.LogProb)
	}
	switch {
	case yes+no == 0:
		return 0, false
	case no == 0:
		return min(yes, 1), true
	case yes == 0:
		return max(0, 1-no), true
	}
	return yes / (yes + no), true
}

// begins tells whether a token is the beginning of the verdict, or goes on
// behind it.
func begins(token, verdict string) bool {
	return strings.HasPrefix(verdict, token) || strings.HasPrefix(token, verdict)
}
