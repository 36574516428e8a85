package jsonrepair

import "strings"

// longestMacro bounds how far a name is looked for.
const longestMacro = 24

// macros are those whose first letter JSON has an escape for: \b, \f, \n, \r
// and \t, in lower case. (\a and \v are no escapes of JSON; they are here for
// the control characters that other decoders make.)
var macros = set(`bar beta begin because between bf bigcap bigcirc bigcup big bigg bigl bigr biggl biggr bigoplus bigotimes bigsqcup bigstar bigtriangleup bigvee bigwedge binom bm bmod bot bowtie boldsymbol
	boxed boxplus breve bullet backslash backepsilon barwedge beth blacksquare
	fbox flat forall frac frown frak
	nabla natural ne nearrow neg neq nexists ni nleq nmid nolimits nonumber not notag notin nparallel nsubseteq nu nwarrow ngeq nless nsim ncong newline normalsize
	rangle rceil rfloor rho right rightarrow rightharpoonup rightleftharpoons rightrightarrows rm rvert rbrace rbrack root rule
	tan tanh tau tag tbinom text textbf textit textrm textsf texttt textnormal textstyle textcolor tfrac therefore theta thickapprox thinspace tilde times to top triangle triangleq triangleleft triangleright twoheadrightarrow
	alpha approx arctan arcsin arccos angle ast arg aleph amalg asymp varepsilon varphi vartheta varrho varsigma vec vert vee vdots vdash varnothing`)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		all[w] = true
	}
	return all
}

// ambiguous are macros without which their escape is a newline or a tab before
// a word or a variable: "\nu_n" is ν_n, or a line that begins with u_n.
var ambiguous = set("ne ni nu not neg to top tag tan tau text times top bar beta right root rule flat natural tilde triangle newline")

// certain is what follows an ambiguous macro that makes it one whatever the
// rest of the JSON does: \text{…} and \right).
var certain = map[string]string{"text": "{", "tag": "{", "bar": "{", "tilde": "{", "right": `)]}|.\`, "times": `\ 0123456789{(`, "beta": `\^_}`, "tau": `\^_}`, "triangle": `\`}

// isMacro reports whether a text begins with the name of a macro and nothing
// of a longer word.
func (m *mender) isMacro(text string) bool {
	n := letterRun(text)
	name := text[:n]
	switch {
	case !macros[name]:
		return false
	case !ambiguous[name] || n < len(text) && strings.IndexByte(certain[name], text[n]) >= 0:
		return true
	case name == "nu" && (strings.HasPrefix(text[n:], "_n") || strings.HasPrefix(text[n:], "_{n")):
		return false // the sequences of French exams
	}
	return m.raw && mathAfter(text[n:])
}

func letterRun(text string) (n int) {
	for n < len(text) && text[n]|0x20-'a' < 26 {
		n++
	}
	return n
}

// mathAfter reports whether, at once or after spaces, something follows that
// stands in formulas and not in prose.
func mathAfter(text string) bool {
	rest := strings.TrimLeft(text, " ")
	switch {
	case rest == "":
		return false
	case strings.IndexByte(`\^_=$+<>{}&`, rest[0]) >= 0 || rest[0]-'0' < 10:
		return true
	case len(rest) == len(text):
		return strings.IndexByte(`()[]|,;-`, rest[0]) >= 0
	}
	return len(rest) > 1 && letterRun(rest) == 1 && strings.IndexByte(`^_=$+\{}()|`, rest[1]) >= 0
}

// hasRawMacro reports whether a text has a macro whose backslash is no escape
// of JSON, such as \alpha or \sqrt.
func hasRawMacro(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if c := text[i]; c|0x20-'a' < 26 && strings.IndexByte("bfnrt", c) < 0 && (c != 'u' || !isHex(text[i+1:])) || c == '(' || c == '[' {
			return true
		}
	}
	return false
}

// isLineBreak reports whether two backslashes before a text, among macros that
// nobody escaped, are the line break of LaTeX and not the backslash of a macro.
func isLineBreak(text string) bool {
	n := letterRun(text)
	return n == 1 || n == 0 && (text == "" || strings.IndexByte("()[]{},;!$%_&#\"", text[0]) < 0) || strings.HasPrefix(text, "hline")
}
