package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// commuted moves a commutation matrix to the other side of a Kronecker product in a term of the sum n, where that gives a
// product which another term has, so that both are factored. For A m×n and B p×q,
//
//	K(p,m)*kron(A, B) = kron(B, A)*K(q,n)
//
// (Magnus and Neudecker, Matrix Differential Calculus, 3.7), so that kron(X, I) + kron(I, X)*K → (I + K)*kron(X, I).
func (a *Algebra) commuted(n *Node) []*Node {
	if !slices.ContainsFunc(n.Args, func(t *Node) bool { return has(t, expr.Commutation) }) {
		return nil
	}
	var out []*Node
	for i, t := range n.Args {
		m := monomialOf(t)
		for k, f := range m.chain {
			if f.Op != expr.Kronecker || len(f.Args) != 2 {
				continue
			}
			left, right := f.Args[0].Shape, f.Args[1].Shape
			before, after := a.b.Commutation(right.Rows, left.Rows), a.b.Commutation(left.Cols, right.Cols)
			swapped := a.Kronecker(f.Args[1], f.Args[0])
			if !slices.ContainsFunc(n.Args, func(u *Node) bool { return slices.Contains(spread(u), swapped) }) {
				continue
			}
			with := func(from, to int, parts ...*Node) {
				chain := slices.Concat(m.chain[:from], parts, m.chain[to:])
				moved := a.Product(slices.Concat([]*Node{a.b.Number(m.coef)}, m.scalars, chain)...)
				out = append(out, a.factored(a.Sum(slices.Concat(n.Args[:i], n.Args[i+1:], []*Node{moved})...)))
			}
			if k > 0 && m.chain[k-1] == before {
				with(k-1, k+1, swapped, a.b.Commutation(right.Cols, left.Cols))
			}
			if k+1 < len(m.chain) && m.chain[k+1] == after {
				with(k, k+2, a.b.Commutation(left.Rows, right.Rows), swapped)
			}
		}
	}
	return out
}

// has reports whether an operation is a factor of n.
func has(n *Node, op *expr.Op) bool {
	return slices.ContainsFunc(spread(n), func(f *Node) bool { return f.Op == op })
}
