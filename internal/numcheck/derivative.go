package numcheck

import (
	"fmt"
	"math"
	"slices"

	"matdiff/internal/expr"
)

func isOperator(op *expr.Op) bool {
	switch op {
	case expr.Gradient, expr.Jacobian, expr.Hessian, expr.Differential:
		return true
	}
	return false
}

// derivative measures the value of an operator of equations on a program for the expression that is differentiated.
type derivative struct {
	cell    *cell
	program *program
	f       *cell
	wrt     []target
	measurer
	motion motion
	hidden []float64 // as of an estimate, for each entry
	scale  float64   // size of f over that of the variable: what an error of the derivative is small against
	fault            // of the measurement at this point
}

// fault is what makes a measurement worthless.
type fault struct {
	kink    bool
	outside *cell
}

func (f *fault) note(e estimate) {
	f.kink = f.kink || e.kink
	if f.outside == nil {
		f.outside = e.outside
	}
}

// target is what is differentiated by: a variable, or one entry of it.
type target struct {
	x      *cell
	at     [2]*cell // an entry: its indices, of the derivative's program
	single bool
}

func (m *machine) newDerivative(c *cell, s *scope) (*derivative, error) {
	if s.dims != nil {
		return nil, fmt.Errorf("%s in the body of a function", c.node.Op.Name)
	}
	d := &derivative{cell: c, measurer: measurer{machine: m, steps: m.steps, bounds: 1}}
	args := c.node.Args
	roots := []*expr.Node{withoutNumbers(args[0])}
	for i := 1; i < len(args); i++ {
		if x := args[i]; x.Op == expr.Element {
			roots = append(roots, x.Args[1], x.Args[2])
		}
		if c.node.Op == expr.Differential {
			i++
		}
	}
	p, err := m.compile(roots...)
	if err != nil {
		return nil, err
	}
	d.program, d.f, d.out = p, p.roots[0], p.roots[0]
	indices := p.roots[1:]
	for i := 1; i < len(args); i++ {
		switch x := args[i]; {
		case x.Op == expr.Variable:
			d.wrt = append(d.wrt, target{x: m.variable(x, x.Shape)})
		case x.Op == expr.Element && x.Args[0].Op == expr.Variable:
			v := x.Args[0]
			d.wrt = append(d.wrt, target{x: m.variable(v, v.Shape), at: [2]*cell{indices[0], indices[1]}, single: true})
			indices = indices[2:]
		default:
			return nil, fmt.Errorf("a derivative by something that is not a variable")
		}
		if c.node.Op == expr.Differential {
			i++
		}
	}
	for _, t := range d.wrt {
		switch orthogonal := t.x.node.Props.Has(expr.Orthogonal); {
		case orthogonal && c.node.Op == expr.Hessian:
			return nil, fmt.Errorf("the Hessian by an orthogonal matrix is not defined here")
		case orthogonal && t.single:
			return nil, fmt.Errorf("there is no derivative by one entry of %s, which is orthogonal: no entry can move by itself", t.x.node.Name)
		}
	}
	return d, nil
}

// withoutNumbers returns f without the numbers that it is the sum of and others: they have no derivative, though what varies may
// be lost in rounding beside them.
func withoutNumbers(f *expr.Node) *expr.Node {
	if f.Op != expr.Sum {
		return f
	}
	rest := slices.DeleteFunc(slices.Clone(f.Args), isNumber)
	switch {
	case len(rest) == 0 || len(rest) == len(f.Args):
		return f
	case len(rest) == 1 && rest[0].Shape == f.Shape:
		return rest[0]
	}
	return &expr.Node{Op: expr.Sum, Args: rest, Shape: f.Shape}
}

// isNumber reports whether n is a number, or the product of some: -2 may be written (-1)*2.
func isNumber(n *expr.Node) bool {
	return n.Op == expr.Number || n.Op == expr.Product && !slices.ContainsFunc(n.Args, func(f *expr.Node) bool { return f.Op != expr.Number })
}

// follow makes variables depend on scalars, as Options.Depends says.
func (m *machine) follow(depends map[string]string) error {
	for name, on := range depends {
		if w, t := m.byName[name], m.byName[on]; w != nil && t != nil && w != t {
			w.follows = t
		}
	}
	for _, d := range m.derivatives() {
		if d.cell.node.Op == expr.Hessian && len(m.followers(d.wrt[0].x)) > 0 {
			return fmt.Errorf("second derivatives by %s, which other variables depend on, are not checked", d.wrt[0].x.node.Name)
		}
	}
	return nil
}

// tangents are the arguments of a Differential that are values: those that the variables move along.
func (d *derivative) tangents() []*expr.Node {
	var nodes []*expr.Node
	if d.cell.node.Op == expr.Differential {
		for i := 2; i < len(d.cell.node.Args); i += 2 {
			nodes = append(nodes, d.cell.node.Args[i])
		}
	}
	return nodes
}

// dependsOn reports whether the derivative's value depends on v, apart from its arguments.
func (d *derivative) dependsOn(v *cell) bool {
	return d.f == v || d.f.follows == v || len(d.program.dependents(v)) > 0
}

// measure sets the value of the cell, and for its bound ten times the estimated error.
func (d *derivative) measure() {
	// Inside another derivative the variables have moved.
	for _, c := range d.program.cells {
		if !c.late {
			c.eval()
		}
	}
	d.program.finish()
	d.fault, d.scale = fault{}, 0
	fill(d.cell.val, 0)
	fill(d.cell.bound, 0)
	d.hidden = make([]float64, len(d.cell.val))
	switch d.cell.node.Op {
	case expr.Gradient:
		d.measureGradient()
	case expr.Jacobian:
		d.measureJacobian()
	case expr.Hessian:
		d.measureHessian()
	case expr.Differential:
		d.measureDifferential()
	}
}

