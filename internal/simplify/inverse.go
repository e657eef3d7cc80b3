package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// inverseForms rewrites inverses of sums inside a product:
//
//	inv(c*I + X*Y)*X → X*inv(c*I + Y*X)                                  push-through; c not 0
//	inv(B)*M*inv(B + M) → inv(B) - inv(B + M), and inv(B + M)*M*inv(B)
//	inv(A)*inv(inv(A) + B) → inv(I + B*A), and inv(inv(A) + B)*inv(A) → inv(I + A*B)
func (a *Algebra) inverseForms(n *Node) []*Node {
	readings := a.readings(n)
	m := readings[len(readings)-1]
	var out []*Node
	with := func(from, to int, parts ...*Node) {
		chain := slices.Concat(m.chain[:from], parts, m.chain[to:])
		out = append(out, a.Product(slices.Concat([]*Node{a.b.Number(m.coef)}, m.scalars, chain)...))
	}
	for i, f := range m.chain {
		b, k := a.base(f)
		if k != -1 {
			continue
		}
		b = plain(a, b)
		if b.Op != expr.Sum {
			continue
		}
		if c, p := a.shiftedProduct(b); c != nil {
			for j := i + 1; j <= len(m.chain); j++ {
				if rest := a.cancelLeft(p, m.chain[i+1:j]); rest != nil {
					x := a.Product(m.chain[i+1 : j]...)
					with(i, j, x, a.Apply(expr.Inv, a.shifted(c, a.Product(rest, x))))
				}
			}
			for j := i - 1; j >= 0; j-- {
				if rest := a.cancelLeft(a.Transpose(p), a.reversed(m.chain[j:i])); rest != nil {
					x := a.Product(m.chain[j:i]...)
					with(j, i+1, a.Apply(expr.Inv, a.shifted(c, a.Product(x, a.Transpose(rest)))), x)
				}
			}
		}
		for j, g := range m.chain {
			from, to := min(i, j), max(i, j)
			other, k := a.base(g)
			if k != -1 || to-from < 2 {
				continue
			}
			// Of long chains there are many pairs: their products are made only where they have as many factors as b - other.
			difference := a.Sum(b, a.Neg(plain(a, other)))
			if len(monomialOf(difference).chain) == to-from-1 && a.Product(m.chain[from+1:to]...) == difference {
				with(from, to+1, a.Sum(g, a.Neg(f)))
			}
		}
		if i > 0 {
			if g, k := a.base(m.chain[i-1]); k < 0 {
				if e := a.expand(a.Product(b, g)); e != nil {
					with(i-1, i+1, a.MatrixPower(g, k+1), a.Apply(expr.Inv, e))
				}
			}
		}
		if i+1 < len(m.chain) {
			if g, k := a.base(m.chain[i+1]); k < 0 {
				if e := a.expand(a.Product(g, b)); e != nil {
					with(i, i+2, a.Apply(expr.Inv, e), a.MatrixPower(g, k+1))
				}
			}
		}
	}
	return out
}

// complements merges two terms of a sum one of which has a part of a sum times its inverse:
//
//	B - X*inv(X + Y)*B → Y*inv(X + Y)*B    B - B*inv(X + Y)*X → B*inv(X + Y)*Y    B + (X - Y)*inv(X + Y)*B → 2*X*inv(X + Y)*B
func (a *Algebra) complements(n *Node) []*Node {
	var out []*Node
	for i, t := range n.Args {
		m := monomialOf(t)
		for k, f := range m.chain {
			if f.Op != expr.Inv || plain(a, f.Args[0]).Op != expr.Sum {
				continue
			}
			merge := func(before, part, after []*Node, around func(rest *Node) []*Node) {
				if c := a.complement(n, i, plain(a, f.Args[0]), part, slices.Concat(before, after)); c.rest != nil {
					factors := slices.Concat([]*Node{a.b.Number(c.coef)}, m.scalars, before, around(c.rest), after)
					out = append(out, a.Sum(append(c.others, a.Product(factors...))...))
				}
			}
			for j := range k {
				merge(m.chain[:j], m.chain[j:k], m.chain[k+1:], func(rest *Node) []*Node { return []*Node{rest, f} })
			}
			for j := k + 2; j <= len(m.chain); j++ {
				merge(m.chain[:k], m.chain[k+1:j], m.chain[j:], func(rest *Node) []*Node { return []*Node{f, rest} })
			}
		}
	}
	return out
}

