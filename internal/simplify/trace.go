package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// Trace returns tr(x): 1×1 parts are taken out, and of all rotations of a chain and of its transpose one is chosen.
func (a *Algebra) Trace(x *Node) *Node {
	if x.Shape.IsScalar() {
		return x
	}
	if m := a.linear(expr.Tr, x); m != nil {
		return m
	}
	switch x.Op {
	case expr.Identity:
		return a.size(x.Shape.Rows)
	case expr.Ones:
		return a.size(x.Shape.Rows)
	case expr.DiagMatrix:
		return a.Total(x.Args[0])
	case expr.Kronecker:
		if s, t := x.Args[0], x.Args[1]; len(x.Args) == 2 && s.Shape.IsSquare() && t.Shape.IsSquare() {
			return a.Product(a.Trace(s), a.Trace(t))
		}
	case expr.Product:
		if m := a.traceOfUnit(x.Args); m != nil {
			return m
		}
		if m := a.traceOfDifferential(x); m != nil {
			return m
		}
		return a.cyclicTrace(x.Args)
	case expr.Sum:
		if m := a.mergedTraces(x.Args); m != nil {
			return m
		}
	case expr.Sqrtm:
		if y := a.gramFactor(x.Args[0]); y != nil {
			return a.Apply(expr.Nuclear, y)
		}
	case expr.DExpm, expr.DLogm, expr.Sylvester:
		if m := a.traceOfDifferential(x); m != nil {
			return m
		}
	}
	if a.isSkew(x) {
		return a.b.Int(0)
	}
	if t, better := a.betterTransposed(x); better {
		return a.Trace(t)
	}
	return a.b.New(expr.Tr, x)
}

// mergedTraces returns the sum of the traces of terms if some of them are like each other, as those of X*Y and Y*X are, else nil.
func (a *Algebra) mergedTraces(terms []*Node) *Node {
	traces := make([]*Node, len(terms))
	for i, t := range terms {
		traces[i] = a.Trace(t)
	}
	if sum := a.Sum(traces...); sum.Op != expr.Sum || len(sum.Args) < len(terms) {
		return sum
	}
	return nil
}

// gramFactor returns y if p is y'*y, else nil.
func (a *Algebra) gramFactor(p *Node) *Node {
	if p.Op != expr.Product || len(p.Args)%2 != 0 {
		return nil
	}
	middle := len(p.Args) / 2
	if y := a.Product(p.Args[middle:]...); a.Product(p.Args[:middle]...) == a.Transpose(y) {
		return y
	}
	return nil
}

func (a *Algebra) cyclicTrace(chain []*Node) *Node {
	for i, f := range chain {
		if i > 0 && f.Shape.Rows == expr.One {
			rotated := append(append([]*Node{}, chain[i:]...), chain[:i]...)
			return a.Product(rotated...)
		}
		if f.Op == expr.Ones { // tr(ones*X) = ones'*X*ones
			rest := append(append([]*Node{}, chain[i+1:]...), chain[:i]...)
			return a.Total(a.Product(rest...))
		}
	}
	last := len(chain) - 1
	if m, ok := a.pair(chain[last], chain[0]); ok && len(monomialOf(m).chain) < 2 {
		return a.Trace(a.Product(append([]*Node{m}, chain[1:last]...)...))
	}
	if len(chain) == 2 {
		if m := a.mergedInner(a.Transpose(chain[0]), chain[1]); m != nil {
			return m
		}
	}
	c, back := a.transposedFactors(chain)
	slices.Reverse(back)
	best := a.firstRotation(chain)
	switch r := a.firstRotation(back); {
	case slices.Equal(r, best) && c.Sign() < 0: // the trace is its own negative
		return a.b.Int(0)
	case a.prefer(r, best):
		return a.withCoefficient(c, a.b.New(expr.Tr, a.b.New(expr.Product, r...)))
	}
	return a.b.New(expr.Tr, a.b.New(expr.Product, best...))
}

// firstRotation returns the rotation of chain that comes first in order.
func (a *Algebra) firstRotation(chain []*Node) []*Node {
	n, best := len(chain), 0
	for r := 1; r < n; r++ {
		for i := range n {
			c := expr.Compare(chain[(r+i)%n], chain[(best+i)%n])
			if c < 0 {
				best = r
			}
			if c != 0 {
				break
			}
		}
	}
	return append(append([]*Node{}, chain[best:]...), chain[:best]...)
}

// Total returns the sum of all entries of x.
func (a *Algebra) Total(x *Node) *Node {
	if x.Shape.IsScalar() {
		return x
	}
	if m := a.linear(expr.Total, x); m != nil {
		return m
	}
	switch x.Op {
	case expr.Unit, expr.Softmax:
		return a.b.Int(1)
	case expr.Ones:
		return a.Product(a.size(x.Shape.Rows), a.size(x.Shape.Cols))
	case expr.Identity:
		return a.size(x.Shape.Rows)
	case expr.DiagMatrix, expr.DiagVector:
		if x.Op == expr.DiagVector {
			return a.Trace(x.Args[0])
		}
		return a.Total(x.Args[0])
	case expr.Vec:
		return a.Total(x.Args[0])
	case expr.Product:
		for i, f := range x.Args {
			if i > 0 && f.Shape.Rows == expr.One { // a*b' sums to sum(a)*sum(b)
				return a.Product(a.Total(a.Product(x.Args[:i]...)), a.Total(a.Product(x.Args[i:]...)))
			}
		}
		if first := x.Args[0]; first.Op == expr.Ones {
			return a.Product(a.size(first.Shape.Rows), a.Total(a.Product(x.Args[1:]...)))
		}
		if last := x.Args[len(x.Args)-1]; last.Op == expr.Ones && last.Shape.Cols != expr.One {
			return a.Total(a.Transpose(x))
		}
		if last := x.Args[len(x.Args)-1]; x.Shape.IsColumn() && last.Op == expr.Ones {
			return a.Total(a.Product(x.Args[:len(x.Args)-1]...))
		}
	case expr.Hadamard:
		if len(x.Args) == 2 { // see mergedInner
			return a.Inner(x.Args[0], x.Args[1])
		}
	case expr.ElementPower:
		if x.Args[1].IsNumber(2) {
			return a.Inner(x.Args[0], x.Args[0])
		}
	}
	if a.isSkew(x) {
		return a.b.Int(0)
	}
	if t, better := a.betterTransposed(x); better {
		return a.Total(t)
	}
	return a.b.New(expr.Total, x)
}

// Inner returns the Frobenius inner product tr(x'*y).
func (a *Algebra) Inner(x, y *Node) *Node {
	switch {
	case x.Shape.IsScalar():
		return a.Product(x, y)
	case x.Shape.IsRow():
		return a.Product(x, a.Transpose(y))
	case x.Shape.IsColumn():
		return a.Product(a.Transpose(x), y)
	}
	return a.Trace(a.Product(a.Transpose(x), y))
}

// norm returns (x'*x)^(1/2): norms and quadratic forms merge as powers of one base.
func (a *Algebra) norm(x *Node) *Node {
	m := monomialOf(x)
	coef := a.b.Number(new(big.Rat).Abs(m.coef))
	scalars := []*Node{coef}
	for _, s := range m.scalars {
		scalars = append(scalars, a.Apply(expr.Abs, s))
	}
	atom := a.assemble(one, nil, m.chain)
	if atom.Op == expr.Vec {
		atom = atom.Args[0]
	}
	return a.Product(append(scalars, a.Power(a.Inner(atom, atom), a.Number(1, 2)))...)
}