const caution = 10 // an estimated error counts this often

// set sets an entry to entry i of e, times sign.
func (d *derivative) set(at int, sign float64, e estimate, i int) {
	d.cell.val[at], d.cell.bound[at], d.hidden[at] = sign*e.val[i], caution*e.err[i]/eps, e.hidden[i]
}

func (d *derivative) noteScale(x *cell) {
	d.scale = math.Max(d.scale, size(d.f, d.program.cells)/rms(x.val))
}

// size is what a value of c that is 0 by cancellation is small against: its bound, unless rounding errors grow so much on the
// way through cells that this says nothing.
func size(c *cell, cells []*cell) float64 {
	top := 0.0
	for _, a := range cells {
		top = math.Max(top, largestMagnitude(a.val))
		for _, v := range a.args {
			top = math.Max(top, largestMagnitude(v.val))
		}
	}
	return math.Min(largestMagnitude(c.bound), 1e4*top)
}

// directional is the derivative of f along v in the space of x.
func (d *derivative) directional(x *cell, v []float64) estimate {
	d.motion.clear()
	d.motion.cells = d.program.dependents(x)
	d.motion.addWithFollowers(d.program.machine, x, v)
	e := d.along(&d.motion)
	d.note(e)
	return e
}

// place is an entry of a variable, and the sign with which it takes part in a direction.
type place struct {
	at   int
	sign float64
}

// eachDirection calls visit with P(E_ij), P the projection onto the space of t's variable, for the entries i,j that may
// move, or for the one that t is: the derivative along it is entry i,j of the projected gradient. Entries that move together share
// one call.
func (t target) eachDirection(visit func(v []float64, places []place)) {
	x := t.x
	if t.single {
		if at, ok := index(&t.at[0].operand, &t.at[1].operand, x.rows, x.cols); ok {
			v := make([]float64, len(x.val))
			v[at] = 1
			project(x, v)
			visit(v, []place{{at, 1}})
		}
		return
	}
	mirror := mirrorSign(x.node.Props)
	for j := range x.cols {
		for i := range x.rows {
			if mirror != 0 && i < j {
				continue
			}
			at := i*x.cols + j
			v := make([]float64, len(x.val))
			v[at] = 1
			if isStructured(x) {
				project(x, v)
				if largestMagnitude(v) == 0 {
					continue
				}
			}
			places := []place{{at, 1}}
			if mirror != 0 && i != j {
				places = append(places, place{j*x.cols + i, mirror})
			}
			visit(v, places)
		}
	}
}

func (d *derivative) measureGradient() {
	t := d.wrt[0]
	d.noteScale(t.x)
	t.eachDirection(func(v []float64, places []place) {
		e := d.directional(t.x, v)
		if t.single {
			d.set(0, 1, e, 0)
			return
		}
		for _, p := range places {
			d.set(p.at, p.sign, e, 0)
		}
	})
}

// inVec returns the place in vec(x) of entry at of x, which is stored by rows.
func (o *operand) inVec(at int) int { return at%o.cols*o.rows + at/o.cols }

func (d *derivative) measureJacobian() {
	t := d.wrt[0]
	d.noteScale(t.x)
	byScalar := t.single || t.x.isScalar()
	t.eachDirection(func(v []float64, places []place) {
		e := d.directional(t.x, v)
		for i := range e.val {
			if byScalar {
				d.set(i, 1, e, i)
				continue
			}
			for _, p := range places {
				d.set(d.f.inVec(i)*d.cell.cols+t.x.inVec(p.at), p.sign, e, i)
			}
		}
	})
}

func (d *derivative) measureHessian() {
	t := d.wrt[0]
	d.noteScale(t.x)
	d.scale /= rms(t.x.val)
	type direction struct {
		v      []float64
		places []place
	}
	var all []direction
	t.eachDirection(func(v []float64, places []place) {
		for i := range places {
			if t.single {
				places[i].at = 0
			} else {
				places[i].at = t.x.inVec(places[i].at)
			}
		}
		all = append(all, direction{v, places})
	})
	cells, n := d.program.dependents(t.x), d.cell.cols
	for i, a := range all {
		for _, b := range all[:i+1] {
			e := d.mixed(a.v, b.v, t.x, cells)
			for _, p := range a.places {
				for _, q := range b.places {
					d.set(p.at*n+q.at, p.sign*q.sign, e, 0)
					d.set(q.at*n+p.at, p.sign*q.sign, e, 0)
				}
			}
		}
	}
}

func (d *derivative) measureDifferential() {
	if len(d.wrt) == 0 {
		return // of a constant: 0
	}
	d.motion.clear()
	moving := map[*cell]bool{}
	for i, t := range d.wrt {
		d.noteScale(t.x)
		direction := append([]float64(nil), d.cell.args[i].val...)
		if isStructured(t.x) {
			project(t.x, direction)
		}
		d.motion.addWithFollowers(d.program.machine, t.x, direction)
		for _, c := range d.program.dependents(t.x) {
			moving[c] = true
		}
	}
	for _, c := range d.program.cells {
		if moving[c] {
			d.motion.cells = append(d.motion.cells, c)
		}
	}
	e := d.along(&d.motion)
	d.note(e)
	for i := range e.val {
		d.set(i, 1, e, i)
	}
}
