package pdftext

import (
	"strings"
	"sync"

	"golang.org/x/text/encoding/charmap"
)

// encoding gives the text of each code of a simple font.
type encoding [256]string

// fromCharmap fills the codes from 32 up.
func fromCharmap(m *charmap.Charmap) (e encoding) {
	for c := 32; c < 256; c++ {
		if r := m.DecodeByte(byte(c)); r != '\ufffd' && r > 0x9f || c < 127 {
			e[c] = string(r)
		}
	}
	return e
}

var (
	winAnsi  = fromCharmap(charmap.Windows1252)
	macRoman = fromCharmap(charmap.Macintosh)
)

// names fills codes from a list of glyph names.
func (e *encoding) names(first int, list string) {
	for i, name := range strings.Fields(list) {
		if name != "." {
			e[first+i] = nameText(name)
		}
	}
}

// standard is Adobe's StandardEncoding (PDF 32000-1:2008, Annex D).
var standard = sync.OnceValue(func() *encoding {
	e := new(encoding)
	for c := 32; c < 127; c++ {
		e[c] = string(rune(c))
	}
	e[0x27], e[0x60] = "’", "‘"
	e.names(0xa1, "exclamdown cent sterling fraction yen florin section currency quotesingle quotedblleft guillemotleft guilsinglleft guilsinglright fi fl")
	e.names(0xb1, "endash dagger daggerdbl periodcentered . paragraph bullet quotesinglbase quotedblbase quotedblright guillemotright ellipsis perthousand . questiondown")
	e.names(0xc1, "grave acute circumflex tilde macron breve dotaccent dieresis . ring cedilla . hungarumlaut ogonek caron emdash")
	e[0xe1], e[0xe3] = "Æ", "ª"
	e.names(0xe8, "Lslash Oslash OE ordmasculine")
	e[0xf1], e[0xf5] = "æ", "ı"
	e.names(0xf8, "lslash oslash oe germandbls")
	return e
})

// symbol is the built-in encoding of the Symbol font (PDF 32000-1:2008, Annex D).
var symbol = sync.OnceValue(func() *encoding {
	e := new(encoding)
	e.names(0x20, "space exclam universal numbersign existential percent ampersand suchthat parenleft parenright asteriskmath plus comma minus period slash "+
		"zero one two three four five six seven eight nine colon semicolon less equal greater question "+
		"congruent Alpha Beta Chi Delta Epsilon Phi Gamma Eta Iota theta1 Kappa Lambda Mu Nu Omicron Pi Theta Rho Sigma Tau Upsilon sigma1 Omega Xi Psi Zeta bracketleft therefore bracketright perpendicular underscore "+
		"radicalex alpha beta chi delta epsilon phi gamma eta iota phi1 kappa lambda mu nu omicron pi theta rho sigma tau upsilon pi1 omega xi psi zeta braceleft bar braceright similar")
	e.names(0xa0, "Euro Upsilon1 minute lessequal fraction infinity florin club diamond heart spade arrowboth arrowleft arrowup arrowright arrowdown "+
		"degree plusminus second greaterequal multiply proportional partialdiff bullet divide notequal equivalence approxequal ellipsis arrowvertex arrowhorizex carriagereturn "+
		"aleph Ifraktur Rfraktur weierstrass circlemultiply circleplus emptyset intersection union propersuperset reflexsuperset notsubset propersubset reflexsubset element notelement "+
		"angle gradient registerserif copyrightserif trademarkserif product radical dotmath logicalnot logicaland logicalor arrowdblboth arrowdblleft arrowdblup arrowdblright arrowdbldown "+
		"lozenge angleleft registersans copyrightsans trademarksans summation parenlefttp parenleftex parenleftbt bracketlefttp bracketleftex bracketleftbt bracelefttp braceleftmid braceleftbt braceex "+
		". angleright integral integraltp integralex integralbt parenrighttp parenrightex parenrightbt bracketrighttp bracketrightex bracketrightbt bracerighttp bracerightmid bracerightbt")
	return e
})

