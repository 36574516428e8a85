package tokenizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// badFiles are edits of a good file, and what the error must name.
var badFiles = []struct{ old, new, want string }{
	{`"version":"1.0"`, `"version":"2.0"`, `version "2.0"`},
	{`"version":"1.0"`, `"version":"1.0","version":"1.0"`, "duplicate"},
	{`"version":"1.0"`, `"version":"1.0","vexsion":"1.0"`, "vexsion"},
	{`"truncation":null`, `"truncation":{"max_length":5}`, "truncation"},
	{`"padding":null`, `"padding":{"strategy":"BatchLongest"}`, "padding"},
	{`"normalizer":{"type":"NFC"}`, `"normalizer":{"type":"NFKC"}`, "normalizer: NFKC"},
	{`"normalizer":{"type":"NFC"}`, `"normalizer":{"type":"Sequence","normalizers":[{"type":"Lowercase"}]}`, "Lowercase"},
	{`"normalizer":{"type":"NFC"}`, `"normalizer":{"type":"NFC","more":1}`, "more"},
	{`"normalizer":{"type":"NFC"}`, `"normalizer":{}`, "no type"},
	{`"normalizer":{"type":"NFC"}`, `"normalizer":` + strings.Repeat(`{"type":"Sequence","normalizers":[`, 30) + strings.Repeat(`]}`, 30), "too deep"},
	{`"normalizer":{"type":"NFC"}`, `"normalizer":` + strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000), "depth"},
	{`|\\p{N}|`, `|\\p{N}+|`, "regular expression"},
	{`"behavior":"Isolated"`, `"behavior":"Removed"`, "Isolated"},
	{`"invert":false`, `"invert":true`, "invert"},
	{`"type":"Split"`, `"type":"Whitespace"`, "Whitespace"},
	{`{"type":"Split"`, `{"type":"Digits","individual_digits":true},{"type":"Split"`, "Digits, Split, ByteLevel"},
	{`{"type":"Split"`, `{"type":"Digits","individual_digits":false},{"type":"Split"`, "individual_digits"},
	{`"pre_tokenizer":{"type":"Sequence"`, `"pre_tokenizer":null,"x":{"type":"Sequence"`, `"x"`},
	{`"add_prefix_space":false,"trim_offsets":false,"use_regex":false}]`, `"add_prefix_space":true,"trim_offsets":false,"use_regex":false}]`, "add_prefix_space"},
	{`"decoder":{"type":"ByteLevel"`, `"decoder":{"type":"Metaspace"`, "decoder"},
	{`"decoder":{`, `"decoder":null,"was":{`, "was"},
	{`"post_processor":{"type":"ByteLevel"`, `"post_processor":{"type":"BertProcessing"`, "BertProcessing"},
	{`"type":"BPE"`, `"type":"Unigram"`, "Unigram"},
	{`"dropout":null`, `"dropout":0.1`, "dropout"},
	{`"continuing_subword_prefix":""`, `"continuing_subword_prefix":"##"`, "continuing_subword_prefix"},
	{`"end_of_word_suffix":""`, `"end_of_word_suffix":"</w>"`, "end_of_word_suffix"},
	{`"ignore_merges":false`, `"ignore_merges":1`, "ignore_merges"},
	{`"vocab":{"!":0,`, `"vocab":{"!":1,`, "same id"},
	{`"vocab":{"!":0,`, `"vocab":{"!":-1,`, "-1"},
	{`"vocab":{"!":0,`, `"vocab":{"!":0.5,`, "0.5"},
	{`"vocab":{"!":0,`, `"vocab":{"!":"0",`, "not a number"},
	{`"vocab":{"!":0,`, `"vocab":{"!":999999999,`, "999999999"},
	{`"vocab":{"!":0,`, `"vocab":{"!":0,"!":0,`, "duplicate"},
	{`"vocab":{"!":0,`, `"vocab":{"":9000,"!":0,`, ""},
	{`"vocab":{"!":0,`, `"vocab":["!",0,`, ""},
	{`"merges":["`, `"merges":["a ","`, "merge 0"},
	{`"merges":["`, `"merges":["a","`, "merge 0"},
	{`"merges":["`, `"merges":["a b c","`, "merge 0"},
	{`"merges":["`, `"merges":[["a"],"`, "merge 0"},
	{`"merges":["`, `"merges":[["a","b","c"],"`, "merge 0"},
	{`"merges":["`, `"merges":[["a",1],"`, "merge 0"},
	{`"merges":["`, `"merges":[7,"`, "merge 0"},
	{`"merges":["`, `"merges":["q zebra","`, "not all of them"},
	{`"content":"<|endoftext|>"`, `"content":""`, "0 bytes"},
	{`"content":"<|im_start|>"`, `"content":"<|endoftext|>"`, "twice"},
	{`"id":600`, `"id":6000`, "would give it 600"},
	{`"special":true`, `"special":"yes"`, "special"},
	{`"special":true`, `"special":true,"kind":1`, "kind"},
	{"\"!\":0,", "\"\xff\":0,", "UTF-8"},
	{`}`, ``, ""},
}

func edited(tb testing.TB, old, new string) string {
	text := string(familyFile(tb, "qwen2"))
	if !strings.Contains(text, old) {
		tb.Fatalf("the file of qwen2 has no %s", old)
	}
	return strings.Replace(text, old, new, 1)
}

func TestBadFiles(t *testing.T) {
	for _, c := range badFiles {
		_, err := Parse([]byte(edited(t, c.old, c.new)))
		if err == nil {
			t.Errorf("%s for %s: no error", c.new, c.old)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v; want it to say %q", c.new, c.old, err, c.want)
		}
	}
	for _, text := range []string{"", "null", "{}", "[]", `{"model":{}}`, `{"model":null}`, "\x00"} {
		if _, err := Parse([]byte(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokenizer.json")
	if _, err := Load(path); !os.IsNotExist(err) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("broken file: %v", err)
	}
}
