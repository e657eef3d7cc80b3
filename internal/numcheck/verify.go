package numcheck

import (
	"matdiff/internal/expr"
)

// Verify decides quickly whether g is the gradient of the scalar f by the variable x, from the derivatives of f along a
// few random directions: an error in g shows in almost every direction. A disagreement is put to Equal, whose finer steps
// tell a wrong g from an f that oscillates too fast for quick ones.
func Verify(f, x, g *expr.Node, o Options) (report Report, err error) {
	defer recoverPanic(&err)
	if g.Shape != x.Shape {
		return Report{Verdict: Fails, Mismatch: true, Shapes: [2]expr.Shape{x.Shape, g.Shape}, Seed: o.Seed}, nil
	}
	gradient := &expr.Node{Op: expr.Gradient, Args: []*expr.Node{f, x}, Shape: x.Shape}
	q, err := newQuestion(quickSteps, gradient, g, o)
	if err != nil {
		return Report{}, err
	}
	q.need, q.directions = pointsQuick, pointsQuick
	q.probe = q.soleDerivative()
	work, err := q.chooseSizes()
	if err != nil {
		return Report{}, err
	}
	if work > entryWork {
		q.need, q.directions = 1, 2
	}
	if o.Points > 0 {
		q.need = o.Points
	}
	if work > quickWork {
		return q.tooLarge(), nil
	}
	report, err = q.decide()
	if err == nil && report.Verdict == Fails {
		return Equal(gradient, g, Options{Seed: o.Seed, Depends: o.Depends, Context: o.Context, Entries: o.Entries})
	}
	return report, err
}
