package main

import (
	"github.com/spf13/cobra"

	"matdiff/internal/expr"
	"matdiff/internal/parser"
	"matdiff/internal/printer"
	"matdiff/internal/rules"
)

func newDifferential(s *session) *cobra.Command {
	d := &derivation{session: s}
	c := &cobra.Command{
		Use:   "differential F --wrt X[,Y…]",
		Short: "Differential of a scalar, vector or matrix",
		Long: `differential prints dF in terms of dX for each variable X, where F has any shape. Before it is printed it is
compared with finite differences at random points along random dX.

F may be -: an expression a line is read from standard input, and a result a line is printed.`,
		Example: `  matdiff differential "inv(X)" --wrt X
  matdiff differential "A*X*B + Y" --wrt X,Y`,
	}
	var adjugate bool
	newDerivative(d, c, true, func(at place, text string) ([]shown, error) {
		q, err := d.read(at, text, parser.Options{})
		if err != nil {
			return nil, err
		}
		if adjugate {
			q.book = q.book.Singular()
		}
		r, err := q.differential()
		return []shown{r}, err
	}, one)
	c.Flags().BoolVar(&adjugate, "adjugate", false, "differentiate det(X) to tr(adj(X)*dX), which is right for a singular X too")
	return c
}

// differential returns the line for the differential of the expression, once it is verified.
func (q *asked) differential() (shown, error) {
	f, a := q.typed.Expr, q.algebra
	b := a.Builder()
	q.absent()
	tangents := map[*expr.Node]*expr.Node{}
	operands := []*expr.Node{f}
	along := map[*expr.Node]*expr.Node{}
	for i, x := range q.typed.Wrt {
		name := "d" + x.Name
		switch _, taken := q.typed.Names[name]; {
		case x.Is(expr.Element):
			e := wrong("a differential is in terms of a whole variable, not of %s", q.wrt[i])
			e.Hint = "matdiff jacobian differentiates by an entry"
			return shown{}, e
		case taken:
			e := wrong("the differential of %s is written %s, and the expression has a variable of that name", x.Name, name)
			e.Hint = "give one of the two another name"
			return shown{}, e
		}
		dx := b.Variable(name, x.Shape, x.Props&expr.LinearSpaces)
		tangents[x] = dx
		along[dx] = rules.Project(a, dx, x)
		operands = append(operands, x, along[dx])
	}
	for y, t := range dependents(q.typed) {
		switch {
		case tangents[t] == nil:
		case tangents[y] != nil:
			e := wrong("%s depends on %s: both cannot move at will", y.Name, t.Name)
			e.Hint = "differentiate by one of them"
			return shown{}, e
		default:
			tangents[y] = b.New(expr.Product, tangents[t], b.Sized(expr.Jacobian, y.Shape, y, t))
		}
	}
	var df *expr.Node
	var v *verified
	err := q.whereDefined(func() (err error) {
		if df, err = q.book.Differential(a, f, tangents); err != nil {
			return q.known(err)
		}
		df = a.Shortest(df)
		v, err = q.confirm("the differential", b.Sized(expr.Differential, df.Shape, operands...), b.Substitute(df, along))
		return err
	})
	if err != nil {
		return shown{}, err
	}
	left := printer.Left{}
	if q.display.left != leftNone {
		left = printer.Left{Symbol: printer.Differential, Of: functionLetter(b, q.typed)}
	}
	return q.result(q.wrt.String(), left, df, v)
}
