package dataset

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kurakurai/luth/internal/parallel"
	"github.com/kurakurai/luth/internal/tokenizer"
)

type tokenizeOptions struct {
	decode      bool
	special     bool // add the tokens that the model puts around a text
	skipSpecial bool // leave special tokens out of decoded text
	workers     int
}

// tokenizeLines reads JSON lines from in, which name stands for in errors,
// and writes the answer to each. It stops at the first line that cannot be
// read; the answers to those before are written.
func tokenizeLines(ctx context.Context, in io.Reader, name string, out io.Writer, t *tokenizer.Tokenizer, options tokenizeOptions) error {
	type answers struct {
		text []byte
		err  error
	}
	all := parallel.Map(ctx, lineBatches(in), options.workers, func(_ context.Context, batch lineBatch) (a answers) {
		for i, line := range bytes.SplitAfter(batch.text, []byte("\n")) {
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			if a.text, a.err = tokenizeLine(a.text, line, t, options); a.err != nil {
				a.err = fmt.Errorf("%s: line %d: %w", name, batch.first+int64(i), a.err)
				break
			}
		}
		return a
	})
	for a, err := range all {
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if _, err := out.Write(a.text); err != nil {
			return err
		}
		if a.err != nil {
			return a.err
		}
	}
	return ctx.Err()
}

// lineBatch is some whole lines, each with its newline.
type lineBatch struct {
	first int64 // number of the first line, from 1
	text  []byte
}

// batchBytes is how much text is worth a goroutine's while.
const batchBytes = 64 << 10

func lineBatches(in io.Reader) iter.Seq2[lineBatch, error] {
	return func(yield func(lineBatch, error) bool) {
		lines := bufio.NewReaderSize(in, 1<<16)
		batch := lineBatch{first: 1}
		for number := int64(1); ; number++ {
			line, err := readLine(lines, maxLine)
			if err == nil {
				batch.text = append(append(batch.text, line...), '\n')
			}
			if err == nil && len(batch.text) < batchBytes && lines.Buffered() > 0 {
				continue // an answer must not wait for a line that is not there yet
			}
			if len(batch.text) > 0 && !yield(batch, nil) || err == io.EOF {
				return
			}
			if err != nil {
				yield(lineBatch{}, fmt.Errorf("line %d: %w", number, err))
				return
			}
			batch = lineBatch{first: number + 1}
		}
	}
}

// tokenizeLine appends the answer to one line.
func tokenizeLine(dst, line []byte, t *tokenizer.Tokenizer, options tokenizeOptions) ([]byte, error) {
	var request struct {
		Text *string `json:"text"`
		IDs  []int32 `json:"ids"`
	}
	if err := json.Unmarshal(line, &request); err != nil {
		return dst, err
	}
	if options.decode {
		return appendText(dst, request.IDs, t, options.skipSpecial)
	}
	if request.Text == nil {
		return dst, errors.New(`there is no "text"; write {"text": "..."}`)
	}
	encode := t.Encode
	if options.special {
		encode = t.EncodeSpecial
	}
	dst = append(dst, `{"ids":[`...)
	for i, id := range encode(nil, *request.Text) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(id), 10)
	}
	return append(dst, "]}\n"...), nil
}

func appendText(dst []byte, ids []int32, t *tokenizer.Tokenizer, skipSpecial bool) ([]byte, error) {
	if ids == nil {
		return dst, errors.New(`there is no "ids"; write {"ids": [1, 2]}, or leave --decode out for text`)
	}
	for _, id := range ids {
		if _, ok := t.Token(id); !ok {
			return dst, fmt.Errorf("%d is the id of no token of this tokenizer", id)
		}
	}
	dst = append(dst, `{"text":`...)
	dst, err := jsontext.AppendQuote(dst, t.Decode(ids, skipSpecial))
	return append(dst, "}\n"...), err
}
