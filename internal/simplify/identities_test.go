package simplify_test

import (
	"math/rand"

	"matdiff/internal/expr"
	"matdiff/internal/randexpr"
)

// rewriter changes random parts of expressions by identities that hold for all values.
type rewriter struct {
	b   *expr.Builder
	rng *rand.Rand
	g   *randexpr.Generator
}

// rewrite applies identities at about one in every chance nodes.
func (r *rewriter) rewrite(n *expr.Node, chance int) *expr.Node {
	args := make([]*expr.Node, len(n.Args))
	for i, arg := range n.Args {
		args[i] = r.rewrite(arg, chance)
	}
	if len(args) > 0 {
		n = r.b.With(n, args)
	}
	if r.rng.Intn(chance) > 0 || n.Props.Has(expr.Index) {
		return n
	}
	for _, i := range r.rng.Perm(len(identities)) {
		if m := identities[i](r, n); m != nil && m != n {
			return m
		}
	}
	return n
}

// identities are ways to write a node differently. Each returns nil where it does not apply.
var identities = []func(r *rewriter, n *expr.Node) *expr.Node{
	func(r *rewriter, n *expr.Node) *expr.Node { return r.t(r.t(n)) },
	(*rewriter).zeroAdded, (*rewriter).doubled, (*rewriter).identityFactor, (*rewriter).commuted, (*rewriter).grouped,
	(*rewriter).distributed, (*rewriter).entriesDistributed, (*rewriter).transposeMoved, (*rewriter).scalarMoved,
	(*rewriter).cyclic, (*rewriter).totalled, (*rewriter).kronecker, (*rewriter).diagonal, (*rewriter).inverses,
	(*rewriter).declared, (*rewriter).exponentials, (*rewriter).powers, (*rewriter).gathered,
}

func (r *rewriter) sum(terms ...*expr.Node) *expr.Node { return r.b.New(expr.Sum, terms...) }
func (r *rewriter) product(factors ...*expr.Node) *expr.Node {
	return r.b.New(expr.Product, factors...)
}
func (r *rewriter) entries(factors ...*expr.Node) *expr.Node {
	return r.b.New(expr.Hadamard, factors...)
}
func (r *rewriter) neg(n *expr.Node) *expr.Node { return r.product(r.b.Int(-1), n) }
func (r *rewriter) t(n *expr.Node) *expr.Node   { return r.b.New(expr.Transpose, n) }
func (r *rewriter) ones(rows, cols expr.Dim) *expr.Node {
	return r.b.Sized(expr.Ones, expr.Shape{Rows: rows, Cols: cols})
}
func (r *rewriter) identity(n expr.Dim) *expr.Node { return r.b.Sized(expr.Identity, expr.Square(n)) }

// allOfShape reports whether all arguments of n have its shape: none is a 1×1 one among matrices.
func allOfShape(n *expr.Node) bool {
	for _, arg := range n.Args {
		if arg.Shape != n.Shape {
			return false
		}
	}
	return true
}

// isChain reports whether n is a product of two factors, neither 1×1.
func isChain(n *expr.Node) bool {
	return n.Op == expr.Product && len(n.Args) == 2 && !n.Args[0].Shape.IsScalar() && !n.Args[1].Shape.IsScalar()
}

// zeroAdded: X = X + Y - Y.
func (r *rewriter) zeroAdded(n *expr.Node) *expr.Node {
	y := r.g.Of(n.Shape, 2)
	return r.sum(y, n, r.neg(y))
}

// doubled: X = 2*X - X.
func (r *rewriter) doubled(n *expr.Node) *expr.Node {
	return r.sum(r.product(r.b.Int(2), n), r.neg(n))
}

// identityFactor: X = I*X = X*I = ones .* X.
func (r *rewriter) identityFactor(n *expr.Node) *expr.Node {
	switch {
	case n.Shape.IsScalar():
		return nil
	case r.rng.Intn(3) == 0:
		return r.entries(r.ones(n.Shape.Rows, n.Shape.Cols), n)
	case r.rng.Intn(2) == 0 && n.Shape.Rows != expr.One:
		return r.product(r.identity(n.Shape.Rows), n)
	case n.Shape.Cols != expr.One:
		return r.product(n, r.identity(n.Shape.Cols))
	}
	return nil
}

