package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

// layoutNumerator is the layout of a Jacobian with a row for each entry of what is differentiated.
const layoutNumerator = "numerator"

func newJacobian(s *session) *cobra.Command {
	d := &derivation{session: s, layout: layoutNumerator, functions: true}
	c := &cobra.Command{
		Use:   "jacobian F --wrt X",
		Short: "Jacobian of a scalar, vector or matrix",
		Long: `jacobian prints the derivative of F by X, where F and X have any shape. For vectors, entry i,j is the derivative
of F[i] by x[j]; by a scalar, or by an entry X[i,j], it has the shape of F; by or of a matrix, it is that of vec(F)
by vec(X). Before it is printed it is compared with finite differences at random points.

F may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff jacobian "softmax(A*x)" --wrt x
  matdiff jacobian "A*X*B" --wrt X
  matdiff jacobian "inv(X)" --wrt "X[i,j]"
  matdiff jacobian "A*B" --wrt t --var "A: n×n of t"`,
	}
	newDerivative(d, c, false, func(at place, text string) ([]shown, error) {
		q, err := d.read(at, text, parser.Options{})
		if err != nil {
			return nil, err
		}
		r, err := q.jacobian()
		return []shown{r}, err
	}, one)
	c.Flags().Var(&choice{&d.layout, []string{layoutNumerator, layoutDenominator}}, "layout",
		"`LAYOUT` of the result: numerator, or denominator for its transpose")
	return c
}

// jacobian returns the line for the Jacobian of the expression, once it is verified.
func (q *asked) jacobian() (shown, error) {
	f, x, a := q.typed.Expr, q.typed.Wrt[0], q.algebra
	if q.display.left == leftNabla {
		return shown{}, noLeft("a Jacobian", leftNabla, leftPartial)
	}
	q.absent()
	b := a.Builder()
	var raw, j *expr.Node
	var v *verified
	err := q.whereDefined(func() (err error) {
		if raw, err = q.book.Jacobian(a, f, x, dependents(q.typed)); err != nil {
			return q.known(err)
		}
		measured := b.Sized(expr.Jacobian, raw.Shape, f, x)
		if q.layout == layoutDenominator {
			raw, measured = a.Transpose(raw), b.New(expr.Transpose, measured)
		}
		j = a.Shortest(raw)
		v, err = q.confirm("the Jacobian by "+q.wrt[0], measured, j)
		return err
	})
	if err != nil {
		return shown{}, err
	}
	if q.generates() {
		p := program{purpose: codegen.Jacobian, text: q.text, typed: q.typed, by: q.wrt}
		if !q.code.noValue {
			p.wantValue(a)
		}
		p.want("jacobian", raw, j)
		return q.generate(q.at, q.code, a, p, !q.noVerify)
	}
	return q.result(q.wrt[0], q.jacobianLeft(x), j, v)
}

// jacobianLeft is the left side for the Jacobian by x: in numerator layout the variable is transposed, in denominator
// layout what is differentiated; neither is if it is a scalar.
func (q *asked) jacobianLeft(x *expr.Node) printer.Left {
	b := q.algebra.Builder()
	of := functionLetter(b, q.typed)
	if !x.Shape.IsScalar() {
		of, x = column(b, of), column(b, x)
	}
	if q.layout == layoutDenominator {
		return q.display.leftSide(transposed(b, of), x)
	}
	return q.display.leftSide(of, transposed(b, x))
}

// column returns the entries of n as a column.
func column(b *expr.Builder, n *expr.Node) *expr.Node {
	if n.Shape.Cols == expr.One {
		return n
	}
	return b.New(expr.Vec, n)
}

func transposed(b *expr.Builder, n *expr.Node) *expr.Node {
	if n.Shape.IsScalar() {
		return n
	}
	return b.New(expr.Transpose, n)
}
