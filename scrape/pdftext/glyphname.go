package pdftext

import (
	_ "embed"
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
	"arrowvertex": "|", "arrowtp": "↑", "arrowbt": "↓", "arrowdblvertex": "‖",
}

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
	if text, ok := adobeNames()[name]; ok {
		return text
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
	return hexName(name)
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

// numberedName returns the code in names such as "a97", "c97" or "g97", which
// bitmap fonts made from TeX use in place of glyph names.
func numberedName(name string) (int, bool) {
	if len(name) < 2 || len(name) > 4 {
		return 0, false
	}
	v, err := strconv.Atoi(name[1:])
	return v, err == nil && v >= 0 && v < 256
}
