package main

import (
	"slices"

	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/rules"
)

func newRules(s *session) *cobra.Command {
	c := &cobra.Command{
		Use:   "rules [NAME]",
		Short: "Print the rule book: the differential of each operation, with its source",
		Long: `rules prints the lines of the rule book from which derivatives are taken, or those of one operation:
a function's name, or an operator such as "*".

d f(X) = … is the differential of f in terms of dX; adj f(X) = … is, for a linear f, the cotangent of X when
that of f(X) is G. After # stands why the line holds, and its source.`,
		Example: `  matdiff rules inv`,
		Args:    atMost(1),
		RunE: func(c *cobra.Command, args []string) error {
			book, err := s.book()
			if err != nil {
				return err
			}
			var known []string
			found := false
			for _, r := range book.Rules() {
				name := operationName(r)
				known = append(known, name)
				if len(args) == 0 || args[0] == name {
					found = true
					if err := s.result(r.Text); err != nil {
						return err
					}
				}
			}
			if !found {
				d := wrong("the rule book has no line for %q", args[0])
				d.Hint = suggestion(args[0], known, "matdiff rules lists all lines")
				return d
			}
			return nil
		},
	}
	s.addRules(c)
	return c
}

// operationName returns the name by which users call the operation of a rule.
func operationName(r *rules.Rule) string {
	if i := slices.IndexFunc(expr.Functions, func(op *expr.Op) bool { return op.Name == r.Name }); i >= 0 {
		return expr.Functions[i].UserName()
	}
	return r.Name
}
