package latex

import "unicode/utf8"

// symbols are the control sequences of text that stand for characters.
var symbols = map[string]string{
	"%": "%", "&": "&", "#": "#", "$": "$", "_": "_", "{": "{", "}": "}",
	"oe": "œ", "OE": "Œ", "ae": "æ", "AE": "Æ", "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å",
	"i": "i", "j": "j", "dots": "…", "ldots": "…", "textellipsis": "…", "dotfill": "…", "S": "§", "P": "¶", "pounds": "£",
	"copyright": "©", "textcopyright": "©", "texttrademark": "™", "textregistered": "®", "textbullet": "•",
	"textperiodcentered": "·", "textasciitilde": "~", "textasciicircum": "^", "textbackslash": `\`, "textbar": "|",
	"textless": "<", "textgreater": ">", "textendash": "–", "textemdash": "—", "textquoteright": "’", "textquoteleft": "‘",
	"textquotedblleft": "“", "textquotedblright": "”", "textunderscore": "_", "textdollar": "$", "guillemotleft": "«",
	"guillemotright": "»", "degre": "°", "degres": "°", "degree": "°", "textdegree": "°", "celsius": "°C", "ohm": "Ω",
	"euro": "€", "texteuro": "€", "eurologo": "€", "EUR": "€", "geneuro": "€", "textmu": "µ",
	"TeX": "TeX", "LaTeX": "LaTeX", "textmultiply": "×", "texttimes": "×", "textdiv": "÷", "textpm": "±", "checkmark": "✓",
	"textsquare": "□", "square": "□", "no": "n°", "No": "N°", "numero": "n°", "Numero": "N°", "primo": "1°", "secundo": "2°",
	"tertio": "3°", "quarto": "4°", "textonehalf": "½", "slash": "/", "textordmasculine": "º", "textordfeminine": "ª",
	"textvisiblespace": "␣", "textrightarrow": "→", "textleftarrow": "←",
}

// glued are endings of ordinals, which touch the word before them.
var glued = map[string]string{"ier": "er", "iere": "re", "iers": "ers", "ieres": "res", "ieme": "e", "iemes": "es"}

// accents are the control sequences that put a mark on the letter after them,
// as combining characters.
var accents = map[string]string{
	"'": "\u0301", "`": "\u0300", "^": "\u0302", `"`: "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
	"c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "r": "\u030a", "k": "\u0328", "d": "\u0323", "b": "\u0331",
}

// spaces are the control sequences that stand for white space.
var spaces = map[string]bool{
	" ": true, "\n": true, "\t": true, ",": true, ";": true, ":": true, ">": true, "quad": true, "qquad": true, "enspace": true,
	"thinspace": true, "enskip": true, "nobreakspace": true, "space": true, "medspace": true, "thickspace": true,
}

// accent writes the letter that follows with a mark.
func (p *parser) accent(mark string) {
	base := p.inline(p.in.argument())
	first, size := utf8.DecodeRuneInString(base)
	if base == "" {
		return
	}
	p.write(string(first) + mark + base[size:])
}

// symbol writes a named character, or reports that there is none.
func (p *parser) symbol(name string) bool {
	if mark, ok := accents[name]; ok {
		p.accent(mark)
		return true
	}
	if spaces[name] {
		p.out.space()
		return true
	}
	if suffix, ok := glued[name]; ok {
		p.out.glue()
		p.write(suffix)
		return true
	}
	text, ok := symbols[name]
	p.write(text)
	return ok
}
