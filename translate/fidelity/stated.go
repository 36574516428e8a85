package fidelity

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/kurakurai/luth/internal/instruction"
)

// counted are the nouns that prompts count for each instruction.
var counted = map[string]string{
	"length_constraints:number_words": "words?", "length_constraints:number_sentences": "sentences?", "length_constraints:number_paragraphs": "paragraphs?",
	"length_constraints:nth_paragraph_first_word": "paragraphs?", "detectable_content:number_placeholders": "placeholders?", "detectable_format:number_bullet_lists": "(?:bullets?|points?|bullet points?|items?)",
	"detectable_format:number_highlighted_sections": "(?:highlight\\w*|sections?)", "detectable_format:multiple_sections": "sections?", "change_case:capital_word_frequency": "(?:words?|times?)", "keywords:frequency": "times?", "keywords:letter_frequency": "times?",
}

// counts finds "at least 3 bullet points", "no more than two hundred words",
// "3 or more times", "do not use more than 75 words", by noun.
var counts = func() map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for id, noun := range counted {
		all[id] = regexp.MustCompile(`(?i)(?:(\bnot|n['’]t|\bnever)(?:\s+[a-z]+){0,3}?\s+)?(?:\b(at least|at most|no (?:more|fewer|less) than|(?:less|fewer|more) than|exactly|under|over|(?:a )?(?:minimum|maximum) of|exceed(?:ing)?|up to|around|about|approximately)\s+)?` +
			`\b([0-9][0-9,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|one hundred|a hundred|twice|once)[\s-]+(?:(or more|or fewer|or less)\s+)?(?:[a-z*-]+\s+){0,2}?` + noun + `\b`)
	}
	return all
}()

var (
	ordinals    = map[string]int{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5}
	nth         = regexp.MustCompile(`(?i)\b(first|second|third|fourth|fifth|sixth|1st|2nd|3rd|4th|5th)\s+paragraph`)
	letter      = regexp.MustCompile(`(?i)\bletter\s+["'“]?([a-z])\b`)
	splitter    = regexp.MustCompile(`\b(SECTION|Section|PARAGRAPH|Paragraph|PART|Part|Day|DAY|Chapter|CHAPTER|Act|ACT)\s+[0-9X]\b`)
	postscripts = regexp.MustCompile(`P\.\s?P\.\s?S\.?|P\.\s?S\.?|PPS|PS`)
)

// stated returns the arguments of an instruction that an English prompt
// states. What it does not state stays empty.
func stated(id, prompt string) instruction.Args {
	var a instruction.Args
	quotes := quoted(prompt)
	first := func() string {
		if len(quotes) == 0 {
			return ""
		}
		return quotes[0]
	}
	if pattern := counts[id]; pattern != nil {
		if m := pattern.FindStringSubmatch(prompt); m != nil {
			a.N = count(m[3])
			a.Relation = relation(m[2], m[4])
			if m[1] != "" {
				a.Relation = opposite[a.Relation]
			}
			if a.Relation == "" {
				a.N = 0
			}
		}
	}
	switch id {
	case "keywords:existence":
		a.Keywords = quotes
	case "keywords:forbidden_words":
		a.ForbiddenWords = quotes
	case "keywords:frequency":
		a.Keyword = first()
	case "keywords:letter_frequency":
		if m := letter.FindStringSubmatch(prompt); m != nil {
			a.Letter = strings.ToLower(m[1])
		}
	case "startend:end_checker":
		if len(quotes) > 0 {
			a.EndPhrase = quotes[len(quotes)-1]
		}
	case "length_constraints:nth_paragraph_first_word":
		a.FirstWord = first()
		if m := nth.FindStringSubmatch(prompt); m != nil {
			a.NthParagraph = ordinals[strings.ToLower(m[1])]
		}
	case "detectable_content:postscript":
		a.PostscriptMarker = orElse(postscripts.FindString(prompt), "P.S.")
	case "detectable_format:multiple_sections":
		if m := splitter.FindStringSubmatch(prompt); m != nil {
			a.SectionSplitter = m[1]
		}
	case "detectable_format:constrained_response":
		a.Options = quotes
	case "language:response_language":
		a.Language = namedLanguage(prompt)
	}
	return a
}

// count reads a number in digits or words.
func count(s string) int {
	s = strings.ToLower(s)
	switch s {
	case "once":
		return 1
	case "twice":
		return 2
	case "one hundred", "a hundred":
		return 100
	}
	if x, ok := numberWords["en"][s]; ok {
		return int(x)
	}
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimRight(s, ","), ",", ""))
	if err != nil {
		return 0
	}
	return n
}

// relation reads what stands before and after a number.
func relation(before, after string) string {
	switch before = strings.ToLower(before); {
	case strings.HasPrefix(after, "or m"), before == "at least", strings.HasSuffix(before, "minimum of"), before == "no fewer than", before == "no less than":
		return instruction.AtLeast
	case after != "", before == "at most", strings.HasSuffix(before, "maximum of"), before == "no more than", before == "up to":
		return instruction.AtMost
	case before == "less than", before == "fewer than", before == "under":
		return instruction.LessThan
	case before == "more than", before == "over", strings.HasPrefix(before, "exceed"):
		return instruction.MoreThan
	case before == "around", before == "about", before == "approximately":
		return instruction.Around
	}
	return instruction.Exactly
}

// opposite is what "not" makes of a relation. Of a number alone ("never write
// 3 paragraphs") it leaves too little to verify, so there is none.
var opposite = map[string]string{
	instruction.MoreThan: instruction.AtMost, instruction.AtMost: instruction.MoreThan,
	instruction.LessThan: instruction.AtLeast, instruction.AtLeast: instruction.LessThan,
}

// languageNames are the languages that prompts ask to be answered in.
var languageNames = []struct{ name, code string }{
	{"french", "fr"}, {"english", "en"}, {"spanish", "es"}, {"german", "de"}, {"italian", "it"}, {"portuguese", "pt"}, {"hindi", "hi"}, {"japanese", "ja"}, {"korean", "ko"}, {"chinese", "zh"},
	{"arabic", "ar"}, {"russian", "ru"}, {"bengali", "bn"}, {"thai", "th"}, {"urdu", "ur"}, {"tamil", "ta"}, {"telugu", "te"}, {"bulgarian", "bg"}, {"persian", "fa"}, {"vietnamese", "vi"},
	{"nepali", "ne"}, {"swahili", "sw"}, {"kannada", "kn"}, {"marathi", "mr"}, {"gujarati", "gu"}, {"punjabi", "pa"}, {"finnish", "fi"}, {"dutch", "nl"}, {"turkish", "tr"}, {"polish", "pl"},
}

func namedLanguage(prompt string) string {
	lower := strings.ToLower(prompt)
	for _, l := range languageNames {
		if strings.Contains(lower, l.name) {
			return l.code
		}
	}
	return ""
}
