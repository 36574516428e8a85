package pdftext

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"compress/lzw"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/ledongthuc/pdf"
	tifflzw "golang.org/x/image/tiff/lzw"
)

const (
	maxFilters = 4       // of one stream
	maxDecoded = 1 << 30 // bytes of all streams of one file
)

// stream returns the decoded bytes of a stream, or of an array of streams
// joined by newlines, up to maxStream. On damage it returns what could be
// decoded, with the error.
func (f *file) stream(v pdf.Value) ([]byte, error) {
	if v.Kind() != pdf.Array {
		return f.oneStream(v)
	}
	var all []byte
	var errs []error
	for i := range min(v.Len(), 4096) {
		data, err := f.oneStream(v.Index(i))
		errs = append(errs, err)
		if len(all)+len(data) > maxStream {
			return all, fmt.Errorf("%w: streams of over %d bytes", errHostile, maxStream)
		}
		all = append(append(all, data...), '\n')
	}
	return all, errors.Join(errs...)
}

func (f *file) oneStream(v pdf.Value) (data []byte, err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("read a stream: %v", x)
		}
	}()
	if v.Kind() != pdf.Stream {
		return nil, fmt.Errorf("a stream was expected, not %v", v.Kind())
	}
	filters, err := filtersOf(v)
	if err != nil {
		return nil, err
	}
	raw, err := f.raw(v, filters)
	if err != nil {
		return nil, err
	}
	var r io.Reader = bytes.NewReader(raw)
	for _, filter := range filters {
		if r, err = filter.decode(r); err != nil {
			return nil, err
		}
	}
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(r, maxStream+1))
	if n > maxStream {
		return nil, fmt.Errorf("%w: a stream of over %d bytes", errHostile, maxStream)
	}
	if f.decoded += int(n); f.decoded > maxDecoded {
		return nil, fmt.Errorf("%w: its streams unpack to over %d bytes", errHostile, maxDecoded)
	}
	return buf.Bytes(), err
}

// raw returns the bytes of a stream before any filter, decrypted. The library
// does not give them, but prints where they begin.
func (f *file) raw(v pdf.Value, filters []filter) ([]byte, error) {
	text := v.String()
	at, err := strconv.Atoi(text[strings.LastIndexByte(text, '@')+1:])
	if err != nil || at < 0 || at > len(f.body) {
		return nil, errors.New("the stream has no place in the file")
	}
	data := f.extent(v, at)
	if f.decryption == nil {
		return data, nil
	}
	i := sort.Search(len(f.objects), func(i int) bool { return f.objects[i].offset > at }) - 1
	if i < 0 {
		return nil, errors.New("the stream belongs to no object")
	}
	named := len(filters) > 0 && filters[0].name == "Crypt"
	name := ""
	if named {
		name = filters[0].crypt
	}
	return f.decryption.open(data, f.objects[i].id, f.objects[i].gen, name, named)
}

// extent returns the bytes of a stream from where it begins. A wrong Length is
// corrected by looking for the end.
func (f *file) extent(v pdf.Value, at int) []byte {
	data := f.body[at:]
	if n := v.Key("Length").Int64(); n >= 0 && n <= int64(len(data)) && endsStream(data[n:]) {
		return data[:n]
	}
	if end := bytes.Index(data, []byte("endstream")); end >= 0 {
		return trimEndOfLine(data[:end])
	}
	return data
}

// trimEndOfLine takes off the end of line that stands before "endstream".
func trimEndOfLine(data []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(data, []byte("\n")), []byte("\r"))
}

func endsStream(rest []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(rest[:min(len(rest), 16)], "\r\n \t"), []byte("endst"))
}

// filter is one step in the decoding of a stream (PDF 32000-1:2008, 7.4).
type filter struct {
	name                             string
	predictor, columns, colors, bits int
	lateChange                       bool   // LZW: codes grow one code later
	crypt                            string // the crypt filter that Crypt names
}

