package index

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/numcheck"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// Derivation is a gradient found in entries: f as sums, a partial derivative by each place where the variable stands, each
// in matrix form, and the sum of those.
type Derivation struct {
	F        *Node
	Sums     []Step // f in entries, from the definition of its trace to sums alone
	Partials []Partial
	Sum      *Node // the gradient as the partial derivatives give it
	Gradient *Node // the same in short form
}

// Step is a form of the value, with the rule that gives it.
type Step struct {
	Expr *Expr
	Rule string
}

// Partial is the derivative by one entry of the variable, at one of the places where it stands in the sums.
type Partial struct {
	Row, Col Index
	Forms    []Step // the last is an entry of Matrix
	Matrix   *Node  // the partial derivatives, in the shape of the variable
	Swapped  bool   // Matrix is the transpose of what stands in the last form
}

// add appends a step that does not look like the last.
func add(steps []Step, s Step) []Step {
	if last := len(steps) - 1; last >= 0 && Text.Write(steps[last].Expr) == Text.Write(s.Expr) {
		return steps
	}
	return append(steps, s)
}

// Unknown is the error for what has no derivation in entries.
type Unknown struct {
	Op     *expr.Op // that is in the way, or nil
	Reason string
}

func (e *Unknown) Error() string { return e.Reason }

func unknown(op *expr.Op, format string, args ...any) *Unknown {
	return &Unknown{op, fmt.Sprintf(format, args...)}
}

// Derive derives the gradient of the scalar f by the variable x in entries.
func Derive(a *simplify.Algebra, book *rules.Book, f, x *Node) (*Derivation, error) {
	g, err := book.Gradient(a, f, []*Node{x})
	if err != nil {
		return nil, err
	}
	b := a.Builder()
	if length(f) > maxLength {
		return nil, tooLong
	}
	w := &walker{
		expansion: &expansion{b: b, names: newNames(f), inner: map[string][]Index{}},
		a:         a, book: book, x: x, moves: map[*Node]bool{x: true},
	}
	d := &Derivation{F: f, Gradient: a.Shortest(g[0])}
	full := Step{w.entry(f, None, None, ""), "in entries"}
	if f.Op == expr.Tr {
		i := w.indices("", f.Args[0].Shape.Rows)
		d.Sums = append(d.Sums, Step{sumOver(summed(i...), entry(f.Args[0], i[0], i[0])), "definition of the trace"})
		full.Rule = "definition of the product"
	}
	d.Sums = add(d.Sums, full)
	if !w.holds(f) {
		return nil, unknown(nil, "%s does not occur in the expression, so there is nothing to derive: the gradient is zero", x.Name)
	}
	if err := w.walk(f, None, None, "", term{}); err != nil {
		return nil, err
	}
	if len(w.found) == 0 {
		return nil, unknown(nil, "the partial derivatives by %s are all zero", x.Name)
	}
	terms := make([]*Node, len(w.found))
	for i, t := range w.found {
		p, err := w.partial(t)
		if err != nil {
			return nil, err
		}
		d.Partials = append(d.Partials, *p)
		terms[i] = p.Matrix
	}
	if d.Sum = terms[0]; len(terms) > 1 {
		d.Sum = b.New(expr.Sum, terms...)
	}
	return d, nil
}

// Fault is the error for a form that differs from the one before.
type Fault struct {
	What   string
	Detail error            // the difference of two sums
	Report *numcheck.Report // or how the gradient differs
}

func (e *Fault) Error() string { return e.What + " is not equal to the one before" }

