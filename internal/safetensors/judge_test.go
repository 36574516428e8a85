package safetensors

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// judge runs testdata/judge_safetensors.py and returns its lines. Without the
// packages the test is skipped, or fails where LUTH_REQUIRE_TOOLS is 1.
func judge(t *testing.T, mode string, input []byte) []string {
	t.Helper()
	python := os.Getenv("LUTH_PYTHON")
	if python == "" {
		python = "python3"
	}
	packages := "from safetensors import TensorSpec; import huggingface_hub"
	if out, err := exec.Command(python, "-c", packages).CombinedOutput(); err != nil {
		message := fmt.Sprintf("SKIPPED: %s lacks the Python packages safetensors>=0.8 or huggingface_hub (%v %s); set LUTH_PYTHON to one that has them", python, err, out)
		if os.Getenv("LUTH_REQUIRE_TOOLS") == "1" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	cmd := exec.Command(python, "testdata/judge_safetensors.py", mode)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("judge %s: %v", mode, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// judgeRead returns what the official package reads in each file, nil where
// it refuses, as name: [dtype, shape, sha256].
func judgeRead(t *testing.T, files [][]byte) []map[string][]any {
	t.Helper()
	var input []byte
	for _, f := range files {
		input = append(binary.LittleEndian.AppendUint32(input, uint32(len(f))), f...)
	}
	lines := judge(t, "read", input)
	if len(lines) != len(files) {
		t.Fatalf("the judge gave %d lines for %d files", len(lines), len(files))
	}
	verdicts := make([]map[string][]any, len(files))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &verdicts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return verdicts
}

// stricter are the errors of files that the official package reads. For each:
// the specification forbids it, two parsers could understand it differently,
// or no model needs it.
var stricter = []string{
	"stands twice",                    // the specification disallows duplicate keys
	"does not begin with '{'",         // the specification wants '{' first
	"where only spaces may stand",     // and pads with spaces
	"unknown field",                   // read by nobody, so it hides data
	"control characters",              // in names
	"a name of",                       // longer than 1024 bytes
	"more than 8 numbers",             // dimensions
	"overflows 63 bits",               // dimensions of tensors without elements
	"the header's __metadata__: byte", // null for a map
}

// We accept nothing that the official package refuses, read the same in what
// both accept, and refuse more only for the reasons above.
func TestJudgeAgreesOnWhatToRefuse(t *testing.T) {
	valid := [][]byte{
		file(`{"a":`+one+`,"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]}}`, 16),
		file(`{"__metadata__":{"format":"pt","k":"v"},"a":`+one+`,"z":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}   `, 4),
		file(`{"t":{"dtype":"F4","shape":[2,2],"data_offsets":[0,2]},"\u00e9\"\\":{"dtype":"I64","shape":[],"data_offsets":[2,10]}}`, 10),
	}
	files := slices.Clone(valid)
	for _, h := range hostileFiles {
		files = append(files, h.data)
	}
	r := rand.New(rand.NewPCG(11, 12))
	for range 6000 {
		files = append(files, mutate(r, valid[r.IntN(len(valid))]))
	}
	accepted, refused, reasons := 0, 0, make(map[string]int)
	for i, official := range judgeRead(t, files) {
		h, err := readHeader(bytes.NewReader(files[i]), int64(len(files[i])))
		switch {
		case err == nil && official == nil:
			t.Errorf("accepted, and the official package refuses: %q", files[i])
		case err == nil:
			accepted++
			checkSameTensors(t, files[i], h, official)
		case official == nil:
			refused++
		default:
			j := slices.IndexFunc(stricter, func(s string) bool { return strings.Contains(err.Error(), s) })
			if j < 0 {
				t.Errorf("refused, and the official package accepts: %q\n%v", files[i], err)
				continue
			}
			reasons[stricter[j]]++
		}
	}
	t.Logf("%d files: both accept %d, both refuse %d, refused by us alone: %v", len(files), accepted, refused, reasons)
	if accepted < 100 || refused < 1000 {
		t.Error("the mutations are too tame or too wild to show anything")
	}
}

func checkSameTensors(t *testing.T, data []byte, h header, official map[string][]any) {
	t.Helper()
	ours := make(map[string][]any)
	for _, tensor := range h.tensors {
		ours[tensor.Name] = []any{tensor.DType.String(), tensor.Shape, hexSum(string(data[tensor.begin:][:tensor.Size]))}
	}
	got, err := json.Marshal(ours)
	if err != nil {
		t.Fatal(err)
	}
	want, err := json.Marshal(official)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%q reads as\n%s, and officially as\n%s", data, got, want)
	}
}

// mutate changes a valid file in one to three places, of which most are in the
// header, and corrects the header's length as often as not.
func mutate(r *rand.Rand, valid []byte) []byte {
	length := int(binary.LittleEndian.Uint64(valid))
	text, data := slices.Clone(valid[8:8+length]), slices.Clone(valid[8+length:])
	tokens := []string{`"`, "{", "}", "[", "]", ",", ":", " ", "\n", "0", "1", "4", "-", ".", "e", `\u0000`, `\ud800`, "\\", "\xff", "null", "18446744073709551616", `"x":1,`, one, `"dtype":"F32",`, `"__metadata__":{},`}
	for range 1 + r.IntN(3) {
		i := r.IntN(len(text) + 1)
		j := min(len(text), i+r.IntN(3))
		switch r.IntN(8) {
		case 0:
			text = slices.Delete(text, i, j)
		case 1:
			text = slices.Insert(text, i, []byte(tokens[r.IntN(len(tokens))])...)
		case 2:
			text = slices.Replace(text, i, j, []byte(tokens[r.IntN(len(tokens))])...)
		case 3: // repeat a piece elsewhere
			text = slices.Insert(text, r.IntN(len(text)+1), slices.Clone(text[i:min(len(text), i+r.IntN(60))])...)
		case 4: // change a digit, so that the JSON stays valid
			digits := []int{}
			for k, c := range text {
				if c >= '0' && c <= '9' {
					digits = append(digits, k)
				}
			}
			if len(digits) > 0 {
				text[digits[r.IntN(len(digits))]] = byte('0' + r.IntN(10))
			}
		case 5: // one space more or less
			text = append(bytes.TrimRight(text, " "), strings.Repeat(" ", r.IntN(3))...)
		case 6:
			data = append(data, make([]byte, r.IntN(2))...)
		case 7:
			data = data[:len(data)-min(len(data), r.IntN(2))]
		}
	}
	if r.IntN(4) > 0 {
		length = len(text)
	}
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(length)), text...), data...)
}

