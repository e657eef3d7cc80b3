package numcheck

import (
	"math"
	"slices"

	"matdiff/internal/expr"
)

// comparison is what both sides at one point amount to.
type comparison struct {
	outcome    outcome
	worst      Entry
	nonzero    bool    // a side is not 0 within its errors
	doubtful   bool    // noisy, though the sides differ by more than their errors
	agreement  float64 // largest difference over the largest entry
	resolution float64 // largest tolerance over the largest entry
}

// values are the entries of a side, or its products with random directions, and bounds of their errors.
type values struct {
	val, err []float64
	hidden   []float64 // as of an estimate; nil for none
	size     float64   // of products, if no terms cancelled
}

func (v values) hides(i int) float64 {
	if v.hidden == nil {
		return 0
	}
	return v.hidden[i]
}

// compare evaluates what is left to evaluate and compares the sides entry by entry.
func (q *question) compare(directions []direction) comparison {
	if directions == nil {
		q.program.finish()
	} else {
		q.probe.fault, q.probe.scale = fault{}, 0
		q.probe.program.finish()
	}
	var v [2]values
	for i := range q.sides {
		v[i] = q.values(i, directions)
	}
	for _, d := range q.machine.derivatives() {
		switch {
		case d.outside != nil:
			q.tally.blocked[d.outside.node.Op.UserName()]++
			return comparison{outcome: outside}
		case d.kink:
			return comparison{outcome: kinked}
		}
	}
	if q.large {
		q.raiseErrors(&v)
	} else {
		q.addJitter(&v, directions)
	}
	c := compareValues(v[0], v[1], q.magnitude())
	if directions != nil {
		c.worst.Col = 0
	} else {
		at, cols := c.worst.Col, q.sides[0].root.cols
		c.worst.Row, c.worst.Col = at/cols+1, at%cols+1
	}
	return c
}

// compareValues compares entry by entry, with the errors as tolerance. Scale is the size that values which are 0 might
// have had. Worst is left with the place in Col.
func compareValues(left, right values, scale float64) comparison {
	c := comparison{outcome: agrees}
	top, topErr := 0.0, 0.0
	allZero, isHidden := true, false
	for i, l := range left.val {
		r, e := right.val[i], left.err[i]+right.err[i]
		if math.IsNaN(l) || math.IsNaN(r) || !(e < math.Inf(1)) {
			return comparison{outcome: noisy, resolution: math.Inf(1)}
		}
		top = math.Max(top, math.Max(math.Abs(l), math.Abs(r)))
		topErr = math.Max(topErr, e)
		allZero = allZero && math.Abs(l) <= left.err[i]+underflow && math.Abs(r) <= right.err[i]+underflow
	}
	isResolved := topErr <= resolved*math.Max(top, math.Max(left.size, right.size))
	most := 0.0
	for i, l := range left.val {
		r := right.val[i]
		tolerance := left.err[i] + right.err[i] + underflow + relative*math.Max(math.Abs(l), math.Abs(r)) + absolute*top
		difference := math.Abs(l - r)
		switch {
		case difference <= tolerance:
		case difference <= left.hides(i)+right.hides(i):
			isHidden = true
		default:
			c.outcome = disagrees
			if excess := difference / tolerance; excess > most {
				most = excess
				c.worst = Entry{Col: i, Left: l, Right: r, Tolerance: tolerance}
			}
		}
		if top > 0 {
			c.agreement = math.Max(c.agreement, difference/top)
			c.resolution = math.Max(c.resolution, tolerance/top)
		}
	}
	c.nonzero = !allZero
	switch {
	case c.outcome == disagrees && most < evident && !isResolved:
		c.outcome, c.doubtful = noisy, true
	case c.outcome == disagrees:
	case isHidden:
		c.outcome = noisy
	case allZero && topErr <= zeroResolution*scale:
		c.outcome = bothZero
	case !isResolved:
		c.outcome = noisy
	}
	return c
}

// magnitude is what values that are 0 are small against.
func (q *question) magnitude() float64 {
	m := 0.0
	for _, d := range q.machine.derivatives() {
		m = math.Max(m, d.scale)
	}
	for _, s := range q.sides {
		if !s.root.late {
			m = math.Max(m, size(s.root, s.cells))
		}
	}
	return m
}

