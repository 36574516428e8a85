package instruction

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed punkt/english.tsv.gz
var punktEnglish []byte

//go:embed punkt/french.tsv.gz
var punktFrench []byte

// punkt splits text into sentences as NLTK 3.8 does with the algorithm of Kiss
// and Strunk (2006): a full stop ends a sentence unless its word is a known
// abbreviation, an initial or an ordinal, or the two words around it belong
// together.
type punkt struct {
	abbreviations, collocations, starters map[string]bool
	contexts                              map[string]int // how a word was written where
}

// How a word was written: at the beginning, in the middle or at an unknown
// place of a sentence, in upper or lower case.
const (
	beginningUpper = 1 << (iota + 1)
	middleUpper
	unknownUpper
	beginningLower
	middleLower
	unknownLower

	anyUpper = beginningUpper | middleUpper | unknownUpper
	anyLower = beginningLower | middleLower | unknownLower
)

// loadPunkt reads parameters; they are in the binary, so that an error is one
// of the build.
func loadPunkt(packed []byte) func() *punkt {
	return sync.OnceValue(func() *punkt {
		p := &punkt{abbreviations: map[string]bool{}, collocations: map[string]bool{}, starters: map[string]bool{}, contexts: map[string]int{}}
		zip, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			panic(fmt.Sprintf("embedded parameters of Punkt: %v", err))
		}
		for lines := bufio.NewScanner(zip); lines.Scan(); {
			fields := strings.Split(lines.Text(), "\t")
			switch fields[0] {
			case "a":
				p.abbreviations[fields[1]] = true
			case "c":
				p.collocations[fields[1]] = true
			case "s":
				p.starters[fields[1]] = true
			case "o":
				p.contexts[fields[1]], _ = strconv.Atoi(fields[2])
			}
		}
		return p
	})
}

// sentences counts the sentences of a text.
func (p *punkt) sentences(text string) (n int) {
	slices := p.slices(text)
	realigned := 0
	for i, s := range slices {
		closing := -1
		if i+1 < len(slices) {
			next := slices[i+1]
			closing = realignment(text[next.start:next.end])
		}
		if closing >= 0 || s.start+realigned < s.end {
			n++
		}
		realigned = max(closing, 0)
	}
	return n
}

// realignment returns the length of the closing marks, with the space behind
// them, that belong to the sentence before; -1 without any.
func realignment(sentence string) int {
	n := 0
	for n < len(sentence) && strings.IndexByte(`"')]}`, sentence[n]) >= 0 {
		n++
		rest := sentence[n:]
		if rest == "" || strings.HasPrefix(rest, "--") {
			return n
		}
		if trimmed := strings.TrimLeftFunc(rest, isSpace); len(trimmed) < len(rest) {
			return n + len(rest) - len(trimmed)
		}
	}
	return -1
}

// candidate is a sentence end that may be: the mark at end-1, what follows it,
// and the word before it.
type candidate struct {
	word, end int
	after     int // end of what follows: a mark, or space and a token
	next      int // start of the token that follows; 0 where a mark does
}

// slice is a sentence before its closing marks are given back to it.
type slice struct{ start, end int }

// slices cuts a text where sentences end.
func (p *punkt) slices(text string) []slice {
	var all []slice
	start := 0
	decide := func(c candidate) {
		if p.breaksIn(text[c.word:c.after]) {
			all = append(all, slice{start, c.end})
			start = max(c.end, c.next)
		}
	}
	var previous *candidate
	stop := 0
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(".?!", text[i]) < 0 {
			continue
		}
		c, ok := candidateAt(text, i)
		if !ok {
			continue
		}
		c.word = 0
		if previous != nil {
			c.word = previous.word
		}
		if space := strings.LastIndexFunc(text[stop:i], isSpace); space > 0 {
			_, size := utf8.DecodeRuneInString(text[stop+space:])
			c.word = stop + space + size
		}
		if previous != nil && stop <= c.word {
			decide(*previous)
		}
		previous, stop = &c, i
	}
	if previous != nil {
		decide(*previous)
	}
	return append(all, slice{start, max(start, len(strings.TrimRightFunc(text, isSpace)))})
}

