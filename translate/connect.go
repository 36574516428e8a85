package translate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/internal/fakellm"
	"github.com/kurakurai/luth/translate/llm"
)

// noServer is what a run without a server ends with: there is nothing that
// could stand in for one.
func noServer(inRecipe bool) error {
	what := "this needs a language model behind an OpenAI-compatible server, and none is named\n"
	how := "set --base-url http://HOST:8000/v1 or " + envURL + " (and " + envKey + " if it wants a key), for instance for `vllm serve Qwen/Qwen3-32B`;\n" +
		"--replay uses only what a journal has, --rehearsal tries the whole road with a fake whose answers mean nothing"
	if inRecipe {
		how = "set " + envURL + "=http://HOST:8000/v1 (and " + envKey + " if it wants a key), for instance for `vllm serve Qwen/Qwen3-32B`;\n" +
			"with `rehearsal: true` the recipe tries the whole road with a fake whose answers mean nothing"
	}
	return exit.Usage(errors.New(what + how))
}

// connect opens the servers and makes sure that they can do what the task
// asks. The pool is nil for a replay.
func connect(ctx context.Context, task Task, options Options, rehearsal bool) (pool *llm.Pool, hangUp func(), err error) {
	hangUp = func() {}
	if options.Replay {
		return nil, hangUp, checkJournal(options.Journal)
	}
	if rehearsal {
		if options.Endpoints, hangUp, err = rehearse(); err != nil {
			return nil, nil, err
		}
		options.Key = ""
	}
	pool, err = dial(ctx, task, options)
	if err != nil {
		hangUp()
		return nil, nil, err
	}
	return pool, hangUp, nil
}

// rehearse starts the fake on loopback.
func rehearse() (urls []string, stop func(), err error) {
	url, stop, err := fakellm.New(fakellm.Options{Thinks: true}).Listen("127.0.0.1:0")
	if err != nil {
		return nil, nil, fmt.Errorf("start the rehearsal server: %w", err)
	}
	return []string{url}, stop, nil
}

func dial(ctx context.Context, task Task, options Options) (*llm.Pool, error) {
	endpoints, err := endpoints(options)
	if err != nil {
		return nil, err
	}
	if _, err := llm.CheckModels(ctx, endpoints, task.Model); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		remedy := "--base-url, --model and the key"
		if options.InRecipe {
			remedy = envURL + ", " + envKey + " and the stage's `model`"
		}
		return nil, exit.Usage(fmt.Errorf("%w\nstart the server, or correct %s", err, remedy))
	}
	how := llm.Options{Timeout: options.Timeout, Patience: options.Patience}
	for _, e := range endpoints {
		if err := checkThinking(ctx, e, task, how); err != nil {
			return nil, err
		}
		if err := checkNeeds(ctx, e, task, how); err != nil {
			return nil, err
		}
	}
	return llm.NewPool(endpoints, how), nil
}

func endpoints(options Options) ([]*llm.Endpoint, error) {
	if len(options.Endpoints) == 0 {
		return nil, noServer(options.InRecipe)
	}
	list := make([]*llm.Endpoint, len(options.Endpoints))
	for i, text := range options.Endpoints {
		e, err := llm.ParseEndpoint(text, options.Key, max(1, options.Concurrency))
		if err != nil {
			return nil, exit.Usage(err)
		}
		list[i] = e
	}
	return list, nil
}

// checkThinking asks one short question, with the task's own parameters, and
// refuses a server that thinks though it is told not to: the thoughts would
// eat the budget, or stand in the texts.
func checkThinking(ctx context.Context, e *llm.Endpoint, task Task, how llm.Options) error {
	if task.Canary.Model == "" {
		return nil
	}
	wire, err := task.Canary.Wire()
	if err != nil {
		return err
	}
	answer, err := llm.NewPool([]*llm.Endpoint{e}, how).Ask(ctx, wire)
	var failure *llm.Error
	if errors.As(err, &failure) {
		switch failure.Class {
		case llm.Length, llm.Finish, llm.Empty:
			answer, err = failure.Answer, nil
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return exit.Usage(fmt.Errorf("%s does not answer a short question with the stage's parameters: %w", e.Host(), err))
	case answer.Reasoning != "" || strings.Contains(answer.Content, "<think>"):
		return exit.Usage(fmt.Errorf("%s thinks although chat_template_kwargs says enable_thinking: false; its chat template or server ignores the switch\nserve a template that has it, or set thinking: true, see `luth translate doctor`", e.Host()))
	}
	return nil
}

// canary is a short question with the given sampling; none where the model may
// think.
func canary(s Sampling) llm.Request {
	if s.Thinking {
		return llm.Request{}
	}
	return s.request([]dataset.Message{{Role: dataset.RoleUser, Content: "Répondez par le seul mot oui."}}, 32, 0, nil)
}
