package scrape

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kurakurai/luth/scrape/document"
	"github.com/kurakurai/luth/scrape/exam"
)

// paper is one exam: its subject, and its corrections, the one to try first
// first.
type paper struct {
	subject     Document
	corrections []Document
}

// pairDocuments pairs the documents with text, source by source. Every
// document is in a paper or its reason is passed to unused.
func pairDocuments(docs []Document, unused func(reason string)) []paper {
	bySource := make(map[string][]Document)
	seen := make(map[string]bool)
	for _, d := range docs {
		switch {
		case d.Verdict != document.VerdictText:
		case seen[d.Source+" "+d.SHA256]:
			unused("same_file")
		default:
			seen[d.Source+" "+d.SHA256] = true
			bySource[d.Source] = append(bySource[d.Source], d)
		}
	}
	var list []paper
	for _, docs := range bySource {
		list = append(list, pairSource(docs, unused)...)
	}
	slices.SortFunc(list, func(a, b paper) int {
		return cmp.Or(cmp.Compare(a.subject.Source, b.subject.Source), cmp.Compare(a.subject.URL, b.subject.URL))
	})
	return list
}

// pairSource pairs the documents of one source.
func pairSource(docs []Document, unused func(reason string)) []paper {
	files := make([]exam.File, len(docs))
	byURL := make(map[string]Document)
	for i, d := range docs {
		files[i] = pairingFile(d)
		byURL[files[i].Folder+files[i].Name] = d
	}
	document := func(f exam.File) Document { return byURL[f.Folder+f.Name] }
	var list []paper
	for _, p := range exam.PairFiles(files) {
		for range p.Duplicates {
			unused("other_edition")
		}
		if p.Reason != "" {
			unused(string(p.Reason))
			continue
		}
		pair := paper{subject: document(*p.Subject), corrections: []Document{document(*p.Correction)}}
		for _, a := range p.Alternatives {
			pair.corrections = append(pair.corrections, document(a))
		}
		list = append(list, pair)
	}
	return list
}

func pairingFile(d Document) exam.File {
	at := strings.LastIndex(d.URL, "/") + 1
	return exam.File{
		Folder: d.URL[:at], Name: d.URL[at:], Page: d.PageURL, Row: d.Row, LinkText: d.LinkText,
		Role: exam.Role(d.Role), Key: d.Key, Rank: d.Rank, Meta: d.Meta,
	}
}
