package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/internal/exit"
)

func newTokenizeCommand() *cobra.Command {
	var file string
	var options tokenizeOptions
	cmd := &cobra.Command{
		Use:   "tokenize --tokenizer FILE [INPUT]",
		Short: "Turn text into tokens of a model, and back",
		Long: `Tokenize reads JSON lines {"text": "..."} from INPUT, or from standard input, and
prints {"ids": [...]} for each, in order, using all cores. With --decode it reads
ids and prints text. Ids are those of Hugging Face tokenizers. Other keys of a line
are passed over; a line that cannot be read ends the command with its number. INPUT
may be compressed, with a name in .gz or .zst.

FILE is a tokenizer.json of Qwen2, Qwen3, LFM2, Llama 3, SmolLM2 or GPT-2.`,
		Example: `  echo '{"text":"Bonjour"}' | luth dataset tokenize --tokenizer Qwen3-0.6B/tokenizer.json
  luth dataset tokenize --tokenizer tokenizer.json texts.jsonl.zst > ids.jsonl
  luth dataset tokenize --tokenizer tokenizer.json --decode ids.jsonl`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "" {
				return exit.Usage(errors.New("name the model's tokenizer.json with --tokenizer"))
			}
			if err := checkWorkers(options.workers); err != nil {
				return err
			}
			t, _, err := readTokenizer(file)
			if err != nil {
				return err
			}
			in, name, err := tokenizeInput(cmd.InOrStdin(), args)
			if err != nil {
				return err
			}
			defer in.Close()
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
			err = tokenizeLines(cmd.Context(), in, name, out, t, options)
			if flushed := out.Flush(); err == nil {
				err = flushed
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "tokenizer", "", "the model's tokenizer.json")
	flags.BoolVar(&options.decode, "decode", false, "turn ids into text")
	flags.BoolVar(&options.special, "special-tokens", false, "add the tokens that the model puts around a text, such as one for its beginning")
	flags.BoolVar(&options.skipSpecial, "skip-special-tokens", false, "with --decode, leave special tokens out")
	flags.IntVar(&options.workers, "workers", runtime.GOMAXPROCS(0), "goroutines; the output is the same for any number")
	return cmd
}

// tokenizeInput opens the named file, or stands for standard input.
func tokenizeInput(stdin io.Reader, args []string) (in io.ReadCloser, name string, err error) {
	if len(args) == 0 || args[0] == "-" {
		return io.NopCloser(stdin), "standard input", nil
	}
	f, err := openLines(args[0])
	if err != nil {
		return nil, "", err
	}
	plain, err := decompressed(f, filepath.Ext(args[0]))
	if err != nil {
		f.Close()
		return nil, "", fmt.Errorf("read %s: %w", args[0], err)
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, f}, args[0], nil
}
