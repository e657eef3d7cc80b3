package numcheck

import (
	"math"
	"slices"

	"matdiff/internal/expr"
)

// What a point is no evidence for: digits are lost where a value is too small for a number (underflows, isDrowned) or beside a number
// (absorbs), has come to the limit of its function (isSaturated, roundsToZero), or is of an angle that has no digits after the point
// (isLostAngle).

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

// isDrowned reports whether all of something is so small that it may have lost its digits, however large what it is multiplied by:
// x^-10*y^9 of large x.
func (q *question) isDrowned() bool {
	for c := range q.machine.cells() {
		if c.isDrowned() {
			return true
		}
	}
	return false
}

// underflows reports whether some entry of c may be 0, or small, by underflow.
func (c *cell) underflows() bool {
	switch {
	case c.late:
		return false
	case slices.ContainsFunc(c.val, func(x float64) bool { return x != 0 && math.Abs(x) < underflow }):
		return true
	case c.node.Op == expr.Exp:
		return slices.Contains(c.val, 0)
	case c.node.Op == expr.Number:
		return c.val[0] == 0 && c.node.Num.Sign() != 0
	case c.node.Op == expr.Sigmoid, c.node.Op == expr.Softmax: // what varies is not saturated close to 0, where points are drawn too
		return c.constant && slices.Contains(c.val, 0)
	}
	return c.drowns()
}

// isDrowned reports whether all entries of c, or of a product on the way to it, may be 0, or small, by underflow, or have been.
func (c *cell) isDrowned() bool { return c.drowns() || c.isRootOfLost() }

// drowns reports whether the operation of c makes all its entries, or a product on the way to it, 0, or small, by underflow.
func (c *cell) drowns() bool {
	if c.late {
		return false
	}
	if top := largestMagnitude(c.val); top > 0 && top < underflow {
		return true
	}
	// The size that the largest products of entries have of which the value is made.
	size := 0.0
	switch c.node.Op {
	case expr.Power, expr.ElementPower:
		return largestMagnitude(c.val) == 0 && largestMagnitude(c.args[0].val) > 0
	case expr.Log: // of few digits
		return slices.ContainsFunc(c.args[0].val, func(x float64) bool { return x != 0 && math.Abs(x) < underflow })
	case expr.Product:
		return slices.ContainsFunc(c.plan, func(s binary) bool {
			return isUnderflow(logSize(s.a.val) + logSize(s.b.val))
		})
	case expr.Hadamard:
		return c.drownsEntry()
	case expr.Kronecker, expr.Tr:
		for _, a := range c.args {
			size += logSize(a.val)
		}
	case expr.Norm, expr.Spectral, expr.Nuclear:
		size = 2 * logSize(c.args[0].val)
	case expr.Det, expr.Adj:
		size = float64(c.args[0].rows) * logSize(c.args[0].val)
	}
	return isUnderflow(size)
}

// isRootOfLost reports whether a root makes something large again of what is 0, or small, by underflow: exp(-800)^(1/100).
func (c *cell) isRootOfLost() bool {
	switch c.node.Op {
	case expr.Sqrt:
	case expr.Power, expr.ElementPower:
		if !slices.ContainsFunc(c.args[1].val, func(e float64) bool { return 0 < e && e < 1 }) {
			return false
		}
	default:
		return false
	}
	return slices.ContainsFunc(c.args[0].val, func(x float64) bool { return math.Abs(x) < underflow }) && c.args[0].holdsLost()
}

// holdsLost reports whether something on the way to c is 0, or small, by underflow.
func (c *cell) holdsLost() bool {
	return c.reaches(func(c *cell) bool { return c.isSaturated() || c.underflows() }, func(*cell) bool { return true })
}

// reaches reports whether found holds for c, or for what it is made of through operations that let it through.
func (c *cell) reaches(found, through func(*cell) bool) bool {
	seen := map[*cell]bool{}
	var walk func(c *cell) bool
	walk = func(c *cell) bool {
		if seen[c] {
			return false
		}
		seen[c] = true
		return found(c) || through(c) && slices.ContainsFunc(c.args, walk)
	}
	return walk(c)
}

