package jinja

import (
	"errors"
	"fmt"
	"time"
)

// Template is a parsed template. It does not change, and may be rendered by
// several goroutines at once.
type Template struct {
	body  []stmt
	names map[string]int // ids of the names in it
	root  *scopeNode
}

// Error is an error at a line of a template.
type Error struct {
	Line int
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Raised is what a template refuses by raise_exception.
type Raised struct{ Message string }

func (e *Raised) Error() string { return "the template says: " + e.Message }

// ErrBudget is returned when a render takes more steps or memory than allowed.
var ErrBudget = errors.New("the template does too much")

// Options bound and place a render.
type Options struct {
	Steps int64     // evaluations allowed; 0 means 20 million
	Bytes int64     // bytes of text and lists that may be made; 0 means 256 MiB
	Now   time.Time // for strftime_now; zero means the time of the call
}

const (
	defaultSteps = 20_000_000
	defaultBytes = 256 << 20
	maxDepth     = 100 // macros and recursive loops inside one another
	valueSize    = 16  // bytes of an item of a list, at least
	runSize      = 40
)

// Range is a range of bytes.
type Range struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// Result is a rendered text, where its bytes come from, and what stands in
// {% generation %} blocks.
type Result struct {
	Text      string
	Runs      []Run
	Generated []Range
}

// Uses reports whether the template reads or sets a variable of this name.
func (t *Template) Uses(name string) bool {
	_, ok := t.names[name]
	return ok
}

// Render runs the template with the given variables.
func (t *Template) Render(vars map[string]Value, o Options) (Result, error) {
	m := &machine{steps: o.Steps, bytes: o.Bytes, now: o.Now, vars: make([]Value, len(t.names)), given: make([]bool, len(t.names))}
	if m.steps == 0 {
		m.steps = defaultSteps
	}
	if m.bytes == 0 {
		m.bytes = defaultBytes
	}
	for name, id := range t.names {
		if v, ok := vars[name]; ok {
			m.vars[id], m.given[id] = v, true
		} else if v, ok := globals[name]; ok {
			m.vars[id], m.given[id] = v, true
		}
	}
	out := textBuilder{buf: make([]byte, 0, 4096)}
	m.out = &out
	scope := m.open(nil, t.root)
	if _, err := m.run(t.body, scope, &out); err != nil {
		return Result{}, err
	}
	return Result{Text: string(out.buf), Runs: out.runs, Generated: m.generated}, nil
}

// machine is the state of one render.
type machine struct {
	steps, bytes int64 // left
	depth        int   // of macros and recursive loops inside one another
	valueDepth   int   // of values that are compared
	now          time.Time
	vars         []Value // the caller's variables and the globals, by id
	given        []bool
	out          *textBuilder // the render itself, not a text inside it
	generated    []Range
}

// spend takes from the budgets.
func (m *machine) spend(steps, bytes int64) error {
	m.steps -= steps
	m.bytes -= bytes
	if m.steps < 0 {
		return fmt.Errorf("%w: too many steps", ErrBudget)
	}
	if m.bytes < 0 {
		return fmt.Errorf("%w: too much text or too long lists", ErrBudget)
	}
	return nil
}

// enter guards the recursion of macros and loops; leave must follow.
func (m *machine) enter() error {
	if m.depth++; m.depth > maxDepth {
		return fmt.Errorf("%w: more than %d macros or loops call one another", ErrBudget, maxDepth)
	}
	return nil
}

// descend guards the recursion into values; ascend must follow.
func (m *machine) descend() error {
	if m.valueDepth++; m.valueDepth > maxValueDepth {
		return fmt.Errorf("%w: a value is nested too deep", ErrBudget)
	}
	return nil
}

func (m *machine) ascend() { m.valueDepth-- }

func (m *machine) leave() { m.depth-- }

// fail adds the line to an error that has none.
func fail(line int, err error) error {
	var e *Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return &Error{Line: line, Err: err}
}

// scope holds the variables of a block. Inner ones see the outer ones.
type scope struct {
	parent *scope
	vars   []binding
}

type binding struct {
	id    int
	value Value
}

// open returns a new scope. Names that it assigns later hide the caller's.
func (m *machine) open(parent *scope, node *scopeNode) *scope {
	s := &scope{parent: parent}
	m.hide(s, node)
	return s
}

func (m *machine) hide(s *scope, node *scopeNode) {
	for _, id := range node.hidden {
		if m.given[id] {
			s.set(id, &undefined{"a variable is read before it is set"})
		}
	}
}

func (s *scope) set(id int, v Value) {
	for i := range s.vars {
		if s.vars[i].id == id {
			s.vars[i].value = v
			return
		}
	}
	s.vars = append(s.vars, binding{id, v})
}

func (m *machine) lookup(s *scope, id int) (Value, bool) {
	for ; s != nil; s = s.parent {
		for i := range s.vars {
			if s.vars[i].id == id {
				return s.vars[i].value, true
			}
		}
	}
	return m.vars[id], m.given[id]
}
