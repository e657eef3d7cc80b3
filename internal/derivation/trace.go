package derivation

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// term is one summand of a line without operators d: scalars times chain[0]*chain[1]…, or times the trace of that. One
// factor of the chain, and no scalar, holds dx.
type term struct {
	scalars []*Node
	trace   bool
	chain   []*Node
}

// at returns the index of the factor that holds dx.
func (w *writer) at(t term) int { return slices.IndexFunc(t.chain, w.holdsDifferential) }

// node returns t as an expression.
func (w *writer) node(t term) *Node {
	core := w.product(t.chain...)
	if simplify.IsZero(core) {
		return w.b.Int(0)
	}
	if t.trace && !core.Shape.IsScalar() {
		core = w.b.New(expr.Tr, core)
	}
	return w.product(append(append([]*Node{}, t.scalars...), core)...)
}

// terms takes a scalar apart.
func (w *writer) terms(n *Node) []term {
	switch n.Op {
	case expr.Sum:
		var all []term
		for _, s := range n.Args {
			all = append(all, w.terms(s)...)
		}
		return all
	case expr.Product:
		return w.within(n.Args, false)
	case expr.Tr:
		return w.within([]*Node{n.Args[0]}, true)
	}
	return []term{{chain: []*Node{n}}}
}

// within takes apart a product, or the trace of one, in which one factor holds dx.
func (w *writer) within(factors []*Node, trace bool) []term {
	scalars, chain := w.split(factors)
	i := slices.IndexFunc(scalars, w.holdsDifferential)
	if i < 0 {
		return []term{{scalars, trace, chain}}
	}
	moving := scalars[i]
	rest := slices.Delete(slices.Clone(scalars), i, i+1)
	if len(chain) > 0 { // of a trace
		rest = append(rest, w.b.New(expr.Tr, w.product(chain...)))
	}
	if moving.Op == expr.Product { // of vectors
		return []term{{scalars: rest, chain: moving.Args}}
	}
	parts := w.terms(moving)
	if len(parts) > 1 {
		return []term{{scalars: rest, chain: []*Node{moving}}}
	}
	parts[0].scalars = append(rest, parts[0].scalars...)
	return parts
}

// rearrange returns the line after n, which has no operators d, on the way to tr(G'*dX): the first rule that applies to
// a term of n, applied to all terms. It returns nil at the end of the way.
func (w *writer) rearrange(n *Node) (*Line, error) {
	if simplify.IsZero(n) {
		return nil, nil
	}
	terms := w.terms(n)
	if zeros := slices.ContainsFunc(terms, func(t term) bool { return w.at(t) < 0 }); zeros { // a line is linear in dx
		var rest []*Node
		for _, t := range terms {
			if w.at(t) >= 0 {
				rest = append(rest, w.node(t))
			}
		}
		return &Line{w.sum(expr.Scalar, rest...), Reason{Rule: "a term without a differential is zero"}}, nil
	}
	for _, m := range []func(term) (*move, error){w.multiplyOut, w.openScalar, w.transposed, w.hadamardLast, w.traced, w.rotated, w.adjoint} {
		var line *Line
		var out []*Node
		for _, t := range terms {
			done, err := m(t)
			switch {
			case err != nil:
				return nil, err
			case done == nil || line != nil && done.reason != nil && done.reason.Rule != line.Reason.Rule:
				out = append(out, w.node(t))
				continue
			case line == nil:
				line = &Line{Reason: *done.reason}
			}
			for _, t := range done.terms {
				out = append(out, w.node(t))
			}
		}
		if line != nil {
			line.Expr = w.sum(expr.Scalar, out...)
			return line, nil
		}
	}
	return w.collect(terms), nil
}

// move is what one rule makes of a term.
type move struct {
	terms  []term
	reason *Reason
}

func (w *writer) moved(t term, reason Reason) (*move, error) {
	return &move{[]term{t}, &reason}, nil
}

// multiplyOut writes c*tr(A*(P + Q)*B) as c*tr(A*P*B) + c*tr(A*Q*B).
func (w *writer) multiplyOut(t term) (*move, error) {
	i := w.at(t)
	f := t.chain[i]
	if f.Op != expr.Sum {
		return nil, nil
	}
	m := &move{reason: &Reason{Rule: "multiply out"}}
	if t.trace && len(t.chain) == 1 {
		m.reason.Rule = "trace is linear"
	}
	for _, part := range f.Args {
		chain := slices.Clone(t.chain)
		chain[i] = part
		s := term{t.scalars, t.trace, chain}
		m.terms = append(m.terms, w.terms(w.node(s))...)
	}
	return m, nil
}

