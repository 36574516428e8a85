package tokenizer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// kindOf returns the type of a part of the pipeline, "" for null.
func kindOf(data jsontext.Value) (string, error) {
	if len(data) == 0 || data.Kind() == jsontext.KindNull {
		return "", nil
	}
	var part struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &part); err != nil {
		return "", err
	}
	if part.Type == "" {
		return "", errors.New("it has no type")
	}
	return part.Type, nil
}

var errDepth = errors.New("sequences in sequences, too deep")

// readNormalizer accepts nothing, NFC, and sequences of these.
func (t *Tokenizer) readNormalizer(data jsontext.Value, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	kind, err := kindOf(data)
	switch kind {
	case "":
	case "NFC":
		var part struct {
			Type string `json:"type"`
		}
		err = strict(data, &part)
		t.nfc = true
	case "Sequence":
		var part struct {
			Type        string           `json:"type"`
			Normalizers []jsontext.Value `json:"normalizers"`
		}
		err = strict(data, &part)
		for _, inner := range part.Normalizers {
			err = errors.Join(err, t.readNormalizer(inner, depth+1))
		}
	default:
		err = fmt.Errorf("%s is not supported, only NFC", kind)
	}
	return err
}

// byteLevel is the type ByteLevel of pre-tokenizer, post-processor and decoder.
type byteLevel struct {
	Type           string `json:"type"`
	AddPrefixSpace bool   `json:"add_prefix_space"`
	TrimOffsets    bool   `json:"trim_offsets"`
	UseRegex       *bool  `json:"use_regex"` // true when absent
}

func (b byteLevel) useRegex() bool { return b.UseRegex == nil || *b.UseRegex }

// readPreTokenizer recognises the sequences that have a scanner.
func (t *Tokenizer) readPreTokenizer(data jsontext.Value) error {
	steps, err := preTokenizers(data, 0)
	if err != nil {
		return err
	}
	var kinds []string
	for _, s := range steps {
		kinds = append(kinds, s.kind)
	}
	switch {
	case slices.Equal(kinds, []string{"Split", "ByteLevel"}) && !steps[1].level.useRegex():
		scanner, ok := splitScanners[steps[0].regex]
		if !ok {
			return fmt.Errorf("the regular expression %q has no scanner; add one to internal/tokenizer/scan.go", steps[0].regex)
		}
		t.scanner = scanner
	case slices.Equal(kinds, []string{"ByteLevel"}) && steps[0].level.useRegex():
		t.scanner = gpt2Scanner
	case slices.Equal(kinds, []string{"Digits", "ByteLevel"}) && steps[1].level.useRegex():
		t.scanner = digitsScanner
	default:
		return fmt.Errorf("the sequence %q is not supported; supported are Split with a known regular expression and ByteLevel without, ByteLevel with its own, and Digits before that", strings.Join(kinds, ", "))
	}
	return nil
}

type preTokenizer struct {
	kind  string
	regex string    // of a Split
	level byteLevel // of a ByteLevel
}

// preTokenizers returns the steps of a pre-tokenizer, sequences opened.
func preTokenizers(data jsontext.Value, depth int) ([]preTokenizer, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	kind, err := kindOf(data)
	if err != nil {
		return nil, err
	}
	step := preTokenizer{kind: kind}
	switch kind {
	case "":
		return nil, errors.New("there is none; only byte-level models are supported")
	case "Sequence":
		return preTokenizerSequence(data, depth)
	case "Split":
		step.regex, err = splitRegex(data)
	case "ByteLevel":
		if err = strict(data, &step.level); err == nil && step.level.AddPrefixSpace {
			err = errors.New("the type ByteLevel with add_prefix_space is not supported")
		}
	case "Digits":
		var part struct {
			Type       string `json:"type"`
			Individual bool   `json:"individual_digits"`
		}
		if err = strict(data, &part); err == nil && !part.Individual {
			err = errors.New("the type Digits without individual_digits is not supported")
		}
	default:
		err = fmt.Errorf("%s is not supported", kind)
	}
	return []preTokenizer{step}, err
}

