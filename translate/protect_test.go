package translate

import (
	"strings"
	"testing"

	"github.com/kurakurai/luth/internal/fakellm"
)

// A long block of code comes out as it went in, though the model is never
// shown it; a translation without its tag is refused.
func TestLongCodeIsNotShown(t *testing.T) {
	block := "```python\n" + strings.Repeat("total = total + values[index]\n", 20) + "```"
	in := constrained(t, "Explain to a beginner what this program does, and why it is slow.\n\n"+block, "It adds.")
	kept := "Expliquez à un débutant ce que fait ce programme, et pourquoi il est lent.\n\n<code-block id=\"1\"/>"
	options, _ := served(t, fakellm.Options{Fixed: kept}, "")
	out, balance := mustRun(t, in, prompts(t, nil), options)
	if balance.Out != 1 {
		t.Fatalf("balance %+v, dropped %+v", balance, droppedOf(t, out))
	}
	if got := samplesOf(t, out)[0].Messages[0].Content; !strings.HasSuffix(got, "lent.\n\n"+block) {
		t.Errorf("%q", got)
	}

	options, _ = served(t, fakellm.Options{Fixed: strings.TrimSuffix(kept, "<code-block id=\"1\"/>")}, "")
	if out, balance = mustRun(t, in, prompts(t, nil), options); balance.Dead["code"] != 1 {
		t.Errorf("balance %+v, dropped %+v", balance, droppedOf(t, out))
	}
}
