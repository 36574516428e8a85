package pdftext

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// glyphList is the Adobe Glyph List, https://github.com/adobe-type-tools/agl-aglfn,
// with its licence.
//
//go:embed glyphlist.txt
var glyphList string

var adobeNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string, 4400)
	for line := range strings.Lines(glyphList) {
		name, codes, ok := strings.Cut(strings.TrimSpace(line), ";")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		var text strings.Builder
		for _, c := range strings.Fields(codes) {
			if v, err := strconv.ParseUint(c, 16, 32); err == nil {
				text.WriteRune(rune(v))
			}
		}
		names[name] = text.String()
	}
	return names
})

// texNames are the glyph names of TeX's fonts that the Adobe list lacks, or
// maps to a character that a reader would not type. Pieces of extensible
// delimiters are given by one piece, so that a tall bracket is one character.
var texNames = map[string]string{
	"ff": "ff", "fi": "fi", "fl": "fl", "ffi": "ffi", "ffl": "ffl", "fj": "fj",
	"IJ": "IJ", "ij": "ij", "longs": "s", "dotlessi": "ı", "dotlessj": "ȷ", "nbspace": " ", "visiblespace": " ",
	"sfthyphen": "-", "hyphenchar": "-", "suppress": "", "cwm": "", "compoundwordmark": "", "perthousandzero": "", ".notdef": "",
	"arrowdblright": "⇒", "arrowdblleft": "⇐", "arrowdblboth": "⇔", "arrownortheast": "↗", "arrowsoutheast": "↘",
	"arrownorthwest": "↖", "arrowsouthwest": "↙", "arrowlongright": "⟶", "mapsto": "↦", "mapstochar": "↦", "arrowhookleft": "↪", "arrowhookright": "↩",
	"lessequal": "⩽", "greaterequal": "⩾", "lessorequalslant": "⩽", "greaterorequalslant": "⩾", "precedesequal": "⪯", "followsequal": "⪰",
	"precedes": "≺", "follows": "≻", "lessmuch": "≪", "greatermuch": "≫", "similarequal": "≃", "asymptequal": "≍", "owner": "∋",
	"element": "∈", "negationslash": "\u0338", "unionmulti": "⊎", "unionsq": "⊔", "intersectionsq": "⊓", "latticetop": "⊤",
	"turnstileleft": "⊢", "turnstileright": "⊣", "floorleft": "⌊", "floorright": "⌋", "ceilingleft": "⌈", "ceilingright": "⌉",
	"angbracketleft": "⟨", "angbracketright": "⟩", "bardbl": "‖", "wreathproduct": "≀", "coproduct": "∐", "nabla": "∇",
	"circleplus": "⊕", "circleminus": "⊖", "circlemultiply": "⊗", "circledivide": "⊘", "circledot": "⊙", "circlecopyrt": "○",
	"openbullet": "◦", "equivasymptotic": "≍", "reflexsubset": "⊆", "reflexsuperset": "⊇", "propersubset": "⊂", "propersuperset": "⊃",
	"asteriskmath": "∗", "periodcentered": "·", "diamondmath": "⋄", "minusplus": "∓", "prime": "′", "infinity": "∞", "lscript": "ℓ",
	"weierstrass": "℘", "partialdiff": "∂", "epsilon1": "ϵ", "epsilon": "ε", "theta1": "ϑ", "pi1": "ϖ", "rho1": "ϱ", "sigma1": "ς", "phi1": "φ", "phi": "ϕ",
	"logicalnot": "¬", "existential": "∃", "universal": "∀", "emptyset": "∅", "aleph": "ℵ", "perpendicular": "⊥", "radical": "√",
	"vector": "⃗", "tie": "\u0361", "star": "⋆", "slashmath": "/", "backslashmath": "\\", "triangle": "△", "triangleinv": "▽",
	"square": "□", "squaresolid": "■", "blacksquare": "■", "follownotequal": "⋩", "nexists": "∄", "planckover2pi1": "ℏ", "planckover2pi": "ℏ",
	"Rfraktur": "ℜ", "Ifraktur": "ℑ", "notturnstile": "⊬", "triangleleft": "◁", "triangleright": "▷", "checkmark": "✓",
	"llbracket": "⟦", "rrbracket": "⟧", "llparenthesis": "⦇", "rrparenthesis": "⦈", "dblbracketleft": "⟦", "dblbracketright": "⟧",
	"harpoonrightup": "⇀", "harpoonleftup": "↼", "arrowparrleft": "⇄", "hookrightchar": "", "hookleftchar": "",

	"parenleftbig": "(", "parenrightbig": ")", "parenleftBig": "(", "parenrightBig": ")", "parenleftbigg": "(", "parenrightbigg": ")",
	"parenleftBigg": "(", "parenrightBigg": ")", "parenlefttp": "(", "parenrighttp": ")", "parenleftbt": "", "parenrightbt": "", "parenleftex": "", "parenrightex": "",
	"bracketleftbig": "[", "bracketrightbig": "]", "bracketleftBig": "[", "bracketrightBig": "]", "bracketleftbigg": "[", "bracketrightbigg": "]",
	"bracketleftBigg": "[", "bracketrightBigg": "]", "bracketlefttp": "[", "bracketrighttp": "]", "bracketleftbt": "", "bracketrightbt": "", "bracketleftex": "", "bracketrightex": "",
	"braceleftbig": "{", "bracerightbig": "}", "braceleftBig": "{", "bracerightBig": "}", "braceleftbigg": "{", "bracerightbigg": "}",
	"braceleftBigg": "{", "bracerightBigg": "}", "braceleftmid": "{", "bracerightmid": "}", "bracelefttp": "", "bracerighttp": "", "braceleftbt": "", "bracerightbt": "", "braceex": "",
	"bracehtipdownleft": "", "bracehtipdownright": "", "bracehtipupleft": "", "bracehtipupright": "",
	"floorleftbig": "⌊", "floorrightbig": "⌋", "floorleftBig": "⌊", "floorrightBig": "⌋", "floorleftbigg": "⌊", "floorrightbigg": "⌋",
	"ceilingleftbig": "⌈", "ceilingrightbig": "⌉", "ceilingleftBig": "⌈", "ceilingrightBig": "⌉",
	"angbracketleftbig": "⟨", "angbracketrightbig": "⟩", "angbracketleftBig": "⟨", "angbracketrightBig": "⟩", "angbracketleftbigg": "⟨", "angbracketrightbigg": "⟩",
	"vextendsingle": "|", "vextenddouble": "‖", "slashbig": "/", "slashBig": "/", "slashbigg": "/", "slashBigg": "/",
	"summationtext": "∑", "summationdisplay": "∑", "producttext": "∏", "productdisplay": "∏", "integraltext": "∫", "integraldisplay": "∫",
	"contintegraltext": "∮", "contintegraldisplay": "∮", "uniontext": "⋃", "uniondisplay": "⋃", "intersectiontext": "⋂", "intersectiondisplay": "⋂",
	"unionmultitext": "⨄", "unionmultidisplay": "⨄", "logicalandtext": "⋀", "logicalanddisplay": "⋀", "logicalortext": "⋁", "logicalordisplay": "⋁",
	"circleplustext": "⨁", "circleplusdisplay": "⨁", "circlemultiplytext": "⨂", "circlemultiplydisplay": "⨂", "circledottext": "⨀", "circledotdisplay": "⨀",
	"coproducttext": "∐", "coproductdisplay": "∐", "unionsqtext": "⨆", "unionsqdisplay": "⨆",
	"radicalbig": "√", "radicalBig": "√", "radicalbigg": "√", "radicalBigg": "√", "radicalbt": "√", "radicaltp": "", "radicalvertex": "",
	"hatwide": "", "hatwider": "", "hatwidest": "", "tildewide": "", "tildewider": "", "tildewidest": "",
	"arrowvertex": "|", "arrowtp": "↑", "arrowbt": "↓", "arrowdblvertex": "‖", "arrowvertexdbl": "‖", "arrowdbltp": "⇑", "arrowdblbt": "⇓",
	"ceilingleftbigg": "⌈", "ceilingrightbigg": "⌉", "ceilingleftBigg": "⌈", "ceilingrightBigg": "⌉", "floorleftBigg": "⌊", "floorrightBigg": "⌋",
	"angbracketleftBigg": "⟨", "angbracketrightBigg": "⟩", "backslashbig": "\\", "backslashBig": "\\", "backslashbigg": "\\", "backslashBigg": "\\",

	// the symbols of the AMS
	"lessorequal": "⩽", "greaterorequal": "⩾", "leqslant": "⩽", "geqslant": "⩾", "nequal": "≠", "lessdblequal": "≦", "greaterdblequal": "≧",
	"lessorsimilar": "≲", "greaterorsimilar": "≳", "lessorapproxeql": "⪅", "greaterorapproxeql": "⪆", "precedesorcurly": "≼", "followsorcurly": "≽",
	"precedesorequal": "⪯", "followsorequal": "⪰", "subsetsqequal": "⊑", "supersetsqequal": "⊒", "subsetdblequal": "⫅", "supersetdblequal": "⫆",
	"subsetnoteql": "⊊", "supersetnoteql": "⊋", "subsetornoteql": "⊊", "supersetornoteql": "⊋", "notsubseteql": "⊈", "notsubsetoreql": "⊈", "notsupersetoreql": "⊉",
	"notlessequal": "≰", "notgreaterequal": "≱", "notlessorslnteql": "≰", "notgreaterorslnteql": "≱", "notexistential": "∄", "notbar": "∤", "barshort": "∣",
	"integerdivide": "∤", "notparallel": "∦", "parallelshort": "∥", "notforces": "⊮", "notsatisfies": "⊭", "satisfies": "⊨", "forces": "⊩",
	"notarrowright": "↛", "notarrowleft": "↚", "notarrowboth": "↮", "notdblarrowright": "⇏", "notdblarrowleft": "⇍", "notdblarrowboth": "⇎",
	"equaldotleftright": "≒", "approxorequal": "≊", "equalorsimilar": "≂", "revsimilar": "∽", "defines": "≜", "circlering": "⊚", "circleasterisk": "⊛", "circleminusd": "⊝",
	"squaremultiply": "⊠", "squareminus": "⊟", "squareplus": "⊞", "squaredot": "⊡", "dotplus": "∔", "complement": "∁", "intercal": "⊺", "sphericalangle": "∢", "measuredangle": "∡",
	"trianglesolid": "▲", "triangledownsld": "▼", "trianglerightsld": "▶", "triangleleftsld": "◀", "trianglerightequal": "⊵", "triangleleftequal": "⊴",
	"diamondsolid": "◆", "squaresmallsolid": "■", "starsolid": "★", "multimap": "⊸", "arrowparrleftright": "⇆", "arrowparrrightleft": "⇄", "harpoonleftright": "⇋", "harpoonrightleft": "⇌",
	"uprise": "⋏", "downfall": "⋎", "uniondbl": "⋓", "intersectiondbl": "⋒", "subsetdbl": "⋐", "supersetdbl": "⋑", "lessmuchdbl": "⋘", "frown": "⌢", "smile": "⌣",
	"clockwise": "↻", "anticlockwise": "↺", "upslope": "∕", "downslope": "∖", "difference": "≏", "Finv": "Ⅎ", "Gmir": "⅁", "daleth": "ℸ", "gimel": "ℷ", "beth": "ℶ",
	"Rfractur": "ℜ", "Ifractur": "ℑ", "emptysetstress": "∅", "emptysetalt": "∅", "planckover2pi1x": "ℏ", "Digamma": "Ϝ", "digamma": "ϝ", "lamda": "λ", "flat": "♭", "natural": "♮", "sharp": "♯",
	"vec": "⃗", "polishlcross": "", "radicallow": "√", "latticebt": "⊥", "asciigrave": "`",
}

