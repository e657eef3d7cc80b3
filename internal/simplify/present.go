package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// shown is the shortest way found to write a node, and its cost.
type shown struct {
	node *Node
	cost int
}

func (a *Algebra) show(n *Node) shown { return shown{n, a.Cost(n)} }

func shorter(x, y shown) shown {
	if y.cost < x.cost {
		return y
	}
	return x
}

// present chooses how a node in normal form is written: where transposes and inverses stand, norms for quadratic forms,
// which factors have a sign. It changes nothing that a normal form cannot undo.
func (a *Algebra) present(n *Node) shown {
	if s, ok := a.presented[n]; ok {
		return s
	}
	s := a.presentation(n)
	a.presented[n] = s
	return s
}

func (a *Algebra) presentation(n *Node) shown {
	switch {
	case n.Op == expr.Size && len(n.Args) == 0 && !a.b.SizeIsNamed(n.Dims[0]):
		// A dimension that only matdiff names is no number to a reader.
		if m := a.b.ReadableSize(n); m != n {
			return a.show(m)
		}
		return a.show(a.b.New(expr.Total, a.ones(expr.Vector(n.Dims[0]))))
	case n.Op.Traits.Has(expr.Leaf) || len(n.Args) == 0:
		return a.show(n)
	case n.Op == expr.Sum:
		return shorter(a.presentSum(n), a.presentTransposed(n, a.presentSum))
	case n.Op == expr.Product:
		return a.presentProduct(n)
	case n.Op == expr.Hadamard:
		return shorter(a.presentHadamard(n), a.presentTransposed(n, a.presentHadamard))
	case n.Op == expr.Transpose:
		return a.presentTranspose(n.Args[0])
	case n.Op == expr.Power && n.Shape.IsScalar():
		return a.presentPower(n)
	case n.Op == expr.Tr:
		return a.presentTrace(n)
	case n.Op == expr.Total && n.Args[0].Op == expr.Hadamard && n.Args[0].Shape.Cols == expr.One:
		return a.presentInner(n)
	case n.Op == expr.Total:
		return a.presentTotal(n.Args[0])
	}
	args := make([]*Node, len(n.Args))
	for i, arg := range n.Args {
		args[i] = a.present(arg).node
	}
	return a.show(a.b.With(n, args))
}

// presentTransposed writes n as (n')'.
func (a *Algebra) presentTransposed(n *Node, how func(*Node) shown) shown {
	t := a.Transpose(n)
	if t == n || t.Op != n.Op {
		return shown{n, expr.MaxSize}
	}
	return a.show(a.b.New(expr.Transpose, how(t).node))
}

// presentTranspose writes n', or pushes the transpose inwards where that is shorter.
func (a *Algebra) presentTranspose(n *Node) shown {
	best := a.show(a.b.New(expr.Transpose, a.present(n).node))
	switch {
	case n.Op == expr.Sum:
		return shorter(best, a.presentSum(a.Transpose(n)))
	case n.Op == expr.Hadamard:
		return shorter(best, a.presentHadamard(a.b.New(expr.Hadamard, a.transposeAll(n.Args)...)))
	case a.equivariant(n):
		args := []*Node{a.present(a.Transpose(n.Args[0])).node}
		for _, arg := range n.Args[1:] {
			args = append(args, a.present(arg).node)
		}
		return shorter(best, a.show(a.b.New(n.Op, args...)))
	case n.Op == expr.ElementPower:
		x, p := a.present(a.Transpose(n.Args[0])), a.present(a.Transpose(n.Args[1]))
		return shorter(best, a.show(a.b.New(expr.ElementPower, x.node, p.node)))
	}
	return best
}

// presentSum writes the terms with a positive one first, and a common numeric factor outside where that is shorter.
func (a *Algebra) presentSum(n *Node) shown {
	plain := a.show(a.b.New(expr.Sum, a.presentTerms(n)...))
	c := a.numericContent(n)
	if c.Sign() < 0 {
		c.Neg(c)
	}
	best := plain
	if !isOne(c) {
		inner := a.b.New(expr.Sum, a.presentTerms(a.divide(n, c))...)
		best = shorter(best, a.show(a.b.New(expr.Product, a.b.Number(c), inner)))
	}
	if terms := a.gatheredTerms(n); terms != nil {
		best = shorter(best, a.show(a.b.New(expr.Sum, terms...)))
	}
	return best
}

