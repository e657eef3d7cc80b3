package numcheck

import (
	"hash/fnv"
	"math"

	"matdiff/internal/expr"
)

// standIn gives an unknown function f of a matrix X a value: the sum of sin(a*x + b) over the entries x, where a and b
// differ from entry to entry and from function to function. What holds for every f holds for it; of an equation that is
// linear in f and its gradient, hardly more does.
func standIn(op *expr.Op) operation {
	h := fnv.New32a()
	h.Write([]byte(op.Unknown))
	phase := float64(h.Sum32() % 1000)
	wave := func(at int) (a, b float64) {
		return 1 + math.Sin(phase+float64(at))/2, phase + 2*float64(at)
	}
	return operation{
		prepare: func(c *cell, _ map[string]int) func() {
			in := c.args[0].val
			return func() {
				fill(c.val, 0)
				for at, x := range in {
					a, b := wave(at)
					if op.Slope != nil {
						c.val[0] += math.Sin(a*x + b)
					} else {
						c.val[at] = a * math.Cos(a*x+b)
					}
				}
			}
		},
	}
}
