package tokenizer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The parts of tokenizer.json. Unknown and repeated keys are errors.
type file struct {
	Version       string         `json:"version"`
	Truncation    jsontext.Value `json:"truncation"`
	Padding       jsontext.Value `json:"padding"`
	AddedTokens   []AddedToken   `json:"added_tokens"`
	Normalizer    jsontext.Value `json:"normalizer"`
	PreTokenizer  jsontext.Value `json:"pre_tokenizer"`
	PostProcessor jsontext.Value `json:"post_processor"`
	Decoder       jsontext.Value `json:"decoder"`
	Model         model          `json:"model"`
}

type model struct {
	Type                    string     `json:"type"`
	Dropout                 *float64   `json:"dropout"`
	UnkToken                *string    `json:"unk_token"`
	ContinuingSubwordPrefix *string    `json:"continuing_subword_prefix"`
	EndOfWordSuffix         *string    `json:"end_of_word_suffix"`
	FuseUnk                 bool       `json:"fuse_unk"`
	ByteFallback            bool       `json:"byte_fallback"`
	IgnoreMerges            bool       `json:"ignore_merges"`
	Vocab                   vocabulary `json:"vocab"`
	Merges                  mergeList  `json:"merges"`
}

// What no real file comes near.
const (
	maxTokens       = 1 << 22
	maxAdded        = 1 << 16
	maxAddedContent = 1 << 10 // bytes
	maxDepth        = 16      // of the parts but vocabulary and merges, which are flat
)

type vocabulary map[string]int32

// UnmarshalJSONFrom reads {"token": id}.
func (v *vocabulary) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if err := open(dec, jsontext.KindBeginObject, "an object of tokens"); err != nil {
		return err
	}
	*v = vocabulary{}
	for dec.PeekKind() != jsontext.KindEndObject {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		token := name.String()
		id, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if id.Kind() != jsontext.KindNumber {
			return fmt.Errorf("the id of token %q is not a number", token)
		}
		n, err := strconv.ParseInt(id.String(), 10, 32)
		if err != nil || n < 0 {
			return fmt.Errorf("the id of token %q is %s, no whole number from 0", token, id)
		}
		if len(*v) == maxTokens {
			return fmt.Errorf("more than %d tokens", maxTokens)
		}
		(*v)[token] = int32(n)
	}
	_, err := dec.ReadToken()
	return err
}

type mergeList [][2]string

// UnmarshalJSONFrom reads a list of "a b" or of ["a", "b"].
func (m *mergeList) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if err := open(dec, jsontext.KindBeginArray, "a list of merges"); err != nil {
		return err
	}
	for dec.PeekKind() != jsontext.KindEndArray {
		pair, err := readMerge(dec)
		if err != nil {
			return fmt.Errorf("merge %d: %w", len(*m), err)
		}
		if len(*m) == maxTokens {
			return fmt.Errorf("more than %d merges", maxTokens)
		}
		*m = append(*m, pair)
	}
	_, err := dec.ReadToken()
	return err
}

func readMerge(dec *jsontext.Decoder) (pair [2]string, err error) {
	token, err := dec.ReadToken()
	if err != nil {
		return pair, err
	}
	if token.Kind() == jsontext.KindString {
		left, right, ok := strings.Cut(token.String(), " ")
		if !ok || strings.Contains(right, " ") {
			return pair, fmt.Errorf("%q is not two tokens with one space between", token)
		}
		return [2]string{left, right}, nil
	}
	if token.Kind() != jsontext.KindBeginArray {
		return pair, errors.New("neither a string nor a pair")
	}
	for i := range pair {
		if token, err = dec.ReadToken(); err != nil {
			return pair, err
		}
		if token.Kind() != jsontext.KindString {
			return pair, errors.New("not a pair of strings")
		}
		pair[i] = token.String()
	}
	if token, err = dec.ReadToken(); err == nil && token.Kind() != jsontext.KindEndArray {
		err = errors.New("more than two tokens")
	}
	return pair, err
}

func open(dec *jsontext.Decoder, kind jsontext.Kind, what string) error {
	token, err := dec.ReadToken()
	if err == nil && token.Kind() != kind {
		err = fmt.Errorf("not %s", what)
	}
	return err
}

// strict reads a value with no keys but those of into.
func strict(data []byte, into any) error {
	return json.Unmarshal(data, into, json.RejectUnknownMembers(true))
}

// Parse reads the text of a tokenizer.json file.
func Parse(data []byte) (*Tokenizer, error) {
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("the file is longer than %d MiB", maxFileBytes>>20)
	}
	loadClasses()
	var f file
	if err := strict(data, &f); err != nil {
		return nil, err
	}
	if err := f.unsupported(); err != nil {
		return nil, err
	}
	t := &Tokenizer{}
	err := errors.Join(
		section("normalizer", t.readNormalizer(f.Normalizer, 0)),
		section("pre_tokenizer", t.readPreTokenizer(f.PreTokenizer)),
		section("decoder", readDecoder(f.Decoder)),
		section("model", t.readModel(&f.Model)),
	)
	if err != nil {
		return nil, err
	}
	if err := section("added_tokens", t.readAdded(f.AddedTokens)); err != nil {
		return nil, err
	}
	return t, section("post_processor", t.post.read(f.PostProcessor, t, 0))
}

func section(name string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// unsupported names what the file asks for and Encode would not do.
func (f *file) unsupported() error {
	m := &f.Model
	set := func(v jsontext.Value) bool { return len(v) > 0 && v.Kind() != jsontext.KindNull }
	text := func(s *string) bool { return s != nil && *s != "" }
	var errs []error
	refuse := func(refused bool, format string, args ...any) {
		if refused {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	refuse(f.Version != "" && f.Version != "1.0", "version %q is not supported, only 1.0", f.Version)
	refuse(set(f.Truncation), "truncation is not supported; set it to null in the file")
	refuse(set(f.Padding), "padding is not supported; set it to null in the file")
	refuse(m.Type != "" && m.Type != "BPE", "model type %q is not supported, only byte-level BPE", m.Type)
	refuse(m.Dropout != nil && *m.Dropout != 0, "model.dropout makes ids random and is not supported; set it to null in the file")
	refuse(text(m.ContinuingSubwordPrefix), "model.continuing_subword_prefix is not supported: no byte-level model has one")
	refuse(text(m.EndOfWordSuffix), "model.end_of_word_suffix is not supported: no byte-level model has one")
	refuse(m.Vocab == nil || m.Merges == nil && len(m.Vocab) == 0, "model.vocab or model.merges is missing; is this a tokenizer.json?")
	return errors.Join(errs...)
}