// wideAccent matches the names of accents over several letters, which are left
// out.
var wideAccent = regexp.MustCompile(`^(hat|tilde|check|breve)(wide|more|\d)`)

// variants are the endings of the names of glyphs that show the same
// character in another style.
var variants = []string{"oldstyle", "superior", "inferior", "small", "fitted", "alt"}

// extensionDepths are the depths, in font sizes, of the glyphs of TeX's
// extension font by the end of their names. They hang from their origin and
// are centred on the axis, a quarter of the font size above the baseline.
var extensionDepths = []struct {
	suffix string
	depth  float64
}{
	{"integraldisplay", 2.22}, {"integraltext", 1.11}, {"display", 1.4}, {"text", 1.0},
	{"bigg", 2.4}, {"Bigg", 3.0}, {"big", 1.2}, {"Big", 1.8},
}

// pieceDepths are those of the pieces that tall delimiters are stacked from.
var pieceDepths = []struct {
	suffix       string
	brace, other float64
}{{"tp", 0.9, 1.8}, {"bt", 0.9, 1.8}, {"ex", 0.3, 0.6}, {"mid", 1.8, 1.8}, {"vextendsingle", 0.6, 0.6}, {"vextenddouble", 0.6, 0.6}}

// extensionDepth returns the depth of a glyph of the extension font, 0 for any
// other, and whether it is one piece of a taller delimiter.
func extensionDepth(name string) (depth float64, piece bool) {
	if _, known := texNames[name]; !known || strings.HasPrefix(name, "radical") {
		return 0, false
	}
	for _, e := range extensionDepths {
		if strings.HasSuffix(name, e.suffix) {
			return e.depth, false
		}
	}
	for _, e := range pieceDepths {
		if !strings.HasSuffix(name, e.suffix) {
			continue
		}
		if strings.HasPrefix(name, "brace") {
			return e.brace, true
		}
		return e.other, true
	}
	return 0, false
}

