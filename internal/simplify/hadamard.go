package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// Hadamard returns the product of factors entry by entry; 1×1 factors scale.
func (a *Algebra) Hadamard(factors ...*Node) *Node {
	shape := expr.Scalar
	for _, f := range factors {
		if !f.Shape.IsScalar() {
			shape = f.Shape
			break
		}
	}
	if shape.IsScalar() {
		return a.Product(factors...)
	}
	coef := one
	var scalars, entries []*Node
	var collect func(f *Node)
	collect = func(f *Node) {
		m := monomialOf(f)
		coef = mul(coef, m.coef)
		scalars = append(scalars, m.scalars...)
		if len(m.chain) > 1 {
			if g := a.spreadPower(m.chain); g != nil {
				collect(g)
			} else {
				entries = append(entries, a.b.New(expr.Product, m.chain...))
			}
			return
		}
		for _, e := range m.chain {
			switch {
			case e.Op == expr.Hadamard && e.Size() <= maxMerged:
				for _, g := range e.Args {
					collect(g)
				}
			case e.Op == expr.Transpose && e.Args[0].Op == expr.Hadamard && e.Size() <= maxMerged:
				for _, g := range e.Args[0].Args {
					collect(a.Transpose(g))
				}
			default:
				c, atom := a.content(e)
				coef = mul(coef, c)
				entries = append(entries, atom)
			}
		}
	}
	for _, f := range factors {
		collect(f)
	}
	if coef.Sign() == 0 || slices.ContainsFunc(entries, IsZero) {
		return a.zero(shape)
	}
	if left, right, rest := a.diagonals(entries); len(left)+len(right) > 0 {
		return a.Product(slices.Concat([]*Node{a.b.Number(coef)}, scalars, left, []*Node{a.Hadamard(append(rest, a.ones(shape))...)}, right)...)
	}
	if d := a.diagonalEntries(entries); d != nil {
		return a.Hadamard(append(slices.Concat(scalars, d), a.b.Number(coef))...)
	}
	c, entries, again := a.mergeEntries(entries)
	coef = mul(coef, c)
	if again {
		return a.Hadamard(append(slices.Concat(scalars, entries), a.b.Number(coef), a.ones(shape))...)
	}
	result := a.ones(shape)
	if len(entries) > 0 {
		result = a.hadamardOf(entries)
	}
	return a.Product(append(scalars, a.b.Number(coef), result)...)
}

// diagonals takes x*ones' and ones*x' out of entries: they scale rows and columns, as diag(x) does from the left and the
// right. Entries that are nothing else stay.
func (a *Algebra) diagonals(entries []*Node) (left, right, rest []*Node) {
	for _, e := range entries {
		if e.Op == expr.Product && len(e.Args) == 2 && e.Args[0].Shape.IsColumn() {
			switch x, y := e.Args[0], e.Args[1]; {
			case y.Op == expr.Ones:
				left = append(left, a.Apply(expr.DiagMatrix, x))
				continue
			case x.Op == expr.Ones:
				right = append(right, a.Apply(expr.DiagMatrix, a.Transpose(y)))
				continue
			}
		}
		rest = append(rest, e)
	}
	if len(rest) == 0 {
		return nil, nil, entries
	}
	return left, right, rest
}

// diagonalEntries writes I .* (x*y') among entries as diag(x .* y), and I .* D for a diagonal D as D; it is nil if they have
// neither.
func (a *Algebra) diagonalEntries(entries []*Node) []*Node {
	at := slices.IndexFunc(entries, func(e *Node) bool { return e.Op == expr.Identity })
	if at < 0 {
		return nil
	}
	for k, e := range entries {
		if k != at && isDiagonal(e) && e.Op != expr.Identity {
			return slices.Delete(slices.Clone(entries), at, at+1)
		}
		if e.Op != expr.Product {
			continue
		}
		if v := a.diagonalOfOuter(expr.DiagVector, e); v != nil {
			out := slices.Clone(entries)
			out[at] = a.Apply(expr.DiagMatrix, v)
			return slices.Delete(out, k, k+1)
		}
	}
	return nil
}

