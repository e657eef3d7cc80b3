package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// Commute reports whether x and y commute as far as their form tells: one is built from the other, identities and scalars alone.
// Scalar factors do not count.
func (a *Algebra) Commute(x, y *Node) bool {
	u, v := a.unscaledChain(x), a.unscaledChain(y)
	return isFunctionOf(x, v) || isFunctionOf(y, u)
}

// unscaledChain returns n without its coefficient and scalar factors, a scalar as it is.
func (a *Algebra) unscaledChain(n *Node) *Node {
	if chain := monomialOf(n).chain; len(chain) > 0 {
		return a.assemble(one, nil, chain)
	}
	return n
}

// isFunctionOf reports whether n is built from x, identities and scalars alone, so that it commutes with every function of x.
func isFunctionOf(n, x *Node) bool {
	if n == x || n.Op == expr.Identity || n.Shape.IsScalar() {
		return true
	}
	switch n.Op {
	case expr.Sum, expr.Product, expr.Power, expr.Inv, expr.Expm, expr.Logm, expr.Sqrtm:
		return !slices.ContainsFunc(n.Args, func(arg *Node) bool { return !isFunctionOf(arg, x) })
	case expr.Transpose:
		return x.Op == expr.Transpose && isFunctionOf(n.Args[0], x.Args[0])
	}
	return false
}

// MatrixDerivative returns f'(x) for f one of expm, logm and sqrtm: d f(x) = f'(x)*dx where dx commutes with x.
func (a *Algebra) MatrixDerivative(f *expr.Op, x *Node) *Node {
	switch f {
	case expr.Logm:
		return a.Apply(expr.Inv, x)
	case expr.Sqrtm:
		return a.Product(a.Number(1, 2), a.Apply(expr.Inv, a.Apply(expr.Sqrtm, x)))
	}
	return a.Apply(expr.Expm, x)
}

// linearised returns the function f that n, one of dexpm, dlogm and sylvester(sqrtm(X), sqrtm(X), E), is the differential
// of, with the point x and the direction e; f is nil if n is none.
func (a *Algebra) linearised(op *expr.Op, args []*Node) (f *expr.Op, x, e *Node) {
	switch {
	case op == expr.DExpm:
		return expr.Expm, args[0], args[1]
	case op == expr.DLogm:
		return expr.Logm, args[0], args[1]
	case op == expr.Sylvester && args[0] == args[1]:
		if x := a.squared(args[0]); x != nil {
			return expr.Sqrtm, x, args[2]
		}
	}
	return nil, nil, nil
}

// differentialOf gives the differentials of matrix functions in another form where there is a simpler one, else nil: they
// are linear in their last argument E, f'(X)*E where E commutes with X, and transposed with their arguments.
func (a *Algebra) differentialOf(op *expr.Op, args []*Node) *Node {
	if op != expr.DExpm && op != expr.DLogm && op != expr.Sylvester {
		return nil
	}
	last := len(args) - 1
	e := args[last]
	if IsZero(e) {
		return e
	}
	if e.Shape.IsScalar() && op == expr.Sylvester {
		if divisor := a.Sum(args[0], args[1]); !IsZero(divisor) {
			return a.Product(e, a.Power(divisor, a.b.Int(-1)))
		}
	}
	if f, x, e := a.linearised(op, args); f != nil && a.Commute(e, x) && !(f == expr.Logm && IsZero(x)) {
		return a.Product(a.MatrixDerivative(f, x), e)
	}
	m := monomialOf(e)
	atom := a.assemble(one, nil, m.chain)
	c, content := a.content(atom)
	if isOne(c) {
		content = atom
	}
	if c = mul(c, m.coef); !isOne(c) || len(m.scalars) > 0 {
		args = append(slices.Clone(args[:last]), plain(a, content))
		return a.Product(append(m.scalars, a.b.Number(c), a.Apply(op, args...))...)
	}
	return nil
}

// linearSums joins two terms of a sum that are one linear function: f(X, E) + c*f(X, D) → f(X, E + c*D).
func (a *Algebra) linearSums(n *Node) []*Node {
	var out []*Node
	for i, t := range n.Args {
		m := monomialOf(t)
		if len(m.chain) != 1 || m.chain[0].Op != expr.DExpm && m.chain[0].Op != expr.DLogm && m.chain[0].Op != expr.Sylvester {
			continue
		}
		f := m.chain[0]
		last := len(f.Args) - 1
		for j, u := range n.Args[:i] {
			k := monomialOf(u)
			if len(k.chain) != 1 || k.chain[0].Op != f.Op || !slices.Equal(k.chain[0].Args[:last], f.Args[:last]) {
				continue
			}
			direction := func(m monomial) *Node {
				return a.Product(slices.Concat([]*Node{a.b.Number(m.coef)}, m.scalars, []*Node{m.chain[0].Args[last]})...)
			}
			args := append(slices.Clone(f.Args[:last]), a.Sum(direction(m), direction(k)))
			terms := slices.Concat(n.Args[:j], n.Args[j+1:i], n.Args[i+1:], []*Node{a.Apply(f.Op, args...)})
			out = append(out, a.Sum(terms...))
		}
	}
	return out
}

// traceOfDifferential returns tr(n) where a factor of n is a differential of a matrix function at X, and all others
// commute with X: they move next to its direction, tr(g(X)*d f(X)) = tr(g(X)*f'(X)*dX).
func (a *Algebra) traceOfDifferential(n *Node) *Node {
	chain := spread(n)
	for i, factor := range chain {
		f, x, e := a.linearised(factor.Op, factor.Args)
		if f == nil {
			continue
		}
		rest := slices.Concat(chain[i+1:], chain[:i])
		if slices.ContainsFunc(rest, func(g *Node) bool { return !a.Commute(g, x) }) {
			continue
		}
		return a.Trace(a.Product(slices.Concat(rest, []*Node{a.MatrixDerivative(f, x), e})...))
	}
	return nil
}
