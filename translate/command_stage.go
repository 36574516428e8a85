package translate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kurakurai/luth/dataset"
	"github.com/kurakurai/luth/internal/exit"
)

// stageFlags are the flags of a command that runs a stage.
type stageFlags struct {
	Options
	keyEnv        string
	config        string
	rehearsal     bool
	dryRun        bool
	asJSON        bool
	charsPerToken float64
}

func newStageCommand(k kind) *cobra.Command {
	var f stageFlags
	p := k.defaults()
	cmd := &cobra.Command{
		Use:   k.name + " IN OUT",
		Short: strings.ToUpper(k.short[:1]) + k.short[1:],
		Long: strings.ToUpper(k.short[:1]) + k.short[1:] + `.
` + k.long + `
IN is a dataset directory, a .parquet or .jsonl file or a folder of such files;
OUT is a dataset directory, and its journal is OUT.journal.db. The balance is
printed at the end: in = out + dropped + dead + pending. Dropped and dead rows
are in OUT/dropped with the reason.

The parameters are also those of the recipe's stage translate.` + k.name + `; --config
reads them from a YAML file, and flags go before it.`,
		Example: `  luth translate ` + k.name + ` in out --base-url http://localhost:8000/v1
  luth translate ` + k.name + ` in out --dry-run --price-in 0.1 --price-out 0.3
  luth translate ` + k.name + ` in out --rehearsal --limit 100`,
		Args: cobra.ExactArgs(2),
	}
	addParams(cmd.Flags(), p)
	f.addTo(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.readConfig(cmd.Flags(), p); err != nil {
			return err
		}
		task, err := k.taskOf(p, f.rehearsal)
		if err != nil {
			return exit.Usage(err)
		}
		if err := f.complete(cmd.Flags(), args[1]); err != nil {
			return exit.Usage(err)
		}
		if f.dryRun {
			return f.estimate(cmd, args[0], task)
		}
		return f.run(cmd, args, task)
	}
	return cmd
}

// addTo adds the flags that say where and how to ask.
func (f *stageFlags) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&f.config, "config", "", "YAML file with the parameters")
	flags.StringArrayVar(&f.Endpoints, "base-url", nil, "server, such as http://localhost:8000/v1; several times for several, URL,weight=2 for a stronger one (default $"+envURL+")")
	flags.StringVar(&f.keyEnv, "key-env", envKey, "environment variable that holds the server's key")
	flags.IntVar(&f.Concurrency, "concurrency", defaultConcurrency, "most requests in flight at a server; luth finds out how many pay")
	flags.DurationVar(&f.Timeout, "timeout", 0, "time for one answer (default 1m, and 0.2s for each token it may have)")
	flags.DurationVar(&f.Patience, "patience", 0, "time that servers may be down before the run gives up (default 15m)")
	flags.StringVar(&f.Journal, "journal", "", "file that keeps the answers (default OUT.journal.db)")
	flags.BoolVar(&f.Force, "force", false, "replace OUT also by fewer samples, or when another stage made it")
	flags.BoolVar(&f.Replay, "replay", false, "ask no server: rows that the journal cannot answer are pending")
	flags.StringSliceVar(&f.RetryDead, "retry-dead", nil, "ask again for dead rows of these classes and gates")
	flags.Lookup("retry-dead").NoOptDefVal = "all"
	flags.Int64Var(&f.Limit, "limit", 0, "only the first N rows; the others are pending")
	flags.Int64Var(&f.Sample, "sample", 0, "only N rows drawn at random; the others are pending")
	flags.Int64Var(&f.Seed, "seed", 0, "seed of --sample")
	flags.Int64Var(&f.MaxDead, "max-dead", -1, "stop when more rows are dead (default any number)")
	flags.BoolVar(&f.dryRun, "dry-run", false, "ask nobody; estimate requests, tokens and cost")
	flags.Float64Var(&f.charsPerToken, "chars-per-token", 3.5, "for --dry-run")
	flags.Float64Var(&f.PriceIn, "price-in", 0, "price of a million prompt tokens")
	flags.Float64Var(&f.PriceOut, "price-out", 0, "price of a million generated tokens")
	flags.BoolVar(&f.rehearsal, "rehearsal", false, "ask luth's own fake server; every row is marked and cannot be published")
	flags.BoolVar(&f.asJSON, "json", false, "print the balance as JSON")
}

