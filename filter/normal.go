package filter

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/kurakurai/luth/dataset"
)

// normal returns what is left of a text when layout is ignored: letters in
// lower case, digits, mathematical signs. Punctuation goes, but for the comma
// or point inside a number and the dash of a subtraction, which change the
// meaning of a question.
func normal(text string) string {
	in := []rune(strings.ToLower(norm.NFKC.String(text)))
	var out strings.Builder
	for i, r := range in {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.M, r), unicode.Is(unicode.Sm, r), strings.ContainsRune("/*%!^", r):
			out.WriteRune(r)
		case (r == ',' || r == '.') && digitAt(in, i-1) && digitAt(in, i+1):
			out.WriteByte('.')
		case unicode.Is(unicode.Pd, r) && !joinsWords(in, i):
			out.WriteRune('−')
		}
	}
	return out.String()
}

func digitAt(text []rune, i int) bool {
	return i >= 0 && i < len(text) && unicode.IsDigit(text[i])
}

// joinsWords reports whether the dash at i is a hyphen or a list's dash and
// not a minus: nothing or a line end before it, or letters on both sides that
// make a word on one of them.
func joinsWords(text []rune, i int) bool {
	if i == 0 || text[i-1] == '\n' {
		return true
	}
	letter := func(i int) bool { return i >= 0 && i < len(text) && unicode.IsLetter(text[i]) }
	return letter(i-1) && letter(i+1) && (letter(i-2) || letter(i+2))
}

// duplicates keeps the first of samples that say the same.
func duplicates() Filter {
	return Filter{
		Name:   "duplicates",
		Doc:    "of samples whose messages are equal but for spaces, case and punctuation, keeps the first in the order of the dataset; runs after all other filters",
		Source: "luth; near duplicates are another matter",
		Key: func(s dataset.Sample) string {
			messages := make([]dataset.Message, len(s.Messages))
			for i, m := range s.Messages {
				messages[i] = dataset.Message{Role: m.Role, Content: normal(m.Content)}
			}
			return dataset.ContentID(messages)
		},
	}
}

type echoParams struct {
	MinCharacters int `yaml:"min_characters"`
}

// echo drops samples whose answer says nothing that the question did not.
func echo() Filter {
	return define("echo",
		"drops samples in which an answer is its question again, or a passage of it of min_characters and more, but for spaces, case and punctuation",
		"luth; seen where a correction repeats the subject",
		echoParams{MinCharacters: 60}, checkEcho)
}

func checkEcho(p echoParams, s dataset.Sample) Verdict {
	for i, m := range s.Messages {
		if i == 0 || m.Role != dataset.RoleAssistant {
			continue
		}
		question, answer := normal(s.Messages[i-1].Content), normal(m.Content)
		n := len([]rune(answer))
		if n > 0 && question == answer || n >= p.MinCharacters && strings.Contains(question, answer) {
			return drop("answer repeats its question", place(i, m), 1, 1)
		}
	}
	return keep(0, 1)
}
