// Package markup cuts a text into prose and what is not prose: formulas, code,
// addresses, placeholders and tags. Put together again the pieces are the text.
//
// The rules are those of Markdown and LaTeX as language models and exam papers
// write them:
//
//   - fences of three and more backquotes or tildes with an info string
//     (CommonMark 0.31, 4.5), also inside lists and quotations;
//   - code spans of one and more backquotes (CommonMark 0.31, 6.1);
//   - formulas in $…$ by pandoc's rule (tex_math_dollars: no space inside the
//     dollars, no digit after the closing one), $$…$$, \(…\), \[…\] and
//     environments; two dollars with spaces inside hold a formula where they
//     hold a macro, an exponent or an index;
//   - addresses with a scheme or www, e-mail addresses, placeholders of
//     templates and of printf, tags and comments of HTML.
//
// The scanner reads every byte a bounded number of times whatever the text.
package markup

// Kind says what a piece of a text is.
type Kind uint8

const (
	Prose       Kind = iota
	Formula          // LaTeX mathematics, delimiters included
	Fence            // a block of code with its fences
	Code             // a span of code with its backquotes
	URL              // http://…, https://…, ftp://…, mailto:…, www.…
	Email            // name@host
	Placeholder      // {name}, {{name}}, ${name}, [address], <your name>, %s
	Tag              // a tag or comment of HTML or XML
)

func (k Kind) String() string {
	return [...]string{"prose", "formula", "fence", "code", "URL", "e-mail address", "placeholder", "tag"}[k]
}

// IsCode reports whether the piece is a block or a span of code.
func (k Kind) IsCode() bool { return k == Fence || k == Code }

// Span is a piece of a text. A fence that is not closed runs to the end of the
// text; of a formula that is not closed the span is the opening delimiter
// alone, and what follows is prose.
type Span struct {
	Kind   Kind
	Text   string
	Closed bool
}

// Spans cuts a text into its pieces, in order and without gaps. No piece is
// empty, and no two pieces of prose stand side by side.
func Spans(text string) []Span {
	return AppendSpans(nil, text)
}

// AppendSpans is Spans into a slice of the caller's.
func AppendSpans(spans []Span, text string) []Span {
	s := scanner{text: text}
	prose := 0
	for i := 0; i < len(text); {
		if i = s.skip(i); i == len(text) {
			break
		}
		start, span := s.at(i, prose)
		if span.Text == "" {
			i = start // not a span: go on from here
			continue
		}
		if start > prose {
			spans = append(spans, Span{Prose, text[prose:start], true})
		}
		spans = append(spans, span)
		i = start + len(span.Text)
		prose = i
	}
	if prose < len(text) {
		spans = append(spans, Span{Prose, text[prose:], true})
	}
	return spans
}

// opens marks the bytes at which a span may begin, or be recognised by.
var opens = [256]bool{'$': true, '\\': true, '`': true, '~': true, ':': true, 'w': true, '@': true, '{': true, '[': true, '<': true, '%': true}

// scanner finds spans. What it once looked for in vain it does not look for
// again in the same stretch, which keeps it linear.
type scanner struct {
	text      string
	paragraph int                 // end of the paragraph last asked for
	failed    [closers]int        // before which place there is no such closer
	runs      [longestRun + 1]int // before which place no run of so many backquotes stands
	unclosed  [2]int              // length of the shortest fence without its end, of backquotes and of tildes; 0 for none
	ends      map[int]int         // \begin to where its environment ends; nil until needed
}

// skip returns the first place at or after i where a span may begin.
func (s *scanner) skip(i int) int {
	text := s.text
	for i < len(text) {
		c := text[i]
		if opens[c] && (c != 'w' || i+3 < len(text) && text[i+1] == 'w' && text[i+2] == 'w' && text[i+3] == '.') {
			return i
		}
		i++
	}
	return i
}

// at returns the span that the byte at i begins or gives away, and where it
// starts, not before prose. Without one the span is empty, and the place is
// where to go on.
func (s *scanner) at(i, prose int) (int, Span) {
	switch s.text[i] {
	case '$':
		return s.dollar(i)
	case '\\':
		return s.backslash(i)
	case '`':
		return s.backquotes(i)
	case '~':
		return s.tildes(i)
	case ':', 'w':
		return s.url(i, prose)
	case '@':
		return s.email(i, prose)
	case '<':
		return s.angle(i)
	case '{':
		return s.brace(i)
	case '[':
		return s.square(i)
	default:
		return s.percent(i)
	}
}

// is returns the span from i to end.
func (s *scanner) is(kind Kind, i, end int) (int, Span) {
	return i, Span{kind, s.text[i:end], true}
}

// byteAt returns the byte at i, and 0 outside the text.
func (s *scanner) byteAt(i int) byte {
	if i < 0 || i >= len(s.text) {
		return 0
	}
	return s.text[i]
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }
func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
