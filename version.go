package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// newVersionCommand prints what the binary was built from.
func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the commit and the modules luth was built from",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return fmt.Errorf("this binary carries no build information")
			}
			out := cmd.OutOrStdout()
			commit, dirty := "unknown", ""
			for _, s := range info.Settings {
				switch {
				case s.Key == "vcs.revision":
					commit = s.Value
				case s.Key == "vcs.modified" && s.Value == "true":
					dirty = " (with local changes)"
				}
			}
			fmt.Fprintf(out, "luth %s\ncommit %s%s\n%s\n", info.Main.Version, commit, dirty, info.GoVersion)
			for _, m := range info.Deps {
				fmt.Fprintf(out, "%s %s\n", m.Path, m.Version)
			}
			return nil
		},
	}
}
