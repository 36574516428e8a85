package latex

import "regexp"

// skipped are commands that leave nothing behind, with the arguments to drop:
// s a star, o an argument in brackets, p one in parentheses, m a TeX argument,
// d a dimension, with or without an equals sign.
// Arguments that follow these stay in the text.
var skipped = map[string]string{
	"textcolor": "om", "color": "om", "colorbox": "m", "fcolorbox": "mm", "definecolor": "mmm", "rowcolor": "om", "cellcolor": "om",
	"hspace": "sm", "setlength": "mm", "addtolength": "mm", "settowidth": "mm", "kern": "d", "rule": "omm",
	"raisebox": "moo", "rotatebox": "om", "scalebox": "mo", "resizebox": "smm", "makebox": "oo", "framebox": "oo", "parbox": "ooom",
	"shadowbox": "", "ovalbox": "", "doublebox": "", "fbox": "", "mbox": "", "hbox": "", "vbox": "", "psframebox": "so", "psshadowbox": "o",
	"href": "m", "hyperlink": "m", "hypertarget": "m", "hyperref": "o", "index": "m", "phantom": "m", "hphantom": "m", "vphantom": "m",
	"pagestyle": "m", "thispagestyle": "m", "pagenumbering": "m", "markboth": "mm", "markright": "m", "fontsize": "mm",
	"fancyhead": "om", "fancyfoot": "om", "fancyhf": "om", "lhead": "om", "chead": "om", "rhead": "om", "lfoot": "om", "cfoot": "om",
	"rfoot": "om", "marginpar": "om", "hypersetup": "m", "geometry": "m", "lstset": "m", "setmainfont": "om", "usetikzlibrary": "m",
	"usepackage": "om", "RequirePackage": "om", "documentclass": "om", "psset": "m", "tikzset": "m", "pgfplotsset": "m", "tikzstyle": "m",
	"newpsobject": "mmm", "newpsstyle": "mm", "DecimalMathComma": "", "FrenchFootnotes": "", "frenchbsetup": "m", "frenchsetup": "m",
	"newlength": "m", "newcolumntype": "mom", "columnbreak": "", "hyphenation": "m", "selectlanguage": "m", "foreignlanguage": "m",
	"addcontentsline": "mmm", "bibliographystyle": "m", "cite": "om", "tableofcontents": "", "ding": "m", "selectcolormodel": "m",
	"setcounterref": "mm", "captionsetup": "om", "graphicspath": "m", "titlespacing": "smmmmo", "enlargethispage": "sm", "needspace": "m",
	"fillwithlines": "m", "fillwithdottedlines": "m", "addpoints": "", "printanswers": "", "noprintanswers": "", "pointsinmargin": "",
	"multicolumn": "mm", "multirow": "omm", "cline": "m", "cmidrule": "opm", "arraycolsep": "d", "tabcolsep": "d", "includepdf": "om",
	"rput": "sopp", "uput": "mopp", "shorthandoff": "m", "shorthandon": "m", "setstretch": "m", "linespread": "m", "write": "m",
	"noindent": "", "indent": "", "centering": "", "raggedright": "", "raggedleft": "", "center": "", "strut": "", "null": "", "relax": "",
	"protect": "", "ignorespaces": "", "unskip": "", "leavevmode": "", "hfil": "", "vfil": "", "vfill": "", "allowbreak": "", "nobreak": "",
	"nopagebreak": "o", "samepage": "", "sloppy": "", "fussy": "", "frenchspacing": "", "hline": "", "toprule": "", "midrule": "", "fi": "",
	"bottomrule": "", "footnotesize": "", "scriptsize": "", "tiny": "", "small": "", "normalsize": "", "large": "", "Large": "", "LARGE": "",
	"huge": "", "Huge": "", "it": "", "itshape": "", "sl": "", "slshape": "", "sc": "", "scshape": "", "rm": "", "rmfamily": "", "sf": "",
	"sffamily": "", "tt": "", "ttfamily": "", "em": "", "normalfont": "", "mdseries": "", "upshape": "", "boldmath": "", "displaystyle": "",
	"emph": "", "textit": "", "textsl": "", "textsc": "", "textrm": "", "textsf": "", "texttt": "", "textnormal": "", "textup": "", "textmd": "",
	"text": "", "underline": "", "uline": "", "uuline": "", "sout": "", "dashuline": "", "dotuline": "", "uwave": "", "boxed": "", "up": "",
	"textsuperscript": "", "textsubscript": "", "textquotesingle": "", "MakeUppercase": "", "uppercase": "", "lowercase": "", "hl": "",
	"!": "", "/": "", "-": "", "@": "", "begingroup": "", "endgroup": "", "bgroup": "", "egroup": "",
	"decofourleft": "", "decofourright": "", "starredbullet": "", "aldineleft": "", "aldineright": "", "everymath": "m", "appto": "mm",
	"parindent": "d", "parskip": "d", "baselineskip": "d", "xspace": "", "smash": "o", "sisetup": "m", "vskip": "d", "hskip": "d", "theoremstyle": "m",
	"pgfmathsetmacro": "mm", "flushleft": "", "flushright": "", "frontmatter": "", "mainmatter": "", "appendix": "",
}

var dimension = regexp.MustCompile(`^\s*=?\s*[-+]?[0-9.,]*\s*(?:cm|mm|pt|em|ex|in|bp|sp|dd|pc|\\[a-zA-Z]+)?`)

// skip drops the arguments that a pattern of skipped names.
func (p *parser) skip(pattern string) {
	for _, c := range pattern {
		switch c {
		case 's':
			p.in.accept('*')
		case 'o':
			p.in.optional()
		case 'p':
			p.in.enclosed('(', ')')
		case 'm':
			p.in.argument()
		case 'd':
			if f := p.in.top(); f != nil {
				f.pos += len(dimension.FindString(f.text[f.pos:min(len(f.text), f.pos+60)]))
			}
		}
	}
}
