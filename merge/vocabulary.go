package merge

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
)

// A vocabulary is the tokens of a tokenizer.json by name, and the tokens that
// were added to it.
type vocabulary struct {
	ids   map[string]int32
	size  int // one more than the largest id
	added []json.RawMessage
}

const maxVocabulary = 4 << 20

// readVocabulary reads what is needed of a tokenizer.json.
func readVocabulary(dir string) (*vocabulary, error) {
	path := filepath.Join(dir, "tokenizer.json")
	text, err := readSmall(path, maxSideFileBytes)
	if err != nil {
		return nil, err
	}
	v, err := parseVocabulary(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return v, nil
}

func parseVocabulary(text []byte) (*vocabulary, error) {
	var file struct {
		Added []json.RawMessage `json:"added_tokens"`
		Model struct {
			Vocab json.RawMessage `json:"vocab"`
		} `json:"model"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	v := &vocabulary{added: file.Added}
	if err := json.Unmarshal(file.Model.Vocab, &v.ids); err != nil || v.ids == nil {
		var pieces [][]any // of a Unigram model: token and score
		if err := json.Unmarshal(file.Model.Vocab, &pieces); err != nil {
			return nil, fmt.Errorf("model.vocab is neither a mapping nor a list of tokens")
		}
		v.ids = make(map[string]int32, len(pieces))
		for i, p := range pieces {
			if token, ok := first(p).(string); ok {
				v.ids[token] = int32(i)
			}
		}
	}
	for _, raw := range file.Added {
		token, err := parseAdded(raw)
		if err != nil {
			return nil, err
		}
		v.ids[token.Content] = token.ID
	}
	for token, id := range v.ids {
		if id < 0 || id >= maxVocabulary {
			return nil, fmt.Errorf("the token %q has the id %d, outside 0 to %d", abridge(token), id, maxVocabulary-1)
		}
		v.size = max(v.size, int(id)+1)
	}
	return v, nil
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

type addedToken struct {
	ID      int32  `json:"id"`
	Content string `json:"content"`
}

func parseAdded(raw json.RawMessage) (t addedToken, err error) {
	if err := json.Unmarshal(raw, &t); err != nil {
		return t, fmt.Errorf("an added token: %w", err)
	}
	return t, nil
}

// names returns the tokens by id; "" where no token has it.
func (v *vocabulary) names() []string {
	out := make([]string, v.size)
	for token, id := range v.ids {
		// Two names for one id: the first by name, for every run.
		if out[id] == "" || token < out[id] {
			out[id] = token
		}
	}
	return out
}

// conflict returns the lowest id under which two vocabularies have different
// tokens.
func (v *vocabulary) conflict(o *vocabulary) (id int, here, there string, found bool) {
	a, b := v.names(), o.names()
	for id := range min(len(a), len(b)) {
		if a[id] != "" && b[id] != "" && a[id] != b[id] {
			return id, a[id], b[id], true
		}
	}
	return 0, "", "", false
}

// union adds the tokens of others that v lacks, each under the next free id, in
// the order of the vocabularies and their ids.
func union(v *vocabulary, others []*vocabulary) (*vocabulary, []string) {
	out := &vocabulary{ids: make(map[string]int32, len(v.ids)), size: v.size, added: v.added}
	for token, id := range v.ids {
		out.ids[token] = id
	}
	var fresh []string
	for _, o := range others {
		for _, token := range o.names() {
			if _, ok := out.ids[token]; ok || token == "" {
				continue
			}
			out.ids[token] = int32(out.size)
			out.size++
			fresh = append(fresh, token)
		}
	}
	return out, fresh
}

// extend writes tokenizer.json with the fresh tokens of a union: those that
// another tokenizer added are added tokens here too, with its settings; others
// go into the model's vocabulary, without merges.
func extend(text []byte, merged *vocabulary, fresh []string, others []*vocabulary) ([]byte, error) {
	var file, model object
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(file.get("model"), &model); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	var vocab object
	if err := json.Unmarshal(model.get("vocab"), &vocab); err != nil {
		return nil, fmt.Errorf("tokenizer_source: union needs a vocabulary that is a mapping: %w", err)
	}
	settings := map[string]object{}
	for _, o := range slices.Backward(others) {
		for _, raw := range o.added {
			var token object
			if err := json.Unmarshal(raw, &token); err != nil {
				return nil, err
			}
			var content string
			token.read("content", &content)
			settings[content] = token
		}
	}
	added := slices.Clone(merged.added)
	for _, token := range fresh {
		id := merged.ids[token]
		if s, ok := settings[token]; ok {
			if err := s.set("id", id); err != nil {
				return nil, err
			}
			raw, err := s.MarshalJSON()
			if err != nil {
				return nil, err
			}
			added = append(added, raw)
			continue
		}
		raw, err := plainJSON(id)
		if err != nil {
			return nil, err
		}
		vocab = append(vocab, member{token, raw})
	}
	if err := model.set("vocab", vocab); err != nil {
		return nil, err
	}
	if err := file.set("added_tokens", added); err != nil {
		return nil, err
	}
	if err := file.set("model", model); err != nil {
		return nil, err
	}
	return file.indented()
}
