package main

import "github.com/spf13/cobra"

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [SUBCOMMAND]",
		Short: "Say how a subcommand is used",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil {
				return err
			}
			switch {
			case len(rest) > 0 && about == c.Root():
				return unknownCommand(rest[0])
			case len(rest) > 0:
				return wrong("help takes one subcommand, not %d", len(args))
			}
			return about.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, sub := range subcommands {
				names = append(names, sub.name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
