package dataset

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
)

// Convert writes rows to output: to one file when its name ends in .jsonl,
// .jsonl.gz, .jsonl.zst or .parquet, else to a dataset directory. Rows that
// cannot be read are handed to bad; they, and rows that break a rule of the
// record, are counted in the balance; the second kind stands in the dropped
// samples of a directory. When no row can be read there is an error and no output.
// A file has no splits: rows of all splits follow each other.
func Convert(ctx context.Context, in iter.Seq2[Row, error], output string, bad func(*RowError)) (Balance, error) {
	c := converter{ctx: ctx, balance: Balance{Stage: "convert", Unit: "rows"}}
	rows := SkipBad(in, func(row *RowError) {
		bad(row)
		c.balance.In++
		c.balance.Fail("unreadable")
	})
	if _, _, _, isFile := rowFormat(output); isFile {
		_, err := WriteFile(output, c.valid(rows, func(Row, error) error { return nil }))
		return c.balance, err
	}
	return c.balance, c.directory(rows, output)
}

type converter struct {
	ctx     context.Context
	balance Balance
	split   string // of the row that valid yielded last
}

// valid yields the samples that keep the rules and hands the others to drop.
func (c *converter) valid(rows iter.Seq2[Row, error], drop func(Row, error) error) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		for row, err := range rows {
			if err = errors.Join(err, c.ctx.Err()); err != nil {
				yield(Sample{}, err)
				return
			}
			c.balance.In++
			if broken := row.Sample.Validate(); broken != nil {
				c.balance.Drop("invalid")
				if err := drop(row, broken); err != nil {
					yield(Sample{}, err)
					return
				}
				continue
			}
			c.balance.Out++
			c.split = row.Split
			if !yield(row.Sample, nil) {
				return
			}
		}
	}
}

func (c *converter) directory(rows iter.Seq2[Row, error], dir string) error {
	w, err := Create(dir)
	if err != nil {
		return err
	}
	defer w.Abort()
	samples := c.valid(rows, func(row Row, broken error) error {
		return w.Drop(row.Split, Dropped{Sample: row.Sample, Filter: "convert", Reason: "invalid: " + strings.ReplaceAll(broken.Error(), "\n", "; ")})
	})
	for s, err := range samples {
		if err == nil {
			err = w.Write(c.split, s)
		}
		if err != nil {
			return fmt.Errorf("convert to %s: %w", dir, err)
		}
	}
	name := filepath.Base(filepath.Clean(dir))
	return w.Commit(Meta{Name: name, Balances: []Balance{c.balance}, Card: Card{PrettyName: name}})
}
