package numcheck

import (
	"fmt"
	"math"
	"slices"

	"matdiff/internal/expr"
)

// explore draws points until piecewise functions are on sides of their branches on which they have not been together. It reports
// whether it found one.
func (q *question) explore() (bool, error) {
	if err := q.sampler.draw(); err != nil {
		return false, err
	}
	work := 1.0
	for c := range q.machine.cells() {
		if !c.late {
			work += c.work()
		}
	}
	for range max(leastExplored, min(mostExplored, int(exploreWork/work))) {
		q.machine.pause()
		if err := q.sampler.drawAgain(); err != nil {
			return false, err
		}
		for c := range q.machine.cells() {
			if !c.late {
				c.eval()
			}
		}
		if q.isNewPattern() {
			return true, nil
		}
	}
	return false, nil
}

// How many points are drawn for one of a new pattern, and how much work they may be.
const (
	leastExplored = 10
	mostExplored  = 300
	exploreWork   = 5e5
)

// isNewPattern notes on which sides of their branches piecewise functions are, and reports whether they have not been there before.
func (q *question) isNewPattern() bool {
	var pattern []byte
	for c := range q.machine.cells() {
		if isPiecewise(c) && !c.late && !c.constant {
			var sides byte
			for _, x := range c.args[0].val {
				switch {
				case x > 0:
					sides |= 1
				case x < 0:
					sides |= 2
				}
			}
			pattern = append(pattern, sides)
		}
	}
	if q.patterns[string(pattern)] {
		return false
	}
	q.patterns[string(pattern)] = true
	return true
}

// approach moves the point drawn to beside one at which an entry of the argument of a piecewise function is 0, for sides that do not
// have their branches in the same places differ there; or to one at which that of a function that is saturated elsewhere is of order 1.
// It reports whether it found one.
func (q *question) approach(a aim) bool {
	for range ways {
		if q.approached > approachWork {
			return false
		}
		if q.approachOn(a) {
			return true
		}
	}
	return false
}

// How many ways are tried for one on which a branch is met, and how much work all ways may be.
const (
	ways         = 4
	approachWork = 1e8
)

// approachOn looks for such a point on the way to another one, on which all variables keep their properties.
func (q *question) approachOn(a aim) bool {
	s := q.sampler
	wanted, sought := isPiecewise, 0.0
	if a.turning {
		wanted, sought = isSaturating, 2*s.random.NormFloat64()
	}
	at, cells := q.anyArgument(wanted)
	if at == nil {
		return false
	}
	way := q.wayElsewhere()
	entry := s.random.IntN(len(at.val))
	work := 1.0
	for _, c := range cells {
		work += c.work()
	}
	value := func(t float64) float64 {
		q.approached += work
		way.to(t)
		run(cells)
		return at.val[entry] - sought
	}
	t, crosses := nearestZero(value)
	switch {
	case a.turning && math.Abs(value(t)) < 1: // a peak may be as close as it comes
	case crosses && !a.turning:
		distance := math.Pow(10, -1-5*s.random.Float64())
		if s.side() < 0 {
			distance = -distance
		}
		way.to(min(max(t+distance, 0), 1))
	default:
		way.to(0)
		return false
	}
	s.drawTangents()
	return true
}

// nearestZero returns where between 0 and 1 the value changes its sign, or else where it is nearest to 0, as far as a few places and the
// neighbourhood of the best of these show.
func nearestZero(value func(t float64) float64) (t float64, crosses bool) {
	const parts = 8
	var v [parts + 1]float64
	best, most := 0, 0.0
	for k := range v {
		v[k] = value(float64(k) / parts)
		if k > 0 && v[k-1]*v[k] < 0 {
			return bisect(value, float64(k-1)/parts, float64(k)/parts), true
		}
		if math.Abs(v[k]) < math.Abs(v[best]) {
			best = k
		}
		most = math.Max(most, math.Abs(v[k]))
	}
	if least := math.Abs(v[best]); least > most-least { // it does not vary enough
		return float64(best) / parts, false
	}
	// Golden section: one of the two places within is kept.
	low, high := float64(max(best-1, 0))/parts, float64(min(best+1, parts))/parts
	a, b := high-(high-low)/math.Phi, low+(high-low)/math.Phi
	x, y := value(a), value(b)
	for range 30 {
		switch {
		case x*v[best] < 0:
			return bisect(value, float64(best)/parts, a), true
		case y*v[best] < 0:
			return bisect(value, float64(best)/parts, b), true
		case math.Abs(x) < math.Abs(y):
			high, b, y = b, a, x
			a = high - (high-low)/math.Phi
			x = value(a)
		default:
			low, a, x = a, b, y
			b = low + (high-low)/math.Phi
			y = value(b)
		}
	}
	return low, false
}