func filtersOf(v pdf.Value) ([]filter, error) {
	names, params := v.Key("Filter"), v.Key("DecodeParms")
	if names.Kind() == pdf.Name {
		one, err := newFilter(names.Name(), params)
		return []filter{one}, err
	}
	if names.Len() > maxFilters {
		return nil, fmt.Errorf("%w: a chain of %d filters", errHostile, names.Len())
	}
	var list []filter
	for i := range names.Len() {
		one, err := newFilter(names.Index(i).Name(), params.Index(i))
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

func newFilter(name string, params pdf.Value) (filter, error) {
	number := func(key string, otherwise int) int {
		if v := params.Key(key); v.Kind() == pdf.Integer {
			return int(v.Int64())
		}
		return otherwise
	}
	f := filter{
		name: name, predictor: number("Predictor", 1), columns: number("Columns", 1),
		colors: number("Colors", 1), bits: number("BitsPerComponent", 8), lateChange: number("EarlyChange", 1) == 0,
		crypt: cmp.Or(params.Key("Name").Name(), identityCF),
	}
	if f.columns < 1 || f.columns > 1<<16 || f.colors < 1 || f.colors > 32 || f.bits < 1 || f.bits > 16 {
		return f, fmt.Errorf("%w: a predictor over %d columns of %d colours of %d bits", errHostile, f.columns, f.colors, f.bits)
	}
	return f, nil
}

func (f filter) decode(r io.Reader) (io.Reader, error) {
	switch f.name {
	case "FlateDecode", "Fl":
		z, err := inflate(r)
		if err != nil {
			return nil, fmt.Errorf("inflate a stream: %w", err)
		}
		return f.unpredict(z)
	case "LZWDecode", "LZW":
		if f.lateChange {
			return f.unpredict(lzw.NewReader(r, lzw.MSB, 8))
		}
		return f.unpredict(tifflzw.NewReader(r, tifflzw.MSB, 8))
	case "ASCII85Decode", "A85":
		return decodeASCII85(r)
	case "ASCIIHexDecode", "AHx":
		return decodeHex(r)
	case "RunLengthDecode", "RL":
		return decodeRunLength(r)
	case "Crypt":
		return r, nil // done before any other filter
	}
	return nil, fmt.Errorf("a stream has the filter %s, which holds no text", f.name)
}

// inflate decompresses; bytes whose zlib header is damaged are taken to be
// compressed all the same.
func inflate(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(2)
	if err != nil {
		return nil, err
	}
	if head[0]&0xf == 8 && (int(head[0])<<8|int(head[1]))%31 == 0 { // RFC 1950, section 2.2
		return zlib.NewReader(b)
	}
	_, err = b.Discard(2)
	return flate.NewReader(b), err
}

// decoded reads everything of r, up to maxStream.
func decoded(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxStream+1))
	if len(data) > maxStream {
		return nil, fmt.Errorf("%w: a stream of over %d bytes", errHostile, maxStream)
	}
	if len(data) == 0 {
		return nil, err
	}
	return data, nil // a cut stream gives what stands before the cut
}

func decodeASCII85(r io.Reader) (io.Reader, error) {
	data, err := decoded(r)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(bytes.TrimSpace(data), []byte("<~"))
	if end := bytes.IndexByte(data, '~'); end >= 0 {
		data = data[:end]
	}
	return ascii85.NewDecoder(bytes.NewReader(data)), nil
}

func decodeHex(r io.Reader) (io.Reader, error) {
	data, err := decoded(r)
	if err != nil {
		return nil, err
	}
	l := &lexer{data: append([]byte{'<'}, data...)}
	return bytes.NewReader(l.hex().bytes), nil
}

func decodeRunLength(r io.Reader) (io.Reader, error) {
	data, err := decoded(r)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for i := 0; i < len(data) && data[i] != 128 && out.Len() <= maxStream; {
		n := int(data[i])
		if n < 128 {
			end := min(i+2+n, len(data))
			out.Write(data[i+1 : end])
			i = end
			continue
		}
		if i+1 < len(data) {
			out.Write(bytes.Repeat(data[i+1:i+2], 257-n))
		}
		i += 2
	}
	return &out, nil
}

// unpredict undoes the differences that a predictor took between
// neighbouring bytes (PDF 32000-1:2008, 7.4.4.4).
func (f filter) unpredict(r io.Reader) (io.Reader, error) {
	if f.predictor < 2 {
		return r, nil
	}
	data, err := decoded(r)
	if err != nil {
		return nil, err
	}
	pixel := max(1, f.colors*f.bits/8)
	row := (f.columns*f.colors*f.bits + 7) / 8
	if f.predictor == 2 {
		for start := 0; start < len(data); start += row {
			line := data[start:min(start+row, len(data))]
			for i := pixel; i < len(line); i++ {
				line[i] += line[i-pixel]
			}
		}
		return bytes.NewReader(data), nil
	}
	return bytes.NewReader(unpredictPNG(data, row, pixel)), nil
}

// unpredictPNG undoes PNG's filters: each row begins with the filter's number.
func unpredictPNG(data []byte, row, pixel int) []byte {
	out := make([]byte, 0, len(data))
	above := make([]byte, row)
	for len(data) > 1 {
		kind, n := data[0], min(row, len(data)-1)
		line := data[1 : 1+n]
		for i := range line {
			var left, upperLeft byte
			if i >= pixel {
				left, upperLeft = line[i-pixel], above[i-pixel]
			}
			switch kind {
			case 1:
				line[i] += left
			case 2:
				line[i] += above[i]
			case 3:
				line[i] += byte((int(left) + int(above[i])) / 2)
			case 4:
				line[i] += paeth(left, above[i], upperLeft)
			}
		}
		out = append(out, line...)
		above, data = line, data[1+n:]
		if n < row {
			break
		}
	}
	return out
}

// paeth is PNG's predictor of that name (RFC 2083, section 6.6).
func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	distance := func(v byte) int { return max(p-int(v), int(v)-p) }
	switch {
	case distance(a) <= distance(b) && distance(a) <= distance(c):
		return a
	case distance(b) <= distance(c):
		return b
	}
	return c
}
