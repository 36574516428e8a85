package tokenizer

import (
	"errors"
	"fmt"
)

// readModel builds the tables of vocabulary and merges.
func (t *Tokenizer) readModel(m *model) error {
	t.byContent, t.vocabulary = m.Vocab, len(m.Vocab)
	return errors.Join(t.readVocabulary(m), t.readBytes(m), t.readMerges(m))
}

func (t *Tokenizer) readVocabulary(m *model) error {
	limit := int32(0)
	for token, id := range m.Vocab {
		if int(id) >= 4*len(m.Vocab)+1024 {
			return fmt.Errorf("token %q has id %d, far too many for %d tokens", token, id, len(m.Vocab))
		}
		limit = max(limit, id+1)
	}
	t.contents, t.texts = make([]string, limit), make([]string, limit)
	for token, id := range m.Vocab {
		if token == "" {
			return errors.New("there is an empty token; remove it")
		}
		if other := t.contents[id]; other != "" {
			return fmt.Errorf("tokens %q and %q have the same id %d", min(token, other), max(token, other), id)
		}
		t.contents[id] = token
	}
	var all []byte
	ends := make([]int, limit)
	for id, token := range t.contents {
		all = appendBytes(all, token)
		ends[id] = len(all)
	}
	texts, start := string(all), 0 // one string for all
	for id, end := range ends {
		t.texts[id], start = texts[start:end], end
	}
	if m.IgnoreMerges {
		t.whole = make(map[string]int32, len(t.texts))
		for id, token := range t.contents {
			if token != "" && inAlphabet(token) {
				t.whole[t.texts[id]] = int32(id)
			}
		}
	}
	return nil
}

// readBytes finds the token of every byte.
func (t *Tokenizer) readBytes(m *model) error {
	missing := 0
	for b, r := range byteAlphabet {
		id, ok := m.Vocab[string(r)]
		if !ok {
			id = -1
			missing++
		}
		t.byteToken[b] = id
	}
	t.missingBytes = missing > 0
	if missing > 0 && (m.UnkToken != nil || m.ByteFallback) {
		return fmt.Errorf("unk_token or byte_fallback with a vocabulary that lacks %d of the 256 bytes is not supported", missing)
	}
	if missing == len(t.byteToken) {
		return errors.New("the vocabulary has no bytes; only byte-level BPE is supported")
	}
	return nil
}

func (t *Tokenizer) readMerges(m *model) error {
	t.merges = newMerges(len(m.Merges))
	for rank, pair := range m.Merges {
		left, ok1 := m.Vocab[pair[0]]
		right, ok2 := m.Vocab[pair[1]]
		token, ok3 := m.Vocab[pair[0]+pair[1]]
		if !ok1 || !ok2 || !ok3 {
			return fmt.Errorf("merge %d, %q with %q: not all of them and of what they make is in the vocabulary", rank, pair[0], pair[1])
		}
		t.merges.put(left, right, token, rank)
	}
	return nil
}

// readAdded checks the added tokens and gives them the ids that the library
// does: the vocabulary's, else the next ones.
func (t *Tokenizer) readAdded(tokens []AddedToken) error {
	if len(tokens) > maxAdded {
		return fmt.Errorf("%d of them, more than %d", len(tokens), maxAdded)
	}
	t.special = make([]bool, len(t.contents), len(t.contents)+len(tokens))
	specials := map[string]bool{}
	next := int32(len(t.byContent))
	seen := map[string]bool{}
	for _, token := range tokens {
		id, known := t.byContent[token.Content]
		if !known {
			id, next = next, next+1
		}
		switch {
		case token.Content == "" || len(token.Content) > maxAddedContent:
			return fmt.Errorf("token %d is of %d bytes; it must be of 1 to %d", token.ID, len(token.Content), maxAddedContent)
		case seen[token.Content]:
			return fmt.Errorf("token %q stands twice", token.Content)
		case token.ID != id:
			return fmt.Errorf("token %q has id %d, but the library would give it %d; correct the file", token.Content, token.ID, id)
		}
		seen[token.Content] = true
		if token.Special {
			specials[token.Content] = true
		}
		if err := t.add(token, known); err != nil {
			return err
		}
	}
	t.added, t.vocabulary = tokens, len(t.byContent)
	for _, token := range tokens { // the library compares what it decodes with what is special
		t.special[token.ID] = specials[t.normalized(token)]
	}
	t.raw, t.late = t.addedSets(tokens)
	return nil
}

func (t *Tokenizer) add(token AddedToken, known bool) error {
	for int(token.ID) >= len(t.contents) {
		t.contents, t.texts, t.special = append(t.contents, ""), append(t.texts, ""), append(t.special, false)
	}
	if !known && t.contents[token.ID] != "" {
		return fmt.Errorf("token %q has the id %d of token %q", token.Content, token.ID, t.contents[token.ID])
	}
	t.byContent[token.Content], t.contents[token.ID] = token.ID, token.Content
	t.texts[token.ID] = string(appendBytes(nil, t.normalized(token)))
	return nil
}

// normalized returns the text in which a token is found, and which it decodes
// to.
func (t *Tokenizer) normalized(token AddedToken) string {
	if !token.Normalized || !t.nfc {
		return token.Content
	}
	var n normalizer
	text, _ := n.nfc(token.Content, false)
	return text
}

// addedSets returns the tokens looked for in text as it is, and in normalised
// text; nil where there are none.
func (t *Tokenizer) addedSets(tokens []AddedToken) (raw, late *addedSet) {
	var sets [2][]AddedToken
	var patterns [2][]string
	for _, token := range tokens {
		i := 0
		if token.Normalized {
			i = 1
		}
		sets[i] = append(sets[i], token)
		patterns[i] = append(patterns[i], t.normalized(token))
	}
	if len(sets[0]) > 0 {
		raw = newAddedSet(sets[0], patterns[0])
	}
	if len(sets[1]) > 0 {
		late = newAddedSet(sets[1], patterns[1])
	}
	return raw, late
}
