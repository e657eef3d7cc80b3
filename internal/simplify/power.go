package simplify

import (
	"math"
	"math/big"

	"matdiff/internal/expr"
)

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

// MatrixPower returns n^k for a square matrix n. Powers that are too large stay as they were written.
func (a *Algebra) MatrixPower(n *Node, k int64) *Node {
	switch {
	case k == 0:
		return a.Identity(n.Shape.Rows)
	case k >= expr.MaxPower, k <= -expr.MaxPower:
		return a.b.New(expr.Power, n, a.b.Int(k))
	}
	m := monomialOf(n)
	if len(m.chain) == 1 {
		c, atom := a.content(m.chain[0])
		b, j := a.base(atom)
		coef := powInt(mul(m.coef, c), k)
		if coef != nil && j*k < expr.MaxPower && j*k > -expr.MaxPower {
			scalars := make([]*Node, len(m.scalars))
			for i, s := range m.scalars {
				scalars[i] = a.Power(s, a.b.Int(k))
			}
			return a.Product(append(append([]*Node{a.b.Number(coef)}, scalars...), a.matrixPower(b, j*k))...)
		}
	}
	if k < 0 {
		return a.MatrixPower(a.Apply(expr.Inv, n), -k)
	}
	if k*int64(len(m.chain)) <= maxUnrolled && (len(m.chain) > 1 || len(m.scalars) > 0) {
		factors := make([]*Node, k)
		for i := range factors {
			factors[i] = n
		}
		return a.Product(factors...)
	}
	return a.b.New(expr.Power, n, a.b.Int(k))
}

// matrixPower returns b^k for a square b that is no power itself.
func (a *Algebra) matrixPower(b *Node, k int64) *Node {
	switch {
	case k == 0:
		return a.Identity(b.Shape.Rows)
	case k == 1:
		return b
	case b.Op == expr.Transpose:
		return a.Transpose(a.matrixPower(b.Args[0], k))
	case b.Op == expr.Identity:
		return b
	case b.Op == expr.Sqrtm && k%2 == 0:
		return a.MatrixPower(b.Args[0], k/2)
	case b.Op == expr.DiagMatrix:
		return a.Apply(expr.DiagMatrix, a.ElementPower(b.Args[0], a.b.Int(k)))
	case k < 0:
		inv := a.Apply(expr.Inv, b)
		if k == -1 {
			return inv
		}
		return a.b.New(expr.Power, inv, a.b.Int(-k))
	}
	return a.b.New(expr.Power, b, a.b.Int(k))
}

// maxUnrolled is the length up to which powers of products are written out.
const maxUnrolled = 64

// base writes a factor as a whole power of another: inv(X) is X^-1, and so is X' for an orthogonal X.
func (a *Algebra) base(n *Node) (*Node, int64) {
	switch {
	case n.Op == expr.Transpose:
		if x := n.Args[0]; x.Op == expr.Variable && x.Props.Has(expr.Orthogonal) && x.Shape.IsSquare() {
			return x, -1
		}
		b, k := a.base(n.Args[0])
		if k == 1 {
			return n, 1
		}
		c, t := a.operandTransposed(b)
		if !isOne(c) {
			return n, 1
		}
		t, j := a.base(t)
		return t, j * k
	case n.Op == expr.Inv:
		return n.Args[0], -1
	case n.Op == expr.Power && !n.Shape.IsScalar():
		e := n.Args[1].Num.Num()
		if !e.IsInt64() || e.Int64() >= expr.MaxPower {
			return n, 1
		}
		b, k := a.base(n.Args[0])
		if max(k, -k) >= expr.MaxPower/e.Int64() {
			return n.Args[0], e.Int64()
		}
		return b, k * e.Int64()
	}
	return n, 1
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
		if whole || isNonnegative(s.Args[0]) || p.Op == expr.Number && !evenWhole(p.Num) {
			return a.power(op, s.Args[0], a.Product(p, e))
		}
		if p.Op == expr.Number {
			return a.power(op, a.Apply(expr.Abs, s.Args[0]), a.Product(p, e))
		}
	}
	switch {
	case whole && s.Op == expr.Det && a.isOrthogonal(s.Args[0]): // 1 or -1
		return a.power(op, s, a.b.Int(int64(e.Num.Num().Bit(0))))
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
		if whole || isNonnegative(f) {
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
		if whole || isNonnegative(f) {
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