// complemented is a sum two terms of which have been merged.
type complemented struct {
	coef   *big.Rat // of the merged term
	rest   *Node    // what stands in it beside the inverse; nil if there are no such terms
	others []*Node  // the other terms
}

// complement finds the term of n that merges with the i-th, which is part beside inv(sum) in a product with outer. Another term
// is outer alone, with the same or the opposite coefficient and the same scalars.
func (a *Algebra) complement(n *Node, i int, sum *Node, part, outer []*Node) complemented {
	p := a.Product(part...)
	if p.Shape != sum.Shape {
		return complemented{}
	}
	if len(outer) == 0 {
		outer = []*Node{a.Identity(sum.Shape.Rows)}
	}
	m := monomialOf(n.Args[i])
	alone := a.Product(slices.Concat([]*Node{a.b.Number(m.coef)}, m.scalars, outer)...)
	c := complemented{coef: new(big.Rat).Neg(m.coef)}
	at := slices.Index(n.Args, a.Neg(alone))
	if at >= 0 {
		c.rest = a.Sum(sum, a.Neg(p))
	} else if at = slices.Index(n.Args, alone); at >= 0 {
		c.coef, c.rest = m.coef, a.Sum(sum, p)
	}
	if at < 0 || at == i || c.rest.Op == expr.Sum && len(c.rest.Args) >= len(sum.Args) {
		return complemented{}
	}
	for j, u := range n.Args {
		if j != i && j != at {
			c.others = append(c.others, u)
		}
	}
	return c
}

// shiftedProduct splits the sum c*I + p; c is nil if n has another form.
func (a *Algebra) shiftedProduct(n *Node) (c, p *Node) {
	var rest []*Node
	for _, t := range n.Args {
		m := monomialOf(t)
		if c == nil && len(m.chain) == 1 && m.chain[0].Op == expr.Identity {
			c = a.Product(append([]*Node{a.b.Number(m.coef)}, m.scalars...)...)
			continue
		}
		rest = append(rest, t)
	}
	if c == nil || len(rest) != 1 {
		return nil, nil
	}
	return c, rest[0]
}

// shifted returns c*I + p for a square p, c + p for a scalar.
func (a *Algebra) shifted(c, p *Node) *Node {
	if p.Shape.IsScalar() {
		return a.Sum(c, p)
	}
	return a.Sum(a.Product(c, a.Identity(p.Shape.Rows)), p)
}

// cancelLeft returns r with p = x*r, where x is a chain that p starts with; r keeps the coefficient and scalars of p. It
// is nil if p does not start so.
func (a *Algebra) cancelLeft(p *Node, x []*Node) *Node {
	m := monomialOf(p)
	if len(x) == 0 || len(x) >= len(m.chain) || !slices.Equal(m.chain[:len(x)], x) {
		return nil
	}
	return a.Product(slices.Concat([]*Node{a.b.Number(m.coef)}, m.scalars, m.chain[len(x):])...)
}

func (a *Algebra) reversed(chain []*Node) []*Node {
	out := make([]*Node, len(chain))
	for i, f := range chain {
		out[len(chain)-1-i] = a.Transpose(f)
	}
	return out
}

