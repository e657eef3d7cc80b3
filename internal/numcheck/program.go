package numcheck

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"matdiff/internal/expr"
)

// operand is a matrix, row by row, with a first-order bound of the rounding error of each entry in units of eps.
type operand struct {
	rows, cols int
	val, bound []float64
}

func (o *operand) allocate(rows, cols int) {
	buffer := make([]float64, 2*rows*cols)
	o.rows, o.cols = rows, cols
	o.val, o.bound = buffer[:rows*cols:rows*cols], buffer[rows*cols:]
}

func newOperand(rows, cols int) *operand {
	o := new(operand)
	o.allocate(rows, cols)
	return o
}

func (o *operand) isScalar() bool { return len(o.val) == 1 }

// cell is a node of a program: an operation with its operands, workspace and value.
type cell struct {
	operand
	node  *expr.Node
	shape expr.Shape
	args  []*cell
	row   operation
	plan  product // of a Product
	eval  func()
	// An operator of equations is measured on a program of its own. Cells that need such a value are late: they
	// are evaluated after all others, when the point has proved fit.
	derivative *derivative
	late       bool
	constant   bool    // holds no variable
	turns      bool    // a function that saturates: it was not at its limit at an agreeing point
	seen       [2]bool // piecewise: both sides of the branch, positive and not, in agreeing points
	// A variable declared to depend on a scalar moves with it, at a rate that is drawn with its value.
	follows *cell
	rate    []float64
}

// program evaluates some roots. Each node is one cell and is evaluated once a run, arguments first.
type program struct {
	machine *machine
	cells   []*cell
	roots   []*cell
	moved   map[*cell][]*cell
}

// machine is the programs of one question: they share variables and sizes.
type machine struct {
	variables []*cell
	byName    map[string]*cell
	programs  []*program // those of inner derivatives before those that use them
	sizes     map[string]int
	sized     bool // all cells have the sizes
	steps     steps
	context   context.Context // nil if nothing stops the machine
	entries   int             // of all matrices of a point at most
	// How often the functions have been evaluated of which derivatives are measured.
	evaluations int
}

func newMachine(s steps) *machine {
	return &machine{byName: map[string]*cell{}, steps: s, entries: expr.UsualLimits().Entries}
}

// scope is where a node is compiled: inside the body of a user's function its parameters are the arguments and its
// dimensions those of the call.
type scope struct {
	done map[*expr.Node]*cell
	dims map[string]expr.Dim
}

func (s *scope) shape(of expr.Shape) expr.Shape {
	if s.dims == nil {
		return of
	}
	return of.Replace(func(name string) (expr.Dim, bool) { d, ok := s.dims[name]; return d, ok })
}

func (m *machine) compile(roots ...*expr.Node) (*program, error) {
	return m.compileIn(&scope{done: map[*expr.Node]*cell{}}, roots)
}

func (m *machine) compileIn(s *scope, roots []*expr.Node) (*program, error) {
	p := &program{machine: m, moved: map[*cell][]*cell{}}
	for _, r := range roots {
		c, err := p.add(r, s)
		if err != nil {
			return nil, err
		}
		p.roots = append(p.roots, c)
	}
	m.programs = append(m.programs, p)
	return p, nil
}

func (p *program) add(n *expr.Node, s *scope) (*cell, error) {
	if c, ok := s.done[n]; ok {
		return c, nil
	}
	c, err := p.newCell(n, s)
	if err != nil {
		return nil, err
	}
	s.done[n] = c
	return c, nil
}

func (p *program) newCell(n *expr.Node, s *scope) (*cell, error) {
	if n.Op == expr.Variable {
		return p.machine.variable(n, s.shape(n.Shape)), nil
	}
	if n.Op == expr.Tr {
		if c, err := p.newTraceOfProduct(n, s); c != nil || err != nil {
			return c, err
		}
	}
	c := &cell{node: n, shape: s.shape(n.Shape), constant: !isOperator(n.Op)}
	args := n.Args
	if isOperator(n.Op) {
		d, err := p.machine.newDerivative(c, s)
		if err != nil {
			return nil, err
		}
		c.derivative, c.late, args = d, true, d.tangents()
	}
	for _, a := range args {
		arg, err := p.add(a, s)
		if err != nil {
			return nil, err
		}
		c.args = append(c.args, arg)
		c.late = c.late || arg.late
		c.constant = c.constant && arg.constant
	}
	if n.Op.Body != nil {
		return p.call(n.Op, c.args)
	}
	if c.derivative == nil {
		row, ok := operations[n.Op]
		if n.Op.Unknown != "" {
			row, ok = standIn(n.Op), true
		}
		if !ok {
			return nil, fmt.Errorf("%s has no numeric value", n.Op.UserName())
		}
		c.row = row
	}
	p.cells = append(p.cells, c)
	return c, nil
}

// call compiles the body of a user's function in place of its call.
func (p *program) call(op *expr.Op, args []*cell) (*cell, error) {
	s := &scope{done: map[*expr.Node]*cell{}, dims: map[string]expr.Dim{}}
	for i, param := range op.Params {
		s.done[param] = args[i]
		bind := func(pattern, d expr.Dim) {
			if names := pattern.Names(); len(names) == 1 && pattern.Factor() == 1 {
				s.dims[names[0]] = d
			}
		}
		bind(param.Shape.Rows, args[i].shape.Rows)
		bind(param.Shape.Cols, args[i].shape.Cols)
	}
	return p.add(op.Body, s)
}

