package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/expr"
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
	c := &cobra.Command{
		Use:   "simplify EXPR",
		Short: "Print the shortest equal form of an expression",
		Long: `simplify prints the shortest form of EXPR that matdiff finds.

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
				if s.output != outputJSON {
					return []string{format(n, s.output)}, nil
				}
				line, err := encode(simplified{text, printer.Text(n), printer.LaTeX(n), shapesByName(typed)})
				return []string{line}, err
			})
		},
	}
	s.addInput(c)
	s.addOutput(c, outputText, outputUnicode, outputLaTeX, outputJSON)
	return c
}
