package numcheck

import (
	"fmt"
	"math"
	"slices"
	"strings"

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
	var pattern strings.Builder
	for c := range q.machine.cells() {
		if isPiecewise(c) && !c.late && !c.constant {
			var side [2]bool
			for _, x := range c.args[0].val {
				side[0], side[1] = side[0] || x > 0, side[1] || x < 0
			}
			fmt.Fprint(&pattern, side)
		}
	}
	if q.patterns[pattern.String()] {
		return false
	}
	q.patterns[pattern.String()] = true
	return true
}

// approach moves the point drawn to beside one at which an entry of the argument of a piecewise function is 0, for sides that do not
// have their branches in the same places differ there; or to one at which that of a function that is saturated elsewhere is of order 1.
// It reports whether it found one.
func (q *question) approach(a aim) bool {
	for range ways {
		if q.approachOn(a) {
			return true
		}
	}
	return false
}

// ways is how many ways are tried for one on which a branch is met.
const ways = 4

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
	value := func(t float64) float64 {
		way.to(t)
		run(cells)
		return at.val[entry] - sought
	}
	const parts = 8
	low, before := 0.0, value(0)
	for k := 1; ; k++ {
		t := float64(k) / parts
		now := value(t)
		if before*now < 0 {
			break
		}
		if k == parts {
			way.to(0)
			return false
		}
		low, before = t, now
	}
	high := low + 1.0/parts
	for range 12 {
		if middle := (low + high) / 2; before*value(middle) < 0 {
			high = middle
		} else {
			low = middle
		}
	}
	distance := math.Pow(10, -1-2*s.random.Float64())
	if s.side() < 0 {
		distance = -distance
	}
	way.to(min(max(low+distance, 0), 1))
	s.drawTangents()
	return true
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
	case expr.Sigmoid, expr.Tanh, expr.Softplus:
		return true
	}
	return false
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
