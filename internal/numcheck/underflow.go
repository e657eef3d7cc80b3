package numcheck

import (
	"math"
	"slices"

	"matdiff/internal/expr"
)

// tiny is so small that a square or a cube may have underflowed on the way to it.
const tiny = 1e-100

func (e Entry) isTiny() bool { return math.Max(math.Abs(e.Left), math.Abs(e.Right)) < tiny }

// underflows reports whether something is so small that a 0 may stand for what is not.
func (q *question) underflows() bool {
	for c := range q.machine.cells() {
		if c.underflows() {
			return true
		}
	}
	return false
}

func (c *cell) underflows() bool {
	if c.late {
		return false
	}
	if slices.ContainsFunc(c.val, func(x float64) bool { return x != 0 && math.Abs(x) < underflow }) {
		return true
	}
	// The size that the largest products of entries have of which the value is made.
	size := 0.0
	switch c.node.Op {
	case expr.Exp:
		return slices.Contains(c.val, 0)
	case expr.Sigmoid, expr.Softmax: // what varies is not saturated close to 0, where points are drawn too
		return c.constant && slices.Contains(c.val, 0)
	case expr.Power, expr.ElementPower:
		return largestMagnitude(c.val) == 0 && largestMagnitude(c.args[0].val) > 0
	case expr.Product, expr.Hadamard, expr.Kronecker, expr.Tr:
		for _, a := range c.args {
			size += math.Log(largestMagnitude(a.val))
		}
	case expr.Norm, expr.Spectral, expr.Nuclear:
		size = 2 * math.Log(largestMagnitude(c.args[0].val))
	case expr.Det, expr.Adj:
		size = float64(c.args[0].rows) * math.Log(largestMagnitude(c.args[0].val))
	}
	return size < math.Log(underflow) && !math.IsInf(size, -1)
}
