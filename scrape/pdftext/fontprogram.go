package pdftext

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// type1Encoding reads the glyph names in the clear part of a Type 1 font
// program: "dup 65 /A put" between "/Encoding" and "def" (Adobe Type 1 Font
// Format, section 2.2).
func type1Encoding(data []byte) (names [256]string) {
	start := bytes.Index(data, []byte("/Encoding"))
	if start < 0 {
		return names
	}
	l := &lexer{data: data[start+len("/Encoding"):]}
	code := -1
	for range 4096 {
		switch t := l.next(); t.kind {
		case tokenNumber:
			code = int(t.num)
		case tokenName:
			if code >= 0 && code < 256 && string(t.bytes) != ".notdef" {
				names[code] = string(t.bytes)
			}
			code = -1
		case tokenOp:
			switch string(t.bytes) {
			case "StandardEncoding":
				return standardNames()
			case "def", "readonly":
				return names
			}
		case tokenEOF:
			return names
		}
	}
	return names
}

// standardNames gives names that stand for the standard encoding's texts.
func standardNames() (names [256]string) {
	for c, text := range standard() {
		if text != "" {
			r := []rune(text)
			names[c] = "u" + pad4(strconv.FormatUint(uint64(r[0]), 16))
			for _, next := range r[1:] {
				names[c] += "_u" + pad4(strconv.FormatUint(uint64(next), 16))
			}
		}
	}
	return names
}

func pad4(hex string) string { return "0000"[min(len(hex), 4):] + hex }

// cffReader walks a Compact Font Format program (Adobe Technical Note 5176).
// Reading past the end sets bad and gives zeros.
type cffReader struct {
	data []byte
	pos  int
	bad  bool
}

func (r *cffReader) uint(size int) (v int) {
	if size < 0 || size > 4 || r.pos < 0 || r.pos+size > len(r.data) {
		r.bad = true
		return 0
	}
	for _, b := range r.data[r.pos : r.pos+size] {
		v = v<<8 | int(b)
	}
	r.pos += size
	return v
}

// index reads an INDEX structure and returns its elements.
func (r *cffReader) index() [][]byte {
	count := r.uint(2)
	if count == 0 || r.bad {
		return nil
	}
	size := r.uint(1)
	if size < 1 || size > 4 || r.pos+size*(count+1) > len(r.data) {
		r.bad = true
		return nil
	}
	offsets := make([]int, count+1)
	for i := range offsets {
		offsets[i] = r.uint(size)
	}
	base := r.pos - 1
	items := make([][]byte, count)
	for i := range items {
		from, to := base+offsets[i], base+offsets[i+1]
		if offsets[i] < 1 || from > to || to > len(r.data) {
			r.bad = true
			return nil
		}
		items[i] = r.data[from:to]
	}
	r.pos = base + offsets[count]
	return items
}

// topDict returns the operands of the integer-valued operators of a DICT.
func topDict(data []byte) map[int][]int {
	dict := make(map[int][]int)
	var operands []int
	r := &cffReader{data: data}
	for r.pos < len(data) && !r.bad {
		switch b := r.uint(1); {
		case b == 12:
			dict[1200+r.uint(1)] = operands
			operands = nil
		case b <= 21:
			dict[b] = operands
			operands = nil
		case b == 28:
			operands = append(operands, int(int16(r.uint(2))))
		case b == 29:
			operands = append(operands, int(int32(r.uint(4))))
		case b == 30: // a real number, two digits a byte, ended by 0xf
			for n := 0; n&0xf != 0xf && !r.bad; {
				n = r.uint(1)
			}
			operands = append(operands, 0)
		case b >= 32 && b <= 246:
			operands = append(operands, b-139)
		case b >= 247 && b <= 250:
			operands = append(operands, (b-247)*256+r.uint(1)+108)
		case b >= 251 && b <= 254:
			operands = append(operands, -(b-251)*256-r.uint(1)-108)
		}
	}
	return dict
}

// cffEncoding returns the glyph names of the built-in encoding of a CFF font.
func cffEncoding(data []byte) (names [256]string) {
	if len(data) < 4 {
		return names
	}
	r := &cffReader{data: data, pos: int(data[2])}
	r.index() // font names
	tops := r.index()
	strings := r.index()
	if r.bad || len(tops) == 0 {
		return names
	}
	dict := topDict(tops[0])
	operand := func(op int) int {
		if v := dict[op]; len(v) > 0 {
			return v[0]
		}
		return 0
	}
	r.pos = operand(17)
	glyphs := len(r.index())
	if r.bad || glyphs == 0 {
		return names
	}
	charset := readCharset(data, operand(15), glyphs, strings)
	if at := operand(16); at > 1 {
		return readEncoding(data, at, charset)
	}
	return standardNames()
}

