package latex

import "strings"

// sections gives the sectioning commands their level; only those up to the
// counter secnumdepth are numbered.
var sections = map[string]int{"part": 0, "chapter": 0, "section": 1, "subsection": 2, "subsubsection": 3}

// section begins the title of a section, on a line of its own.
func (p *parser) section(name string) {
	starred := p.in.accept('*')
	p.in.optional()
	p.out.paragraph()
	p.out.breakLine()
	if !starred && sections[name] <= p.counter("secnumdepth").value {
		p.refer(name)
		number := `\the` + name
		if name == "part" {
			number = `Partie \thepart`
		}
		if label, ok := p.sectionLabel[name]; ok {
			number = label
		}
		p.out.write(p.inline(number), style{bold: true})
		p.out.space()
	}
	p.out.heading = true
	p.openArgument(true, func(p *parser) { p.out.paragraph() })
}

// part is a sectioning command, but an item in the class exam's parts.
func (p *parser) part() {
	if l := p.innermostList(); l != nil && l.counter == "partno" {
		p.examItem()
		return
	}
	p.section("part")
}

// titleformat reads titlesec's \titleformat{command}[shape]{format}{label}{sep}{before}.
func (p *parser) titleformat() {
	if p.in.accept('*') {
		p.skip("mm")
		return
	}
	name := p.macroName()
	p.skip("om")
	p.sectionLabel[name] = p.in.argument()
	p.skip("mmo")
}

// theorem is an environment of \newtheorem: a name and a number.
type theorem struct{ counter, title string }

// newtheorem reads {name}[shared counter]{title}[owner].
func (p *parser) newtheorem() {
	starred := p.in.accept('*')
	name := strings.TrimSpace(p.in.argument())
	t := theorem{counter: name}
	if shared, ok := p.in.optional(); ok {
		t.counter = p.theorems[strings.TrimSpace(shared)].counter
		if t.counter == "" {
			t.counter = strings.TrimSpace(shared)
		}
	}
	t.title = p.in.argument()
	if owner, ok := p.in.optional(); ok {
		p.own(owner, name)
	}
	if starred {
		t.counter = ""
	}
	p.theorems[name] = t
}

// beginTheorem opens a theorem's environment with its title, which is a
// heading where it names an exercise.
func (p *parser) beginTheorem(name string, t theorem) {
	p.out.paragraph()
	p.out.breakLine()
	heading := t.title
	if t.counter != "" {
		p.refer(t.counter)
		heading += ` \the` + t.counter + "{}"
	}
	if note, ok := p.in.optional(); ok {
		heading += " (" + note + ")"
	}
	text := p.inline(heading)
	p.out.write(text, style{bold: true})
	p.out.space()
	if title.MatchString(text) {
		p.out.heading = true
		p.out.paragraph()
	}
	p.open(scope{environment: name, onClose: func(p *parser) { p.out.paragraph() }})
}

// maketitle writes the title, the author and the date that the source gives.
func (p *parser) maketitle() {
	for _, name := range []string{"title", "author", "date"} {
		p.out.paragraph()
		for _, line := range p.lines(p.front[name]) {
			p.out.breakLine()
			p.out.write(line.Text, style{bold: name == "title"})
			p.out.heading = name == "title"
		}
	}
	p.out.paragraph()
}
