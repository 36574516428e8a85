package instruction

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kurakurai/luth/internal/language"
)

// existence wants every keyword. IFEval takes keywords for regular
// expressions, and so do we where they have more than letters.
func existence(_ *Language, a Args, response string) (bool, error) {
	for _, keyword := range a.Keywords {
		n, err := occurrences(response, keyword)
		if n == 0 || err != nil {
			return false, err
		}
	}
	return true, nil
}

func frequency(_ *Language, a Args, response string) (bool, error) {
	n, err := occurrences(response, a.Keyword)
	if err != nil {
		return false, err
	}
	return compare(n, a.Relation, a.N)
}

// occurrences counts where a keyword stands in a text, whatever the case and
// what is around it.
func occurrences(text, keyword string) (int, error) {
	if keyword == regexp.QuoteMeta(keyword) {
		return strings.Count(strings.ToLower(text), strings.ToLower(keyword)), nil
	}
	pattern, err := regexp.Compile("(?i)" + keyword)
	if err != nil {
		return 0, fmt.Errorf("keyword %q is no regular expression: %w", keyword, err)
	}
	return len(pattern.FindAllStringIndex(text, -1)), nil
}

// forbidden wants none of the words, as whole words: where \b of Python stands
// on both sides.
func forbidden(_ *Language, a Args, response string) bool {
	lower := strings.ToLower(response)
	return !slices.ContainsFunc(a.ForbiddenWords, func(word string) bool { return hasWord(lower, strings.ToLower(word)) })
}

func hasWord(text, word string) bool {
	if word == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(word)
		if boundary(text, start) && boundary(text, end) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = start + size
	}
}

// boundary reports whether \b of Python matches at a place.
func boundary(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return (at > 0 && isWord(before)) != (at < len(text) && isWord(after))
}

func letterCount(_ *Language, a Args, response string) int {
	return strings.Count(strings.ToLower(response), strings.ToLower(a.Letter))
}

// responseLanguage asks our detector; IFEval asks langdetect, which is random.
// An undetermined response passes, as one does that langdetect fails on. Of
// languages that the detector does not know, it cannot say anything.
func responseLanguage(_ *Language, a Args, response string) (bool, error) {
	wanted := a.Language
	if other, ok := sameAlphabet[wanted]; ok {
		wanted = other
	}
	if !language.Known(wanted) {
		return false, fmt.Errorf("cannot tell whether a response is in %q", a.Language)
	}
	code := language.Of(response).Code
	return code == "" || code == wanted, nil
}

// sameAlphabet are languages told from others by their alphabet alone, with
// the one that the detector takes all of it for.
var sameAlphabet = map[string]string{"mr": "hi", "ne": "hi", "ur": "ar", "fa": "ar", "bg": "ru", "uk": "ru", "zh-cn": "zh", "zh-tw": "zh"}

func wordCount(_ *Language, _ Args, response string) (n int) {
	inside := false
	for _, r := range response {
		word := isWord(r)
		if word && !inside {
			n++
		}
		inside = word
	}
	return n
}

func sentenceCount(l *Language, _ Args, response string) int {
	return l.sentences().sentences(response)
}

// paragraphs wants N paragraphs between lines of ***. Only the first and the
// last may be empty, and do not count.
func paragraphs(_ *Language, a Args, response string) (bool, error) {
	parts := splitAround(response, "***")
	n := len(parts)
	for i, part := range parts {
		if strings.TrimFunc(part, isSpace) != "" {
			continue
		}
		if i != 0 && i != len(parts)-1 {
			return false, nil
		}
		n--
	}
	if a.Relation == "" {
		a.Relation = Exactly
	}
	return compare(n, a.Relation, a.N)
}

// splitAround splits a text at a mark, without one space on each side.
func splitAround(text, mark string) []string {
	parts := strings.Split(text, mark)
	for i := range parts {
		if first, size := utf8.DecodeRuneInString(parts[i]); i > 0 && isSpace(first) {
			parts[i] = parts[i][size:]
		}
		if last, size := utf8.DecodeLastRuneInString(parts[i]); i < len(parts)-1 && isSpace(last) {
			parts[i] = parts[i][:len(parts[i])-size]
		}
	}
	return parts
}

// firstWord wants N paragraphs between blank lines, the given one with the
// given word first.
func firstWord(l *Language, a Args, response string) bool {
	parts := strings.Split(response, "\n\n")
	n := len(parts)
	for _, part := range parts {
		if strings.TrimFunc(part, isSpace) == "" {
			n--
		}
	}
	if a.NthParagraph > n {
		return false
	}
	fields := strings.FieldsFunc(parts[a.NthParagraph-1], isSpace)
	if len(fields) == 0 {
		return false
	}
	word := strings.TrimLeft(strings.TrimLeft(fields[0], "'"), `"`)
	if i := strings.IndexAny(word, l.FirstWordEnd); i >= 0 {
		word = word[:i]
	}
	return n == a.N && strings.EqualFold(word, a.FirstWord)
}

// placeholderCount counts \[.*?\].
func placeholderCount(_ *Language, _ Args, response string) (n int) {
	for line := range strings.SplitSeq(response, "\n") {
		for {
			_, rest, open := strings.Cut(line, "[")
			_, after, closed := strings.Cut(rest, "]")
			if !open || !closed {
				break
			}
			n++
			line = after
		}
	}
	return n
}

func capitalCount(_ *Language, _ Args, response string) (n int) {
	for _, token := range words(response) {
		if cased(token, unicode.IsUpper, unicode.IsLower) {
			n++
		}
	}
	return n
}

func allCapital(l *Language, _ Args, response string) bool {
	return cased(response, unicode.IsUpper, unicode.IsLower) && inLanguage(l, strings.ToLower(response))
}

func allLower(l *Language, _ Args, response string) bool {
	return cased(response, unicode.IsLower, unicode.IsUpper) && inLanguage(l, response)
}

func inLanguage(l *Language, text string) bool {
	code := language.Of(text).Code
	return code == "" || code == l.Code
}

// contractions are the endings that NLTK's tokenizer splits off.
var contractions = []string{"'ll", "'re", "'ve", "n't", "'s", "'m", "'d"}

// words cuts a text into words about as NLTK's word_tokenize does: at spaces
// and punctuation, but not at hyphens, full stops inside and apostrophes, and
// before the contractions of English.
func words(text string) []string {
	var all []string
	for _, field := range strings.FieldsFunc(text, func(r rune) bool { return isSpace(r) || strings.ContainsRune("()[]{}<>\"“”«»?!;,:@#$%&*…", r) }) {
		for part := range strings.SplitSeq(field, "--") {
			lower := strings.ToLower(part)
			for _, c := range contractions {
				if strings.HasSuffix(lower, c) && len(part) == len(lower) && len(part) > len(c) {
					all = append(all, part[len(part)-len(c):])
					part = part[:len(part)-len(c)]
					break
				}
			}
			all = append(all, part)
		}
	}
	return all
}
