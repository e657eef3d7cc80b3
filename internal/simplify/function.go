package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// Apply returns op, a function of the language or of the user, applied to args.
func (a *Algebra) Apply(op *expr.Op, args ...*Node) *Node {
	if m := a.differentialOf(op, args); m != nil {
		return m
	}
	x := args[0]
	if m := a.identity(op, x); m != nil {
		return m
	}
	if len(args) == 1 && !x.Shape.IsScalar() {
		switch t, better := a.betterTransposed(x); {
		case !better:
		case op.Traits.Has(expr.Equivariant):
			return a.Transpose(a.Apply(op, t))
		case op.Traits.Has(expr.Invariant):
			return a.Apply(op, t)
		}
	}
	return a.b.New(op, args...)
}

// identity returns op(x) in another form where a law gives a simpler one, else nil.
func (a *Algebra) identity(op *expr.Op, x *Node) *Node {
	if x.Shape.IsScalar() {
		if m := a.ofScalar(op, x); m != nil {
			return m
		}
	}
	if m := a.atQuarterTurns(op, x); m != nil {
		return m
	}
	if m := a.similar(op, x); m != nil {
		return m
	}
	switch op {
	case expr.Tr:
		return a.Trace(x)
	case expr.Total:
		return a.Total(x)
	case expr.Norm:
		return a.norm(x)
	case expr.Det, expr.LogDet:
		return a.determinant(op, x)
	case expr.Inv:
		return a.inverse(x)
	case expr.Exp, expr.Log:
		return a.exponential(op, x)
	case expr.Sqrt:
		return a.ElementPower(x, a.Number(1, 2))
	case expr.DiagMatrix, expr.DiagVector, expr.Vec:
		return a.rearranged(op, x)
	case expr.Tril, expr.Triu:
		if isTriangular(op, x) {
			return x
		}
	case expr.Sin, expr.Tan, expr.Asin, expr.Atan, expr.Sinh, expr.Tanh, expr.Sign:
		if IsZero(x) {
			return x
		}
		if n, ok := a.negated(x); ok {
			return a.Neg(a.Apply(op, n))
		}
	case expr.Relu:
		if IsZero(x) || isNonnegative(x) {
			return x
		}
	case expr.LambdaMax:
		if IsZero(x) {
			return a.b.Int(0)
		}
	case expr.Cos, expr.Cosh, expr.Abs, expr.Norm1, expr.Nuclear, expr.Spectral:
		if op == expr.Abs && (IsZero(x) || isNonnegative(x)) {
			return x
		}
		if m := a.unsigned(x); op == expr.Abs && m != x {
			return a.Apply(op, m)
		}
		if IsZero(x) && op != expr.Cos && op != expr.Cosh {
			return a.b.Int(0)
		}
		if m := a.singularValues(op, x); m != nil {
			return m
		}
		if op == expr.Norm1 && isNonnegative(x) {
			return a.Total(x)
		}
		if n, ok := a.negated(x); ok {
			return a.Apply(op, n)
		}
	case expr.Pinv:
		if x.Op == expr.Pinv {
			return x.Args[0]
		}
		if before, rest, behind := a.unrotated(x); rest != nil {
			return a.Product(slices.Concat(a.reversed(behind), []*Node{a.Apply(op, rest)}, a.reversed(before))...)
		}
	case expr.Expm:
		if x.Op == expr.Logm {
			return x.Args[0]
		}
		if IsZero(x) {
			return a.Identity(x.Shape.Rows)
		}
	case expr.Logm:
		if x.Op == expr.Identity {
			return a.zero(x.Shape)
		}
	case expr.Sqrtm:
		if x.Op == expr.Identity {
			return x
		}
		if c, rest := a.coefficient(x); c.Sign() > 0 && !isOne(c) {
			return a.Product(a.Power(a.b.Number(c), a.Number(1, 2)), a.Apply(op, rest))
		}
	}
	if op.Traits.Has(expr.Linear) {
		return a.linear(op, x)
	}
	return nil
}

