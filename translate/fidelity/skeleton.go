package fidelity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// skeleton returns what two ways to typeset the same formula share: letters,
// digits, names of functions and symbols, signs and relations, in order. What
// only groups, sets type or multiplies is left out, so that (a)/(b), a/b and
// \frac{a}{b} are the same, as are >= and \geqslant.
func skeleton(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\\':
			i = skeletonMacro(&b, text, i+1)
			continue
		case strings.HasPrefix(text[i:], "{,}"), c == ',' && i > 0 && isDigit(text[i-1]) && i+1 < len(text) && isDigit(text[i+1]):
			b.WriteByte('.')
			if c == '{' {
				i += 2
			}
		case (c == '<' || c == '>') && i+1 < len(text) && text[i+1] == '=':
			b.WriteString(map[byte]string{'<': "le", '>': "ge"}[c])
			i++
		case c == '.' && (i == 0 || !isDigit(text[i-1]) || i+1 == len(text) || !isDigit(text[i+1])):
		case isLetter(c), isDigit(c), strings.IndexByte("=+-<>.|!", c) >= 0:
			b.WriteByte(c)
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(text[i:])
			b.WriteString(skeletonRune(r))
			i += size
			continue
		}
		i++
	}
	return b.String()
}

// mute are macros that group, set type or multiply.
var mute = map[string]bool{
	"frac": true, "times": true, "cdot": true, "text": true, "textrm": true, "textbf": true, "mathrm": true, "mathbb": true, "mathbf": true, "mathcal": true, "mathsf": true,
	"operatorname": true, "boxed": true, "fbox": true, "vec": true, "bar": true, "overline": true, "hat": true, "boldsymbol": true, "mbox": true, "ast": true, "circ": true, "sqrt": false,
}

// skeletonMacro writes what is left of the macro whose name begins at i, and
// returns where it ends.
func skeletonMacro(b *strings.Builder, text string, i int) int {
	end := i
	for end < len(text) && isLetter(text[end]) {
		end++
	}
	if end == i {
		return min(len(text), i+runeLength(text[i:]))
	}
	name := text[i:end]
	if name == "begin" || name == "end" {
		_, end = group(text, end)
		return end
	}
	if other, ok := same[name]; ok {
		name = strings.TrimPrefix(other, "bb")
	}
	if !mute[name] {
		b.WriteString(strings.Trim(canonicalName(name), "{}[]"))
	}
	return end
}

// greek are letters that texts read from PDF have and LaTeX names.
var greek = map[rune]string{
	'α': "alpha", 'β': "beta", 'γ': "gamma", 'δ': "delta", 'ε': "varepsilon", 'ϵ': "epsilon", 'ζ': "zeta", 'η': "eta", 'θ': "theta", 'λ': "lambda", 'μ': "mu", 'µ': "mu", 'ν': "nu",
	'ξ': "xi", 'ρ': "rho", 'σ': "sigma", 'τ': "tau", 'φ': "varphi", 'ϕ': "phi", 'χ': "chi", 'ψ': "psi", 'ω': "omega",
	'Γ': "Gamma", 'Δ': "Delta", 'Θ': "Theta", 'Λ': "Lambda", 'Σ': "Sigma", 'Φ': "Phi", 'Ψ': "Psi", 'Ω': "Omega", 'ℝ': "R", 'ℕ': "N", 'ℤ': "Z", 'ℚ': "Q", 'ℂ': "C", '√': "sqrt", '–': "-",
}

func skeletonRune(r rune) string {
	if name := greek[r]; name != "" {
		return name
	}
	if digit := smallDigit(r); digit != 0 {
		return string(digit)
	}
	symbol := symbols[string(r)]
	switch {
	case symbol == "-":
		return "-"
	case symbol != "":
		if name := strings.TrimPrefix(symbol, `\`); !mute[name] {
			return strings.Trim(name, "'")
		}
	case unicode.IsLetter(r):
		return string(r)
	}
	return ""
}

// smallDigit returns the digit that a superscript or a subscript shows, or 0.
func smallDigit(r rune) rune {
	switch {
	case r == '¹':
		return '1'
	case r == '²' || r == '³':
		return r - '²' + '2'
	case r == '⁰' || '⁴' <= r && r <= '⁹':
		return r - '⁰' + '0'
	case '₀' <= r && r <= '₉':
		return r - '₀' + '0'
	}
	return 0
}
