package safetensors

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// hostileIndexes are indexes of a model whose only file is a.safetensors with
// the tensor "a", each with words of its error.
var hostileIndexes = []struct{ name, text, want string }{
	{"empty", "", "the JSON is cut"},
	{"an array", "[]", "'[' where '{' is expected"},
	{"no weight_map", "{}", "no weight_map"},
	{"weight_map null", `{"weight_map":null}`, "where '{' is expected"},
	{"weight_map twice", `{"weight_map":{},"weight_map":{}}`, `"weight_map" stands twice`},
	{"tensor twice", `{"weight_map":{"a":"a.safetensors","a":"b.safetensors"}}`, `the tensor "a" stands twice`},
	{"file as a number", `{"weight_map":{"a":1}}`, "must be a string"},
	{"file in the parent folder", `{"weight_map":{"a":"../a.safetensors"}}`, "not beside the index"},
	{"file in a folder", `{"weight_map":{"a":"x/a.safetensors"}}`, "not beside the index"},
	{"file in a folder of Windows", `{"weight_map":{"a":"x\\a.safetensors"}}`, "not beside the index"},
	{"file on a drive", `{"weight_map":{"a":"C:a.safetensors"}}`, "not beside the index"},
	{"absolute file", `{"weight_map":{"a":"/etc/a.safetensors"}}`, "not beside the index"},
	{"file with dots", `{"weight_map":{"a":"..safetensors"}}`, "not beside the index"},
	{"file with NUL", `{"weight_map":{"a":"a.safetensors\u0000.safetensors"}}`, "control characters"},
	{"empty file", `{"weight_map":{"a":""}}`, "a file name of 0 bytes"},
	{"long file", `{"weight_map":{"a":"` + strings.Repeat("a", 256) + `.safetensors"}}`, "a file name of"},
	{"pickle", `{"weight_map":{"a":"pytorch_model.bin"}}`, "no .safetensors file"},
	{"absent file", `{"weight_map":{"a":"b.safetensors"}}`, "is absent"},
	{"absent tensor", `{"weight_map":{"a":"a.safetensors","b":"a.safetensors"}}`, "it is in no file"},
	{"tensor with a control character", `{"weight_map":{"\u0007":"a.safetensors"}}`, "control characters"},
	{"metadata key twice", `{"metadata":{"total_size":4,"total_size":4},"weight_map":{"a":"a.safetensors"}}`, `"total_size" stands twice`},
	{"nested deeply", `{"metadata":` + strings.Repeat("[", 100_000) + `}`, "nested more than"},
	{"text after the end", `{"weight_map":{"a":"a.safetensors"}} {`, "text after the end"},
	{"unknown word", `{"x":nil,"weight_map":{}}`, "unknown word"},
	{"bad number", `{"x":1.,"weight_map":{}}`, "without digits after the point"},
	{"bad exponent", `{"x":1e,"weight_map":{}}`, "without digits in its exponent"},
}

func TestHostileIndexes(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.safetensors", file(`{"a":`+one+`}`, 4))
	for _, h := range hostileIndexes {
		put(t, dir, indexName, []byte(h.text))
		m, err := OpenModel(dir)
		if err == nil {
			m.Close()
			t.Errorf("%s: accepted", h.name)
			continue
		}
		path := filepath.Join(dir, indexName)
		if h.want == "is absent" {
			path = filepath.Join(dir, "b.safetensors")
		}
		checkFormatError(t, h.name, err, path, h.want)
	}
}

func put(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func tensorFile(name string) []byte { return file(fmt.Sprintf(`{%q:%s}`, name, one), 4) }

func TestModelRefusesFilesThatDisagree(t *testing.T) {
	const both = `{"weight_map":{"a":"a.safetensors","b":"b.safetensors"}}`
	for _, h := range []struct {
		name  string
		files map[string][]byte
		at    string
		want  string
	}{
		{"a tensor in two files", map[string][]byte{indexName: []byte(both), "a.safetensors": tensorFile("a"),
			"b.safetensors": file(`{"b":`+one+`,"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}`, 5)}, "b.safetensors", "it stands in a.safetensors too"},
		{"files exchanged", map[string][]byte{indexName: []byte(both), "a.safetensors": tensorFile("b"), "b.safetensors": tensorFile("a")},
			indexName, "the index says it is in a.safetensors, and it is in b.safetensors"},
		{"a broken file", map[string][]byte{indexName: []byte(both), "a.safetensors": tensorFile("a"), "b.safetensors": {1}}, "b.safetensors", "too short"},
		{"pickles", map[string][]byte{"pytorch_model.bin": {0x80, 2}}, "", "can run code"},
		{"a checkpoint", map[string][]byte{"consolidated.00.pth": {0x80, 2}}, "", "can run code"},
		{"gguf", map[string][]byte{"q4.gguf": []byte("GGUF")}, "", "GGUF"},
		{"an adapter", map[string][]byte{"adapter_model.safetensors": tensorFile("a")}, "", "name the file itself"},
		{"unfinished", map[string][]byte{"model.safetensors.partial": tensorFile("a")}, "", "unfinished"},
		{"other things", map[string][]byte{"training_args.bin": {0x80, 2}, "config.json": []byte("{}")}, "", "neither model.safetensors nor"},
	} {
		dir := t.TempDir()
		for name, data := range h.files {
			put(t, dir, name, data)
		}
		m, err := OpenModel(dir)
		if err == nil {
			m.Close()
			t.Errorf("%s: accepted", h.name)
			continue
		}
		checkFormatError(t, h.name, err, filepath.Join(dir, h.at), h.want)
	}
}

func TestModelWarnings(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "model-1.safetensors", file(`{"a":`+one+`,"extra":{"dtype":"U8","shape":[1],"data_offsets":[4,5]}}`, 5))
	put(t, dir, "model-2.safetensors", tensorFile("stray"))
	put(t, dir, indexName, []byte(`{"metadata":{"total_size":4.0,"other":[true,false,null,{"x":-1.5e+3}]},"weight_map":{"a":"model-1.safetensors"},"more":"ignored"}`))
	m, err := OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	warnings := strings.Join(m.Warnings(), "\n")
	for _, want := range []string{`does not list 1 tensors that are in its files, such as "extra"`, "4 bytes in total, and they have 5", "model-2.safetensors is not part of the model"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("no warning says %q:\n%s", want, warnings)
		}
	}
	if unlisted := m.Unlisted(); len(unlisted) != 1 || unlisted[0].Name != "extra" || len(m.Tensors()) != 1 {
		t.Errorf("unlisted %v, listed %v", unlisted, m.Tensors())
	}

	put(t, dir, singleName, tensorFile("single"))
	m, err = OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, ok := m.Tensor("single"); !ok || len(m.Warnings()) != 1 {
		t.Errorf("beside an index, %s is read with the warnings %q", singleName, m.Warnings())
	}
}

