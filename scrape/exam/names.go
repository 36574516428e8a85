package exam

import (
	"cmp"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Role is what a file is in a pair.
type Role string

// The roles.
const (
	RoleUnknown    Role = ""
	RoleSubject    Role = "subject"
	RoleCorrection Role = "correction"
	RoleDocument   Role = "document" // annexes and documents of a subject
)

// roleWords name a role anywhere in a name, folded.
var roleWords = map[string]Role{
	"sujet": RoleSubject, "sujets": RoleSubject, "enonce": RoleSubject, "enonces": RoleSubject, "subject": RoleSubject,
	"corrige": RoleCorrection, "corriges": RoleCorrection, "correction": RoleCorrection, "corrections": RoleCorrection,
	"corr": RoleCorrection, "cor": RoleCorrection, "correc": RoleCorrection, "correct": RoleCorrection,
	"solution": RoleCorrection, "solutions": RoleCorrection, "sol": RoleCorrection, "solu": RoleCorrection,
	"annexe": RoleDocument, "annexes": RoleDocument, "documents": RoleDocument, "dr": RoleDocument,
}

// correctionWords say more about a correction, not which paper it corrects.
var correctionWords = stems("element elements de du des propose proposee proposition detaille detaillee complet complete ups upsti")

// roleLetters name a role at the end of a name after an underscore, as
// prepas.org does: _e a subject, _ea its corrected reissue, _ca and _cb
// corrections by different authors, _d documents.
var roleLetters = regexp.MustCompile(`^([ecd])([a-h]?)$`)

var (
	copyMark    = regexp.MustCompile(`\s*\(\d{1,2}\)$|[ _-]+copie$|[ _-]copy$`)
	versionMark = regexp.MustCompile(`^v(?:ersion)?(\d{1,3})$`)
	minorMark   = regexp.MustCompile(`([ _-]v\d{1,3})\.\d{1,3}\b`)
	gluedRole   = regexp.MustCompile(`^(.*\d)(corrige|correction|solution|corr|cor|sol)$|^(sujet|enonce|corrige|correction|corr|cor|solution|sol)((?:ds|dm|td|dl|tp|ex|exo|colle|interro)?\d+)$`)
	separators  = regexp.MustCompile(`[\s_\-.,+()\[\]]+`)
)

// name is what a file name says.
type name struct {
	key      string // what files of one paper share
	role     Role
	issue    string // "a" in _ea and _ca: reissue of a subject, author of a correction
	version  int    // from V4; 0 when there is none
	official bool
	copied   bool // " (1)", a second download
	source   bool // a LaTeX source, whose formulas are verbatim
}

// parseName reads a file name.
func parseName(file string) name {
	if decoded, err := url.PathUnescape(file); err == nil {
		file = decoded
	}
	base := fold(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	n := name{source: strings.EqualFold(path.Ext(file), ".tex")}
	if cut := copyMark.FindString(base); cut != "" {
		base, n.copied = strings.TrimSuffix(base, cut), true
	}
	base = minorMark.ReplaceAllString(base, "$1")
	words := separators.Split(base, -1)
	n.readLetters(base, &words)
	var key []string
	for i, w := range words {
		if n.readWord(w, i, &key) {
			continue
		}
		key = append(key, w)
	}
	if n.role == RoleCorrection && len(key) > 1 {
		if rest := slices.DeleteFunc(slices.Clone(key), func(w string) bool { return correctionWords[w] }); len(rest) > 0 {
			key = rest
		}
	}
	n.key = strings.Join(key, "-")
	return n
}

// readLetters reads the role letters at the end, with the number that a second
// download leaves after them: _e-3.
func (n *name) readLetters(base string, words *[]string) {
	last := len(*words) - 1
	if last > 1 && isNumber((*words)[last]) && strings.HasSuffix(base, "-"+(*words)[last]) {
		last--
	}
	if last < 1 || !strings.Contains(base, "_"+(*words)[last]) {
		return
	}
	m := roleLetters.FindStringSubmatch((*words)[last])
	if m == nil {
		return
	}
	n.role = map[string]Role{"e": RoleSubject, "c": RoleCorrection, "d": RoleDocument}[m[1]]
	n.issue = m[2]
	*words = (*words)[:last]
}

// readWord reads a word that is no part of the key. It reports whether it was
// one.
func (n *name) readWord(w string, i int, key *[]string) bool {
	switch {
	case w == "":
		return true
	case w == "officiel" || w == "officielle":
		n.official = true
		return true
	}
	if role, ok := roleWords[w]; ok {
		n.setRole(role)
		return true
	}
	if m := versionMark.FindStringSubmatch(w); m != nil && i > 0 {
		n.version, _ = strconv.Atoi(m[1])
		return true
	}
	if m := gluedRole.FindStringSubmatch(w); m != nil {
		n.setRole(roleWords[m[2]+m[3]])
		*key = append(*key, m[1]+m[4])
		return true
	}
	return false
}

// setRole keeps the stronger role: a file that names itself sujet and corrigé
// holds the correction.
func (n *name) setRole(r Role) {
	if n.role != RoleCorrection {
		n.role = r
	}
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// roleOfText reads a role from the words of a link or a title.
func roleOfText(text string) Role {
	role := RoleUnknown
	for _, t := range tokenize(text) {
		if r, ok := roleWords[t.text]; ok && role != RoleCorrection {
			role = r
		}
	}
	return role
}

// roleOfFolder reads a role from a folder that holds files of one role.
func roleOfFolder(folder string) Role {
	role := RoleUnknown
	for _, t := range tokenize(folder) {
		r, ok := roleWords[t.text]
		switch {
		case ok && role != RoleUnknown && r != role:
			return RoleUnknown
		case ok:
			role = r
		}
	}
	return role
}

// formatWords name the format of the files in a folder.
var formatWords = map[string]bool{"pdf": true, "pdfs": true, "tex": true, "latex": true}

// scope is a folder without the words for roles and formats, so that
// sujets/2022 and corriges/2022 are one place, and so are IMG/pdf and IMG/tex.
func scope(folder string) string {
	if decoded, err := url.PathUnescape(folder); err == nil {
		folder = decoded
	}
	var parts []string
	for _, part := range strings.Split(fold(folder), "/") {
		words := slices.DeleteFunc(separators.Split(part, -1), func(w string) bool {
			_, isRole := roleWords[w]
			return isRole || formatWords[w] || w == ""
		})
		if len(words) > 0 {
			parts = append(parts, strings.Join(words, "-"))
		}
	}
	return strings.Join(parts, "/")
}

// better orders files of one role and paper, the one to take first.
func better(a, b *entry) int {
	return cmp.Or(
		cmp.Compare(a.file.Rank, b.file.Rank),
		boolOrder(!a.source, !b.source),
		boolOrder(a.copied, b.copied),
		boolOrder(a.official && a.role == RoleCorrection, b.official && b.role == RoleCorrection),
		-cmp.Compare(a.version, b.version),
		issueOrder(a, b),
		strings.Compare(a.file.Folder, b.file.Folder),
		strings.Compare(a.file.Name, b.file.Name),
	)
}

// issueOrder takes the latest reissue of a subject and the first author of a
// correction.
func issueOrder(a, b *entry) int {
	if a.role == RoleSubject {
		return strings.Compare(b.issue, a.issue)
	}
	return strings.Compare(a.issue, b.issue)
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