// openScalar writes a function that is linear in dx, and gives a scalar, as a trace.
func (w *writer) openScalar(t term) (*move, error) {
	if t.trace || len(t.chain) > 1 || !t.chain[0].Shape.IsScalar() || t.chain[0] == w.dx {
		return nil, nil
	}
	f := t.chain[0]
	switch f.Op {
	case expr.Total:
		z := f.Args[0]
		if z.Op == expr.Product {
			scalars, chain := w.split(z.Args)
			if i := slices.IndexFunc(scalars, w.holdsDifferential); i >= 0 {
				moving := scalars[i]
				scalars[i] = w.b.New(expr.Total, w.product(chain...))
				return &move{w.terms(w.product(append(append(slices.Clone(t.scalars), scalars...), moving)...)), &Reason{Rule: "sum is linear"}}, nil
			}
			t.scalars = append(slices.Clone(t.scalars), scalars...)
			z = w.product(chain...)
		}
		if z.Op != expr.Hadamard {
			s := term{t.scalars, true, []*Node{w.b.Sized(expr.Ones, z.Shape.T()), z}}
			if z.Shape.IsColumn() {
				return w.moved(s, Reason{Rule: "a sum is a product with ones"})
			}
			return w.moved(s, Reason{Rule: "a sum is a trace with ones"})
		}
		var rest []*Node
		var moving *Node
		for _, g := range z.Args {
			if moving == nil && w.holdsDifferential(g) {
				moving = g
			} else {
				rest = append(rest, g)
			}
		}
		return w.moved(term{t.scalars, true, []*Node{w.transpose(w.hadamard(rest...)), moving}},
			w.identity(z.Shape, func(y, z *Node) (*Node, *Node) {
				return w.b.New(expr.Total, w.b.New(expr.Hadamard, y, z)), w.inner(y, z)
			}))
	case expr.Element:
		x := f.Args[0]
		e := w.b.Sized(expr.Unit, x.Shape.T(), f.Args[2], f.Args[1])
		return w.moved(term{t.scalars, true, []*Node{e, x}}, Reason{Rule: "an entry is a trace with the matrix that is 1 there"})
	case expr.Transpose:
		return w.moved(term{t.scalars, false, []*Node{f.Args[0]}}, Reason{Rule: ownTranspose})
	}
	return nil, nil
}

// inner returns y'*z, or its trace.
func (w *writer) inner(y, z *Node) *Node { return w.node(term{nil, true, []*Node{w.transpose(y), z}}) }

// identity states an identity for two general matrices of a shape.
func (w *writer) identity(s expr.Shape, sides func(y, z *Node) (left, right *Node)) Reason {
	if w.second == "" {
		w.name()
		w.second = w.names()
	}
	left, right := sides(w.b.Variable(w.name(), s, 0), w.b.Variable(w.second, s, 0))
	return Reason{Left: left, Right: right}
}

const ownTranspose = "a scalar is its own transpose"

// transposed turns a term round in which dx stands transposed.
func (w *writer) transposed(t term) (*move, error) {
	f := t.chain[w.at(t)]
	if f.Op != expr.Transpose {
		return nil, nil
	}
	reason := Reason{Rule: "a matrix and its transpose have the same trace"}
	if !t.trace {
		reason.Rule = ownTranspose
	}
	return w.moved(term{t.scalars, t.trace, w.transposeChain(t.chain)}, reason)
}

// hadamardLast writes tr(A*(B .* dX)) as tr((A' .* B)'*dX).
func (w *writer) hadamardLast(t term) (*move, error) {
	last := len(t.chain) - 1
	f := t.chain[last]
	if f.Op != expr.Hadamard || !w.holdsDifferential(f) || !t.trace && !f.Shape.IsColumn() {
		return nil, nil
	}
	before := w.b.Sized(expr.Identity, f.Shape)
	if last > 0 {
		before = w.product(t.chain[:last]...)
	}
	weights := []*Node{w.transpose(before)}
	var moving *Node
	for _, g := range f.Args {
		if moving == nil && w.holdsDifferential(g) {
			moving = g
		} else {
			weights = append(weights, g)
		}
	}
	reason := w.identity(f.Shape, func(y, z *Node) (left, right *Node) {
		v := w.b.Variable(w.thirdName(), f.Shape, 0)
		return w.inner(v, w.b.New(expr.Hadamard, y, z)), w.inner(w.b.New(expr.Hadamard, v, y), z)
	})
	return w.moved(term{t.scalars, t.trace, []*Node{w.transpose(w.hadamard(weights...)), moving}}, reason)
}

func (w *writer) thirdName() string {
	if w.third == "" {
		w.third = w.names()
	}
	return w.third
}

