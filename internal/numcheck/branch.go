package numcheck

import (
	"math"
	"slices"

	"matdiff/internal/expr"
)

// turning returns the cell at whose zeros c has a branch: the argument of a piecewise operation, or what is squared under a root,
// which is its magnitude. It is nil if there is none.
func (c *cell) turning() *cell {
	switch op := c.node.Op; {
	case op.Traits.Has(expr.Piecewise):
		return c.args[0]
	case op == expr.Norm && c.args[0].shape.IsScalar():
		return c.args[0]
	case op == expr.Sqrt, (op == expr.ElementPower || op == expr.Power) && c.args[1].node.Op == expr.Number && !c.args[1].node.Num.IsInt():
		return c.args[0].squared()
	}
	return nil
}

// squared returns what c is an even power of, entry by entry; nil if it is none.
func (c *cell) squared() *cell {
	switch c.node.Op {
	case expr.ElementPower, expr.Power:
		if c.isEvenPower() {
			return c.args[0]
		}
	case expr.Hadamard, expr.Product:
		if len(c.args) == 2 && c.args[0] == c.args[1] && (c.node.Op == expr.Hadamard || c.shape.IsScalar()) {
			return c.args[0]
		}
	}
	return nil
}

// isEvenPower reports whether the power c has an even exponent and is one of single entries.
func (c *cell) isEvenPower() bool {
	p := c.args[1].node
	return p.Op == expr.Number && p.Num.IsInt() && p.Num.Num().Bit(0) == 0 && (c.node.Op == expr.ElementPower || c.shape.IsScalar())
}

// isBranching reports whether both sides of the branch of c have to be seen before anything passes: not if its argument
// cannot be negative, or is the same at every point.
func isBranching(c *cell) bool {
	t := c.turning()
	return t != nil && !(c.constant && !holdsSize(c.node)) && !isNonnegative(t)
}

func holdsSize(n *expr.Node) bool {
	return n.Op == expr.Size || slices.ContainsFunc(n.Args, holdsSize)
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
	case expr.Tr, expr.DiagVector:
		return all() || c.args[0].node.Props.Has(expr.PosDef)
	case expr.Sum, expr.Kronecker, expr.Transpose, expr.Total, expr.Vec, expr.DiagMatrix, expr.Expm:
		return all()
	case expr.Element:
		return isNonnegative(c.args[0])
	case expr.Product:
		if len(c.args) == 2 && n.Shape.IsScalar() && (isTransposeOf(c.args[0], c.args[1]) || isTransposeOf(c.args[1], c.args[0])) {
			return true
		}
		return all() || isQuadraticForm(c)
	case expr.Hadamard:
		return len(c.args) == 2 && c.args[0] == c.args[1] || all()
	case expr.Power, expr.ElementPower:
		return c.isEvenPower() || isNonnegative(c.args[0])
	case expr.Det:
		return c.args[0].node.Props.Has(expr.PosDef)
	}
	return false
}

// isQuadraticForm reports whether c is x'*P*x for a positive definite P.
func isQuadraticForm(c *cell) bool {
	return len(c.args) == 3 && c.node.Shape.IsScalar() && c.args[1].node.Props.Has(expr.PosDef) &&
		(isTransposeOf(c.args[0], c.args[2]) || isTransposeOf(c.args[2], c.args[0]))
}

func isTransposeOf(t, c *cell) bool { return t.node.Op == expr.Transpose && t.args[0] == c }

// see notes the sides of its branch that c is on.
func (c *cell) see() {
	for _, x := range c.turning().val {
		if x > 0 {
			c.seen[0] = true
		} else {
			c.seen[1] = true
		}
	}
}

// sides are the sides of their branches that cells are on at a point.
type sides []struct {
	at   *cell // at whose zeros there is a branch
	from []float64
}

func sidesOf(cells []*cell) (s sides) {
	for _, c := range cells {
		if t := c.turning(); t != nil {
			s = append(s, struct {
				at   *cell
				from []float64
			}{t, slices.Clone(t.val)})
		}
	}
	return s
}

// crossed reports whether an argument has gone to the other side since. One that was 0 was on neither.
func (s sides) crossed() bool {
	for _, b := range s {
		for i, x := range b.at.val {
			if x > 0 && b.from[i] < 0 || x < 0 && b.from[i] > 0 {
				return true
			}
		}
	}
	return false
}

// phases are the angles of sines, cosines and tangents at a point.
type phases []struct {
	at   *cell
	from []float64
}

func phasesOf(cells []*cell) (p phases) {
	for _, c := range cells {
		switch c.node.Op {
		case expr.Sin, expr.Cos, expr.Tan:
			p = append(p, struct {
				at   *cell
				from []float64
			}{c.args[0], slices.Clone(c.args[0].val)})
		}
	}
	return p
}

// turned reports whether an angle has changed since by more than differences of its sine resolve.
func (p phases) turned() bool {
	for _, a := range p {
		for i, x := range a.at.val {
			if math.Abs(x-a.from[i]) > resolvedTurn {
				return true
			}
		}
	}
	return false
}

// resolvedTurn is half a turn: differences over more of an oscillation may look like those of what is slow.
const resolvedTurn = math.Pi