// candidateAt returns the possible end at the mark at i.
func candidateAt(text string, i int) (c candidate, ok bool) {
	rest := text[i+1:]
	if rest == "" {
		return c, false
	}
	c.end = i + 1
	if strings.IndexByte(`)";}]*:@'({[!?`, rest[0]) >= 0 {
		c.after = i + 2
		return c, true
	}
	trimmed := strings.TrimLeftFunc(rest, isSpace)
	if trimmed == "" || len(trimmed) == len(rest) {
		return c, false
	}
	c.next = len(text) - len(trimmed)
	c.after = len(text)
	if n := strings.IndexFunc(trimmed, isSpace); n >= 0 {
		c.after = c.next + n
	}
	return c, true
}

// punktToken is a word with what is known of it.
type punktToken struct {
	text                 string
	kind                 string // lower case, numbers as ##number##
	ends, short, trailed bool   // a sentence; an abbreviation; an ellipsis
}

// breaksIn reports whether a sentence ends in a context before its last token.
func (p *punkt) breaksIn(context string) bool {
	tokens := tokenize(context)
	for i := range tokens {
		p.annotate(&tokens[i])
	}
	for i := 0; i+1 < len(tokens); i++ {
		p.reclassify(&tokens[i], tokens[i+1])
		if tokens[i].ends {
			return true
		}
	}
	return false
}

var (
	punktNumber   = regexp.MustCompile(`^-?[.,]?\p{Nd}[\p{Nd},.-]*\.?$`)
	punktInitial  = regexp.MustCompile(`^[\p{L}\p{Nl}\p{No}_]\.$`)
	punktEllipsis = regexp.MustCompile(`^\.\.+$`)
)

// annotate decides by the token alone.
func (p *punkt) annotate(t *punktToken) {
	t.kind = strings.ToLower(t.text)
	if punktNumber.MatchString(t.kind) {
		t.kind = "##number##"
	}
	word, final := strings.CutSuffix(t.text, ".")
	switch {
	case t.text == "." || t.text == "?" || t.text == "!":
		t.ends = true
	case punktEllipsis.MatchString(t.text):
		t.trailed = true
	case final && !strings.HasSuffix(word, "."):
		lower := strings.ToLower(word)
		if p.abbreviations[lower] || p.abbreviations[lower[strings.LastIndexByte(lower, '-')+1:]] {
			t.short = true
		} else {
			t.ends = true
		}
	}
}

func (t punktToken) withoutPeriod() string {
	if len(t.kind) > 1 {
		return strings.TrimSuffix(t.kind, ".")
	}
	return t.kind
}

func (t punktToken) withoutSentencePeriod() string {
	if t.ends {
		return t.withoutPeriod()
	}
	return t.kind
}

// reclassify decides by the token and the one behind it.
func (p *punkt) reclassify(t *punktToken, next punktToken) {
	if !strings.HasSuffix(t.text, ".") {
		return
	}
	kind, following := t.withoutPeriod(), next.withoutSentencePeriod()
	if p.collocations[kind+","+following] {
		t.ends, t.short = false, true
		return
	}
	first, _ := utf8.DecodeRuneInString(next.text)
	initial := punktInitial.MatchString(t.text)
	if (t.short || t.trailed) && !initial {
		if p.startsSentence(next) > 0 || unicode.IsUpper(first) && p.starters[following] {
			t.ends = true
			return
		}
	}
	if initial || kind == "##number##" {
		starts := p.startsSentence(next)
		if starts < 0 || starts == 0 && initial && unicode.IsUpper(first) && p.contexts[following]&anyLower == 0 {
			t.ends, t.short = false, true
		}
	}
}

// startsSentence reports by how the token is written here and elsewhere
// whether it begins a sentence: 1 for yes, -1 for no, 0 for unknown.
func (p *punkt) startsSentence(t punktToken) int {
	if len(t.text) == 1 && strings.Contains(";:,.!?", t.text) {
		return -1
	}
	context := p.contexts[t.withoutSentencePeriod()]
	first, _ := utf8.DecodeRuneInString(t.text)
	switch {
	case unicode.IsUpper(first) && context&anyLower != 0 && context&middleUpper == 0:
		return 1
	case unicode.IsLower(first) && (context&anyUpper != 0 || context&beginningLower == 0):
		return -1
	}
	return 0
}
