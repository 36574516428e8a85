package exam

import (
	"cmp"
	"slices"
	"strings"
)

// File is an exam file as pairing sees it: its name and what the page that
// links to it says.
type File struct {
	Name     string            // file name, with extension
	Folder   string            // directory, or URL without the file name
	Page     string            // address of the page that links to it, "" when unknown
	Row      string            // row of that page, "" when the page has none
	LinkText string            // words of the link
	Role     Role              // when the source's rules tell it
	Key      string            // when the source's rules tell which files are one paper
	Rank     int               // order of preference within key and role, 0 first
	Meta     map[string]string // exam, subject, year, place, ... as far as known
}

// Pairing is one paper: a subject, the correction to try first and the others.
type Pairing struct {
	Subject      *File
	Correction   *File
	Alternatives []File        // further corrections, the one to try next first
	Duplicates   []File        // copies and other issues of the subject
	Reason       PairingReason // why a file stands alone; empty for a pair
}

// PairingReason says why a file has no partner. The values are stable.
type PairingReason string

// The reasons.
const (
	NoCorrection   PairingReason = "no_correction"
	NoSubject      PairingReason = "no_subject"
	AmbiguousPairs PairingReason = "ambiguous"      // several partners fit, none better
	OtherDocument  PairingReason = "other_document" // an annex or the documents of a subject
)

// entry is a file with what its name says.
type entry struct {
	file *File
	name
	paired bool
}

// PairFiles finds which files are subjects and which are their corrections. Files
// pair when the source's rules give them one key, when their names agree but
// for the words that name a role, or when they share a row of a page; what is
// known about both must not differ. Nothing is guessed: where several subjects
// fit one correction, all are reported as ambiguous. The result does not depend
// on the order of files; every file is in it once.
func PairFiles(files []File) []Pairing {
	entries := make([]*entry, len(files))
	for i := range files {
		f := files[i]
		e := &entry{file: &f, name: parseName(f.Name)}
		e.role = cmp.Or(f.Role, e.role, roleOfText(f.LinkText), roleOfFolder(f.Folder))
		entries[i] = e
	}
	slices.SortStableFunc(entries, func(a, b *entry) int {
		return cmp.Or(strings.Compare(a.file.Folder, b.file.Folder), strings.Compare(a.file.Name, b.file.Name))
	})
	var out []Pairing
	for _, key := range []func(*entry) string{givenKey, nameKey, rowKey} {
		for _, group := range groupBy(entries, key) {
			out = append(out, pairGroup(group)...)
		}
	}
	for _, e := range entries {
		if !e.paired {
			out = append(out, alone(e))
		}
	}
	slices.SortStableFunc(out, func(a, b Pairing) int {
		return cmp.Or(strings.Compare(a.any().Folder, b.any().Folder), strings.Compare(a.any().Name, b.any().Name))
	})
	return out
}

func (p Pairing) any() *File {
	if p.Subject != nil {
		return p.Subject
	}
	return p.Correction
}

func givenKey(e *entry) string { return e.file.Key }

// nameKey is the paper's name in its place. A name that says only its role,
// such as sujet.pdf, tells by its folder.
func nameKey(e *entry) string {
	if e.role == RoleDocument {
		return ""
	}
	return scope(e.file.Folder) + "\x00" + e.key
}

func rowKey(e *entry) string {
	if e.file.Row == "" || e.role == RoleDocument {
		return ""
	}
	return e.file.Page + "\x00" + e.file.Row
}

// groupBy collects the entries not yet paired by a key, in order; entries with
// an empty key are left out.
func groupBy(entries []*entry, key func(*entry) string) [][]*entry {
	index := make(map[string]int)
	var groups [][]*entry
	for _, e := range entries {
		k := key(e)
		if k == "" || e.paired {
			continue
		}
		i, ok := index[k]
		if !ok {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	return groups
}

// pairGroup pairs the files of one key.
func pairGroup(group []*entry) []Pairing {
	var subjects, corrections []*entry
	for _, e := range group {
		switch e.role {
		case RoleSubject:
			subjects = append(subjects, e)
		case RoleCorrection:
			corrections = append(corrections, e)
		}
	}
	if len(subjects) == 0 {
		// X.pdf beside X-corrige.pdf is the subject.
		for _, e := range group {
			if e.role == RoleUnknown {
				subjects = append(subjects, e)
			}
		}
	}
	if len(subjects) == 0 || len(corrections) == 0 {
		return nil
	}
	slices.SortStableFunc(subjects, better)
	slices.SortStableFunc(corrections, better)
	corrections = slices.DeleteFunc(corrections, func(c *entry) bool { return !agrees(subjects[0], c) })
	if len(corrections) == 0 {
		return nil
	}
	if !sameName(subjects) {
		return ambiguous(append(subjects, corrections...))
	}
	return []Pairing{newPairing(subjects, corrections)}
}

func newPairing(subjects, corrections []*entry) Pairing {
	p := Pairing{Subject: subjects[0].file, Correction: corrections[0].file}
	subjects[0].paired, corrections[0].paired = true, true
	for _, e := range subjects[1:] {
		p.Duplicates = append(p.Duplicates, *e.file)
		e.paired = true
	}
	for _, e := range corrections[1:] {
		p.Alternatives = append(p.Alternatives, *e.file)
		e.paired = true
	}
	return p
}

// sameName tells whether all subjects of a group are issues of one paper.
func sameName(subjects []*entry) bool {
	for _, s := range subjects[1:] {
		if s.key != subjects[0].key && s.file.Key == "" || s.file.Key != subjects[0].file.Key || !agrees(subjects[0], s) {
			return false
		}
	}
	return true
}

// agrees tells whether nothing known about two files differs.
func agrees(a, b *entry) bool {
	for k, v := range a.file.Meta {
		if w := b.file.Meta[k]; v != "" && w != "" && fold(v) != fold(w) {
			return false
		}
	}
	return true
}

func ambiguous(group []*entry) []Pairing {
	var out []Pairing
	for _, e := range group {
		p := alone(e)
		p.Reason = AmbiguousPairs
		e.paired = true
		out = append(out, p)
	}
	return out
}

// alone reports a file without a partner.
func alone(e *entry) Pairing {
	switch e.role {
	case RoleCorrection:
		return Pairing{Correction: e.file, Reason: NoSubject}
	case RoleDocument:
		return Pairing{Subject: e.file, Reason: OtherDocument}
	}
	return Pairing{Subject: e.file, Reason: NoCorrection}
}
