// Package latex reads the LaTeX sources of exam papers as the lines a reader
// of the PDF would see: numbering is computed and written out, text macros are
// unwrapped, the macros of the source are expanded, and mathematics is kept
// verbatim as LaTeX.
//
// It is no TeX: it knows the constructs that exam papers use (APMEP's style,
// teachers' homework, the classes article and exam) and keeps the arguments of
// every macro it does not know. Definitions are global, whatever the group
// they stand in.
//
//	\begin{enumerate}                        1. Montrer que $x \in \mathbb{R}$.
//	  \item Montrer que $x \in \R$.          2. a. Conclure.
//	  \item \begin{enumerate}           =>   [figure]
//	      \item Conclure.
//	  \end{enumerate}
//	  \includegraphics{courbe}
//	\end{enumerate}
//
// A paragraph is one line, however the source wraps it. Displayed formulas
// keep the lines of the source. Listings stand between Markdown fences.
package latex

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kurakurai/luth/scrape/document"
)

// Version names the algorithm; it changes with the text of the same file.
const Version = "1"

// Figure is the text that stands for a picture: a line of its own, or part of
// a table's row.
const Figure = "[figure]"

// Limits bounds the work that one file may cause. A file that goes over any
// of them gets document.VerdictHostile and no pages.
type Limits struct {
	Bytes      int // size of the file
	Expansions int // macro calls
	Expanded   int // bytes that macros put back into the input
	Depth      int // groups, environments and macro calls open at once
	Output     int // bytes of text
}

// DefaultLimits is far above any real paper: the longest have a few hundred
// kilobytes and some ten thousand macro calls.
var DefaultLimits = Limits{Bytes: 8 << 20, Expansions: 200_000, Expanded: 32 << 20, Depth: 400, Output: 16 << 20}

// Extract reads one LaTeX file. It returns no error: what is wrong with the
// file is the verdict, with a detail for a person. Glyphs counts characters,
// Unknown the uses of macros and environments that Extract does not know.
func Extract(data []byte, limits Limits) document.Text {
	text := document.Text{Format: "tex"}
	if len(data) > limits.Bytes {
		text.Verdict = document.VerdictHostile
		text.Detail = fmt.Sprintf("%d bytes, over the limit of %d", len(data), limits.Bytes)
		return text
	}
	source, err := decode(data)
	if err != nil {
		text.Verdict, text.Detail = document.VerdictDamaged, err.Error()
		return text
	}
	p := newParser(source, limits, nil)
	p.run()
	if p.failure == "" && strings.Contains(source, `ref{`) {
		// References may point forward: read again with the labels known.
		p = newParser(source, limits, p.labels)
		p.run()
	}
	return p.result(text)
}

// result fills in the verdict and the pages.
func (p *parser) result(text document.Text) document.Text {
	if p.failure != "" {
		text.Verdict, text.Detail = document.VerdictHostile, p.failure
		return text
	}
	text.Pages = p.out.finish()
	for _, page := range text.Pages {
		for _, line := range page.Lines {
			text.Glyphs += utf8.RuneCountInString(line.Text)
		}
	}
	for _, uses := range p.unknown {
		text.Unknown += uses
	}
	text.Verdict = document.VerdictText
	if text.Glyphs == 0 {
		text.Verdict = document.VerdictDamaged
		p.note("no text in the document")
	}
	if len(p.unknown) > 0 {
		p.note("unknown: " + strings.Join(slices.Sorted(maps.Keys(p.unknown)), " "))
	}
	text.Detail = strings.Join(p.notes, "; ")
	return text
}
