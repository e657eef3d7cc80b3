package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// Sum returns the sum of terms. Scalar terms among matrices are added to every entry; among other terms each term of s + t is,
// while s*ones + t*ones alone is (s + t)*ones.
func (a *Algebra) Sum(terms ...*Node) *Node {
	shape := expr.Scalar
	for _, t := range terms {
		if !t.Shape.IsScalar() {
			shape = t.Shape
			break
		}
	}
	coefs := map[*Node]*big.Rat{}
	var rests []*Node
	var collect func(c *big.Rat, t *Node)
	collect = func(c *big.Rat, t *Node) {
		if t.Shape.IsScalar() && !shape.IsScalar() {
			t = a.Product(t, a.ones(shape))
		}
		if IsZero(t) {
			return
		}
		k, rest := a.coefficient(t)
		c = mul(c, k)
		switch {
		case rest.Op == expr.Sum:
			for _, u := range rest.Args {
				collect(c, u)
			}
			return
		case rest.Op == expr.Transpose && rest.Args[0].Op == expr.Sum:
			for _, u := range rest.Args[0].Args {
				collect(c, a.Transpose(u))
			}
			return
		case rest.Op == expr.Product && len(rest.Args) == 2 && rest.Args[0].Op == expr.Sum && rest.Args[0].Shape.IsScalar() && rest.Args[1].Op == expr.Ones:
			for _, u := range rest.Args[0].Args {
				collect(c, a.Product(u, rest.Args[1]))
			}
			return
		}
		if old, ok := coefs[rest]; ok {
			coefs[rest] = add(old, c)
			return
		}
		coefs[rest] = c
		rests = append(rests, rest)
	}
	for _, t := range terms {
		collect(one, t)
	}
	rests = slices.DeleteFunc(rests, func(r *Node) bool { return coefs[r].Sign() == 0 })
	slices.SortFunc(rests, expr.Compare)
	out := make([]*Node, len(rests))
	for i, r := range rests {
		out[i] = a.withCoefficient(coefs[r], r)
	}
	switch len(out) {
	case 0:
		return a.zero(shape)
	case 1:
		return out[0]
	}
	if entries := a.allConstant(out); entries != nil {
		return a.Product(a.Sum(entries...), a.ones(shape))
	}
	return a.b.New(expr.Sum, out...)
}

// allConstant returns s for every s*ones among terms; it is nil if there are others, or if they are 1×1.
func (a *Algebra) allConstant(terms []*Node) []*Node {
	var entries []*Node
	for _, t := range terms {
		s := a.constantEntries(t)
		if s == nil {
			return nil
		}
		entries = append(entries, s)
	}
	return entries
}

// coefficient splits c*rest; rest has no numeric factor. A number is itself times 1.
func (a *Algebra) coefficient(n *Node) (*big.Rat, *Node) {
	switch {
	case n.Op == expr.Number:
		return n.Num, a.b.Int(1)
	case n.Op == expr.Product && n.Args[0].Op == expr.Number:
		if len(n.Args) == 2 {
			return n.Args[0].Num, n.Args[1]
		}
		return n.Args[0].Num, a.b.New(expr.Product, n.Args[1:]...)
	}
	return one, n
}

// withCoefficient undoes coefficient.
func (a *Algebra) withCoefficient(c *big.Rat, rest *Node) *Node {
	switch {
	case rest.IsNumber(1):
		return a.b.Number(c)
	case isOne(c):
		return rest
	case rest.Op == expr.Product && !chainOnly(rest):
		return a.b.New(expr.Product, append([]*Node{a.b.Number(c)}, rest.Args...)...)
	}
	return a.b.New(expr.Product, append([]*Node{a.b.Number(c)}, spread(rest)...)...)
}

// chainOnly reports whether n is a 1×1 chain, which stays whole inside other products.
func chainOnly(n *Node) bool {
	return n.Op == expr.Product && n.Shape.IsScalar() && !n.Args[0].Shape.IsScalar()
}

// spread lists what n contributes to the arguments of a product that holds it.
func spread(n *Node) []*Node {
	if n.Op == expr.Product && !chainOnly(n) {
		return n.Args
	}
	return []*Node{n}
}

