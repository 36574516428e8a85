package pdftext

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/ledongthuc/pdf"
)

// matrix is the affine map x' = a x + c y + e, y' = b x + d y + f.
type matrix struct{ a, b, c, d, e, f float64 }

var identity = matrix{a: 1, d: 1}

// mul returns the map that applies m first, then n.
func (m matrix) mul(n matrix) matrix {
	return matrix{
		a: m.a*n.a + m.b*n.c, b: m.a*n.b + m.b*n.d,
		c: m.c*n.a + m.d*n.c, d: m.c*n.b + m.d*n.d,
		e: m.e*n.a + m.f*n.c + n.e, f: m.e*n.b + m.f*n.d + n.f,
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// graphics is the part of the graphics state that places text.
type graphics struct {
	ctm                  matrix
	font                 *font
	size, char, word     float64 // Tfs, Tc, Tw
	scale, leading, rise float64 // Th, Tl, Trise
}

// interpreter runs the content streams of one page and collects glyphs and
// rules (PDF 32000-1:2008, sections 8 and 9).
type interpreter struct {
	ctx     context.Context
	fonts   *fontCache
	glyphs  []glyph
	rules   []rule
	images  int
	picture float64 // area of the largest image, square points
	paints  int     // paths filled or stroked
	up      int     // glyphs that run up the page
	down    int     // glyphs that run down the page
	seen    int     // glyphs shown
	lost    int     // of these, without text

	graphics
	named      namedFonts
	stack      []graphics
	text, line matrix // Tm, Tlm
	space      bool
	operands   []operand
	path       []rule
	at         [2]float64 // current point of the path
	marked     []bool     // for each open marked-content sequence: is it page furniture?
	furniture  int
	depth      int // nesting of form XObjects
	ops        int
}

// namedFonts are the fonts of the current resources.
type namedFonts struct {
	dict   pdf.Value
	refs   map[string]string
	byName map[string]*font
}

// operand is a number, a string or name, or an array of these.
type operand struct {
	kind  tokenKind
	num   float64
	bytes []byte
	array []operand
}

const (
	maxFormDepth = 12
	maxGlyphs    = 60_000 // on one page
	maxRules     = 20_000
	maxOperands  = 512
	maxOps       = 4_000_000
	maxStates    = 512
	maxShadow    = 3         // how many glyphs ago one may have been drawn that is drawn again
	maxMapped    = 2_000_000 // entries of the maps of all fonts
)

// run interprets one content stream with its resources.
func (in *interpreter) run(data []byte, resources pdf.Value) error {
	l := &lexer{data: data}
	defer func(outer namedFonts) { in.named = outer }(in.named)
	in.named = namedFonts{}
	in.operands = in.operands[:0]
	for {
		t := l.next()
		switch t.kind {
		case tokenEOF:
			return nil
		case tokenOp:
			if in.ops++; in.ops%1024 == 0 && in.ctx.Err() != nil {
				return fmt.Errorf("%w: time", errHostile)
			}
			if in.ops > maxOps || len(in.glyphs) > maxGlyphs {
				return fmt.Errorf("%w: a page of over %d operators or %d characters", errHostile, maxOps, maxGlyphs)
			}
			if string(t.bytes) == "ID" {
				l.skipInlineImage()
				in.image()
			} else if err := in.operator(string(t.bytes), resources); err != nil {
				return err
			}
			in.operands = in.operands[:0]
		default:
			if len(in.operands) < maxOperands {
				in.operands = append(in.operands, readOperand(l, t))
			}
		}
	}
}

// readOperand completes the operand that begins with t. Dictionaries are
// given as their source text.
func readOperand(l *lexer, t token) operand {
	switch {
	case t.kind == tokenDelim && t.bytes[0] == '[':
		o := operand{kind: tokenDelim}
		for len(o.array) < 1<<16 {
			e := l.next()
			if e.kind == tokenEOF || e.kind == tokenDelim || e.kind == tokenOp {
				break
			}
			o.array = append(o.array, readOperand(l, e))
		}
		return o
	case t.kind == tokenDelim && t.bytes[0] == '<':
		start := l.pos
		for depth := 1; depth > 0; {
			e := l.next()
			if e.kind == tokenEOF {
				break
			}
			if e.kind == tokenDelim && e.bytes[0] == '<' {
				depth++
			} else if e.kind == tokenDelim && e.bytes[0] == '>' {
				depth--
			}
		}
		return operand{kind: tokenOp, bytes: l.data[start:min(l.pos, len(l.data))]}
	case t.kind == tokenString:
		return operand{kind: tokenString, bytes: append([]byte(nil), t.bytes...)}
	}
	return operand{kind: t.kind, num: t.num, bytes: t.bytes}
}

// num returns the i-th operand as a number, 0 when it is none.
func (in *interpreter) num(i int) float64 {
	if i < len(in.operands) {
		return in.operands[i].num
	}
	return 0
}

func (in *interpreter) last() operand {
	if n := len(in.operands); n > 0 {
		return in.operands[n-1]
	}
	return operand{}
}

func (in *interpreter) operandMatrix() matrix {
	return matrix{in.num(0), in.num(1), in.num(2), in.num(3), in.num(4), in.num(5)}
}

func (in *interpreter) operator(op string, resources pdf.Value) error {
	switch op {
	case "q":
		if len(in.stack) < maxStates {
			in.stack = append(in.stack, in.graphics)
		}
	case "Q":
		if n := len(in.stack); n > 0 {
			in.graphics, in.stack = in.stack[n-1], in.stack[:n-1]
		}
	case "cm":
		in.ctm = in.operandMatrix().mul(in.ctm)
	case "Do":
		return in.xobject(string(in.last().bytes), resources)
	case "BDC", "BMC":
		in.beginMarked(op)
	case "EMC":
		in.endMarked()
	case "m", "l", "re", "h", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "n":
		in.pathOperator(op)
	default:
		in.textOperator(op, resources)
	}
	return nil
}

func (in *interpreter) textOperator(op string, resources pdf.Value) {
	switch op {
	case "BT":
		in.text, in.line = identity, identity
	case "Tf":
		if len(in.operands) >= 2 {
			in.selectFont(string(in.operands[0].bytes), resources)
			in.size = in.num(1)
		}
	case "Tc":
		in.char = in.num(0)
	case "Tw":
		in.word = in.num(0)
	case "Tz":
		in.scale = in.num(0) / 100
	case "TL":
		in.leading = in.num(0)
	case "Ts":
		in.rise = in.num(0)
	case "Td":
		in.moveLine(in.num(0), in.num(1))
	case "TD":
		in.leading = -in.num(1)
		in.moveLine(in.num(0), in.num(1))
	case "Tm":
		in.text = in.operandMatrix()
		in.line = in.text
	case "T*":
		in.moveLine(0, -in.leading)
	case "Tj":
		in.show(in.last().bytes)
	case "'":
		in.moveLine(0, -in.leading)
		in.show(in.last().bytes)
	case "\"":
		in.word, in.char = in.num(0), in.num(1)
		in.moveLine(0, -in.leading)
		in.show(in.last().bytes)
	case "TJ":
		for _, o := range in.last().array {
			if o.kind == tokenString {
				in.show(o.bytes)
			} else {
				in.text = matrix{a: 1, d: 1, e: -o.num / 1000 * in.size * in.scale}.mul(in.text)
			}
		}
	}
}

func (in *interpreter) selectFont(name string, resources pdf.Value) {
	f, ok := in.named.byName[name]
	if !ok {
		if in.named.byName == nil {
			fonts := resources.Key("Font")
			in.named = namedFonts{fonts, in.fonts.references(fonts), make(map[string]*font)}
		}
		f = in.fonts.get(in.named.dict, name, in.named.refs[name])
		in.named.byName[name] = f
	}
	in.font = f
}

func (in *interpreter) moveLine(tx, ty float64) {
	in.line = matrix{a: 1, d: 1, e: tx, f: ty}.mul(in.line)
	in.text = in.line
}

// show places the characters of one string.
func (in *interpreter) show(s []byte) {
	if in.font == nil {
		return
	}
	for len(s) > 0 && len(in.glyphs) <= maxGlyphs {
		ch, n := in.font.next(s)
		spacing := in.char
		if n == 1 && s[0] == ' ' {
			spacing += in.word
		}
		in.place(ch)
		in.text = matrix{a: 1, d: 1, e: (ch.width*in.size + spacing) * in.scale}.mul(in.text)
		s = s[n:]
	}
}

// place records one glyph at the current text position.
func (in *interpreter) place(ch char) {
	text := ch.text
	if strings.TrimSpace(text) == "" && text != "" {
		in.space = true
		return
	}
	in.seen++
	if text == "" && !ch.piece {
		if ch.mark {
			in.markTip(ch)
		}
		if ch.width == 0 || ch.mark {
			return
		}
		in.lost++
		text = "\ufffd"
	}
	m := in.text.mul(in.ctm)
	// Text that runs up or down a page labels axes and margins: it is no line.
	if a := math.Copysign(1, in.size) * m.a; a <= 0 || math.Abs(m.b) > 0.1*a || in.furniture > 0 {
		in.countTurned(m)
		return
	}
	x0, y := m.apply(0, in.rise)
	x1, _ := m.apply(ch.width*in.size*in.scale, in.rise)
	g := glyph{
		text: text, x0: x0, x1: x1, y: y,
		size: math.Abs(in.size) * in.font.size * math.Sqrt(math.Abs(m.a*m.d-m.b*m.c)),
		font: in.font, space: in.space, piece: ch.piece,
	}
	in.space = false
	if ch.depth > 0 {
		g.hang(ch.depth * g.size)
		if n := len(in.glyphs); ch.piece && n > 0 && in.glyphs[n-1].continues(g) {
			in.glyphs[n-1].extend(g)
			return
		}
	}
	for n, back := len(in.glyphs), 1; back <= min(n, maxShadow) && !ch.piece; back++ {
		if g.shadows(in.glyphs[n-back]) {
			return
		}
	}
	in.glyphs = append(in.glyphs, g)
}

// markTip notes upright rules at the sides of a glyph that is not read. Those
// of a brace below or above a formula are joined by a rule, which these keep
// from being taken for a fraction's bar.
func (in *interpreter) markTip(ch char) {
	m := in.text.mul(in.ctm)
	x0, y := m.apply(0, in.rise)
	x1, _ := m.apply(ch.width*in.size*in.scale, in.rise)
	for _, x := range []float64{x0, x1} {
		if len(in.rules) < maxRules {
			in.rules = append(in.rules, newRule(x, y-minBar, x, y+minBar))
		}
	}
}

// countTurned counts the glyphs that run up and down the page.
func (in *interpreter) countTurned(m matrix) {
	switch b := math.Copysign(1, in.size) * m.b; {
	case math.Abs(m.a) > 0.1*math.Abs(b):
	case b < 0:
		in.up++
	default:
		in.down++
	}
}

// xobject draws a form, or counts an image.
func (in *interpreter) xobject(name string, resources pdf.Value) error {
	x := resources.Key("XObject").Key(name)
	switch x.Key("Subtype").Name() {
	case "Image":
		in.image()
		return nil
	case "Form":
	default:
		return nil
	}
	if in.ctx.Err() != nil {
		return fmt.Errorf("%w: time", errHostile)
	}
	if in.depth >= maxFormDepth {
		return nil
	}
	data, err := in.fonts.file.stream(x)
	if errors.Is(err, errHostile) {
		return err
	}
	if err != nil && len(data) == 0 {
		return nil // a damaged picture is no reason to lose the page
	}
	saved, stack := in.graphics, in.stack
	m := identity
	if v := x.Key("Matrix"); v.Len() == 6 {
		m = matrix{v.Index(0).Float64(), v.Index(1).Float64(), v.Index(2).Float64(), v.Index(3).Float64(), v.Index(4).Float64(), v.Index(5).Float64()}
	}
	in.ctm = m.mul(in.ctm)
	inner := x.Key("Resources")
	if inner.IsNull() {
		inner = resources
	}
	in.depth++
	err = in.run(data, inner)
	in.depth--
	in.graphics, in.stack = saved, stack
	return err
}
