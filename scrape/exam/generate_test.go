package exam_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kurakurai/luth/scrape/document"
	"github.com/kurakurai/luth/scrape/exam"
)

// The property tests print random question trees as a subject and a correction
// in many ways of numbering, with decoys, and check what Align makes of them.
// Every question holds a word of its own, every answer another.

// question is a node of a random paper. Leaves are asked; the others introduce.
type question struct {
	level    int // 0 exercise, 1 part, 2 number, 3 letter, 4 roman
	value    int
	children []*question
	id       int // of a leaf
	text     []string
	answer   []string
	skipped  bool // the correction does not answer it
}

// style is a way of numbering.
type style struct {
	exercise, part, number, letter, roman string
	oneLine                               bool // "1. a." on one line
	compound                              bool // "1.a)" for every letter
	through                               bool // numbers go on through the parts
	announced                             bool // Q1, Q2, ... instead of numbers
	layout                                bool // with indents
	repeats                               bool // the correction repeats the questions
	joins                                 bool // the correction answers some neighbours together
	titled                                bool // the correction's parts have titles and no numbers
	steps                                 bool // answers and statements hold numbered steps
}

var (
	exerciseStyles = []string{"Exercice %d", "EXERCICE %d (5 points)", "Exercice %d : Étude", "Exercice %d – Suites et fonctions", "Exercice n° %d", "Problème %d"}
	partStyles     = []string{"Partie %s", "PARTIE %s", "Partie %s : Étude d'un cas", "%s. Étude générale", "%s - Une autre approche"}
	numberStyles   = []string{"%d.", "%d)", "%d°)", "%d°"}
	letterStyles   = []string{"%s.", "%s)", "(%s)"}
	romanStyles    = []string{"%s)", "(%s)", "%s."}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func randomStyle(r *rand.Rand) style {
	return style{
		exercise: pick(r, exerciseStyles), part: pick(r, partStyles), number: pick(r, numberStyles),
		letter: pick(r, letterStyles), roman: pick(r, romanStyles),
		oneLine: r.IntN(2) == 0, compound: r.IntN(5) == 0, layout: r.IntN(3) > 0, repeats: r.IntN(4) == 0,
	}
}

// paper is a random paper with its leaves.
type paper struct {
	r      *rand.Rand
	tops   []*question
	leaves []*question
}

func newPaper(r *rand.Rand) *paper {
	p := &paper{r: r}
	for i := range 1 + r.IntN(4) {
		top := &question{level: 0, value: i + 1, text: p.words(12, i)}
		if r.IntN(2) == 0 {
			for j := range 2 + r.IntN(2) {
				part := &question{level: 1, value: j + 1, text: p.words(10, i)}
				part.children = p.numbers(2, 2+r.IntN(4), i)
				top.children = append(top.children, part)
			}
		} else {
			top.children = p.numbers(2, 3+r.IntN(5), i)
		}
		p.tops = append(p.tops, top)
	}
	return p
}

// numbers makes n siblings of one level below the exercises.
func (p *paper) numbers(level, n, topic int) []*question {
	var out []*question
	for i := range n {
		q := &question{level: level, value: i + 1}
		if level < 4 && p.r.IntN(level*2) == 0 {
			q.text = p.words(8, topic)
			q.children = p.numbers(level+1, 2+p.r.IntN(3), topic)
		} else {
			p.leaf(q, topic)
		}
		out = append(out, q)
	}
	return out
}

var verbs = []string{"Montrer que", "Déterminer", "Calculer", "En déduire", "Justifier que", "Donner", "Étudier", "Résoudre"}

func (p *paper) leaf(q *question, topic int) {
	q.id = len(p.leaves)
	words := p.words(5+p.r.IntN(8), topic)
	q.text = append(append([]string{pick(p.r, verbs)}, words...), fmt.Sprintf("questionno%s.", letterID(q.id)))
	q.answer = append([]string{fmt.Sprintf("Réponseno%s", letterID(q.id))}, p.words(8, topic)...)
	for range 3 + p.r.IntN(5) { // on real papers answers take up words of their questions
		q.answer = append(q.answer, pick(p.r, words))
	}
	q.answer = append(q.answer, p.words(p.r.IntN(30), topic)...)
	p.leaves = append(p.leaves, q)
}

// letterID writes a number in letters, so that it is one word.
func letterID(n int) string {
	return string([]byte{byte('a' + n/26%26), byte('a' + n%26), 'z'})
}

var syllables = strings.Fields("ba co du fe gi lo ma ne pi ro sa tu ve za bri cla dro fla gru pli tra cha")

// words invents n words of a topic; some are formulas and numbers.
func (p *paper) words(n, topic int) []string {
	out := make([]string, n)
	for i := range out {
		switch p.r.IntN(9) {
		case 0:
			out[i] = fmt.Sprintf("f(x) = %d,%d", p.r.IntN(40), p.r.IntN(90)+10)
		case 1:
			out[i] = pick(p.r, []string{"la fonction", "le plan", "on a", "donc", "car", "pour tout réel x", "d'après la question 2"})
		default:
			k := p.r.IntN(40)
			out[i] = syllables[(topic*5+k)%22] + syllables[(topic*7+k/3)%22] + syllables[(k*3+topic)%22]
		}
	}
	return out
}

// printer writes a paper line by line.
type printer struct {
	r       *rand.Rand
	s       style
	lines   []document.Line
	numbers int // last number, for numbering through
	pending string
	indent  float64
}

func (w *printer) put(indent float64, text string) {
	if w.pending != "" {
		text, w.pending = w.pending+" "+text, ""
		indent = w.indent
	}
	for n := 0; text != ""; n++ {
		cut := len(text)
		if cut > 90 {
			cut = strings.LastIndexByte(text[:90], ' ')
		}
		line := document.Line{Text: text[:cut]}
		if w.s.layout {
			line.X0, line.X1, line.Size = indent, indent+5*float64(cut), 11
			if n > 0 {
				line.X0 += 15
			}
			line.Break = n == 0 && w.r.IntN(3) == 0
		}
		w.lines = append(w.lines, line)
		text = strings.TrimSpace(text[cut:])
	}
}

// label writes the number of a question, alone or in front of what follows.
func (w *printer) label(q *question, inner bool) {
	var text string
	switch q.level {
	case 0:
		w.numbers = 0
		w.heading(fmt.Sprintf(w.s.exercise, q.value))
		return
	case 1:
		if !w.s.through {
			w.numbers = 0
		}
		if w.s.titled {
			w.heading(pick(w.r, []string{"Étude d'un premier cas", "Généralisation", "Une autre approche"}))
			return
		}
		w.heading(fmt.Sprintf(w.s.part, string(rune('A'+q.value-1))))
		return
	case 2:
		w.numbers++
		if text = fmt.Sprintf(w.s.number, w.numbers); w.s.announced {
			text = fmt.Sprintf("Q%d.", w.numbers)
		}
	case 3:
		if text = fmt.Sprintf(w.s.letter, string(rune('a'+q.value-1))); w.s.compound {
			text = fmt.Sprintf("%d.%s", w.numbers, text)
		}
	case 4:
		text = fmt.Sprintf(w.s.roman, []string{"", "i", "ii", "iii", "iv", "v"}[q.value])
	}
	if w.pending == "" {
		w.indent = 50 + 20*float64(q.level-2)
	}
	w.pending = strings.TrimSpace(w.pending + " " + text)
	if inner && !(w.s.oneLine && len(q.text) == 0) {
		w.put(w.indent, "")
	}
}

func (w *printer) heading(text string) {
	w.put(50, text)
	w.lines[len(w.lines)-1].Bold = w.s.layout
	w.lines[len(w.lines)-1].Break = true
}

// decoys are lines that look like labels and are none.
var decoys = []string{
	"3.5 est une valeur approchée au dixième,", "et donc en 2019 la valeur est passée à", "for i in range(10):", "    return 2 * x",
	"— premier point de la liste ;", "x = 2 ou x = 3.", "(2x + 1)(x - 3) = 0", "Figure 1. Courbe de la fonction",
}

func (w *printer) subject(q *question) {
	w.label(q, len(q.children) > 0 && q.level >= 2)
	if len(q.text) > 0 {
		w.put(50+20*float64(max(q.level-2, 0)), strings.Join(q.text, " "))
	}
	for _, c := range q.children {
		w.subject(c)
	}
}

// joint tells whether a question and the one after it are answered together.
func (w *printer) joint(siblings []*question, i int) bool {
	if !w.s.joins || i+1 >= len(siblings) || siblings[i].level != 2 || w.s.announced && w.s.compound {
		return false
	}
	a, b := siblings[i], siblings[i+1]
	return len(a.children)+len(b.children) == 0 && !a.skipped && !b.skipped && w.r.IntN(4) == 0
}

// together answers two questions at once: « 2. et 3. », « Questions 4-5 ».
func (w *printer) together(a, b *question) {
	w.numbers += 2
	n := w.numbers
	label := fmt.Sprintf(w.s.number+" et "+w.s.number, n-1, n)
	if w.s.announced {
		label = pick(w.r, []string{fmt.Sprintf("Questions %d et %d :", n-1, n), fmt.Sprintf("Q%d-Q%d.", n-1, n), fmt.Sprintf("Q%d et Q%d :", n-1, n)})
	}
	w.put(50, label+" "+strings.Join(a.answer, " ")+" "+strings.Join(b.answer, " ")+".")
}

// list writes numbered steps, which are no questions.
func (w *printer) list() {
	for i, step := range []string{"on calcule la première somme ;", "on remplace dans la seconde ;", "on recommence tant que possible."} {
		w.put(90, fmt.Sprintf("%d. %s", i+1, step))
	}
}

func (w *printer) correction(q *question) {
	if q.skipped {
		if q.level == 2 {
			w.numbers++
		}
		return
	}
	w.label(q, len(q.children) > 0 && q.level >= 2)
	if len(q.children) == 0 {
		if w.s.repeats {
			w.put(60, strings.Join(q.text, " "))
		}
		w.put(60, strings.Join(q.answer, " ")+".")
		if w.r.IntN(4) == 0 {
			w.put(65, pick(w.r, decoys))
		}
		if w.s.steps && w.r.IntN(6) == 0 {
			w.list()
		}
	}
	for i := 0; i < len(q.children); i++ {
		if w.joint(q.children, i) {
			w.together(q.children[i], q.children[i+1])
			i++
			continue
		}
		w.correction(q.children[i])
	}
}

func (w *printer) text() document.Text {
	t := document.Text{Format: "pdf", Verdict: document.VerdictText}
	for i := 0; i < len(w.lines); i += 45 {
		t.Pages = append(t.Pages, document.Page{Number: len(t.Pages) + 1, Width: 595, Height: 842, Lines: w.lines[i:min(i+45, len(w.lines))]})
	}
	return t
}

// twin is how the correction of a subject is numbered: much as the subject.
func (s style) twin(r *rand.Rand) style {
	c := randomStyle(r)
	c.through, c.announced = s.through, s.announced
	if strings.HasPrefix(s.exercise, "Problème") != strings.HasPrefix(c.exercise, "Problème") {
		c.exercise = s.exercise
	}
	return c
}

// generate prints a random paper and its correction; change may alter the
// paper and the way the correction is written.
func generate(seed int, change func(r *rand.Rand, p *paper, correction *style)) (p *paper, subject, correction *printer) {
	r := rand.New(rand.NewPCG(uint64(seed), 7))
	p = newPaper(r)
	s := randomStyle(r)
	s.repeats = false
	s.announced = r.IntN(4) == 0
	s.through = s.announced || r.IntN(3) == 0
	twin := s.twin(r)
	change(r, p, &twin)
	subject, correction = &printer{r: r, s: s}, &printer{r: r, s: twin}
	for _, top := range p.tops {
		subject.subject(top)
		correction.correction(top)
	}
	return p, subject, correction
}

// TestGeneratedPapers checks that no pair that is kept is wrong, and that few
// are lost, whatever the numbering.
func TestGeneratedPapers(t *testing.T) {
	tests := map[string]struct {
		change func(r *rand.Rand, p *paper, c *style)
		floor  int // per cent of the answered questions that are kept
	}{
		"plain": {func(*rand.Rand, *paper, *style) {}, 95},
		"answers missing": {func(r *rand.Rand, p *paper, _ *style) {
			for _, q := range p.leaves {
				q.skipped = r.IntN(12) == 0
			}
		}, 90},
		"joint answers":     {func(_ *rand.Rand, _ *paper, c *style) { c.joins = true }, 95},
		"parts with titles": {func(_ *rand.Rand, _ *paper, c *style) { c.titled = true }, 60},
		"steps in answers":  {func(_ *rand.Rand, _ *paper, c *style) { c.steps = true }, 95},
	}
	seeds := 60
	if testing.Short() {
		seeds = 25
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var asked, kept int
			for seed := range seeds {
				p, subject, correction := generate(seed, tt.change)
				a, k := checkGenerated(t, seed, p, subject, correction)
				asked, kept = asked+a, kept+k
			}
			t.Logf("%d of %d answered questions kept", kept, asked)
			if kept*100 < asked*tt.floor {
				t.Errorf("%d of %d answered questions kept, want %d%%", kept, asked, tt.floor)
			}
		})
	}
}

