package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/simplify"
)

// simplified is what -o json prints for simplify.
type simplified struct {
	Expression string            `json:"expression"`
	Simplified string            `json:"simplified"`
	LaTeX      string            `json:"latex"`
	Shapes     map[string]string `json:"shapes"`
}

func newSimplify(s *session) *cobra.Command {
	var steps bool
	c := &cobra.Command{
		Use:   "simplify EXPR",
		Short: "Print the shortest equal form of an expression",
		Long: `simplify prints the shortest form of EXPR that matdiff finds, once its value is checked at random points.
--steps prints the way there, a line for each identity used.

EXPR may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff simplify "A*x + A'*x - inv(B)*B*x"`,
		Args:    oneExpression,
		RunE: func(c *cobra.Command, args []string) error {
			functions, err := s.functions()
			if err != nil {
				return err
			}
			return s.forEach(args[0], 1, func(at place, text string) ([]string, error) {
				b := expr.NewBuilder()
				typed, err := s.parse(at, b, text, parser.Options{Functions: functions})
				if err != nil {
					return nil, err
				}
				algebra := simplify.New(b)
				n := algebra.Shortest(algebra.Normalize(typed.Expr))
				if err := s.sameValue(typed.Expr, n); err != nil {
					return nil, err
				}
				if steps {
					return []string{s.simplification(typed.Expr, simplify.New(b).Steps(typed.Expr))}, nil
				}
				if s.output != outputJSON {
					return []string{format(n, s.output)}, nil
				}
				line, err := encode(simplified{text, printer.Text(n), printer.LaTeX(n), shapesByName(typed)})
				return []string{line}, err
			})
		},
	}
	c.Flags().BoolVar(&steps, "steps", false, "print the way to the result, a line for each identity used")
	s.addSeed(c)
	s.addInput(c)
	s.addOutput(c, outputText, outputUnicode, outputLaTeX, outputJSON)
	return c
}

// sameValue is an error if the simplified form differs from the expression in value.
func (s *session) sameValue(expression, simplified *expr.Node) error {
	r, err := numcheck.Equal(expression, simplified, numcheck.Options{Seed: s.seed, Points: 2})
	if err == nil && r.Verdict == numcheck.Fails {
		err = bug("the simplified form differs from the expression in value, so it is not printed", difference(r, "expression", "simplified"))
	}
	return err
}

// simplification writes the steps below the expression, each with its identity.
func (s *session) simplification(expression *expr.Node, steps []simplify.Step) string {
	out := format(expression, s.output)
	for _, step := range steps {
		out += "\n  = " + format(step.Result, s.output) + "   " + step.Identity
	}
	return out
}
