package translate

import (
	"strings"
	"testing"

	"github.com/kurakurai/luth/dataset"
)

func TestCommandSaysHowToGoOn(t *testing.T) {
	f := stageFlags{Options: Options{Limit: 9, Replay: true}}
	b := dataset.Balance{In: 9, Out: 2, Dead: map[string]int64{"length": 3, "language": 1, deadRow: 1}, Pending: 2}
	var text strings.Builder
	if err := f.printNext(&text, "out", b, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 samples in out\n", "rehearsal", "luth dataset head out\n", "4 in out/dropped", "--retry-dead",
		"1 rows of the input cannot be read", "2 not asked for", "without --limit and --replay\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
	text.Reset()
	if err := (&stageFlags{}).printNext(&text, "out", dataset.Balance{In: 2, Out: 2}, false); err != nil || text.String() != "\n2 samples in out\nsee it:   luth dataset head out\n" {
		t.Errorf("%v, %q", err, text.String())
	}
}