// TestGeneratedStrangers checks that corrections of other papers on the same
// subjects, numbered alike, give next to nothing.
func TestGeneratedStrangers(t *testing.T) {
	var asked, kept int
	for seed := range 60 {
		none := func(*rand.Rand, *paper, *style) {}
		p, subject, _ := generate(seed, none)
		_, _, correction := generate(seed+1000, none)
		_, report := exam.Align(subject.text(), correction.text(), exam.Options{})
		asked, kept = asked+len(p.leaves), kept+report.Kept
	}
	if kept*500 > asked {
		t.Errorf("%d of %d questions kept with answers to others", kept, asked)
	}
	t.Logf("%d of %d questions kept with answers to others", kept, asked)
}

// TestGeneratedVersions checks that a correction written for another version of
// its subject does not give answers to the wrong questions.
func TestGeneratedVersions(t *testing.T) {
	tests := map[string]func(r *rand.Rand, siblings []*question) []*question{
		"a question less in front": func(_ *rand.Rand, siblings []*question) []*question { return siblings[1:] },
		"a question less": func(r *rand.Rand, siblings []*question) []*question {
			i := r.IntN(len(siblings))
			return slices.Delete(slices.Clone(siblings), i, i+1)
		},
		"a question more": func(r *rand.Rand, siblings []*question) []*question {
			added := &question{level: siblings[0].level, answer: strings.Fields("Réponsenoxxz on a bien cela")}
			return slices.Insert(slices.Clone(siblings), r.IntN(len(siblings)), added)
		},
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			var asked, wrong int
			for seed := range 60 {
				p, subject, correction := generate(seed, func(*rand.Rand, *paper, *style) {})
				other := &printer{r: correction.r, s: correction.s}
				for _, top := range p.tops {
					first := top
					for first.children[0].level < 2 {
						first = first.children[0]
					}
					first.children = change(p.r, first.children)
					other.correction(top)
				}
				asked += len(p.leaves)
				wrong += wrongPairs(t, seed, subject, other)
			}
			t.Logf("%d of %d questions kept with the answer to another", wrong, asked)
			if wrong*100 > asked {
				t.Errorf("%d of %d questions kept with the answer to another", wrong, asked)
			}
		})
	}
}

