package rules

import (
	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// adjoint carries the cotangent g of n to those arguments that move, by the adjoint identities of the operations that
// rules are written in. With <A, B> = tr(A'*B):
//
//	<G, A*L*B>   = <A'*G*B', L>          <G, s*A>     = <tr(G'*A), s>
//	<G, A .* L>  = <A .* G, L>           <G, L'>      = <G', L>
//	<g, vec(L)>  = <unvec(g), L>         <G, L[i,j]>  = <G*E(i,j), L>
//	<G, kron(L, B)>, <G, kron(A, L)>: partial traces, see kronecker
//	<G, sylvester(A, B, L)> = <sylvester(A', B', G), L>      <G, dexpm(A, L)> = <dexpm(A', G), L>
//
// It reports whether it knows the operation; the book's adj lines hold the identities of the other linear ones.
func adjoint(a *simplify.Algebra, n, g *Node, moves func(*Node) bool, give func(n, g *Node)) (bool, error) {
	b := a.Builder()
	switch n.Op {
	case expr.Sum:
		for _, t := range n.Args {
			if moves(t) {
				give(t, g)
			}
		}
	case expr.Product:
		product(a, n, g, moves, give)
	case expr.Hadamard:
		for i, f := range n.Args {
			if moves(f) {
				others := append(append([]*Node{g}, n.Args[:i]...), n.Args[i+1:]...)
				give(f, a.Hadamard(others...))
			}
		}
	case expr.Transpose:
		give(n.Args[0], a.Transpose(g))
	case expr.Vec:
		give(n.Args[0], unvec(a, g, n.Args[0].Shape))
	case expr.Element:
		x := n.Args[0]
		give(x, a.Product(g, a.Normalize(b.Sized(expr.Unit, x.Shape, n.Args[1], n.Args[2]))))
	case expr.Kronecker:
		kronecker(a, n, g, moves, give)
	case expr.Sylvester:
		if moves(n.Args[0]) || moves(n.Args[1]) {
			return false, nil
		}
		give(n.Args[2], a.Apply(n.Op, a.Transpose(n.Args[0]), a.Transpose(n.Args[1]), g))
	case expr.Jacobian:
		return true, unknownSecond(n, moves)
	case expr.DExpm, expr.DLogm:
		if err := unknownSecond(n, moves); err != nil {
			return true, err
		}
		give(n.Args[1], a.Apply(n.Op, a.Transpose(n.Args[0]), g))
	default:
		return false, nil
	}
	return true, nil
}

// product gives each factor that moves its cotangent. Factors that are 1×1 scale, the others form a chain.
func product(a *simplify.Algebra, n, g *Node, moves func(*Node) bool, give func(n, g *Node)) {
	var scalars, chain []*Node
	for _, f := range n.Args {
		if f.Shape.IsScalar() {
			scalars = append(scalars, f)
		} else {
			chain = append(chain, f)
		}
	}
	for i, s := range scalars {
		if moves(s) {
			rest := append(append(append([]*Node{}, scalars[:i]...), scalars[i+1:]...), chain...)
			give(s, a.Inner(a.Product(append(rest, a.Builder().Int(1))...), g))
		}
	}
	for j, f := range chain {
		if !moves(f) {
			continue
		}
		out := append([]*Node{}, scalars...)
		for i := j - 1; i >= 0; i-- {
			out = append(out, a.Transpose(chain[i]))
		}
		if j > 0 {
			// The 1×1 factors and the cotangent must not change what is multiplied with what: A'*G*B' is grouped.
			out = []*Node{a.Product(out...)}
		}
		out = append(out, g)
		if j < len(chain)-1 {
			var right []*Node
			for i := len(chain) - 1; i > j; i-- {
				right = append(right, a.Transpose(chain[i]))
			}
			out = append(out, a.Product(right...))
		}
		give(f, a.Product(out...))
	}
}

// unvec returns the matrix of a given shape whose vec is g.
//
//	unvec(vec(H)) = H    unvec(kron(A, B)*vec(H)) = B*H*A'
//
// and for any g, with H m×n: kron(vec(eye(n))', eye(m))*kron(eye(n), g).
func unvec(a *simplify.Algebra, g *Node, s expr.Shape) *Node {
	if s.Cols == expr.One {
		return g
	}
	switch {
	case simplify.IsZero(g), g.Op == expr.Ones:
		return a.Normalize(a.Builder().Sized(g.Op, s))
	case g.Op == expr.Vec && g.Args[0].Shape == s:
		return g.Args[0]
	case g.Op == expr.Sum:
		terms := make([]*Node, len(g.Args))
		for i, t := range g.Args {
			terms[i] = unvec(a, t, s)
		}
		return a.Sum(terms...)
	case g.Op == expr.Product:
		last := len(g.Args) - 1
		if first := g.Args[0]; first.Shape.IsScalar() {
			return a.Product(first, unvec(a, a.Product(g.Args[1:]...), s))
		}
		if v := g.Args[last]; last == 1 && v.Op == expr.Vec {
			if h := unvecProduct(a, g.Args[0], v.Args[0], s); h != nil {
				return h
			}
		}
	}
	vecI := a.Apply(expr.Vec, a.Identity(s.Cols))
	return a.Product(
		a.Kronecker(a.Transpose(vecI), a.Identity(s.Rows)),
		a.Kronecker(a.Identity(s.Cols), g))
}

// unvecProduct returns the matrix of a given shape whose vec is k*vec(h), for a k that is a sum of Kronecker products that fit;
// else it is nil.
func unvecProduct(a *simplify.Algebra, k, h *Node, s expr.Shape) *Node {
	sum := func(args []*Node, side func(*Node) *Node) *Node {
		terms := make([]*Node, len(args))
		for i, t := range args {
			if terms[i] = unvecProduct(a, side(t), h, s); terms[i] == nil {
				return nil
			}
		}
		return a.Sum(terms...)
	}
	switch {
	case k.Op == expr.Sum:
		return sum(k.Args, func(t *Node) *Node { return t })
	case k.Op == expr.Transpose && k.Args[0].Op == expr.Sum:
		return sum(k.Args[0].Args, a.Transpose)
	case k.Op == expr.Identity && h.Shape == s:
		return h
	case k.Op == expr.Product && len(k.Args) == 2 && k.Args[0].Shape.IsScalar():
		if m := unvecProduct(a, k.Args[1], h, s); m != nil {
			return a.Product(k.Args[0], m)
		}
	case k.Op == expr.Kronecker && len(k.Args) == 2:
		p, q := k.Args[0], k.Args[1]
		if q.Shape.Cols == h.Shape.Rows && p.Shape.Cols == h.Shape.Cols && q.Shape.Rows == s.Rows {
			return a.Product(q, h, a.Transpose(p))
		}
	}
	return nil
}

// kronecker gives the operands of a Kronecker product their cotangents. For A m×n, B p×q, and G the cotangent of
// kron(A, B), that of A has entry i,j = tr(B'*G_ij) with G_ij the p×q blocks of G, and that of B is the sum of A[i,j]*G_ij:
//
//	A: kron(I_m, vec(I_p)')*kron(G*kron(I_n, B'), I_p)*kron(I_n, vec(I_p))
//	B: kron(vec(I_m)', I_p)*kron(I_m, G*kron(A', I_q))*kron(vec(I_m), I_q)
//
// and if G = kron(P, Q) with blocks that fit, <Q, B>*P and <P, A>*Q.
func kronecker(a *simplify.Algebra, n, g *Node, moves func(*Node) bool, give func(n, g *Node)) {
	left := n.Args[0]
	right := a.Kronecker(n.Args[1:]...)
	giveRight := give
	if len(n.Args) > 2 {
		giveRight = func(m, g *Node) { kronecker(a, m, g, moves, give) }
	}
	moving := func(m *Node) bool {
		for _, f := range n.Args[1:] {
			if moves(f) {
				return true
			}
		}
		return false
	}
	if p, q, c := kroneckerFactors(a, g, left.Shape, right.Shape); p != nil {
		if moves(left) {
			give(left, a.Product(c, a.Inner(q, right), p))
		}
		if moving(right) {
			giveRight(right, a.Product(c, a.Inner(p, left), q))
		}
		return
	}
	vecI := func(d expr.Dim) *Node { return a.Apply(expr.Vec, a.Identity(d)) }
	m, nn := left.Shape.Rows, left.Shape.Cols
	p, q := right.Shape.Rows, right.Shape.Cols
	if moves(left) {
		give(left, a.Product(
			a.Kronecker(a.Identity(m), a.Transpose(vecI(p))),
			a.Kronecker(a.Product(g, a.Kronecker(a.Identity(nn), a.Transpose(right))), a.Identity(p)),
			a.Kronecker(a.Identity(nn), vecI(p))))
	}
	if moving(right) {
		giveRight(right, a.Product(
			a.Kronecker(a.Transpose(vecI(m)), a.Identity(p)),
			a.Kronecker(a.Identity(m), a.Product(g, a.Kronecker(a.Transpose(left), a.Identity(q)))),
			a.Kronecker(vecI(m), a.Identity(q))))
	}
}

// kroneckerFactors writes g as c*kron(p, q) with p and q of the given shapes, where its form shows that.
func kroneckerFactors(a *simplify.Algebra, g *Node, ps, qs expr.Shape) (p, q, c *Node) {
	b := a.Builder()
	c = b.Int(1)
	if g.Op == expr.Product {
		var chain []*Node
		for _, f := range g.Args {
			if f.Shape.IsScalar() {
				c = a.Product(c, f)
			} else {
				chain = append(chain, f)
			}
		}
		if len(chain) != 1 {
			return nil, nil, nil
		}
		g = chain[0]
	}
	switch {
	case g.Op == expr.Ones:
		return a.Normalize(b.Sized(expr.Ones, ps)), a.Normalize(b.Sized(expr.Ones, qs)), c
	case g.Op == expr.Identity && ps.IsSquare() && qs.IsSquare():
		return a.Identity(ps.Rows), a.Identity(qs.Rows), c
	case g.Op == expr.Kronecker && len(g.Args) == 2 && g.Args[0].Shape == ps && g.Args[1].Shape == qs:
		return g.Args[0], g.Args[1], c
	}
	return nil, nil, nil
}
