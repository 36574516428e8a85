package translate

import (
	"context"
	"errors"

	"golang.org/x/sync/singleflight"

	"github.com/kurakurai/luth/translate/journal"
	"github.com/kurakurai/luth/translate/llm"
)

// errNotAnswered ends a sample whose answer is not in the journal when there
// is no server to ask.
var errNotAnswered = errors.New("not answered yet")

// desk is where questions go: to the journal first, then to the servers.
type desk struct {
	stage   string
	journal *journal.Journal
	pool    *llm.Pool // nil to replay the journal only
	flights singleflight.Group
}

// Asker asks on behalf of one sample, and adds up what that took.
type Asker struct {
	desk  *desk
	fresh bool // ask also what the journal has

	model, server string // of the last answer
	tokens        int64  // generated, also in answers that were refused
	asked         bool   // something was not in the journal
}

// Ask returns the answer to r: the journal's, or a new one, which is in the
// journal when Ask returns. An answer cut at max_tokens is asked for once more
// with twice as many. The error is an *llm.Error when there is no answer; any
// other ends the run.
func (a *Asker) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	answer, err := a.once(ctx, r)
	if larger := min(2*r.MaxTokens, maxBudget); classOf(err) == llm.Length && larger > r.MaxTokens {
		r.MaxTokens = larger
		answer, err = a.once(ctx, r)
	}
	return answer, err
}

func classOf(err error) llm.Class {
	var failure *llm.Error
	if errors.As(err, &failure) {
		return failure.Class
	}
	return ""
}

func (a *Asker) once(ctx context.Context, r llm.Request) (llm.Answer, error) {
	wire, err := r.Wire()
	if err != nil {
		return llm.Answer{}, err
	}
	// Samples that ask the same at the same time share one answer.
	result, err, _ := a.desk.flights.Do(string(wire.Key[:]), func() (any, error) {
		return a.desk.answer(ctx, wire, a.fresh)
	})
	if err != nil {
		return llm.Answer{}, err
	}
	got := result.(reply)
	a.asked = a.asked || got.asked
	answer := got.entry.Answer
	if got.entry.Err != nil {
		answer = got.entry.Err.Answer
	}
	a.tokens += int64(answer.CompletionTokens)
	if answer.Model != "" {
		a.model, a.server = r.Model, answer.Server
	}
	if got.entry.Err != nil {
		return llm.Answer{}, got.entry.Err
	}
	return answer, nil
}

// reply is an entry of the journal, maybe a new one.
type reply struct {
	entry journal.Entry
	asked bool
}

func (d *desk) answer(ctx context.Context, wire llm.Wire, fresh bool) (reply, error) {
	if !fresh {
		entry, found, err := d.journal.Get(ctx, wire.Key)
		if err != nil || found {
			return reply{entry: entry}, err
		}
	}
	if d.pool == nil {
		return reply{}, errNotAnswered
	}
	entry := journal.Entry{Key: wire.Key, Stage: d.stage}
	var err error
	entry.Answer, err = d.pool.Ask(ctx, wire)
	if err != nil && (!errors.As(err, &entry.Err) || entry.Err.Class.Fatal()) {
		return reply{}, err
	}
	if err := d.journal.Put(ctx, entry); err != nil {
		return reply{}, err
	}
	return reply{entry: entry, asked: true}, nil
}