// traced writes a scalar in which dx is no column at the end as its trace.
func (w *writer) traced(t term) (*move, error) {
	last := len(t.chain) - 1
	if t.trace || last == 0 || w.at(t) == last && t.chain[last].Shape.IsColumn() {
		return nil, nil
	}
	t.trace = true
	m := &move{[]term{t}, &Reason{Rule: "trace trick: a scalar is its own trace"}}
	if rotated, _ := w.rotated(t); rotated != nil {
		m.terms = rotated.terms
		m.reason.Rule = "trace trick: a scalar is its own trace; cyclic permutation"
	}
	return m, nil
}

// rotated brings dx to the end of a trace.
func (w *writer) rotated(t term) (*move, error) {
	i := w.at(t)
	if !t.trace || i == len(t.chain)-1 {
		return nil, nil
	}
	t.chain = append(slices.Clone(t.chain[i+1:]), t.chain[:i+1]...)
	return w.moved(t, Reason{Rule: "cyclic permutation"})
}

// adjoint carries a trace through any other function that is linear in dx: <G, L(dZ)> = <N, dZ>.
func (w *writer) adjoint(t term) (*move, error) {
	last := len(t.chain) - 1
	f := t.chain[last]
	if f == w.dx {
		return nil, nil
	}
	i := slices.IndexFunc(f.Args, w.holdsDifferential)
	inner := f.Args[i]
	if f.Op == expr.Kronecker && slices.ContainsFunc(f.Args[i+1:], w.holdsDifferential) {
		return nil, &Unknown{"a Kronecker product with dX on both sides has no derivation in these steps"}
	}
	z := w.b.Variable("\x00z", inner.Shape, 0)
	args := slices.Clone(f.Args)
	args[i] = z
	outer := w.b.Sized(expr.Identity, expr.Square(f.Shape.Rows))
	if last > 0 {
		outer = w.transpose(w.product(t.chain[:last]...))
	} else if f.Shape.IsScalar() {
		outer = w.b.Int(1)
	}
	n, err := w.book.Pullback(w.a, w.b.With(f, args), outer, []*Node{z})
	if err != nil {
		return nil, err
	}
	chain := []*Node{w.a.Shortest(w.a.Transpose(n[0])), inner}
	return w.moved(term{t.scalars, true, chain}, Reason{Rule: "adjoint of " + f.Op.UserName()})
}

// collect adds terms that differ in nothing but a number, and writes tr(P*dX) + tr(Q*dX) as tr((P + Q)*dX).
func (w *writer) collect(terms []term) *Line {
	if len(terms) == 1 {
		return nil
	}
	reason := Reason{Rule: "collect"}
	sums := map[*Node]*big.Rat{}
	var order []*Node
	factors := map[*Node]*Node{}
	for _, t := range terms {
		number, factor := w.weight(t)
		normal := w.a.Normalize(factor)
		if sums[normal] == nil {
			sums[normal] = new(big.Rat)
			order = append(order, normal)
			factors[normal] = factor
		}
		sums[normal].Add(sums[normal], number)
	}
	var parts []*Node
	for _, normal := range order {
		if sums[normal].Sign() != 0 {
			parts = append(parts, w.product(w.b.Number(sums[normal]), factors[normal]))
		}
	}
	if len(order) < len(terms) { // one line to add, one to factor
		var out []*Node
		for _, p := range parts {
			out = append(out, w.node(w.lastTerm(p)))
		}
		reason.Rule = "add like terms"
		return &Line{w.sum(expr.Scalar, out...), reason}
	}
	shape := w.dx.Shape.T()
	return &Line{w.node(w.lastTerm(w.sum(shape, parts...))), reason}
}

// lastTerm returns tr(p*dx).
func (w *writer) lastTerm(p *Node) term {
	if p.Op == expr.Product {
		scalars, chain := w.split(p.Args)
		return term{scalars, true, append(chain, w.dx)}
	}
	return term{nil, true, []*Node{p, w.dx}}
}

// weight returns a number and P of a term that is a number times tr(P*dx).
func (w *writer) weight(t term) (*big.Rat, *Node) {
	number := big.NewRat(1, 1)
	var rest []*Node
	for _, s := range t.scalars {
		if s.Op == expr.Number {
			number = new(big.Rat).Mul(number, s.Num)
		} else {
			rest = append(rest, s)
		}
	}
	chain := t.chain[:len(t.chain)-1]
	if len(chain) == 0 && !w.dx.Shape.IsScalar() {
		chain = []*Node{w.b.Sized(expr.Identity, expr.Square(w.dx.Shape.Rows))}
	}
	return number, w.product(append(rest, chain...)...)
}

// factor returns P of the last line tr(P*dx).
func (w *writer) factor(n *Node) *Node {
	if simplify.IsZero(n) {
		return w.sum(w.dx.Shape.T())
	}
	number, p := w.weight(w.terms(n)[0])
	return w.product(w.b.Number(number), p)
}