// wrongPairs counts the kept pairs whose answers belong to other questions.
func wrongPairs(t *testing.T, seed int, subject, correction *printer) int {
	pairs, _ := exam.Align(subject.text(), correction.text(), exam.Options{})
	wrong := 0
	for _, p := range pairs {
		if q, a := marks(p.Question, "questionno"), marks(p.Answer, "réponseno"); p.Kept && q != a {
			t.Logf("seed %d: %s %.2f has questions %q and answers %q: %+v", seed, p.Path, p.Confidence, q, a, p.Evidence)
			wrong++
		}
	}
	return wrong
}

// checkGenerated aligns a generated paper; it reports kept pairs that are not
// what the generator wrote.
func checkGenerated(t *testing.T, seed int, p *paper, subject, correction *printer) (asked, kept int) {
	t.Helper()
	pairs, report := exam.Align(subject.text(), correction.text(), exam.Options{})
	if got := len(pairs); got != report.Questions {
		t.Errorf("seed %d: %d pairs, but %d questions reported", seed, got, report.Questions)
	}
	for _, q := range p.leaves {
		if !q.skipped {
			asked++
		}
	}
	for _, pair := range pairs {
		if !pair.Kept {
			continue
		}
		questions, answers := marks(pair.Question, "questionno"), marks(pair.Answer, "réponseno")
		if questions != answers || questions == "" {
			t.Errorf("seed %d: %s has questions %q and answers %q\n%.300s\n%.300s", seed, pair.Path, questions, answers, pair.Question, pair.Answer)
		}
		if again := marks(pair.Answer, "questionno"); again != "" {
			t.Errorf("seed %d: %s has the question %q in its answer", seed, pair.Path, again)
		}
		kept += strings.Count(questions, ".")
	}
	return asked, kept
}

// marks lists the identifying words of a text.
func marks(s, prefix string) string {
	var out strings.Builder
	for _, w := range strings.Fields(strings.ToLower(s)) {
		if id, ok := strings.CutPrefix(w, prefix); ok {
			out.WriteString(strings.Trim(id, ".") + ".")
		}
	}
	return out.String()
}
