package scrape

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// subjects are the names of the published data set, each with the French
// spellings that sites use, as slugs.
var subjects = map[string][]string{
	"mathematics":         {"mathematiques", "mathematique", "maths", "math"},
	"physics-chemistry":   {"physique-chimie", "physique", "chimie", "spc", "phys"},
	"biology":             {"svt", "sciences-de-la-vie-et-de-la-terre", "sciences-de-la-vie", "biologie", "biologie-ecologie", "geologie", "geosciences"},
	"ses":                 {"ses", "sciences-economiques-et-sociales"},
	"general-science":     {"enseignement-scientifique", "ens-scientifique", "sciences-humanites"},
	"engineering-science": {"sciences-de-l-ingenieur", "sciences-ingenieur", "si", "sii", "s2i", "sciences-industrielles", "sciences-industrielles-de-l-ingenieur"},
	"computer-science":    {"nsi", "numerique-et-sciences-informatiques", "informatique", "info", "itc", "option-informatique"},
	"philosophy":          {"philosophie", "philo"},
	"history-geography":   {"histoire-geographie", "histoire-geo", "histoire", "geographie", "hggsp"},
	"humanities":          {"hlp", "humanites-litterature-philosophie", "humanites-litterature-et-philosophie"},
	"french":              {"francais", "francais-philosophie", "lettres", "redaction", "litterature"},
	"economics":           {"economie", "economie-droit", "eco-droit", "management", "sciences-de-gestion"},
	"languages":           languages,
}

// languages are the words by which language papers are known.
var languages = []string{"anglais", "espagnol", "allemand", "chinois", "italien", "portugais", "arabe", "russe", "japonais", "hebreu", "latin", "grec",
	"llcer", "llcea", "lv1", "lv2", "lv3", "lva", "lvb", "lvc", "langue", "langues", "langue-vivante", "langues-vivantes", "english"}

// spellings leads from a slug to the subject.
var spellings = func() map[string]string {
	m := make(map[string]string)
	for subject, slugs := range subjects {
		m[subject] = subject
		for _, slug := range slugs {
			m[slug] = subject
		}
	}
	return m
}()

// subjectOf names the subject of a text, by the longest spelling that stands in it as
// whole words, and the first of equally long ones. It returns false for a text without one.
func subjectOf(text string, site map[string]string) (string, bool) {
	words := strings.Split(slug(text), "-")
	for length := len(words); length > 0; length-- {
		for start := 0; start+length <= len(words); start++ {
			part := strings.Join(words[start:start+length], "-")
			if name, ok := site[part]; ok {
				return name, true
			}
			if name, ok := spellings[part]; ok {
				return name, true
			}
		}
	}
	return "", false
}

// slug returns the words of a text in lower-case ASCII letters and digits, joined by hyphens.
func slug(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == 'œ':
			b.WriteString("oe")
			continue
		case r < 'a' || r > 'z':
			if r < '0' || r > '9' {
				gap = b.Len() > 0
				continue
			}
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
