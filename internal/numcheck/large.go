package numcheck

import (
	"math"

	"matdiff/internal/expr"
)

// Large matrices are decided by few evaluations of the function that is differentiated, each of which takes long: the
// derivative is probed (probe.go), with fewer steps and at fewer points, and rounding errors are bounded, not measured.

// maxEvaluations is how often a function of large matrices is evaluated, at most.
const maxEvaluations = 100

// largeSteps are sequences of steps, and those with which a disagreement is confirmed. The second are for matrices so large
// that fewer have to do.
var largeSteps = [2]struct{ usual, confirm steps }{
	{steps{first: 0.5, exact: true, ratio: 5, count: 8}, steps{first: 0.3, ratio: 4, count: 8}},
	{steps{first: 1, exact: true, ratio: 16, count: 5}, steps{first: 0.6, ratio: 13, count: 5}},
}

// secondSteps are for Hessians, whose differences lose twice as many digits in small steps.
var secondSteps = struct{ usual, confirm steps }{
	steps{first: 1, exact: true, ratio: 4, count: 5}, steps{first: 0.6, ratio: 3.5, count: 5},
}

// economise has the question decided by few evaluations, if its derivatives can be measured along single directions. It
// returns the work of a point.
func (q *question) economise(work float64) float64 {
	q.probe, q.directions = q.soleDerivative(), 1
	second := false
	for _, d := range q.machine.derivatives() {
		if d != q.probe && d.directions() > 1 {
			return q.work()
		}
		second = second || d.cell.node.Op == expr.Hessian
	}
	q.large, q.need = true, pointsLarge
	for _, s := range largeSteps {
		if second {
			s = secondSteps
		}
		q.machine.setSteps(s.usual)
		q.confirm = s.confirm
		if work = q.work(); work*float64(q.need) <= pointsWork {
			break
		}
	}
	if work*float64(q.need) > pointsWork {
		q.need = 1
	}
	if q.isPiecewise() {
		q.keepToBranches()
	} else {
		q.sampler.patience = 1
	}
	// Rounding errors of n terms add up to about √n of one, where the bounds assume n.
	largest := 1
	for c := range q.machine.cells() {
		largest = max(largest, c.rows, c.cols)
	}
	q.bounds = 1 / math.Sqrt(float64(largest))
	for _, d := range q.machine.derivatives() {
		d.bounds = q.bounds
	}
	return work
}

// largeMargin is branchMargin for large matrices, whose differences take few steps.
const largeMargin = 1e-4

// keepToBranches takes steps too short for any of the many entries of a piecewise argument to change its branch, at points
// at which they are no nearer to it than about half of all points allow.
func (q *question) keepToBranches() {
	entries := 1
	for c := range q.machine.cells() {
		if c.node.Op.Traits.Has(expr.Piecewise) && !c.constant {
			entries = max(entries, len(c.args[0].val))
		}
	}
	q.margin = min(largeMargin, 1/float64(4*entries))
	q.machine.setSteps(steps{first: 2 * q.margin, exact: true, ratio: 4, count: 5})
	q.confirm = steps{first: 1.5 * q.margin, ratio: 3, count: 5}
}

// exhausted reports whether a further point might take more evaluations than are allowed. Once points agree it is not expected
// to disagree, which would have to be confirmed.
func (q *question) exhausted() bool {
	if !q.large {
		return false
	}
	next := 0
	for _, d := range q.machine.derivatives() {
		next += 1 + d.evaluationsAlong(q.machine.steps)
		if q.tally.count[agrees] == 0 {
			next += d.evaluationsAlong(q.confirm)
		}
	}
	return q.tally.drawn() >= 2*q.sampler.patience*len(families) || q.machine.evaluations+next > maxEvaluations
}
