package numcheck

import (
	"math"

	"matdiff/internal/expr"
)

// liftAfter is how many points running are unfit before one outside the domain of a logarithm or a root is moved into it.
const liftAfter = 2

// lift moves the point into the domain of every log and sqrt whose argument is a sum in which a variable stands alone, as b does
// in log(b - A*x): few random points make all entries of such a sum positive.
func (q *question) lift() {
	for range 2 { // a variable may stand in two sums
		moved := false
		for c := range q.machine.cells() {
			if !c.late && (c.node.Op == expr.Log || c.node.Op == expr.Sqrt) && !allFinite(c.val) && q.sampler.raise(c.args[0]) {
				moved = true
				q.machine.prepare()
			}
		}
		if !moved {
			return
		}
	}
}

// raise makes all entries of the sum c positive by its first free variable. It reports whether there is one.
func (s *sampler) raise(c *cell) bool {
	if c.node.Op != expr.Sum || !allFinite(c.val) {
		return false
	}
	for _, v := range c.args {
		if v.node.Op != expr.Variable || isStructured(v) || v.node.Props.Has(expr.Index) || s.given.Values[v.node.Name] != nil {
			continue
		}
		least := 0.1 * largestMagnitude(c.val)
		need := make([]float64, len(v.val))
		for i, x := range c.val {
			at := min(i, len(need)-1)
			need[at] = math.Max(need[at], least*(1+s.random.Float64())-x)
		}
		for i, by := range need {
			v.val[i] += by
		}
		return true
	}
	return false
}