// Verify compares all forms with each other, the sum of the partial derivatives with the gradient, and the gradient with
// finite differences, at random points. The error is a *Fault, or that of an evaluation; reasons say what could not be
// compared.
func (d *Derivation) Verify(b *expr.Builder, x *Node, o numcheck.Options) (reasons []string, err error) {
	compare := func(what string, free []Index, forms ...*Expr) error {
		undecided, err := agree(b, d.F, free, o, forms...)
		if difference := (*Difference)(nil); errors.As(err, &difference) {
			return &Fault{What: what, Detail: err}
		}
		if undecided {
			reasons = append(reasons, what+" could not be evaluated at the points drawn")
		}
		return err
	}
	forms := []*Expr{entry(d.F, None, None)}
	for _, s := range d.Sums {
		forms = append(forms, s.Expr)
	}
	if err := compare("the expression as sums", nil, forms...); err != nil {
		return reasons, err
	}
	for _, p := range d.Partials {
		forms := []*Expr{entry(p.Matrix, p.Row, p.Col)}
		for _, s := range p.Forms {
			forms = append(forms, s.Expr)
		}
		if err := compare("a form of the partial derivative", summed(p.Row, p.Col), forms...); err != nil {
			return reasons, err
		}
	}
	// The gradient by a structured variable is projected: only the sum is the plain one.
	r, few := numcheck.Report{Verdict: numcheck.Holds}, o
	few.Points = points
	if x.Props&expr.Structure == 0 {
		if r, err = numcheck.Equal(d.Sum, d.Gradient, few); err != nil {
			return reasons, err
		}
	}
	if r.Verdict != numcheck.Fails {
		reasons = append(reasons, r.Reasons...)
		if r, err = numcheck.Verify(d.F, x, d.Gradient, o); err != nil {
			return reasons, err
		}
	}
	if r.Verdict == numcheck.Fails {
		return reasons, &Fault{What: "the gradient", Report: &r}
	}
	return append(reasons, r.Reasons...), nil
}

// term is a product of entries summed over indices, the derivative of f by one entry of x.
type term struct {
	factors  []placed
	sums     []Index
	row, col Index // of the entry
	chained  bool  // x stands in a function of entries
}

// times returns t with more factors, summed over more indices.
func (t term) times(factors []placed, sums ...Index) term {
	t.factors = append(slices.Clone(t.factors), factors...)
	t.sums = append(slices.Clone(t.sums), sums...)
	return t
}

// walker finds the places where x stands.
type walker struct {
	*expansion
	a     *simplify.Algebra
	book  *rules.Book
	x     *Node
	moves map[*Node]bool
	found []term
}

func (w *walker) holds(n *Node) bool {
	m, ok := w.moves[n]
	if !ok {
		for _, a := range n.Args {
			m = m || w.holds(a)
		}
		w.moves[n] = m
	}
	return m
}

// walk goes down to the places of x in entry row, col of n, which stands at path, gathering in t what that entry is
// multiplied with.
func (w *walker) walk(n *Node, row, col Index, path string, t term) error {
	if n.Shape.Cols == expr.One {
		col = None
	}
	if n.Shape.Rows == expr.One {
		row = None
	}
	switch {
	case n == w.x:
		t.row, t.col = row, col
		if w.found = append(w.found, t); len(w.found) > maxPlaces {
			return tooLong
		}
		return nil
	case !w.holds(n):
		return nil
	case isChain(n):
		c := w.chainOf(n, row, col, path)
		return w.factors(append(slices.Clone(c.scalars), c.factors...), t.times(nil, c.inner...))
	}
	down := func(i int, row, col Index, t term) error { return w.walk(n.Args[i], row, col, at(path, i), t) }
	switch n.Op {
	case expr.Sum:
		for i := range n.Args {
			if err := down(i, row, col, t); err != nil {
				return err
			}
		}
		return nil
	case expr.Hadamard:
		fs := make([]placed, len(n.Args))
		for i, f := range n.Args {
			fs[i] = placed{f, row, col, at(path, i)}
		}
		return w.factors(fs, t)
	case expr.Transpose:
		return down(0, col, row, t)
	case expr.Tr:
		is := w.indices(path, n.Args[0].Shape.Rows)
		return down(0, is[0], is[0], t.times(nil, summed(is...)...))
	case expr.Total:
		is := w.indices(path, n.Args[0].Shape.Rows, n.Args[0].Shape.Cols)
		return down(0, is[0], is[1], t.times(nil, summed(is...)...))
	case expr.DiagVector:
		return down(0, row, row, t)
	case expr.DiagMatrix:
		if row != col {
			t = t.times([]placed{{w.b.Sized(expr.Identity, n.Shape), row, col, path}})
		}
		return down(0, row, None, t)
	case expr.Element:
		return unknown(n.Op, "an entry such as %s[1,1] has no derivation in entries", w.x.Name)
	case expr.Power:
		z := n.Args[0]
		if z.Op == expr.Norm && n.Args[1].IsNumber(2) {
			z = z.Args[0]
			path = at(path, 0)
			is := w.indices(path, z.Shape.Rows, z.Shape.Cols)
			t.chained = true
			twice := []placed{{w.b.Int(2), None, None, ""}, {z, is[0], is[1], at(path, 0)}}
			return w.walk(z, is[0], is[1], at(path, 0), t.times(twice, summed(is...)...))
		}
	}
	scalarPower := n.Op == expr.Power && n.Shape.IsScalar()
	if !n.Op.Traits.Has(expr.Elementwise) && !scalarPower || len(n.Args) > 1 && w.holds(n.Args[1]) {
		return unknown(n.Op, "%s has no derivation in entries: products, transposes, traces, Hadamard products, sums and functions of each entry have", n.Op.UserName())
	}
	derivative, err := w.derivative(n)
	if err != nil {
		return err
	}
	t.chained = true
	return down(0, row, col, t.times([]placed{{derivative, row, col, path}}))
}

