package numcheck

import "math"

// closeScales are those of points close to 0, where a peak may be, or what is saturated elsewhere changes.
var closeScales = [...]float64{1e-2, 1e-4, 1e-6}

// lookClose draws points close to 0 and takes the verdict back if the sides differ there. There is no other evidence in these:
// many of them are too noisy to tell, or outside the domain. A derivative is compared entry by entry only where its product with
// a random direction differs.
func (q *question) lookClose() error {
	defer func(probe *derivative, directions int) {
		q.probe, q.directions, q.sampler.close = probe, directions, 0
	}(q.probe, q.directions)
	sole, r := q.soleDerivative(), &q.report
	differ := 0
	for _, scale := range closeScales {
		q.sampler.close = scale
		for before := -1; before < differ && differ < failuresNeeded; {
			before = differ
			q.machine.pause()
			if err := q.sampler.draw(); err != nil {
				return err
			}
			saved := *r
			q.probe, q.directions = sole, 1
			o := q.judge()
			if o == disagrees && sole != nil {
				q.probe, *r = nil, saved
				o = q.judge()
			}
			if o == disagrees && q.isGross(r.Worst) {
				differ++
			} else {
				*r = saved
			}
		}
	}
	if differ == 0 {
		return nil
	}
	q.tally.count[disagrees] += differ
	if n := q.tally.count[disagrees]; n >= failuresNeeded {
		r.Verdict, r.Points = Fails, n
	} else {
		r.Verdict = Undecided
	}
	r.Vacuous, r.Notes = false, nil
	return nil
}

// isGross reports whether a difference close to 0 is more than rounding errors beside numbers of order 1 might make of it.
func (q *question) isGross(e *Entry) bool {
	difference := math.Abs(e.Left - e.Right)
	return difference > grossShare*math.Max(math.Abs(e.Left), math.Abs(e.Right)) && difference > grossOfSize*q.magnitude()
}

const (
	grossShare  = 1e-4 // of the larger side
	grossOfSize = 1e-9 // of the size of a function over that of its variable
)