// drownsEntry reports whether an entry of the Hadamard product c may be 0, or small, by underflow on the way to it: that of a*b*c^-1
// is the one of a*b.
func (c *cell) drownsEntry() bool {
	for i := range c.val {
		product := 1.0
		for _, a := range c.args {
			factor := a.val[min(i, len(a.val)-1)]
			if factor == 0 {
				break
			}
			if product *= factor; math.Abs(product) < underflow {
				return true
			}
		}
	}
	return false
}

// absorbs reports whether what varies is lost beside a number, as x is in x + 1e18.
func (q *question) absorbs() bool {
	for c := range q.machine.cells() {
		if c.node.Op != expr.Sum || c.late || c.constant {
			continue
		}
		var constant, varying float64
		for _, a := range c.args {
			if top := largestMagnitude(a.val); a.constant {
				constant = math.Max(constant, top)
			} else {
				varying = math.Max(varying, top)
			}
		}
		if varying > 0 && eps*constant > absorbed*varying {
			return true
		}
	}
	return false
}

// holdsAbsorbed reports whether a term is lost beside another one in a sum that c is, or is made of: (x + 1e18) - 1e18.
func (c *cell) holdsAbsorbed() bool {
	return c.reaches((*cell).absorbs, func(c *cell) bool { return c.node.Op == expr.Sum || isMultiplication(c) })
}

// absorbs reports whether c is a sum of which a term is lost beside another one.
func (c *cell) absorbs() bool {
	if c.node.Op != expr.Sum {
		return false
	}
	least, most := math.Inf(1), 0.0
	for _, a := range c.args {
		if top := largestMagnitude(a.val); top > 0 {
			least, most = math.Min(least, top), math.Max(most, top)
		}
	}
	return eps*most > absorbed*least
}

// isMultiplication reports whether c is a product of some kind, or a transpose.
func isMultiplication(c *cell) bool {
	switch c.node.Op {
	case expr.Product, expr.Hadamard, expr.Kronecker, expr.Transpose:
		return true
	}
	return false
}

// absorbed is the share of what varies that rounding takes where it is lost.
const absorbed = 1e-3

// isSaturated reports whether the value of c is 0 or infinite only because it is too small or too large for a number.
func (c *cell) isSaturated() bool {
	switch c.node.Op {
	case expr.Exp, expr.Sigmoid, expr.Softmax, expr.Softplus:
		return !c.constant && slices.ContainsFunc(c.val, func(x float64) bool { return x == 0 || math.IsInf(x, 0) })
	}
	return false
}

func logSize(v []float64) float64 { return math.Log(largestMagnitude(v)) }

// isUnderflow reports whether what has a logarithm of this size is lost. What is 0 is not.
func isUnderflow(size float64) bool { return size < math.Log(underflow) && !math.IsInf(size, -1) }

// roundsToZero reports whether an exact 0 among the entries of c is what rounding has made of something: the logarithm of what is 1 to
// rounding, 1 - tanh(x), or a product or a sum of such.
func (c *cell) roundsToZero() bool {
	limit := func(a *cell) bool { return !a.constant && (a.node.Op == expr.Tanh || a.node.Op == expr.Sigmoid) }
	rounds := func(c *cell) bool {
		switch c.node.Op {
		case expr.Exp, expr.Log, expr.Sigmoid, expr.Softmax, expr.Softplus:
			return !c.constant
		case expr.Sum:
			return !c.constant && (c.holdsAbsorbed() || slices.ContainsFunc(c.args, limit) && slices.ContainsFunc(c.args, func(a *cell) bool { return a.constant }))
		}
		return false
	}
	return c.reaches(rounds, func(c *cell) bool {
		return isMultiplication(c) || c.node.Op == expr.Power || c.node.Op == expr.ElementPower
	})
}

// isNoise reports whether an entry of c is not 0 only because of rounding errors, as sin(pi) is.
func (c *cell) isNoise() bool {
	for i, x := range c.val {
		if x != 0 && math.Abs(x) < caution*eps*c.bound[i] {
			return true
		}
	}
	return false
}

// isLostAngle reports whether c is the sine, cosine or tangent of what has so few digits after the point that neither its value nor what
// differences make of it can decide.
func (c *cell) isLostAngle() bool {
	switch c.node.Op {
	case expr.Sin, expr.Cos, expr.Tan:
		return eps*largest(c.args[0].bound) > resolved
	}
	return false
}
