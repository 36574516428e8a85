package latex

import (
	"regexp"
	"strconv"
	"strings"
)

// list is an open list.
type list struct {
	counter string // "" in lists without numbers
	label   string // source of each item's label
	depth   int    // among numbered lists, 1 to 4
	series  string // name under which \end records the last number
}

// bullet is the label of an item in an itemize.
const bullet = "•"

// numbered are the environments whose items have numbers, with their counters
// and labels. An empty counter is chosen by depth.
var numbered = map[string]list{
	"enumerate": {}, "enumerate*": {}, "inparaenum": {}, "compactenum": {}, "asparaenum": {},
	"questions": {counter: "question", label: `\thequestion.`},
	"parts":     {counter: "partno", label: `(\thepartno)`},
	"subparts":  {counter: "subpart", label: `\thesubpart.`},
	"tasks":     {counter: "task", label: `\alph{task})`},
}

// levels are LaTeX's counters for nested enumerates, with their labels.
var levels = [5]struct{ counter, label string }{
	{}, {"enumi", `\labelenumi`}, {"enumii", `\labelenumii`}, {"enumiii", `\labelenumiii`}, {"enumiv", `\labelenumiv`},
}

// beginNumbered opens a numbered list; its options may be enumitem's or a
// pattern of the package enumerate.
func (p *parser) beginNumbered(name string) {
	l := numbered[name]
	l.depth = 1
	for _, s := range p.scopes {
		if s.list != nil && s.list.depth >= l.depth {
			l.depth = min(s.list.depth+1, 4)
		}
	}
	if l.counter == "" {
		l.counter, l.label = levels[l.depth].counter, levels[l.depth].label
		if custom := p.listLabels[l.depth] + p.listLabels[0]; custom != "" {
			l.label = starred(custom, l.counter)
		}
	}
	p.counter(l.counter).value = 0
	l.series = strconv.Itoa(l.depth)
	if options, ok := p.in.optional(); ok {
		p.listOptions(&l, options)
	}
	if name == "tasks" {
		p.in.enclosed('(', ')')
	}
	p.openList(name, l)
}

func (p *parser) openList(name string, l list) {
	if !p.out.onlyLabel() {
		p.out.breakLine()
	}
	p.open(scope{environment: name, bold: p.bold(), list: &l, onClose: func(p *parser) {
		p.out.breakLine()
		if l.counter != "" {
			p.resume[l.series], p.resumeLabel[l.series] = p.counter(l.counter).value, l.label
			if l.series != strconv.Itoa(l.depth) {
				p.resume[strconv.Itoa(l.depth)] = p.counter(l.counter).value
			}
		}
	}})
}

// listOptions applies what stands in the brackets after \begin{enumerate}.
func (p *parser) listOptions(l *list, options string) {
	if !strings.Contains(options, "=") && !bareOptions.MatchString(options) {
		l.label = pattern(options, l.counter)
		return
	}
	for _, option := range splitOptions(options) {
		key, value, _ := strings.Cut(option, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if strings.HasPrefix(value, "{") && strings.HasSuffix(value, "}") {
			value = value[1 : len(value)-1]
		}
		switch key {
		case "label", "label*":
			l.label = starred(value, l.counter)
		case "start":
			n, _ := strconv.Atoi(value)
			p.counter(l.counter).value = n - 1
		case "series":
			l.series = value
		case "resume", "resume*":
			if value != "" {
				l.series = value
			}
			p.counter(l.counter).value = p.resume[l.series]
			if key == "resume*" && p.resumeLabel[l.series] != "" {
				l.label = p.resumeLabel[l.series]
			}
		}
	}
}

// bareOptions matches options without a value, which are no pattern.
var bareOptions = regexp.MustCompile(`^\s*(resume\*?|noitemsep|nosep|nolistsep|wide|align|leftmargin|itemsep|\s|,)+\s*$`)

// splitOptions splits at the commas outside braces.
func splitOptions(options string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range options {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, options[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, options[start:])
}

var star = regexp.MustCompile(`\\(arabic|alph|Alph|roman|Roman)\*`)

// starred gives enumitem's \arabic* and the like their counter.
func starred(label, counter string) string {
	return star.ReplaceAllString(label, `\$1{`+counter+`}`)
}

// pattern turns a label of the package enumerate, such as "a)" or "Q1.", into
// a source: its first 1, a, A, i or I outside braces and macros is the number.
func pattern(label, counter string) string {
	formats := map[byte]string{'1': "arabic", 'a': "alph", 'A': "Alph", 'i': "roman", 'I': "Roman"}
	depth := 0
	for i := 0; i < len(label); i++ {
		switch c := label[i]; {
		case c == '\\':
			for i+1 < len(label) && isLetter(label[i+1]) {
				i++
			}
		case c == '{':
			depth++
		case c == '}':
			depth--
		case depth == 0 && formats[c] != "":
			return label[:i] + `\` + formats[c] + `{` + counter + `}` + label[i+1:]
		}
	}
	return label
}

// setlist reads \setlist[enumerate,depth]{options}; only labels matter.
func (p *parser) setlist() {
	p.in.accept('*')
	target, _ := p.in.optional()
	options := p.in.argument()
	if target != "" && !strings.Contains(target, "enumerate") && strings.Trim(target, "1234") != "" {
		return
	}
	depth := 0
	if i := strings.IndexAny(target, "1234"); i >= 0 {
		depth = int(target[i] - '0')
	}
	for _, option := range splitOptions(options) {
		if key, value, ok := strings.Cut(option, "="); ok && strings.TrimSpace(key) == "label" {
			p.listLabels[depth] = strings.TrimSpace(value)
		}
	}
}

// item begins an item of the innermost list.
func (p *parser) item() {
	l := p.innermostList()
	if !p.out.onlyLabel() {
		p.out.breakLine()
	}
	own, given := p.in.optional()
	switch {
	case given:
		p.label(own)
	case l == nil:
		p.label(bullet)
	case l.counter != "":
		p.refer(l.counter)
		if l.label != levels[l.depth].label {
			p.reference = l.label
		}
		p.label(l.label)
	default:
		p.label(l.label)
	}
}

func (p *parser) innermostList() *list {
	for i := len(p.scopes) - 1; i >= 0; i-- {
		if p.scopes[i].list != nil {
			return p.scopes[i].list
		}
	}
	return nil
}

// label writes a list's label from its source.
func (p *parser) label(source string) {
	text := p.inline(source)
	if text == "" {
		return
	}
	p.out.space()
	p.out.write(text, style{bold: p.bold()})
	p.out.endLabel()
}

// examItem is \question, \part and \subpart of the class exam, with their
// points in brackets.
func (p *parser) examItem() {
	p.out.breakLine()
	points, _ := p.in.optional()
	if l := p.innermostList(); l != nil && l.counter != "" {
		p.refer(l.counter)
		p.label(l.label)
	}
	if points != "" {
		p.write("(" + points + " points)")
		p.out.endLabel()
	}
}
