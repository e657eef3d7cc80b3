package rules

import (
	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// Differential returns the differential of f, of any shape, when each variable x of tangents moves along tangents[x], which
// has its shape. With tangents that are variables themselves it is dF in terms of dX; with numbers and constant matrices
// it is a derivative: by a scalar t with the tangent 1, by an entry X[i,j] with E(i,j).
//
// It is one forward walk over the DAG by the lines of the book, in which the differential of each argument takes the place
// of dX. That of a scalar is <gradient, dX> where this is shorter, or all there is. The error is a *NoRule, or that of a rule that
// cannot be read.
func (k *Book) Differential(a *simplify.Algebra, f *Node, tangents map[*Node]*Node) (*Node, error) {
	w := &forward{sweep: &sweep{book: k, a: a}, moving: map[*Node]*Node{}}
	for x, dx := range tangents {
		w.moving[x] = a.Normalize(dx)
	}
	f = a.Normalize(f)
	df, err := w.of(f)
	if err == nil && df == nil {
		return a.Normalize(a.Builder().Sized(expr.Zeros, f.Shape)), nil
	}
	if !f.Shape.IsScalar() {
		return df, err
	}
	by, failed := w.byGradient(f)
	switch {
	case failed != nil:
		return df, err
	case err != nil, a.Cost(a.Shortest(by)) < a.Cost(a.Shortest(df)):
		return by, nil
	}
	return df, nil
}

// byGradient returns the differential of the scalar f as the sum of <gradient, dX>: that of tr(X^k) has no k terms.
func (w *forward) byGradient(f *Node) (*Node, error) {
	var wrt []*Node
	for _, x := range expr.Variables(f) {
		if w.moving[x] != nil {
			wrt = append(wrt, x)
		}
	}
	gradients, err := w.book.Pullback(w.a, f, w.a.Builder().Int(1), wrt)
	if err != nil {
		return nil, err
	}
	var terms []*Node
	for i, x := range wrt {
		terms = append(terms, w.a.Inner(gradients[i], w.moving[x]))
	}
	return w.a.Sum(terms...), nil
}

// forward is the state of one forward walk.
type forward struct {
	*sweep
	moving map[*Node]*Node // the differential of each node met; nil if it is constant
}

// of returns the differential of n, or nil if n is constant.
func (w *forward) of(n *Node) (*Node, error) {
	if dn, ok := w.moving[n]; ok {
		return dn, nil
	}
	if err := w.a.Builder().Err(); err != nil {
		return nil, err
	}
	moves := false
	args := make([]*Node, len(n.Args))
	for i, arg := range n.Args {
		d, err := w.of(arg)
		if err != nil {
			return nil, err
		}
		args[i] = d
		moves = moves || d != nil
	}
	var dn *Node
	if moves {
		var err error
		if dn, err = w.step(n, args); err != nil {
			return nil, err
		}
		if simplify.IsZero(dn) {
			dn = nil
		}
	}
	w.moving[n] = dn
	return dn, nil
}

// step returns the differential of n for the differentials of its arguments, of which at least one is not nil.
func (w *forward) step(n *Node, d []*Node) (*Node, error) {
	a := w.a
	switch n.Op {
	case expr.Sum:
		terms := []*Node{a.Normalize(a.Builder().Sized(expr.Zeros, n.Shape))}
		for _, t := range d {
			if t != nil {
				terms = append(terms, t)
			}
		}
		return a.Sum(terms...), nil
	case expr.Product, expr.Hadamard, expr.Kronecker:
		return w.byArgument(n, d, func(i int) (*Node, error) {
			args := append([]*Node{}, n.Args...)
			args[i] = d[i]
			return a.Make(n, args), nil
		})
	case expr.Element:
		if d[1] == nil && d[2] == nil {
			return a.Element(d[0], n.Args[1], n.Args[2]), nil
		}
	case expr.Power:
		if !n.Shape.IsScalar() {
			return w.matrixPower(n, d[0])
		}
	case expr.Adj, expr.Tr:
		if p := singularShift(a, n); p.root != nil {
			return p.differential(a, n, w.moving[p.p], w.moving[p.root.Args[0]]), nil
		}
		if err := singularAdjugate(n); err != nil {
			return nil, err
		}
	case expr.Jacobian:
		return nil, unknownSecond(n, nil)
	case expr.DExpm, expr.DLogm:
		if err := unknownSecond(n, func(m *Node) bool { return w.moving[m] != nil }); err != nil {
			return nil, err
		}
		return a.Make(n, []*Node{n.Args[0], d[1]}), nil
	}
	rule := w.book.lookup("d", n.Op)
	switch {
	case n.Op.Slope != nil:
		return a.Inner(a.Apply(n.Op.Slope, n.Args[0]), d[0]), nil
	case n.Op.Unknown != "":
		return nil, unknownFunction(n)
	case rule != nil:
		return w.byArgument(n, d, func(i int) (*Node, error) { return w.byRule(rule, n, i, d[i]) })
	case n.Op.Body != nil:
		body, err := w.instantiate(w.book.index["def "+n.Op.Name], map[string]*Node{}, n.Args, n.Shape)
		if err != nil {
			return nil, err
		}
		return w.of(body)
	case n.Op.Traits.Has(expr.Linear) || w.book.lookup("adj", n.Op) != nil:
		return a.Make(n, d), nil
	}
	return nil, &NoRule{Op: n.Op}
}

// byArgument adds what each argument that moves contributes.
func (w *forward) byArgument(n *Node, d []*Node, part func(i int) (*Node, error)) (*Node, error) {
	terms := []*Node{w.a.Normalize(w.a.Builder().Sized(expr.Zeros, n.Shape))}
	for i := range d {
		if d[i] == nil {
			continue
		}
		t, err := part(i)
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	return w.a.Sum(terms...), nil
}

// byRule is the right side of a rule where argument i moves along dx and the others stand still.
func (w *forward) byRule(rule *Rule, n *Node, i int, dx *Node) (*Node, error) {
	bind, err := bindTangent(w.a, rule, n, i, dx)
	if err != nil {
		return nil, err
	}
	return w.instantiate(rule, bind, n.Args, n.Shape)
}

// bindTangent binds the differentials in a rule: dx for that of argument i of n, zeros for the others.
func bindTangent(a *simplify.Algebra, rule *Rule, n *Node, i int, dx *Node) (map[string]*Node, error) {
	line, err := rule.parse()
	if err != nil {
		return nil, err
	}
	bind := map[string]*Node{}
	for j, p := range line.Params {
		if j == i {
			bind["d"+p] = dx
		} else {
			bind["d"+p] = a.Builder().Sized(expr.Zeros, n.Args[j].Shape)
		}
	}
	return bind, nil
}

// matrixPower is the differential of X^k for a whole k > 0: the sum of X^i*dX*X^(k-1-i), which is k*X^(k-1)*dX where X and dX commute.
func (w *forward) matrixPower(n, dx *Node) (*Node, error) {
	if w.a.Commute(dx, n.Args[0]) {
		return w.a.Product(n.Args[1], w.a.MatrixPower(n.Args[0], n.Args[1].Num.Num().Int64()-1), dx), nil
	}
	k, err := powerTerms(n)
	if err != nil {
		return nil, err
	}
	x := n.Args[0]
	terms := make([]*Node, k)
	for i := range terms {
		terms[i] = w.a.Product(w.a.MatrixPower(x, int64(i)), dx, w.a.MatrixPower(x, k-1-int64(i)))
	}
	return w.a.Sum(terms...), nil
}
