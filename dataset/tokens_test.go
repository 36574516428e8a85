package dataset

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/kurakurai/luth/internal/tokenizer"
)

// smallTokenizer writes the tokenizer.json of the goldens of
// internal/tokenizer into a folder of its own.
func smallTokenizer(t *testing.T, name string) (path string) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "internal", "tokenizer", "testdata", "golden", name+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "tokenizer.json")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// countedDataset writes the test dataset with its tokens, and returns them as
// counted by hand.
func countedDataset(t *testing.T, dir, tokenizerPath string, n int) (want map[string]int64) {
	t.Helper()
	counter, err := OpenTokenCounter(tokenizerPath)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := tokenizer.Load(tokenizerPath)
	if err != nil {
		t.Fatal(err)
	}
	w, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	w.Tokens, w.ShardBytes = counter, 2000
	want = map[string]int64{}
	for i := range n {
		s, split := testSample(i), []string{"test", "train"}[i%2]
		for _, m := range s.Messages {
			want[split] += int64(len(raw.Encode(nil, m.Content)))
		}
		if err := w.Write(split, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(Meta{Name: "counted"}); err != nil {
		t.Fatal(err)
	}
	return want
}

func TestManifestCountsTokens(t *testing.T) {
	path, dir := smallTokenizer(t, "qwen2"), filepath.Join(t.TempDir(), "set")
	want := countedDataset(t, dir, path, 300)
	m, _, err := ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m.Tokenizer == nil || m.Tokenizer.Name != "tokenizer.json" || len(m.Tokenizer.SHA256) != 64 {
		t.Errorf("tokenizer %+v", m.Tokenizer)
	}
	shards := map[string]int64{}
	for _, s := range m.Shards {
		shards[s.Split] += s.Tokens
	}
	for _, s := range m.Splits {
		if s.Tokens == 0 || s.Tokens != want[s.Name] || shards[s.Name] != want[s.Name] {
			t.Errorf("split %s: %d tokens, %d in its shards, want %d", s.Name, s.Tokens, shards[s.Name], want[s.Name])
		}
	}
	card, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(card), fmt.Sprintf(" %d |\n", want["train"])) || !strings.Contains(string(card), m.Tokenizer.SHA256) {
		t.Errorf("the card does not tell the tokens:\n%s", card)
	}
	text, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(filepath.Dir(path))) {
		t.Error("the manifest holds the folder of the tokenizer")
	}
}

