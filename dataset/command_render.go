package dataset

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/internal/chat"
	"github.com/kurakurai/luth/internal/chat/jinja"
	"github.com/kurakurai/luth/internal/exit"
)

func newRenderCommand() *cobra.Command {
	var config, name, now string
	var ends []string
	r := renderer{}
	cmd := &cobra.Command{
		Use:   "render --tokenizer-config FILE [CONVERSATIONS]",
		Short: "Write conversations as text by a model's chat template",
		Long: `Render reads conversations as JSON lines, from a file or from standard input,
and writes each as transformers.apply_chat_template does with the chat template
of the model:

  {"messages": [{"role": "user", "content": "Bonjour"}], "add_generation_prompt": true}

"tools" and "documents" may be given, too; any other key, such as
"enable_thinking", becomes a variable of the template.

The text is written as it is, with a newline between several. With --json each
conversation gives one line {"text"}, or {"error"} where it cannot be rendered.
With --spans the line also says, in bytes of the text, where each message
stands: its "spans" by kind (content, reasoning, tool_calls), the token that
ends its turn or null, and, as "missing", why there is no certain span.

FILE is a tokenizer_config.json, a chat_template.jinja, or their folder.`,
		Example: `  luth dataset render --tokenizer-config Qwen3-0.6B/tokenizer_config.json conversations.jsonl
  echo '{"messages":[{"role":"user","content":"Bonjour"}]}' | luth dataset render --tokenizer-config Qwen3-0.6B --spans`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if config == "" {
				return exit.Usage(fmt.Errorf("--tokenizer-config is needed: name the tokenizer_config.json of a model"))
			}
			var err error
			if r.template, err = loadChatTemplate(config, name); err != nil {
				return err
			}
			if len(ends) > 0 {
				r.template = r.template.WithEndTokens(ends...)
			}
			if now != "" {
				date, err := time.Parse(time.DateOnly, now)
				if err != nil {
					return exit.Usage(fmt.Errorf("--date %s: write it as 2026-01-31", now))
				}
				r.template = r.template.WithTime(date)
			}
			in, path := cmd.InOrStdin(), "standard input"
			if len(args) == 1 && args[0] != "-" {
				f, err := openLines(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in, path = f, args[0]
			}
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
			r.out, r.stderr, r.path = out, cmd.ErrOrStderr(), path
			err = r.lines(cmd.Context(), in)
			if flushed := out.Flush(); err == nil {
				err = flushed
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&config, "tokenizer-config", "", "file or folder with the chat template of the model")
	flags.StringVar(&name, "template", "", "name of the template, where the model has several")
	flags.StringArrayVar(&ends, "end-token", nil, "token that ends a turn, for --spans; may be repeated (default the eos_token and those of known models)")
	flags.StringVar(&now, "date", "", "date for templates that write it, as 2026-01-31 (default today)")
	flags.BoolVar(&r.json, "json", false, `print one line {"text"} per conversation`)
	flags.BoolVar(&r.spans, "spans", false, "also print where each message stands; implies --json")
	return cmd
}

func loadChatTemplate(path, name string) (*chat.Template, error) {
	c, err := chat.ReadConfig(path)
	if err != nil {
		return nil, fmt.Errorf("read the chat template: %w", err)
	}
	t, err := c.Template(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// renderer renders conversations, one a line.
type renderer struct {
	template    *chat.Template
	out         io.Writer
	stderr      io.Writer
	path        string
	json, spans bool
	done        int
}

// lines renders every line. One that cannot be rendered is reported, and the
// others are rendered all the same.
func (r *renderer) lines(ctx context.Context, in io.Reader) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	bad, total := 0, 0
	for number := 1; ; number++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := readLine(lines, maxLine)
		if err == io.EOF {
			break
		}
		if err != nil && err != errLineTooLong {
			return fmt.Errorf("read %s: line %d: %w", r.path, number, err)
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		total++
		var rendering *chat.Rendering
		if err == nil {
			rendering, err = r.render(line)
		}
		if err != nil {
			bad++
			fmt.Fprintf(r.stderr, "%s: line %d: %v\n", r.path, number, err)
		}
		if err := r.print(rendering, err); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d conversations could not be rendered: see the lines named above", bad, total)
	}
	return nil
}

func (r *renderer) render(line []byte) (*chat.Rendering, error) {
	c, err := chat.ParseConversation(line)
	if err != nil {
		return nil, err
	}
	return r.template.Render(c)
}

// renderedLine is what --json and --spans print.
type renderedLine struct {
	Text      *string             `json:"text,omitempty"`
	Messages  []chat.MessageSpans `json:"messages,omitempty"`
	Generated []jinja.Range       `json:"generated,omitempty"`
	Error     string              `json:"error,omitempty"`
}

func (r *renderer) print(rendering *chat.Rendering, failed error) error {
	if !r.json && !r.spans {
		if failed != nil {
			return nil
		}
		if r.done++; r.done > 1 {
			if _, err := io.WriteString(r.out, "\n"); err != nil {
				return err
			}
		}
		_, err := io.WriteString(r.out, rendering.Text)
		return err
	}
	var line renderedLine
	switch {
	case failed != nil:
		line.Error = failed.Error()
	case r.spans:
		line = renderedLine{Text: &rendering.Text, Messages: rendering.Messages, Generated: rendering.Generated}
	default:
		line.Text = &rendering.Text
	}
	return writeJSON(r.out, line)
}
