package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

func newHessian(s *session) *cobra.Command {
	d := &derivation{session: s, functions: true}
	var direction string
	c := &cobra.Command{
		Use:   "hessian EXPR --wrt x[,y…]",
		Short: "Hessian of a scalar",
		Long: `hessian prints the second derivative of the scalar EXPR by x, the Jacobian of its gradient: for a vector a matrix, for
a matrix X that of vec(gradient) by vec(X). By several variables it prints a line for every pair, such as
"x,y: …", with a row for each entry of x and a column for each entry of y. Before anything is printed the gradient,
and then the Hessian, are compared with finite differences at random points.

EXPR may be -: an expression a line is read from standard input, and a result a line a pair is printed.`,
		Example: `  matdiff hessian "logsumexp(A*x)" --wrt x
  matdiff hessian "logdet(X)" --wrt X --along V`,
	}
	newDerivative(d, c, true, func(at place, text string) ([]shown, error) {
		if direction == "" && c.Flags().Changed("along") {
			e := wrong("--along needs a direction")
			e.Hint = "for example --along V, which gets the shape of the variable"
			return nil, e
		}
		if direction != "" && len(d.wrt) > 1 {
			e := wrong("--along takes one variable, not %d", len(d.wrt))
			e.Hint = "ask for one after the other"
			return nil, e
		}
		q, err := d.read(at, text, parser.Options{Scalar: true, Companion: direction, LikeWrt: true})
		if err == nil {
			err = q.flat()
		}
		switch {
		case err != nil:
			return nil, err
		case direction == "" && s.generates():
			r, err := q.hessianFunction()
			return []shown{r}, err
		case direction == "":
			return q.hessians()
		}
		r, err := q.along(direction)
		return []shown{r}, err
	}, func() int {
		if direction != "" || s.generates() {
			return 1
		}
		return len(d.wrt) * (len(d.wrt) + 1) / 2
	})
	c.Flags().StringVar(&direction, "along", "", "print the Hessian applied to `V`, an expression in the shape of the variable, in that shape")
	return c
}

// flat is the error if a variable moves in a curved space, in which a second derivative is not the derivative of a first.
func (q *asked) flat() error {
	for i, x := range q.typed.Wrt {
		if variable(x).Props.Has(expr.Orthogonal) {
			e := wrong("the Hessian by the orthogonal matrix %s is not known: orthogonal matrices are a curved space", q.wrt[i])
			e.Hint = "leave the declaration out for the Hessian in the space of all matrices"
			e.Exit = exitUnknown
			return e
		}
	}
	return nil
}

// hessians returns a line for every pair of variables in order, once it is verified.
func (q *asked) hessians() ([]shown, error) {
	var results []shown
	q.absent()
	for i := range q.typed.Wrt {
		g, err := q.slope(i)
		if err != nil {
			return nil, err
		}
		for j := i; j < len(q.typed.Wrt); j++ {
			r, err := q.second(g, i, j)
			if err != nil {
				return nil, err
			}
			results = append(results, r)
		}
	}
	return results, nil
}

// slope returns the gradient of the expression by the i-th variable, once it is verified. By a scalar that others depend
// on, and by an entry, it is the derivative.
func (q *asked) slope(i int) (*expr.Node, error) {
	f, x, a := q.typed.Expr, q.typed.Wrt[i], q.algebra
	var g *expr.Node
	err := q.whereDefined(func() (err error) {
		if x.Shape.IsScalar() {
			g, err = q.book.Jacobian(a, f, x, dependents(q.typed))
		} else {
			g, err = q.gradientBy(x)
		}
		if err != nil {
			return q.known(err)
		}
		_, err = q.confirmGradient("the gradient by "+q.wrt[i], f, x, g)
		return err
	})
	return g, err
}

