package dataset

import (
	"iter"
	"path/filepath"
	"strings"
	"testing"
)

func rowsOf(rows ...Row) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func TestDiff(t *testing.T) {
	row := func(split string, n int) Row { return Row{split, testSample(n)} }
	harder := row("train", 2)
	harder.Sample.Difficulty = "hard"
	id := func(n int) string { return testSample(n).ID }
	tests := []struct {
		name string
		a, b []Row
		same int64
		want []string
	}{
		{"equal, other order", []Row{row("train", 1), row("train", 2)}, []Row{row("train", 2), row("train", 1)}, 2, nil},
		{"added", nil, []Row{row("train", 1)}, 0, []string{"+ " + id(1)}},
		{"removed", []Row{row("train", 1)}, nil, 0, []string{"- " + id(1)}},
		{"changed", []Row{row("train", 2)}, []Row{harder}, 0, []string{"~ " + id(2)}},
		{"moved", []Row{row("train", 2)}, []Row{row("test", 2)}, 0, []string{"> " + id(2) + " train -> test"}},
		{"twice and once", []Row{row("train", 1), row("train", 1)}, []Row{row("train", 1)}, 1, []string{"- " + id(1)}},
		{"in two splits", []Row{row("train", 1), row("test", 1)}, []Row{row("test", 1), row("train", 1)}, 2, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := Diff(t.Context(), rowsOf(test.a...), rowsOf(test.b...))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(c.lines(), "\n"); got != strings.Join(test.want, "\n") || c.Same != test.same || c.Equal() != (test.want == nil) {
				t.Errorf("%s, %d the same", got, c.Same)
			}
		})
	}
}

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	bad := Row{"train", Sample{Messages: []Message{{RoleAssistant, "un texte"}}}}
	rows := []Row{{"train", testSample(1)}, bad, {"test", testSample(2)}}
	unreadable := func(yield func(Row, error) bool) {
		for r := range rowsOf(rows...) {
			if !yield(r, nil) {
				return
			}
		}
		yield(Row{}, &RowError{Path: "x.jsonl", Row: 4, Err: errLineTooLong})
	}
	for _, output := range []string{"set", "a.parquet", "a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		path := filepath.Join(dir, output)
		b, err := Convert(t.Context(), unreadable, path, func(*RowError) {})
		if err != nil {
			t.Fatal(err)
		}
		if b.In != 4 || b.Out != 2 || b.Dropped["invalid"] != 1 || b.Dead["unreadable"] != 1 || b.Check() != nil {
			t.Errorf("%s: %+v", output, b)
		}
		again, err := OpenAny(path)
		if err != nil {
			t.Fatal(err)
		}
		stats, err := Count(t.Context(), again)
		if err != nil || stats.Rows != 2 {
			t.Errorf("%s: %d rows, %v", output, stats.Rows, err)
		}
	}
	report, err := Verify(t.Context(), filepath.Join(dir, "set"))
	if err != nil || len(report.Differences) != 0 || report.Dropped != 1 {
		t.Errorf("%+v %v", report, err)
	}
}