func (q *question) values(i int, directions []direction) values {
	s, other := q.sides[i], q.sides[1-i]
	var v values
	switch {
	case directions != nil && s.root == q.probe.cell:
		for _, along := range directions {
			e := q.probe.probe(along)
			v.val, v.hidden = append(v.val, e.val...), append(v.hidden, e.hidden...)
			for _, err := range e.err {
				v.err = append(v.err, caution*err)
			}
		}
	case directions != nil:
		for _, along := range directions {
			for _, p := range q.probe.contract(&s.root.operand, along) {
				v.val, v.err = append(v.val, p.sum), append(v.err, eps*p.bound)
				v.size = math.Max(v.size, math.Sqrt(p.squares))
			}
		}
	default:
		v.val = append(v.val, s.root.val...)
		for _, b := range s.root.bound {
			v.err = append(v.err, eps*b)
		}
		if s.root.derivative != nil {
			v.hidden = s.root.derivative.hidden
		}
		in := other.space
		if in.x == nil {
			in = s.space
		}
		if in.x != nil && s.root.derivative == nil {
			in.project(v.val)
			fill(v.err, 2*largest(v.err))
		}
	}
	return v
}

// addJitter adds to the errors of the sides that are evaluated, not measured, ten times the change that one unit in the
// last place of all variables makes: it shows the rounding error that the value has, where the bound tells the worst.
func (q *question) addJitter(v *[2]values, directions []direction) {
	q.saved = slices.Grow(q.saved, len(q.machine.variables))[:len(q.machine.variables)]
	for i, x := range q.machine.variables {
		q.saved[i] = append(q.saved[i][:0], x.val...)
	}
	restore := func() {
		for i, x := range q.machine.variables {
			copy(x.val, q.saved[i])
		}
	}
	for range 2 {
		q.sampler.jitter()
		for i, s := range q.sides {
			if s.root.late || s.root.constant {
				continue
			}
			run(s.cells)
			moved := q.values(i, directions)
			for k, x := range moved.val {
				v[i].err[k] = math.Max(v[i].err[k], caution*math.Abs(x-v[i].val[k]))
			}
		}
		restore()
	}
	for _, s := range q.sides {
		if !s.root.late && !s.root.constant {
			run(s.cells)
		}
	}
}

// raiseErrors is for large matrices what addJitter is for others, without an evaluation.
func (q *question) raiseErrors(v *[2]values) {
	for i, s := range q.sides {
		if !s.root.late {
			scale(v[i].err, caution*q.bounds)
		}
	}
}

// space is where a derivative by a structured variable lies; op is Gradient, Jacobian or Hessian.
type space struct {
	x  *cell
	op *expr.Op
}

// spaceOf returns the space of c if it is a derivative by a structured variable, or a linear combination with one.
func spaceOf(c *cell) space { return spaceIn(c, map[*cell]bool{}) }

// spaceIn is spaceOf, but that of cells which it has seen before is none.
func spaceIn(c *cell, seen map[*cell]bool) space {
	if seen[c] || !c.late {
		return space{}
	}
	seen[c] = true
	switch op := c.node.Op; op {
	case expr.Gradient, expr.Jacobian, expr.Hessian:
		if t := c.derivative.wrt[0]; !t.single && isStructured(t.x) {
			return space{t.x, op}
		}
	case expr.Sum, expr.Product:
		for i, a := range c.args {
			if op == expr.Product && slices.ContainsFunc(slices.Concat(c.args[:i], c.args[i+1:]), func(b *cell) bool { return !b.shape.IsScalar() }) {
				continue
			}
			if a.shape == c.shape {
				if s := spaceIn(a, seen); s.x != nil {
					return s
				}
			}
		}
	}
	return space{}
}

// project projects a value of a side onto the space: a claimed gradient is right if it is so for all moves that the
// variable can make.
func (s space) project(v []float64) {
	if s.op == expr.Gradient {
		project(s.x, v)
		return
	}
	n := len(s.x.val) // columns, in the order of vec
	s.projectLines(v, n, 1)
	if s.op == expr.Hessian {
		s.projectLines(v, 1, n)
	}
}

// projectLines projects the lines of v: each has the entries of a matrix like x, in the order of vec and step apart.
func (s space) projectLines(v []float64, line, step int) {
	n := len(s.x.val)
	entry := make([]float64, n)
	for start := 0; start < len(v)/n*line; start += line {
		for at := range entry {
			entry[at] = v[start+s.x.inVec(at)*step]
		}
		project(s.x, entry)
		for at, x := range entry {
			v[start+s.x.inVec(at)*step] = x
		}
	}
}
