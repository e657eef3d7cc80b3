package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
)

func newHessian(s *session) *cobra.Command {
	d := &derivation{session: s}
	c := &cobra.Command{
		Use:   "hessian EXPR --wrt x[,y…]",
		Short: "Hessian of a scalar",
		Long: `hessian prints the second derivative of the scalar EXPR by x, the Jacobian of its gradient: for a vector a matrix, for
a matrix X that of vec(gradient) by vec(X). By several variables it prints a line for every pair, such as
"x,y: …", with a row for each entry of x and a column for each entry of y. Before anything is printed the gradient,
and then the Hessian, are compared with finite differences at random points.

EXPR may be -: an expression a line is read from standard input, and a result a line a pair is printed.`,
		Example: `  matdiff hessian "logsumexp(A*x)" --wrt x`,
	}
	return newDerivative(d, c, true, func(at place, text string) ([]string, error) {
		q, err := d.read(at, text, parser.Options{Scalar: true})
		if err != nil {
			return nil, err
		}
		return q.hessians()
	}, func() int { return len(d.wrt) * (len(d.wrt) + 1) / 2 })
}

// hessians returns a line for every pair of variables in order, once it is verified.
func (q *asked) hessians() ([]string, error) {
	var lines []string
	q.absent()
	for i := range q.typed.Wrt {
		g, err := q.slope(i)
		if err != nil {
			return nil, err
		}
		for j := i; j < len(q.typed.Wrt); j++ {
			line, err := q.second(g, i, j)
			if err != nil {
				return nil, err
			}
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// slope returns the gradient of the expression by the i-th variable, once it is verified. By a scalar that others depend
// on, and by an entry, it is the derivative.
func (q *asked) slope(i int) (*expr.Node, error) {
	f, x, a := q.typed.Expr, q.typed.Wrt[i], q.algebra
	var g *expr.Node
	if x.Shape.IsScalar() {
		var err error
		if g, err = q.book.Jacobian(a, f, x, q.dependents()); err != nil {
			return nil, q.known(err)
		}
	} else {
		all, err := q.book.Gradient(a, f, []*expr.Node{x})
		if err != nil {
			return nil, q.known(err)
		}
		g = all[0]
	}
	if !q.noVerify {
		r, err := numcheck.Verify(f, x, g, numcheck.Options{Seed: q.seed, Depends: q.typed.Depends})
		if err != nil {
			return nil, err
		}
		if r.Verdict == numcheck.Fails {
			return nil, q.contradicted("the gradient by "+q.wrt[i], r)
		}
	}
	return g, nil
}

// second returns the line for the derivative of g, the gradient by the i-th variable, by the j-th, once it is verified.
func (q *asked) second(g *expr.Node, i, j int) (string, error) {
	x, a := q.typed.Wrt[j], q.algebra
	h, err := q.book.Jacobian(a, g, x, q.dependents())
	if err != nil {
		return "", q.known(err)
	}
	measured := a.Builder().Sized(expr.Jacobian, h.Shape, g, x)
	if x.Shape.IsScalar() { // one column, as for a vector of one entry
		vec := func(n *expr.Node) *expr.Node { return a.Builder().New(expr.Vec, n) }
		h, measured = a.Apply(expr.Vec, h), vec(measured)
	}
	h = a.Shortest(h)
	pair := q.wrt[i] + "," + q.wrt[j]
	v, err := q.confirm("the Hessian by "+pair, measured, h)
	if err != nil {
		return "", err
	}
	line, err := q.line(pair, h, v)
	if len(q.wrt) > 1 && q.output != outputJSON {
		line = pair + ": " + line
	}
	return line, err
}
