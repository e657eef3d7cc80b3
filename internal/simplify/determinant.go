package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// determinant gives det of powers, inverses and exponentials, logdet of the latter two, and both of I + x*y', which is 1 + y'*x.
// The logarithm of det(inv(x)/c) is -logdet(c*x).
func (a *Algebra) determinant(op *expr.Op, x *Node) *Node {
	if m := monomialOf(x); len(m.chain) == 1 && m.coef.Sign() != 0 && x.Op != expr.Inv &&
		(m.chain[0].Op == expr.Inv || op == expr.LogDet && m.chain[0].Op == expr.Identity && m.coef.Sign() > 0 && m.coef.Cmp(one) < 0) {
		scale := a.Power(a.assemble(m.coef, m.scalars, nil), a.b.Int(-1))
		x = a.Apply(op, a.Product(scale, a.Apply(expr.Inv, m.chain[0])))
		if op == expr.LogDet {
			return a.Neg(x)
		}
		return a.Power(x, a.b.Int(-1))
	}
	if x.Op == expr.Sum {
		if c, p := a.shiftedProduct(x); c != nil && c.IsNumber(1) {
			if s := a.rotated(p); s != nil {
				s = a.Sum(a.b.Int(1), s)
				if op == expr.LogDet {
					return a.Apply(expr.Log, s)
				}
				return s
			}
		}
	}
	if op == expr.LogDet {
		switch {
		case x.Op == expr.Inv:
			return a.Neg(a.Apply(op, x.Args[0]))
		case x.Op == expr.Identity:
			return a.b.Int(0)
		case x.Op == expr.Expm:
			return a.Trace(x.Args[0])
		}
		return nil
	}
	if before, rest, behind := a.unrotated(x); rest != nil { // each of these factors has 1 or -1
		scale := a.b.Int(1)
		for _, f := range slices.Concat(before, behind) {
			scale = a.Product(scale, a.Apply(op, f))
		}
		return a.Product(scale, a.Apply(op, rest))
	}
	switch x.Op {
	case expr.Identity:
		return a.b.Int(1)
	case expr.Expm:
		return a.Apply(expr.Exp, a.Trace(x.Args[0]))
	}
	if b, k := a.base(x); k != 1 {
		return a.Power(a.Apply(op, b), a.b.Int(k))
	}
	return nil
}

func allSquare(chain []*Node) bool {
	for _, f := range chain {
		if f.Shape != chain[0].Shape || !f.Shape.IsSquare() {
			return false
		}
	}
	return true
}

// inverse gives inv of products of square matrices, powers, multiples and diagonal matrices. A product that has an
// inverse has invertible factors if they are square.
func (a *Algebra) inverse(x *Node) *Node {
	switch x.Op {
	case expr.Identity:
		return x
	case expr.Inv:
		return x.Args[0]
	case expr.Expm:
		return a.Apply(expr.Expm, a.Neg(x.Args[0]))
	case expr.Kronecker:
		if slices.ContainsFunc(x.Args, func(f *Node) bool { return !f.Shape.IsSquare() }) {
			return nil
		}
		operands := make([]*Node, len(x.Args))
		for i, f := range x.Args {
			operands[i] = a.Apply(expr.Inv, plain(a, f))
		}
		return a.Kronecker(operands...)
	case expr.DiagMatrix:
		return a.Apply(expr.DiagMatrix, a.ElementPower(x.Args[0], a.b.Int(-1)))
	case expr.Power:
		return a.matrixPower(x.Args[0], -x.Args[1].Num.Num().Int64())
	case expr.Variable:
		if x.Props.Has(expr.Orthogonal) && x.Shape.IsSquare() {
			return a.Transpose(x)
		}
		return nil
	case expr.Sum:
		c, atom := a.content(x)
		if isOne(c) {
			return nil
		}
		return a.Product(a.b.Number(new(big.Rat).Inv(c)), a.Apply(expr.Inv, plain(a, atom)))
	}
	m := monomialOf(x)
	if isOne(m.coef) && len(m.scalars) == 0 && (len(m.chain) == 1 || !allSquare(m.chain)) {
		return nil
	}
	if m.coef.Sign() == 0 {
		return nil
	}
	out := []*Node{a.b.Number(new(big.Rat).Inv(m.coef))}
	for _, s := range m.scalars {
		out = append(out, a.Power(s, a.b.Int(-1)))
	}
	if !allSquare(m.chain) {
		return a.Product(append(out, a.Apply(expr.Inv, a.assemble(one, nil, m.chain)))...)
	}
	for i := len(m.chain) - 1; i >= 0; i-- {
		out = append(out, a.Apply(expr.Inv, plain(a, m.chain[i])))
	}
	return a.Product(out...)
}

// rotated returns y'*x for a multiple of x*y', as the same multiple; it is nil if n is no product of a column and a row.
func (a *Algebra) rotated(n *Node) *Node {
	m := monomialOf(n)
	for i, f := range m.chain {
		if i > 0 && f.Shape.Rows == expr.One {
			return a.Product(slices.Concat([]*Node{a.b.Number(m.coef)}, m.scalars, m.chain[i:], m.chain[:i])...)
		}
	}
	return nil
}