// addParams adds the flags of a stage's parameters.
func addParams(flags *pflag.FlagSet, p params) {
	s := p.sampling()
	flags.StringVar(&s.Model, "model", s.Model, "model, as the server names it")
	flags.Float64Var(&s.Temperature, "temperature", s.Temperature, "sampling temperature; 0 is sent too")
	flags.Float64Var(&s.TopP, "top-p", s.TopP, "nucleus")
	flags.IntVar(&s.MaxTokens, "max-tokens", s.MaxTokens, "least budget of an answer; long texts get more")
	flags.BoolVar(&s.Thinking, "thinking", s.Thinking, "let the model think first")
	switch p := p.(type) {
	case *PromptsParams:
		flags.StringVar(&p.Prompt, "prompt", p.Prompt, "prompt that comes with luth (luth translate list), or a .txt file")
		flags.IntVar(&p.Context, "context", p.Context, "characters of the turns before that are shown beside a later turn")
	case *RegenerateParams:
		flags.StringVar(&p.Prompt, "prompt", p.Prompt, "prompt that comes with luth (luth translate list), or a .txt file")
		flags.IntVar(&p.N, "n", p.N, "candidates for each answer, of which the best is taken")
		flags.StringVar(&p.Reasoning, "reasoning", p.Reasoning, "strip or keep the model's thoughts")
	case *CleanParams:
		flags.StringVar(&p.Prompt, "prompt", p.Prompt, "prompt that comes with luth (luth translate list), or a .txt file")
	case *ExtractParams:
		flags.StringVar(&p.Prompt, "prompt", p.Prompt, "prompt that comes with luth (luth translate list), or a .txt file")
		flags.StringSliceVar(&p.Reasons, "reasons", p.Reasons, "reasons of scrape align for which the model is asked")
	case *JudgeParams:
		flags.StringVar(&p.Criteria, "criteria", p.Criteria, "criteria that come with luth (luth translate list, judge/…), or a .txt file")
		flags.StringVar(&p.Format, "format", p.Format, "how the verdict is asked for: schema, choice (structured_outputs; no reason) or plain")
		flags.BoolVar(&p.Logprobs, "logprobs", p.Logprobs, "ask for log probabilities, which give the step's confidence, p(True)")
		flags.Float64Var(&p.Threshold, "threshold", p.Threshold, "drop below this p(True), to be calibrated on labelled samples (default the verdict decides)")
	}
}

const maxConfigBytes = 1 << 20

// readConfig reads the parameters from the file that --config names; flags
// that were given keep their values.
func (f *stageFlags) readConfig(flags *pflag.FlagSet, p params) error {
	if f.config == "" {
		return nil
	}
	given := map[*pflag.Flag]string{}
	flags.Visit(func(flag *pflag.Flag) { given[flag] = flag.Value.String() })
	file, err := os.Open(f.config)
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxConfigBytes))
	if err != nil {
		return fmt.Errorf("read %s: %w", f.config, err)
	}
	parsed, err := dataset.ParseParams(string(text))
	if err == nil {
		err = parsed.Decode(p)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", f.config, err)
	}
	for flag, value := range given { // those of parameters lie in p, which was overwritten
		if _, list := flag.Value.(pflag.SliceValue); !list {
			err = errors.Join(err, flag.Value.Set(value))
		}
	}
	return err
}

// fileName is the end of a name of rows or of a table.
var fileName = regexp.MustCompile(`(?i)\.(jsonl?|parquet|csv|arrow)(\.(gz|zst))?$`)

