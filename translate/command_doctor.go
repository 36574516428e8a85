package translate

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/kurakurai/luth/internal/exit"
	"github.com/kurakurai/luth/translate/llm"
)

func newDoctorCommand() *cobra.Command {
	o := doctorOptions{}
	var keyEnv string
	var concurrency int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor URL",
		Short: "Find out what a server does, and what it ignores without a word",
		Long: `Doctor asks a server for everything that the stages rely on, and looks whether it
does it: servers answer 200 to parameters that they do not know. It then says
which stages can work there, and how the speed grows with requests in flight;
when none can, it ends with exit code 1.
It sends about 20 short requests, one that is too long, and those of --seconds.`,
		Example: `  luth translate doctor http://localhost:8000/v1
  luth translate doctor http://localhost:8000/v1 --json | jq .stages`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for n := 1; n <= concurrency && o.seconds > 0; n *= 4 {
				o.levels = append(o.levels, n)
			}
			e, err := llm.ParseEndpoint(args[0], os.Getenv(keyEnv), max(1, concurrency))
			if err != nil {
				return exit.Usage(err)
			}
			o.stderr = cmd.ErrOrStderr()
			d, err := diagnose(cmd.Context(), e, o)
			if err != nil {
				return fmt.Errorf("doctor: %w", err)
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), d)
			} else {
				err = d.print(cmd.OutOrStdout())
			}
			if err == nil && !slices.ContainsFunc(d.Stages, func(s StageVerdict) bool { return s.Can }) {
				err = fmt.Errorf("no stage can work with %s on %s; mend what is ignored or refused above, or choose another --model or server", d.Model, d.Host)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.model, "model", "", "model to look at (default the first that the server lists)")
	flags.StringVar(&keyEnv, "key-env", envKey, "environment variable that holds the server's key")
	flags.IntVar(&concurrency, "concurrency", 64, "most requests in flight when speed is measured")
	flags.Float64Var(&o.seconds, "seconds", 3, "time for each number of requests in flight; 0 to leave it out")
	flags.DurationVar(&o.timeout, "timeout", 2*time.Minute, "time for one answer")
	flags.BoolVar(&asJSON, "json", false, "print everything as JSON")
	return cmd
}
