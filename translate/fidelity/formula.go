package fidelity

import (
	"strings"

	"github.com/kurakurai/luth/internal/markup"
)

// sameFormulas rejects a translation whose formulas are not those of the
// source, up to spelling.
func sameFormulas(s, t *view, _ Options) []Finding {
	source, sourceOpen := formulas(s.spans)
	target, targetOpen := formulas(t.spans)
	missing, added := difference(source, target)
	missing, added = match(missing, added, english, english)
	missing, added = match(missing, added, english, french)
	if detail := describe(missing, added); detail != "" {
		return reject(GateFormula, detail)
	}
	if targetOpen > sourceOpen {
		return reject(GateFormula, "a formula does not close")
	}
	return nil
}

// formulas returns the closed formulas among spans, and counts the others.
func formulas(spans []markup.Span) (closed []string, open int) {
	for _, s := range spans {
		switch {
		case s.Kind != markup.Formula:
		case s.Closed:
			closed = append(closed, s.Text)
		default:
			open++
		}
	}
	return closed, open
}

// match strikes out the formulas of a and b that are equal when a is read by
// one convention and b by another.
func match(a, b []string, first, second convention) (restA, restB []string) {
	if len(a) == 0 || len(b) == 0 {
		return a, b
	}
	waiting := map[string][]int{} // normal form to places in b
	for i, f := range b {
		form := normalFormula(f, second)
		waiting[form] = append(waiting[form], i)
	}
	taken := make([]bool, len(b))
	for _, f := range a {
		form := normalFormula(f, first)
		if places := waiting[form]; len(places) > 0 {
			taken[places[0]] = true
			waiting[form] = places[1:]
		} else {
			restA = append(restA, f)
		}
	}
	for i, f := range b {
		if !taken[i] {
			restB = append(restB, f)
		}
	}
	return restA, restB
}

// convention is how numbers, lists and intervals are written in formulas.
type convention int

const (
	english convention = iota // 1,000.5  (1, 2)  (0, 1]
	french                    // 1 000,5  (1 ; 2)  ]0 ; 1]
)

// same maps macros to the one that stands for them; to nothing those that only
// set type.
var same = map[string]string{
	"dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom",
	"leq": "le", "leqslant": "le", "geq": "ge", "geqslant": "ge", "neq": "ne", "rightarrow": "to", "longrightarrow": "to", "Longrightarrow": "implies", "Rightarrow": "implies",
	"Leftrightarrow": "iff", "Longleftrightarrow": "iff", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "lvert": "|", "rvert": "|", "vert": "|", "mid": "|",
	"ldots": "dots", "cdots": "dots", "dotsc": "dots", "dotsb": "dots", "varnothing": "emptyset", "land": "wedge", "lor": "vee", "lnot": "neg", "bm": "boldsymbol",
	"overrightarrow": "vec", "setminus": "backslash", "smallsetminus": "backslash", "degree": "circ", "N": "bbN", "Z": "bbZ", "Q": "bbQ", "R": "bbR", "C": "bbC",

	"left": "", "right": "", "big": "", "Big": "", "bigg": "", "Bigg": "", "bigl": "", "bigr": "", "Bigl": "", "Bigr": "", "biggl": "", "biggr": "", "middle": "",
	"displaystyle": "", "textstyle": "", "scriptstyle": "", "limits": "", "nolimits": "", "quad": "", "qquad": "", "thinspace": "", "enspace": "", "nonumber": "", "notag": "",
}

// names maps functions to the English name, as \operatorname and \mathrm have
// them in both languages.
var names = map[string]string{
	"pgcd": "gcd", "ppcm": "lcm", "tg": "tan", "cotg": "cot", "cotan": "cot", "arctg": "arctan", "sh": "sinh", "ch": "cosh", "th": "tanh", "argsh": "arsinh", "argch": "arcosh", "argth": "artanh",
	"rg": "rank", "rang": "rank", "tr": "trace", "vect": "span", "ssi": "iff", "pmod": "mod",
}

// textMacros hold words, which a translation changes.
var textMacros = map[string]bool{
	"text": true, "textrm": true, "textbf": true, "textit": true, "textsf": true, "texttt": true, "textnormal": true, "mbox": true, "hbox": true, "intertext": true, "tag": true, "label": true,
}

// longestFunction is the length of what an upright name may be the name of a
// function.
const longestFunction = 8

// nameMacros hold a name set upright.
var nameMacros = map[string]bool{"operatorname": true, "mathrm": true, "mathop": true, "mathsf": true, "rm": true}

