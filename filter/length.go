package filter

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/kurakurai/luth/dataset"
)

// empty drops messages without a letter or a digit.
func empty() Filter {
	return Filter{
		Name: "empty", Doc: "drops samples with a message that holds no letter and no digit",
		Source: "luth",
		Check: func(s dataset.Sample) Verdict {
			for i, m := range s.Messages {
				if !containsWord(m.Content) {
					return drop("a message says nothing", place(i, m), 0, 1)
				}
			}
			return keep(1, 1)
		},
	}
}

func containsWord(text string) bool {
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// place names a message for a person.
func place(i int, m dataset.Message) string {
	return fmt.Sprintf("message %d (%s)", i, m.Role)
}

// lengthParams are counted in characters, white space included.
type lengthParams struct {
	MinQuestion int `yaml:"min_question"`
	MinAnswer   int `yaml:"min_answer"`
	Max         int `yaml:"max"`
}

// length drops questions and answers that are too short to learn from, or too
// long for the context of training.
func length() Filter {
	return define("length", "drops samples whose shortest question or answer has too few characters, or whose longest message has too many",
		"luth; an answer such as « $x = 2$. » is an answer, and 32,000 characters are about 8,000 tokens of Qwen3 in French (4.0 bytes a token, measured)",
		lengthParams{MinQuestion: 20, MinAnswer: 8, Max: 32_000}, checkLength)
}

func checkLength(p lengthParams, s dataset.Sample) Verdict {
	longest := 0
	for i, m := range s.Messages {
		n := utf8.RuneCountInString(m.Content)
		switch {
		case m.Role == dataset.RoleUser && n < p.MinQuestion:
			return drop("question too short", place(i, m), float64(n), float64(p.MinQuestion))
		case m.Role == dataset.RoleAssistant && n < p.MinAnswer:
			return drop("answer too short", place(i, m), float64(n), float64(p.MinAnswer))
		case n > p.Max:
			return drop("message too long", place(i, m), float64(n), float64(p.Max))
		}
		longest = max(longest, n)
	}
	return keep(float64(longest), float64(p.Max))
}
