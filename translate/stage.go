package translate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/kurakurai/luth/dataset"
)

// kind is a stage as recipes and commands know it.
type kind struct {
	name, short string
	long        string // paragraphs of the command's help, each with a newline at its end
	version     string
	defaults    func() params
}

// params are the parameters of a stage.
type params interface {
	sampling() *Sampling
	task() (Task, error)
}

func (p *PromptsParams) sampling() *Sampling    { return &p.Sampling }
func (p *PromptsParams) task() (Task, error)    { return promptsTask(*p) }
func (p *RegenerateParams) sampling() *Sampling { return &p.Sampling }
func (p *RegenerateParams) task() (Task, error) { return regenerateTask(*p) }
func (p *CleanParams) sampling() *Sampling      { return &p.Sampling }
func (p *CleanParams) task() (Task, error)      { return cleanTask(*p) }
func (p *ExtractParams) sampling() *Sampling    { return &p.Sampling }
func (p *JudgeParams) sampling() *Sampling      { return &p.Sampling }
func (p *JudgeParams) task() (Task, error)      { return judgeTask(*p) }

func promptsKind() kind {
	return kind{
		name: "prompts", short: "put the user's and the system's turns into French, with a language model", version: promptsVersion,
		defaults: func() params { p := promptsDefaults(); return &p },
	}
}

func regenerateKind() kind {
	return kind{
		name: "regenerate", short: "write all answers anew, in French, with a language model", version: regenerateVersion,
		defaults: func() params { p := regenerateDefaults(); return &p },
	}
}

func extractKind() kind {
	return kind{
		name: "extract", short: "find the answers that the rules of align could not, with a language model", version: extractVersion,
		defaults: func() params { p := extractDefaults(); return &p },
	}
}

func cleanKind() kind {
	return kind{
		name: "clean", short: "mend spelling and LaTeX and make the reasoning explicit, with a language model", version: cleanVersion,
		long: `
What a text states and comes to must survive: the numbers and formulas of a
question; what an answer boxes, and the numbers and formulas of its conclusion.
A text in which they differ is asked for once more with the difference; then
the row is dead (result_changed), and in OUT/dropped as it came.
`,
		defaults: func() params { p := cleanDefaults(); return &p },
	}
}

func judgeKind() kind {
	return kind{
		name: "judge", short: "drop samples that a language model judges False by a set of criteria", version: judgeVersion,
		long: `
The verdict is True or False, by JSON schema and at temperature 0; a server that
ignores the schema is refused, with what else can be used there. What is False
is in OUT/dropped with the criteria and the model's reason. p(True), where the
server gives log probabilities, is the step's confidence; --threshold lets it
decide.
`,
		defaults: func() params { p := judgeDefaults(); return &p },
	}
}

// kinds are the stages whose commands are `IN OUT`.
func kinds() []kind { return []kind{promptsKind(), regenerateKind(), cleanKind(), judgeKind()} }

// Stages returns the stages that a recipe can name:
//
//   - translate.prompts: {model: Qwen/Qwen3-32B}
//   - translate.regenerate: {n: 2}
//   - translate.extract: {texts: out/work/NAME/02-extract/texts}
//   - translate.clean: {temperature: 0.3}
//   - translate.judge: {criteria: french/v1}
//
// The servers are named by the environment variable LUTH_LLM_URL, so that
// recipes are the same everywhere. Every stage keeps its journal in its
// folder.
func Stages() []dataset.Stage {
	var stages []dataset.Stage
	for _, k := range append(kinds(), extractKind()) {
		stages = append(stages, dataset.Stage{
			Name: "translate." + k.name, Version: k.version, Short: k.short,
			NeedsInput: true, Check: k.check,
			External: func(job dataset.Job) (string, error) {
				task, err := k.ready(job)
				return task.Prompt.Hash, err
			},
			Run: func(ctx context.Context, job dataset.Job) (dataset.Outcome, error) {
				task, err := k.ready(job)
				if err != nil {
					return dataset.Outcome{}, err
				}
				options, err := fromEnvironment(job)
				if err != nil {
					return dataset.Outcome{}, err
				}
				return Run(ctx, job, task, options)
			},
		})
	}
	return stages
}

// check finds wrong parameters before the stages of a build run, and a server
// that is not named where the stage has never run and so cannot do without.
func (k kind) check(job dataset.Job) error {
	if _, err := k.ready(job); err != nil {
		return err
	}
	options, err := fromEnvironment(job)
	if err != nil {
		return err
	}
	if _, err := os.Stat(job.WorkDir); len(options.Endpoints) == 0 && !job.Rehearsal && errors.Is(err, fs.ErrNotExist) {
		return noServer(true)
	}
	return nil
}

// ready makes a task of the parameters of a job.
func (k kind) ready(job dataset.Job) (Task, error) {
	p := k.defaults()
	if err := job.Params.Decode(p); err != nil {
		return Task{}, fmt.Errorf("parameters of translate.%s: %w", k.name, err)
	}
	return k.taskOf(p, job.Rehearsal)
}

func (k kind) taskOf(p params, rehearsal bool) (Task, error) {
	if rehearsal {
		p.sampling().Model = dataset.RehearsalModel
	}
	task, err := p.task()
	if err != nil {
		return Task{}, fmt.Errorf("parameters of translate.%s: %w", k.name, err)
	}
	return task, nil
}