// complete fills in what depends on other flags and on the environment.
func (f *stageFlags) complete(flags *pflag.FlagSet, out string) error {
	f.Key = os.Getenv(f.keyEnv)
	if len(f.Endpoints) == 0 && !f.rehearsal {
		f.Endpoints = strings.Fields(os.Getenv(envURL))
	}
	switch {
	case fileName.MatchString(filepath.Clean(out)):
		return fmt.Errorf("OUT is a dataset directory, and %s is the name of a file; leave out %s", out, fileName.FindString(filepath.Clean(out)))
	case f.Key == "" && flags.Changed("key-env"):
		return fmt.Errorf("--key-env: the environment variable %s is not set", f.keyEnv)
	case f.rehearsal && (flags.Changed("base-url") || f.Replay):
		return errors.New("--rehearsal asks its own server; leave out --base-url and --replay")
	case f.Limit > 0 && f.Sample > 0:
		return errors.New("--limit and --sample cannot be combined")
	case min(f.Limit, f.Sample) < 0:
		return errors.New("--limit and --sample must not be negative")
	case f.Concurrency < 1:
		return errors.New("--concurrency must be at least 1")
	case !(f.charsPerToken > 0):
		return errors.New("--chars-per-token must be above 0")
	}
	if f.Journal == "" {
		f.Journal = filepath.Clean(out) + ".journal.db"
	}
	return nil
}

func (f *stageFlags) estimate(cmd *cobra.Command, in string, task Task) error {
	e, err := estimate(cmd.Context(), in, task, f.Options, f.charsPerToken)
	if err != nil {
		return err
	}
	if f.asJSON {
		return printJSON(cmd.OutOrStdout(), e)
	}
	return e.print(cmd.OutOrStdout(), in, f.Options)
}

func (f *stageFlags) run(cmd *cobra.Command, args []string, task Task) error {
	if err := os.MkdirAll(filepath.Dir(f.Journal), 0o755); err != nil {
		return err
	}
	job := dataset.Job{
		Name: filepath.Base(filepath.Clean(args[1])), Input: args[0], Output: args[1],
		Workers: runtime.GOMAXPROCS(0), Stderr: cmd.ErrOrStderr(), Rehearsal: f.rehearsal,
	}
	job.Card.PrettyName = job.Name
	if d, err := dataset.Open(args[0]); err == nil {
		job.Name, job.Card = d.Manifest.Name, d.Manifest.Card
	}
	outcome, err := Run(cmd.Context(), job, task, f.Options)
	if err != nil {
		if cmd.Context().Err() != nil {
			return dataset.ErrStopped
		}
		return err
	}
	if f.asJSON {
		err = printJSON(cmd.OutOrStdout(), outcome.Balances)
	} else {
		err = dataset.PrintBalances(cmd.OutOrStdout(), outcome.Balances)
	}
	if err != nil {
		return err
	}
	made, _, err := dataset.ReadManifest(args[1])
	if err != nil {
		return err
	}
	return f.printNext(cmd.ErrOrStderr(), args[1], outcome.Balances[0], made.Rehearsal > 0)
}

// printNext says where the rows are, and what goes on with the others.
func (f *stageFlags) printNext(w io.Writer, out string, b dataset.Balance, rehearsed bool) error {
	var text strings.Builder
	fmt.Fprintf(&text, "\n%d samples in %s\n", b.Out, out)
	if rehearsed {
		text.WriteString("this was a rehearsal: its answers are words without a meaning, and cannot be published\n")
	}
	fmt.Fprintf(&text, "see it:   luth dataset head %s\n", out)
	var dead int64
	for class, n := range b.Dead {
		if class != deadRow {
			dead += n
		}
	}
	if dead > 0 {
		fmt.Fprintf(&text, "dead:     %d in %s; to ask again for them: the same command with --retry-dead\n", dead, filepath.Join(out, "dropped"))
	}
	if n := b.Dead[deadRow]; n > 0 {
		fmt.Fprintf(&text, "dead:     %d rows of the input cannot be read\n", n)
	}
	if b.Pending > 0 {
		fmt.Fprintf(&text, "pending:  %d not asked for; to go on with them: the same command%s\n", b.Pending, f.without())
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// without names the flags for which rows are pending.
func (f *stageFlags) without() string {
	var flags []string
	if f.Limit > 0 {
		flags = append(flags, "--limit")
	}
	if f.Sample > 0 {
		flags = append(flags, "--sample")
	}
	if f.Replay {
		flags = append(flags, "--replay")
	}
	if len(flags) == 0 {
		return ""
	}
	return " without " + strings.Join(flags, " and ")
}

func printJSON(w io.Writer, value any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}
