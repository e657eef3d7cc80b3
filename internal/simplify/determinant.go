package simplify

import (
	"math/big"

	"matdiff/internal/expr"
)

// determinant gives det of powers, inverses and exponentials, and logdet of the latter two. The logarithm of det(inv(x)/c) is
// -logdet(c*x).
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