// commuted: X + Y = Y + X, X .* Y = Y .* X.
func (r *rewriter) commuted(n *expr.Node) *expr.Node {
	if n.Op != expr.Sum && n.Op != expr.Hadamard {
		return nil
	}
	last := len(n.Args) - 1
	return r.b.New(n.Op, append([]*expr.Node{n.Args[last]}, n.Args[:last]...)...)
}

// grouped: X + Y + Z = X + (Y + Z), and so for the products.
func (r *rewriter) grouped(n *expr.Node) *expr.Node {
	if len(n.Args) < 3 || n.Op != expr.Sum && n.Op != expr.Hadamard && n.Op != expr.Product || n.Op == expr.Product && !conforms(n.Args) {
		return nil
	}
	return r.b.New(n.Op, n.Args[0], r.b.New(n.Op, n.Args[1:]...))
}

// conforms reports whether factors conform one to the next, without any that is 1×1 or gives a 1×1 product on the way.
func conforms(factors []*expr.Node) bool {
	for i, f := range factors {
		if f.Shape.IsScalar() || i > 0 && (f.Shape.Rows != factors[i-1].Shape.Cols || f.Shape.Rows == expr.One) {
			return false
		}
	}
	return true
}

// distributed: X*(Y + Z) = X*Y + X*Z, (Y + Z)*X = Y*X + Z*X.
func (r *rewriter) distributed(n *expr.Node) *expr.Node {
	if n.Op != expr.Product || len(n.Args) != 2 {
		return nil
	}
	x, y := n.Args[0], n.Args[1]
	at := r.rng.Intn(2)
	s := n.Args[at]
	if s.Op != expr.Sum || !allOfShape(s) {
		return nil
	}
	terms := make([]*expr.Node, len(s.Args))
	for i, t := range s.Args {
		if terms[i] = r.product(x, t); at == 0 {
			terms[i] = r.product(t, y)
		}
	}
	return r.sum(terms...)
}

// entriesDistributed: X .* (Y + Z) = X .* Y + X .* Z, kron(X, Y + Z) = kron(X, Y) + kron(X, Z), f(Y + Z) = f(Y) + f(Z).
func (r *rewriter) entriesDistributed(n *expr.Node) *expr.Node {
	linear := n.Op.Traits.Has(expr.Linear) && len(n.Args) == 1
	if n.Op != expr.Hadamard && n.Op != expr.Kronecker && !linear {
		return nil
	}
	at := r.rng.Intn(len(n.Args))
	s := n.Args[at]
	if s.Op != expr.Sum || !allOfShape(s) {
		return nil
	}
	terms := make([]*expr.Node, len(s.Args))
	for i, t := range s.Args {
		args := append([]*expr.Node{}, n.Args...)
		args[at] = t
		terms[i] = r.b.New(n.Op, args...)
	}
	return r.sum(terms...)
}

// transposeMoved: X*Y = (Y'*X')', and for all functions that commute with transposition or do not see it.
func (r *rewriter) transposeMoved(n *expr.Node) *expr.Node {
	args := make([]*expr.Node, len(n.Args))
	for i, arg := range n.Args {
		args[i] = r.t(arg)
	}
	switch {
	case isChain(n):
		return r.t(r.product(args[1], args[0]))
	case n.Op == expr.Sum && allOfShape(n), n.Op == expr.Hadamard && allOfShape(n), n.Op == expr.Kronecker,
		n.Op.Traits.Has(expr.Equivariant) && len(args) == 1:
		return r.t(r.b.New(n.Op, args...))
	case n.Op.Traits.Has(expr.Invariant) && n.Op != expr.DiagVector, n.Op == expr.DiagVector:
		return r.b.New(n.Op, args...)
	case n.Op == expr.Transpose && len(n.Args[0].Args) > 0:
		return r.t(r.t(n))
	}
	return nil
}

// scalarMoved: s*(X*Y) = X*(s*Y) = (X*Y)*s, a'*b = b'*a.
func (r *rewriter) scalarMoved(n *expr.Node) *expr.Node {
	if n.Op != expr.Product || len(n.Args) != 2 {
		return nil
	}
	x, y := n.Args[0], n.Args[1]
	switch {
	case x.Shape.IsScalar() && isChain(y):
		return r.product(y.Args[0], r.product(x, y.Args[1]))
	case x.Shape.IsScalar() || y.Shape.IsScalar():
		return r.product(y, x)
	case n.Shape.IsScalar():
		return r.product(r.t(y), r.t(x))
	}
	return nil
}

