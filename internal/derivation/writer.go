package derivation

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/rules"
	"matdiff/internal/simplify"
)

// writer makes the lines of one derivation. Its methods named after operations make raw nodes that read well and keep the
// order of what the user wrote: nested sums and products are flattened, numbers merged, zeros and ones left out.
type writer struct {
	a     *simplify.Algebra
	b     *expr.Builder
	book  *rules.Book
	x, dx *Node
	names func() string // for the matrices in rules
	// The first three of them.
	generic, second, third string
	moves                  map[*Node]bool // whether a node holds x or dx
}

func newWriter(a *simplify.Algebra, book *rules.Book, f, x *Node) *writer {
	b := a.Builder()
	taken := map[string]bool{}
	for _, v := range expr.Variables(f) {
		taken[v.Name] = true
	}
	w := &writer{a: a, b: b, book: book, x: x, moves: map[*Node]bool{}}
	w.names = func() string { return unused(taken, "Y", "Z", "V", "W", "P", "Q") }
	w.dx = b.Variable(unused(taken, "d"+x.Name, "delta"+x.Name), x.Shape, 0)
	w.moves[x], w.moves[w.dx] = true, true
	return w
}

// unused returns the first name that is not taken, and takes it.
func unused(taken map[string]bool, names ...string) string {
	for suffix := ""; ; suffix += "1" {
		for _, name := range names {
			if name += suffix; !taken[name] {
				taken[name] = true
				return name
			}
		}
	}
}

// holds reports whether n depends on x or dx.
func (w *writer) holds(n *Node) bool {
	m, ok := w.moves[n]
	if !ok {
		for _, arg := range n.Args {
			m = m || w.holds(arg)
		}
		w.moves[n] = m
	}
	return m
}

// operator returns d(n), dx for x itself, and nil for a constant.
func (w *writer) operator(n *Node) *Node {
	switch {
	case n == w.x:
		return w.dx
	case !w.holds(n):
		return nil
	}
	return w.b.Sized(expr.Differential, n.Shape, n, w.x, w.dx)
}

// split takes a product apart as Builder.Factors does, with 0 for scalars that are visibly 0.
func (w *writer) split(factors []*Node) (scalars, chain []*Node) {
	scalars, chain = w.b.Factors(factors)
	for i, s := range scalars {
		if s.Op == expr.Product && slices.ContainsFunc(s.Args, simplify.IsZero) {
			scalars[i] = w.b.Int(0)
		}
	}
	return scalars, chain
}