// along returns the line for the Hessian applied to a direction: the gradient of <gradient, V>, once it is verified.
func (q *asked) along(direction string) (shown, error) {
	if err := q.constantBeside("direction", direction); err != nil {
		return shown{}, err
	}
	x, v, a := q.typed.Wrt[0], q.typed.Beside, q.algebra
	if q.display.left == leftPartial {
		return shown{}, noLeft("a Hessian along a direction", leftPartial, leftNabla)
	}
	if x.Shape.IsScalar() {
		e := wrong("--along needs a direction in a space of several dimensions, and %s is a scalar", q.wrt[0])
		e.Hint = "leave --along out: the Hessian by a scalar is the second derivative"
		return shown{}, e
	}
	q.absent()
	g, err := q.slope(0)
	if err != nil {
		return shown{}, err
	}
	b := a.Builder()
	change := b.New(expr.Total, b.New(expr.Hadamard, v, g))
	all, err := q.book.Gradient(a, change, []*expr.Node{x})
	if err != nil {
		return shown{}, q.known(err)
	}
	h := a.Shortest(all[0])
	verified, err := q.confirmGradient("the Hessian along "+direction, change, x, h)
	if err != nil {
		return shown{}, err
	}
	if q.generates() {
		p := q.slopes([]*expr.Node{g})
		p.want(resultName("hessian", q.wrt)+"_along", all[0], h)
		return q.generate(q.at, q.code, a, p, !q.noVerify)
	}
	left := q.display.leftSide(functionLetter(b, q.typed), x, x)
	left.Along = v
	return q.result(q.wrt[0], left, h, verified)
}

// second returns the line for the derivative of g, the gradient by the i-th variable, by the j-th, once it is verified.
func (q *asked) second(g *expr.Node, i, j int) (shown, error) {
	_, h, v, err := q.secondDerivative(g, i, j)
	if err != nil {
		return shown{}, err
	}
	pair := q.wrt[i] + "," + q.wrt[j]
	r, err := q.result(pair, q.hessianLeft(q.typed.Wrt[i], q.typed.Wrt[j]), h, v)
	return q.labelled(pair, len(q.wrt) > 1, r), err
}

// hessianLeft is the left side for the second derivative by x and y.
func (q *asked) hessianLeft(x, y *expr.Node) printer.Left {
	b := q.algebra.Builder()
	x, y = column(b, x), column(b, y)
	if q.display.left == leftPartial {
		y = transposed(b, y)
	}
	return q.display.leftSide(functionLetter(b, q.typed), x, y)
}

// secondDerivative returns the derivative of g, the gradient by the i-th variable, by the j-th, as it was derived and in
// its shortest form, once it is verified.
func (q *asked) secondDerivative(g *expr.Node, i, j int) (raw, h *expr.Node, v *verified, err error) {
	x, a := q.typed.Wrt[j], q.algebra
	raw, err = q.book.Jacobian(a, g, x, dependents(q.typed))
	if err != nil {
		return nil, nil, nil, q.known(err)
	}
	measured := a.Builder().Sized(expr.Jacobian, raw.Shape, g, x)
	if x.Shape.IsScalar() { // one column, as for a vector of one entry
		vec := func(n *expr.Node) *expr.Node { return a.Builder().New(expr.Vec, n) }
		raw, measured = a.Apply(expr.Vec, raw), vec(measured)
	}
	h = a.Shortest(raw)
	v, err = q.confirm("the Hessian by "+q.wrt[i]+","+q.wrt[j], measured, h)
	return raw, h, v, err
}

// slopes is the function that computes the value of the expression and its gradients.
func (q *asked) slopes(gradients []*expr.Node) program {
	p := program{purpose: codegen.Hessian, text: q.text, typed: q.typed, by: q.wrt}
	if !q.code.noValue {
		p.wantValue(q.algebra)
	}
	for i, g := range gradients {
		p.want(resultName("grad", q.wrt[i:i+1]), g, q.algebra.Shortest(g))
	}
	return p
}

// hessianFunction returns the function that computes the value of the expression, its gradients and its Hessian.
func (q *asked) hessianFunction() (shown, error) {
	q.absent()
	gradients := make([]*expr.Node, len(q.wrt))
	for i := range q.wrt {
		var err error
		if gradients[i], err = q.slope(i); err != nil {
			return shown{}, err
		}
	}
	p := q.slopes(gradients)
	for i := range q.wrt {
		for j := i; j < len(q.wrt); j++ {
			raw, h, _, err := q.secondDerivative(gradients[i], i, j)
			if err != nil {
				return shown{}, err
			}
			by := []string{q.wrt[i], q.wrt[j]}
			if i == j {
				by = by[:1]
			}
			p.want(resultName("hessian", by), raw, h)
		}
	}
	return q.generate(q.at, q.code, q.algebra, p, !q.noVerify)
}
