package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/rules"
)

func newPullback(s *session) *cobra.Command {
	d := &derivation{session: s}
	var cotangent string
	c := &cobra.Command{
		Use:   "pullback F --wrt X[,Y…] --cotangent G",
		Short: "Gradient of tr(G'*F): the chain rule for an unknown outer function",
		Long: `pullback prints the gradient of tr(G'*F) by each variable, where G is constant and has the shape of F. If G is the
gradient of a scalar by F, that is the gradient of the scalar by the variable. Before it is printed it is compared
with finite differences at random points.

F may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff pullback "A*X*B" --wrt X --cotangent G
  matdiff pullback "softmax(W*x)" --wrt x,W --cotangent g`,
	}
	newDerivative(d, c, true, func(at place, text string) ([]shown, error) {
		if cotangent == "" {
			e := wrong("pullback needs the cotangent")
			e.Hint = "for example --cotangent G, which gets the shape of the expression"
			return nil, e
		}
		q, err := d.read(at, text, parser.Options{Companion: cotangent})
		if err != nil {
			return nil, err
		}
		return q.pullbacks(cotangent)
	}, func() int { return len(d.wrt) })
	c.Flags().StringVar(&cotangent, "cotangent", "", "pull back `G`, an expression in the shape of F")
	return c
}

// constantBeside is the error if the companion of the expression moves with one of the variables.
func (q *asked) constantBeside(what, text string) error {
	for i, x := range q.typed.Wrt {
		if occurs(variable(x), q.typed.Beside) {
			e := wrong("the %s %s is held constant, and must not contain %s", what, text, q.wrt[i])
			e.Hint = "give it a name of its own"
			return e
		}
	}
	return nil
}

// pullbacks returns a line for each variable in order, once it is verified.
func (q *asked) pullbacks(cotangent string) ([]shown, error) {
	if err := q.constantBeside("cotangent", cotangent); err != nil {
		return nil, err
	}
	q.absent()
	b := q.algebra.Builder()
	f, g := q.typed.Expr, q.typed.Beside
	outer := b.New(expr.Total, b.New(expr.Hadamard, g, f))
	var results []shown
	for i, x := range q.typed.Wrt {
		if x.Is(expr.Element) || follows(q.typed, x) {
			e := wrong("pullback gives the gradient by a whole variable that no other depends on, not by %s", q.wrt[i])
			e.Hint = "matdiff jacobian differentiates by an entry, and through what depends on a scalar"
			return nil, e
		}
		var pulled *expr.Node
		var v *verified
		err := q.whereDefined(func() error {
			all, err := q.book.Pullback(q.algebra, f, g, []*expr.Node{x})
			if err != nil {
				return q.known(err)
			}
			pulled = q.algebra.Shortest(rules.Project(q.algebra, all[0], x))
			v, err = q.confirmGradient("the pullback by "+q.wrt[i], outer, x, pulled)
			return err
		})
		if err != nil {
			return nil, err
		}
		r, err := q.result(q.wrt[i], q.display.leftSide(q.paired(g), x), pulled, v)
		if err != nil {
			return nil, err
		}
		results = append(results, q.labelled(q.wrt[i], len(q.wrt) > 1, r))
	}
	return results, nil
}

// paired is the scalar whose gradient a pullback is, tr(G'*F), with a letter for F.
func (q *asked) paired(g *expr.Node) *expr.Node {
	b := q.algebra.Builder()
	product := b.New(expr.Product, transposed(b, g), functionLetter(b, q.typed))
	if product.Shape.IsScalar() {
		return product
	}
	return b.New(expr.Tr, product)
}