// determinants uses det(A + x*y') = det(A)*(1 + y'*inv(A)*x) in a product:
//
//	det(A + x*y')/(1 + y'*inv(A)*x) → det(A)    det(A + x*y')*inv(A + x*y')*x → det(A)*inv(A)*x
//
// The second brings an inverse in, so that A must have one.
func (a *Algebra) determinants(n *Node) []*Node {
	m := monomialOf(n)
	var out []*Node
	for i, d := range m.scalars {
		if d.Op != expr.Det || d.Args[0].Op != expr.Sum {
			continue
		}
		beside := monomial{m.coef, slices.Concat(m.scalars[:i], m.scalars[i+1:]), m.chain}
		for k := range d.Args[0].Args {
			out = append(out, a.determinantTimes(beside, d.Args[0], k)...)
		}
	}
	return out
}

// determinantTimes gives det(sum)*m in those ways in which the k-th term of sum is x*y' and drops out.
func (a *Algebra) determinantTimes(m monomial, sum *Node, k int) []*Node {
	x := monomialOf(sum.Args[k])
	split := slices.IndexFunc(x.chain, func(f *Node) bool { return f.Shape.Rows == expr.One })
	if split < 1 {
		return nil
	}
	column, row := x.chain[:split], x.chain[split:]
	rest := a.Sum(slices.Concat(sum.Args[:k], sum.Args[k+1:])...)
	inverse := a.Apply(expr.Inv, rest)
	ratio := a.Sum(a.b.Int(1), a.Product(slices.Concat([]*Node{a.b.Number(x.coef)}, x.scalars, row, []*Node{inverse}, column)...))
	product := func(scalars, chain []*Node) *Node {
		return a.Product(slices.Concat([]*Node{a.b.Number(m.coef), a.Apply(expr.Det, rest)}, scalars, chain)...)
	}
	invertible := isRegular(rest)
	var out []*Node
	for j, s := range m.scalars {
		others := slices.Concat(m.scalars[:j], m.scalars[j+1:])
		if s.Op == expr.Power && s.Args[1].IsNumber(-1) && s.Args[0] == ratio {
			out = append(out, product(others, m.chain))
		} else if invertible && chainOnly(s) {
			if c := a.beside(s.Args, sum, inverse, column, row); c != nil {
				out = append(out, product(append(others, a.Product(c...)), m.chain))
			}
		}
	}
	if c := a.beside(m.chain, sum, inverse, column, row); invertible && c != nil {
		out = append(out, product(m.scalars, c))
	}
	return out
}

// beside puts inverse in the place of inv(sum) in a chain where the column follows it, or the row stands before it, or the same
// of the transposes; it is nil if there is no such place.
func (a *Algebra) beside(chain []*Node, sum, inverse *Node, column, row []*Node) []*Node {
	follows := func(i int, part []*Node) bool {
		return i+1+len(part) <= len(chain) && slices.Equal(chain[i+1:i+1+len(part)], part)
	}
	precedes := func(i int, part []*Node) bool { return i >= len(part) && slices.Equal(chain[i-len(part):i], part) }
	for i, f := range chain {
		out := slices.Clone(chain)
		switch g := a.Transpose(f); {
		case f.Op == expr.Inv && plain(a, f.Args[0]) == sum && (follows(i, column) || precedes(i, row)):
			out[i] = inverse
			return out
		case g.Op == expr.Inv && plain(a, g.Args[0]) == sum && (follows(i, a.reversed(row)) || precedes(i, a.reversed(column))):
			out[i] = a.Transpose(inverse)
			return out
		}
	}
	return nil
}

// isRegular reports whether n is invertible for almost all values of its variables, as far as its form tells: a product of low
// rank is not, nor is a skew matrix of odd size.
func isRegular(n *Node) bool {
	if !n.Shape.IsSquare() {
		return false
	}
	switch n.Op {
	case expr.Variable:
		return !n.Props.Has(expr.Skew)
	case expr.Identity, expr.Inv, expr.Expm:
		return true
	case expr.Transpose, expr.Power:
		return isRegular(n.Args[0])
	case expr.Product, expr.Kronecker:
		return !slices.ContainsFunc(n.Args, func(f *Node) bool { return !f.Shape.IsScalar() && !isRegular(f) })
	case expr.Sum:
		for i, t := range n.Args {
			if outweighs(t, slices.Concat(n.Args[:i], n.Args[i+1:])) {
				return true
			}
		}
	}
	return false
}

// outweighs reports whether t is a multiple of a regular variable that can be so large that the sum of it and others is regular.
func outweighs(t *Node, others []*Node) bool {
	chain := monomialOf(t).chain
	if len(chain) != 1 {
		return false
	}
	x := untransposed(chain[0])
	return x.Op == expr.Variable && !x.Props.Has(expr.Orthogonal) && isRegular(x) && !slices.Contains(expr.Variables(others...), x)
}
