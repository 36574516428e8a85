package pdftext

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ledongthuc/pdf"
)

var (
	errEncrypted = errors.New("the file needs a password")
	errHostile   = errors.New("the file goes over a limit")
)

// maxObjects bounds the cross-reference table that is built for one file.
const maxObjects = 1 << 20

// object says where an object's definition begins in the rebuilt file.
type object struct {
	id, gen int
	offset  int
}

// file is an open PDF file.
type file struct {
	*pdf.Reader
	data      []byte // as read by the library
	encrypted bool
}

// open gives the objects of a PDF file through ledongthuc/pdf.
//
// The file's own cross-reference table is not used: a table is rebuilt from
// the object definitions found in the bytes, the last definition of an object
// winning, and objects packed in object streams are unpacked behind it. That
// reads cut and hand-edited files, and keeps sizes and chains named by a
// hostile table away from the parser.
func open(data []byte) (*file, error) {
	start := bytes.Index(data[:min(len(data), 1024)], []byte("%PDF-"))
	if start < 0 {
		return nil, errors.New("no %PDF header in the first 1024 bytes")
	}
	data = data[start:]
	objects, packed, err := scanObjects(data)
	if err != nil {
		return nil, err
	}
	trailer, encrypted, err := findTrailer(data)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	body.WriteString("%PDF-1.7\n")
	shift := body.Len()
	body.Write(data)
	for i := range objects {
		objects[i].offset += shift
		if !encrypted {
			blankDefinition(body.Bytes()[objects[i].offset:])
		}
	}
	if len(packed) > 0 {
		objects, err = unpack(&body, objects, packed, trailer, encrypted)
		if err != nil {
			return nil, err
		}
	}
	return openTable(finish(&body, objects, trailer), encrypted)
}

var objectHead = regexp.MustCompile(`(\d{1,10})[ \t\r\n\x00\f]+(\d{1,5})[ \t\r\n\x00\f]+$`)

// scanObjects finds every "id gen obj" in file order. packed lists the object
// streams among them by index.
func scanObjects(data []byte) (objects []object, packed []int, err error) {
	for pos := 0; ; {
		i := bytes.Index(data[pos:], []byte("obj"))
		if i < 0 {
			return objects, packed, nil
		}
		at := pos + i
		pos = at + 3
		// The two numbers, their white space and some slack stand before "obj".
		m := objectHead.FindSubmatchIndex(data[max(0, at-32):at])
		if m == nil {
			continue
		}
		head := data[max(0, at-32):at]
		id, _ := strconv.Atoi(string(head[m[2]:m[3]]))
		gen, _ := strconv.Atoi(string(head[m[4]:m[5]]))
		if id == 0 || id >= maxObjects || gen > 65535 {
			continue
		}
		if len(objects) == maxObjects {
			return nil, nil, fmt.Errorf("%w: more than %d objects", errHostile, maxObjects)
		}
		objects = append(objects, object{id, gen, max(0, at-32) + m[2]})
		if isObjectStream(data[pos:]) {
			packed = append(packed, len(objects)-1)
		}
	}
}

// isObjectStream reports whether the definition that starts at body is an
// object stream's.
func isObjectStream(body []byte) bool {
	body = body[:min(len(body), 4096)]
	if end := bytes.Index(body, []byte("stream")); end >= 0 {
		return bytes.Contains(body[:end], []byte("/ObjStm"))
	}
	return false
}

var (
	rootRef    = regexp.MustCompile(`/Root\s*(\d{1,10})\s+(\d{1,5})\s+R`)
	catalogObj = regexp.MustCompile(`(\d{1,10})\s+(\d{1,5})\s+obj\s*<<[^>]{0,400}?/Type\s*/Catalog\b`)
	encryptRef = regexp.MustCompile(`/Encrypt\s*(\d{1,10}\s+\d{1,5}\s+R|<<)`)
	fileID     = regexp.MustCompile(`(?s)/ID\s*\[\s*(?:<[0-9A-Fa-f\s]*>|\(.*?[^\\]\))\s*(?:<[0-9A-Fa-f\s]*>|\(.*?[^\\]\))\s*\]`)
)

// findTrailer gives the entries that the rebuilt trailer keeps.
func findTrailer(data []byte) (entries string, encrypted bool, err error) {
	root := lastMatch(rootRef, data)
	if root == nil {
		root = lastMatch(catalogObj, data)
	}
	if root == nil {
		return "", false, errors.New("no document catalogue")
	}
	entries = fmt.Sprintf("/Root %s %s R", root[1], root[2])
	encrypt := lastMatch(encryptRef, data)
	if encrypt == nil {
		return entries, false, nil
	}
	if string(encrypt[1]) == "<<" {
		return "", true, fmt.Errorf("%w: its encryption dictionary is inline", errEncrypted)
	}
	entries += " /Encrypt " + string(encrypt[1])
	if id := lastMatch(fileID, data); id != nil {
		entries += " " + string(id[0])
	}
	return entries, true, nil
}

