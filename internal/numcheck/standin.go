package numcheck

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"matdiff/internal/expr"
)

// coupled is how many of the waves of a stand-in run through all entries.
const coupled = 3

// standIn gives an unknown function f of a matrix X a value: a wave sin(a*x + b) of each entry x and a few waves
// sin(<C, X> + b) of all, with a, b and C drawn for the name of f and the shape of X. What holds for every f holds for it.
// The single waves make its Hessian regular, the coupled ones make no entry of it 0, and as no two coefficients are the
// same, f does not stay the same when entries change places.
func standIn(op *expr.Op) operation {
	name := fnv.New64a()
	name.Write([]byte(op.Unknown))
	return operation{
		prepare: func(c *cell, _ map[string]int) func() {
			in := c.args[0].val
			random := rand.New(rand.NewPCG(name.Sum64(), uint64(c.args[0].rows)<<32|uint64(c.args[0].cols)))
			draw := func(n int, size float64) []float64 {
				v := make([]float64, n)
				for i := range v {
					v[i] = size * random.NormFloat64()
				}
				return v
			}
			factor, shift := draw(len(in), 1), draw(len(in), math.Pi)
			var through [coupled][]float64
			for k := range through {
				through[k] = draw(len(in), 1/math.Sqrt(float64(len(in))))
			}
			start := draw(coupled, math.Pi)
			isSlope := op.Slope == nil
			return func() {
				fill(c.val, 0)
				for i, x := range in {
					if isSlope {
						c.val[i] += factor[i] * math.Cos(factor[i]*x+shift[i])
					} else {
						c.val[0] += math.Sin(factor[i]*x + shift[i])
					}
				}
				for k, w := range through {
					angle := start[k]
					for i, x := range in {
						angle += w[i] * x
					}
					if !isSlope {
						c.val[0] += math.Sin(angle)
						continue
					}
					rate := math.Cos(angle)
					for i, a := range w {
						c.val[i] += a * rate
					}
				}
			}
		},
	}
}
