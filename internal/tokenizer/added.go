package tokenizer

import "strings"

// AddedToken is a token that is looked for in text before words are.
type AddedToken struct {
	ID         int32  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"` // not inside a word
	LStrip     bool   `json:"lstrip"`      // takes the white space before it
	RStrip     bool   `json:"rstrip"`      // takes the white space behind it
	Normalized bool   `json:"normalized"`  // looked for in normalised text
	Special    bool   `json:"special"`     // left out by Decode when asked
}

// addedSet finds added tokens: the leftmost, and of those the longest.
type addedSet struct {
	tokens []AddedToken
	nodes  []addedNode // a trie; 0 is no node
	first  [256]int32  // node of the first byte
	starts []byte      // all first bytes
}

type addedNode struct {
	b              byte
	token          int32 // index in tokens, or -1
	child, sibling int32
}

// newAddedSet makes a set of tokens by their patterns, which are their
// contents, or what is left of them after normalisation.
func newAddedSet(tokens []AddedToken, patterns []string) *addedSet {
	s := &addedSet{tokens: tokens, nodes: make([]addedNode, 1)}
	for i, pattern := range patterns {
		at := &s.first[pattern[0]]
		if *at == 0 {
			s.starts = append(s.starts, pattern[0])
		}
		for j := 0; ; j++ {
			for *at != 0 && s.nodes[*at].b != pattern[j] {
				at = &s.nodes[*at].sibling
			}
			if *at == 0 {
				*at = int32(len(s.nodes))
				node := *at
				s.nodes = append(s.nodes, addedNode{b: pattern[j], token: -1})
				at = &node
			}
			if j+1 == len(pattern) {
				s.nodes[*at].token = int32(i)
				break
			}
			at = &s.nodes[*at].child
		}
	}
	return s
}

// find returns the first token in text[from:] and where it stands; token is
// nil when there is none.
func (s *addedSet) find(text string, from int) (token *AddedToken, start, end int) {
	for i := s.start(text, from); i < len(text); i = s.start(text, i+1) {
		found := int32(-1)
		j := i
		for node := s.first[text[i]]; node != 0; {
			if s.nodes[node].b != text[j] {
				node = s.nodes[node].sibling
				continue
			}
			j++
			if t := s.nodes[node].token; t >= 0 {
				found, end = t, j
			}
			if node = s.nodes[node].child; j == len(text) {
				break
			}
		}
		if found >= 0 {
			return &s.tokens[found], i, end
		}
	}
	return nil, len(text), len(text)
}

// start returns the first place from which a token may begin.
func (s *addedSet) start(text string, from int) int {
	if len(s.starts) == 1 { // "<", mostly
		if i := strings.IndexByte(text[from:], s.starts[0]); i >= 0 {
			return from + i
		}
		return len(text)
	}
	for from < len(text) && s.first[text[from]] == 0 {
		from++
	}
	return from
}

// split calls plain for the text between added tokens and added for the
// tokens, in order. It does exactly as the library: a token that is refused
// for not being a single word still hides those that overlap it, and white
// space that one token stripped may be matched again by the next.
func (s *addedSet) split(text string, plain func(start, end int), added func(token *AddedToken, start, end int)) {
	done, from := 0, 0
	for {
		token, start, end := s.find(text, from)
		if token == nil {
			break
		}
		from = end
		if token.SingleWord && (wordBefore(text, start) || wordAfter(text, end)) {
			continue
		}
		if token.LStrip {
			start = max(spaceBefore(text, start), done)
		}
		if token.RStrip {
			end = runOf(text, end, space)
		}
		if done < start {
			plain(done, start)
		}
		if start < end {
			added(token, start, end)
		}
		done = end
	}
	if done < len(text) {
		plain(done, len(text))
	}
}

func wordBefore(text string, i int) bool {
	if i == 0 {
		return false
	}
	class, _ := classBefore(text, i)
	return class&wordly != 0
}

func wordAfter(text string, i int) bool {
	if i == len(text) {
		return false
	}
	class, _ := classAt(text, i)
	return class&wordly != 0
}

func spaceBefore(text string, i int) int {
	for i > 0 {
		class, size := classBefore(text, i)
		if class&space == 0 {
			break
		}
		i -= size
	}
	return i
}
