package numcheck

import (
	"matdiff/internal/expr"
)

// isBranching reports whether both sides of a piecewise cell have to be seen before anything passes: not if its argument
// cannot be negative.
func isBranching(c *cell) bool {
	return c.node.Op.Traits.Has(expr.Piecewise) && !c.constant && !isNonnegative(c.args[0])
}

// isNonnegative reports whether no entry of c can be negative, as far as its form shows.
func isNonnegative(c *cell) bool {
	all := func() bool {
		for _, a := range c.args {
			if !isNonnegative(a) {
				return false
			}
		}
		return true
	}
	switch n := c.node; n.Op {
	case expr.Variable:
		return n.Props&(expr.Positive|expr.Index) != 0
	case expr.Number:
		return n.Num.Sign() >= 0
	case expr.Pi, expr.Size, expr.Identity, expr.Ones, expr.Zeros, expr.Unit, expr.Commutation,
		expr.Exp, expr.Cosh, expr.Abs, expr.Relu, expr.Step, expr.Sigmoid, expr.Softplus, expr.Sqrt, expr.Softmax, expr.Acos,
		expr.Norm, expr.Norm1, expr.Nuclear, expr.Spectral:
		return true
	case expr.Sum, expr.Kronecker, expr.Transpose, expr.Tr, expr.Total, expr.Vec, expr.DiagMatrix, expr.DiagVector, expr.Expm:
		return all()
	case expr.Element:
		return isNonnegative(c.args[0])
	case expr.Product:
		if len(c.args) == 2 && n.Shape.IsScalar() && (isTransposeOf(c.args[0], c.args[1]) || isTransposeOf(c.args[1], c.args[0])) {
			return true
		}
		return all()
	case expr.Hadamard:
		return len(c.args) == 2 && c.args[0] == c.args[1] || all()
	case expr.Power, expr.ElementPower:
		p := c.args[1].node
		even := p.Op == expr.Number && p.Num.IsInt() && p.Num.Num().Bit(0) == 0
		return even && (n.Op == expr.ElementPower || n.Shape.IsScalar()) || isNonnegative(c.args[0])
	}
	return false
}

func isTransposeOf(t, c *cell) bool { return t.node.Op == expr.Transpose && t.args[0] == c }

// see notes the sides of its branch that the values of c's argument are on.
func (c *cell) see() {
	for _, x := range c.args[0].val {
		if x > 0 {
			c.seen[0] = true
		} else {
			c.seen[1] = true
		}
	}
}
