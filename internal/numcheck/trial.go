package numcheck

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"matdiff/internal/expr"
)

// Trial is one side of an equation, measured once at a few points, with which any number of candidates for the other side
// can be compared. A point keeps the value of every node that it has evaluated, so a candidate that differs from an
// earlier one in one place costs no more than the nodes on the way to that place.
//
// Agreement at so few points proves nothing: a candidate that agrees has yet to pass Equal.
type Trial struct {
	reference *expr.Node
	points    []*trialPoint
}

const (
	trialPoints = 3
	trialDraws  = 60
)

// trialPoint is a point, with what has been evaluated there.
type trialPoint struct {
	machine *machine
	program *program
	scope   *scope
	values
	top   float64 // largest magnitude of the reference
	space space   // in which the reference lies, if it is a derivative by a structured variable
}

// NewTrial measures reference at o.Points points (0: a few) where claim, which does not equal it, has a value too and
// differs from it at one of them at least.
func NewTrial(reference, claim *expr.Node, o Options) (t *Trial, err error) {
	defer recoverPanic(&err)
	q, err := newQuestion(standardSteps, reference, claim, o)
	if err != nil {
		return nil, err
	}
	work, err := q.chooseSizes()
	if err != nil {
		return nil, err
	}
	if work > entryWork {
		return nil, fmt.Errorf("the matrices are too large for candidates to be tried")
	}
	if o.Points == 0 {
		o.Points = trialPoints
	}
	t = &Trial{reference: reference}
	differs := claim.Shape != reference.Shape
	for range trialDraws {
		q.machine.pause()
		if err := q.sampler.draw(); err != nil {
			return nil, err
		}
		p := q.trialPoint()
		q.sampler.judged(p != nil)
		if p == nil {
			continue
		}
		here := !differs && !p.agrees(p.value(claim))
		differs = differs || here
		switch {
		case len(t.points) < o.Points:
			t.points = append(t.points, p)
		case here:
			t.points[o.Points-1] = p
		}
		if differs && len(t.points) == o.Points {
			return t, nil
		}
	}
	return nil, fmt.Errorf("too few points for candidates to be tried")
}

// trialPoint measures the reference, which is the first side, at the point drawn; it is nil if the point is unfit.
func (q *question) trialPoint() *trialPoint {
	q.machine.prepare()
	if q.inspect() != agrees {
		return nil
	}
	q.program.finish()
	for _, d := range q.machine.derivatives() {
		if d.kink || d.outside != nil {
			return nil
		}
	}
	m := newMachine(standardSteps)
	m.sizes = maps.Clone(q.machine.sizes)
	p := &trialPoint{machine: m, values: q.values(0, nil), scope: &scope{done: map[*expr.Node]*cell{}}}
	p.program = &program{machine: m}
	for _, v := range q.machine.variables {
		w := m.variable(v.node, v.shape)
		w.allocate(v.rows, v.cols)
		copy(w.val, v.val)
	}
	// Derivatives in the claim have been measured too; a candidate may hold them as they are.
	for _, c := range q.program.cells {
		if c.derivative != nil {
			w := &cell{node: c.node, shape: c.shape}
			w.allocate(c.rows, c.cols)
			copy(w.val, c.val)
			p.scope.done[c.node] = w
		}
	}
	if s := q.sides[0].space; s.x != nil {
		p.space = space{m.byName[s.x.node.Name], s.op}
	}
	p.top = largestMagnitude(p.val)
	if !allFinite(p.val) || !(largest(p.err) <= resolved*p.top) {
		return nil
	}
	return p
}

// value evaluates n; it is nil where n has no value.
func (p *trialPoint) value(n *expr.Node) []float64 {
	before := len(p.program.cells)
	c, err := p.program.add(n, p.scope)
	for _, added := range p.program.cells[before:] {
		p.evaluate(added)
	}
	if err != nil || c.val == nil || !allFinite(c.val) {
		return nil
	}
	return c.val
}

// evaluate gives c its value. That of a cell which has none is left nil: one whose arguments do not conform or have no
// value, or a derivative.
func (p *trialPoint) evaluate(c *cell) {
	rows, known := c.shape.Rows.Value(p.machine.sizes)
	cols, also := c.shape.Cols.Value(p.machine.sizes)
	if !known || !also || c.derivative != nil || slices.ContainsFunc(c.args, func(a *cell) bool { return a.val == nil }) {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			if isBug(r) {
				panic(r)
			}
			c.val = nil
		}
	}()
	c.allocate(rows, cols)
	eval := c.row.prepare(c, p.machine.sizes)
	if !c.plan.conforms() {
		c.val = nil
		return
	}
	eval()
}

// agrees reports whether v, the value of a candidate, is within the tolerance of the reference.
func (p *trialPoint) agrees(v []float64) bool {
	if len(v) != len(p.val) {
		return false
	}
	if p.space.x != nil {
		v = append([]float64(nil), v...)
		p.space.project(v)
	}
	for i, x := range v {
		if !(math.Abs(x-p.val[i]) <= p.tolerance(i, x)) {
			return false
		}
	}
	return true
}

// tolerance is how far the value x of entry i may be from the reference.
func (p *trialPoint) tolerance(i int, x float64) float64 {
	return p.err[i] + relative*math.Max(math.Abs(x), math.Abs(p.val[i])) + absolute*p.top
}

// Points returns the number of points.
func (t *Trial) Points() int { return len(t.points) }

// Reference returns the value of the reference at point i, row by row.
func (t *Trial) Reference(i int) []float64 { return t.points[i].val }

// Value returns the value of n at point i, row by row; it is nil where n has no value.
func (t *Trial) Value(i int, n *expr.Node) []float64 { return t.points[i].value(n) }

// Dims returns the numbers of rows and columns of the reference at point i.
func (t *Trial) Dims(i int) (rows, cols int) {
	sizes := t.points[i].machine.sizes
	rows, _ = t.reference.Shape.Rows.Value(sizes)
	cols, _ = t.reference.Shape.Cols.Value(sizes)
	return rows, cols
}

// Matches reports whether v is the reference at point i, within its errors.
func (t *Trial) Matches(i int, v []float64) bool { return t.points[i].agrees(v) }

// Near reports whether x is entry k of the reference at point i, within its errors.
func (t *Trial) Near(i, k int, x float64) bool {
	p := t.points[i]
	return math.Abs(x-p.val[k]) <= p.tolerance(k, x)
}

// Agrees reports whether n is the reference at all points.
func (t *Trial) Agrees(n *expr.Node) bool {
	if n.Shape != t.reference.Shape {
		return false
	}
	for i := range t.points {
		if !t.Matches(i, t.Value(i, n)) {
			return false
		}
	}
	return true
}
