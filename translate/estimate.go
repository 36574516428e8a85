package translate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"unicode/utf8"

	"github.com/kurakurai/luth/translate/journal"
)

// frenchGrowth is how much longer a text is in French than in English, in
// characters; published ratios lie between 1.1 and 1.3.
const frenchGrowth = 1.2

func inFrench(text string) int { return int(frenchGrowth * float64(utf8.RuneCountInString(text))) }

// Estimate is what a run would take, when no gate rejects anything.
type Estimate struct {
	Samples          int64   `json:"samples"`
	Requests         int64   `json:"requests"`
	InJournal        int64   `json:"in_journal"` // requests that are answered already and cost nothing
	PromptTokens     int64   `json:"prompt_tokens"`
	CompletionTokens int64   `json:"completion_tokens"`
	CharsPerToken    float64 `json:"chars_per_token"` // assumed
	Cost             float64 `json:"cost"`            // in the unit of the prices
}

// estimate reads the input and asks nobody.
func estimate(ctx context.Context, input string, task Task, options Options, charsPerToken float64) (Estimate, error) {
	e := Estimate{CharsPerToken: charsPerToken}
	picked, err := pick(ctx, input, task, options)
	if err != nil {
		return e, err
	}
	var answers *journal.Journal
	if _, err := os.Stat(options.Journal); err == nil {
		if answers, err = journal.Open(ctx, options.Journal); err != nil {
			return e, err
		}
		defer answers.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return e, err
	}
	var prompt, completion float64
	for row, err := range picked.rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return e, err
		}
		e.Samples++
		for _, expected := range task.Expect(row.Sample) {
			e.Requests++
			known, err := inJournal(ctx, answers, expected)
			if err != nil {
				return e, err
			}
			if known {
				e.InJournal++
				continue
			}
			for _, m := range expected.Request.Messages {
				prompt += float64(utf8.RuneCountInString(m.Content)) / charsPerToken
			}
			completion += float64(expected.Characters) / charsPerToken
		}
	}
	e.PromptTokens, e.CompletionTokens = int64(prompt), int64(completion)
	e.Cost = options.cost(e.PromptTokens, e.CompletionTokens)
	return e, nil
}

func inJournal(ctx context.Context, answers *journal.Journal, expected Expected) (bool, error) {
	wire, err := expected.Request.Wire()
	if answers == nil || err != nil { // a text that cannot be sent costs nothing either
		return err != nil, nil
	}
	_, found, err := answers.Get(ctx, wire.Key)
	return found, err
}

func (e Estimate) print(w io.Writer, input string, options Options) error {
	_, err := fmt.Fprintf(w, `%s: %d samples, %d requests, of which %d are in the journal; the others take about
  %d prompt tokens
  %d generated tokens
at %.1f characters a token, texts %.1f times as long in French, and when no gate rejects anything.
`, input, e.Samples, e.Requests, e.InJournal, e.PromptTokens, e.CompletionTokens, e.CharsPerToken, frenchGrowth)
	if err != nil || options.PriceIn == 0 && options.PriceOut == 0 {
		return err
	}
	_, err = fmt.Fprintf(w, "cost: %.2f, at %g and %g for a million tokens\n", e.Cost, options.PriceIn, options.PriceOut)
	return err
}
