package latex

import "strings"

// environments are those that end a line before and after and are otherwise
// transparent, with the arguments to drop, written as in skipped.
var environments = map[string]string{
	"document": "", "center": "", "flushleft": "", "flushright": "", "quote": "", "quotation": "", "verse": "", "abstract": "",
	"minipage": "ooom", "multicols": "mo", "multicols*": "mo", "wrapfigure": "omom", "figure": "o", "figure*": "o", "table": "o",
	"table*": "o", "tcolorbox": "o", "mdframed": "o", "framed": "", "shaded": "", "adjustbox": "m", "list": "mm", "spacing": "m",
	"addmargin": "om", "titlepage": "", "landscape": "", "samepage": "", "small": "", "footnotesize": "", "large": "", "Large": "",
	"solution": "o", "corrige": "", "correction": "", "proof": "o", "preuve": "", "extern": "", "subequations": "", "group": "",
	"sloppypar": "", "boxedminipage": "m", "cadre": "", "onehalfspace": "", "trivlist": "", "tabbing": "", "threeparttable": "",
	"floatingfigure": "om", "window": "o", "changemargin": "mm", "otherlanguage": "m",
}

// pictures are environments that draw, whose source nobody reads.
var pictures = map[string]bool{
	"pspicture": true, "pspicture*": true, "tikzpicture": true, "psgraph": true, "psgraph*": true, "picture": true, "asy": true,
	"pgfpicture": true, "forest": true, "tikzcd": true, "circuitikz": true, "mplibcode": true, "pspicture+": true, "axis": true,
	"psmatrix": true, "postscript": true, "scratch": true, "picins": true, "pdfpic": true, "TeXtoEPS": true, "chronology": true,
}

// listings are environments of code, with the arguments that come first; the
// last one is the language where the list says so.
var listings = map[string]struct {
	arguments string
	language  bool
}{
	"verbatim": {}, "verbatim*": {}, "Verbatim": {arguments: "o"}, "lstlisting": {arguments: "o"}, "alltt": {},
	"minted": {arguments: "o", language: true}, "pyverbatim": {}, "pythoncode": {}, "python": {}, "CodePythonLst": {arguments: "oom"},
}

// tables are environments of rows and cells, with the arguments that come
// before the rows.
var tables = map[string]string{
	"tabular": "om", "tabular*": "mom", "tabularx": "mom", "tabulary": "mom", "longtable": "om", "tabu": "m", "tblr": "om",
	"NiceTabular": "om", "xtabular": "om", "supertabular": "om",
}

// begin opens the environment that the input names.
func (p *parser) begin() {
	name := strings.TrimSpace(p.in.argument())
	if !p.body {
		p.beginPreamble(name)
		return
	}
	plain := strings.TrimSuffix(name, "*")
	_, isMath := mathEnvironments[plain]
	t, isTheorem := p.theorems[name]
	arguments, isTable := tables[name]
	listing, isListing := listings[name]
	switch {
	case p.hidden[name] || name == "comment" || strings.HasPrefix(name, "filecontents"):
		p.rawBody(name)
	case p.environments[name] != nil:
		p.beginDefined(name, p.environments[name])
	case isTheorem:
		p.beginTheorem(name, t)
	case isMath:
		p.displayMath(`\begin{`+name+`}`, `\end{`+name+`}`)
	case pictures[name]:
		p.rawBody(name)
		p.figure()
	case isTable:
		p.skip(arguments)
		p.table(p.rawBody(name))
	case isListing:
		p.listing(name, listing.arguments, listing.language)
	default:
		p.beginText(name)
	}
}

// beginPreamble handles the environments that matter before the text.
func (p *parser) beginPreamble(name string) {
	switch {
	case name == "document":
		p.body = true
		p.open(scope{environment: name})
	case name == "comment" || strings.HasPrefix(name, "filecontents"):
		p.rawBody(name)
	}
}

// beginText opens lists and environments whose content is text.
func (p *parser) beginText(name string) {
	_, isNumbered := numbered[name]
	arguments, known := environments[name]
	switch {
	case isNumbered:
		p.beginNumbered(name)
	case name == "itemize" || name == "compactitem":
		p.beginItemize(name)
	case name == "description":
		p.in.optional()
		p.openList(name, list{})
	case known:
		p.openBlock(name, arguments)
	case exercises[name] && p.theorems[name].title == "":
		p.beginTheorem(name, theorem{counter: "exercice", title: "Exercice"})
	default:
		p.miss(`\begin{` + name + "}")
		p.openBlock(name, "o")
	}
}

// exercises are environments of classes we do not have, which all print a
// numbered title.
var exercises = map[string]bool{"exercice": true, "exo": true, "exercise": true, "Exercice": true}

func (p *parser) beginItemize(name string) {
	l := list{label: bullet}
	if p.macros["labelitemi"] != nil {
		l.label = `\labelitemi`
	}
	if options, ok := p.in.optional(); ok {
		for _, option := range splitOptions(options) {
			if key, value, ok := strings.Cut(option, "="); ok && strings.TrimSpace(key) == "label" {
				l.label = strings.TrimSpace(value)
			}
		}
	}
	p.openList(name, l)
}

// openBlock opens an environment that begins and ends a line.
func (p *parser) openBlock(name, arguments string) {
	p.skip(arguments)
	if !p.out.onlyLabel() {
		p.out.breakLine()
	}
	p.open(scope{environment: name, bold: p.bold(), onClose: func(p *parser) { p.out.breakLine() }})
}

// beginDefined opens an environment of the source.
func (p *parser) beginDefined(name string, e *environment) {
	args := p.arguments(&e.begin)
	end := substitute(e.end, args)
	p.insert(substitute(e.begin.body, args))
	p.open(scope{environment: name, bold: p.bold(), onClose: func(p *parser) { p.insert(end) }})
}

// end closes the environment that the input names, and what was left open in
// it. The end of one that is not open is left out.
func (p *parser) end() {
	name := strings.TrimSpace(p.in.argument())
	for i := len(p.scopes) - 1; i >= 0; i-- {
		if p.scopes[i].environment != name {
			continue
		}
		for len(p.scopes) > i {
			p.pop()
		}
		break
	}
	p.done = p.done || name == "document"
}

// rawBody reads the body of an environment as it stands.
func (p *parser) rawBody(name string) string {
	body, closed := p.in.environment(name)
	if !closed {
		p.note("environment " + name + " without its end")
	}
	return body
}

// figure writes the marker of a picture, on a line of its own.
func (p *parser) figure() {
	p.out.breakLine()
	p.write(Figure)
	p.out.breakLine()
}

// listing writes an environment of code.
func (p *parser) listing(name, arguments string, hasLanguage bool) {
	options, language := "", ""
	if strings.HasPrefix(arguments, "o") {
		options, _ = p.in.optional()
		arguments = arguments[1:]
	}
	p.skip(arguments)
	if hasLanguage {
		language = p.in.argument()
	}
	for _, option := range splitOptions(options) {
		if key, value, ok := strings.Cut(option, "="); ok && strings.TrimSpace(key) == "language" {
			language = value
		}
	}
	language = strings.ToLower(strings.Trim(language, "{} "))
	if strings.ContainsAny(language, " \n\\") {
		language = ""
	}
	p.out.verbatim(language, p.rawBody(name))
}