// gatheredTerms writes the terms of a sum with those that share a coefficient in brackets: a + 2*b + 2*c as a + 2*(b + c). It
// returns nil if none do, or all.
func (a *Algebra) gatheredTerms(n *Node) []*Node {
	groups := map[string][]*Node{}
	for _, t := range n.Args {
		c, _ := a.coefficient(t)
		key := new(big.Rat).Abs(c).RatString()
		groups[key] = append(groups[key], t)
	}
	if len(groups) == 1 || len(groups) == len(n.Args) {
		return nil
	}
	var out []*Node
	for _, t := range n.Args {
		c, _ := a.coefficient(t)
		c = new(big.Rat).Abs(c)
		switch group := groups[c.RatString()]; {
		case isOne(c) || len(group) == 1:
			out = append(out, a.present(t).node)
		case t == group[0]:
			out = append(out, a.bracketed(group))
		}
	}
	return positiveFirst(a, out)
}

// bracketed writes the sum of terms whose coefficients are c or -c as c times a sum.
func (a *Algebra) bracketed(terms []*Node) *Node {
	c, _ := a.coefficient(terms[0])
	scale, shape, constant := new(big.Rat).Inv(c), terms[0].Shape, true
	inner, entries := make([]*Node, len(terms)), make([]*Node, len(terms))
	for i, t := range terms {
		inner[i] = a.Scale(scale, t)
		entries[i] = a.constantEntries(inner[i])
		constant = constant && entries[i] != nil
	}
	if !constant || shape.IsScalar() {
		return a.b.New(expr.Product, a.b.Number(c), a.presentSum(a.b.New(expr.Sum, inner...)).node)
	}
	return a.b.New(expr.Product, a.b.Number(c), a.present(a.Sum(entries...)).node, a.ones(shape))
}

func (a *Algebra) presentTerms(n *Node) []*Node {
	terms := make([]*Node, len(n.Args))
	positive := slices.ContainsFunc(n.Args, func(t *Node) bool { c, _ := a.coefficient(t); return c.Sign() > 0 })
	for i, t := range n.Args {
		terms[i] = a.present(t).node
		if positive && hasSquare(t) {
			terms[i] = a.presentMinus(t, terms[i])
		}
	}
	return positiveFirst(a, terms)
}

// presentMinus writes the term -u*u' with its sign, rather than as u*(-u)': in a sum with a positive term that is no longer.
func (a *Algebra) presentMinus(t, shown *Node) *Node {
	c, _ := a.coefficient(t)
	if c.Sign() >= 0 {
		return shown
	}
	minus := a.withCoefficient(minusOne, a.present(a.Neg(t)).node)
	if a.Cost(minus)-1 <= a.Cost(shown) {
		return minus
	}
	return shown
}

// hasSquare reports whether a sum and its transpose are factors of n, one after the other.
func hasSquare(n *Node) bool {
	chain := monomialOf(n).chain
	for i := range len(chain) - 1 {
		if isSquareOfSum(chain[i], chain[i+1]) {
			return true
		}
	}
	return false
}

// presentProduct writes coefficient, scalars and chain.
func (a *Algebra) presentProduct(n *Node) shown {
	if chainOnly(n) {
		best := a.show(a.product(one, nil, a.presentChain(n.Args)))
		if z := a.root(n); z != nil {
			best = shorter(best, a.presentSquare(z))
		}
		if len(n.Args) == 2 {
			best = shorter(best, a.presentEntries(a.Transpose(n.Args[0]), n.Args[1]))
		}
		return best
	}
	m := monomialOf(n)
	coef, scalars, chain := m.coef, m.scalars, m.chain
	if coef.Sign() < 0 {
		if flippedScalars, flippedChain, ok := a.flipSign(scalars, chain); ok {
			coef, scalars, chain = new(big.Rat).Neg(coef), flippedScalars, flippedChain
		}
	}
	best := a.show(a.product(coef, a.presentScalars(scalars), a.presentChain(chain)))
	if !coef.IsInt() { // (A - 2*B)/2 → A/2 - B, and decimals that have a common divisor
		factors := slices.Concat(scalars, chain)
		for i, f := range factors {
			if f.Op == expr.Sum {
				scaled := slices.Clone(factors)
				scaled[i] = a.divide(f, new(big.Rat).Inv(coef))
				k := len(scalars)
				best = shorter(best, a.show(a.product(one, a.presentScalars(scaled[:k]), a.presentChain(scaled[k:]))))
			}
		}
	}
	if p := a.commonPower(coef, scalars, chain); p != nil {
		best = shorter(best, a.show(p))
	}
	return best
}

