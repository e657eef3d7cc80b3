package main

import (
	"strings"

	"github.com/spf13/cobra"

	"matdiff/internal/codegen"
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
	var o *code
	c := &cobra.Command{
		Use:   "simplify EXPR",
		Short: "Print the shortest equal form of an expression",
		Long: `simplify prints the shortest form of EXPR that matdiff finds, once its value is checked at random points; a note says
if it could not be. --steps prints the way there, a line for each identity used.

EXPR may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff simplify "A*x + A'*x - inv(B)*B*x"`,
		Args:    oneExpression,
		RunE: func(c *cobra.Command, args []string) error {
			if err := s.unused(o); err != nil {
				return err
			}
			functions, err := s.functions()
			if err != nil {
				return err
			}
			return s.forEach(args[0], 1, func(at place, text string) ([]shown, error) {
				b := s.builder()
				typed, err := s.parse(at, b, text, parser.Options{Functions: functions})
				if err != nil {
					return nil, err
				}
				algebra := simplify.New(b)
				n := algebra.Shortest(algebra.Normalize(typed.Expr))
				if err := s.sameValue(at, typed.Expr, n); err != nil {
					return nil, err
				}
				if s.generates() {
					p := program{purpose: codegen.Value, text: text, typed: typed}
					p.wantValue(algebra)
					r, err := s.generate(at, o, algebra, p, true)
					return []shown{r}, err
				}
				if steps {
					// A new algebra, as one that has simplified the expression remembers the results, and takes no steps to them.
					return []shown{s.simplification(typed.Expr, simplify.New(b).Steps(typed.Expr))}, nil
				}
				if s.output != outputJSON {
					return []shown{s.show(printer.Left{}, n)}, nil
				}
				r, err := encoded(simplified{text, printer.Text(n), printer.LaTeX(n), shapesByName(typed)})
				return []shown{r}, err
			})
		},
	}
	c.PreRun = func(*cobra.Command, []string) { s.display.aligned = steps }
	c.Flags().BoolVar(&steps, "steps", false, "print the way to the result, a line for each identity used")
	s.addSeed(c)
	s.addInput(c)
	o = s.addCode(c)
	return c
}

// sameValue is an error if the simplified form differs from the expression in value.
func (s *session) sameValue(at place, expression, simplified *expr.Node) error {
	r, err := numcheck.Equal(expression, simplified, s.comparison(numcheck.Options{Points: 2}))
	switch {
	case err != nil:
		return err
	case r.Verdict == numcheck.Fails:
		return bug("the simplified form differs from the expression in value, so it is not printed", difference(r, "expression", "simplified"))
	case r.Verdict == numcheck.Undecided:
		s.note(at, "the value of the simplified form could not be compared with that of the expression: %s", strings.Join(r.Reasons, "; "))
	}
	return nil
}

// simplification writes the steps below the expression, each with its identity.
func (s *session) simplification(expression *expr.Node, steps []simplify.Step) shown {
	if s.output == outputLaTeX {
		latex := s.display.style.LaTeX
		rows := []printer.Row{{Right: latex(expression)}}
		for _, step := range steps {
			rows = append(rows, printer.Row{Right: "= " + latex(step.Result), Reason: printer.LaTeXWords(step.Identity)})
		}
		return shown{rows: rows}
	}
	lines := []string{s.show(printer.Left{}, expression).text}
	for _, step := range steps {
		lines = append(lines, "  = "+s.show(printer.Left{}, step.Result).text+"   "+step.Identity)
	}
	return shown{text: strings.Join(lines, "\n")}
}
