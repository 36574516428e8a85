package latex

import (
	"flag"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/kurakurai/luth/internal/atomicfile"
	"github.com/kurakurai/luth/scrape/document"
)

var update = flag.Bool("update", false, "write the golden files anew")

// read returns the text of a source, without the marks of paragraphs.
func read(t *testing.T, source string) string {
	t.Helper()
	text := Extract([]byte(source), DefaultLimits)
	if text.Verdict != document.VerdictText {
		t.Fatalf("verdict %s (%s)", text.Verdict, text.Detail)
	}
	var lines []string
	for _, page := range text.Pages {
		for _, line := range page.Lines {
			lines = append(lines, line.Text)
		}
	}
	return strings.Join(lines, "\n")
}

func TestExtract(t *testing.T) {
	const questions = `\newcommand{\labels}{}\renewcommand{\theenumi}{\arabic{enumi}}\renewcommand{\labelenumi}{\textbf{\theenumi.}}` +
		`\renewcommand{\theenumii}{\alph{enumii}}\renewcommand{\labelenumii}{\theenumii.}`
	tests := []struct{ name, source, want string }{
		{"paragraphs join lines", "Soit $f$\nla fonction.\n\nElle est\n% rien\ncroissante.", "Soit $f$ la fonction.\nElle est croissante."},
		{"comment ends with its line", "a%b\n  c 5\\% d", "ac 5% d"},
		{"preamble is skipped", `\documentclass{article}\title{x}\begin{document}oui\end{document}non`, "oui"},
		{"accents", `\'el\` + "`" + `eve, for\^et, na\"{\i}ve, \c{c}a, gar\c con, \oe{}uvre, \^{\i}le, No\"el`, "élève, forêt, naïve, ça, garçon, œuvre, île, Noël"},
		{"quotes and dashes", `\og vrai \fg{} ou \frquote{faux} --- <<oui>> 1--2 l'un`, "« vrai » ou « faux » — « oui » 1–2 l'un"},
		{"ordinals", `le 1\ier{} et la 2\ieme{} : n\up{o}~3`, "le 1er et la 2e : no 3"},
		{"fonts are unwrapped", `\textbf{A}\emph{b} {\bfseries c} \textcolor{red}{d} \fbox{e}`, "Ab c d e"},
		{"enumerate", `\begin{enumerate}\item un\item deux\begin{enumerate}\item a\item b\end{enumerate}\item trois\end{enumerate}`,
			"1. un\n2. deux\n(a) a\n(b) b\n3. trois"},
		{"APMEP's labels", questions + `\begin{enumerate}\item \begin{enumerate}\item a\item b\end{enumerate}\end{enumerate}`, "1. a. a\nb. b"},
		{"enumitem", `\begin{enumerate}[label=\textbf{\Roman*)}, start=4]\item x\item y\end{enumerate}`, "IV) x\nV) y"},
		{"resume", `\begin{enumerate}\item x\end{enumerate}et\begin{enumerate}[resume]\item y\end{enumerate}`, "1. x\net\n2. y"},
		{"resume with the label", `\begin{enumerate}[label=Q\arabic*.]\item x\end{enumerate}et\begin{enumerate}[resume*]\item y\end{enumerate}`, "Q1. x\net\nQ2. y"},
		{"named series", `\begin{enumerate}[series=q]\item x\end{enumerate}\begin{enumerate}\item z\end{enumerate}\begin{enumerate}[resume=q]\item y\end{enumerate}`,
			"1. x\n1. z\n2. y"},
		{"package enumerate", `\begin{enumerate}[a)]\item x\item y\end{enumerate}\begin{enumerate}[\bf Q1.]\item z\end{enumerate}`, "a) x\nb) y\nQ1. z"},
		{"setlist", `\setlist[enumerate,1]{label=\alph*.}\begin{enumerate}\item x\end{enumerate}`, "a. x"},
		{"setcounter", `\begin{enumerate}\setcounter{enumi}{3}\item x\end{enumerate}`, "4. x"},
		{"item with its own label", `\begin{enumerate}\item[3 bis.] x\item y\end{enumerate}`, "3 bis. x\n1. y"},
		{"itemize and description", `\begin{itemize}\item x\end{itemize}\begin{description}\item[Un] y\end{description}`, "• x\nUn y"},
		{"exam class", `\begin{questions}\question[4] A\begin{parts}\part B\part C\end{parts}\end{questions}`, "1. (4 points) A\n(a) B\n(b) C"},
		{"sections", `\section{Suites}\subsection{Limite}\section*{Exercice 2}\part{Analyse}`, "1 Suites\n1.1 Limite\nExercice 2\nPartie I Analyse"},
		{"titlesec", `\titleformat{\section}{\bf}{Exercice \thesection{} --}{1em}{}\section{Suites}`, "Exercice 1 – Suites"},
		{"counters of the source", `\newcounter{exo}\newcommand{\exo}{\stepcounter{exo}\textbf{Exercice \arabic{exo}}}\exo\par\exo`, "Exercice 1\nExercice 2"},
		{"questions of the source", `\newcounter{q}\newcommand{\question}{\par\refstepcounter{q}\textbf{Q\theq.}\quad}\question x\question y`, "Q1. x\nQ2. y"},
		{"theorem", `\newtheorem{exo}{Exercice}\begin{exo}[Suites]Soit\end{exo}\begin{exo}Puis\end{exo}`, "Exercice 1 (Suites)\nSoit\nExercice 2\nPuis"},
		{"environment of the source", `\newenvironment{sol}[1][Solution]{\textbf{#1.} }{\hfill fin}\begin{sol}oui\end{sol}`, "Solution. oui    fin"},
		{"macros in mathematics", `\newcommand{\R}{\mathbb{R}}\newcommand{\vect}[1]{\overrightarrow{#1}}$\vect{AB}\in\R x$`, `$\overrightarrow{AB}\in\mathbb{R} x$`},
		{"control words keep apart", `\newcommand{\a}{\alpha}\newcommand{\f}[1]{\cdot#1}$\a b\f{x}\a$`, `$\alpha b\cdot x\alpha$`},
		{"default argument", `\newcommand{\eq}[2][x]{#1=#2}$\eq{1}$ $\eq[y]{2}$`, `$x=1$ $y=2$`},
		{"def with delimiters", `\def\cc(#1;#2){C(#1,#2)}$\cc(1;2)$`, `$C(1,2)$`},
		{"operator", `\DeclareMathOperator{\card}{Card}$\card(E)$`, `$\operatorname{Card}(E)$`},
		{"ensuremath", `\newcommand{\N}{\ensuremath{\mathbb{N}}\xspace}Dans \N ou $\N$`, `Dans $\mathbb{N}$ ou $\mathbb{N}$`},
		{"let", `\let\eps\varepsilon $\eps>0$`, `$\varepsilon>0$`},
		{"display keeps its lines", "Donc\n\\[\n  f(x) = 1 % oui\n  + x\n\\]\nainsi", "Donc\n\\[\nf(x) = 1\n+ x\n\\]\nainsi"},
		{"align", "\\begin{align*}\na &= b \\\\\n&= c\n\\end{align*}", "\\begin{align*}\na &= b \\\\\n&= c\n\\end{align*}"},
		{"text in a formula", `$x \text{ si $x>0$}$ fin`, `$x \text{ si $x>0$}$ fin`},
		{"numbers", `\np{12345,6789} et $\np{1500}$, \SI{3,5}{\metre\per\second}, $\num{1e3}$`, `12 345,678 9 et $1\,500$, 3,5 m·s^{-1}, $1\times 10^{3}$`},
		{"table", `\begin{tabular}{|c|c|}\hline a & $b$ \\ \hline \multicolumn{2}{c}{c \& d}\\[2mm]\end{tabular}`, "a | $b$\nc & d"},
		{"table used for layout", `\begin{tabular}{cc}\begin{enumerate}\item x\item y\end{enumerate}&\includegraphics{f}\end{tabular}`, "1. x\n2. y\n[figure]"},
		{"table in a display", `\[\begin{tabular}{c}a\end{tabular}\]`, "a"},
		{"pictures", `\begin{center}\begin{tikzpicture}\node{1. x};\end{tikzpicture}\end{center}a\includegraphics[scale=2]{b}c`, "[figure]\na\n[figure]\nc"},
		{"code", "\\begin{verbatim}\n  a % $b\n\\end{verbatim}\\verb|x_1|", "```\n  a % $b\n```\n`x_1`"},
		{"minted", "\\begin{minted}{python}\nx = 1\n\\end{minted}", "```python\nx = 1\n```"},
		{"footnote", `a\footnote{voir b} c`, "a (voir b) c"},
		{"conditions", `\newif\ifsol\soltrue\ifsol oui\else non\fi \iffalse jamais \ifsol \fi\fi \solfalse\ifsol a\else b\fi`, "oui b"},
		{"hidden environments", `\excludecomment{sol}a\begin{sol}b\end{sol}c`, "ac"},
		{"references, forward too", `\ref{b} \begin{enumerate}\item\label{a} x\item y (\ref{a})\label{b}\end{enumerate}`, "2\n1. x\n2. y (1)"},
		{"numbered equation", `\begin{equation}\label{e}x\end{equation}selon \eqref{e}`, "\\begin{equation}\\tag{1}x\\end{equation}\nselon (1)"},
		{"line breaks", `a\\[3mm]b\\ {[c]}\newline d`, "a\nb\n[c]\nd"},
		{"unknown macros keep arguments", `\machin[opt]{garde} \truc x`, "garde x"},
		{"titles", `\title{Devoir}\author{Moi}\maketitle`, "Devoir\nMoi"},
		{"open ends", `\textbf{a \begin{center} b $x`, "a\nb $x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := read(t, test.source); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestGolden(t *testing.T) {
	source, err := os.ReadFile("testdata/bac.tex")
	if err != nil {
		t.Fatal(err)
	}
	got := Extract(source, DefaultLimits).String()
	if *update {
		if err := atomicfile.WriteFile("testdata/bac.txt", []byte(got)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/bac.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the text differs from testdata/bac.txt (go test -update writes it anew):\n%s", got)
	}
}

func TestLineFlags(t *testing.T) {
	text := Extract([]byte(`\section*{Exercice 1}Texte.

\textbf{\textsc{Exercice 2} \hfill 5 points}

Calculer $\left(\overrightarrow{AB}\right)$ exactement.
\[x=1\]
\newpage Suite.`), DefaultLimits)
	if len(text.Pages) != 2 {
		t.Fatalf("%d pages, want 2", len(text.Pages))
	}
	want := []document.Line{
		{Text: "Exercice 1", Bold: true, Heading: true},
		{Text: "Texte.", Break: true},
		{Text: "Exercice 2    5 points", Bold: true, Heading: true, Break: true},
		{Text: `Calculer $\left(\overrightarrow{AB}\right)$ exactement.`, Break: true},
		{Text: `\[x=1\]`, Formula: true},
	}
	for i, line := range text.Pages[0].Lines {
		if i >= len(want) || line != want[i] {
			t.Errorf("line %d: %+v", i, line)
		}
	}
}

func TestEncodings(t *testing.T) {
	const want = "Énoncé : l'élève où ça naît, « œuvre »"
	windows, _ := charmap.Windows1252.NewEncoder().String(want)
	mac, _ := charmap.Macintosh.NewEncoder().String(want)
	sources := map[string]string{
		"UTF-8": want, "UTF-8 with mark": "\ufeff" + want, "Windows-1252": windows, "Mac Roman": mac,
		"Mac Roman, named": `\usepackage[applemac]{inputenc}` + mac, "Latin-1, named": `\usepackage[latin1]{inputenc}` + windows,
		"decomposed":        "E\u0301nonce\u0301 : l'e\u0301le\u0300ve ou\u0300 c\u0327a nai\u0302t, « œuvre »",
		"a stray byte":      "\xc9noncé : l'élève où ça naît, « œuvre »",
		"UTF-16":            "\xff\xfe" + utf16(want),
		"Windows line ends": strings.ReplaceAll(want, " : ", " :\r\n"),
	}
	for name, source := range sources {
		if got := read(t, source); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// utf16 encodes characters of the basic plane, low byte first.
func utf16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
		b.WriteByte(byte(r >> 8))
	}
	return b.String()
}

func TestVerdicts(t *testing.T) {
	tests := []struct {
		name, source string
		want         document.Verdict
	}{
		{"endless recursion", `\def\a{\a}\a`, document.VerdictHostile},
		{"deep recursion", `\def\a{\a x}\a`, document.VerdictHostile},
		{"growing argument", `\def\a#1{\a{#1#1}}\a x`, document.VerdictHostile},
		{"billion laughs", laughs(), document.VerdictHostile},
		{"recursion in a formula", `\def\a{\a}$\a$`, document.VerdictHostile},
		{"recursion in a label", `\renewcommand{\labelenumi}{\begin{enumerate}\item x\end{enumerate}}\begin{enumerate}\item x\end{enumerate}`, document.VerdictHostile},
		{"recursion in a title", `\title{\maketitle\maketitle}\maketitle`, document.VerdictHostile},
		{"recursion in a section", `\titleformat{\section}{}{\section{}\section{}}{}{}\section{}`, document.VerdictHostile},
		{"brackets that stay open", strings.Repeat(`\x[`, 1_000_000), document.VerdictHostile},
		{"deep groups", strings.Repeat("{", 10_000), document.VerdictHostile},
		{"nested tables", strings.Repeat(`\begin{tabular}{c}`, 500) + strings.Repeat(`\end{tabular}`, 500), document.VerdictHostile},
		{"too big", strings.Repeat("a", DefaultLimits.Bytes+1), document.VerdictHostile},
		{"empty", "  % rien", document.VerdictDamaged},
		{"PDF", "%PDF-1.5 ...", document.VerdictDamaged},
		{"binary", "a\x00\x01b", document.VerdictDamaged},
	}
	for _, test := range tests {
		if got := Extract([]byte(test.source), DefaultLimits); got.Verdict != test.want {
			t.Errorf("%s: verdict %s (%s), want %s", test.name, got.Verdict, got.Detail, test.want)
		}
	}
}

func laughs() string {
	var b strings.Builder
	b.WriteString(`\def\a{xxxxxxxxxx}`)
	for c := 'b'; c <= 'k'; c++ {
		b.WriteString(`\def\` + string(c) + "{" + strings.Repeat(`\`+string(c-1), 10) + "}")
	}
	return b.String() + `\k`
}

func TestNotes(t *testing.T) {
	text := Extract([]byte(`a \input{annexe} \truc \truc \begin{bizarre}b\end{bizarre}`), DefaultLimits)
	if text.Unknown != 3 {
		t.Errorf("%d unknown, want 3", text.Unknown)
	}
	if want := `\input{annexe} is not read; unknown: \begin{bizarre} \truc`; text.Detail != want {
		t.Errorf("detail %q, want %q", text.Detail, want)
	}
}

func FuzzExtract(f *testing.F) {
	if source, err := os.ReadFile("testdata/bac.tex"); err == nil {
		f.Add(source)
	}
	for _, s := range []string{
		`\def\a#1{\a{#1#1}}\a x`, `\begin{tabular}{c}a&b\\[`, `$\text{$`, `\begin{enumerate}[label=\alph*`, `\verb`, "\\verb|\n", `\item[`, `\'`, `\c`,
		`\newcommand{\x}[9][`, `\ifx\else\fi`, `\section`, `\newtheorem{a}[a]{b}[a]\begin{a}`, `\setcounter{enumi}{-5}\roman{enumi}`, `\np{e}`, `\begin{align}\label{`,
	} {
		f.Add([]byte(s))
	}
	limits := Limits{Bytes: 1 << 16, Expansions: 2000, Expanded: 1 << 18, Depth: 100, Output: 1 << 18}
	f.Fuzz(func(t *testing.T, data []byte) {
		text := Extract(data, limits)
		for _, page := range text.Pages {
			for _, line := range page.Lines {
				if strings.ContainsAny(line.Text, "\n\f\x00") {
					t.Errorf("line %q holds a control character", line.Text)
				}
			}
		}
	})
}