// commonPower writes c*s^k*t^k*X.^k as c*(s*t*X).^k, and with s^-k as a divisor.
func (a *Algebra) commonPower(coef *big.Rat, scalars, chain []*Node) *Node {
	op, entry := expr.Power, []*Node{}
	var k *big.Rat
	if len(chain) == 1 {
		c, base, exponent := a.powerBase(chain[0])
		if base == nil || exponent.Op != expr.Number {
			return nil
		}
		coef = mul(coef, c)
		op, entry, k = expr.ElementPower, []*Node{base}, exponent.Num
	} else if len(chain) > 1 {
		return nil
	}
	var in, out []*Node
	for _, s := range scalars {
		if s.Op == expr.Power && s.Args[1].Op == expr.Number {
			if e := s.Args[1].Num; k == nil && e.IsInt() {
				k = new(big.Rat).Abs(e)
			}
			e := new(big.Rat).Abs(s.Args[1].Num)
			if k != nil && k.IsInt() && k.Cmp(one) > 0 && e.Cmp(k) == 0 {
				in = append(in, a.Power(s.Args[0], a.b.Int(int64(s.Args[1].Num.Sign()))))
				continue
			}
		}
		out = append(out, s)
	}
	if len(in)+len(entry) < 2 || len(in) == 0 {
		return nil
	}
	base := a.present(a.Product(append(in, entry...)...)).node
	power := a.b.New(op, base, a.b.Number(k))
	if op == expr.Power {
		return a.product(coef, append(a.presentScalars(out), power), nil)
	}
	return a.product(coef, a.presentScalars(out), []*Node{power})
}

// product writes factors that are presented already, with a coefficient in front. A 1×1 chain in first place needs no
// brackets.
func (a *Algebra) product(coef *big.Rat, scalars, chain []*Node) *Node {
	var factors []*Node
	if !isOne(coef) {
		factors = append(factors, a.b.Number(coef))
	}
	for i, s := range scalars {
		if i == 0 && s.Op == expr.Product {
			factors = append(factors, s.Args...)
		} else {
			factors = append(factors, s)
		}
	}
	factors = append(factors, chain...)
	if len(factors) == 1 {
		return factors[0]
	}
	return a.b.New(expr.Product, factors...)
}

// presentScalars writes scalar factors: 1×1 chains first, determinants of the same power joined.
func (a *Algebra) presentScalars(scalars []*Node) []*Node {
	var chains, rest []*Node
	dets := map[*Node]*Node{} // exponent to the product under det
	var exponents []*Node
	for _, s := range scalars {
		d, e := s, a.b.Int(1)
		if s.Op == expr.Power && s.Args[0].Op == expr.Det {
			d, e = s.Args[0], s.Args[1]
		}
		if d.Op == expr.Det {
			if old, ok := dets[e]; ok && old.Shape == d.Args[0].Shape {
				dets[e] = a.Product(old, d.Args[0])
				continue
			} else if !ok {
				dets[e] = d.Args[0]
				exponents = append(exponents, e)
				continue
			}
		}
		if p := a.present(s).node; p.Op == expr.Product && p.Shape.IsScalar() {
			chains = append(chains, p)
		} else {
			rest = append(rest, p)
		}
	}
	for _, e := range exponents {
		d := a.b.New(expr.Det, a.present(dets[e]).node)
		if !e.IsNumber(1) {
			d = a.b.New(expr.Power, d, e)
		}
		rest = append([]*Node{d}, rest...)
	}
	return append(chains, rest...)
}

// presentHadamard writes the entries with powers that are no divisors first.
func (a *Algebra) presentHadamard(n *Node) shown {
	var numerators, divisors []*Node
	for _, f := range n.Args {
		p := a.present(f).node
		if a.isDivisor(p, expr.Hadamard) {
			divisors = append(divisors, p)
		} else {
			numerators = append(numerators, p)
		}
	}
	return a.show(a.b.New(expr.Hadamard, append(numerators, divisors...)...))
}