// content splits a sum into c*atom for use as an operand. Of the sum and its transpose the preferred one is kept, under a
// Transpose if needed; its coefficients are whole, without common divisor, and the first one is positive. Nodes other
// than sums are returned as they are.
func (a *Algebra) content(n *Node) (*big.Rat, *Node) {
	if n.Op != expr.Sum {
		return one, n
	}
	if old, ok := a.contents[n]; ok {
		return old.coef, old.atom
	}
	c, atom := a.splitSum(n)
	a.contents[n] = multiple{c, atom}
	return c, atom
}

// multiple is coef*atom.
type multiple struct {
	coef *big.Rat
	atom *Node
}

// splitSum is content for a sum.
func (a *Algebra) splitSum(n *Node) (*big.Rat, *Node) {
	kept, flipped := n, false
	if t, better := a.betterTransposed(n); better && t.Op == expr.Sum {
		kept, flipped = t, true
	}
	c := a.numericContent(kept)
	if !isOne(c) {
		kept = a.divide(kept, c)
	}
	if flipped {
		return c, a.b.New(expr.Transpose, kept)
	}
	return c, kept
}

// rests lists the terms of n, which may be a sum, without their coefficients: what decides its direction must not depend on signs.
func (a *Algebra) rests(n *Node) []*Node {
	if n.Op != expr.Sum {
		_, rest := a.coefficient(n)
		return []*Node{rest}
	}
	out := make([]*Node, len(n.Args))
	for i, t := range n.Args {
		_, out[i] = a.coefficient(t)
	}
	return out
}

// numericContent returns the common divisor of the coefficients of a sum with the sign of its first term. It is the same multiple
// of them for every multiple of the sum.
func (a *Algebra) numericContent(n *Node) *big.Rat {
	coefs := make([]*big.Rat, len(n.Args))
	short, unit := true, false // whole numbers of a few digits, ±1 among them, have no divisor
	for i, t := range n.Args {
		c, _ := a.coefficient(t)
		coefs[i] = c
		short = short && c.IsInt() && c.Num().BitLen() <= shortBits
		unit = unit || isOne(c) || c.Cmp(minusOne) == 0
	}
	c := one
	if !short || !unit {
		num, den := new(big.Int), big.NewInt(1)
		for _, c := range coefs {
			num.GCD(nil, nil, num, new(big.Int).Abs(c.Num()))
			g := new(big.Int).GCD(nil, nil, den, c.Denom())
			den.Mul(den, new(big.Int).Div(c.Denom(), g))
		}
		c = new(big.Rat).SetFrac(num, den)
		c = mul(c, decimalUnit(coefs, c))
	}
	if coefs[0].Sign() < 0 {
		return new(big.Rat).Neg(c)
	}
	return c
}

// shortBits is the length of a whole number that is short enough to read.
const shortBits = 20

// decimalUnit returns the first of the coefficients, divided by c, that all others are decimal multiples of, where they are
// whole numbers too long to read: 1000000000000*x - 2506628274631*y is a multiple of x - 2.506628274631*y. Else it is 1.
func decimalUnit(coefs []*big.Rat, c *big.Rat) *big.Rat {
	whole := make([]*big.Int, len(coefs))
	long := false
	for i, k := range coefs {
		whole[i] = new(big.Rat).Quo(k, c).Num()
		long = long || whole[i].BitLen() > shortBits
	}
	if !long {
		return one
	}
	for _, unit := range whole {
		decimal := func(k *big.Int) bool { return isDecimal(new(big.Rat).SetFrac(k, unit)) }
		if !slices.ContainsFunc(whole, func(k *big.Int) bool { return !decimal(k) }) {
			return new(big.Rat).SetInt(new(big.Int).Abs(unit))
		}
	}
	return one
}

// isDecimal reports whether v has finitely many decimals.
func isDecimal(v *big.Rat) bool {
	_, exact := v.FloatPrec()
	return exact
}

// divide divides every coefficient of the sum n by c.
func (a *Algebra) divide(n *Node, c *big.Rat) *Node {
	inv := new(big.Rat).Inv(c)
	out := make([]*Node, len(n.Args))
	for i, t := range n.Args {
		k, rest := a.coefficient(t)
		out[i] = a.withCoefficient(mul(k, inv), rest)
	}
	return a.b.New(expr.Sum, out...)
}