// maxMerged is the size up to which a commuting product inside a product is merged into it. Without a limit the gradient
// of y ← y .* sin(y) repeated n times would have n^3 nodes.
const maxMerged = 1000

// spreadPower returns z.^p*ones' as (z*ones').^p for a column z, and ones*z'.^p likewise: as entries these merge with
// other powers.
func (a *Algebra) spreadPower(chain []*Node) *Node {
	if len(chain) != 2 || chain[0].Shape.Cols != expr.One {
		return nil
	}
	u, v := chain[0], chain[1]
	isPower := func(n *Node) bool { return n.Op == expr.ElementPower && n.Args[1].Shape.IsScalar() }
	switch {
	case v.Op == expr.Ones && isPower(u):
		return a.ElementPower(a.Product(u.Args[0], v), u.Args[1])
	case u.Op == expr.Ones && isPower(v):
		return a.ElementPower(a.Product(u, v.Args[0]), v.Args[1])
	case u.Op == expr.Ones && v.Op == expr.Transpose && isPower(v.Args[0]):
		w := v.Args[0]
		return a.ElementPower(a.Product(u, a.Transpose(w.Args[0])), w.Args[1])
	}
	return nil
}

// mergeEntries multiplies matrices entry by entry: equal bases merge into powers, exponentials into one. What functions of one
// argument have become may merge again.
func (a *Algebra) mergeEntries(in []*Node) (coef *big.Rat, out []*Node, again bool) {
	coef = one
	all := powers{place: map[*Node]int{}}
	var logs []*Node // exponents of e
	for _, f := range in {
		c, base, exponent := a.powerBase(f)
		switch {
		case f.Op == expr.Ones:
		case f.Op == expr.Exp:
			logs = append(logs, f.Args[0])
		case f.Op == expr.Transpose && f.Args[0].Op == expr.Exp:
			logs = append(logs, a.Transpose(f.Args[0].Args[0]))
		case base != nil:
			coef = mul(coef, c)
			all.take(a, base, exponent)
		default:
			all.take(a, f, a.b.Int(1))
		}
	}
	if len(logs) > 0 {
		all.take(a, a.Apply(expr.Exp, a.Sum(logs...)), a.b.Int(1))
	}
	again = a.mergeFunctions(all.bases, all.exponents)
	for i, b := range all.bases {
		p := a.ElementPower(b, all.exponents[i])
		c, p := a.coefficient(p)
		coef = mul(coef, c)
		again = again || b.Op == expr.Abs && !isPowerOf(p, b) && p.Op != expr.Ones
		switch {
		case p.Op == expr.Ones:
		case p.Op == expr.Hadamard && p != b:
			out = append(out, p.Args...)
		default:
			out = append(out, p)
		}
	}
	slices.SortFunc(out, expr.Compare)
	return coef, out, again
}

// operandTransposed returns the transpose of a factor as c times a factor. A sum among factors has no numeric content, but
// that of a transposed one may be -1: (R - R')' is -(R - R').
func (a *Algebra) operandTransposed(n *Node) (*big.Rat, *Node) {
	c, t := a.content(a.Transpose(n))
	d, t := a.coefficient(t)
	return mul(c, d), t
}

// powerBase writes f, a power of each entry or the transpose of one, as c times a power of base; base is nil for anything
// else. The transpose of the base may have another sign, which whole powers take with them: ((x'*R).^3)' is -(R*x).^3 for a
// skew R.
func (a *Algebra) powerBase(f *Node) (c *big.Rat, base, exponent *Node) {
	g := f
	if f.Op == expr.Transpose {
		g = f.Args[0]
	}
	if g.Op != expr.ElementPower {
		return one, nil, nil
	}
	base, exponent = g.Args[0], g.Args[1]
	if f == g {
		return one, base, exponent
	}
	sign, t := a.operandTransposed(base)
	if isOne(sign) {
		return one, t, a.Transpose(exponent)
	}
	if exponent.Op == expr.Number && exponent.Num.IsInt() {
		if c := powRat(sign, exponent.Num); c != nil {
			return c, t, exponent
		}
	}
	return one, nil, nil
}

