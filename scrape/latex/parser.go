package latex

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kurakurai/luth/scrape/document"
)

// parser reads one source from beginning to end: a loop over characters that
// keeps the open groups on a stack of its own.
type parser struct {
	in      *input
	out     *writer
	scopes  []scope
	limits  Limits
	body    bool // \begin{document} has been read
	done    bool // \end{document} has been read
	nested  int  // calls of lines under way
	failure string

	macros       map[string]*macro
	environments map[string]*environment
	counters     map[string]*counter
	flags        map[string]bool // of \newif
	hidden       map[string]bool // environments that \excludecomment turns off
	theorems     map[string]theorem
	sectionLabel map[string]string // what \titleformat puts before a section's title
	listLabels   [5]string         // label sources that \setlist sets, by depth; 0 for any
	resume       map[string]int    // last numbers of closed lists, by depth or series
	resumeLabel  map[string]string
	front        map[string]string // \title, \author, \date

	reference  string            // source of what \label records
	labels     map[string]string // recorded by this reading
	known      map[string]string // recorded by the reading before
	expansions int
	unknown    map[string]int
	notes      []string
}

// scope is an open group or environment.
type scope struct {
	environment string // "" for a group
	bold        bool
	list        *list
	onClose     func(*parser)
}

func newParser(source string, limits Limits, known map[string]string) *parser {
	return &parser{
		in: newInput(source), out: &writer{}, limits: limits, known: known,
		body:   !strings.Contains(source, `\begin{document}`),
		macros: map[string]*macro{}, environments: map[string]*environment{}, counters: newCounters(),
		flags: map[string]bool{}, hidden: map[string]bool{}, theorems: map[string]theorem{},
		sectionLabel: map[string]string{}, resume: map[string]int{}, resumeLabel: map[string]string{},
		front: map[string]string{}, labels: map[string]string{}, unknown: map[string]int{},
	}
}

// run reads the input to its end.
func (p *parser) run() {
	for p.failure == "" && !p.done {
		c := p.in.peek()
		switch {
		case c == 0:
			p.out.breakLine()
			return
		case c == '\\':
			p.in.next()
			p.control(p.in.control())
		case c == '%':
			if p.in.skipComment() {
				p.out.paragraph()
			}
		case !p.body:
			p.in.next()
		default:
			p.character(c)
		}
		if p.out.bytes > p.limits.Output {
			p.fail(fmt.Sprintf("more than %d bytes of text", p.limits.Output))
		}
		if p.in.pushed > p.limits.Expanded {
			p.fail(fmt.Sprintf("more than %d bytes are read again", p.limits.Expanded))
		}
	}
}

// character handles text that is no control sequence.
func (p *parser) character(c byte) {
	switch c {
	case '\n':
		p.newline()
	case ' ', '\t', '~', '&':
		p.in.next()
		p.out.space()
	case '{':
		p.in.next()
		p.open(scope{bold: p.bold()})
	case '}':
		p.in.next()
		p.closeGroup()
	case '$':
		p.in.next()
		if p.in.accept('$') {
			p.displayMath("$$", "$$")
		} else {
			p.inlineMath("$", "$")
		}
	default:
		p.word()
	}
}

// newline is a space; with an empty line after it, it ends the paragraph.
func (p *parser) newline() {
	p.in.next()
	p.in.skipBlanks()
	if p.in.peek() != '\n' {
		p.out.space()
		return
	}
	for p.in.peek() == '\n' {
		p.in.next()
		p.in.skipBlanks()
	}
	p.out.paragraph()
}

// word writes characters up to the next special one, with TeX's ligatures for
// dashes and quotation marks.
func (p *parser) word() {
	f := p.in.top()
	rest := f.text[f.pos:]
	end := strings.IndexAny(rest, " \t\n~&{}$\\%")
	if end < 0 {
		end = len(rest)
	}
	f.pos += end
	p.writeLigatures(rest[:end])
}

var ligatures = strings.NewReplacer("---", "—", "--", "–", "``", "“", "''", "”", "<<", "« ", ">>", " »")

func (p *parser) writeLigatures(word string) {
	word = ligatures.Replace(word)
	if strings.HasPrefix(word, " ") {
		p.out.space()
	}
	p.write(strings.TrimSpace(strings.ReplaceAll(word, "\u00a0", " ")))
	if strings.HasSuffix(word, " ") {
		p.out.space()
	}
}

// write adds text in the style of the place.
func (p *parser) write(s string) {
	p.out.write(s, style{bold: p.bold()})
}

func (p *parser) bold() bool {
	return len(p.scopes) > 0 && p.scopes[len(p.scopes)-1].bold
}

func (p *parser) open(s scope) {
	if len(p.scopes) >= p.limits.Depth {
		p.fail(fmt.Sprintf("groups nested deeper than %d", p.limits.Depth))
		return
	}
	p.scopes = append(p.scopes, s)
}

// openArgument opens the group that is a macro's argument, in the style given;
// onClose, which may be nil, runs after it. Without braces the argument is a
// single token, put into braces first.
func (p *parser) openArgument(bold bool, onClose func(*parser)) {
	p.in.skipSpace()
	if p.in.peek() != '{' {
		p.in.push("{" + p.in.argument() + "}")
	}
	p.in.next()
	p.open(scope{bold: bold, onClose: onClose})
}

// closeGroup ends the innermost group; a brace that closes nothing is left
// out.
func (p *parser) closeGroup() {
	if n := len(p.scopes); n > 0 && p.scopes[n-1].environment == "" {
		p.pop()
	}
}

func (p *parser) pop() {
	last := p.scopes[len(p.scopes)-1]
	p.scopes = p.scopes[:len(p.scopes)-1]
	if last.onClose != nil {
		last.onClose(p)
	}
}

// maxNested bounds how deep sources are read inside others.
const maxNested = 20

// lines reads a source of its own, such as a table's cell, with the macros and
// counters of the document.
func (p *parser) lines(source string) []document.Line {
	if p.nested >= maxNested {
		p.fail(fmt.Sprintf("tables and labels nested deeper than %d", maxNested))
	}
	if !p.spend(len(source)) {
		return nil
	}
	in, out, scopes, body := p.in, p.out, p.scopes, p.body
	p.in, p.out, p.scopes, p.body = newInput(source), &writer{}, nil, true
	p.in.pushed, p.in.atLetter = in.pushed+len(source), in.atLetter
	p.nested++
	p.run()
	p.nested--
	var lines []document.Line
	for _, page := range p.out.finish() {
		lines = append(lines, page.Lines...)
	}
	in.pushed = p.in.pushed
	p.in, p.out, p.scopes, p.body = in, out, scopes, body
	return lines
}

// inline reads a source of its own as one line.
func (p *parser) inline(source string) string {
	lines := p.lines(source)
	texts := make([]string, len(lines))
	for i, line := range lines {
		texts[i] = line.Text
	}
	return strings.Join(texts, " ")
}

// fail ends the reading: the file asks for more than its limits.
func (p *parser) fail(why string) {
	if p.failure == "" {
		p.failure = why
	}
}

// note records what a person should know, once.
func (p *parser) note(what string) {
	for _, n := range p.notes {
		if n == what {
			return
		}
	}
	if len(p.notes) < 20 && utf8.RuneCountInString(what) < 200 {
		p.notes = append(p.notes, what)
	}
}

// miss counts a use of something unknown.
func (p *parser) miss(name string) {
	if p.body && (p.unknown[name] > 0 || len(p.unknown) < 50) {
		p.unknown[name]++
	} else if p.body {
		p.unknown["others"]++
	}
}
