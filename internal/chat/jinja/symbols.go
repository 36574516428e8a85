package jinja

import "maps"

// symbols decides, as Jinja's compiler does, where the names of one scope are
// kept. A name that a scope assigns before it reads it is a variable of that
// scope from its start on: until then it is undefined, even where the caller
// of the template gave a variable of that name.
type symbols struct {
	parent   *symbols
	children []*symbols
	refs     map[int]load
	stored   map[int]bool
	node     *scopeNode
}

type load uint8

const (
	loadResolve load = iota // read first: from an outer scope or the caller's variables
	loadHidden              // assigned first
)

// scopeNode is what a scope needs to know when it is entered.
type scopeNode struct {
	hidden []int
}

func (p *parser) openScope() *scopeNode {
	s := &symbols{parent: p.symbols, refs: make(map[int]load), stored: make(map[int]bool), node: &scopeNode{}}
	if s.parent != nil {
		s.parent.children = append(s.parent.children, s)
	}
	p.symbols = s
	return s.node
}

func (p *parser) closeScope() { p.symbols = p.symbols.parent }

func (p *parser) read(id int) {
	s := p.symbols
	if _, ok := s.refs[id]; ok {
		return
	}
	for outer := s.parent; outer != nil; outer = outer.parent {
		if _, ok := outer.refs[id]; ok {
			return
		}
	}
	s.refs[id] = loadResolve
}

func (p *parser) assign(id int) {
	s := p.symbols
	if _, ok := s.refs[id]; !ok {
		s.refs[id] = loadHidden
	}
	s.stored[id] = true
}

// branch is the state of a scope's symbols in one branch of an if.
type branch struct {
	refs   map[int]load
	stored map[int]bool
}

// inBranch reads one branch of an if and returns what it did to the scope,
// which is left as it was.
func (p *parser) inBranch(f func() error) (branch, error) {
	s := p.symbols
	before := branch{s.refs, s.stored}
	s.refs, s.stored = maps.Clone(s.refs), maps.Clone(s.stored)
	err := f()
	after := branch{s.refs, s.stored}
	s.refs, s.stored = before.refs, before.stored
	return after, err
}

// merge joins the branches of an if. What only some of them assign may come
// from outside.
func (s *symbols) merge(branches ...branch) {
	count := make(map[int]int)
	for _, b := range branches {
		for id := range b.stored {
			if !s.stored[id] {
				count[id]++
			}
		}
	}
	for _, b := range branches {
		maps.Copy(s.refs, b.refs)
		maps.Copy(s.stored, b.stored)
	}
	for id, n := range count {
		if n < len(branches) {
			s.refs[id] = loadResolve
		}
	}
}

// finish fills the nodes of the scope and of those inside it.
func (s *symbols) finish(outer map[int]bool) {
	known := maps.Clone(outer)
	if known == nil {
		known = make(map[int]bool)
	}
	for id, l := range s.refs {
		if l == loadHidden && !outer[id] {
			s.node.hidden = append(s.node.hidden, id)
		}
		known[id] = true
	}
	for _, c := range s.children {
		c.finish(known)
	}
}
