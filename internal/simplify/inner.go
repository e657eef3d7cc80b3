package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// scalarChain returns the 1×1 product of a chain: a sum of entries where it starts or ends with ones or with an entrywise
// product, else the chain in the direction with fewer transposes.
func (a *Algebra) scalarChain(chain []*Node) *Node {
	if m := a.chainOfUnit(chain); m != nil {
		return m
	}
	last := len(chain) - 1
	if x, y := a.Transpose(chain[0]), chain[last]; last == 1 && x.Op == expr.Vec && y.Op == expr.Vec && x.Args[0].Shape == y.Args[0].Shape {
		return a.Inner(x.Args[0], y.Args[0])
	}
	switch {
	case chain[0].Op == expr.Ones:
		return a.Total(a.Product(chain[1:]...))
	case chain[last].Op == expr.Ones:
		return a.Total(a.Transpose(a.Product(chain[:last]...)))
	}
	c, kept := a.direct(chain)
	if i, x := a.firstDiagonal(kept); i > 0 && i < last {
		u, v := a.Transpose(a.Product(kept[:i]...)), a.Product(kept[i+1:]...)
		return a.Scale(c, a.Total(a.Hadamard(u, x, v)))
	}
	if last > 0 {
		u, v := a.Transpose(kept[0]), kept[last]
		switch {
		case last == 1:
			if m := a.mergedInner(u, v); m != nil {
				return a.Scale(c, m)
			}
		case isEntries(v) && v.Size() <= maxMerged: // else it stays an entry of its own, and Total comes back here
			return a.Scale(c, a.Total(a.Hadamard(a.Transpose(a.Product(kept[:last]...)), v)))
		case isEntries(u) && u.Size() <= maxMerged:
			return a.Scale(c, a.Total(a.Hadamard(u, a.Product(kept[1:]...))))
		}
	}
	return a.assemble(c, []*Node{a.b.New(expr.Product, kept...)}, nil)
}

// mergedInner returns tr(u'*v) as the sum of the entries of u .* v if that is not just what it says: one of them is an entrywise
// product, or they merge as powers or exponentials do. Else it is nil, and for u'*u.
func (a *Algebra) mergedInner(u, v *Node) *Node {
	if a.unscaledOperand(u) == a.unscaledOperand(v) {
		return nil
	}
	product := a.Hadamard(u, v)
	if m := monomialOf(product); len(m.chain) == 1 && isEntries(m.chain[0]) {
		h := m.chain[0]
		if h.Op == expr.Transpose {
			h = h.Args[0]
		}
		// A large entrywise product is an entry of h, as it was.
		if len(h.Args) == 2 && (!isEntries(u) && !isEntries(v) || slices.ContainsFunc(h.Args, isEntries)) {
			return nil
		}
	}
	return a.Total(product)
}

// unscaledOperand returns n without its numeric factor, as it would stand in a chain.
func (a *Algebra) unscaledOperand(n *Node) *Node {
	_, n = a.content(n)
	_, n = a.coefficient(n)
	return n
}

// isEntries reports whether n is an entrywise product or the transpose of one.
func isEntries(n *Node) bool {
	return n.Op == expr.Hadamard || n.Op == expr.Transpose && n.Args[0].Op == expr.Hadamard
}

// direct returns c and a chain of which the given one is c times the 1×1 value: itself or its transpose, whichever is
// preferred. The transpose of a skew matrix turns the sign; a form that is its own negative is 0.
func (a *Algebra) direct(chain []*Node) (*big.Rat, []*Node) {
	c, back := a.transposedFactors(chain)
	slices.Reverse(back)
	switch {
	case slices.Equal(back, chain) && c.Sign() < 0:
		return new(big.Rat), chain
	case a.prefer(back, chain):
		return c, back
	}
	return one, chain
}