// The official writer gives the same bytes, for all dtypes it can write.
func TestJudgeWritesTheSameBytes(t *testing.T) {
	type judged struct {
		Name  string  `json:"name"`
		DType string  `json:"dtype"`
		Shape []int64 `json:"shape"`
		Data  []byte  `json:"data"`
	}
	type model struct {
		Tensors  []judged          `json:"tensors"`
		Metadata map[string]string `json:"metadata"`
	}
	r := rand.New(rand.NewPCG(21, 22))
	var models []model
	var specs [][]Tensor
	for i := range 200 {
		var list []Tensor
		for j := range r.IntN(30) {
			dtype := DType(1 + r.IntN(int(U64)))
			if dtype == F4 || dtype == F6_E2M3 || dtype == F6_E3M2 { // the Python package does not write them as they are
				dtype = U8
			}
			shape := make([]int64, r.IntN(5))
			for k := range shape {
				shape[k] = r.Int64N(4)
			}
			name := []string{"model.layers.", "été ", "a\"\\/<&>\u2028", "", "z\U0001F600"}[r.IntN(5)] + fmt.Sprint(j)
			list = append(list, Tensor{Name: name, DType: dtype, Shape: shape})
		}
		m := model{Tensors: []judged{}}
		if i%2 == 0 { // one key: the official order of several is random
			m.Metadata = map[string]string{"format": []string{"pt", "\n\t\x01\"é\u2029"}[i/2%2]}
		}
		for _, spec := range list {
			m.Tensors = append(m.Tensors, judged{spec.Name, spec.DType.String(), spec.Shape, content(spec)})
		}
		models, specs = append(models, m), append(specs, list)
	}
	input, err := json.Marshal(models)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range judge(t, "write", input) {
		want, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		w := create(t, dir, specs[i], Options{Metadata: models[i].Metadata})
		writeAll(t, w, specs[i])
		finish(t, w)
		if got := contents(t, dir)[singleName]; got != string(want) {
			t.Fatalf("model %d:\n%q, and officially\n%q", i, got, want)
		}
	}
}

// Files that we write load: the judge reads the tensors that went in.
func TestJudgeReadsWhatWeWrite(t *testing.T) {
	dir := t.TempDir()
	w := create(t, dir, testSpecs, Options{MaxShardBytes: 100, Metadata: map[string]string{"format": "pt", "b": "2", "a": "1"}})
	writeAll(t, w, testSpecs)
	finish(t, w)
	m, err := OpenModel(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var files [][]byte
	for _, f := range m.Files() {
		data, err := io.ReadAll(io.NewSectionReader(f.f, 0, f.Size()))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	for i, official := range judgeRead(t, files) {
		checkSameTensors(t, files[i], m.files[i].header, official)
	}
}

// Shards are cut and indexed as huggingface_hub does.
func TestJudgeSplitsTheSame(t *testing.T) {
	type judged struct {
		Tensors [][]any `json:"tensors"`
		Limit   int64   `json:"limit"`
	}
	r := rand.New(rand.NewPCG(31, 32))
	var cases []judged
	var specs [][]Tensor
	for range 60 {
		c := judged{Tensors: [][]any{}, Limit: 1 + r.Int64N(200)}
		var list []Tensor
		for j := range 1 + r.IntN(20) {
			size := r.Int64N([]int64{3, 50, 300}[r.IntN(3)])
			spec := Tensor{Name: fmt.Sprint("tensor.", (j*7)%20), DType: U8, Shape: []int64{size}}
			list = append(list, spec)
			c.Tensors = append(c.Tensors, []any{spec.Name, size})
		}
		cases, specs = append(cases, c), append(specs, list)
	}
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range judge(t, "split", input) {
		var want *string
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		w := create(t, dir, specs[i], Options{MaxShardBytes: cases[i].Limit})
		writeAll(t, w, specs[i])
		finish(t, w)
		got, sharded := contents(t, dir)[indexName]
		if sharded != (want != nil) || sharded && got != *want {
			t.Fatalf("case %d, %v:\n%s\nand officially\n%v", i, cases[i], got, line)
		}
	}
}
