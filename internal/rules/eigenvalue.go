package rules

import (
	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// The gradients of the largest eigenvalue and the largest singular value hold v*v' = adj(P)/tr(adj(P)) for the unit vector v
// with P*v = 0, where P = lambda*I - M is symmetric and stays singular, of rank n - 1 where lambda is simple. The book's line
// for the adjugate is that of nonsingular matrices. Along P, adj(P) = t*v*v' for the product t of its other eigenvalues, and
//
//	dv = pinv(P)*dM*v    dt = t*tr(pinv(P)*dP)
//
// (Magnus and Neudecker, Matrix Differential Calculus, 8.9 and 8.4), hence
//
//	d adj(P)     = tr(pinv(P)*dP)*adj(P) + pinv(P)*dM*adj(P) + adj(P)*dM*pinv(P)
//	d tr(adj(P)) = tr(pinv(P)*dP)*tr(adj(P))
type shift struct {
	p    *Node
	root *Node // lambda_max(M), or spectral(X) with M = X'*X
}

// singularShift returns the P of n, adj(P) or tr(adj(P)); its root is nil if n is neither.
func singularShift(a *simplify.Algebra, n *Node) shift {
	if n.Op == expr.Tr {
		n = n.Args[0]
	}
	if n.Op != expr.Adj {
		return shift{}
	}
	return shiftOf(a, n.Args[0])
}

// shiftOf returns p as a shift; its root is nil if it is none.
func shiftOf(a *simplify.Algebra, p *Node) shift {
	found := shift{}
	expr.Walk(p, func(root *Node) {
		var lambda, m *Node
		switch x := root.Args; root.Op {
		case expr.LambdaMax:
			lambda, m = root, x[0]
		case expr.Spectral:
			lambda, m = a.Product(root, root), a.Product(a.Transpose(x[0]), x[0])
		default:
			return
		}
		if a.Transpose(m) == m && a.Sum(a.Product(lambda, a.Identity(m.Shape.Rows)), a.Neg(m)) == p {
			found = shift{p, root}
		}
	})
	return found
}

// pull carries the cotangent g of n, adj(P) or tr(adj(P)), to P and to what M is made of.
func (s shift) pull(a *simplify.Algebra, n, g *Node, give func(n, g *Node)) {
	inverse := a.Apply(expr.Pinv, s.p)
	give(s.p, a.Product(a.Inner(n, g), inverse))
	if n.Op == expr.Tr {
		return
	}
	h := a.Sum(a.Product(inverse, g, n), a.Product(n, g, inverse))
	switch x := s.root.Args[0]; s.root.Op {
	case expr.Spectral:
		give(x, a.Product(x, a.Sum(h, a.Transpose(h))))
	default:
		give(x, h)
	}
}

// differential returns that of n, adj(P) or tr(adj(P)), for those of P and of the argument of the eigenvalue or singular value.
func (s shift) differential(a *simplify.Algebra, n, dp, dx *Node) *Node {
	inverse := a.Apply(expr.Pinv, s.p)
	scale := a.Product(a.Inner(inverse, dp), n)
	if n.Op == expr.Tr {
		return scale
	}
	dm := dx
	if s.root.Op == expr.Spectral {
		half := a.Product(a.Transpose(s.root.Args[0]), dx)
		dm = a.Sum(half, a.Transpose(half))
	}
	return a.Sum(scale, a.Product(inverse, dm, n), a.Product(n, dm, inverse))
}

// Stable returns n in a form for numbers: pinv(P) is inv(P + v*v') - v*v', of which no rounding error decides the rank.
func Stable(a *simplify.Algebra, n *Node) *Node {
	instead := map[*Node]*Node{}
	expr.Walk(n, func(m *Node) {
		if m.Op != expr.Pinv {
			return
		}
		p := a.Normalize(m.Args[0])
		if shiftOf(a, p).root == nil {
			return
		}
		adj := a.Apply(expr.Adj, p)
		v := a.Product(a.Power(a.Trace(adj), a.Builder().Int(-1)), adj)
		instead[m] = a.Sum(a.Apply(expr.Inv, a.Sum(p, v)), a.Neg(v))
	})
	return a.Builder().Substitute(n, instead)
}
