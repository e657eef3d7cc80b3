package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
)

// solved is what -o json prints for solve.
type solved struct {
	Expression string            `json:"expression"`
	Variable   string            `json:"variable"`
	Solution   string            `json:"solution"`
	LaTeX      string            `json:"latex"`
	Gradient   string            `json:"gradient"`
	Shapes     map[string]string `json:"shapes"`
	Verified   *verified         `json:"verified"` // null with --no-verify
}

func newSolve(s *session) *cobra.Command {
	d := &derivation{session: s}
	c := &cobra.Command{
		Use:   "solve EXPR --wrt w",
		Short: "Where a gradient is zero, when that is a linear equation",
		Long: `solve prints the w at which the gradient of the scalar EXPR by w is zero, when the gradient is a sum of constants and
terms A*w*B with at most two different A or at most two different B: with two, it solves a Sylvester equation. Whether it is
a minimum is not said. Before it is printed the gradient is compared with finite differences, and with zero at the solution,
at random points.

EXPR may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff solve "norm(X*w - y)^2 + lambda*norm(w)^2" --wrt w`,
	}
	return newDerivative(d, c, false, func(at place, text string) ([]shown, error) {
		q, err := d.read(at, text, parser.Options{Scalar: true})
		if err != nil {
			return nil, err
		}
		r, err := q.solve()
		return []shown{r}, err
	}, one)
}

// solve returns the line for the point at which the gradient is zero, once it is verified.
func (q *asked) solve() (shown, error) {
	w := q.typed.Wrt[0]
	if w.Is(expr.Element) {
		e := wrong("an equation is solved for a whole variable, not for %s", q.wrt[0])
		e.Hint = "for example --wrt " + w.Args[0].Name
		return shown{}, e
	}
	if follows(q.typed, w) {
		return shown{}, unsolvable(fmt.Sprintf("other variables depend on %s, and how is not known", w.Name))
	}
	s, err := q.book.Solve(q.algebra, q.typed.Expr, w)
	if none := (*rules.NoSolution)(nil); errors.As(err, &none) {
		e := unsolvable(none.Reason)
		if none.Term != nil {
			e.Facts = []string{"in the way: " + printer.Text(q.algebra.Shortest(none.Term))}
		}
		return shown{}, e
	} else if err != nil {
		return shown{}, q.known(err)
	}
	v, err := q.confirmZero(s, w)
	if err != nil {
		return shown{}, err
	}
	if q.output == outputJSON {
		return encoded(solved{q.text, w.Name, printer.Text(s.W), printer.LaTeX(s.W), printer.Text(q.algebra.Shortest(s.Gradient)), shapesByName(q.typed), v})
	}
	left := printer.Left{}
	if q.display.left != leftNone {
		left = printer.Left{Symbol: printer.Itself, Of: w}
	}
	return q.show(left, s.W), nil
}

func unsolvable(message string) *parser.Diagnostic {
	return &parser.Diagnostic{Code: "no-solution", Message: message, Exit: exitUnknown}
}

// confirmZero compares the gradient with finite differences, and with zero at the solution. It is nil if that was not
// asked for.
func (q *asked) confirmZero(s *rules.Solution, w *expr.Node) (*verified, error) {
	if q.noVerify {
		return nil, nil
	}
	b := q.algebra.Builder()
	v, err := q.confirmGradient("the gradient by "+w.Name, q.typed.Expr, w, s.Gradient)
	if err != nil {
		return nil, err
	}
	there := b.Substitute(s.Gradient, map[*expr.Node]*expr.Node{w: s.W})
	r, err := numcheck.Equal(there, b.Sized(expr.Zeros, w.Shape), q.comparison(numcheck.Options{Points: 5}))
	switch {
	case err != nil:
		return nil, err
	case r.Verdict == numcheck.Fails:
		return nil, q.doubtRules(bug("the gradient is not zero at the solution, so it is not printed",
			"solution "+printer.Text(s.W), fmt.Sprintf("seed %d", r.Seed), difference(r, "gradient", "zero")))
	case r.Verdict == numcheck.Undecided:
		e := unsolvable("the equation for a zero gradient has no solution that could be confirmed")
		e.Facts = append([]string{fmt.Sprintf("the equation is %s = %s", printer.Text(s.Equation), printer.Text(s.Value))}, r.Reasons...)
		e.Hint = "where a matrix in it is singular the solution is not unique"
		return nil, e
	}
	return v, nil
}
