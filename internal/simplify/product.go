package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// monomial is a product taken apart.
type monomial struct {
	coef    *big.Rat
	scalars []*Node // 1×1 factors, without the coefficient
	chain   []*Node // the other factors in order
}

// monomialOf takes n in normal form apart.
func monomialOf(n *Node) monomial {
	m := monomial{coef: one}
	for _, f := range spread(n) {
		switch {
		case f.Op == expr.Number:
			m.coef = f.Num
		case f.Shape.IsScalar():
			m.scalars = append(m.scalars, f)
		default:
			m.chain = append(m.chain, f)
		}
	}
	return m
}

// Product returns the product of factors from left to right; wherever one of the two operands is 1×1 it scales.
func (a *Algebra) Product(factors ...*Node) *Node {
	shape := factors[0].Shape
	coef := one
	var scalars, chain []*Node
	for i, f := range factors {
		if i > 0 {
			shape = shape.Times(f.Shape)
		}
		m := monomialOf(f)
		if f.Shape.IsScalar() && len(factors) > 1 && f.Size() > maxMerged {
			m.coef, f = a.coefficient(f)
			m.scalars = []*Node{f}
		}
		coef = mul(coef, m.coef)
		scalars = append(scalars, m.scalars...)
		if chain = append(chain, m.chain...); shape.IsScalar() && len(chain) > 0 && i < len(factors)-1 {
			// What comes next is scaled by this and need not conform to it.
			scalars = append(scalars, a.Product(chain...))
			chain = nil
		}
	}
	if coef.Sign() == 0 || slices.ContainsFunc(chain, IsZero) {
		return a.zero(shape)
	}
	chain, extracted, c := a.chain(chain)
	coef = mul(coef, c)
	scalars = append(scalars, extracted...)
	scalars, chain = a.softmax(scalars, chain)
	c, scalars = a.mergeScalars(scalars)
	coef = mul(coef, c)
	if coef.Sign() == 0 {
		return a.zero(shape)
	}
	return a.assemble(coef, scalars, chain)
}

// assemble joins the parts of a product that are each in normal form. A number times a sum is distributed.
func (a *Algebra) assemble(coef *big.Rat, scalars, chain []*Node) *Node {
	rest := append(slices.Clone(scalars), chain...)
	if len(rest) == 1 {
		r := rest[0]
		if r.Op == expr.Transpose && r.Args[0].Op == expr.Sum {
			r = a.Transpose(r.Args[0])
		}
		if r.Op == expr.Sum && !isOne(coef) {
			return a.divide(r, new(big.Rat).Inv(coef))
		}
		return a.withCoefficient(coef, r)
	}
	if len(rest) == 0 {
		return a.b.Number(coef)
	}
	if !isOne(coef) {
		rest = append([]*Node{a.b.Number(coef)}, rest...)
	}
	return a.b.New(expr.Product, rest...)
}
