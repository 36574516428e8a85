package dataset

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

func TestForeignShapes(t *testing.T) {
	tests := []struct {
		name, line string
		want       string // role:content, joined with |
		err        string
	}{
		{"messages", `{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}`, "system:s|user:u|assistant:a", ""},
		{"sharegpt", `{"conversations":[{"from":"system","value":"s"},{"from":"human","value":"u"},{"from":"gpt","value":"a"}]}`, "system:s|user:u|assistant:a", ""},
		{"conversations with roles", `{"conversations":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}]}`, "user:u|assistant:a", ""},
		{"prompt", `{"prompt":"u","completion":"a"}`, "user:u|assistant:a", ""},
		{"openhermes-fr", `{"prompt":"u","accepted_completion":"a","bad_entry":false}`, "user:u|assistant:a", ""},
		{"aya", `{"inputs":"u","targets":"a","language_code":"fra"}`, "user:u|assistant:a", ""},
		{"alpaca", `{"instruction":"u","input":"i","output":"a"}`, "user:u\n\ni|assistant:a", ""},
		{"alpaca without input", `{"instruction":"u","input":"","output":"a"}`, "user:u|assistant:a", ""},
		{"alpaca with null input", `{"instruction":"u","input":null,"output":"a"}`, "user:u|assistant:a", ""},
		{"text", `{"text":"t"}`, "assistant:t", ""},
		{"messages before prompt", `{"prompt":"x","completion":"y","messages":[{"role":"user","content":"u"}]}`, "user:u", ""},
		{"unknown", `{"foo":1,"bar":2}`, "", "unknown row shape: found the columns bar, foo; luth knows messages; conversations;"},
		{"null", `{"messages":null}`, "", "unknown row shape"},
		{"not a list", `{"messages":"hello"}`, "", "messages is not a list"},
		{"no role", `{"messages":[{"content":"u"}]}`, "", "messages[0]: there is neither a role nor a from"},
		{"tool", `{"messages":[{"role":"tool","content":"u"}]}`, "", `messages[0]: unknown speaker "tool"`},
		{"parts", `{"messages":[{"role":"user","content":[{"text":"u"}]}]}`, "", "messages[0]: what the user says is not text"},
		{"number", `{"prompt":1,"completion":"a"}`, "", "prompt and completion are not both text"},
		{"not an object", `[1]`, "", "cannot unmarshal array"},
		{"cut", `{"messages":`, "", "unexpected end of JSON input"},
		{"latin-1", "{\"text\":\"\xe9t\xe9\"}", "", "not valid UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := jsonSample([]byte(test.line), "src", 7)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("%v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := dialogue(s); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
			if s.ID != ContentID(s.Messages) || s.Origin.Row != 7 || s.Origin.Source != "src" {
				t.Errorf("%+v", s)
			}
		})
	}
}

func dialogue(s Sample) string {
	turns := make([]string, len(s.Messages))
	for i, m := range s.Messages {
		turns[i] = m.Role + ":" + m.Content
	}
	return strings.Join(turns, "|")
}

func TestForeignParquet(t *testing.T) {
	type turn struct {
		From  *string `parquet:"from,optional"`
		Value *string `parquet:"value,optional"`
	}
	type row struct {
		ID            int64    `parquet:"id"`
		Conversations []turn   `parquet:"conversations,list"`
		Source        *string  `parquet:"source,optional"`
		Scores        []int32  `parquet:"scores,list"`
		Weight        *float32 `parquet:"weight,optional"`
	}
	human, gpt, hello, bye, wiki := "human", "gpt", "bonjour", "salut", "wiki"
	path := filepath.Join(t.TempDir(), "chat-00000-of-00001.parquet")
	rows := []row{
		{1, []turn{{&human, &hello}, {&gpt, &bye}}, &wiki, []int32{1}, nil},
		{2, []turn{{&human, nil}}, nil, nil, nil},
		{3, []turn{{&human, &bye}, {&gpt, &hello}}, nil, nil, nil},
	}
	if err := parquet.WriteFile(path, rows); err != nil {
		t.Fatal(err)
	}
	var got []string
	bad := 0
	for s, err := range SkipBad(ReadFile(path), func(e *RowError) {
		bad++
		if e.Row != 1 || !strings.Contains(e.Error(), "what the user says is not text") {
			t.Error(e)
		}
	}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.Origin.Source+"/"+dialogue(s))
	}
	want := "wiki/user:bonjour|assistant:salut chat-00000-of-00001/user:salut|assistant:bonjour"
	if strings.Join(got, " ") != want || bad != 1 {
		t.Errorf("%v, %d bad", got, bad)
	}
	if splitOf(path) != "chat" {
		t.Error(splitOf(path))
	}
}

// A file that datasets or pandas wrote with only some of luth's columns.
func TestParquetAbsentColumns(t *testing.T) {
	type row struct {
		Messages []Message                `parquet:"messages,list"`
		Origin   struct{ Source *string } `parquet:"origin,optional"`
	}
	path := filepath.Join(t.TempDir(), "few.parquet")
	if err := parquet.WriteFile(path, []row{{Messages: testSample(1).Messages}}); err != nil {
		t.Fatal(err)
	}
	got := collect(t, ReadFile(path))
	if len(got) != 1 || dialogue(got[0]) != dialogue(testSample(1)) {
		t.Errorf("%+v", got)
	}
}

func TestReadFileErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := sampleJSON(t, testSample(1))
	t.Run("a bad row is named and passed over", func(t *testing.T) {
		path := write("rows.jsonl", good+"\n\n{bad}\r\n"+good)
		rows, bad := 0, 0
		for _, err := range ReadFile(path) {
			var row *RowError
			if errors.As(err, &row) {
				bad++
				if !strings.HasPrefix(err.Error(), path+":3: ") {
					t.Error(err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			rows++
		}
		if rows != 2 || bad != 1 {
			t.Errorf("%d rows, %d bad", rows, bad)
		}
	})
	for _, test := range []struct{ name, text, want string }{
		{"rows.csv", "a,b", "must end in .parquet, .jsonl"},
		{"cut.jsonl.gz", "\x1f\x8b\x08\x00", "EOF"},
		{"cut.jsonl.zst", "\x28\xb5\x2f\xfd\x24", "EOF"},
		{"text.parquet", "this is not a Parquet file", "no Parquet mark"},
		{"short.parquet", "PAR1", "too short"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, err := range ReadFile(write(test.name, test.text)) {
				var row *RowError
				if err == nil || errors.As(err, &row) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.name) {
					t.Errorf("%v", err)
				}
			}
		})
	}
}
