package exam

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// passage is a stretch of a document: whole lines and pieces of lines.
type passage struct {
	doc  *outline
	segs []segment
}

func (o *outline) passage(from, to place) passage {
	return passage{o, o.segments(from, to)}
}

// own is the text of a node up to the next label, whole the text up to the end
// of its subtree.
func (n *Node) own() passage   { return n.doc.passage(n.body, n.end) }
func (n *Node) whole() passage { return n.doc.passage(n.body, n.subtreeEnd()) }

// withoutTitle drops the rest of a heading's line where it is a title: « Sujet
// 1 : dissertation », and not the beginning of the text.
func (p passage) withoutTitle(n *Node) passage {
	if n.Label.Kind.structural() && len(p.segs) > 1 && p.segs[0].at.line == n.body.line &&
		p.segs[0].setApart() && !p.segs[1].setApart() && !asksDirectly(p.segs[0].text) {
		p.segs = p.segs[1:]
	}
	return p
}

// raw is the verbatim text, one line a line.
func (p passage) raw() string {
	var b strings.Builder
	for _, s := range p.segs {
		b.WriteString(s.text)
		b.WriteByte('\n')
	}
	return b.String()
}

func (p passage) empty() bool { return len(p.segs) == 0 }

// span is the range of bytes the passage takes in document.Text.String.
func (p passage) span() [2]int {
	if p.empty() {
		return [2]int{}
	}
	first, last := p.segs[0], p.segs[len(p.segs)-1]
	return [2]int{first.start + first.at.off, last.start + last.at.off + len(last.text)}
}

// pages is the range of pages it stands on.
func (p passage) pages() [2]int {
	if p.empty() {
		return [2]int{}
	}
	return [2]int{p.segs[0].page, p.segs[len(p.segs)-1].page}
}

// from drops the first n bytes of raw.
func (p passage) from(n int) passage {
	q := passage{doc: p.doc}
	for _, s := range p.segs {
		cut := min(max(n, 0), len(s.text))
		n -= len(s.text) + 1
		if rest := s.text[cut:]; strings.TrimSpace(rest) != "" {
			s.at.off += cut
			s.text = rest
			q.segs = append(q.segs, s)
		}
	}
	return q
}

// upTo keeps the first n bytes of raw.
func (p passage) upTo(n int) passage {
	q := passage{doc: p.doc}
	for _, s := range p.segs {
		if n <= 0 {
			break
		}
		if keep := s.text[:min(n, len(s.text))]; strings.TrimSpace(keep) != "" {
			s.text = keep
			q.segs = append(q.segs, s)
		}
		n -= len(s.text) + 1
	}
	return q
}

// paragraphs splits a passage where the document sets a gap, where the indent
// falls back behind that of the lines before, and after a line that ends with
// its sentence before the right margin.
func (p passage) paragraphs() []passage {
	var out []passage
	for i, s := range p.segs {
		outdent := i > 1 && s.X0 > 0 && s.X0 < p.segs[i-1].X0-indentSlack && p.segs[i-1].page == s.page
		if i == 0 || s.at.off == 0 && (s.Break || outdent || endsShort(p.segs[i-1], s)) {
			out = append(out, passage{doc: p.doc})
		}
		last := &out[len(out)-1]
		last.segs = append(last.segs, s)
	}
	return out
}

// endsShort tells whether a line is the last of its paragraph.
func endsShort(before, after segment) bool {
	end := strings.TrimSpace(before.text)
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(after.text))
	return !before.full() && unicode.IsUpper(first) && end != "" && strings.IndexByte(".?!", end[len(end)-1]) >= 0
}

// join puts passages of one document together.
func join(parts []passage) passage {
	var all passage
	for _, p := range parts {
		all.doc = p.doc
		all.segs = append(all.segs, p.segs...)
	}
	return all
}

// withoutNotices cuts instructions between exercises off the end.
func (p passage) withoutNotices() passage {
	paragraphs := p.paragraphs()
	for n := len(paragraphs); n > 1; n-- {
		if !notice().MatchString(paragraphs[n-1].raw()) {
			return join(paragraphs[:n])
		}
	}
	return p
}

// withoutTrailingHeadings cuts headings without a number off the end, where
// they announce what comes next and do not belong to the passage.
func (p passage) withoutTrailingHeadings() passage {
	for len(p.segs) > 1 && p.segs[len(p.segs)-1].looksLikeHeading() {
		p.segs = p.segs[:len(p.segs)-1]
	}
	return p
}

// withoutColophon cuts the note on the makers of a correction off its end.
func (p passage) withoutColophon() passage {
	for i := len(p.segs) - 1; i > 0 && i >= len(p.segs)-4; i-- {
		if colophon().MatchString(p.segs[i].text) && (p.segs[i].Break || i == len(p.segs)-1 || colophon().MatchString(p.segs[i+1].text)) {
			for i > 0 && !p.segs[i].Break {
				i--
			}
			if i > 0 {
				p.segs = p.segs[:i]
			}
		}
	}
	return p
}

// looksLikeHeading tells whether a line is set apart and reads as a title.
func (s segment) looksLikeHeading() bool {
	text := strings.TrimSpace(s.text)
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	if s.at.off != 0 || s.Formula || !unicode.IsUpper(first) || len(text) > 90 || strings.ContainsRune(".,;:?!=)", last) {
		return false
	}
	return s.Heading || (s.Bold || s.body > 0 && s.Size > 1.12*s.body) && s.Break
}
