package filter

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kurakurai/luth/dataset"
)

type latexParams struct {
	Defects int `yaml:"defects"`
}

// latex drops samples whose formulas are damaged.
func latex() Filter {
	return define("latex",
		"drops samples with formulas that do not close: dollar signs, braces, \\left and \\right, environments; or with macros that lost their backslash and first letter",
		"luth; the lost letters come from JSON decoders that read \\frac as a form feed and \"rac\" (research/dataset.md, 1)",
		latexParams{Defects: 0}, checkLatex)
}

func checkLatex(p latexParams, s dataset.Sample) Verdict {
	total := 0
	for i, m := range s.Messages {
		reason, detail, n := defects(m.Content)
		if total += n; total > p.Defects {
			return drop(reason, fmt.Sprintf("%s: %s", place(i, m), detail), float64(total), float64(p.Defects))
		}
	}
	return keep(float64(total), float64(p.Defects))
}

// stems are macros without their backslash and first letter, as \f, \t, \b,
// \r, \a and \v leave them: those that take an argument, and in formulas also
// those that do not.
var (
	stemWithArgument = regexp.MustCompile(`(?:^|[^\\A-Za-z])(?:d?rac|ext(?:bf|it|rm|tt)?|egin|inom|oldsymbol|oxed|ec)\{`)
	stem             = regexp.MustCompile(`(?:^|[^\\A-Za-z])(?:heta|imes|lpha|ight|abla|arepsilon|arphi|orall|pprox|ightarrow|ullet|riangle)(?:$|[^A-Za-z])`)
)

// defects counts what is wrong with the formulas of a text and describes the
// last of it.
func defects(text string) (reason, detail string, n int) {
	found := func(r, d string) {
		reason, detail = r, d
		n++
	}
	for _, s := range spans(text) {
		if s.kind == code || s.kind == address {
			continue
		}
		if at := stemWithArgument.FindString(s.text); at != "" {
			found("macro without its beginning", at)
		}
		if s.kind == prose {
			if strings.Contains(s.text, `\end{`) {
				found("environment that does not close", `\end without \begin`)
			}
			continue
		}
		switch {
		case !s.closed:
			found("formula that does not close", excerpt(s.text))
		case !bracesPair(s.text):
			found("braces that do not pair", excerpt(s.text))
		case count(s.text, `\left`) != count(s.text, `\right`):
			found(`\left and \right do not pair`, excerpt(s.text))
		case !environmentsPair(s.text):
			found("environment that does not close", excerpt(s.text))
		}
		if at := stem.FindString(s.text); at != "" {
			found("macro without its beginning", at)
		}
	}
	return reason, detail, n
}

func excerpt(text string) string {
	r := []rune(text)
	if len(r) <= 60 {
		return text
	}
	return string(r[:60]) + "…"
}

// bracesPair reports whether the braces of a formula nest; \{ and \} are
// signs.
func bracesPair(formula string) bool {
	depth := 0
	for i := 0; i < len(formula) && depth >= 0; i++ {
		switch formula[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return depth == 0
}

// count counts a control word, but not longer ones: \left is not \leftarrow.
func count(formula, word string) (n int) {
	for {
		i := strings.Index(formula, word)
		if i < 0 {
			return n
		}
		formula = formula[i+len(word):]
		if formula == "" || !isASCIILetter(formula[0]) {
			n++
		}
	}
}

func isASCIILetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

var environmentTag = regexp.MustCompile(`\\(begin|end)\{([^}]*)\}`)

// environmentsPair reports whether every \begin has its \end, nested.
func environmentsPair(formula string) bool {
	var open []string
	for _, tag := range environmentTag.FindAllStringSubmatch(formula, -1) {
		if tag[1] == "begin" {
			open = append(open, tag[2])
			continue
		}
		if len(open) == 0 || open[len(open)-1] != tag[2] {
			return false
		}
		open = open[:len(open)-1]
	}
	return len(open) == 0
}