// cyclic: tr(X*Y) = tr(Y*X) = sum(X' .* Y) = vec(X')'*vec(Y).
func (r *rewriter) cyclic(n *expr.Node) *expr.Node {
	if n.Op != expr.Tr || !isChain(n.Args[0]) {
		return nil
	}
	x, y := n.Args[0].Args[0], n.Args[0].Args[1]
	switch r.rng.Intn(3) {
	case 0:
		return r.b.New(expr.Total, r.entries(r.t(x), y))
	case 1:
		return r.product(r.t(r.b.New(expr.Vec, r.t(x))), r.b.New(expr.Vec, y))
	}
	return r.b.New(expr.Tr, r.product(y, x))
}

// totalled: sum(X) = ones'*X*ones, x'*y = sum(x .* y).
func (r *rewriter) totalled(n *expr.Node) *expr.Node {
	switch {
	case n.Op == expr.Total:
		x := n.Args[0]
		return r.product(r.ones(expr.One, x.Shape.Rows), x, r.ones(x.Shape.Cols, expr.One))
	case isChain(n) && n.Shape.IsScalar():
		return r.b.New(expr.Total, r.entries(r.t(n.Args[0]), n.Args[1]))
	}
	return nil
}

// kronecker: kron(X, Y) = kron(X, I)*kron(I, Y), kron(X*Z, Y) = kron(X, I)*kron(Z, Y), vec(X*Y) = kron(Y', I)*vec(X).
func (r *rewriter) kronecker(n *expr.Node) *expr.Node {
	switch {
	case n.Op == expr.Kronecker && len(n.Args) == 2:
		x, y := n.Args[0], n.Args[1]
		left := r.b.New(expr.Kronecker, x, r.identity(y.Shape.Rows))
		rest := r.identity(x.Shape.Cols)
		if isChain(x) {
			left, rest = r.b.New(expr.Kronecker, x.Args[0], r.identity(y.Shape.Rows)), x.Args[1]
		}
		right := r.b.New(expr.Kronecker, rest, y)
		if left.Shape.IsScalar() || right.Shape.IsScalar() || left.Shape.Cols == expr.One {
			return nil
		}
		return r.product(left, right)
	case n.Op == expr.Vec && isChain(n.Args[0]):
		x, y := n.Args[0].Args[0], n.Args[0].Args[1]
		if n.Args[0].Shape.Rows == expr.One || n.Args[0].Shape.Cols == expr.One || x.Shape.Cols == expr.One {
			return nil
		}
		return r.product(r.b.New(expr.Kronecker, r.t(y), r.identity(x.Shape.Rows)), r.b.New(expr.Vec, x))
	}
	return nil
}

// diagonal: x .* y = diag(x)*y, diag(x)*Y = (x*ones') .* Y, diag(X*Y) = (X .* Y')*ones.
func (r *rewriter) diagonal(n *expr.Node) *expr.Node {
	switch {
	case n.Op == expr.Hadamard && len(n.Args) == 2 && n.Shape.IsColumn() && allOfShape(n):
		return r.product(r.b.New(expr.DiagMatrix, n.Args[0]), n.Args[1])
	case isChain(n) && n.Args[0].Op == expr.DiagMatrix:
		x, y := n.Args[0].Args[0], n.Args[1]
		return r.entries(r.product(x, r.ones(expr.One, y.Shape.Cols)), y)
	case n.Op == expr.DiagVector && isChain(n.Args[0]) && n.Args[0].Args[0].Shape.Cols != expr.One:
		x, y := n.Args[0].Args[0], n.Args[0].Args[1]
		return r.product(r.entries(x, r.t(y)), r.ones(x.Shape.Cols, expr.One))
	}
	return nil
}

