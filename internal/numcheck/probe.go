package numcheck

import (
	"math"

	"matdiff/internal/expr"
)

// A derivative by a large variable is probed: in place of its entries, its products with random directions are measured
// and compared with those of the claim. An error in any entry shows in almost every direction (Freivalds 1977).

// direction is a random move of a variable; for a Hessian two: it stands for u'·H·v.
type direction struct{ v, u []float64 }

func (d direction) magnitudes() direction {
	magnitudes := func(v []float64) []float64 {
		m := make([]float64, len(v))
		for i, x := range v {
			m[i] = math.Abs(x)
		}
		return m
	}
	return direction{magnitudes(d.v), magnitudes(d.u)}
}

func squared(v []float64) []float64 {
	squares := make([]float64, len(v))
	for i, x := range v {
		squares[i] = x * x
	}
	return squares
}

// probe measures the product of the derivative with a direction: one number for a gradient or a Hessian, and for a
// Jacobian one for each entry of the function, by rows.
func (d *derivative) probe(a direction) estimate {
	x := d.wrt[0].x
	if d.cell.node.Op != expr.Hessian {
		d.noteScale(x)
		return d.directional(x, a.v)
	}
	d.scale = math.Max(d.scale, largestMagnitude(d.f.bound)/(rms(x.val)*rms(x.val)))
	return d.mixed(a.u, a.v, x, d.program.dependents(x))
}

// contract returns the same product for entries, those of the claim c or their bounds.
func (d *derivative) contract(c *operand, entries []float64, a direction) []float64 {
	x := d.wrt[0].x
	product := make([]float64, len(d.f.val))
	switch d.cell.node.Op {
	case expr.Gradient:
		for i, s := range a.v {
			product[0] += entries[i] * s
		}
	case expr.Jacobian:
		for i := range product {
			line := entries[d.f.inVec(i)*c.cols:]
			for k, s := range a.v {
				product[i] += line[x.inVec(k)] * s
			}
		}
	case expr.Hessian:
		for i, r := range a.u {
			line, sum := entries[x.inVec(i)*c.cols:], 0.0
			for k, s := range a.v {
				sum += line[x.inVec(k)] * s
			}
			product[0] += r * sum
		}
	}
	return product
}