// normalFormula returns what is left of a formula when delimiters, spacing,
// words and matters of taste are ignored and numbers, lists and intervals are
// written as in English.
func normalFormula(formula string, c convention) string {
	tokens := lexFormula(undelimited(formula))
	tokens = unwrap(tokens)
	tokens = readNumbers(tokens, c)
	tokens = readIntervals(tokens)
	for len(tokens) > 0 && (tokens[len(tokens)-1] == "." || tokens[len(tokens)-1] == ",") {
		tokens = tokens[:len(tokens)-1] // the sentence's
	}
	return strings.Join(tokens, "\x00")
}

// undelimited returns a formula without its delimiters.
func undelimited(formula string) string {
	for _, d := range [...][2]string{{"$$", "$$"}, {"$", "$"}, {`\(`, `\)`}, {`\[`, `\]`}} {
		if len(formula) >= len(d[0])+len(d[1]) && strings.HasPrefix(formula, d[0]) && strings.HasSuffix(formula, d[1]) {
			return formula[len(d[0]) : len(formula)-len(d[1])]
		}
	}
	return formula
}

// lexFormula cuts a formula into numbers of digits, macros and single
// characters, without spacing and words.
func lexFormula(formula string) []string {
	tokens := make([]string, 0, len(formula)/2)
	for i := 0; i < len(formula); {
		switch c := formula[i]; {
		case c == '\\':
			var token string
			if token, i = macro(formula, i+1); token != "" {
				tokens = append(tokens, token)
			}
		case c == '%' || c == '~' || c <= ' ' || c == '$':
			i++
		case isDigit(c):
			start := i
			for i < len(formula) && isDigit(formula[i]) {
				i++
			}
			tokens = append(tokens, formula[start:i])
		default:
			size := runeLength(formula[i:])
			if symbol := symbols[formula[i:i+size]]; symbol != "" {
				tokens = append(tokens, symbol)
			} else if !isNarrowSpace(formula[i : i+size]) {
				tokens = append(tokens, formula[i:i+size])
			}
			i += size
		}
	}
	return tokens
}

// symbols are characters for which LaTeX has a macro.
var symbols = map[string]string{
	"≤": `\le`, "⩽": `\le`, "≥": `\ge`, "⩾": `\ge`, "≠": `\ne`, "→": `\to`, "×": `\times`, "⋅": `\cdot`, "·": `\cdot`, "∞": `\infty`, "−": "-", "…": `\dots`,
	"∈": `\in`, "π": `\pi`, "±": `\pm`, "∪": `\cup`, "∩": `\cap`, "°": `\circ`, "’": "'", "′": "'",
}