// nameText returns the text of a glyph name, by TeX's names, the Adobe list,
// and the rules for composed names of the Adobe Glyph List Specification
// (suffixes after a period, "_" between parts, uniXXXX, uXXXXXX). It is empty
// for an unknown name.
func nameText(name string) string {
	if text, ok := texNames[name]; ok {
		return text
	}
	if text, ok := adobeNames()[name]; ok && !strings.ContainsFunc(text, isPrivate) {
		return text
	}
	for _, variant := range variants {
		if base, ok := strings.CutSuffix(name, variant); ok && base != "" {
			return nameText(base)
		}
	}
	if base, _, ok := strings.Cut(name, "."); ok {
		return nameText(base)
	}
	if strings.Contains(name, "_") {
		var text strings.Builder
		for _, part := range strings.Split(name, "_") {
			text.WriteString(nameText(part))
		}
		return text.String()
	}
	if arrow := signTable(name); arrow != "" {
		return arrow
	}
	return hexName(name)
}

// isMark reports whether a glyph shows nothing that is read: an accent over
// several letters, the bend of an arrow's tail.
func isMark(name string) bool {
	text, known := texNames[name]
	return known && text == "" && name != ".notdef" || wideAccent.MatchString(name)
}

// isPrivate reports whether r is of the Private Use Area.
func isPrivate(r rune) bool { return r >= 0xe000 && r <= 0xf8ff }