func lastMatch(re *regexp.Regexp, data []byte) [][]byte {
	all := re.FindAllSubmatch(data, -1)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// unpack appends the objects of the object streams to body and returns the
// list with them, in file order.
func unpack(body *bytes.Buffer, objects []object, packed []int, trailer string, encrypted bool) ([]object, error) {
	var refs strings.Builder
	for _, i := range packed {
		fmt.Fprintf(&refs, " %d %d R", objects[i].id, objects[i].gen)
	}
	var first bytes.Buffer
	first.Write(body.Bytes())
	f, err := openTable(finish(&first, objects, trailer+" /LuthPacked ["+refs.String()+"]"), encrypted)
	if err != nil {
		return nil, err
	}
	streams := f.Trailer().Key("LuthPacked")
	next := 0
	var all []object
	for i, o := range objects {
		all = append(all, o)
		if next == len(packed) || packed[next] != i {
			continue
		}
		inner, err := unpackStream(body, f, streams.Index(next))
		if err != nil && errors.Is(err, errHostile) {
			return nil, err
		}
		all = append(all, inner...)
		next++
	}
	return all, nil
}

// unpackStream writes each object of one object stream as a plain definition.
// A damaged stream gives the objects before the damage.
func unpackStream(body *bytes.Buffer, f *file, stream pdf.Value) (objects []object, err error) {
	data, err := f.stream(stream)
	if err != nil && len(data) == 0 {
		return nil, err
	}
	n, first := stream.Key("N").Int64(), stream.Key("First").Int64()
	if n < 0 || n > maxObjects || first < 0 || first > int64(len(data)) {
		return nil, fmt.Errorf("object stream of %d objects from byte %d of %d", n, first, len(data))
	}
	if body.Len()+len(data) > maxFile+maxStream {
		return nil, fmt.Errorf("%w: its object streams unpack to over %d bytes", errHostile, maxStream)
	}
	blankStrings(data)
	var numbers []int
	for _, f := range bytes.Fields(data[:first]) {
		v, err := strconv.Atoi(string(f))
		if err != nil {
			break
		}
		numbers = append(numbers, v)
	}
	for i := 0; i+1 < min(len(numbers), int(2*n)); i += 2 {
		id, from, to := numbers[i], int(first)+numbers[i+1], len(data)
		if i+3 < len(numbers) {
			to = int(first) + numbers[i+3]
		}
		if id <= 0 || id >= maxObjects || from < 0 || from > to || to > len(data) {
			continue
		}
		body.WriteByte('\n')
		objects = append(objects, object{id: id, offset: body.Len()})
		fmt.Fprintf(body, "%d 0 obj\n%s\nendobj\n", id, data[from:to])
	}
	return objects, nil
}

// blankDefinition blanks the strings of the object whose definition data
// begins with, up to its stream or its end.
func blankDefinition(data []byte) {
	end := len(data)
	for _, mark := range []string{"endobj", "stream"} {
		if i := bytes.Index(data[:min(end, 1<<20)], []byte(mark)); i >= 0 {
			end = i
		}
	}
	blankStrings(data[:min(end, 1<<20)])
}

// blankStrings overwrites the strings in data with a number. No text depends on the strings of dictionaries; the
// library gives up an object over an unusual escape in one, and would decrypt
// those that come from an object stream, which are plain.
func blankStrings(data []byte) {
	l := &lexer{data: data}
	for {
		l.skipSpace()
		start := l.pos
		t := l.next()
		if t.kind == tokenEOF {
			return
		}
		if t.kind != tokenString {
			continue
		}
		blank := data[start:min(l.pos, len(data))]
		for i := range blank {
			blank[i] = ' '
		}
		copy(blank, " 0")
	}
}

// finish appends a cross-reference table and a trailer; of several
// definitions of one object the last in objects is listed.
func finish(body *bytes.Buffer, objects []object, trailer string) []byte {
	last := make(map[int]object, len(objects))
	for _, o := range objects {
		last[o.id] = o
	}
	entries := slices.SortedFunc(maps.Values(last), func(a, b object) int { return cmp.Compare(a.id, b.id) })
	size := 1
	if len(entries) > 0 {
		size = entries[len(entries)-1].id + 1
	}
	table := body.Len() + 1
	body.WriteString("\nxref\n0 1\n0000000000 65535 f \n")
	for i := 0; i < len(entries); {
		j := i
		for j < len(entries) && entries[j].id == entries[i].id+j-i {
			j++
		}
		fmt.Fprintf(body, "%d %d\n", entries[i].id, j-i)
		for ; i < j; i++ {
			fmt.Fprintf(body, "%010d %05d n \n", entries[i].offset, entries[i].gen)
		}
	}
	fmt.Fprintf(body, "trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n", size, trailer, table)
	return body.Bytes()
}

func openTable(data []byte, encrypted bool) (*file, error) {
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, openError(err)
	}
	return &file{r, data, encrypted}, nil
}

func openError(err error) error {
	if errors.Is(err, pdf.ErrInvalidPassword) || strings.Contains(err.Error(), "encrypt") {
		return fmt.Errorf("%w (%v)", errEncrypted, err)
	}
	return err
}
