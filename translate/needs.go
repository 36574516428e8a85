package translate

import (
	"context"
	"fmt"

	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/translate/llm"
)

// need is a feature without which a server would be silently wrong.
type need struct {
	name    string
	probe   func(context.Context, prober) (Verdict, string)
	instead string // what to do without it
}

var (
	needSchema = need{"json_schema", probeSchema, "serve with structured outputs; for verdicts there are also --format choice, for servers with structured_outputs, and --format plain"}
	needChoice = need{"structured_outputs", probeChoice, "use --format schema, or --format plain, which takes only an answer that is the asked JSON to the letter"}
)

// checkNeeds asks the doctor's questions about what the task needs, through a
// pool, which waits and asks again where a server is only busy.
func checkNeeds(ctx context.Context, e *llm.Endpoint, task Task, how llm.Options) error {
	p := prober{endpoint: e, model: task.Model, timeout: how.Timeout, pool: llm.NewPool([]*llm.Endpoint{e}, how)}
	for _, n := range task.Needs {
		verdict, detail := n.probe(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if verdict != Honoured {
			return exit.Usage(fmt.Errorf("%s: %s is %s by %s: %s\n%s; `luth translate doctor` shows what the server does", task.Stage, n.name, verdict, e.Host(), oneLine(detail), n.instead))
		}
	}
	return nil
}
