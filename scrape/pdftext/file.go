package pdftext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	source     *source
	body       []byte   // the bytes of the file, in which its streams stand
	objects    []object // the definitions in body, in order
	decryption *decryption
	decoded    int // bytes of streams so far
	mapped     int // entries of the fonts' maps so far
}

// header stands before the file's own bytes in the rebuilt file: the library
// wants one it knows.
const header = "%PDF-1.7\n"

// open gives the objects of a PDF file through ledongthuc/pdf.
//
// The file's own cross-reference table is not used: a table is rebuilt from
// the object definitions found in the bytes, the last definition of an object
// winning, and objects packed in object streams are unpacked behind it. That
// reads cut and hand-edited files, and keeps sizes and chains named by a
// hostile table away from the parser.
func open(ctx context.Context, data []byte) (*file, error) {
	start := bytes.Index(data[:min(len(data), 1024)], []byte("%PDF-"))
	if start < 0 {
		return nil, errors.New("no %PDF header in the first 1024 bytes")
	}
	body := slices.Concat([]byte(header), data[start:])
	objects, packed, err := scanObjects(ctx, body)
	if err != nil {
		return nil, err
	}
	decryption, err := findDecryption(body, objects)
	if err != nil {
		return nil, err
	}
	for i := range objects {
		blankStrings(definition(body, objects, i))
	}
	f := &file{body: body, objects: objects, decryption: decryption}
	root := findRoot(body, objects)
	if len(packed) > 0 {
		return f.openPacked(ctx, packed, root)
	}
	return f, f.openTable(ctx, nil, objects, root, "")
}

// scanObjects finds every "id gen obj" in file order. packed lists the object
// streams among them by index.
func scanObjects(ctx context.Context, data []byte) (objects []object, packed []int, err error) {
	for pos := 0; ; {
		i := bytes.Index(data[pos:], []byte("obj"))
		if i < 0 {
			return objects, packed, nil
		}
		at := pos + i
		pos = at + 3
		o, ok := objectBefore(data, at)
		if !ok {
			continue
		}
		if len(objects) == maxObjects {
			return nil, nil, fmt.Errorf("%w: more than %d objects", errHostile, maxObjects)
		}
		if len(objects)%1024 == 0 && ctx.Err() != nil {
			return nil, nil, fmt.Errorf("%w: time", errHostile)
		}
		objects = append(objects, o)
		if isObjectStream(data[pos:]) {
			packed = append(packed, len(objects)-1)
		}
	}
}

// objectBefore reads the two numbers that stand before the "obj" at a place.
func objectBefore(data []byte, at int) (o object, ok bool) {
	gen, from, ok := numberBefore(data, at, 5)
	if !ok || gen > 65535 {
		return o, false
	}
	id, from, ok := numberBefore(data, from, 10)
	return object{id, gen, from}, ok && id > 0 && id < maxObjects
}

