package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// positiveFirst moves the first term that has no sign to the front.
func positiveFirst(a *Algebra, terms []*Node) []*Node {
	terms = namesLast(a, terms)
	first := slices.IndexFunc(terms, func(t *Node) bool {
		c, _ := a.coefficient(t)
		return c.Sign() > 0
	})
	if first > 0 {
		t := terms[first]
		copy(terms[1:first+1], terms[:first])
		terms[0] = t
	}
	return terms
}

// namesLast moves names behind products, as in A*x + b and w'*x + b. Of sums of matrices people write either.
func namesLast(a *Algebra, terms []*Node) []*Node {
	s := terms[0].Shape
	if !s.IsScalar() && !s.IsColumn() && !s.IsRow() || !slices.ContainsFunc(terms, isMatrixProduct) {
		return terms
	}
	var names, rest []*Node
	for _, t := range terms {
		if _, atom := a.coefficient(t); untransposed(atom).Op == expr.Variable {
			names = append(names, t)
		} else {
			rest = append(rest, t)
		}
	}
	return append(rest, names...)
}

// isMatrixProduct reports whether n is a product of matrices and vectors alone, two at least, maybe with a positive number.
func isMatrixProduct(n *Node) bool {
	if n.Op != expr.Product {
		return false
	}
	factors := n.Args
	if factors[0].Op == expr.Number && factors[0].Num.Sign() > 0 {
		factors = factors[1:]
	}
	return len(factors) > 1 && !slices.ContainsFunc(factors, func(f *Node) bool { return f.Shape.IsScalar() })
}

// flipSign negates one sum among the factors that has a negative term, so that -(b - a)*c reads (a - b)*c.
func (a *Algebra) flipSign(scalars, chain []*Node) ([]*Node, []*Node, bool) {
	for i, s := range scalars {
		if f, ok := a.flipped(s); ok {
			out := append([]*Node{}, scalars...)
			out[i] = f
			return out, chain, true
		}
	}
	for i, f := range chain {
		if f, ok := a.flipped(f); ok {
			out := append([]*Node{}, chain...)
			out[i] = f
			return scalars, out, true
		}
	}
	return nil, nil, false
}

// flipped returns -n, written without a sign in front by turning that of one sum in it, and whether it can be.
func (a *Algebra) flipped(n *Node) (*Node, bool) {
	f, known := a.flips[n]
	if !known {
		f, _ = a.flip(n)
		a.flips[n] = f
	}
	return f, f != nil
}

func (a *Algebra) flip(n *Node) (*Node, bool) {
	one := func(args []*Node) (*Node, bool) {
		for i, arg := range args {
			if n.Op == expr.Product && (slices.Contains(args, a.Transpose(arg)) || slices.Contains(args, a.b.New(expr.Transpose, arg))) { // z*z' reads best so
				continue
			}
			if f, ok := a.flipped(arg); ok {
				args = slices.Clone(args)
				args[i] = f
				return a.b.With(n, args), true
			}
		}
		return nil, false
	}
	switch n.Op {
	case expr.Sum:
		for _, t := range n.Args {
			if c, _ := a.coefficient(t); c.Sign() < 0 {
				return a.divide(n, minusOne), true
			}
		}
		for i, t := range n.Args { // what is subtracted costs no more than what is added
			if f, ok := a.flipped(t); ok {
				terms := make([]*Node, len(n.Args))
				for j, u := range n.Args {
					terms[j] = a.Neg(u)
				}
				terms[i] = f
				return a.b.New(expr.Sum, terms...), true
			}
		}
	case expr.Product, expr.Hadamard, expr.Kronecker:
		return one(n.Args)
	case expr.Transpose, expr.Inv, expr.Pinv, expr.Sin, expr.Tan, expr.Asin, expr.Atan, expr.Sinh, expr.Tanh, expr.Sign,
		expr.Tr, expr.Total, expr.DiagMatrix, expr.DiagVector, expr.Vec, expr.Tril, expr.Triu:
		return one(n.Args)
	case expr.Element:
		if f, ok := a.flipped(n.Args[0]); ok {
			return a.b.With(n, []*Node{f, n.Args[1], n.Args[2]}), true
		}
	case expr.Power, expr.ElementPower:
		if e := n.Args[1]; e.Op == expr.Number && e.Num.IsInt() && !evenWhole(e.Num) {
			if f, ok := a.flipped(n.Args[0]); ok {
				return a.b.With(n, []*Node{f, e}), true
			}
		}
	}
	return nil, false
}