func TestVerifyTokens(t *testing.T) {
	path, dir := smallTokenizer(t, "qwen2"), filepath.Join(t.TempDir(), "set")
	countedDataset(t, dir, path, 20)
	other := smallTokenizer(t, "llama3")
	edit := func(m *Manifest) {}
	check := func(tokenizer, wantTokens, wantDifference string) {
		t.Helper()
		editManifest(t, dir, edit)
		var counter *TokenCounter
		if tokenizer != "" {
			var err error
			if counter, err = OpenTokenCounter(tokenizer); err != nil {
				t.Fatal(err)
			}
		}
		report, err := VerifyTokens(t.Context(), dir, counter)
		if err != nil {
			t.Fatal(err)
		}
		if report.Tokens != wantTokens {
			t.Errorf("tokens %s, want %s", report.Tokens, wantTokens)
		}
		if found := strings.Join(report.Differences, "\n"); !strings.Contains(found, wantDifference) || wantDifference == "" && found != "" {
			t.Errorf("differences %q, want %q", found, wantDifference)
		}
	}
	check("", TokensNotChecked, "")
	check(path, TokensChecked, "")
	check(other, TokensNotChecked, "its tokens are of tokenizer.json with SHA-256")
	edit = func(m *Manifest) { m.Splits[0].Tokens++ }
	check("", TokensNotChecked, "split test")
	edit = func(m *Manifest) { m.Shards[0].Tokens++ }
	check("", TokensNotChecked, cardName) // both are one too many: of the manifest only counting tells
	check(path, TokensChecked, "tokens, the manifest says")

	plain := filepath.Join(t.TempDir(), "plain")
	writeTestDataset(t, plain, 5, DefaultShardBytes)
	counter, err := OpenTokenCounter(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := VerifyTokens(t.Context(), plain, counter); err == nil || !strings.Contains(err.Error(), "counts no tokens") {
		t.Errorf("a manifest without tokens: %v", err)
	}
	if report, err := Verify(t.Context(), plain); err != nil || report.Tokens != TokensNone {
		t.Errorf("a manifest without tokens: %s, %v", report.Tokens, err)
	}
	text, err := os.ReadFile(filepath.Join(plain, ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("token")) {
		t.Errorf("a manifest without tokens mentions them:\n%s", text)
	}
}

// editManifest changes manifest.json in place.
func editManifest(t *testing.T, dir string, edit func(*Manifest)) {
	t.Helper()
	m, _, err := ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	edit(&m)
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ManifestName), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestStatsOfTokens(t *testing.T) {
	path, dir := smallTokenizer(t, "qwen2"), filepath.Join(t.TempDir(), "set")
	want := countedDataset(t, dir, path, 60)
	var first string
	for _, workers := range []string{"1", "4"} {
		t.Setenv("GOMAXPROCS", workers)
		out, _, err := execute(t, NewCommand(), "stats", dir, "--tokenizer", path, "--json")
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = out
		}
		if out != first {
			t.Errorf("other statistics:\n%s\n%s", first, out)
		}
	}
	var stats Stats
	if err := json.Unmarshal([]byte(first), &stats); err != nil {
		t.Fatal(err)
	}
	tokens := stats.Tokens
	if tokens == nil || tokens.Total != want["test"]+want["train"] || tokens.Splits["train"] != want["train"] ||
		tokens.Roles["user"]+tokens.Roles["assistant"]+tokens.Roles["system"] != tokens.Total ||
		tokens.Lengths["user"].Max == 0 || tokens.Lengths["user"].Min > tokens.Lengths["user"].P50 {
		t.Errorf("tokens %+v, want %v", tokens, want)
	}
	out, _, err := execute(t, NewCommand(), "stats", dir, "--tokenizer", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{fmt.Sprintf("\ntokens         %d\n", tokens.Total), "\ntokens in a message  min", "\nrole       tokens\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
}

// TestTokenizeKeepsOrder has more batches than workers.
func TestTokenizeKeepsOrder(t *testing.T) {
	tok, err := tokenizer.Load(smallTokenizer(t, "llama3"))
	if err != nil {
		t.Fatal(err)
	}
	var in, want bytes.Buffer
	for i := range 20_000 {
		text := fmt.Sprintf("La question %d : « où ? » <|eot_id|>", i)
		fmt.Fprintf(&in, "{\"text\":%q}\n", text)
		if i%100 == 0 {
			in.WriteString("\n") // passed over
		}
		fmt.Fprintf(&want, "{\"ids\":%s}\n", strings.ReplaceAll(fmt.Sprint(tok.EncodeSpecial(nil, text)), " ", ","))
	}
	for _, workers := range []int{1, 5} {
		var out, back bytes.Buffer
		options := tokenizeOptions{special: true, workers: workers}
		if err := tokenizeLines(t.Context(), bytes.NewReader(in.Bytes()), "in", &out, tok, options); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), want.Bytes()) {
			t.Fatalf("%d workers: other ids", workers)
		}
		options = tokenizeOptions{decode: true, workers: workers}
		if err := tokenizeLines(t.Context(), &out, "in", &back, tok, options); err != nil {
			t.Fatal(err)
		}
		if lines := strings.Split(back.String(), "\n"); len(lines) != 20_001 || lines[777] != `{"text":"<|begin_of_text|>La question 777 : « où ? » <|eot_id|>"}` {
			t.Errorf("%d lines, one is %s", len(lines), lines[777])
		}
	}
}

func TestTokenizeNamesTheLine(t *testing.T) {
	tok, err := tokenizer.Load(smallTokenizer(t, "qwen2"))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", batchBytes)
	for _, c := range []struct {
		line   string
		decode bool
		want   string
	}{
		{line: `{"text":`, want: "in: line 3: "},
		{line: `{"ids":[1]}`, want: `in: line 3: there is no "text"`},
		{line: `{"text":null}`, want: `in: line 3: there is no "text"`},
		{line: `{"text":"a","text":"b"}`, want: "duplicate"},
		{line: "{\"text\":\"\xff\"}", want: "UTF-8"},
		{line: `["a"]`, want: "in: line 3: "},
		{line: `{"text":"a"}`, decode: true, want: `in: line 3: there is no "ids"`},
		{line: `{"ids":[-1]}`, decode: true, want: "in: line 3: -1 is the id of no token"},
		{line: `{"ids":[99999]}`, decode: true, want: "in: line 3: 99999 is the id of no token"},
		{line: `{"ids":[1.5]}`, decode: true, want: "in: line 3: "},
		{line: `{"ids":[3000000000]}`, decode: true, want: "in: line 3: "},
	} {
		good := `{"text":"` + long + `"}`
		if c.decode {
			good = `{"ids":[0],"more":"` + long + `"}`
		}
		in := strings.NewReader(good + "\n" + good + "\n" + c.line + "\n" + good + "\n")
		var out bytes.Buffer
		err := tokenizeLines(t.Context(), in, "in", &out, tok, tokenizeOptions{decode: c.decode, workers: 3})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.line, err, c.want)
		}
		if n := bytes.Count(out.Bytes(), []byte("\n")); n != 2 {
			t.Errorf("%s: %d answers before it, want 2", c.line, n)
		}
	}
}

