package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/parser"
)

// subcommands are made only when they are needed: most runs need one.
var subcommands = []struct {
	name string
	make func(*session) *cobra.Command
}{
	{"grad", newGrad},
	{"jacobian", newJacobian},
	{"hessian", newHessian},
	{"differential", newDifferential},
	{"pullback", newPullback},
	{"solve", newSolve},
	{"steps", newSteps},
	{"expand", newExpand},
	{"eval", newEval},
	{"check", newCheck},
	{"explain", newExplain},
	{"simplify", newSimplify},
	{"shapes", newShapes},
	{"rules", newRules},
	{"completion", newCompletion},
	{"version", newVersion},
}

// subcommand returns the index of the subcommand of that name, or -1.
func subcommand(name string) int {
	for i, sub := range subcommands {
		if sub.name == name {
			return i
		}
	}
	return -1
}

// newRoot returns the part of the command tree that args need.
func newRoot(s *session, args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "matdiff",
		Short: "Gradients of matrix expressions, derived and checked",
		Long: `matdiff differentiates expressions of matrices, vectors and scalars, prints the result
in the language that it was asked in, and checks derivatives that people have written down.`,
		Example: `  matdiff grad "tr(A*X*B)" --wrt X
  matdiff check "grad(norm(A*x - b)^2, x) = 2*A'*(A*x - b)"`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(strings.TrimPrefix(args[0], " "))
			}
			return c.Help()
		},
	}
	s.addLimits(root)
	usage := root.UsageFunc()
	root.SetUsageFunc(func(c *cobra.Command) error { // a template would link text/template, and every run start later
		if err := usage(c); err != nil || c.HasParent() {
			return err
		}
		_, err := fmt.Fprint(c.OutOrStderr(), "\nLimits, which every subcommand has:\n", limitUsages(root))
		return err
	})
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return s.begin(c) }
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(newHelp())
	root.SetIn(s.stdin)
	root.SetOut(s.stdout)
	root.SetErr(s.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		i := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "-") })
		switch {
		case c.HasParent() || i < 0:
			return flagError(c, err)
		case subcommand(args[i]) < 0:
			return unknownCommand(args[i])
		}
		d := flagError(c, err)
		d.Hint = "flags follow the subcommand: matdiff " + args[i] + " … " + strings.Join(args[:i], " ")
		return d
	})
	if len(args) > 0 {
		if i := subcommand(args[0]); i >= 0 {
			root.AddCommand(subcommands[i].make(s))
			return root
		}
	}
	for _, sub := range subcommands {
		root.AddCommand(sub.make(s))
	}
	return root
}

// unknownCommand is the error for a first argument that is no subcommand, which often is what a subcommand should get.
func unknownCommand(arg string) *parser.Diagnostic {
	d := wrong("unknown subcommand %q", arg)
	_, notFile := os.Stat(arg)
	switch {
	case notFile == nil:
		d.Hint = "to check the equations in that file: matdiff check " + arg
	case strings.Contains(arg, "="):
		d.Hint = fmt.Sprintf("to check an equation: matdiff check %q", arg)
	case strings.ContainsAny(arg, "()*+/^'[] "):
		d.Hint = fmt.Sprintf("to differentiate it: matdiff grad %q --wrt %s", arg, likelyVariable(arg))
	default:
		known := []string{"help"}
		for _, sub := range subcommands {
			known = append(known, sub.name)
		}
		d.Hint = suggestion(arg, known, "matdiff help lists the subcommands")
	}
	return d
}

// likelyVariable returns the name in text that is most often differentiated by: X or x, else the first.
func likelyVariable(text string) string {
	var found []string
	for rest := text; rest != ""; {
		var name string
		name, rest = cutName(rest)
		if name != "" && !strings.HasPrefix(rest, "(") {
			found = append(found, name)
		}
		rest = strings.TrimLeftFunc(rest, func(r rune) bool { return !inName(r) })
	}
	for _, usual := range []string{"X", "x"} {
		if len(found) == 0 || slices.Contains(found, usual) {
			return usual
		}
	}
	return found[0]
}