// readCharset returns the name of each glyph but the first, .notdef, at 0.
func readCharset(data []byte, at, glyphs int, strings [][]byte) []string {
	names := make([]string, 1, glyphs)
	name := func(sid int) string {
		if sid < len(cffStrings) {
			return cffStrings[sid]
		}
		if sid -= 391; sid >= 0 && sid < len(strings) {
			return string(strings[sid])
		}
		return ""
	}
	if at <= 2 { // a predefined set; ISOAdobe's strings are in order
		for sid := 1; sid < glyphs; sid++ {
			names = append(names, name(sid))
		}
		return names
	}
	r := &cffReader{data: data, pos: at}
	format := r.uint(1)
	for len(names) < glyphs && !r.bad {
		sid, left := r.uint(2), 0
		if format > 0 {
			left = r.uint(min(format, 2))
		}
		for i := 0; i <= left && len(names) < glyphs; i++ {
			names = append(names, name(sid+i))
		}
	}
	return names
}

// readEncoding applies a custom encoding table to the glyphs' names.
func readEncoding(data []byte, at int, charset []string) (names [256]string) {
	r := &cffReader{data: data, pos: at}
	format, count := r.uint(1)&0x7f, r.uint(1)
	glyph := 1
	for range count {
		code, left := r.uint(1), 0
		if format == 1 {
			left = r.uint(1)
		}
		for i := 0; i <= left && code+i < 256 && glyph < len(charset); i++ {
			names[code+i] = charset[glyph]
			glyph++
		}
	}
	return names
}

// glyphTexts is the inverse of a TrueType font's Unicode cmap: text by glyph
// index.
type glyphTexts struct {
	text  map[uint32]string
	steps int // entries read, some perhaps again and again
}

// trueTypeText inverts the Unicode cmap (format 4 or 12) of a TrueType font
// (OpenType specification, "cmap").
func trueTypeText(data []byte) map[uint32]string {
	t := glyphTexts{text: make(map[uint32]string)}
	be := binary.BigEndian
	table := sfntTable(data, "cmap")
	if len(table) < 4 {
		return t.text
	}
	for i := range int(be.Uint16(table[2:])) {
		if 4+8*i+8 > len(table) || t.steps > maxCMap {
			break
		}
		record := table[4+8*i:]
		platform, at := be.Uint16(record), be.Uint32(record[4:])
		if platform != 0 && platform != 3 || uint64(at)+16 > uint64(len(table)) {
			continue
		}
		switch sub := table[at:]; be.Uint16(sub) {
		case 4:
			t.invertFormat4(sub)
		case 12:
			t.invertFormat12(sub)
		}
	}
	return t.text
}

func sfntTable(data []byte, tag string) []byte {
	be := binary.BigEndian
	if len(data) < 12 {
		return nil
	}
	for i := range int(be.Uint16(data[4:])) {
		at := 12 + 16*i
		if at+16 > len(data) {
			return nil
		}
		from, size := uint64(be.Uint32(data[at+8:])), uint64(be.Uint32(data[at+12:]))
		if string(data[at:at+4]) == tag && from+size <= uint64(len(data)) {
			return data[from : from+size]
		}
	}
	return nil
}

func (t *glyphTexts) invertFormat4(sub []byte) {
	be := binary.BigEndian
	segments := int(be.Uint16(sub[6:])) / 2
	if 16+8*segments > len(sub) {
		return
	}
	for i := range segments {
		end := int(be.Uint16(sub[14+2*i:]))
		start := int(be.Uint16(sub[16+2*segments+2*i:]))
		delta := int(be.Uint16(sub[16+4*segments+2*i:]))
		rangeAt := 16 + 6*segments + 2*i
		offset := int(be.Uint16(sub[rangeAt:]))
		for c := start; c <= end && c != 0xffff && t.steps <= maxCMap; c++ {
			glyph := c + delta
			if offset != 0 {
				at := rangeAt + offset + 2*(c-start)
				if at+2 > len(sub) {
					break
				}
				if glyph = int(be.Uint16(sub[at:])); glyph != 0 {
					glyph += delta
				}
			}
			t.set(uint32(glyph&0xffff), rune(c))
		}
	}
}

func (t *glyphTexts) invertFormat12(sub []byte) {
	be := binary.BigEndian
	for i := range int(be.Uint32(sub[12:])) {
		at := 16 + 12*i
		if at+12 > len(sub) || t.steps > maxCMap {
			return
		}
		t.steps++
		start, end, glyph := be.Uint32(sub[at:]), be.Uint32(sub[at+4:]), be.Uint32(sub[at+8:])
		for c := start; c <= min(end, 0x10ffff) && t.steps <= maxCMap; c++ {
			t.set(glyph+c-start, rune(c))
		}
	}
}

// set keeps the smallest character that shows a glyph, so that a space wins
// over a no-break space.
func (t *glyphTexts) set(glyph uint32, r rune) {
	t.steps++
	if glyph == 0 {
		return
	}
	if old, ok := t.text[glyph]; !ok || old > string(r) {
		t.text[glyph] = string(r)
	}
}
