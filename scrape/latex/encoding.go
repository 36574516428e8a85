package latex

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	textunicode "golang.org/x/text/encoding/unicode"
)

var (
	errPDF    = errors.New("this is a PDF file, not LaTeX")
	errBinary = errors.New("binary data, not LaTeX")
)

// encodingHint finds what the source says of its own encoding: an option of
// inputenc, or an editor's magic comment.
var encodingHint = regexp.MustCompile(`\\usepackage\s*\[([^\]\s]*)\]\s*\{inputenc\}|(?i)%\s*!TEX\s+encoding\s*=\s*([\w -]+)`)

// charmaps gives the names of inputenc and of editors their tables. Latin-1
// files are in practice Windows-1252, which differs only where Latin-1 has
// control characters.
var charmaps = map[string]encoding.Encoding{
	"latin1": charmap.Windows1252, "ansinew": charmap.Windows1252, "cp1252": charmap.Windows1252,
	"isolatin": charmap.Windows1252, "isolatin1": charmap.Windows1252, "windows latin 1": charmap.Windows1252,
	"latin9": charmap.ISO8859_15, "isolatin9": charmap.ISO8859_15,
	"applemac": charmap.Macintosh, "macosroman": charmap.Macintosh,
	"cp850": charmap.CodePage850, "cp437": charmap.CodePage437,
}

// decode returns the source as UTF-8 with Unix line ends and no control
// characters but newline and tab.
func decode(data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte("%PDF-")) {
		return "", errPDF
	}
	if table := byteOrderMark(data); table != nil {
		return convert(table, data)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, 0) >= 0 {
		return "", errBinary
	}
	valid, invalid := countUTF8(data)
	switch {
	case invalid == 0:
		return clean(string(data)), nil
	case valid > 4*invalid:
		return clean(repairUTF8(data)), nil
	}
	return convert(guess(data), data)
}

func byteOrderMark(data []byte) encoding.Encoding {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return textunicode.UTF16(textunicode.BigEndian, textunicode.ExpectBOM)
	}
	return nil
}

func convert(table encoding.Encoding, data []byte) (string, error) {
	text, err := table.NewDecoder().Bytes(data)
	if err != nil {
		return "", errBinary
	}
	return clean(string(text)), nil
}

// countUTF8 counts sequences of several bytes that are UTF-8, and bytes that
// are not.
func countUTF8(data []byte) (valid, invalid int) {
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			invalid++
		} else if size > 1 {
			valid++
		}
		data = data[size:]
	}
	return valid, invalid
}

// repairUTF8 reads stray bytes in a UTF-8 file as Windows-1252: what a line
// pasted from an older file leaves.
func repairUTF8(data []byte) string {
	var b strings.Builder
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(data[0])
		}
		b.WriteRune(r)
		data = data[size:]
	}
	return b.String()
}

// guess returns the table that the source names, or the one among
// Windows-1252 and Mac Roman that gives more French letters.
func guess(data []byte) encoding.Encoding {
	if m := encodingHint.FindSubmatch(data); m != nil {
		name := strings.ToLower(strings.TrimSpace(string(m[1]) + string(m[2])))
		if table, ok := charmaps[name]; ok {
			return table
		}
	}
	var windows, mac int
	for _, c := range data {
		if strings.ContainsRune("éèàêùçîôûâëïÉÀÈœ«»’°", charmap.Windows1252.DecodeByte(c)) && c >= 0x80 {
			windows++
		}
		if strings.ContainsRune("éèàêùçîôûâëïÉÀÈœ«»’°", charmap.Macintosh.DecodeByte(c)) && c >= 0x80 {
			mac++
		}
	}
	if mac > windows {
		return charmap.Macintosh
	}
	return charmap.Windows1252
}

func clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\f' || r == '\u2028' || r == '\u2029':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || r == '\ufeff' || r == '\u200b':
			return -1
		}
		return r
	}, s)
}
