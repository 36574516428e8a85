package latex

import (
	"strconv"
	"strings"
)

// mathEnvironments are the displays, without the star of their other form.
// True: their equations are numbered.
var mathEnvironments = map[string]bool{
	"equation": true, "align": true, "gather": true, "multline": true, "eqnarray": true, "flalign": true,
	"alignat": true, "dmath": true, "math": false, "displaymath": false,
}

// maxMath bounds a formula; a longer one is a delimiter that was never closed.
const maxMath = 100_000

// math reads a formula to the control sequence, or to the $ signs, that close
// it. The macros of the source are expanded, comments are left out, the rest
// stays as it is. It reports whether the formula was closed; the formula does
// not hold its delimiters.
func (p *parser) math(end string) (string, bool) {
	var b strings.Builder
	environment := strings.HasPrefix(end, `\end{`)
	for depth := 0; b.Len() < maxMath || environment; {
		switch c := p.in.peek(); {
		case c == 0 || c == '}' && depth == 0:
			return b.String(), false
		case c == '\\':
			p.in.next()
			name := p.in.control()
			if `\`+name == end && depth == 0 || name == "end" && environment && p.closes(end, &b) {
				return b.String(), true
			}
			if name != "end" || !environment {
				p.mathControl(name, end, &b)
			}
		case c == '$' && depth == 0 && end[0] == '$':
			p.in.next()
			if end == "$" || p.in.accept('$') {
				return b.String(), true
			}
			b.WriteByte(c)
		case c == '%':
			if p.in.skipComment() && !environment {
				return b.String(), false
			}
			b.WriteByte('\n')
		case c == '\n':
			p.in.next()
			p.in.skipBlanks()
			if p.in.peek() == '\n' && !environment {
				return b.String(), false // TeX allows no blank line in a formula
			}
			b.WriteByte('\n')
		default:
			if c == '{' {
				depth++
			} else if c == '}' {
				depth--
			}
			b.WriteByte(p.in.next())
		}
	}
	return b.String(), false
}

// closes reads the name after \end and reports whether it ends the formula;
// otherwise it is part of it.
func (p *parser) closes(end string, b *strings.Builder) bool {
	ending := `\end{` + p.in.argument() + "}"
	if ending == end {
		return true
	}
	b.WriteString(ending)
	return false
}

// mathControl copies a control sequence of a formula, or its meaning where
// only the source or a package for text gives it one.
func (p *parser) mathControl(name, end string, b *strings.Builder) {
	if m := p.macros[name]; m != nil {
		p.expand(m)
		if endsInWord(b.String()) && isLetter(p.in.peek()) {
			b.WriteByte(' ')
		}
		return
	}
	switch name {
	case "ensuremath":
		p.insert(p.in.argument())
	case "label":
		label := p.in.argument()
		if mathEnvironments[strings.TrimSuffix(strings.TrimPrefix(end, `\end{`), "}")] {
			p.step("equation")
			p.labels[label] = strconv.Itoa(p.counter("equation").value)
			b.WriteString(`\tag{` + p.labels[label] + "}")
		}
	case "xspace", "protect", "nonumber":
	case "np", "numprint", "nombre", "num":
		p.in.optional()
		b.WriteString(groupDigits(p.in.argument(), `\,`))
	case "SI", "qty":
		p.in.optional()
		b.WriteString(groupDigits(p.in.argument(), `\,`) + `\,\mathrm{` + unit(p.in.argument(), `\cdot `) + "}")
	case "si", "unit":
		p.in.optional()
		b.WriteString(`\mathrm{` + unit(p.in.argument(), `\cdot `) + "}")
	case "ref", "eqref":
		b.WriteString(`\text{` + p.resolve(name, p.in.argument()) + "}")
	default:
		b.WriteString(`\` + name)
	}
}

// inlineMath reads a formula in the text. One that is not closed is written as
// the text it is.
func (p *parser) inlineMath(open, end string) {
	formula, closed := p.math(end)
	formula = strings.Join(strings.Fields(formula), " ")
	if !closed {
		p.note("formula without its end")
		p.write(open + formula)
		return
	}
	if formula != "" {
		p.out.write(open+formula+end, style{math: true, bold: p.bold()})
	}
}

// displayMath reads a formula that stands alone. Sources also use \[ to centre
// a table or a picture; those are read as text.
func (p *parser) displayMath(open, end string) {
	formula, closed := p.math(end)
	switch {
	case !closed:
		p.note("formula without its end")
		p.out.breakLine()
		p.write(open + strings.Join(strings.Fields(formula), " "))
	case holdsText(formula):
		p.out.breakLine()
		p.insert(formula)
	case strings.TrimSpace(formula) != "":
		p.out.display(open + formula + end)
	}
}

func holdsText(formula string) bool {
	formula = strings.TrimSpace(formula)
	for _, text := range []string{`\begin{tabular`, `\begin{pspicture`, `\begin{tikzpicture`, `\includegraphics`, `\psset`} {
		if strings.HasPrefix(formula, text) {
			return true
		}
	}
	return false
}

// mathGlyphs estimates how many glyphs a formula prints: a control word is one,
// braces and the like are none.
func mathGlyphs(formula string) (n int) {
	for i := 0; i < len(formula); i++ {
		switch c := formula[i]; {
		case c == '\\':
			start := i + 1
			for i+1 < len(formula) && isLetter(formula[i+1]) {
				i++
			}
			if i < start {
				i++ // \, and other spaces
			} else if word := formula[start : i+1]; !unprinted[word] {
				n++
			}
		case strings.IndexByte("{}$^_& ~\n", c) < 0:
			n++
		}
	}
	return n
}

// unprinted are control words of formulas that print nothing of their own.
var unprinted = map[string]bool{
	"left": true, "right": true, "text": true, "mathstrut": true, "mathbb": true, "mathcal": true, "mathrm": true, "mathbf": true,
	"displaystyle": true, "dfrac": true, "frac": true, "begin": true, "end": true, "quad": true, "operatorname": true, "limits": true,
}

// groupDigits writes a number as the packages numprint and siunitx do in
// French: digits by three, with sep between, and a decimal comma.
func groupDigits(number, sep string) string {
	plain := strings.Join(strings.Fields(strings.ReplaceAll(number, "~", "")), "")
	plain, exponent, scientific := strings.Cut(plain, "e")
	whole, decimals, point := strings.Cut(strings.Replace(plain, ".", ",", 1), ",")
	digits := strings.TrimLeft(whole, "+-")
	if strings.Trim(digits+decimals, "0123456789") != "" {
		return strings.TrimSpace(number) // not digits: as it stands
	}
	out := whole[:len(whole)-len(digits)] + joinThrees(digits, len(digits)%3, sep)
	if point {
		out += "," + joinThrees(decimals, 3, sep)
	}
	if scientific && sep == `\,` {
		out += `\times 10^{` + exponent + "}"
	} else if scientific {
		out += " × 10^" + braced(exponent)
	}
	return out
}

// joinThrees puts sep between groups of three digits, the first group having
// the given length.
func joinThrees(digits string, first int, sep string) string {
	var groups []string
	if first > 0 && first < len(digits) {
		groups, digits = append(groups, digits[:first]), digits[first:]
	}
	for len(digits) > 3 {
		groups, digits = append(groups, digits[:3]), digits[3:]
	}
	return strings.Join(append(groups, digits), sep)
}

func braced(exponent string) string {
	if len(exponent) == 1 {
		return exponent
	}
	return "{" + exponent + "}"
}

// units gives the symbols of siunitx's macros.
var units = map[string]string{
	"metre": "m", "meter": "m", "second": "s", "gram": "g", "gramme": "g", "kilogram": "kg", "kelvin": "K", "ampere": "A",
	"mole": "mol", "candela": "cd", "newton": "N", "joule": "J", "watt": "W", "volt": "V", "ohm": "Ω", "hertz": "Hz",
	"pascal": "Pa", "coulomb": "C", "farad": "F", "tesla": "T", "weber": "Wb", "henry": "H", "litre": "L", "liter": "L",
	"hour": "h", "minute": "min", "day": "d", "degree": "°", "celsius": "°C", "degreeCelsius": "°C", "percent": "%",
	"bar": "bar", "electronvolt": "eV", "radian": "rad", "becquerel": "Bq", "tonne": "t", "decibel": "dB", "siemens": "S",
	"nano": "n", "micro": "µ", "milli": "m", "centi": "c", "deci": "d", "hecto": "h", "kilo": "k", "mega": "M", "giga": "G",
	"pico": "p", "tera": "T", "cm": "cm", "mm": "mm", "km": "km", "kg": "kg", "m": "m", "s": "s", "mol": "mol",
}

// unit writes a siunitx unit with times between its factors; a unit given
// literally stays as it is.
func unit(source, times string) string {
	if !strings.Contains(source, `\`) {
		return source
	}
	var b strings.Builder
	prefix, power, inverse := "", "", false
	for _, name := range strings.FieldsFunc(source, func(r rune) bool { return r == '\\' || r == ' ' }) {
		switch name {
		case "per":
			inverse = true
		case "squared", "cubed":
			b.WriteString(map[string]string{"squared": "^2", "cubed": "^3"}[name])
		case "square", "cubic":
			power = map[string]string{"square": "2", "cubic": "3"}[name]
		case "nano", "micro", "milli", "centi", "deci", "hecto", "kilo", "mega", "giga", "pico", "tera":
			prefix = units[name]
		default:
			if b.Len() > 0 {
				b.WriteString(times)
			}
			symbol := units[name]
			if symbol == "" {
				symbol = name
			}
			b.WriteString(prefix + symbol + exponentOf(power, inverse))
			prefix, power, inverse = "", "", false
		}
	}
	return b.String()
}

func exponentOf(power string, inverse bool) string {
	switch {
	case inverse && power == "":
		return "^{-1}"
	case inverse:
		return "^{-" + power + "}"
	case power != "":
		return "^" + power
	}
	return ""
}
