package dataset

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", 100)
	tests := []struct {
		name, text string
		want       []string // "!" is a line too long
	}{
		{"empty", "", nil},
		{"one", "a", []string{"a"}},
		{"newline at the end", "a\nb\n", []string{"a", "b"}},
		{"empty lines", "\n\na", []string{"", "", "a"}},
		{"longer than the buffer", long[:40] + "\nb", []string{long[:40], "b"}},
		{"too long", long + "\nb\n", []string{"!", "b"}},
		{"too long at the end", "b\n" + long, []string{"b", "!"}},
		{"as long as allowed", long[:49] + "\n", []string{long[:49]}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := bufio.NewReaderSize(strings.NewReader(test.text), 16)
			var got []string
			for {
				line, err := readLine(r, 50)
				if err == io.EOF {
					break
				}
				if err == errLineTooLong {
					line = []byte("!")
				} else if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(line))
			}
			if strings.Join(got, ";") != strings.Join(test.want, ";") || len(got) != len(test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func FuzzJSONSample(f *testing.F) {
	f.Add([]byte(`{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}],"origin":{"row":1},"id":"x"}`))
	f.Add([]byte(`{"conversations":[{"from":"human","value":"u"}]}`))
	f.Add([]byte(`{"instruction":"u","input":"i","output":"a"}`))
	f.Add([]byte(`{"text":"été"}`))
	f.Add([]byte(`{"messages":[null]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := jsonSample(line, "fuzz", 1)
		if err != nil {
			return
		}
		if _, err := jsonSample([]byte(sampleJSON(t, s.withLists())), "fuzz", 1); err != nil {
			t.Errorf("%q was read, but what was written of it is not: %v", line, err)
		}
	})
}
