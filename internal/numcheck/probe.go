package numcheck

import (
	"math"

	"matdiff/internal/expr"
)

// A derivative by a large variable is probed: in place of its entries, its products with random directions are measured
// and compared with those of the claim. An error in any entry shows in almost every direction (Freivalds 1977).

// direction is a random move of a variable; for a Hessian two: it stands for u'·H·v.
type direction struct{ v, u []float64 }

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

// contraction is a sum of entries times weights, with the bound of its rounding error and the sum of the squares of its terms.
type contraction struct{ sum, bound, squares float64 }

func (c *contraction) add(entry, bound, weight float64) {
	c.sum += entry * weight
	c.bound += bound * math.Abs(weight)
	c.squares += entry * entry * (weight * weight)
}

// contract returns the same product for the entries of the claim c.
func (d *derivative) contract(c *operand, a direction) []contraction {
	x := d.wrt[0].x
	product := make([]contraction, len(d.f.val))
	// The row of c that begins at entry start, times the direction.
	row := func(start int) (p contraction) {
		for k, s := range a.v {
			at := start + x.inVec(k)
			p.add(c.val[at], c.bound[at], s)
		}
		return p
	}
	switch d.cell.node.Op {
	case expr.Gradient:
		var p contraction
		for i, s := range a.v {
			p.add(c.val[i], c.bound[i], s)
		}
		product[0] = p
	case expr.Jacobian:
		for i := range product {
			product[i] = row(d.f.inVec(i) * c.cols)
		}
	case expr.Hessian:
		for i, r := range a.u {
			inner := row(x.inVec(i) * c.cols)
			product[0].sum += r * inner.sum
			product[0].bound += math.Abs(r) * inner.bound
			product[0].squares += r * r * inner.squares
		}
	}
	return product
}