// numberBefore reads a number of at most the given digits that stands, with
// white space behind it, before a place.
func numberBefore(data []byte, end, digits int) (value, from int, ok bool) {
	const maxSpace = 16
	last := end
	for last > 0 && end-last <= maxSpace && class[data[last-1]] == 1 {
		last--
	}
	from = last
	for from > 0 && last-from <= digits && data[from-1] >= '0' && data[from-1] <= '9' {
		from--
	}
	if last == end || from == last || last-from > digits {
		return 0, 0, false
	}
	value, err := strconv.Atoi(string(data[from:last]))
	return value, from, err == nil
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

// definition returns the bytes of the i-th object up to its stream, its end or
// the next object.
func definition(body []byte, objects []object, i int) []byte {
	end := len(body)
	if i+1 < len(objects) {
		end = objects[i+1].offset
	}
	text := body[objects[i].offset:min(end, objects[i].offset+maxDefinition)]
	for _, mark := range []string{"endobj", "stream"} {
		if at := bytes.Index(text, []byte(mark)); at >= 0 {
			text = text[:at]
		}
	}
	return text
}

var (
	reference   = regexp.MustCompile(`^\s*(\d{1,10})\s+(\d{1,5})\s+R`)
	catalogType = regexp.MustCompile(`/Type\s*/Catalog\b`)
)

// lastReference returns the reference behind the last place where a key has one.
func lastReference(data []byte, key string) (ref string, ok bool) {
	for end := len(data); ; {
		at := bytes.LastIndex(data[:end], []byte(key))
		if at < 0 {
			return "", false
		}
		behind := data[at+len(key):]
		if m := reference.Find(behind[:min(len(behind), 64)]); m != nil {
			return string(m), true
		}
		end = at
	}
}

// findRoot returns the reference to the document catalogue: the trailer's, or
// the last catalogue found. It is empty where neither stands in the open.
func findRoot(body []byte, objects []object) string {
	if ref, ok := lastReference(body, "/Root"); ok {
		return ref
	}
	for i := len(objects) - 1; i >= 0; i-- {
		if text := definition(body, objects, i); catalogType.Match(text) {
			return fmt.Sprintf("%d %d R", objects[i].id, objects[i].gen)
		}
	}
	return ""
}

// findDecryption reads the encryption dictionary that the file's trailer
// names, if it names one.
func findDecryption(body []byte, objects []object) (*decryption, error) {
	if !bytes.Contains(body, []byte("/Encrypt")) {
		return nil, nil
	}
	id := fileID(body)
	if ref, ok := lastReference(body, "/Encrypt"); ok {
		var number int
		fmt.Sscan(ref, &number)
		for i := len(objects) - 1; i >= 0; i-- {
			if objects[i].id == number {
				_, text, _ := bytes.Cut(definition(body, objects, i), []byte("<<"))
				return newDecryption(parseDictionary(text), id)
			}
		}
		return nil, fmt.Errorf("%w: its encryption dictionary is missing", errEncrypted)
	}
	if at := bytes.LastIndex(body, []byte("/Encrypt")); at >= 0 {
		if text, ok := bytes.CutPrefix(bytes.TrimLeft(body[at+len("/Encrypt"):], "\x00\t\n\f\r "), []byte("<<")); ok {
			return newDecryption(parseDictionary(text[:min(len(text), maxDefinition)]), id)
		}
	}
	return nil, nil
}

// fileID returns the first part of the identifier in the last trailer that has one.
func fileID(body []byte) []byte {
	for end := len(body); ; {
		at := bytes.LastIndex(body[:end], []byte("/ID"))
		if at < 0 {
			return nil
		}
		l := &lexer{data: body[:min(len(body), at+1024)], pos: at + len("/ID")}
		if t := l.next(); t.kind == tokenDelim && t.bytes[0] == '[' {
			if t = l.next(); t.kind == tokenString {
				return bytes.Clone(t.bytes)
			}
		}
		end = at
	}
}

// openPacked opens the file twice: to unpack the objects of its object
// streams, and with these.
func (f *file) openPacked(ctx context.Context, packed []int, root string) (*file, error) {
	var refs strings.Builder
	for _, i := range packed {
		fmt.Fprintf(&refs, " %d %d R", f.objects[i].id, f.objects[i].gen)
	}
	if err := f.openTable(ctx, nil, f.objects, "1 0 R", "/LuthPacked ["+refs.String()+"]"); err != nil {
		return nil, err
	}
	streams := f.Trailer().Key("LuthPacked")
	var unpacked bytes.Buffer
	var all []object
	next := 0
	for i, o := range f.objects {
		all = append(all, o)
		if next == len(packed) || packed[next] != i {
			continue
		}
		stream, err := element(streams, next)
		next++
		if err != nil {
			continue
		}
		inner, err := f.unpackStream(&unpacked, stream)
		if errors.Is(err, errHostile) {
			return nil, err
		}
		if all = append(all, inner...); len(all) > maxObjects {
			return nil, fmt.Errorf("%w: more than %d objects", errHostile, maxObjects)
		}
	}
	if root == "" {
		root = findRoot(unpacked.Bytes(), unpackedObjects(all, len(f.body)))
	}
	return f, f.openTable(ctx, unpacked.Bytes(), all, root, "")
}

// unpackedObjects returns those of objects that stand behind the file's body,
// at their place there.
func unpackedObjects(objects []object, body int) (behind []object) {
	for _, o := range objects {
		if o.offset >= body {
			o.offset -= body
			behind = append(behind, o)
		}
	}
	return behind
}

// unpackStream writes each object of one object stream as a plain definition.
// A damaged stream gives the objects before the damage.
func (f *file) unpackStream(unpacked *bytes.Buffer, stream pdf.Value) (objects []object, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("%v", x)
		}
	}()
	data, err := f.stream(stream)
	if errors.Is(err, errHostile) || len(data) == 0 {
		return nil, err
	}
	n, first := stream.Key("N").Int64(), stream.Key("First").Int64()
	if n < 0 || n > maxObjects || first < 0 || first > int64(len(data)) {
		return nil, fmt.Errorf("object stream of %d objects from byte %d of %d", n, first, len(data))
	}
	if unpacked.Len()+len(data) > maxStream {
		return nil, fmt.Errorf("%w: its object streams unpack to over %d bytes", errHostile, maxStream)
	}
	blankStrings(data)
	var numbers []int
	for _, field := range bytes.Fields(data[:first]) {
		v, err := strconv.Atoi(string(field))
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
		if unpacked.Len() > 2*maxStream {
			return nil, fmt.Errorf("%w: its object streams unpack to over %d bytes", errHostile, 2*maxStream)
		}
		unpacked.WriteByte('\n')
		objects = append(objects, object{id: id, offset: len(f.body) + unpacked.Len()})
		fmt.Fprintf(unpacked, "%d 0 obj\n%s\nendobj\n", id, data[from:to])
	}
	return objects, nil
}

// blankStrings overwrites the strings in data with a number. No text depends
// on the strings of dictionaries, and the library gives up an object over an
// unusual escape in one.
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

// openTable opens the library's reader on the file's bytes, the objects
// unpacked behind them, and a cross-reference table of all objects.
func (f *file) openTable(ctx context.Context, unpacked []byte, objects []object, root, entries string) error {
	if root == "" {
		return errors.New("no document catalogue")
	}
	tail := table(unpacked, len(f.body), objects, "/Root "+root+" "+entries)
	f.source = &source{ctx: ctx, head: f.body, tail: tail}
	size := int64(len(f.body) + len(tail))
	r, err := pdf.NewReader(f.source, size)
	if err == nil {
		f.Reader = r
	}
	f.source.opened = true
	return errors.Join(f.source.err, err)
}

// element resolves one element of an array; the library panics on a damaged
// object.
func element(array pdf.Value, i int) (v pdf.Value, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("%v", x)
		}
	}()
	return array.Index(i), nil
}
