package translate

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// NewCommand returns `luth translate`.
func NewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "translate",
		Short: "Translate prompts and write answers with a language model",
		Long: `Translate asks a language model behind an OpenAI-compatible server, such as
vLLM, SGLang or llama.cpp. Every answer is kept in a journal before it counts:
a run that is stopped or killed is started again with the same command, and asks
nothing twice. A changed prompt, model or parameter asks again.

Servers are named by --base-url or ` + envURL + `, keys only by the environment.`,
	}
	for _, k := range kinds() {
		cmd.AddCommand(newStageCommand(k))
	}
	cmd.AddCommand(newExtractCommand(), newDoctorCommand(), newJournalCommand(), newPromptListCommand(), newFakeCommand())
	return cmd
}

func newPromptListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the prompts that come with luth, with their hashes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			tw := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, name := range promptNames() {
				p, err := LoadPrompt(name)
				if err != nil {
					return err
				}
				fmt.Fprintf(tw, "%s\t%s\n", p.Name, p.Hash)
			}
			return tw.Flush()
		},
	}
}
