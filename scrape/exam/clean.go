package exam

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// points are marks given for a question: « (2 points) », « 1,5 pt ».
var (
	pointsAtStart = pattern(`(?i)^[\s:.–—-]*([(\[]\s*\d{1,2}([.,]\d{1,2})?\s*(points?|pts?)\.?\s*[)\]]|[–—-]\s*\d{1,2}([.,]\d{1,2})?\s*(points?|pts?)\b)[\s:.–—-]*`)
	pointsAtEnd   = pattern(`(?i)\s*[(\[]\s*(/\s*\d{1,2}([.,]\d{1,2})?|/?\s*\d{1,2}([.,]\d{1,2})?\s*(points?|pts?)\.?)\s*[)\]]\s*$|\t\d{1,2}([.,]\d{1,2})?\s*(points?|pts?)\.?\s*$`)
	furniture     = pattern(`(?i)^\s*(page\s+\d+(\s*(/|sur)\s*\d+)?|\d+\s*/\s*\d+|tournez la page.*|t\.?s\.?v\.?p\.?|[*∗·\s]+|[–—-]?\s*fin( de l[’'](épreuve|énoncé|exercice)| du (sujet|problème))?\s*[–—-]?)\s*$`)
	leadingDash   = pattern(`^[\s.:;,–—-]+`)
)

// colophon is a note on who made a correction, at its end.
var colophon = pattern(`(?i)https?://|www\.|\S@\S+\.\w|^\s*(compilé le|corrigé (proposé|réalisé|rédigé) par|merci d[’']adresser)`)

// notice is an instruction between exercises, which belongs to none.
var notice = pattern(`(?i)(au choix du candidat|exercices? choisis?|vous indiquerez sur votre copie|le candidat (choisit|traite|doit traiter)|traiter (un|deux) (seul )?(des|exercice))`)

// bullets open an item of a list.
const bullets = "•●■□◦▪▸➢–—∗*⋄◆▷►✓"

// clean writes a passage as it reads: wrapped lines joined into paragraphs,
// formulas and code on their lines, marks for points and page furniture left
// out. No word is changed.
func clean(p passage) string {
	var b strings.Builder
	var prev *segment
	for i := range p.segs {
		s := &p.segs[i]
		text := strings.TrimSpace(s.text)
		if furniture().MatchString(text) {
			continue
		}
		if prev != nil {
			b.WriteString(joint(prev, s))
		}
		b.WriteString(text)
		prev = s
	}
	return strings.TrimSpace(leadingDash().ReplaceAllString(withoutPoints(b.String()), ""))
}

func withoutPoints(s string) string {
	return pointsAtStart().ReplaceAllString(pointsAtEnd().ReplaceAllString(s, ""), "")
}

// joint is what stands between two lines: a blank inside a paragraph, a
// newline between lines that are lines of their own, an empty line at a gap.
func joint(before, after *segment) string {
	text := strings.TrimSpace(after.text)
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case after.at.off != 0:
		return " "
	case before.Formula || after.Formula || strings.ContainsRune(bullets, first) || looksLikeCode(text):
		return "\n"
	case after.Break:
		return "\n\n"
	case before.full() || unicode.IsLower(first) && !looksLikeCode(before.text):
		return " "
	}
	return "\n"
}

var code = pattern(`^\s*(def |return\b|for .* in |for .*:$|while .*:|if .*:$|elif |else\s*:|import |from \w+ import|print\s*\(|>>>|#|SELECT\b|FROM\b|WHERE\b|JOIN\b|GROUP BY|ORDER BY|INSERT\b|UPDATE\b|assert |class \w+|let |match )|^\s*[\w.\[\]]+\s*(\+|-|\*)?=\s*\S|[{};]$`)

// looksLikeCode tells lines of a programme, which are never joined.
func looksLikeCode(text string) bool { return code().MatchString(text) }
