package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// Transpose returns n'.
func (a *Algebra) Transpose(n *Node) *Node {
	if m, ok := a.transposed[n]; ok {
		return m
	}
	m := a.transpose(n)
	a.transposed[n] = m
	return m
}

func (a *Algebra) transpose(n *Node) *Node {
	switch {
	case n.Shape.IsScalar():
		return n
	case n.Op == expr.Variable:
		switch {
		case n.Props&expr.OwnTranspose != 0:
			return n
		case n.Props.Has(expr.Skew):
			return a.Neg(n)
		}
	case n.Op == expr.Identity, n.Op == expr.DiagMatrix:
		return n
	case n.Op == expr.Ones, n.Op == expr.Zeros:
		return a.leaf(n.Op, n.Shape.T())
	case n.Op == expr.Unit:
		return a.b.Sized(expr.Unit, n.Shape.T(), n.Args[1], n.Args[0])
	case n.Op == expr.Commutation:
		return a.b.Commutation(n.Dims[1], n.Dims[0])
	case n.Op == expr.Transpose:
		return n.Args[0]
	case n.Op == expr.Sum:
		return a.Sum(a.transposeAll(n.Args)...)
	case n.Op == expr.Kronecker:
		return a.Kronecker(a.transposeAll(n.Args)...)
	case n.Op == expr.Product:
		factors := make([]*Node, len(n.Args))
		for i, f := range n.Args {
			factors[len(n.Args)-1-i] = a.Transpose(f)
		}
		return a.Product(factors...)
	case n.Op == expr.DExpm || n.Op == expr.DLogm || n.Op == expr.Sylvester:
		// sylvester(A, B, C)' = sylvester(B', A', C') and dexpm(X, E)' = dexpm(X', E'): where only the last differs, it has the transpose.
		last := len(n.Args) - 1
		back := a.transposeAll(n.Args)
		slices.Reverse(back[:last])
		if slices.Equal(back[:last], n.Args[:last]) {
			return a.Apply(n.Op, back...)
		}
	case a.equivariant(n):
		// n is the preferred one of f(Z) and f(Z')', so f(Z') itself is kept only for a symmetric or skew Z.
		z := n.Args[0]
		t := a.Transpose(z)
		if t == z {
			return n
		}
		_, tr := a.coefficient(t)
		if _, zr := a.coefficient(z); tr == zr {
			return a.Make(n, append([]*Node{t}, n.Args[1:]...))
		}
	case n.Op == expr.Hadamard && slices.ContainsFunc(n.Args, isDiagonal):
		return n
	case n.Op == expr.Hadamard:
		c, back := a.transposedFactors(n.Args)
		if slices.SortFunc(back, expr.Compare); slices.Equal(back, n.Args) {
			return a.withCoefficient(c, n)
		}
	}
	return a.b.New(expr.Transpose, n)
}

func (a *Algebra) transposeAll(nodes []*Node) []*Node {
	out := make([]*Node, len(nodes))
	for i, n := range nodes {
		out[i] = a.Transpose(n)
	}
	return out
}

// equivariant reports whether n is f(Z) with f(Z') = f(Z)'.
func (a *Algebra) equivariant(n *Node) bool {
	switch n.Op {
	case expr.Power:
		return true
	case expr.ElementPower:
		return n.Args[1].Shape.IsScalar()
	}
	return n.Op.Traits.Has(expr.Equivariant)
}

// betterTransposed returns x' and whether a function of it is kept rather than one of x. Coefficients must not decide:
// transposing a skew matrix turns signs.
func (a *Algebra) betterTransposed(x *Node) (*Node, bool) {
	t := a.Transpose(x)
	rests := a.rests(t)
	return t, !slices.Equal(rests, a.rests(x)) && a.prefer(rests, a.rests(x))
}

// isSkew reports whether x' = -x.
func (a *Algebra) isSkew(x *Node) bool {
	c, rest := a.coefficient(a.Transpose(x))
	return c.Cmp(minusOne) == 0 && rest == x
}

// transposes counts the transposes in n read as a tree.
func (a *Algebra) transposes(n *Node) int {
	if c, ok := a.crosses[n]; ok {
		return c
	}
	c := 0
	if n.Op == expr.Transpose {
		c = 1
	}
	for _, arg := range n.Args {
		c = min(c+a.transposes(arg), expr.MaxSize)
	}
	a.crosses[n] = c
	return c
}

// transposedFactors returns the transposes of factors, as factors, and the numeric factor that comes out of them.
func (a *Algebra) transposedFactors(factors []*Node) (*big.Rat, []*Node) {
	coef := one
	back := make([]*Node, len(factors))
	for i, f := range factors {
		c, t := a.operandTransposed(f)
		coef, back[i] = mul(coef, c), t
	}
	return coef, back
}

// prefer reports whether chain x is preferred to y: fewer transposes, then smaller factors from the left.
func (a *Algebra) prefer(x, y []*Node) bool {
	cx, cy := 0, 0
	for _, f := range x {
		cx += a.transposes(f)
	}
	for _, f := range y {
		cy += a.transposes(f)
	}
	if cx != cy {
		return cx < cy
	}
	return slices.CompareFunc(x, y, expr.Compare) < 0
}
