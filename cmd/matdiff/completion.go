package main

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newCompletion(s *session) *cobra.Command {
	scripts := map[string]func(root *cobra.Command, w io.Writer) error{
		"bash":       func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"fish":       func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
		"zsh":        (*cobra.Command).GenZshCompletion,
	}
	shells := slices.Sorted(maps.Keys(scripts))
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script for bash, fish, powershell or zsh",
		Long: `completion prints the script that makes a shell complete the arguments of matdiff.

For bash, load it with: source <(matdiff completion bash)`,
		ValidArgs: shells,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && scripts[args[0]] != nil {
				return nil
			}
			d := wrong("completion needs the name of a shell")
			d.Hint = "available: " + strings.Join(shells, ", ")
			return d
		},
		RunE: func(c *cobra.Command, args []string) error { return scripts[args[0]](c.Root(), s.stdout) },
	}
}
