package fidelity

import (
	"strings"
	"testing"
)

func TestProtect(t *testing.T) {
	long := "```py\n" + strings.Repeat("x = 1\n", 80) + "```"
	other := "~~~\n" + strings.Repeat("y = 2\n", 80) + "~~~"
	source := "Explain:\n" + long + "\nand\n" + other + "\nand ```short```."
	text, blocks := Protect(source)
	if want := "Explain:\n<code-block id=\"1\"/>\nand\n<code-block id=\"2\"/>\nand ```short```."; text != want || len(blocks) != 2 {
		t.Fatalf("%q, %d blocks", text, len(blocks))
	}
	if got, err := Restore(strings.Replace(text, "Explain", "Expliquez", 1), blocks); err != nil || got != strings.Replace(source, "Explain", "Expliquez", 1) {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{
		"Expliquez.", "<code-block id=\"2\"/> <code-block id=\"1\"/>", text + " <code-block id=\"1\"/>", text + " <code-block id=\"3\"/>", strings.Replace(text, "id=\"1\"", "id='1'", 1),
	} {
		if got, err := Restore(bad, blocks); err == nil {
			t.Errorf("%q restored as %q", bad, got)
		}
	}
	for _, same := range []string{"no code", "```\nshort\n```", "<code-block id=\"1\"/>\n" + long, "```\n" + strings.Repeat("never closed\n", 80)} {
		if text, blocks := Protect(same); text != same || blocks != nil {
			t.Errorf("%.40q became %.40q", same, text)
		}
	}
	if got, err := Restore("<code-block id=\"1\"/>", nil); err != nil || got != "<code-block id=\"1\"/>" {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzProtect(f *testing.F) {
	f.Add("a\n```\n" + strings.Repeat("x", LongCode) + "\n```\nb")
	f.Fuzz(func(t *testing.T, source string) {
		text, blocks := Protect(source)
		if got, err := Restore(text, blocks); err != nil || got != source {
			t.Errorf("%q became %q, %q, %v", source, text, got, err)
		}
	})
}