// texOT1 is TeX's original text encoding (The TeXbook, Appendix F).
var texOT1 = sync.OnceValue(func() *encoding {
	e := new(encoding)
	e.names(0, "Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ff fi fl ffi ffl dotlessi dotlessj grave acute caron breve macron ring cedilla germandbls ae oe oslash AE OE Oslash")
	e.ascii()
	e[0x3c], e[0x3e], e[0x5c], e[0x5f] = "¡", "¿", "“", "˙"
	e.names(0x7b, "endash emdash hungarumlaut tilde dieresis")
	return e
})

// texT1 is the Cork encoding.
var texT1 = sync.OnceValue(func() *encoding {
	e := new(encoding)
	e.names(0, "grave acute circumflex tilde dieresis hungarumlaut ring caron breve macron dotaccent cedilla ogonek quotesinglbase guilsinglleft guilsinglright "+
		"quotedblleft quotedblright quotedblbase guillemotleft guillemotright endash emdash . . dotlessi dotlessj ff fi fl ffi ffl")
	e.ascii()
	e.names(0x80, "Abreve Aogonek Cacute Ccaron Dcaron Ecaron Eogonek Gbreve Lacute Lcaron Lslash Nacute Ncaron Eng Ohungarumlaut Racute "+
		"Rcaron Sacute Scaron Scedilla Tcaron Tcommaaccent Uhungarumlaut Uring Ydieresis Zacute Zcaron Zdotaccent IJ Idotaccent dcroat section "+
		"abreve aogonek cacute ccaron dcaron ecaron eogonek gbreve lacute lcaron lslash nacute ncaron eng ohungarumlaut racute "+
		"rcaron sacute scaron scedilla tcaron tcommaaccent uhungarumlaut uring ydieresis zacute zcaron zdotaccent ij exclamdown questiondown sterling")
	for c := 0xc0; c < 0x100; c++ {
		e[c] = string(rune(c))
	}
	e[0xd7], e[0xdf], e[0xf7], e[0xff] = "Œ", "SS", "œ", "ß"
	return e
})

func (e *encoding) ascii() {
	for c := 32; c < 127; c++ {
		e[c] = string(rune(c))
	}
	e[0x22], e[0x27], e[0x60] = "”", "’", "‘"
}

// texEncoding chooses between TeX's two text encodings for a bitmap font that
// numbers its glyphs, by the codes it has: T1 alone goes above 127, and has
// the f-ligatures at 27 to 31 where OT1 has them at 11 to 15.
func texEncoding(names [256]string) *encoding {
	has := func(from, to int) bool {
		for c := from; c <= to; c++ {
			if names[c] != "" {
				return true
			}
		}
		return false
	}
	if has(128, 255) || has(27, 31) && !has(11, 24) {
		return texT1()
	}
	return texOT1()
}

// namedEncoding returns one of the encodings a PDF may name.
func namedEncoding(name string) (encoding, bool) {
	switch name {
	case "WinAnsiEncoding":
		return winAnsi, true
	case "MacRomanEncoding":
		return macRoman, true
	case "StandardEncoding":
		return *standard(), true
	}
	return encoding{}, false
}

// symbolic maps the private-use characters U+F020 to U+F0FF, which Word writes
// for the Symbol and Wingdings fonts, to what they show.
func symbolic(font string, r rune) string {
	if strings.Contains(font, "Symbol") {
		return symbol()[r&0xff]
	}
	switch r & 0xff {
	case 0xa7, 0xa8, 0x6e, 0x71, 0x76, 0xb7, 0x6c, 0x9f, 0xd8, 0xf0: // squares, discs and arrow heads used as bullets
		return "•"
	case 0xe0, 0xe8:
		return "→"
	case 0xfc:
		return "✓"
	}
	return ""
}
