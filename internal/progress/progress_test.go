package progress

import (
	"bytes"
	"strings"
	"testing"
)

func TestLinesInAPipe(t *testing.T) {
	var out bytes.Buffer
	b := New(&out, "extract", 10)
	b.Add(3)
	b.Note("host 3")
	b.Close()
	if got := out.String(); !strings.HasPrefix(got, "extract 3/10 in ") || !strings.HasSuffix(got, "  host 3\n") {
		t.Errorf("got %q", got)
	}
}

func TestNilBarDoesNothing(t *testing.T) {
	var b *Bar
	b.Add(1)
	b.SetTotal(1)
	b.Note("x")
	b.Close()
}
