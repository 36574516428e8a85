package translate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/journal"
	"github.com/kurakurai/luth/translate/jsonrepair"
	"github.com/kurakurai/luth/translate/llm"
)

// questionsStage made the questions of a paper that no rules were asked about,
// and reasonNoRules is why the model is then asked for every answer.
const (
	questionsStage = "translate.questions"
	reasonNoRules  = "no_rules"
)

// reasonUnusable is that of a listed question without a text that can be used.
const reasonUnusable = "unusable_question"

var listSchema = json.RawMessage(`{"type":"object","properties":{"questions":{"type":"array","items":{"type":"object","properties":{"path":{"type":"string"},"context":{"type":"string"},"question":{"type":"string"}},"required":["path","context","question"],"additionalProperties":false}}},"required":["questions"],"additionalProperties":false}`)

// examQuestion is one of a subject, as the model lists them; one that cannot
// be used has no text.
type examQuestion struct {
	Path     string `json:"path"`
	Context  string `json:"context"`
	Question string `json:"question"`
}

// listQuestions asks for the questions of a subject, and returns them as rows
// without answers. It shares servers and journal with the stage.
func (p paperTask) listQuestions(ctx context.Context, options Options, rehearsal bool) (rows []dataset.Row, err error) {
	subject, err := p.extractor.texts(p.origin.SHA256)
	if err != nil {
		return nil, err
	}
	pool, hangUp, err := connect(ctx, p.Task, options, rehearsal)
	if err != nil {
		return nil, err
	}
	defer hangUp()
	answers, err := journal.Open(ctx, options.Journal)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answers.Close()) }()
	asker := &Asker{desk: &desk{stage: questionsStage, journal: answers, pool: pool}, fresh: len(options.RetryDead) > 0}
	list, err := p.extractor.list(ctx, asker, subject)
	if err != nil {
		return nil, fmt.Errorf("list the questions of the subject: %w\nwith --retry-dead they are asked for anew; luth scrape align and --pairs do without", err)
	}
	step := dataset.Step{
		Stage: questionsStage, Version: p.Version, Params: p.Params, Prompt: p.Prompt.Hash,
		Model: asker.model, Server: asker.server,
	}
	for i, q := range list {
		rows = append(rows, dataset.Row{Split: "train", Sample: q.sample(subject, p.origin, step)})
		if i == 0 { // one answer has made them all
			rows[0].Sample.Steps[0].Tokens = asker.tokens
		}
	}
	return rows, nil
}

func (q examQuestion) sample(subject *source, origin dataset.Origin, step dataset.Step) dataset.Sample {
	first, last, _ := subject.find(q.Question)
	origin.Path, origin.Pages = q.Path, pages(first, last)
	if q.Question == "" {
		step.Flags = []string{reasonUnusable}
	} else {
		step.Flags = paper{subject, subject}.rewritten(extracted{Context: q.Context, Question: q.Question})
	}
	return dataset.Sample{Messages: exchange(q.Context, q.Question, ""), Origin: origin, Steps: []dataset.Step{step}}
}

// list asks until a list is good to the last question, and takes the last one
// that has any when the tries are spent.
func (e extractor) list(ctx context.Context, a *Asker, subject *source) (usable []examQuestion, err error) {
	reason := ""
	for try := range tries {
		var answer llm.Answer
		if answer, err = a.Ask(ctx, e.listRequest(subject, reason, try)); err != nil {
			return nil, err
		}
		var list []examQuestion
		text := answer.Content
		if e.params.Thinking {
			text, _ = parted(tidy(text), answer.Reasoning)
		}
		if list, err = readQuestions(text); err == nil {
			return list, nil
		}
		if len(list) > 0 {
			usable = list
		}
		reason = err.Error()
	}
	if len(usable) > 0 {
		return usable, nil
	}
	return nil, err
}

// readQuestions reads a list, mended by rules. With an error about a question
// there is a list all the same, if others have a text.
func readQuestions(text string) (list []examQuestion, err error) {
	var made struct {
		Questions []examQuestion `json:"questions"`
	}
	repaired, _, err := jsonrepair.Repair(text)
	if err == nil {
		err = json.Unmarshal([]byte(repaired), &made)
	}
	if err != nil {
		return nil, errors.New(oneLine(err.Error()))
	}
	good := 0
	for i := range made.Questions {
		q := &made.Questions[i]
		q.Path, q.Context, q.Question = oneLine(q.Path), tidy(q.Context), tidy(q.Question)
		if q.Path == "" {
			q.Path = strconv.Itoa(i + 1)
		}
		if q.Question == "" || control(q.Question+q.Context) != nil {
			err = cmp.Or(err, fmt.Errorf("question %d has no text, or control characters in it", i+1))
			q.Context, q.Question = "", ""
			continue
		}
		good++
	}
	if good == 0 {
		return nil, cmp.Or(err, errors.New("it lists no question"))
	}
	return made.Questions, err
}

func (e extractor) listRequest(subject *source, reason string, try int) llm.Request {
	if reason != "" {
		reason = e.prompt.fill("again", "reason", reason)
	}
	text := e.prompt.fill("list", "tag", freshTag(subject.text), "subject", subject.text, "again", reason)
	return e.params.request([]dataset.Message{
		{Role: dataset.RoleSystem, Content: e.prompt.fill("system")},
		{Role: dataset.RoleUser, Content: text},
	}, e.params.budget(subject.text), try, map[string]any{"response_format": responseFormat("questions", listSchema)})
}

// these yields rows that are there already.
func these(rows []dataset.Row) iter.Seq2[dataset.Row, error] {
	return func(yield func(dataset.Row, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}
