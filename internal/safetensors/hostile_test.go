package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// file builds a file with the header's true length before it and n bytes of
// data after it.
func file(header string, n int) []byte {
	p := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(p, header...), make([]byte, n)...)
}

// withLength builds a file that claims another length of its header.
func withLength(length uint64, rest string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, length), rest...)
}

// one is the description of a tensor of 4 bytes at the start of the data.
const one = `{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`

// hostileFiles are files that must be refused, each with words of its error.
var hostileFiles = []struct {
	name string
	data []byte
	want string
}{
	// The length of the header.
	{"empty", nil, "too short"},
	{"seven bytes", []byte("\x02\x00\x00\x00\x00\x00\x00"), "too short"},
	{"no header after its length", withLength(2, ""), "a header of 2 bytes in a file of 8"},
	{"header longer than the file", withLength(40, "{}"), "a header of 40 bytes in a file of 10"},
	{"header beyond the limit", withLength(100_000_001, "{}"), "limit is 100000000"},
	{"length of all ones", withLength(1<<64-1, "{}"), "limit is 100000000"},
	{"length that wraps with the prefix", withLength(1<<64-8, "{}"), "limit is 100000000"},
	{"length zero", withLength(0, "{}"), "does not begin with '{'"},

	// Other formats under the name.
	{"zip", append([]byte("PK\x03\x04\x00\x00\x08\x08"), make([]byte, 64)...), "zip archive"},
	{"pickle", []byte("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02"), "Python pickle"},
	{"gguf", []byte("GGUF\x03\x00\x00\x00\x10\x00\x00\x00"), "GGUF"},
	{"lfs pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), "git lfs pull"},
	{"html page", []byte("<!DOCTYPE html><html><body>404</body></html>"), "limit is 100000000"},

	// JSON.
	{"space before the brace", file(" {}", 0), "does not begin with '{'"},
	{"an array", file("[]", 0), "does not begin with '{'"},
	{"brace never closed", file(`{"a":`+one, 4), "the JSON is cut"},
	{"cut inside a string", file(`{"a`, 0), "the JSON is cut"},
	{"cut inside an escape", file(`{"a\`, 0), "the JSON is cut"},
	{"cut inside a unicode escape", file(`{"a\u00`, 0), "the JSON is cut"},
	{"comma at the end", file(`{"a":`+one+`,}`, 4), "'}' where '\"' is expected"},
	{"no colon", file(`{"a" `+one+`}`, 4), "where ':' is expected"},
	{"two values", file(`{"a":`+one+`}{}`, 4), "after the header's JSON"},
	{"NUL padding", file("{}\x00\x00", 0), "after the header's JSON"},
	{"newline padding", file("{}\n", 0), "after the header's JSON"},
	{"comment", file(`{/**/"a":`+one+`}`, 4), "'/' where '\"' is expected"},
	{"key without quotes", file(`{a:`+one+`}`, 4), "'a' where '\"' is expected"},
	{"invalid UTF-8 in a name", file("{\"a\xff\":"+one+"}", 4), "not valid UTF-8"},
	{"overlong UTF-8 in a name", file("{\"\xc0\xaf\":"+one+"}", 4), "not valid UTF-8"},
	{"unpaired surrogate in a name", file(`{"\ud800":`+one+`}`, 4), "unpaired surrogate"},
	{"surrogates in the wrong order", file(`{"\udc00\ud800":`+one+`}`, 4), "unpaired surrogate"},
	{"unknown escape", file(`{"\x41":`+one+`}`, 4), "unknown escape"},
	{"escape that is not hexadecimal", file(`{"\u00g0":`+one+`}`, 4), "not hexadecimal"},
	{"raw newline in a name", file("{\"a\nb\":"+one+"}", 4), "raw control character"},
	{"a tensor that is nested deeply", file(`{"a":`+strings.Repeat("[", 100_000)+`}`, 0), "'[' where '{' is expected"},

	// Names.
	{"name twice", file(`{"a":`+one+`,"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "stands twice"},
	{"name twice, once escaped", file(`{"a":`+one+`,"\u0061":`+one+`}`, 4), "stands twice"},
	{"name with NUL", file(`{"a\u0000":`+one+`}`, 4), "control characters"},
	{"name with a terminal escape", file(`{"\u001b[2J":`+one+`}`, 4), "control characters"},
	{"name too long", file(`{"`+strings.Repeat("n", 1025)+`":`+one+`}`, 4), "a name of 1025 bytes"},

	// Metadata.
	{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), "stands twice"},
	{"metadata key twice", file(`{"__metadata__":{"k":"1","k":"2"}}`, 0), `the key "k" stands twice`},
	{"metadata with a number", file(`{"__metadata__":{"k":1}}`, 0), `the value of "k" must be a string`},
	{"metadata with an object", file(`{"__metadata__":{"k":{}}}`, 0), `the value of "k" must be a string`},
	{"metadata null", file(`{"__metadata__":null}`, 0), "__metadata__: byte"},
	{"metadata as a tensor", file(`{"__metadata__":`+one+`}`, 4), "must be a string"},

	// The fields of a tensor.
	{"tensor null", file(`{"a":null}`, 0), "'n' where '{' is expected"},
	{"tensor without fields", file(`{"a":{}}`, 0), `"dtype" is missing`},
	{"no shape", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), `"shape" is missing`},
	{"no offsets", file(`{"a":{"dtype":"F32","shape":[1]}}`, 4), `"data_offsets" is missing`},
	{"field twice", file(`{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}`, 4), `"dtype" stands twice`},
	{"field in capitals", file(`{"a":{"DType":"F32","shape":[1],"data_offsets":[0,4]}}`, 4), `unknown field "DType"`},
	{"a fourth field", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":0}}`, 4), `unknown field "x"`},
	{"unknown dtype", file(`{"a":{"dtype":"F128","shape":[1],"data_offsets":[0,16]}}`, 16), `unknown dtype "F128"`},
	{"dtype in small letters", file(`{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}`, 4), `unknown dtype "f32"`},
	{"dtype as a number", file(`{"a":{"dtype":9,"shape":[1],"data_offsets":[0,4]}}`, 4), "dtype: byte"},
	{"shape as a number", file(`{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}`, 4), "shape: byte"},
	{"negative dimension", file(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}`, 4), "-1 is not an unsigned integer"},
	{"two negative dimensions", file(`{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, 4), "-1 is not an unsigned integer"},
	{"negative zero", file(`{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}`, 0), "-0 is not an unsigned integer"},
	{"fraction", file(`{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 4), "1.0 is not an unsigned integer"},
	{"exponent", file(`{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}`, 4), "1e0 is not an unsigned integer"},
	{"leading zero", file(`{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}`, 4), "'1' where ']' is expected"},
	{"dimension as a string", file(`{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}`, 4), "where a number is expected"},
	{"dimension beyond 64 bits", file(`{"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}}`, 4), "overflows 63 bits"},
	{"dimension beyond 63 bits", file(`{"a":{"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[0,0]}}`, 0), "overflows 63 bits"},
	{"too many dimensions", file(`{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}`, 1), "more than 8 numbers"},
	{"product that overflows", file(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "overflows 64 bits"},
	{"product that overflows before a zero", file(`{"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`, 0), "overflows 64 bits"},
	{"bytes that overflow", file(`{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0), "overflows 64 bits"},
	{"half a byte", file(`{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}`, 1), "do not fill whole bytes"},

	// Offsets.
	{"one offset", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}`, 4), "has 1 numbers"},
	{"three offsets", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}`, 4), "more than 2 numbers"},
	{"end before begin", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4), "before their begin"},
	{"offset beyond 64 bits", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551616]}}`, 4), "overflows 63 bits"},
	{"fewer bytes than the shape", file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4), "span 4 bytes, and F32 of shape [2] takes 8"},
	{"more bytes than the shape", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}`, 8), "span 8 bytes, and F32 of shape [1] takes 4"},
	{"hole at the start", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "nothing stands between 0 and there"},
	{"hole between tensors", file(`{"a":`+one+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, 12), "nothing stands between 4 and there"},
	{"overlap", file(`{"a":`+one+`,"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, 6), `inside those of "a"`},
	{"the same bytes twice", file(`{"a":`+one+`,"b":`+one+`}`, 4), `inside those of "a"`},
	{"data cut", file(`{"a":`+one+`}`, 3), "of a file of"},
	{"data far beyond the end", file(`{"a":{"dtype":"U8","shape":[1152921504606846976],"data_offsets":[0,1152921504606846976]}}`, 4), "its data end at byte"},
	{"bytes after the data", file(`{"a":`+one+`}`, 5), "1 bytes after the last tensor"},
	{"bytes after no data", file(`{}`, 1), "1 bytes after the last tensor"},
}

func TestHostileFiles(t *testing.T) {
	if len(hostileFiles) < 40 {
		t.Errorf("only %d files", len(hostileFiles))
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	for _, h := range hostileFiles {
		if err := os.WriteFile(path, h.data, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err == nil {
			f.Close()
			t.Errorf("%s: accepted", h.name)
			continue
		}
		checkFormatError(t, h.name, err, path, h.want)
	}
}

// checkFormatError checks that an error names the file, what is wrong, and
// what to do.
func checkFormatError(t *testing.T, name string, err error, path, want string) {
	t.Helper()
	format, ok := errors.AsType[*FormatError](err)
	if !ok {
		t.Errorf("%s: %v is no FormatError", name, err)
		return
	}
	if format.Path != path || format.Remedy == "" || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v\nmust name %s and say %q", name, err, path, want)
	}
	if len(err.Error()) > 600 {
		t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
	}
}

// The tensor concerned is named.
func TestFormatErrorNamesTheTensor(t *testing.T) {
	_, err := readHeader(bytes.NewReader(file(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4)), 66)
	if format, ok := errors.AsType[*FormatError](err); !ok || format.Tensor != "w" {
		t.Errorf("%v", err)
	}
}

// A header may claim much; memory is only taken for what is there.
func TestHeaderTakesNoMoreMemoryThanTheFile(t *testing.T) {
	var text strings.Builder
	text.WriteString("{")
	for i := range 20_000 {
		fmt.Fprintf(&text, `"t%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},`, i)
	}
	text.WriteString(`"z":` + one + `}`)
	data := file(text.String(), 4)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readHeader(bytes.NewReader(data), int64(len(data))); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 20*uint64(len(data)) {
		t.Errorf("a header of %d bytes takes %d bytes of memory", len(data), took)
	}
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "absent.safetensors")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
	_, err := Open(dir)
	checkFormatError(t, "a folder", err, dir, "not a regular file")
}

// Files that look odd and are right.
func TestUnusualFiles(t *testing.T) {
	for name, data := range map[string][]byte{
		"no tensors":              file(`{}`, 0),
		"only metadata":           file(`{"__metadata__":{"a":"\u00e9\ud83d\ude00\n\"","":""}}`, 0),
		"spaces after the header": file(`{}      `, 0),
		"spaces inside":           file("{ \"a\" :\t{ \"shape\" : [ 1 ] ,\r\n\"data_offsets\":[ 0 , 4 ],\"dtype\":\"F32\" } }", 4),
		"scalar":                  file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4),
		"no elements":             file(`{"a":{"dtype":"F32","shape":[2,0],"data_offsets":[0,0]}}`, 0),
		"no elements in between":  file(`{"b":{"dtype":"U8","shape":[0],"data_offsets":[4,4]},"a":`+one+`,"c":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}`, 5),
		"no elements at the end":  file(`{"z":{"dtype":"U8","shape":[0],"data_offsets":[4,4]},"a":`+one+`}`, 4),
		"not aligned":             file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}`, 5),
		"empty name":              file(`{"":`+one+`}`, 4),
		"name in French":          file(`{"couche.0.\u00e9t\u00e9":`+one+`}`, 4),
		"four bits":               file(`{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}`, 1),
		"six bits":                file(`{"a":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}}`, 3),
	} {
		if _, err := readHeader(bytes.NewReader(data), int64(len(data))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