// inverses: inv(X*Y) = inv(Y)*inv(X), inv(X') = inv(X)', X = X*inv(P)*P, det(X*Y) = det(X)*det(Y), logdet(inv(X)) = -logdet(X).
func (r *rewriter) inverses(n *expr.Node) *expr.Node {
	p := r.b.Variable("P", expr.Square(expr.Named("n")), expr.Symmetric|expr.PosDef)
	switch {
	case (n.Op == expr.Inv || n.Op == expr.Det) && isChain(n.Args[0]) && n.Args[0].Args[0].Shape.IsSquare():
		x, y := n.Args[0].Args[0], n.Args[0].Args[1]
		return r.product(r.b.New(n.Op, y), r.b.New(n.Op, x))
	case n.Op == expr.LogDet:
		return r.neg(r.b.New(n.Op, r.b.New(expr.Inv, n.Args[0])))
	case n.Shape.Cols == p.Shape.Rows:
		return r.product(n, r.b.New(expr.Inv, p), p)
	case n.Shape.Rows == p.Shape.Rows:
		return r.product(p, r.b.New(expr.Inv, p), n)
	}
	return nil
}

// declared: S = S', R = -R', X = X*Q*Q', X = X + D - D'.
func (r *rewriter) declared(n *expr.Node) *expr.Node {
	q := r.b.Variable("Q", expr.Square(expr.Named("n")), expr.Orthogonal)
	d := r.b.Variable("D", expr.Square(expr.Named("n")), expr.Diagonal)
	switch {
	case n.Op == expr.Variable && n.Props&(expr.Symmetric|expr.Diagonal) != 0:
		return r.t(n)
	case n.Op == expr.Variable && n.Props.Has(expr.Skew):
		return r.neg(r.t(n))
	case n.Shape == d.Shape && r.rng.Intn(2) == 0:
		return r.sum(n, d, r.neg(r.t(d)))
	case n.Shape.Cols == q.Shape.Rows:
		return r.product(n, q, r.t(q))
	}
	return nil
}

// exponentials: exp(X + Y) = exp(X) .* exp(Y), X = log(exp(X)), sqrt(X) = X.^(1/2), 1/exp(X) = exp(-X).
func (r *rewriter) exponentials(n *expr.Node) *expr.Node {
	switch {
	case n.Op == expr.Exp && n.Args[0].Op == expr.Sum && allOfShape(n.Args[0]):
		factors := make([]*expr.Node, len(n.Args[0].Args))
		for i, t := range n.Args[0].Args {
			factors[i] = r.b.New(expr.Exp, t)
		}
		return r.entries(factors...)
	case n.Op == expr.Exp:
		return r.b.New(expr.ElementPower, r.b.New(expr.Exp, r.neg(n.Args[0])), r.b.Int(-1))
	case n.Op == expr.Sqrt:
		return r.b.New(expr.ElementPower, n.Args[0], r.b.Number(half))
	case n.Op == expr.Variable:
		return r.b.New(expr.Log, r.b.New(expr.Exp, n))
	case n.Op == expr.Sin || n.Op == expr.Tanh: // odd
		return r.neg(r.b.New(n.Op, r.neg(n.Args[0])))
	}
	return nil
}

// powers: X^2 = X*X, x.^2 = x .* x, sqrt(x)^2 = x for x > 0.
func (r *rewriter) powers(n *expr.Node) *expr.Node {
	switch {
	case n.Op == expr.Power && n.Args[1].IsNumber(2):
		return r.product(n.Args[0], n.Args[0])
	case n.Op == expr.ElementPower && n.Args[1].IsNumber(2):
		return r.entries(n.Args[0], n.Args[0])
	case n.Op == expr.Variable && n.Props.Has(expr.Positive):
		return r.b.New(expr.ElementPower, r.b.New(expr.Sqrt, n), r.b.Int(2))
	}
	return nil
}

// gathered: X*Y + X*Z = X*(Y + Z), and with the common factor on the right.
func (r *rewriter) gathered(n *expr.Node) *expr.Node {
	if n.Op != expr.Sum || len(n.Args) != 2 || !isChain(n.Args[0]) || !isChain(n.Args[1]) {
		return nil
	}
	x, y := n.Args[0].Args, n.Args[1].Args
	switch {
	case x[0] == y[0]:
		return r.product(x[0], r.sum(x[1], y[1]))
	case x[1] == y[1]:
		return r.product(r.sum(x[0], y[0]), x[1])
	}
	return nil
}
