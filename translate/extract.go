package translate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/translate/jsonrepair"
	"github.com/kurakurai/luth/translate/llm"
)

// extractVersion is that of the stage's algorithm.
const extractVersion = "1"

// ExtractParams are the parameters of the stage translate.extract.
type ExtractParams struct {
	Sampling `yaml:",inline"`
	Prompt   string   `yaml:"prompt" json:"prompt"`   // extract/v1, or the path of a .txt file
	Reasons  []string `yaml:"reasons" json:"reasons"` // of scrape.align, for which the model is asked
	Texts    string   `yaml:"texts" json:"-"`         // folder of the papers' texts, by the SHA-256 of the file; of the stage alone
}

// reasonEmptyQuestion is that of rows of which the rules have no question
// either.
const reasonEmptyQuestion = "empty_question"

// alignReasons are all for which scrape align leaves a question out.
var alignReasons = []string{
	"identical_texts", reasonEmptyQuestion, "not_a_question", "no_answer", "empty_answer", "garbled", "answer_repeats_question",
	"low_confidence", "draw", "needs_annex", "needs_figure", "needs_document", "unfinished_answer",
}

func extractDefaults() ExtractParams {
	return ExtractParams{
		Sampling: Sampling{Model: luthSampling(1).Model, TopP: 1, MaxTokens: 2048}, Prompt: "extract/v1",
		// Not those that no text can mend: needs_figure, garbled, identical_texts, …
		Reasons: []string{"no_answer", "empty_answer", "low_confidence", "answer_repeats_question", reasonEmptyQuestion},
	}
}

// textOf returns the text of a file by its SHA-256.
type textOf func(sha256 string) (*source, error)

// extractTask makes the stage ready: rows that the rules of scrape's align kept
// go on as they are; for those that they could not align the model reads
// subject and correction; the others are dropped for the rules' reason.
func extractTask(p ExtractParams, texts textOf) (Task, error) {
	for _, reason := range p.Reasons {
		if !slices.Contains(alignReasons, reason) {
			return Task{}, fmt.Errorf("reasons: scrape align knows no %q; it knows %s", reason, strings.Join(alignReasons, ", "))
		}
	}
	task, err := newTask("translate.extract", extractVersion, p, p.Sampling, p.Prompt, "system", "user", "answer", "question", "list", "again")
	e := extractor{params: p, prompt: task.Prompt, texts: texts}
	task.Do, task.Expect = e.do, e.expect
	task.Needs = []need{needSchema}
	return task, err
}

type extractor struct {
	params ExtractParams
	prompt Prompt
	texts  textOf
}

// paper is what a question is looked up in.
type paper struct{ subject, correction *source }

// The ways in which the model ends a question, and the classes of rows about
// which it says nothing usable.
const (
	statusAnswered = "answered"
	statusNoAnswer = "no_answer"
	statusFigure   = "needs_figure"

	deadJSON   = "bad_json"
	deadNoText = "no_text"
)

var (
	answerSchema   = json.RawMessage(`{"type":"object","properties":{"status":{"type":"string","enum":["answered","no_answer","needs_figure"]},"answer":{"type":"string"}},"required":["status","answer"],"additionalProperties":false}`)
	questionSchema = json.RawMessage(`{"type":"object","properties":{"status":{"type":"string","enum":["answered","no_answer","needs_figure"]},"context":{"type":"string"},"question":{"type":"string"},"answer":{"type":"string"}},"required":["status","context","question","answer"],"additionalProperties":false}`)
)