func preTokenizerSequence(data jsontext.Value, depth int) (steps []preTokenizer, err error) {
	var part struct {
		Type          string           `json:"type"`
		PreTokenizers []jsontext.Value `json:"pretokenizers"`
	}
	if err := strict(data, &part); err != nil {
		return nil, err
	}
	for _, inner := range part.PreTokenizers {
		more, err := preTokenizers(inner, depth+1)
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

func splitRegex(data jsontext.Value) (string, error) {
	var part struct {
		Type    string `json:"type"`
		Pattern struct {
			Regex  *string `json:"Regex"`
			String *string `json:"String"`
		} `json:"pattern"`
		Behavior string `json:"behavior"`
		Invert   bool   `json:"invert"`
	}
	if err := strict(data, &part); err != nil {
		return "", err
	}
	switch {
	case part.Pattern.Regex == nil || part.Pattern.String != nil:
		return "", errors.New("the type Split is supported with a regular expression only")
	case part.Behavior != "Isolated" || part.Invert:
		return "", fmt.Errorf("the type Split is supported with behavior Isolated and without invert only, not %s, %t", part.Behavior, part.Invert)
	}
	return *part.Pattern.Regex, nil
}

func readDecoder(data jsontext.Value) error {
	kind, err := kindOf(data)
	if err == nil && kind != "ByteLevel" {
		err = fmt.Errorf("%q is not supported, only ByteLevel", kind)
	}
	if err != nil {
		return err
	}
	var part byteLevel
	return strict(data, &part)
}

// postProcessor holds what is done after the model.
type postProcessor struct {
	before, after     []int32 // the tokens around text
	trim, prefixSpace bool    // of spans; see Tokenizer.trim
}

// read accepts nothing, ByteLevel, TemplateProcessing and sequences of these.
func (p *postProcessor) read(data jsontext.Value, t *Tokenizer, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	kind, err := kindOf(data)
	if err != nil {
		return err
	}
	switch kind {
	case "":
		return nil
	case "ByteLevel":
		var part byteLevel
		err := strict(data, &part)
		if part.TrimOffsets {
			p.trim, p.prefixSpace = true, part.AddPrefixSpace
		}
		return err
	case "TemplateProcessing":
		return p.readTemplate(data, t)
	case "Sequence":
		var part struct {
			Type       string           `json:"type"`
			Processors []jsontext.Value `json:"processors"`
		}
		err := strict(data, &part)
		for _, inner := range part.Processors {
			err = errors.Join(err, p.read(inner, t, depth+1))
		}
		return err
	}
	return fmt.Errorf("%s is not supported, only ByteLevel and TemplateProcessing", kind)
}

// readTemplate reads the template for one text: tokens, text, tokens.
func (p *postProcessor) readTemplate(data jsontext.Value, t *Tokenizer) error {
	type piece struct {
		ID     string `json:"id"`
		TypeID int    `json:"type_id"`
	}
	var part struct {
		Type   string `json:"type"`
		Single []struct {
			SpecialToken *piece `json:"SpecialToken"`
			Sequence     *piece `json:"Sequence"`
		} `json:"single"`
		Pair          jsontext.Value `json:"pair"` // for two texts, which luth never encodes together
		SpecialTokens map[string]struct {
			ID     string   `json:"id"`
			IDs    []int32  `json:"ids"`
			Tokens []string `json:"tokens"`
		} `json:"special_tokens"`
	}
	if err := strict(data, &part); err != nil {
		return err
	}
	var before, after []int32
	texts := 0
	for _, piece := range part.Single {
		switch {
		case piece.SpecialToken != nil:
			token, ok := part.SpecialTokens[piece.SpecialToken.ID]
			if !ok {
				return fmt.Errorf("the template names %q, which special_tokens lacks", piece.SpecialToken.ID)
			}
			for _, id := range token.IDs {
				if _, ok := t.Token(id); !ok {
					return fmt.Errorf("the template's token %q has the id %d of no token", token.ID, id)
				}
			}
			if texts == 0 {
				before = append(before, token.IDs...)
			} else {
				after = append(after, token.IDs...)
			}
		case piece.Sequence != nil && piece.Sequence.ID == "A":
			texts++
		default:
			return errors.New("the template for one text holds something but tokens and text A")
		}
	}
	if texts != 1 {
		return fmt.Errorf("the template for one text has it %d times", texts)
	}
	p.before, p.after = append(before, p.before...), append(p.after, after...)
	return nil
}
