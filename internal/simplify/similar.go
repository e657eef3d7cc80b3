package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// similar takes P and its inverse out of a function of P*X*inv(P). A power series, an inverse or an adjugate of it is
// P*f(X)*inv(P); determinants are those of X, and so are eigenvalues if P is orthogonal: else a symmetric matrix would not remain
// one.
func (a *Algebra) similar(op *expr.Op, x *Node) *Node {
	m := monomialOf(x)
	last := len(m.chain) - 1
	if last < 2 {
		return nil
	}
	p, q := m.chain[0], m.chain[last]
	pb, pk := a.base(p)
	if qb, qk := a.base(q); qb != pb || qk != -pk {
		return nil
	}
	inner := a.assemble(m.coef, m.scalars, m.chain[1:last])
	switch op {
	case expr.Expm, expr.Logm, expr.Sqrtm, expr.Inv, expr.Adj:
		return a.Product(p, a.Apply(op, inner), q)
	case expr.Det, expr.LogDet:
		return a.Apply(op, inner)
	case expr.LambdaMax:
		if a.isOrthogonal(p) {
			return a.Apply(op, inner)
		}
	}
	return nil
}

// unrotated splits x into orthogonal factors before and behind what is left, which is nil if there are none, or nothing else.
func (a *Algebra) unrotated(x *Node) (before []*Node, rest *Node, behind []*Node) {
	m := monomialOf(x)
	from, to := 0, len(m.chain)
	for from < to && a.isOrthogonal(m.chain[from]) {
		from++
	}
	for to > from && a.isOrthogonal(m.chain[to-1]) {
		to--
	}
	if from == to || to-from == len(m.chain) {
		return nil, nil, nil
	}
	return m.chain[:from], a.assemble(m.coef, m.scalars, m.chain[from:to]), m.chain[to:]
}

// isOrthogonal reports whether n is a power of an orthogonal variable.
func (a *Algebra) isOrthogonal(n *Node) bool {
	b, _ := a.base(n)
	return b.Op == expr.Variable && b.Props.Has(expr.Orthogonal) && b.Shape.IsSquare()
}

// unsigned returns n without factors det(Q), which are 1 or -1 for an orthogonal Q.
func (a *Algebra) unsigned(n *Node) *Node {
	m := monomialOf(n)
	scalars := slices.DeleteFunc(slices.Clone(m.scalars), func(s *Node) bool { return s.Op == expr.Det && a.isOrthogonal(s.Args[0]) })
	if len(scalars) == len(m.scalars) {
		return n
	}
	return a.Product(append(scalars, a.b.Number(m.coef), a.assemble(one, nil, m.chain))...)
}
