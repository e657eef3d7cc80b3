package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/codegen"
	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
)

// The layouts of a gradient by a symmetric variable.
const (
	layoutDenominator = "denominator"
	layoutEntries     = "entries"
)

// gradientResult is what -o json prints for one variable.
type gradientResult struct {
	Expression string            `json:"expression"`
	Variable   string            `json:"variable"`
	Gradient   string            `json:"gradient"`
	LaTeX      string            `json:"latex"`
	Shapes     map[string]string `json:"shapes"`
	Verified   *verified         `json:"verified"` // null with --no-verify
}

func newGrad(s *session) *cobra.Command {
	d := &derivation{session: s, layout: layoutDenominator, functions: true}
	c := &cobra.Command{
		Use:   "grad EXPR --wrt X[,Y…]",
		Short: "Gradient of a scalar",
		Long: `grad prints the gradient of the scalar EXPR in the shape of each variable: entry i,j is the derivative
by X[i,j]. Before a gradient is printed it is compared with finite differences at random points.

EXPR may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff grad "tr(A*X*B)" --wrt X
  matdiff grad "norm(A*x - b)^2 where A: 5×3" --wrt x,b -o latex`,
	}
	newDerivative(d, c, true, func(at place, text string) ([]shown, error) {
		q, err := d.read(at, text, parser.Options{Scalar: true})
		if err != nil {
			return nil, err
		}
		if err := q.freeEntries(); err != nil {
			return nil, err
		}
		q.absent()
		if d.generates() {
			r, err := q.gradientFunction()
			return []shown{r}, err
		}
		return q.gradients()
	}, func() int {
		if d.generates() {
			return 1
		}
		return len(d.wrt)
	})
	c.Flags().Var(&choice{&d.layout, []string{layoutDenominator, layoutEntries}}, "layout",
		"`LAYOUT` of the gradient by a symmetric X, where G is the unconstrained gradient: denominator for\n"+
			"its symmetric part, entries for G + G' - diag(diag(G)), each free entry varied by itself; by X[i,j]\n"+
			"that is G[i,j] + G[j,i]")
	return c
}

// gradients returns the gradient of the expression by each variable, in order.
func (q *asked) gradients() ([]shown, error) {
	// One sweep gives all gradients. Where it meets an operation without a rule, each variable is tried by itself.
	all, sweep := q.book.Gradient(q.algebra, q.typed.Expr, q.typed.Wrt)
	results := make([]shown, len(q.typed.Wrt))
	for i, x := range q.typed.Wrt {
		usual := q.book
		q.guard(q.at, func() error {
			return q.whereDefined(func() (err error) {
				var g *expr.Node
				if sweep != nil || follows(q.typed, x) || q.book != usual {
					g, err = q.gradientBy(x)
				} else {
					g = all[i]
				}
				if err == nil {
					results[i], err = q.gradient(i, g)
				}
				return err
			})
		})
	}
	return results, nil
}

// gradientFunction returns the function that computes the value of the expression and its gradients, once they are verified.
func (q *asked) gradientFunction() (shown, error) {
	p := program{purpose: codegen.Gradient, text: q.text, typed: q.typed, by: q.wrt}
	if !q.code.noValue {
		p.wantValue(q.algebra)
	}
	for i, x := range q.typed.Wrt {
		var g, shortest *expr.Node
		err := q.whereDefined(func() (err error) {
			if g, err = q.gradientBy(x); err == nil {
				shortest, _, err = q.confirmed(i, g)
			}
			return err
		})
		if err != nil {
			return shown{}, err
		}
		forms := []*expr.Node{g, shortest}
		if q.mirrored(x) {
			forms = []*expr.Node{shortest}
		}
		p.want(resultName("grad", q.wrt[i:i+1]), forms...)
	}
	return q.generate(q.at, q.code, q.algebra, p, !q.noVerify)
}