// extracted is what the model answers.
type extracted struct {
	Status   string `json:"status"`
	Context  string `json:"context"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

func (e extractor) do(ctx context.Context, a *Asker, s dataset.Sample) Result {
	reason := reasonOf(s)
	switch {
	case reason == "":
		return Result{Sample: s}
	case reason == reasonUnusable:
		return Result{Dropped: reason, Detail: "the model listed it without a text, or with control characters"}
	case !e.asks(reason):
		return Result{Dropped: reason, Detail: "by the rules of " + alignedStage}
	}
	p, err := e.paper(s)
	if err != nil {
		return Result{Dead: deadNoText, Detail: err.Error()}
	}
	made, flags, err := e.ask(ctx, a, p, s)
	var bad badExtract
	switch {
	case errors.As(err, &bad):
		return Result{Dead: bad.class, Detail: bad.detail}
	case err != nil:
		return failed(err)
	case made.Status != statusAnswered:
		return Result{Dropped: made.Status, Detail: "by the rules (" + reason + ") and the model"}
	}
	s.Messages = slices.Clone(s.Messages)
	if needsQuestion(s) {
		s.Messages = exchange(made.Context, made.Question, made.Answer)
		first, last, _ := p.subject.find(made.Question)
		s.Origin.Pages = pages(first, last)
	}
	s.Messages[len(s.Messages)-1].Content = made.Answer
	first, last, _ := p.correction.find(made.Answer)
	s.Origin.AnswerPages = pages(first, last)
	return Result{Sample: s, Flags: flags}
}

func (e extractor) asks(reason string) bool {
	return reason == reasonNoRules || slices.Contains(e.params.Reasons, reason)
}

func needsQuestion(s dataset.Sample) bool { return reasonOf(s) == reasonEmptyQuestion }

func (e extractor) paper(s dataset.Sample) (p paper, err error) {
	if len(s.Messages) != 2 {
		return p, fmt.Errorf("%d messages where %s writes two", len(s.Messages), alignedStage)
	}
	if p.subject, err = e.texts(s.Origin.SHA256); err == nil {
		p.correction, err = e.texts(s.Origin.AnswerSHA256)
	}
	return p, err
}

// badExtract is an answer that cannot be used.
type badExtract struct{ class, detail string }

func (b badExtract) Error() string { return b.class + ": " + b.detail }

// ask asks until an answer can be used, and once more for one that is not word
// for word; what is rewritten then is flagged.
func (e extractor) ask(ctx context.Context, a *Asker, p paper, s dataset.Sample) (made extracted, flags []string, err error) {
	reason := ""
	for try := range tries {
		answer, err := a.Ask(ctx, e.request(p, s, reason, try))
		if err != nil {
			return made, nil, err
		}
		text := answer.Content
		if e.params.Thinking {
			text, _ = parted(tidy(text), answer.Reasoning)
		}
		var bad *badExtract
		made, bad = readExtracted(text, needsQuestion(s))
		if bad == nil {
			flags = p.rewritten(made)
			bad = gateWording(s, made, flags)
		}
		switch {
		case bad != nil && try == tries-1:
			return made, nil, *bad
		case bad != nil:
			reason = bad.Error()
		case len(flags) == 0 || try > 0:
			return made, flags, nil
		default:
			reason = "not word for word as in the texts: " + strings.Join(flags, ", ")
		}
	}
	return made, flags, nil
}

// readExtracted reads an answer: mended by rules, and then whole or nothing.
func readExtracted(text string, question bool) (extracted, *badExtract) {
	var made extracted
	repaired, _, err := jsonrepair.Repair(text)
	if err == nil {
		err = json.Unmarshal([]byte(repaired), &made)
	}
	if err != nil {
		return made, &badExtract{deadJSON, oneLine(err.Error())}
	}
	made.Context, made.Question, made.Answer = tidy(made.Context), tidy(made.Question), tidy(made.Answer)
	if !question { // the rules' stay
		made.Context, made.Question = "", ""
	}
	switch {
	case made.Status == statusNoAnswer || made.Status == statusFigure:
		return made, nil
	case made.Status != statusAnswered:
		return made, &badExtract{deadJSON, fmt.Sprintf("status is %.40q", made.Status)}
	case made.Answer == "" || question && made.Question == "":
		return made, &badExtract{deadJSON, "status is answered, and the answer or the question is empty"}
	}
	for _, part := range []string{made.Context, made.Question, made.Answer} {
		if found := control(part); found != nil {
			return made, &badExtract{gateControl, found[0].Detail}
		}
	}
	return made, nil
}

// rewritten names the parts of an answer that the texts do not have.
func (p paper) rewritten(made extracted) (flags []string) {
	for _, part := range []struct {
		name, text string
		in         *source
	}{{"context", made.Context, p.subject}, {"question", made.Question, p.subject}, {"answer", made.Answer, p.correction}} {
		if _, _, found := part.in.find(part.text); !found && part.text != "" {
			flags = append(flags, part.name+"_rewritten")
		}
	}
	return flags
}

// gateWording puts an answer that is the model's wording through the gates of
// models' answers.
func gateWording(s dataset.Sample, made extracted, flags []string) *badExtract {
	if !slices.Contains(flags, "answer_rewritten") {
		return nil
	}
	question := s.Messages[0].Content
	if made.Question != "" {
		question = made.Question
	}
	if f, rejected := rejection(answerGate(question, made.Answer, nil)); rejected {
		return &badExtract{f.Gate, f.Detail}
	}
	return nil
}

// request has the texts of the paper before everything that is the question's
// own, so that a server can keep them from one question to the next.
func (e extractor) request(p paper, s dataset.Sample, reason string, try int) llm.Request {
	question := s.Messages[0].Content
	tag := freshTag(p.subject.text + p.correction.text + question)
	section, schema := "answer", answerSchema
	if needsQuestion(s) {
		section, schema = "question", questionSchema
	}
	if reason != "" {
		reason = e.prompt.fill("again", "reason", reason)
	}
	task := e.prompt.fill(section, "tag", tag, "path", s.Origin.Path, "question", question)
	text := e.prompt.fill("user", "tag", tag, "subject", p.subject.text, "correction", p.correction.text, "again", reason, "task", task)
	return e.params.request([]dataset.Message{
		{Role: dataset.RoleSystem, Content: e.prompt.fill("system")},
		{Role: dataset.RoleUser, Content: text},
	}, e.params.MaxTokens, try, map[string]any{"response_format": responseFormat("extracted", schema)})
}

// answerCharacters is about the length of an answer in Scholar.
const answerCharacters = 700

func (e extractor) expect(s dataset.Sample) []Expected {
	if !e.asks(reasonOf(s)) {
		return nil
	}
	p, err := e.paper(s)
	if err != nil {
		return nil
	}
	return []Expected{{e.request(p, s, "", 0), answerCharacters}}
}