// signTable gives the arrows of the fonts that draw tables of variation.
func signTable(name string) string {
	switch {
	case strings.HasSuffix(name, "arrowene"):
		return "↗"
	case strings.HasSuffix(name, "arrowese"):
		return "↘"
	case strings.HasSuffix(name, "arrowrightlong"):
		return "→"
	}
	return ""
}

func hexName(name string) string {
	digits, ok := strings.CutPrefix(name, "uni")
	if !ok || len(digits)%4 != 0 {
		if digits, ok = strings.CutPrefix(name, "u"); !ok || len(digits) < 4 || len(digits) > 6 {
			return ""
		}
		v, err := strconv.ParseUint(digits, 16, 32)
		if err != nil || !utf8.ValidRune(rune(v)) {
			return ""
		}
		return string(rune(v))
	}
	var text strings.Builder
	for i := 0; i < len(digits); i += 4 {
		v, err := strconv.ParseUint(digits[i:i+4], 16, 32)
		if err != nil || !utf8.ValidRune(rune(v)) {
			return ""
		}
		text.WriteRune(rune(v))
	}
	return text.String()
}

// numberedName returns the code in names such as "a97" and "c97", or "x61",
// which bitmap fonts made from TeX use in place of glyph names. What is also a
// hexadecimal number is one if it is the code at which the name stands.
func numberedName(name string, code int) (int, bool) {
	if len(name) < 2 || len(name) > 4 {
		return 0, false
	}
	decimal, err := strconv.ParseUint(name[1:], 10, 8)
	if err != nil || int(decimal) != code {
		if v, hexErr := strconv.ParseUint(name[1:], 16, 8); hexErr == nil && int(v) == code {
			return code, true
		}
	}
	return int(decimal), err == nil
}
