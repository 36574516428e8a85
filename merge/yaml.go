package merge

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Limits on foreign YAML: real configurations have a few hundred nodes.
const (
	maxConfigBytes = 1 << 20
	maxConfigDepth = 32
	maxConfigNodes = 200_000 // after aliases
)

type kind int

const (
	nothing kind = iota
	boolean
	number
	text
	list
	mapping
)

func (k kind) String() string {
	return [...]string{"nothing", "true or false", "a number", "text", "a list", "a mapping"}[k]
}

// A node is a YAML value with the line it stands on.
type node struct {
	line    int
	kind    kind
	flag    bool
	number  float64
	text    string // of any scalar, as written
	items   []node
	entries []entry
}

type entry struct {
	line  int
	key   string
	value node
}

// parseYAML reads the documents of a YAML text; empty ones are left out.
func parseYAML(src []byte) (docs []node, err error) {
	if len(src) > maxConfigBytes {
		return nil, fmt.Errorf("the configuration is longer than %d MiB", maxConfigBytes>>20)
	}
	if depth := nesting(src); depth > 4*maxConfigDepth {
		return nil, fmt.Errorf("the configuration nests %d levels deep", depth)
	}
	file, err := parser.ParseBytes(src, 0)
	if err != nil {
		return nil, err
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		t := translation{anchors: map[string]ast.Node{}}
		n, err := t.node(doc.Body, 0)
		if err != nil {
			return nil, err
		}
		if n.kind != nothing {
			docs = append(docs, n)
		}
	}
	return docs, nil
}

// nesting bounds how deep the parser may have to recurse: flow brackets, and
// block sequences on one line.
func nesting(src []byte) int {
	depth, deepest := 0, 0
	for i, c := range src {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '\n':
			if run := leadingDashes(src[i+1:]); run > deepest {
				deepest = run
			}
		}
		deepest = max(deepest, depth)
	}
	return deepest
}

func leadingDashes(line []byte) (n int) {
	for i := 0; i < len(line) && (line[i] == ' ' || line[i] == '-' || line[i] == '?'); i++ {
		if line[i] != ' ' {
			n++
		}
	}
	return n
}

// A translation turns goccy's tree into nodes, with aliases resolved.
type translation struct {
	anchors map[string]ast.Node
	count   int
}

var errTooDeep = errors.New("the configuration nests too deeply, or an alias holds itself")

func (t *translation) node(n ast.Node, depth int) (node, error) {
	t.count++
	if depth > maxConfigDepth {
		return node{}, errTooDeep
	}
	if t.count > maxConfigNodes {
		return node{}, fmt.Errorf("the configuration has more than %d values", maxConfigNodes)
	}
	out := node{line: lineOf(n)}
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return out, nil
	case *ast.BoolNode:
		out.kind, out.flag, out.text = boolean, n.Value, n.Token.Value
	case *ast.IntegerNode:
		out.kind, out.text = number, n.Token.Value
		switch v := n.Value.(type) {
		case int64:
			out.number = float64(v)
		case uint64:
			out.number = float64(v)
		default:
			return out, fmt.Errorf("line %d: %s is not a number luth can hold", out.line, n.Token.Value)
		}
	case *ast.FloatNode:
		out.kind, out.number, out.text = number, n.Value, n.Token.Value
	case *ast.InfinityNode:
		out.kind, out.number, out.text = number, n.Value, n.Token.Value
	case *ast.NanNode:
		out.kind, out.number, out.text = number, math.NaN(), n.Token.Value
	case *ast.StringNode:
		out.kind, out.text = text, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = text, n.Value.Value
	case *ast.TagNode:
		return t.node(n.Value, depth+1)
	case *ast.AnchorNode:
		t.anchors[n.Name.String()] = n.Value
		return t.node(n.Value, depth+1)
	case *ast.AliasNode:
		target, ok := t.anchors[n.Value.String()]
		if !ok {
			return out, fmt.Errorf("line %d: the alias *%s has no anchor", out.line, n.Value)
		}
		return t.node(target, depth+1)
	case *ast.SequenceNode:
		return t.sequence(n, out, depth)
	case *ast.MappingNode:
		return t.mapping(n.Values, out, depth)
	case *ast.MappingValueNode:
		return t.mapping([]*ast.MappingValueNode{n}, out, depth)
	default:
		return out, fmt.Errorf("line %d: %s is not used in merge configurations", out.line, n.Type())
	}
	return out, nil
}

func (t *translation) sequence(n *ast.SequenceNode, out node, depth int) (node, error) {
	out.kind = list
	for _, v := range n.Values {
		item, err := t.node(v, depth+1)
		if err != nil {
			return out, err
		}
		out.items = append(out.items, item)
	}
	return out, nil
}

func (t *translation) mapping(values []*ast.MappingValueNode, out node, depth int) (node, error) {
	out.kind = mapping
	var merged []entry
	seen := map[string]bool{}
	for _, v := range values {
		value, err := t.node(v.Value, depth+1)
		if err != nil {
			return out, err
		}
		e := entry{lineOf(v.Key), keyText(v.Key), value}
		if value.line == 0 {
			e.value.line = e.line
		}
		if v.Key.IsMergeKey() {
			merged = append(merged, value.entries...)
			continue
		}
		if seen[e.key] {
			return out, fmt.Errorf("line %d: the key %q stands twice", e.line, e.key)
		}
		seen[e.key] = true
		out.entries = append(out.entries, e)
	}
	for _, e := range merged {
		if !seen[e.key] {
			seen[e.key] = true
			out.entries = append(out.entries, e)
		}
	}
	return out, nil
}

// get returns the value of a key of a mapping, or nil.
func (n *node) get(key string) *node {
	for i := range n.entries {
		if n.entries[i].key == key {
			return &n.entries[i].value
		}
	}
	return nil
}

func keyText(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	key := k.String()
	if unquoted, err := strconv.Unquote(key); err == nil {
		return unquoted
	}
	return strings.TrimSpace(key)
}

func lineOf(n ast.Node) int {
	if n == nil {
		return 0
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}
