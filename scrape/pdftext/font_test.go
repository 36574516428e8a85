package pdftext

import (
	"testing"
)

func TestNameText(t *testing.T) {
	for name, want := range map[string]string{
		"eacute": "é", "ffi": "ffi", "f_f_i": "ffi", "a.alt": "a", "uni00E9": "é", "u1D400": "𝐀", "uni00E90061": "éa",
		"summationdisplay": "∑", "parenleftbt": "", "llbracket": "⟦", "nosuchglyph": "", "uniZZZZ": "", "uD800": "",
	} {
		if got := nameText(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestEncodings(t *testing.T) {
	for _, c := range []struct {
		name string
		e    *encoding
		code byte
		want string
	}{
		{"WinAnsi é", &winAnsi, 0xe9, "é"}, {"WinAnsi œ", &winAnsi, 0x9c, "œ"}, {"WinAnsi €", &winAnsi, 0x80, "€"},
		{"MacRoman é", &macRoman, 0x8e, "é"}, {"Standard quote", standard(), 0x27, "’"}, {"Standard fi", standard(), 0xae, "fi"},
		{"Standard oe", standard(), 0xfa, "œ"}, {"Standard ß", standard(), 0xfb, "ß"},
		{"Symbol alpha", symbol(), 0x61, "α"}, {"Symbol element", symbol(), 0xce, "∈"}, {"Symbol integral", symbol(), 0xf2, "∫"},
		{"OT1 ffi", texOT1(), 14, "ffi"}, {"OT1 acute", texOT1(), 19, "´"}, {"OT1 œ", texOT1(), 27, "œ"},
		{"T1 fi", texT1(), 28, "fi"}, {"T1 é", texT1(), 0xe9, "é"}, {"T1 Œ", texT1(), 0xd7, "Œ"}, {"T1 «", texT1(), 19, "«"},
	} {
		if got := c.e[c.code]; got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestBitmapFontsChooseTheirEncoding(t *testing.T) {
	var ot1, t1 [256]string
	ot1[12], ot1[19] = "a12", "a19"
	t1[28] = "a28"
	if texEncoding(ot1) != texOT1() || texEncoding(t1) != texT1() {
		t.Error("wrong encoding chosen")
	}
}

func TestType1Encoding(t *testing.T) {
	names := type1Encoding([]byte("%!PS-AdobeFont\n/Encoding 256 array\n0 1 255 {1 index exch /.notdef put} for\ndup 11 /ff put\ndup 65 /A put\nreadonly def\n/Private"))
	if names[11] != "ff" || names[65] != "A" || names[66] != "" {
		t.Errorf("got %q %q %q", names[11], names[65], names[66])
	}
	if got := nameText(type1Encoding([]byte("/Encoding StandardEncoding def"))[0xae]); got != "fi" {
		t.Errorf("standard encoding: code 0xae is %q", got)
	}
}

func TestCMap(t *testing.T) {
	m := parseCMap([]byte("1 begincodespacerange <00><ff> endcodespacerange\n2 beginbfchar <01> <0041> <02> /eacute endbfchar\n" +
		"2 beginbfrange <03> <05> <0061> <06> <07> [<0031> <00320033>] endbfrange 1 begincidrange <0000> <ffff> 7 endcidrange"))
	for c, want := range map[uint32]string{1: "A", 2: "é", 3: "a", 5: "c", 6: "1", 7: "23"} {
		if got := m.text[c]; got != want {
			t.Errorf("code %d: got %q, want %q", c, got, want)
		}
	}
	if m.width([]byte("ab")) != 1 || m.lookupCID(3) != 10 {
		t.Errorf("width %d, cid %d", m.width([]byte("ab")), m.lookupCID(3))
	}
}

func TestNumber(t *testing.T) {
	for word, want := range map[string]float64{"12": 12, "-3.5": -3.5, "+.25": .25, "4.": 4, "--2": -2, "0.00-5": 0} {
		if got, ok := number([]byte(word)); !ok || got != want {
			t.Errorf("%s: got %v %v", word, got, ok)
		}
	}
	for _, word := range []string{"", "-", ".", "Tj", "1e5", "1.2.3"} {
		if _, ok := number([]byte(word)); ok {
			t.Errorf("%q is no number", word)
		}
	}
}

func TestLexer(t *testing.T) {
	l := &lexer{data: []byte(`[(a\(b\051\101\n)<4 1 4>]/Na%c` + "\nTJ<</K 1>>")}
	var got []string
	for {
		tok := l.next()
		if tok.kind == tokenEOF {
			break
		}
		got = append(got, string(tok.bytes))
	}
	want := []string{"[", "a(b)A\n", "A@", "]", "Na", "TJ", "<", "K", "", ">"}
	if len(got) != len(want) {
		t.Fatalf("got %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("token %d: got %q, want %q", i, got[i], want[i])
		}
	}
}

func FuzzFontPrograms(f *testing.F) {
	f.Add([]byte("/Encoding 256 array dup 65 /A put readonly def"))
	f.Add([]byte{1, 0, 4, 1, 0, 1, 1, 1, 2, 'F', 0, 1, 1, 1, 3, 139, 17, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		type1Encoding(data)
		cffEncoding(data)
		trueTypeText(data)
	})
}

func FuzzCMap(f *testing.F) {
	f.Add([]byte("1 beginbfrange <0000> <ffff> <0061> endbfrange"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := parseCMap(data)
		m.width(data)
		if len(m.text) > maxCMap {
			t.Errorf("%d entries", len(m.text))
		}
	})
}
