package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// presentPower writes powers of a quadratic form as powers of a norm.
func (a *Algebra) presentPower(n *Node) shown {
	base, e := n.Args[0], n.Args[1]
	best := a.show(a.b.New(expr.Power, a.present(base).node, a.present(e).node))
	if z := a.root(base); z != nil && e.Op == expr.Number {
		norm := a.b.New(expr.Norm, a.present(z).node)
		if k := add(e.Num, e.Num); !isOne(k) {
			norm = a.b.New(expr.Power, norm, a.b.Number(k))
		}
		best = shorter(best, a.show(norm))
	}
	return best
}

// presentSquare writes norm(z)^2.
func (a *Algebra) presentSquare(z *Node) shown {
	return a.show(a.b.New(expr.Power, a.b.New(expr.Norm, a.present(z).node), a.b.Int(2)))
}

// root returns z if n is z'*z or tr(z'*z).
func (a *Algebra) root(n *Node) *Node {
	switch {
	case chainOnly(n):
		return a.half(n.Args)
	case n.Op == expr.Tr && n.Args[0].Op == expr.Product:
		chain := n.Args[0].Args
		var best *Node
		for r := range min(len(chain), maxUnrolled) {
			if z := a.half(append(append([]*Node{}, chain[r:]...), chain[:r]...)); z != nil && (best == nil || a.length(z) < a.length(best)) {
				best = z
			}
		}
		return best
	case n.Op == expr.Tr:
		return a.half(n.Args)
	}
	return nil
}

// half returns z if a chain is z'*z. Where the length is odd, the middle has to be an even power of a symmetric matrix.
func (a *Algebra) half(chain []*Node) *Node {
	k := len(chain) / 2
	second := chain[len(chain)-k:]
	if len(chain)%2 == 1 {
		b, e := a.base(chain[k])
		if e%2 != 0 || e < 0 || plain(a, a.Transpose(b)) != plain(a, b) {
			return nil
		}
		second = append([]*Node{a.matrixPower(b, e/2)}, second...)
		chain = append(append([]*Node{}, chain[:k]...), chain[k+1:]...)
	}
	if !mirrored(chain) {
		return nil
	}
	return a.Product(second...)
}

// presentTrace writes tr(A'*B) as norm(A)^2 for A = B, and as sum(A .* B) where that is shorter. Of rotations it prefers tr(X'*A*X).
func (a *Algebra) presentTrace(n *Node) shown {
	x := n.Args[0]
	best := a.show(a.b.New(expr.Tr, a.present(x).node))
	if t := a.Transpose(x); t != x {
		best = shorter(best, a.show(a.b.New(expr.Tr, a.present(t).node)))
	}
	if q := a.quadratic(x); q != nil {
		best = shorter(a.show(a.b.New(expr.Tr, a.present(q).node)), best)
	}
	if z := a.root(n); z != nil {
		best = shorter(best, a.presentSquare(z))
	}
	if x.Op == expr.Product && len(x.Args) == 2 {
		u, v := a.Transpose(x.Args[0]), x.Args[1]
		if inner := a.show(a.b.New(expr.Tr, a.b.New(expr.Product, a.present(u).node, a.present(a.Transpose(v)).node))); u.Op == expr.Transpose && v.Op == expr.Transpose {
			best = shorter(inner, best) // tr(A'*B), the inner product, rather than tr(A*B')
		}
		best = shorter(best, a.presentEntries(u, v))
	}
	return best
}

// quadratic returns the rotation X'*A*X of a product under a trace; it is nil if there is none.
func (a *Algebra) quadratic(x *Node) *Node {
	if x.Op != expr.Product || len(x.Args) < 3 {
		return nil
	}
	for i, f := range x.Args {
		last := x.Args[(i+len(x.Args)-1)%len(x.Args)]
		if f == a.Transpose(last) || last == a.Transpose(f) {
			return a.Product(slices.Concat(x.Args[i:], x.Args[:i])...)
		}
	}
	return nil
}

// presentEntries writes tr(u'*v) as a sum of entries; that of u .* v as it stands only where functions of entries are multiplied.
func (a *Algebra) presentEntries(u, v *Node) shown {
	product := a.Hadamard(u, v)
	if untransposed(u).Op.Traits.Has(expr.Elementwise) || untransposed(v).Op.Traits.Has(expr.Elementwise) {
		return shorter(a.presentTotal(product), a.presentTotal(a.Transpose(product)))
	}
	return a.show(a.b.New(expr.Total, a.present(product).node))
}

// presentTotal writes the sum of the entries of n.
func (a *Algebra) presentTotal(n *Node) shown {
	return a.show(a.b.New(expr.Total, untransposed(a.present(n).node)))
}

// untransposed returns x for x', and anything else as it is.
func untransposed(n *Node) *Node {
	if n.Op == expr.Transpose {
		return n.Args[0]
	}
	return n
}

// presentInner writes sum(x .* y .* (A*z)) as z'*A'*(x .* y) where that is shorter.
func (a *Algebra) presentInner(n *Node) shown {
	entries := n.Args[0].Args
	best := a.show(a.b.New(expr.Total, a.present(n.Args[0]).node))
	for i, f := range entries {
		rest := a.hadamardOf(slices.Concat(entries[:i], entries[i+1:]))
		if f.Op != expr.Product || rest.Op == expr.Product {
			continue
		}
		left := slices.Concat(a.reversed(f.Args), []*Node{rest})
		right := slices.Concat([]*Node{a.Transpose(rest)}, f.Args)
		best = shorter(best, a.show(a.product(one, nil, a.presentChain(left))))
		best = shorter(best, a.show(a.product(one, nil, a.presentChain(right))))
	}
	return best
}