// product returns the product of factors with numbers first, then scalars, then the chain of matrices.
func (w *writer) product(factors ...*Node) *Node {
	scalars, chain := w.split(factors)
	if slices.ContainsFunc(append(scalars, chain...), simplify.IsZero) {
		return w.zero(w.b.New(expr.Product, factors...).Shape)
	}
	coefficient := big.NewRat(1, 1)
	var rest []*Node
	for _, s := range scalars {
		if s.Op == expr.Number {
			coefficient = new(big.Rat).Mul(coefficient, s.Num)
		} else {
			rest = append(rest, s)
		}
	}
	kept := chain[:0:0]
	for _, f := range chain {
		if f.Op != expr.Identity || len(chain) == 1 {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 && len(chain) > 0 {
		kept = chain[:1]
	}
	rest = append(rest, kept...)
	if coefficient.Cmp(big.NewRat(1, 1)) != 0 || len(rest) == 0 {
		rest = append([]*Node{w.b.Number(coefficient)}, rest...)
	}
	if len(rest) == 1 {
		return rest[0]
	}
	if last := rest[len(rest)-1]; len(kept) == 0 && last.Op == expr.Product { // s*(a'*b) is s*a'*b
		rest = append(rest[:len(rest)-1], last.Args...)
	}
	return w.b.New(expr.Product, rest...)
}

// sum returns the sum of terms of one shape; a 1×1 term that moves among matrices is written as a multiple of ones.
func (w *writer) sum(shape expr.Shape, terms ...*Node) *Node {
	var flat []*Node
	for _, t := range terms {
		switch {
		case t.Op == expr.Sum && t.Shape == shape:
			flat = append(flat, t.Args...)
		case t.Shape != shape && w.holds(t):
			flat = append(flat, w.product(t, w.b.Sized(expr.Ones, shape)))
		case !simplify.IsZero(t):
			flat = append(flat, t)
		}
	}
	total := new(big.Rat)
	numbers := true
	for _, t := range flat {
		if numbers = numbers && t.Op == expr.Number; numbers {
			total.Add(total, t.Num)
		}
	}
	switch {
	case len(flat) == 0:
		return w.zero(shape)
	case len(flat) == 1:
		return flat[0]
	case numbers: // as in 2*s^(2 - 1)
		return w.b.Number(total)
	}
	return w.b.New(expr.Sum, flat...)
}

func (w *writer) zero(s expr.Shape) *Node {
	if s.IsScalar() {
		return w.b.Int(0)
	}
	return w.b.Sized(expr.Zeros, s)
}

// hadamard returns the entrywise product of factors, 1×1 ones in front as ordinary factors.
func (w *writer) hadamard(factors ...*Node) *Node {
	var scalars, matrices []*Node
	for _, f := range factors {
		switch {
		case f.Op == expr.Hadamard:
			for _, g := range f.Args {
				if g.Shape.IsScalar() {
					scalars = append(scalars, g)
				} else {
					matrices = append(matrices, g)
				}
			}
		case f.Shape.IsScalar():
			scalars = append(scalars, f)
		case f.Op == expr.Product:
			s, chain := w.split(f.Args)
			scalars = append(scalars, s...)
			matrices = append(matrices, w.product(chain...))
		default:
			matrices = append(matrices, f)
		}
	}
	kept := matrices[:0:0]
	for _, f := range matrices {
		if simplify.IsZero(f) {
			return f
		}
		if f.Op != expr.Ones {
			kept = append(kept, f)
		}
	}
	if len(kept) == 0 && len(matrices) > 0 {
		kept = matrices[:1]
	}
	switch len(kept) {
	case 0:
	case 1:
		scalars = append(scalars, kept[0])
	default:
		scalars = append(scalars, w.b.New(expr.Hadamard, kept...))
	}
	return w.product(scalars...)
}

// transpose returns n', with the factors of a product in reverse.
func (w *writer) transpose(n *Node) *Node {
	switch {
	case n.Shape.IsScalar():
		return n
	case n.Op == expr.Transpose:
		return n.Args[0]
	case n.Op == expr.Ones, n.Op == expr.Zeros:
		return w.b.Sized(n.Op, n.Shape.T())
	case n.Op == expr.Product:
		scalars, chain := w.split(n.Args)
		return w.product(append(scalars, w.transposeChain(chain)...)...)
	case n.Op == expr.Unit:
		return w.b.Sized(expr.Unit, n.Shape.T(), n.Args[1], n.Args[0])
	case n.Shape.IsSquare() && !w.holdsDifferential(n):
		if normal := w.a.Normalize(n); w.a.Transpose(normal) == normal {
			return n
		}
	}
	return w.b.New(expr.Transpose, n)
}

func (w *writer) transposeChain(chain []*Node) []*Node {
	out := make([]*Node, len(chain))
	for i, f := range chain {
		out[len(chain)-1-i] = w.transpose(f)
	}
	return out
}

// holdsDifferential reports whether dx, or an operator d, is part of n.
func (w *writer) holdsDifferential(n *Node) bool {
	found := false
	expr.Walk(n, func(m *Node) { found = found || m == w.dx || m.Op == expr.Differential })
	return found
}

// rebuild returns n with some nodes replaced, each in args being kept as it is, and what holds them made anew.
func (w *writer) rebuild(n *Node, to map[*Node]*Node, keep func(*Node) bool) *Node {
	done := map[*Node]*Node{}
	var walk func(*Node) *Node
	walk = func(n *Node) *Node {
		if m, ok := to[n]; ok {
			return m
		}
		if keep(n) || len(n.Args) == 0 {
			return n
		}
		if m, ok := done[n]; ok {
			return m
		}
		args := make([]*Node, len(n.Args))
		for i, a := range n.Args {
			args[i] = walk(a)
		}
		m := w.make(n, args)
		done[n] = m
		return m
	}
	return walk(n)
}

// make returns the operation of like applied to args.
func (w *writer) make(like *Node, args []*Node) *Node {
	switch {
	case like.Op == expr.Sum:
		return w.sum(like.Shape, args...)
	case like.Op == expr.Product:
		return w.product(args...)
	case like.Op == expr.Hadamard:
		return w.hadamard(args...)
	case like.Op == expr.Transpose:
		return w.transpose(args[0])
	case like.Op == expr.ElementPower && like.Shape.IsScalar(), like.Op == expr.Power && like.Shape.IsScalar():
		return w.power(args[0], args[1])
	case like.Op == expr.ElementPower && args[1].IsNumber(1):
		return args[0]
	case like.Op == expr.Tr && args[0].Shape.IsScalar():
		return args[0]
	case like.Op.Traits.Has(expr.Linear) && simplify.IsZero(args[0]), like.Op == expr.Kronecker && slices.ContainsFunc(args, simplify.IsZero):
		return w.zero(like.Shape)
	}
	return w.b.With(like, args)
}

// power returns s^p for 1×1 s and p.
func (w *writer) power(s, p *Node) *Node {
	switch {
	case p.IsNumber(1):
		return s
	case p.IsNumber(0):
		return w.b.Int(1)
	}
	return w.b.New(expr.Power, s, p)
}
