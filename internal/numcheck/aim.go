package numcheck

import (
	"errors"
	"math"
	"slices"

	"matdiff/internal/expr"
)

// aim is where points are drawn that independent samples miss.
type aim struct {
	scale    float64 // of all variables; 0: as usual
	signs    signs
	singular bool // matrices are of low rank
	branch   bool // an argument of a piecewise function is close to 0
	unseen   bool // piecewise functions are on sides on which they have not been together
	turning  bool // an argument of a function that is saturated far from 0 is of order 1
	sizes    sizeRange
}

// sizeRange says from which range sizes are drawn.
type sizeRange int

const (
	usualSizes sizeRange = iota
	oneSize              // 1
	smallSizes           // 1 and 2, at which more is equal or defined than at others
	largeSizes           // beyond the usual range
)

// signs says which entries of variables that are far from 0 are negative.
type signs int

const (
	near signs = iota // to 0 too, as of normal variates
	allPositive
	allNegative
	byVariable
	byEntry
)

// closeAims are points close to 0, where a peak may be, or what is saturated elsewhere changes.
var closeAims = []aim{{scale: 1e-2}, {scale: 1e-4}, {scale: 1e-6}}

// lastAims are for what has not turned at any point.
var lastAims = []aim{
	{turning: true, scale: 30}, {turning: true, scale: 300}, {turning: true, scale: 3000},
	{turning: true, scale: 10, sizes: oneSize}, {turning: true, scale: 300, sizes: oneSize},
}

// farAims are points at which branches are taken together that start far from 0, as those of relu(x-4).*relu(y-4).
var farAims = []aim{
	{scale: 10, signs: allPositive}, {scale: 10, signs: allNegative}, {scale: 30, signs: allPositive}, {scale: 30, signs: allNegative},
	{scale: 10, signs: byVariable}, {scale: 10, signs: byVariable}, {scale: 10, signs: byVariable},
	{scale: 10, signs: byEntry}, {scale: 10, signs: byEntry}, {scale: 10, signs: byEntry}, {scale: 10, signs: byEntry},
}

const (
	turningAims = 4
	branchAims  = 30 // points close to branches
	patternAims = 8  // points with unseen patterns
)

// aims are those that the equation may need.
func (q *question) aims() []aim {
	aims := slices.Clone(closeAims)
	if q.isPiecewise() {
		aims = append(aims, farAims...)
		aims = append(aims, slices.Repeat([]aim{{branch: true}}, branchAims)...)
		aims = append(aims, slices.Repeat([]aim{{unseen: true}}, patternAims)...)
	}
	if q.saturates() {
		aims = append(aims, slices.Repeat([]aim{{turning: true}}, turningAims)...)
	}
	if len(q.atLimits()) > 0 {
		aims = append(aims, slices.Repeat(lastAims, turningAims)...)
	}
	if q.anyRank && q.invertsAnyRank() {
		aims = append(aims, aim{singular: true})
	}
	if len(q.sampler.names) > 0 {
		aims = append(aims, aim{sizes: oneSize}, aim{sizes: smallSizes}, aim{sizes: smallSizes})
	}
	if slices.ContainsFunc(q.sides[:], func(s side) bool { return holdsSize(s.node) }) {
		aims = append(aims, aim{sizes: largeSizes})
	}
	return aims
}

// invertsAnyRank reports whether the equation has the pseudo-inverse of a variable, and no derivative: that of a pseudo-inverse is
// where the rank stays the same.
func (q *question) invertsAnyRank() bool {
	if len(q.machine.derivatives()) > 0 {
		return false
	}
	for c := range q.machine.cells() {
		if c.node.Op == expr.Pinv && !c.shape.IsScalar() && c.args[0].node.Op == expr.Variable {
			return true
		}
	}
	return false
}

// lookElsewhere draws points that are aimed at and takes the verdict back if the sides differ there. There is no other evidence in
// these: many of them are too noisy to tell, or outside the domain. A derivative is compared entry by entry only where its product
// with a random direction differs.
func (q *question) lookElsewhere() error {
	s := q.sampler
	defer func(probe *derivative, directions, low, high int) {
		q.probe, q.directions, s.aim, s.low, s.high = probe, directions, aim{}, low, high
	}(q.probe, q.directions, s.low, s.high)
	sole, r := q.soleDerivative(), &q.report
	differ, low, high := 0, s.low, s.high
	explored := false                // no further pattern is found
	turned := len(q.atLimits()) == 0 // else points have to be judged for what turns there
	for _, a := range q.aims() {
		s.aim = a
		if a.unseen && explored {
			continue
		}
		switch s.low, s.high = low, high; a.sizes {
		case oneSize:
			s.low, s.high = 1, 1
		case smallSizes:
			s.low, s.high = 1, 2
		case largeSizes:
			s.low, s.high = high+1, 2*high-low+1
		}
		again := false
		for left := 1; left > 0 && differ < failuresNeeded; left-- {
			q.machine.pause()
			found, err := q.drawAt(a, again)
			if errors.Is(err, errTooLarge) {
				break
			} else if err != nil {
				return err
			}
			if !found {
				explored = explored || a.unseen
				continue
			}
			if turned && !q.mayDiffer(a) {
				continue
			}
			saved := *r
			q.probe, q.directions = sole, 1
			o := q.judge()
			if o == disagrees && sole != nil {
				q.probe, *r = nil, saved
				o = q.judge()
			}
			if o != disagrees || !a.turning && !q.isGross(r.Worst) {
				*r = saved
				continue
			}
			if differ++; differ == 1 {
				left, again = againElsewhere, true
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

// drawAt draws a point that is aimed at; it reports whether it found one. Again means that the last one was of use.
func (q *question) drawAt(a aim, again bool) (found bool, err error) {
	switch {
	case a.unseen && again:
		q.drift()
		return true, nil
	case a.unseen:
		return q.explore()
	}
	if s := q.sampler; a.branch && len(q.fit) > 0 { // of a scale and sizes at which points could be compared
		s.draws = q.fit[s.random.IntN(len(q.fit))] - 1
	}
	if err := q.sampler.draw(); err != nil {
		return false, err
	}
	return !(a.branch || a.turning) || q.approach(a), nil
}

// againElsewhere is how many points are drawn where one has been found at which the sides differ.
const againElsewhere = 24

// mayDiffer reports whether the point drawn is worth judging: for sides that need no derivative it compares the values alone, and leaves out
// the bounds of their errors, which cost the most.
func (q *question) mayDiffer(a aim) bool {
	left, right := q.sides[0].root, q.sides[1].root
	if left.late || right.late {
		return true
	}
	share := grossShare
	if a.turning {
		share = relative
	}
	for c := range q.machine.cells() {
		c.eval()
	}
	for i, l := range left.val {
		if r := right.val[i]; !(math.Abs(l-r) <= share*math.Max(math.Abs(l), math.Abs(r))) {
			return true
		}
	}
	q.isNewPattern() // it need not be explored
	return false
}

// isGross reports whether a difference is more than rounding errors beside numbers of order 1 might make of it.
func (q *question) isGross(e *Entry) bool {
	difference := math.Abs(e.Left - e.Right)
	return difference > grossShare*math.Max(math.Abs(e.Left), math.Abs(e.Right)) && difference > grossOfSize*q.magnitude()
}

const (
	grossShare  = 5e-5 // of the larger side
	grossOfSize = 1e-9 // of the size of a function over that of its variable
)