// bisect returns where the value, which has not the same sign at both, changes it between a and b.
func bisect(value func(t float64) float64, a, b float64) float64 {
	at := value(a)
	for range 20 {
		if middle := (a + b) / 2; at*value(middle) < 0 {
			b = middle
		} else {
			a = middle
		}
	}
	return a
}

// drift moves the point a little of the way to another one.
func (q *question) drift() {
	q.wayElsewhere().to(0.01 * q.sampler.random.Float64())
	q.sampler.drawTangents()
}

// wayElsewhere draws another point and returns the motion of which that is the end, at 1.
func (q *question) wayElsewhere() *motion {
	s, way := q.sampler, new(motion)
	for _, v := range q.machine.variables {
		if !s.isTangent(v) && !v.node.Props.Has(expr.Index) && s.given.Values[v.node.Name] == nil {
			way.add(v, s.way(v))
		}
	}
	return way
}

func isPiecewise(c *cell) bool { return c.node.Op.Traits.Has(expr.Piecewise) }

// isSaturating reports whether c is the same to rounding for all large arguments of one sign.
func isSaturating(c *cell) bool {
	switch c.node.Op {
	case expr.Sigmoid, expr.Tanh, expr.Softplus, expr.Exp:
		return true
	}
	return false
}

// isTurning reports whether a function that saturates is not as good as at its limit. What it is multiplied by cannot be seen there beside
// other terms.
func (c *cell) isTurning() bool {
	const far = 20
	return isSaturating(c) && slices.ContainsFunc(c.args[0].val, func(x float64) bool { return math.Abs(x) < far })
}

// atLimits names the functions that saturate and have not turned at any point. An exponential counts if something is added to it: what
// it is a factor of can be compared however small it is.
func (q *question) atLimits() []string {
	var names []string
	for _, p := range q.machine.programs {
		added := map[*cell]bool{}
		for _, c := range slices.Backward(p.cells) {
			if c.node.Op == expr.Sum || added[c] {
				for _, a := range c.args {
					added[a] = true
				}
			}
			name := c.node.Op.UserName()
			if isSaturating(c) && !c.constant && !c.turns && (added[c] || c.node.Op != expr.Exp) && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%s is as good as at its limit at all points that could be compared", name)
	}
	return names
}

// saturates reports whether the equation has such a function of what varies.
func (q *question) saturates() bool {
	at, _ := q.anyArgument(isSaturating)
	return at != nil
}

// anyArgument draws an argument that varies of a function that is wanted, and returns it with all cells that it needs; nil if there is
// none.
func (q *question) anyArgument(wanted func(*cell) bool) (at *cell, cells []*cell) {
	var all []*cell
	of := map[*cell]*program{}
	for _, p := range q.machine.programs {
		for _, c := range p.cells {
			if wanted(c) && !c.late && !c.constant && !slices.Contains(all, c.args[0]) {
				all = append(all, c.args[0])
				of[c.args[0]] = p
			}
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	at = all[q.sampler.random.IntN(len(all))]
	return at, of[at].ancestors(at)
}

// way draws the way from the value of v to another: the difference, or for an orthogonal matrix a direction in which it can move.
func (s *sampler) way(v *cell) []float64 {
	if v.node.Props.Has(expr.Orthogonal) {
		return s.direction(v)
	}
	from := slices.Clone(v.val)
	s.fill(v)
	way := slices.Clone(v.val)
	for i, x := range from {
		way[i] -= x
	}
	copy(v.val, from)
	return way
}