func (m *machine) variable(n *expr.Node, shape expr.Shape) *cell {
	if c, ok := m.byName[n.Name]; ok {
		return c
	}
	c := &cell{node: n, shape: shape}
	m.byName[n.Name] = c
	m.variables = append(m.variables, c)
	return c
}

// errTooLarge is what resize says where a point would not fit into memory.
var errTooLarge = errors.New("the matrices are too large to be checked")

// resize gives every cell its size and workspace; the variables have no values yet.
func (m *machine) resize(sizes map[string]int) error {
	if m.sized && maps.Equal(sizes, m.sizes) {
		return nil
	}
	m.sizes, m.sized = sizes, false
	entries := 0.0
	fit := func(c *cell) error {
		rows, okr := c.shape.Rows.Value(sizes)
		cols, okc := c.shape.Cols.Value(sizes)
		if !okr || !okc {
			return fmt.Errorf("no size for %s", c.shape)
		}
		if entries += float64(rows) * float64(cols); !(entries <= float64(m.entries)) {
			return errTooLarge
		}
		c.allocate(rows, cols)
		return nil
	}
	for _, v := range m.variables {
		if err := fit(v); err != nil {
			return err
		}
	}
	for c := range m.cells() {
		if err := fit(c); err != nil {
			return err
		}
		if c.derivative == nil {
			c.eval = c.row.prepare(c, m.sizes)
		} else {
			c.eval = c.derivative.measure
		}
		if c.isLarge() {
			eval := c.eval
			c.eval = func() { m.pause(); eval() }
		}
	}
	for _, d := range m.derivatives() {
		if eval := d.f.eval; eval != nil {
			d.f.eval = func() { m.evaluations++; eval() }
		}
	}
	m.sized = true
	return nil
}

// isLarge reports whether evaluating c may take so long that the run may have ended when it begins.
func (c *cell) isLarge() bool {
	const large = 1 << 10
	return len(c.val) >= large || slices.ContainsFunc(c.args, func(a *cell) bool { return len(a.val) >= large })
}

// stopped is thrown where the run has ended.
type stopped struct{ why error }

// pause ends the work if the run has ended.
func (m *machine) pause() {
	if m.context != nil && m.context.Err() != nil {
		panic(stopped{context.Cause(m.context)})
	}
}

// prepare evaluates, with rounding bounds, all that needs no derivative.
func (m *machine) prepare() {
	for _, v := range m.variables {
		boundVariable(v)
	}
	for c := range m.cells() {
		if !c.late {
			c.eval()
			c.setBound()
		}
	}
}

// finish evaluates what prepare left.
func (p *program) finish() {
	for _, c := range p.cells {
		if c.late {
			c.eval()
			c.setBound()
		}
	}
}

// dependents returns the cells of p whose value depends on the variable v, in order.
func (p *program) dependents(v *cell) []*cell {
	if list, ok := p.moved[v]; ok {
		return list
	}
	depends := map[*cell]bool{v: true}
	for _, f := range p.machine.followers(v) {
		depends[f] = true
	}
	var list []*cell
	for _, c := range p.cells {
		on := c.derivative != nil && c.derivative.dependsOn(v)
		for _, a := range c.args {
			on = on || depends[a]
		}
		if on {
			depends[c] = true
			list = append(list, c)
		}
	}
	p.moved[v] = list
	return list
}

// followers returns the variables that depend on v.
func (m *machine) followers(v *cell) []*cell {
	var list []*cell
	for _, w := range m.variables {
		if w.follows == v {
			list = append(list, w)
		}
	}
	return list
}

// ancestors returns the cells that root needs, in order.
func (p *program) ancestors(root *cell) []*cell {
	need := map[*cell]bool{root: true}
	for i := len(p.cells) - 1; i >= 0; i-- {
		if c := p.cells[i]; need[c] {
			for _, a := range c.args {
				need[a] = true
			}
		}
	}
	var list []*cell
	for _, c := range p.cells {
		if need[c] {
			list = append(list, c)
		}
	}
	return list
}

// differentiated returns what the derivatives among cells are measured of, and what that needs.
func differentiated(cells []*cell) []*cell {
	var list []*cell
	for _, c := range cells {
		if c.derivative != nil {
			list = append(list, c.derivative.program.cells...)
			list = append(list, differentiated(c.derivative.program.cells)...)
		}
	}
	return list
}

func run(cells []*cell) {
	for _, c := range cells {
		c.eval()
	}
}

// cells returns the cells of all programs.
func (m *machine) cells() iter.Seq[*cell] {
	return func(yield func(*cell) bool) {
		for _, p := range m.programs {
			for _, c := range p.cells {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// derivatives returns the measured operators of all programs.
func (m *machine) derivatives() []*derivative {
	var all []*derivative
	for c := range m.cells() {
		if c.derivative != nil {
			all = append(all, c.derivative)
		}
	}
	return all
}
