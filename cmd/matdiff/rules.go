package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
)

func newRules(s *session) *cobra.Command {
	c := &cobra.Command{
		Use:   "rules [NAME]",
		Short: "Print the rule book: the differential of each operation, with its source",
		Long: `rules prints the lines of the rule book from which derivatives are taken, or those of one operation:
a function's name, or an operator such as "*".

d f(X) = … is the differential of f in terms of dX; adj f(X) = … is, for a linear f, the cotangent of X when
that of f(X) is G. After # stands why the line holds, and its source. A function that is another name for one, or stands
for an expression, is printed as that.`,
		Example: `  matdiff rules inv`,
		Args:    atMost(1),
		RunE: func(c *cobra.Command, args []string) error {
			book, err := s.book()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return s.ruleLines(book.Rules(), func(*rules.Rule) bool { return true })
			}
			name := args[0]
			if slices.ContainsFunc(book.Rules(), func(r *rules.Rule) bool { return operationName(r) == name }) {
				return s.ruleLines(book.Rules(), func(r *rules.Rule) bool { return operationName(r) == name })
			}
			return s.standsFor(book, name)
		},
	}
	s.addRules(c)
	return c
}

// ruleLines prints the lines that are wanted.
func (s *session) ruleLines(lines []*rules.Rule, wanted func(*rules.Rule) bool) error {
	for _, r := range lines {
		if wanted(r) {
			if err := s.result(r.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// standsFor prints what is known of a function without a line of its name: the lines of the operation that it is another name
// for, or the expression that it stands for.
func (s *session) standsFor(book *rules.Book, name string) error {
	d := wrong("the rule book has no line for %q", name)
	call, n := applied(book, name)
	switch {
	case n == nil:
		var known []string
		for _, r := range book.Rules() {
			if k := operationName(r); isName(k) && !slices.Contains(known, k) { // any short word is near an operator
				known = append(known, k)
			}
		}
		d.Hint = suggestion(name, known, "matdiff rules lists all lines")
		return d
	case !slices.ContainsFunc(expr.Variables(n), func(x *expr.Node) bool { return x.Props&expr.Index == 0 }):
		d.Hint = "it is constant: its differential is 0"
		return d
	case slices.ContainsFunc(n.Args, func(a *expr.Node) bool { return !a.Is(expr.Variable) }):
		return s.result(call + " = " + printer.Text(n))
	}
	of := func(r *rules.Rule) bool { return r.Name == n.Op.Name }
	switch {
	case slices.ContainsFunc(book.Rules(), of):
	case n.Op.Traits.Has(expr.Linear):
		d.Hint = fmt.Sprintf("it is linear: the differential of %s(X) is %s(dX)", name, name)
		return d
	default:
		d.Hint = "its differential is not known"
		return d
	}
	return s.ruleLines(book.Rules(), of)
}

// applied applies the function of that name to variables; it is nil if there is none.
func applied(book *rules.Book, name string) (call string, n *expr.Node) {
	if name == "" || !isName(name) {
		return "", nil
	}
	for _, arguments := range []string{"X", "x", "X, Y", "n", "m, n", "i, j, m, n", "A, B, C"} {
		call = name + "(" + arguments + ")"
		typed, err := parser.Expression(expr.NewBuilder(), call, parser.Options{Functions: book.Functions()})
		if err == nil {
			return call, typed.Expr
		}
	}
	return "", nil
}

// operationName returns the name by which users call the operation of a rule.
func operationName(r *rules.Rule) string {
	if i := slices.IndexFunc(expr.Functions, func(op *expr.Op) bool { return op.Name == r.Name }); i >= 0 {
		return expr.Functions[i].UserName()
	}
	return r.Name
}