// singularValues gives the nuclear and the spectral norm without orthogonal factors, and those of what has one singular value, and
// the nuclear norm of what is positive semidefinite: the sum of its eigenvalues.
func (a *Algebra) singularValues(op *expr.Op, x *Node) *Node {
	if op != expr.Nuclear && op != expr.Spectral {
		return nil
	}
	if x.Shape.IsColumn() || x.Shape.IsRow() {
		return a.norm(x)
	}
	if _, rest, _ := a.unrotated(x); rest != nil {
		return a.Apply(op, rest)
	}
	if op == expr.Nuclear && (x.Props.Has(expr.PosDef) || x.Op == expr.Product && a.half(x.Args) != nil) {
		return a.Trace(x)
	}
	m := monomialOf(x)
	for i, f := range m.chain {
		if i > 0 && f.Shape.Rows == expr.One {
			column, row := a.Product(m.chain[:i]...), a.Product(m.chain[i:]...)
			return a.Product(a.norm(column), a.norm(row), a.norm(a.assemble(m.coef, m.scalars, nil)))
		}
	}
	return nil
}

// ofScalar gives the functions of matrices at a 1×1 argument.
func (a *Algebra) ofScalar(op *expr.Op, x *Node) *Node {
	switch op {
	case expr.Tr, expr.Total, expr.Det, expr.LambdaMax, expr.LogSumExp, expr.DiagMatrix, expr.DiagVector, expr.Vec, expr.Tril, expr.Triu:
		return x
	case expr.LogDet, expr.Logm:
		return a.Apply(expr.Log, x)
	case expr.Norm, expr.Norm1, expr.Nuclear, expr.Spectral:
		return a.Apply(expr.Abs, x)
	case expr.Pinv: // of 0 it is 0
		switch {
		case IsZero(x):
			return x
		case vanishes(x):
			return nil
		}
		return a.Power(x, a.b.Int(-1))
	case expr.Inv:
		return a.Power(x, a.b.Int(-1))
	case expr.Adj, expr.Softmax:
		return a.b.Int(1)
	case expr.Expm:
		return a.Apply(expr.Exp, x)
	case expr.Sqrtm:
		return a.Apply(expr.Sqrt, x)
	}
	return nil
}

// vanishes reports whether n may be 0 in a whole region, as relu and step are, as far as its form tells.
func vanishes(n *Node) bool {
	switch n.Op {
	case expr.Relu, expr.Step:
		return true
	case expr.Product, expr.Hadamard, expr.Power, expr.ElementPower, expr.Transpose, expr.Abs, expr.Sign, expr.Total, expr.Tr, expr.Norm1:
		return slices.ContainsFunc(n.Args, vanishes)
	case expr.Sum:
		return !slices.ContainsFunc(n.Args, func(t *Node) bool { return !vanishes(t) })
	}
	return false
}

// linear takes numbers and scalar factors out of the argument of a linear function: f(c*X) = c*f(X).
func (a *Algebra) linear(op *expr.Op, x *Node) *Node {
	if IsZero(x) {
		return a.zero(a.b.New(op, x).Shape)
	}
	m := monomialOf(x)
	atom := a.assemble(one, nil, m.chain)
	c, content := a.content(atom)
	if isOne(c) {
		content = atom
	}
	c = mul(c, m.coef)
	if isOne(c) && len(m.scalars) == 0 {
		return nil
	}
	return a.Product(append(m.scalars, a.b.Number(c), a.Apply(op, plain(a, content)))...)
}

// plain returns an operand outside of products: a sum without the Transpose that operands may have.
func plain(a *Algebra, n *Node) *Node {
	if n.Op == expr.Transpose && n.Args[0].Op == expr.Sum {
		return a.Transpose(n.Args[0])
	}
	return n
}

// negated returns -x if x is negative as it is written: its coefficient is, or that of its first term.
func (a *Algebra) negated(x *Node) (*Node, bool) {
	c, _ := a.coefficient(x)
	if x.Op == expr.Sum {
		c, _ = a.content(x)
	}
	if c.Sign() >= 0 {
		return x, false
	}
	return a.Neg(x), true
}