// gradientBy returns the gradient of the expression by x alone; if variables depend on x, they move with it.
func (q *asked) gradientBy(x *expr.Node) (*expr.Node, error) {
	if follows(q.typed, x) {
		g, err := q.book.Jacobian(q.algebra, q.typed.Expr, x, dependents(q.typed))
		return g, q.known(err)
	}
	g, err := q.book.Gradient(q.algebra, q.typed.Expr, []*expr.Node{x})
	if err != nil {
		return nil, q.known(err)
	}
	return g[0], nil
}

// gradient returns the line for g, the gradient by the i-th variable, once it is verified.
func (q *asked) gradient(i int, g *expr.Node) (shown, error) {
	name, x := q.wrt[i], q.typed.Wrt[i]
	g, v, err := q.confirmed(i, g)
	if err != nil {
		return shown{}, err
	}
	if q.output == outputJSON {
		return encoded(gradientResult{q.text, name, printer.Text(g), printer.LaTeX(g), shapesByName(q.typed), v})
	}
	left := q.display.leftSide(functionLetter(q.algebra.Builder(), q.typed), x)
	return q.labelled(name, len(q.wrt) > 1, q.show(left, g)), nil
}

// confirmed returns the shortest form of g, the gradient by the i-th variable, in the layout asked for, once it is verified.
func (q *asked) confirmed(i int, g *expr.Node) (*expr.Node, *verified, error) {
	x := q.typed.Wrt[i]
	g = q.algebra.Shortest(g)
	v, err := q.confirmGradient("the gradient by "+q.wrt[i], q.typed.Expr, x, g)
	if err != nil {
		return nil, nil, err
	}
	if q.mirrored(x) {
		g, err = q.byEntries(x, g)
	}
	return g, v, err
}

// freeEntries is the error for a variable whose free entries, each varied by itself, are not known.
func (q *asked) freeEntries() error {
	if q.layout != layoutEntries {
		return nil
	}
	for i, x := range q.typed.Wrt {
		p := variable(x).Props & expr.Structure
		if p.Has(expr.Skew) || p.Has(expr.Orthogonal) || x.Is(expr.Element) && p != 0 && (!p.Has(expr.Symmetric) || p.Has(expr.Diagonal)) {
			e := wrong("--layout entries is not known for %s, as %s is %s", q.wrt[i], variable(x).Name, p)
			e.Hint = "leave it out for the gradient in denominator layout"
			return e
		}
	}
	return nil
}

// mirrored reports whether an entry of x, or x as one, is to move with the one that it is equal to.
func (q *asked) mirrored(x *expr.Node) bool {
	return q.layout == layoutEntries && variable(x).Props.Has(expr.Symmetric)
}

// byEntries returns G + G' - diag(diag(G)) for the gradient g by a symmetric variable, or the entry of that for its entry x,
// checked to be that.
func (q *asked) byEntries(x, g *expr.Node) (*expr.Node, error) {
	b := q.algebra.Builder()
	var definition *expr.Node
	if x.Is(expr.Element) {
		row, col := x.Args[1], x.Args[2]
		if row == col {
			return g, nil
		}
		if !row.Is(expr.Number) || !col.Is(expr.Number) {
			q.note(q.at, "%s is taken to be off the diagonal", printer.Text(x))
		}
		mirror := b.New(expr.Element, x.Args[0], col, row)
		h, err := q.gradientBy(mirror)
		if err != nil {
			return nil, err
		}
		if _, err := q.confirmGradient("the gradient by "+printer.Text(mirror), q.typed.Expr, mirror, h); err != nil {
			return nil, err
		}
		definition = b.New(expr.Sum, g, h)
	} else {
		diagonal := b.New(expr.DiagMatrix, b.New(expr.DiagVector, g))
		definition = b.New(expr.Sum, g, b.New(expr.Transpose, g), b.New(expr.Product, b.Int(-1), diagonal))
	}
	entries := q.algebra.Shortest(q.algebra.Normalize(definition))
	if q.noVerify {
		return entries, nil
	}
	r, err := numcheck.Equal(entries, definition, q.comparison(numcheck.Options{}))
	if err == nil && r.Verdict == numcheck.Fails {
		err = bug("the simplified gradient by free entries differs from its definition, so it is not printed", difference(r, "simplified", "definition"))
	}
	return entries, err
}
