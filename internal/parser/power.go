package parser

import (
	"fmt"
	"math/big"

	"matdiff/internal/expr"
)

func (l *lowerer) power(n *node) *expr.Node {
	x, p := l.lower(n.args[0]), l.lower(n.args[1])
	v := l.constant(n.args[1])
	if x.Shape.IsScalar() {
		if zero := l.constant(n.args[0]); zero != nil && zero.Sign() == 0 && v != nil && v.Sign() < 0 {
			l.throw(divisionByZero(n))
		}
		if v != nil {
			p = l.b.Number(v)
		}
		return l.b.New(expr.Power, x, p)
	}
	switch half := big.NewRat(1, 2); {
	case v == nil && l.isT(n.args[1]):
		l.throw(wrong("matrix-power", n.span, "a transpose in an exponent stands without brackets").hint("write X^T, X^-T"))
	case v == nil:
		l.throw(l.matrixPower(n, "the power of a matrix has to be a whole number"))
	case v.IsInt() && v.Num().CmpAbs(big.NewInt(expr.MaxPower)) >= 0:
		l.throw(wrong("matrix-power", n.args[1].span, "this power is too large").hint("matrices take powers below 2^30"))
	case v.IsInt() && v.Sign() == 0:
		return l.b.Sized(expr.Identity, x.Shape)
	case v.IsInt() && v.Cmp(big.NewRat(-1, 1)) == 0:
		return l.b.New(expr.Inv, x)
	case v.IsInt() && v.Sign() < 0:
		return l.b.New(expr.Power, l.b.New(expr.Inv, x), l.b.Number(v.Neg(v)))
	case v.IsInt():
		return l.b.New(expr.Power, x, l.b.Number(v))
	case new(big.Rat).Abs(v).Cmp(half) == 0 && x.Props.Has(expr.PosDef):
		root := l.b.New(expr.Sqrtm, x)
		if v.Sign() < 0 {
			return l.b.New(expr.Inv, root)
		}
		return root
	}
	l.throw(l.matrixPower(n, "a fractional power of a matrix is not known"))
	return nil
}

// isT reports whether n is T or -T, and T is nothing else.
func (l *lowerer) isT(n *node) bool {
	if n.kind == kindNegation {
		n = n.args[0]
	}
	_, declared := l.p.decls.where["T"]
	return n.kind == kindName && n.text == "T" && !declared
}

func (l *lowerer) matrixPower(n *node, message string) *Diagnostic {
	x, p := excerpt(l.tree.text(n.args[0].span)), excerpt(l.tree.text(n.args[1].span))
	d := wrong("matrix-power", n.span, "%s", message).unknown().fact("%s is %s", x, l.shape(n.args[0]))
	root := ""
	if v := l.constant(n.args[1]); v != nil && v.Cmp(big.NewRat(1, 2)) == 0 {
		root = fmt.Sprintf("sqrtm(%s) for the matrix square root, or ", x)
	}
	return d.hint("write %s%s.^%s for the power of each entry; if %s is a scalar, declare it", root, x, p, x)
}