// macro returns the token of the macro whose name begins at i, and where what
// belongs to it ends. Spacing and words have no token.
func macro(formula string, i int) (token string, end int) {
	if i == len(formula) {
		return "", i
	}
	if !isLetter(formula[i]) {
		size := runeLength(formula[i:])
		if strings.IndexByte(",;:! \n\t/", formula[i]) >= 0 {
			return "", i + size
		}
		return `\` + formula[i:i+size], i + size
	}
	end = i
	for end < len(formula) && isLetter(formula[end]) {
		end++
	}
	name := formula[i:end]
	if end < len(formula) && formula[end] == '*' {
		end++ // \operatorname*
	}
	switch {
	case textMacros[name]:
		_, end = group(formula, end)
		return "", end
	case name == "hspace" || name == "vspace" || name == "phantom":
		_, end = group(formula, end)
		return "", end
	case nameMacros[name]:
		inner, after := group(formula, end)
		switch n := len(inner); {
		case n == 1:
			return inner, after // the d of dx
		case n > 0 && n <= longestFunction:
			return `\` + canonicalName(inner), after
		}
		return "", end
	case name == "mathbb" || name == "mathbf":
		if inner, after := group(formula, end); len(inner) == 1 && strings.Contains("NZQRC", inner) {
			return `\bb` + inner, after
		}
	case name == "begin" || name == "end":
		inner, after := group(formula, end)
		return `\` + name + strings.TrimSuffix(inner, "*"), after
	}
	if other, ok := same[name]; ok {
		switch {
		case other == "":
			return "", end
		case !isLetter(other[0]):
			return other, end
		}
		return `\` + other, end
	}
	return `\` + canonicalName(name), end
}

func canonicalName(name string) string {
	name = strings.Trim(name, `\, `)
	if other, ok := names[strings.ToLower(name)]; ok {
		return other
	}
	return name
}

// longestGroup bounds how far the end of braces is looked for.
const longestGroup = 4096

// group returns what stands in the braces at i, and where they end; nothing
// and i without braces that close.
func group(formula string, i int) (inner string, end int) {
	start := i
	for i < len(formula) && formula[i] == ' ' {
		i++
	}
	if i == len(formula) || formula[i] != '{' {
		return "", start
	}
	depth := 0
	for j := i; j < min(len(formula), i+longestGroup); j++ {
		switch formula[j] {
		case '\\':
			j++
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return formula[i+1 : j], j + 1
			}
		}
	}
	return "", start
}

// unwrap drops braces around nothing and around one token, which x^{2} and x^2
// write differently.
func unwrap(tokens []string) []string {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		if tokens[i] == "{" {
			if i+1 < len(tokens) && tokens[i+1] == "}" {
				i++
				continue
			}
			if i+2 < len(tokens) && tokens[i+2] == "}" && tokens[i+1] != "{" && (len(tokens[i+1]) == 1 || tokens[i+1] == "," || tokens[i+1][0] == '\\') {
				if tokens[i+1] == "," {
					out = append(out, "{,}")
				} else {
					out = append(out, tokens[i+1])
				}
				i += 2
				continue
			}
		}
		out = append(out, tokens[i])
	}
	return out
}

// readNumbers writes numbers without separators and with a decimal point, and
// lists with commas.
func readNumbers(tokens []string, c convention) []string {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		token := tokens[i]
		after := len(out) > 0 && isNumber(out[len(out)-1]) && len(out[len(out)-1]) < longestNumber
		inNumber := after && i+1 < len(tokens) && isDigit(tokens[i+1][0])
		switch {
		case token == ";":
			token = ","
		case inNumber && (token == "," || token == "{,}") && c == english && thousands(out[len(out)-1], tokens[i+1:]):
			out[len(out)-1] += tokens[i+1]
			i++
			continue
		case inNumber && (token == "." || token == "{,}" || token == "," && c == french):
			out[len(out)-1] += "." + tokens[i+1]
			i++
			continue
		case inNumber && (token == `\cdot` || token == `\times`):
			token = `\times` // 3 \cdot 4 is 3 \times 4; of vectors it is not
		case isDigit(token[0]) && after:
			out[len(out)-1] += token // 1\,000
			continue
		case token == "{,}":
			token = ","
		}
		out = append(out, token)
	}
	return out
}

// longestNumber bounds how long a number may become: beyond, its parts stay
// apart.
const longestNumber = 64

func isNumber(token string) bool { return isDigit(token[0]) }

// thousands reports whether a comma between a number and what follows groups
// digits: 1,000 and 12,345,678, but not 1,0000 nor 3,14.
func thousands(before string, after []string) bool {
	return !strings.Contains(before, ".") && len(after[0]) == 3 && (len(before) <= 3 && before != "0" || len(before)%3 == 0 || len(before) > 3)
}

// readIntervals writes ]0,1[ as (0,1), and drops the plus of +∞ where English
// has none.
func readIntervals(tokens []string) []string {
	open, separated := false, false
	out := tokens[:0]
	for i, token := range tokens {
		operand := len(out) > 0 && endsOperand(out[len(out)-1])
		switch token {
		case "[":
			if open && separated && operand {
				token, open = ")", false
			} else {
				open, separated = true, false
			}
		case "]":
			if !open && !operand || !open && i == 0 {
				token, open, separated = "(", true, false
			} else {
				open = false
			}
		case ",":
			separated = true
		case "+":
			if !operand && i+1 < len(tokens) && tokens[i+1] == `\infty` {
				continue
			}
		}
		out = append(out, token)
	}
	return out
}

// endsOperand reports whether a token may be the end of an operand.
func endsOperand(token string) bool {
	c := token[0]
	switch {
	case isDigit(c), isLetter(c), c == ')', c == ']', c == '}', c == '\'', c == '|', c == '!', c >= 0x80:
		return true
	case c == '\\':
		return !relations[token]
	}
	return false
}

var relations = map[string]bool{
	`\in`: true, `\notin`: true, `\subset`: true, `\subseteq`: true, `\cup`: true, `\cap`: true, `\to`: true, `\times`: true, `\cdot`: true, `\le`: true, `\ge`: true,
	`\ne`: true, `\implies`: true, `\iff`: true, `\mapsto`: true, `\backslash`: true, `\pm`: true, `\colon`: true, `\equiv`: true, `\approx`: true, `\\`: true,
}