// intoDivisor multiplies a divisor of a product into a sum under another bar: X/s ./ (1 + Y/s) → X ./ (s + Y).
func (a *Algebra) intoDivisor(n *Node) []*Node {
	m := monomialOf(n)
	var divisors []*Node
	for _, s := range m.scalars {
		if isReciprocal(s) {
			divisors = append(divisors, s.Args[0])
		}
	}
	if !m.coef.IsInt() {
		divisors = append(divisors, a.b.Number(new(big.Rat).SetInt(m.coef.Denom())))
	}
	var bars []*Node
	collect := func(f *Node) {
		if isReciprocal(f) && plain(a, f.Args[0]).Op == expr.Sum && !a.void[f.Args[0]] {
			bars = append(bars, f)
		}
	}
	for _, f := range slices.Concat(m.scalars, m.chain) {
		collect(f)
		if f.Op == expr.Transpose {
			f = f.Args[0]
		}
		if f.Op == expr.Hadamard {
			for _, g := range f.Args {
				collect(g)
			}
		}
	}
	var out []*Node
	for _, d := range divisors {
		for _, bar := range bars {
			if bar.Args[0] == d || !bar.Args[1].Num.IsInt() && !isNonnegative(d) { // a root of d*(1 + Y) may be none, or change sign
				continue
			}
			var terms []*Node
			for _, t := range plain(a, bar.Args[0]).Args {
				terms = append(terms, a.Product(d, t))
			}
			sum, e := a.Sum(terms...), bar.Args[1]
			scaled := a.power(bar.Op, sum, e)
			// d^-e makes up for what went under the bar.
			undone := a.Power(d, a.b.Number(new(big.Rat).Neg(e.Num)))
			out = append(out, a.b.Substitute(n, map[*Node]*Node{bar: a.Product(undone, scaled)}))
		}
	}
	for i, c := range out {
		out[i] = a.Normalize(c)
	}
	return out
}

// quotients divides a product by a sum under its bar where the quotient is a single term: (s*x + t*x - s*a)/(s + t) is
// x - s*a/(s + t). That term has to give a term of the numerator when multiplied by the first of the sum.
func (a *Algebra) quotients(n *Node) []*Node {
	m := monomialOf(n)
	var out []*Node
	for i, bar := range m.scalars {
		if bar.Op != expr.Power || !bar.Args[1].IsNumber(-1) || bar.Args[0].Op != expr.Sum || a.void[bar.Args[0]] {
			continue
		}
		others := slices.Concat([]*Node{a.b.Number(m.coef)}, m.scalars[:i], m.scalars[i+1:], m.chain)
		numerator := a.expand(a.Product(others...))
		divisor := bar.Args[0]
		if numerator == nil || numerator.Op != expr.Sum || len(numerator.Args) < len(divisor.Args) {
			continue
		}
		for _, t := range numerator.Args {
			if a.budget -= len(divisor.Args); a.spent() {
				break
			}
			q := a.Product(t, a.Power(divisor.Args[0], a.b.Int(-1)))
			product := a.expand(a.Product(q, divisor))
			if product == nil {
				continue
			}
			rest := a.Sum(numerator, a.Neg(product))
			if rest.Op != expr.Sum || len(rest.Args)+len(divisor.Args) <= len(numerator.Args) {
				out = append(out, a.Sum(q, a.Product(a.factored(rest), bar)))
			}
		}
	}
	return out
}

// pythagorean merges squares of sine and cosine of the same argument: c*cos(u)^2 + c*sin(u)^2 → c and
// c*cos(u)^2 - c*sin(u)^2 → c*cos(2*u), entry by entry as well.
func (a *Algebra) pythagorean(n *Node) *Node {
	square := func(t *Node, op *expr.Op) (*big.Rat, *Node) {
		c, rest := a.coefficient(t)
		if (rest.Op == expr.Power || rest.Op == expr.ElementPower) && rest.Args[1].IsNumber(2) && rest.Args[0].Op == op {
			return c, rest.Args[0].Args[0]
		}
		return nil, nil
	}
	for i, t := range n.Args {
		c, u := square(t, expr.Cos)
		if u == nil {
			continue
		}
		for j, s := range n.Args {
			k, v := square(s, expr.Sin)
			if v != u || new(big.Rat).Abs(c).Cmp(new(big.Rat).Abs(k)) != 0 {
				continue
			}
			merged := a.ones(t.Shape)
			if c.Cmp(k) != 0 {
				merged = a.Apply(expr.Cos, a.Product(a.b.Int(2), u))
			}
			terms := []*Node{a.Product(a.b.Number(c), merged)}
			for l, r := range n.Args {
				if l != i && l != j {
					terms = append(terms, r)
				}
			}
			return a.Sum(terms...)
		}
	}
	return nil
}
