package simplify

import (
	"math"
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// mergeScalars multiplies scalar factors: numbers are collected, equal bases merge into powers, exponentials into one,
// and the rest is put in order. What factors have become may merge again.
func (a *Algebra) mergeScalars(in []*Node) (*big.Rat, []*Node) {
	coef := one
	p := powers{place: map[*Node]int{}}
	var logs []*Node // exponents of e
	for _, f := range in {
		switch f.Op {
		case expr.Number:
			coef = mul(coef, f.Num)
		case expr.Exp:
			logs = append(logs, f.Args[0])
		case expr.Power:
			p.take(a, f.Args[0], f.Args[1])
		case expr.Sum:
			c, atom := a.content(f)
			coef = mul(coef, c)
			p.take(a, atom, a.b.Int(1))
		default:
			p.take(a, f, a.b.Int(1))
		}
	}
	var out []*Node
	if len(logs) > 0 {
		p.take(a, a.Apply(expr.Exp, a.Sum(logs...)), a.b.Int(1))
	}
	a.absorb(p.bases, p.exponents)
	again := a.mergeFunctions(p.bases, p.exponents)
	for i, b := range p.bases {
		m := monomialOf(a.Power(b, p.exponents[i]))
		coef = mul(coef, m.coef)
		out = append(out, m.scalars...)
		again = again || len(m.scalars) > 1 || len(m.scalars) == 1 && !isPowerOf(m.scalars[0], b)
	}
	if again {
		c, merged := a.mergeScalars(out)
		return mul(coef, c), merged
	}
	slices.SortFunc(out, expr.Compare)
	return coef, out
}

// isPowerOf reports whether f is b or a power of b; abs(x)^2, which is x^2, is none of abs(x).
func isPowerOf(f, b *Node) bool {
	return f == b || (f.Op == expr.Power || f.Op == expr.ElementPower) && f.Args[0] == b
}

// powers collects factors as powers of distinct bases.
type powers struct {
	bases, exponents []*Node
	place            map[*Node]int // of a base
}

// take multiplies by base^exponent.
func (p *powers) take(a *Algebra, base, exponent *Node) {
	if i, ok := p.place[base]; ok {
		p.exponents[i] = a.Sum(p.exponents[i], exponent)
		return
	}
	p.place[base] = len(p.bases)
	p.bases = append(p.bases, base)
	p.exponents = append(p.exponents, exponent)
}

// absorb merges s*t*(s*t)^e into (s*t)^(e+1), changing exponents in place.
func (a *Algebra) absorb(bases, exponents []*Node) {
	for i, b := range bases {
		if b.Op != expr.Product || chainOnly(b) || exponents[i].Op != expr.Number {
			continue
		}
		var at []int
		for _, f := range b.Args {
			if j := slices.Index(bases, f); j >= 0 && (len(at) == 0 || exponents[j] == exponents[at[0]]) && exponents[j].Op == expr.Number {
				at = append(at, j)
			}
		}
		if len(at) < len(b.Args) || exponents[at[0]].IsNumber(0) {
			continue
		}
		exponents[i] = a.Sum(exponents[i], exponents[at[0]])
		for _, j := range at {
			exponents[j] = a.b.Int(0)
		}
	}
}

// Power returns s^e: for a scalar s any scalar e, for a square matrix a whole number.
func (a *Algebra) Power(s, e *Node) *Node {
	if !s.Shape.IsScalar() {
		if e.Op == expr.Number && e.Num.IsInt() && e.Num.Num().IsInt64() {
			return a.MatrixPower(s, e.Num.Num().Int64())
		}
		return a.b.New(expr.Power, s, e)
	}
	return a.power(expr.Power, s, e)
}

// power returns s^e or s.^e: the laws are the same, entry by entry. Each holds where both sides are defined:
// (s^p)^e = s^(p*e) for a whole e, for s ≥ 0, and unless p is even, when s^p forgets the sign of s.
func (a *Algebra) power(op *expr.Op, s, e *Node) *Node {
	switch {
	case e.IsNumber(0):
		return a.ones(s.Shape)
	case e.IsNumber(1):
		return s
	case s.Op == expr.Ones, s.IsNumber(1):
		return s
	case op == expr.ElementPower && (s.Op == expr.Identity || s.Op == expr.Unit) && e.Op == expr.Number && e.Num.Sign() > 0:
		return s // of zeros and ones
	case a.void[s]:
		return a.b.New(op, s, e)
	case s.Op == expr.Exp:
		return a.Apply(expr.Exp, a.Hadamard(e, s.Args[0]))
	}
	whole := e.Op == expr.Number && e.Num.IsInt()
	if s.Op == op {
		p := s.Args[1]
		if whole || nonNegative(s.Args[0]) || p.Op == expr.Number && !evenWhole(p.Num) {
			return a.power(op, s.Args[0], a.Product(p, e))
		}
		if p.Op == expr.Number {
			return a.power(op, a.Apply(expr.Abs, s.Args[0]), a.Product(p, e))
		}
	}
	switch {
	case !whole || e.Num.Sign() < 0:
	case s.Op == expr.Step:
		return s
	case s.Op == expr.Sign && e.Num.Cmp(two) > 0:
		return a.power(op, s, a.b.Int(2-int64(e.Num.Num().Bit(0))))
	case s.Op == expr.Abs && evenWhole(e.Num):
		return a.power(op, s.Args[0], e)
	}
	if e.Op != expr.Number {
		return a.b.New(op, s, e)
	}
	if s.Op == expr.Number {
		if v := powRat(s.Num, e.Num); v != nil {
			return a.b.Number(v)
		}
		return a.b.New(op, s, e)
	}
	if s.Op == expr.Sum {
		// A sum's sign can only be taken out of a whole power, and its size only if the power of that is rational.
		c, atom := a.content(s)
		if c.Sign() < 0 && !whole {
			c = new(big.Rat).Neg(c)
			atom = a.Neg(atom)
		}
		if v := powRat(c, e.Num); v != nil && !isOne(c) {
			return a.Product(a.b.Number(v), a.power(op, atom, e))
		}
		if p := a.onePlusExp(s); p != nil && whole && e.Num.Sign() < 0 {
			return a.power(op, a.Apply(expr.Sigmoid, a.Neg(p)), a.b.Number(new(big.Rat).Neg(e.Num)))
		}
		if whole && isOne(c) {
			return a.b.New(op, atom, e)
		}
		return a.b.New(op, s, e)
	}
	m := monomialOf(s)
	if isOne(m.coef) && s.Op != expr.Hadamard && (len(m.scalars) == 0 || len(m.scalars) == 1 && len(m.chain) == 0) {
		return a.b.New(op, s, e)
	}
	return a.powerOfProduct(op, s, m, e, whole)
}

// powerOfProduct gives (c*s*t)^e as c^e*s^e*t^e: every factor for a whole e, otherwise those that are not negative.
func (a *Algebra) powerOfProduct(op *expr.Op, s *Node, m monomial, e *Node, whole bool) *Node {
	var out, kept []*Node
	coef := m.coef
	if v := powRat(coef, e.Num); v != nil && !isOne(coef) {
		out = append(out, a.b.Number(v))
		coef = one
	}
	for _, f := range m.scalars {
		if whole || nonNegative(f) {
			out = append(out, a.power(expr.Power, f, e))
		} else {
			kept = append(kept, f)
		}
	}
	entries := m.chain
	if len(entries) == 1 && entries[0].Op == expr.Hadamard {
		entries = entries[0].Args
	} else if len(entries) > 1 {
		entries = []*Node{a.b.New(expr.Product, entries...)}
	}
	var powers, rest []*Node
	for _, f := range entries {
		if whole || nonNegative(f) {
			powers = append(powers, a.power(op, f, e))
		} else {
			rest = append(rest, f)
		}
	}
	if len(out)+len(powers) == 0 || len(rest) == len(entries) && len(entries) > 0 && len(out) == 0 {
		return a.b.New(op, s, e)
	}
	if len(kept)+len(rest) > 0 || !isOne(coef) {
		inner := append([]*Node{a.b.Number(coef)}, kept...)
		if len(rest) > 0 {
			inner = append(inner, a.Hadamard(rest...))
		} else if !s.Shape.IsScalar() {
			inner = append(inner, a.ones(s.Shape))
		}
		powers = append(powers, a.b.New(op, a.Product(inner...), e))
	}
	if len(powers) > 0 {
		if s.Shape.IsScalar() {
			out = append(out, powers...)
		} else {
			out = append(out, a.Hadamard(powers...))
		}
	}
	return a.Product(out...)
}

// onePlusExp returns u if n is 1 + exp(u).
func (a *Algebra) onePlusExp(n *Node) *Node {
	if n.Op != expr.Sum || len(n.Args) != 2 {
		return nil
	}
	for i, t := range n.Args {
		if other := n.Args[1-i]; (t.IsNumber(1) || t.Op == expr.Ones) && other.Op == expr.Exp {
			return other.Args[0]
		}
	}
	return nil
}

// nonNegative reports whether no entry of n can be negative, as far as its form tells.
func nonNegative(n *Node) bool {
	switch n.Op {
	case expr.Number:
		return n.Num.Sign() >= 0
	case expr.Variable:
		return n.Props.Has(expr.Positive)
	case expr.Exp, expr.Abs, expr.Relu, expr.Step, expr.Sigmoid, expr.Softplus, expr.Softmax, expr.Ones, expr.Size,
		expr.Norm1, expr.Nuclear, expr.Spectral, expr.Cosh:
		return true
	case expr.Power, expr.ElementPower:
		e := n.Args[1]
		entrywise := n.Op == expr.ElementPower || n.Shape.IsScalar()
		return nonNegative(n.Args[0]) || entrywise && e.Op == expr.Number && (evenWhole(e.Num) || !e.Num.IsInt())
	case expr.Sum, expr.Hadamard:
		return !slices.ContainsFunc(n.Args, func(t *Node) bool { return !nonNegative(t) })
	case expr.Product:
		if isQuadratic(n) {
			return true
		}
		return !slices.ContainsFunc(n.Args, func(t *Node) bool { return !nonNegative(t) })
	case expr.Tr:
		p := n.Args[0]
		return p.Op == expr.Product && len(p.Args) == 2 && (isTransposeOf(p.Args[0], p.Args[1]) || isTransposeOf(p.Args[1], p.Args[0]))
	case expr.Total:
		return nonNegative(n.Args[0])
	}
	return false
}

// isQuadratic reports whether n is z'*z.
func isQuadratic(n *Node) bool { return chainOnly(n) && mirrored(n.Args) }

// mirrored reports whether the first half of a chain is the transpose of the second.
func mirrored(chain []*Node) bool {
	if len(chain)%2 != 0 {
		return false
	}
	last := len(chain) - 1
	for i := range len(chain) / 2 {
		if f, g := chain[i], chain[last-i]; !isTransposeOf(f, g) && !isTransposeOf(g, f) {
			return false
		}
	}
	return true
}

func isTransposeOf(t, n *Node) bool { return t.Op == expr.Transpose && t.Args[0] == n }

func evenWhole(v *big.Rat) bool { return v.IsInt() && v.Num().Bit(0) == 0 }

// powInt returns c^k, or nil if that is no number of reasonable length.
func powInt(c *big.Rat, k int64) *big.Rat {
	if c.Sign() == 0 && k <= 0 {
		return nil
	}
	switch {
	case isOne(c):
		return one
	case c.Cmp(minusOne) == 0 && k%2 == 0:
		return one
	case c.Cmp(minusOne) == 0:
		return minusOne
	case k == math.MinInt64:
		return nil
	}
	n := max(k, -k)
	if bits := int64(c.Num().BitLen() + c.Denom().BitLen()); n > maxBits || bits*n > maxBits {
		return nil
	}
	e := big.NewInt(n)
	num, den := new(big.Int).Exp(c.Num(), e, nil), new(big.Int).Exp(c.Denom(), e, nil)
	if k < 0 {
		num, den = den, num
	}
	return new(big.Rat).SetFrac(num, den)
}

const maxBits = 4096

// powRat returns c^e where that is rational: e whole, or a multiple of 1/2 with c a square.
func powRat(c, e *big.Rat) *big.Rat {
	if !e.Num().IsInt64() {
		return nil
	}
	if e.IsInt() {
		return powInt(c, e.Num().Int64())
	}
	if e.Denom().Cmp(big.NewInt(2)) != 0 || c.Sign() < 0 {
		return nil
	}
	num, den := new(big.Int).Sqrt(c.Num()), new(big.Int).Sqrt(c.Denom())
	root := new(big.Rat).SetFrac(num, den)
	if mul(root, root).Cmp(c) != 0 {
		return nil
	}
	return powInt(root, e.Num().Int64())
}