// Links may lead to the blobs of the Hub's cache, and nowhere else.
func TestModelFollowsLinksOfTheCacheOnly(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "models--org--name")
	snapshot := filepath.Join(cache, "snapshots", "0123abcd")
	put(t, snapshot, "config.json", []byte("{}"))
	put(t, filepath.Join(cache, "blobs"), "5e5f", tensorFile("a"))
	link := filepath.Join(snapshot, singleName)
	if err := os.Symlink("../../blobs/5e5f", link); err != nil {
		t.Skip("SKIPPED: no symbolic links here: ", err)
	}
	m, err := OpenModel(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	m.Close()

	for _, target := range []string{"../../../outside.safetensors", filepath.Join(cache, "..", "outside.safetensors")} {
		put(t, filepath.Dir(cache), "outside.safetensors", tensorFile("a"))
		os.Remove(link)
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
		_, err = OpenModel(snapshot)
		checkFormatError(t, target, err, link, "a link to a file outside")
	}
	// An absolute link inside a folder that is named by a relative path.
	os.Remove(link)
	put(t, snapshot, "weights", tensorFile("a"))
	if err := os.Symlink(filepath.Join(snapshot, "weights"), link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Dir(snapshot))
	if m, err = OpenModel(filepath.Base(snapshot)); err != nil {
		t.Fatal(err)
	}
	m.Close()
	// A user who names the file means it.
	if m, err = OpenModel(link); err != nil {
		t.Fatal(err)
	}
	m.Close()
}

func TestCheckNoticesChanges(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"removed":  os.Remove,
		"longer":   func(path string) error { return os.Truncate(path, 1000) },
		"shorter":  func(path string) error { return os.Truncate(path, 70) },
		"replaced": func(path string) error { return replace(path, tensorFile("w")) },
		"touched":  func(path string) error { return os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)) },
	} {
		dir := t.TempDir()
		put(t, dir, singleName, tensorFile("w"))
		m, err := OpenModel(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		if err := m.Check(); err != nil {
			t.Errorf("before: %v", err)
		}
		path := filepath.Join(dir, singleName)
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		checkFormatError(t, name, m.Check(), path, "changed while it was read")
	}
}

func replace(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// A file that is cut after it was opened gives errors, not signals or zeros.
func TestReadOfACutFile(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, singleName, tensorFile("w"))
	path := filepath.Join(dir, singleName)
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(path, f.Size()-2); err != nil {
		t.Fatal(err)
	}
	w, _ := f.Tensor("w")
	_, err = w.ReadAt(make([]byte, 4), 0)
	checkFormatError(t, "a cut file", err, path, "it became shorter")
	_, err = f.SHA256(t.Context())
	checkFormatError(t, "a cut file", err, path, "it became shorter")
}

func TestTensorReadAt(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, singleName, append(file(`{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}`, 0), "helloabc"...))
	f, err := Open(filepath.Join(dir, singleName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a, _ := f.Tensor("a")
	for _, c := range []struct {
		off  int64
		n    int
		want string
		err  error
	}{{0, 5, "hello", nil}, {1, 2, "el", nil}, {3, 5, "lo", io.EOF}, {5, 1, "", io.EOF}, {9, 1, "", io.EOF}, {5, 0, "", nil}} {
		p := make([]byte, c.n)
		n, err := a.ReadAt(p, c.off)
		if string(p[:n]) != c.want || err != c.err {
			t.Errorf("%d bytes at %d: %q, %v", c.n, c.off, p[:n], err)
		}
	}
	if _, err := a.ReadAt(nil, -1); err == nil {
		t.Error("a negative offset is no error")
	}
	if _, err := (Tensor{Name: "a", Size: 5}).ReadAt(make([]byte, 5), 0); err == nil {
		t.Error("a tensor without a file is read")
	}
	if a.Elements() != 5 || a.DType != U8 || !slices.Equal(a.Shape, []int64{5}) {
		t.Errorf("%+v", a)
	}
}

func TestDTypes(t *testing.T) {
	for d := BOOL; d <= U64; d++ {
		back, err := ParseDType(d.String())
		if err != nil || back != d || d.Bits() == 0 {
			t.Errorf("%s comes back as %s, %v", d, back, err)
		}
	}
	if DType(0).Bits() != 0 || DType(200).Bits() != 0 || DType(200).String() != "DType(200)" {
		t.Error("a value that is no dtype has a size")
	}
}