// mergeFunctions rewrites functions of the same argument that are multiplied, scalars or entries, changing bases and exponents in
// place, and reports whether there are any:
//
//	sinh/cosh → tanh   sin/cos → tan   exp(u)*sigmoid(-u) → sigmoid(u)   relu*step → relu   abs*sign → its argument
//	u*sign(u) → abs(u)   abs^p*sign^2 → abs^p   sigmoid(u)/(1 - sigmoid(u)) → exp(u)
func (a *Algebra) mergeFunctions(bases, exponents []*Node) bool {
	changed := false
	find := func(n *Node) int {
		return slices.IndexFunc(bases, func(b *Node) bool { return b == n })
	}
	of := func(op *expr.Op, n *Node) int {
		return slices.IndexFunc(bases, func(b *Node) bool { return b.Op == op && len(b.Args) == 1 && b.Args[0] == n.Args[0] })
	}
	set := func(i int, base *Node, exponent *big.Rat) {
		bases[i], exponents[i], changed = base, a.b.Number(exponent), true
	}
	quotient := func(i, j int, result *expr.Op) {
		if j < 0 || !isWhole(exponents[i], 1) || !isWhole(exponents[j], -1) {
			return
		}
		numerator, denominator := exponents[i].Num, exponents[j].Num
		k := numerator
		if l := new(big.Rat).Neg(denominator); l.Cmp(k) < 0 {
			k = l
		}
		rest, below := add(numerator, new(big.Rat).Neg(k)), add(denominator, k)
		x := a.Apply(result, bases[i].Args[0])
		if rest.Sign() == 0 { // the freed slot holds the quotient
			set(i, x, k)
			set(j, bases[j], below)
		} else {
			set(i, bases[i], rest)
			set(j, x, k)
		}
	}
	for i, b := range bases {
		e := exponents[i]
		if e.Op != expr.Number {
			continue
		}
		switch b.Op {
		case expr.Sinh:
			quotient(i, of(expr.Cosh, b), expr.Tanh)
		case expr.Sin:
			quotient(i, of(expr.Cos, b), expr.Tan)
		case expr.Exp:
			j := find(a.Apply(expr.Sigmoid, a.Neg(b.Args[0])))
			if j >= 0 && isOne(e.Num) && exponents[j].Op == expr.Number && exponents[j].Num.Cmp(one) >= 0 {
				set(i, a.Apply(expr.Sigmoid, b.Args[0]), one)
				set(j, bases[j], add(exponents[j].Num, minusOne))
			}
		case expr.Sigmoid:
			j := slices.IndexFunc(bases, func(s *Node) bool { return s.Shape == b.Shape && a.oneMinusSigmoid(s) == b.Args[0] })
			if j < 0 || !isWhole(e, e.Num.Sign()) || !isWhole(exponents[j], -e.Num.Sign()) {
				continue
			}
			// The freed slot holds the exponential.
			k, rest := e.Num, add(e.Num, exponents[j].Num)
			if rest.Sign() == k.Sign() {
				k = new(big.Rat).Neg(exponents[j].Num)
			}
			power := a.Apply(expr.Exp, a.Product(a.b.Number(k), b.Args[0]))
			if rest.Sign() == k.Sign() {
				set(i, bases[i], rest)
				set(j, power, one)
			} else {
				set(i, power, one)
				set(j, bases[j], rest)
			}
		case expr.Relu:
			if j := of(expr.Step, b); j >= 0 && e.Num.Sign() > 0 && isWhole(exponents[j], 1) {
				set(j, bases[j], new(big.Rat))
			}
		case expr.Sign:
			if !isWhole(e, 1) {
				continue
			}
			positive := func(j int) bool { return j >= 0 && exponents[j].Op == expr.Number && exponents[j].Num.Sign() > 0 }
			j, k := of(expr.Abs, b), find(b.Args[0])
			switch {
			case e.Num.Cmp(one) > 0 && (positive(j) || positive(k)):
				set(i, b, add(e.Num, new(big.Rat).Neg(two)))
			case !isOne(e.Num):
			case j >= 0 && exponents[j].Op == expr.Number && exponents[j].Num.IsInt() && !evenWhole(exponents[j].Num):
				set(i, b.Args[0], exponents[j].Num)
				set(j, bases[j], new(big.Rat))
			case j >= 0 && isWhole(exponents[j], 1):
				set(i, b.Args[0], one)
				set(j, bases[j], add(exponents[j].Num, minusOne))
			case k >= 0 && isWhole(exponents[k], 1):
				set(i, a.Apply(expr.Abs, b.Args[0]), one)
				set(k, bases[k], add(exponents[k].Num, minusOne))
			}
		}
	}
	return changed
}

