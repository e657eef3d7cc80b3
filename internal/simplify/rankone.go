package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// rankOne writes entries of a column, one factor of which has an inner product with itself added to every entry, as a matrix
// times that factor, such as the Jacobian of softmax times a vector:
//
//	u .* (z + s*v'*z) → (diag(u) + s*u*v')*z
func (a *Algebra) rankOne(n *Node) []*Node {
	if n.Op != expr.Hadamard || n.Shape.Cols != expr.One {
		return nil
	}
	var out []*Node
	for i, sum := range n.Args {
		if sum.Op != expr.Sum {
			continue
		}
		u := a.Hadamard(slices.Concat(n.Args[:i], n.Args[i+1:])...)
		for j, t := range sum.Args {
			s := a.constantEntries(t)
			if s == nil {
				continue
			}
			z := a.Sum(slices.Concat(sum.Args[:j], sum.Args[j+1:])...)
			if row := a.withoutVector(s, z); row != nil {
				out = append(out, a.Product(a.Sum(a.Apply(expr.DiagMatrix, u), a.Product(u, row)), z))
			}
		}
	}
	return out
}

// withoutVector returns the row r of which the scalar s is r*z, as far as s is written so; else nil.
func (a *Algebra) withoutVector(s, z *Node) *Node {
	m := monomialOf(s)
	c, atom := a.content(z)
	k, atom := a.coefficient(atom)
	for i, f := range m.scalars {
		if !chainOnly(f) {
			continue
		}
		_, back := a.transposedFactors(f.Args)
		slices.Reverse(back)
		for _, chain := range [][]*Node{f.Args, back} {
			last := len(chain) - 1
			if chain[last] != atom || a.Product(chain...) != f {
				continue
			}
			row := a.Product(chain[:last]...)
			coef := mul(m.coef, new(big.Rat).Inv(mul(c, k)))
			return a.Product(append(slices.Concat(m.scalars[:i], m.scalars[i+1:]), a.b.Number(coef), row)...)
		}
	}
	return nil
}