// factors applies the product rule to entries that are multiplied.
func (w *walker) factors(fs []placed, t term) error {
	for i, f := range fs {
		if !w.holds(f.n) {
			continue
		}
		others := slices.Delete(slices.Clone(fs), i, i+1)
		if err := w.walk(f.n, f.row, f.col, f.path, t.times(others)); err != nil {
			return err
		}
	}
	return nil
}

// derivative returns f'(Z) for a function f of each entry of Z, or for s^p.
func (w *walker) derivative(n *Node) (*Node, error) {
	d := make([]*Node, len(n.Args))
	d[0] = w.b.Sized(expr.Ones, n.Args[0].Shape)
	line, err := w.book.Line(w.b, n, d)
	switch {
	case err != nil:
		return nil, err
	case line == nil:
		return nil, &rules.NoRule{Op: n.Op}
	}
	return w.a.Shortest(w.a.Normalize(line)), nil
}

// partial writes the derivative by one entry of x in its forms.
func (w *walker) partial(t term) (*Partial, error) {
	if t.row.isLetter() && t.row == t.col { // X[i,i]: the derivative by X[i,j] is 0 unless i = j
		t.col = w.names.fresh(t.row.Dim)
		t.factors = append(slices.Clone(t.factors), placed{w.b.Sized(expr.Identity, expr.Square(t.row.Dim)), t.row, t.col, ""})
	}
	sums := slices.DeleteFunc(slices.Clone(t.sums), func(i Index) bool { return i == t.row || i == t.col })
	// Of the names that the factors bind, none may be one that is free in them.
	local := func(keep bool) *expansion {
		n := newNames(w.x)
		for name := range newNamesOf(t.factors).taken {
			n.taken[name] = true
		}
		n.take(t.row, t.col)
		n.take(t.sums...)
		return &expansion{b: w.b, names: n, inner: map[string][]Index{}, keepTransposes: keep}
	}
	product := func(x *expansion, sums []Index, fs []placed) *Expr {
		var scalars, entries []*Expr
		for i, f := range fs {
			e := x.entry(f.n, f.row, f.col, fmt.Sprint("#", i))
			if f.n.Shape.IsScalar() {
				scalars = append(scalars, e)
			} else {
				entries = append(entries, e)
			}
		}
		return times(scalars, []*Expr{x.sum(sums, times(nil, entries))})
	}
	p := &Partial{Row: t.row, Col: t.col}
	rule := "product rule"
	if t.chained {
		rule = "product rule and chain rule"
	}
	p.Forms = append(p.Forms, Step{product(local(false), sums, t.factors), rule})
	c, err := w.contract(t, sums)
	if err != nil {
		return nil, err
	}
	inner := c.inner()
	slices.SortStableFunc(inner, func(i, j Index) int { return cmp.Compare(slices.Index(sums, i), slices.Index(sums, j)) })
	rearranged := product(local(true), inner, append(slices.Clone(c.scalars), c.chain...))
	p.Forms = add(p.Forms, Step{rearranged, "rearranged: neighbours share an index"})
	matrix := c.node(w)
	p.Swapped = c.swapped
	row, col := t.row, t.col
	p.Matrix = matrix
	if c.swapped {
		row, col = col, row
		p.Matrix = w.b.New(expr.Transpose, matrix)
	}
	p.Forms = add(p.Forms, Step{entry(matrix, row, col), "in matrix form"})
	return p, nil
}

func newNamesOf(fs []placed) *names {
	var nodes []*Node
	for _, f := range fs {
		nodes = append(nodes, f.n)
	}
	return newNames(nodes...)
}