// isWhole reports whether n is a whole number of the given sign.
func isWhole(n *Node, sign int) bool {
	return n.Op == expr.Number && n.Num.IsInt() && n.Num.Sign() == sign
}

// hadamardOf builds the product of merged, ordered entries, or the transpose of the product of their transposes.
func (a *Algebra) hadamardOf(entries []*Node) *Node {
	if len(entries) == 1 {
		return entries[0]
	}
	entries = slices.Clone(entries)
	c, back := a.transposedFactors(entries)
	slices.SortFunc(entries, expr.Compare)
	slices.SortFunc(back, expr.Compare)
	diagonal := slices.ContainsFunc(entries, isDiagonal)
	switch better := a.prefer(back, entries); {
	case better && diagonal: // its own transpose
		return a.withCoefficient(c, a.b.New(expr.Hadamard, back...))
	case better:
		return a.withCoefficient(c, a.b.New(expr.Transpose, a.b.New(expr.Hadamard, back...)))
	}
	return a.b.New(expr.Hadamard, entries...)
}

// isDiagonal reports whether n is diagonal, as far as its form tells.
func isDiagonal(n *Node) bool {
	switch n.Op {
	case expr.Identity, expr.DiagMatrix:
		return true
	case expr.Variable:
		return n.Props.Has(expr.Diagonal)
	case expr.Inv:
		return isDiagonal(n.Args[0])
	case expr.Power:
		return !n.Shape.IsScalar() && isDiagonal(n.Args[0])
	}
	return false
}

// ElementPower returns x.^p for a scalar p or one of the shape of x.
func (a *Algebra) ElementPower(x, p *Node) *Node {
	if p.IsNumber(1) {
		return x // also where x is a sum under a Transpose, as operands are
	}
	if p.Shape.IsScalar() && x.Shape.IsScalar() {
		return a.power(expr.Power, x, p)
	}
	if !p.Shape.IsScalar() {
		if IsZero(p) {
			return a.ones(x.Shape)
		}
		if q := a.constantEntries(p); q != nil {
			return a.ElementPower(x, q)
		}
		if x.Op == expr.Exp {
			return a.Apply(expr.Exp, a.Hadamard(p, x.Args[0]))
		}
		if t, q := a.Transpose(x), a.Transpose(p); t.Op == expr.Exp || a.prefer(slices.Concat(a.rests(t), a.rests(q)), slices.Concat(a.rests(x), a.rests(p))) {
			return a.Transpose(a.ElementPower(t, q))
		}
		return a.b.New(expr.ElementPower, x, p)
	}
	if q := a.constantEntries(x); q != nil {
		return a.Product(a.Power(q, p), a.ones(x.Shape))
	}
	if t, ok := a.betterTransposed(x); ok {
		return a.Transpose(a.ElementPower(t, p))
	}
	return a.power(expr.ElementPower, x, p)
}

// constantEntries returns s if n is s*ones.
func (a *Algebra) constantEntries(n *Node) *Node {
	m := monomialOf(n)
	if len(m.chain) == 1 && m.chain[0].Op == expr.Ones {
		return a.Product(append(m.scalars, a.b.Number(m.coef))...)
	}
	return nil
}