func TestRecipeNamesTheTokenizer(t *testing.T) {
	dir := t.TempDir()
	qwen2, gpt2 := smallTokenizer(t, "qwen2"), smallTokenizer(t, "gpt2")
	t.Chdir(dir)
	if err := os.MkdirAll("recipes", 0o755); err != nil {
		t.Fatal(err)
	}
	recipe, tokenizerPath := filepath.Join("recipes", "counted.yaml"), filepath.Join("recipes", "tokenizer.json")
	if err := os.WriteFile(recipe, []byte("name: counted\ntokenizer: tokenizer.json\nstages: [collect, make, keep]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ran := map[string]int{}
	build := func() BuildReport {
		t.Helper()
		r, err := ReadRecipe(recipe)
		if err != nil {
			t.Fatal(err)
		}
		report, err := Build(t.Context(), r, countingStages(ran), BuildOptions{Workers: 2, Stderr: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	install := func(path string) {
		t.Helper()
		if err := os.Rename(path, tokenizerPath); err != nil {
			t.Fatal(err)
		}
	}
	install(qwen2)
	first := build()
	if first.UpToDate || len(first.Splits) != 1 || first.Splits[0].Tokens == 0 {
		t.Errorf("first build: %+v", first)
	}
	if again := build(); !again.UpToDate || again.Fingerprint != first.Fingerprint {
		t.Errorf("second build: %+v", again)
	}
	install(gpt2)
	other := build()
	if other.UpToDate || other.Fingerprint == first.Fingerprint || ran["make"] != 1 {
		t.Errorf("build with another tokenizer: %+v; ran %v", other, ran)
	}
	if err := os.Remove(tokenizerPath); err != nil {
		t.Fatal(err)
	}
	r, err := ReadRecipe(recipe)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Build(t.Context(), r, countingStages(ran), BuildOptions{Stderr: io.Discard}); err == nil || !strings.Contains(err.Error(), "recipe counted: tokenizer: ") {
		t.Errorf("build without the tokenizer: %v", err)
	}
}
