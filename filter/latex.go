package filter

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/markup"
)

type latexParams struct {
	Defects int `yaml:"defects"`
}

// latex drops samples whose formulas are damaged.
func latex() Filter {
	return define("latex",
		"drops samples with formulas that do not close: dollar signs, braces, \\left and \\right, environments; or with macros that lost their backslash and first letter",
		"luth; the lost letters come from JSON decoders that read \\frac as a form feed and \"rac\"",
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

// unbalanced gives the reason for what does not pair in a formula.
var unbalanced = map[string]string{
	"braces": "braces that do not pair", `\left and \right`: `\left and \right do not pair`, "environments": "environment that does not close",
}

// defects counts what is wrong with the formulas of a text and describes the
// last of it.
func defects(text string) (reason, detail string, n int) {
	found := func(r, d string) {
		reason, detail = r, d
		n++
	}
	offset := 0
	for _, s := range markup.Spans(text) {
		start := offset
		offset += len(s.Text)
		if s.Kind != markup.Prose && s.Kind != markup.Formula {
			continue
		}
		if at := stemWithArgument.FindString(s.Text); at != "" {
			found("macro without its beginning", at)
		}
		if s.Kind == markup.Prose {
			if strings.Contains(s.Text, `\end{`) {
				found("environment that does not close", `\end without \begin`)
			}
			continue
		}
		if !s.Closed {
			found("formula that does not close", excerpt(text[start:]))
		} else if what := markup.Unbalanced(s.Text); what != "" {
			found(unbalanced[what], excerpt(s.Text))
		}
		if at := stem.FindString(s.Text); at != "" {
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
