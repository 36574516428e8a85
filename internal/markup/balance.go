package markup

import "strings"

// Unbalanced says what does not pair in a formula: braces, \left and \right,
// or environments; nothing where all do.
func Unbalanced(formula string) string {
	depth, sides := 0, 0
	var open []string // names of environments
	for i := 0; i < len(formula) && depth >= 0; i++ {
		switch formula[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '\\':
			name := formula[i+1:]
			name = name[:letterRun(name)]
			switch name {
			case "left":
				sides++
			case "right":
				sides--
			case "begin", "end":
				environment, n := braced(formula[i+1+len(name):])
				switch {
				case n == 0:
				case name == "begin":
					open = append(open, environment)
				case len(open) == 0 || open[len(open)-1] != environment:
					return "environments"
				default:
					open = open[:len(open)-1]
				}
				i += n
			}
			i += max(len(name), 1)
		}
	}
	switch {
	case depth != 0:
		return "braces"
	case sides != 0:
		return `\left and \right`
	case len(open) > 0:
		return "environments"
	}
	return ""
}

// braced returns what stands in the braces that a text begins with, and the
// length with them; 0 without.
func braced(text string) (inner string, length int) {
	if !strings.HasPrefix(text, "{") {
		return "", 0
	}
	end := strings.IndexByte(text, '}')
	return text[1:max(end, 1)], end + 1
}

func letterRun(text string) (n int) {
	for n < len(text) && isLetter(text[n]) {
		n++
	}
	return n
}
