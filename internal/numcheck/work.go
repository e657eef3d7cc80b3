package numcheck

import (
	"errors"
	"maps"
	"math"

	"matdiff/internal/expr"
)

// Estimates of time, in multiply-adds or about nanoseconds, choose the sizes that points are drawn at.

// ranges are the sizes that dimensions are drawn from, the best first.
var ranges = [][2]int{{3, 7}, {3, 5}, {2, 4}}

const (
	pointWork  = 5e6  // of a point, beyond which smaller sizes are drawn
	entryWork  = 5e7  // of a point, beyond which a derivative is compared along random directions only
	pointsWork = 1e10 // of all points, beyond which one has to do
	equalWork  = 1e11 // of a point, beyond which Equal does not try
	quickWork  = 1e9  // of a point, beyond which Verify does not try
	drawsWork  = 3e8  // of all points, beyond which no more are drawn than a verdict takes in good cases

	blockedCost = 0.3 // of a multiply-add in a product of large matrices

	boundRuns       = 6    // evaluations of what is not differentiated, for its error bound and jitters
	entryCost       = 10   // of an entry of an elementwise function
	extrapolateCost = 3000 // of an entry of a derivative along a direction
)

// work estimates one evaluation of c.
func (c *cell) work() float64 {
	if c.derivative != nil {
		return c.derivative.work()
	}
	largest := 0.0
	for _, a := range c.args {
		largest = max(largest, float64(a.rows), float64(a.cols))
	}
	w := float64(len(c.val)*max(len(c.args), 1)) * entryCost
	if c.node.Op == expr.Product {
		for _, s := range c.plan {
			w += multiplyWork(s.out.rows, s.a.cols, s.out.cols)
		}
	}
	return w + c.row.cost*largest*largest*largest
}

// multiplyWork estimates the product of an m×k and a k×n matrix.
func multiplyWork(m, k, n int) float64 {
	w := float64(m) * float64(k) * float64(n)
	if w >= blasSize {
		return blockedCost * w
	}
	return w
}

// work estimates one measurement.
func (d *derivative) work() float64 {
	evaluation := 0.0
	for _, t := range d.wrt {
		evaluation += 50 + float64(len(t.x.val))
		for _, c := range d.program.dependents(t.x) {
			evaluation += c.work()
		}
	}
	return d.directions() * d.alongWork(evaluation)
}

// directions is the number of directions along which the derivative is measured.
func (d *derivative) directions() float64 {
	if len(d.wrt) == 0 || d.wrt[0].single {
		return 1
	}
	n := float64(len(d.wrt[0].x.val))
	switch d.cell.node.Op {
	case expr.Gradient, expr.Jacobian:
		return n
	case expr.Hessian:
		return n * (n + 1) / 2
	}
	return 1
}

func (d *derivative) alongWork(evaluation float64) float64 {
	return float64(d.evaluationsAlong(d.steps))*evaluation + float64(len(d.f.val))*extrapolateCost
}

// evaluationsAlong is how many evaluations of the function one direction takes.
func (d *derivative) evaluationsAlong(s steps) int {
	if d.cell.node.Op == expr.Hessian {
		return 4*s.count + 1
	}
	return 2*s.count + 1
}

// work estimates one point, at the sizes that the machine has.
func (q *question) work() float64 {
	w := 0.0
	for c := range q.machine.cells() {
		if q.probe == nil || c != q.probe.cell {
			w += c.work()
		}
	}
	if d := q.probe; d != nil {
		evaluation := 0.0
		for _, c := range d.program.dependents(d.wrt[0].x) {
			evaluation += c.work()
		}
		w += float64(q.directions) * d.alongWork(evaluation)
	}
	return w
}

// maxDistinct is the number of dimension names up to which each gets a size of its own. With more, sizes come again.
const maxDistinct = 12

// chooseSizes takes the best range of sizes at which a point is affordable; it returns the work of a point, which is
// infinite if none fits into memory.
func (q *question) chooseSizes() (work float64, err error) {
	s := q.sampler
	for _, r := range ranges {
		s.low, s.high = r[0], max(r[1], r[0]+min(len(s.names), maxDistinct)-1)
		sizes := map[string]int{}
		for i, name := range s.names {
			sizes[name] = s.low + (s.high-s.low+i)/2%(s.high-s.low+1)
		}
		maps.Copy(sizes, s.given.Sizes)
		if err := q.machine.resize(sizes); errors.Is(err, errTooLarge) {
			work = math.Inf(1)
			continue
		} else if err != nil {
			return 0, err
		}
		if work = q.work(); work <= pointWork || len(s.names) == 0 {
			break
		}
	}
	return work, nil
}
