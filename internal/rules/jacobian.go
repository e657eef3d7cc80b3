package rules

import (
	"slices"

	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// Jacobian returns the derivative of f by x in numerator layout: entry i,j is ∂vec(f)[i]/∂vec(x)[j]. By a scalar t, or by
// an entry X[i,j], it has the shape of f. For a variable declared symmetric, skew, diagonal, triangular or orthogonal it is that
// along the space in which the variable moves: by an entry of X, along the projection of E(i,j).
//
// The variables of dependents are functions of the scalar t that each is mapped to; their derivatives are diff(A, t).
func (k *Book) Jacobian(a *simplify.Algebra, f, x *Node, dependents map[*Node]*Node) (*Node, error) {
	b := a.Builder()
	if x.Shape.IsScalar() {
		tangents := map[*Node]*Node{x: b.Int(1)}
		if x.Is(expr.Element) {
			if err := movable(x); err != nil {
				return nil, err
			}
			y := x.Args[0]
			tangents = map[*Node]*Node{y: Project(a, a.Normalize(b.Sized(expr.Unit, y.Shape, x.Args[1], x.Args[2])), y)}
		}
		for y, t := range dependents {
			if t == x {
				tangents[y] = b.Sized(expr.Jacobian, y.Shape, y, t)
			}
		}
		return k.Differential(a, f, tangents)
	}
	if f.Shape.IsScalar() {
		g, err := k.Gradient(a, f, []*Node{x})
		if err != nil {
			return nil, err
		}
		return asRow(a, g[0]), nil
	}
	dx := b.Variable(tangentName+x.Name, x.Shape, 0) // not the name that a rule has for its tangent
	df, err := k.Differential(a, f, map[*Node]*Node{x: Project(a, dx, x)})
	if err != nil {
		return nil, err
	}
	return newReading(k, a, dx).matrix(nil, df, nil)
}

// reading reads the matrix M off a differential: vec(F) = M*vec(dx) for an F that is linear in dx.
type reading struct{ linearMap }

func newReading(k *Book, a *simplify.Algebra, dx *Node) *reading {
	return &reading{linearMap{sweep: &sweep{book: k, a: a}, tangent: dx, held: map[*Node]bool{dx: true}}}
}

// matrix returns the M with vec(p*n*q) = M*vec(dx), where p and q do not depend on dx; nil stands for an identity.
//
//	vec(P*dX*Q) = kron(Q', P)*vec(dX)               vec(P*dX'*Q) = kron(Q', P)*K(m,n)*vec(dX)
//	vec(A .* L) = diag(vec(A))*vec(L)               diag(l)*q = diag(q)*l
//	vec(s*A) = vec(A)*vec(∇s)', ds = <∇s, dX>       vec(kron(A, B)) = kron(I, K, I)*kron(vec(A), vec(B))
//	vec(sylvester(A, B, L)) = inv(kron(I, A) + kron(B', I))*vec(L)
func (r *reading) matrix(p, n, q *Node) (*Node, error) {
	a := r.a
	if err := a.Builder().Err(); err != nil {
		return nil, err
	}
	if !r.holds(n) {
		return a.Normalize(a.Builder().Sized(expr.Zeros, expr.Shape{Rows: length(r.sides(p, n, q)), Cols: length(r.tangent.Shape)})), nil
	}
	if n.Shape.IsScalar() {
		row, err := r.row(n)
		if err != nil {
			return nil, err
		}
		return a.Product(a.Apply(expr.Vec, r.times(r.times(p, q), a.Builder().Int(1))), row), nil
	}
	switch n.Op {
	case expr.Variable:
		return r.around(p, n.Shape, q, nil), nil
	case expr.Sum:
		terms := make([]*Node, len(n.Args))
		for i, t := range n.Args {
			var err error
			if terms[i], err = r.matrix(p, t, q); err != nil {
				return nil, err
			}
		}
		return a.Sum(terms...), nil
	case expr.Product:
		return r.product(p, n, q)
	case expr.Hadamard:
		return r.hadamard(p, n, q)
	case expr.Transpose:
		return r.transposed(p, n.Args[0], q)
	case expr.Kronecker:
		return r.kronecker(p, n, q)
	}
	if s := r.sides(p, n, q); n.Op == expr.DiagMatrix && (s.Cols == expr.One || s.Rows == expr.One) {
		// p*diag(l)*q = p*diag(q)*l for a column q, and its transpose for a row p.
		if s.Cols != expr.One {
			p, q = transposeSide(a, q), transposeSide(a, p)
		}
		return r.matrix(r.times(p, a.Apply(expr.DiagMatrix, q)), n.Args[0], nil)
	}
	if n.Op == expr.DiagMatrix && (p == nil) != (q == nil) {
		return r.scaled(p, n.Args[0], q)
	}
	inner, err := r.function(n)
	if err != nil {
		return nil, err
	}
	return r.around(p, n.Shape, q, inner), nil
}

// scaled returns the M with vec(p*diag(l)*q) = M*vec(dx), where one of p and q is nil, which stands for an identity.
//
//	vec(diag(l)*Q) = vec(Q .* (l*ones')) = diag(vec(Q))*kron(ones, I)*l    vec(P*diag(l)) = diag(vec(P))*kron(I, ones)*l
func (r *reading) scaled(p, l, q *Node) (*Node, error) {
	a := r.a
	inner, err := r.matrix(nil, l, nil)
	if err != nil {
		return nil, err
	}
	ones := func(d expr.Dim) *Node { return a.Normalize(a.Builder().Sized(expr.Ones, expr.Vector(d))) }
	side, spread := r.times(p, q), a.Identity(l.Shape.Rows)
	switch {
	case side.Shape.IsScalar():
		side, spread = a.Product(side, a.Identity(l.Shape.Rows)), a.Kronecker(ones(l.Shape.Rows), spread)
	case p == nil:
		spread = a.Kronecker(ones(q.Shape.Cols), spread)
	default:
		spread = a.Kronecker(spread, ones(p.Shape.Rows))
	}
	return a.Product(a.Apply(expr.DiagMatrix, a.Apply(expr.Vec, side)), spread, inner), nil
}

// function returns the M with vec(n) = M*vec(dx) for a function n.
func (r *reading) function(n *Node) (*Node, error) {
	a, b := r.a, r.a.Builder()
	last := n.Args[len(n.Args)-1]
	if n.Op == expr.DiagVector {
		return r.diagonal(nil, last, nil)
	}
	inner, err := r.matrix(nil, last, nil)
	if err != nil {
		return nil, err
	}
	mask := func(m *Node) *Node { return a.Apply(expr.DiagMatrix, a.Apply(expr.Vec, m)) }
	switch n.Op {
	case expr.Vec:
		return inner, nil
	case expr.Tril, expr.Triu:
		return a.Product(mask(a.Apply(n.Op, a.Normalize(b.Sized(expr.Ones, n.Shape)))), inner), nil
	case expr.DiagMatrix: // (l*ones') .* I
		spread := a.Kronecker(a.Normalize(b.Sized(expr.Ones, last.Shape)), a.Identity(last.Shape.Rows))
		return a.Product(mask(a.Identity(n.Shape.Rows)), spread, inner), nil
	case expr.Sylvester:
		x, y := n.Args[0], n.Args[1]
		if !r.holds(x) && !r.holds(y) {
			system := a.Sum(a.Kronecker(a.Identity(y.Shape.Rows), x), a.Kronecker(a.Transpose(y), a.Identity(x.Shape.Rows)))
			inverse := expr.Inv
			if x == y && mayBeSingularRoot(x) {
				inverse = expr.Pinv
			}
			return a.Product(a.Apply(inverse, system), inner), nil
		}
	case expr.DExpm, expr.DLogm:
		return nil, &NoRule{Op: n.Op, Reason: "the Jacobian of " + n.Op.Name[1:] + " is not known in closed form: matdiff differential gives it as " + n.Op.Name}
	}
	return nil, &NoRule{Op: n.Op, Reason: "the Jacobian of " + n.Op.UserName() + " has no known form in matrix notation: matdiff differential may have one"}
}

// diagonal returns the M with diag(p*n*q) = M*vec(dx), where p and q do not depend on dx; nil stands for an identity.
//
//	diag(P*diag(l)*Q) = (P .* Q')*l    diag(s*P) = diag(P)*vec(∇s)', ds = <∇s, dX>
//	diag(L) = (L .* I)*ones = kron(ones', I)*diag(vec(I))*vec(L)
func (r *reading) diagonal(p, n, q *Node) (*Node, error) {
	a := r.a
	switch n.Op {
	case expr.Sum:
		terms := make([]*Node, len(n.Args))
		for i, t := range n.Args {
			var err error
			if terms[i], err = r.diagonal(p, t, q); err != nil {
				return nil, err
			}
		}
		return a.Sum(terms...), nil
	case expr.Product:
		left, mover, right := r.split(p, n, q)
		if !mover.Shape.IsScalar() {
			return r.diagonal(left, mover, right)
		}
		row, err := r.row(mover)
		if err != nil {
			return nil, err
		}
		return a.Product(a.Apply(expr.DiagVector, r.times(left, right)), row), nil
	case expr.DiagMatrix:
		left, right := p, transposeSide(a, q)
		for _, side := range []**Node{&left, &right} {
			if *side == nil {
				*side = a.Identity(n.Shape.Rows)
			}
		}
		return r.matrix(a.Hadamard(left, right), n.Args[0], nil)
	}
	inner, err := r.matrix(p, n, q)
	if err != nil {
		return nil, err
	}
	size := r.sides(p, n, q).Rows
	gather := a.Kronecker(a.Normalize(a.Builder().Sized(expr.Ones, expr.Vector(size).T())), a.Identity(size))
	mask := a.Apply(expr.DiagMatrix, a.Apply(expr.Vec, a.Identity(size)))
	return a.Product(gather, mask, inner), nil
}

// row returns the M with n = M*vec(dx) for a 1×1 n: the transposed vec of its gradient.
func (r *reading) row(n *Node) (*Node, error) {
	g, err := r.book.Pullback(r.a, n, r.a.Builder().Int(1), []*Node{r.tangent})
	if err != nil {
		return nil, err
	}
	return asRow(r.a, g[0]), nil
}

// asRow returns vec(g)', which for an outer product u*w is kron(w, u').
func asRow(a *simplify.Algebra, g *Node) *Node {
	if g.Op == expr.Product && !g.Shape.IsScalar() {
		for i, f := range g.Args {
			if i > 0 && f.Shape.Rows == expr.One && !g.Args[i-1].Shape.IsScalar() {
				return a.Kronecker(a.Product(g.Args[i:]...), a.Transpose(a.Product(g.Args[:i]...)))
			}
		}
	}
	return a.Transpose(a.Apply(expr.Vec, g))
}

// product moves the one factor of a product that holds dx.
func (r *reading) product(p, n, q *Node) (*Node, error) {
	left, mover, right := r.split(p, n, q)
	if !mover.Shape.IsScalar() {
		return r.matrix(left, mover, right)
	}
	row, err := r.row(mover)
	if err != nil {
		return nil, err
	}
	return r.a.Product(r.a.Apply(expr.Vec, r.times(left, right)), row), nil
}

// split writes p*n*q for a product n as left*mover*right, where the mover is the factor of n that holds dx. Of a 1×1 mover
// all others are on its left.
func (r *reading) split(p, n, q *Node) (left, mover, right *Node) {
	var scalars, before, after []*Node
	for _, f := range n.Args {
		switch {
		case r.holds(f):
			mover = f
		case f.Shape.IsScalar():
			scalars = append(scalars, f)
		case mover == nil || mover.Shape.IsScalar():
			before = append(before, f)
		default:
			after = append(after, f)
		}
	}
	left, right = p, q
	if factors := append(scalars, before...); len(factors) > 0 {
		left = r.times(p, r.a.Product(factors...))
	}
	if len(after) > 0 {
		right = r.times(r.a.Product(after...), q)
	}
	return left, mover, right
}

func (r *reading) hadamard(p, n, q *Node) (*Node, error) {
	a := r.a
	var still []*Node
	var mover *Node
	for _, f := range n.Args {
		if r.holds(f) {
			mover = f
		} else {
			still = append(still, f)
		}
	}
	if mover.Shape.IsScalar() {
		return r.product(p, a.Product(mover, a.Hadamard(still...)), q)
	}
	mask := a.Apply(expr.DiagMatrix, a.Apply(expr.Vec, a.Hadamard(still...)))
	switch {
	case n.Shape.IsColumn():
		return r.matrix(r.times(p, mask), mover, q)
	case n.Shape.IsRow():
		return r.matrix(p, mover, r.times(mask, q))
	}
	inner, err := r.matrix(nil, mover, nil)
	if err != nil {
		return nil, err
	}
	return r.around(p, n.Shape, q, a.Product(mask, inner)), nil
}

// transposed returns the M with vec(p*n'*q) = M*vec(dx).
func (r *reading) transposed(p, n, q *Node) (*Node, error) {
	a := r.a
	if s := r.sides(p, a.Transpose(n), q); s.Rows == expr.One || s.Cols == expr.One { // as long as its transpose
		return r.matrix(transposeSide(a, q), n, transposeSide(a, p))
	}
	inner, err := r.matrix(nil, n, nil)
	if err != nil {
		return nil, err
	}
	if n.Shape.Rows != expr.One && n.Shape.Cols != expr.One {
		k := a.Builder().Commutation(n.Shape.Rows, n.Shape.Cols)
		inner = a.Product(k, inner)
	}
	return r.around(p, n.Shape.T(), q, inner), nil
}

// kronecker moves one operand of a Kronecker product. With A m×n and B p×q,
//
//	vec(kron(A, B)) = kron(I_n, K(q,m), I_p)*kron(vec(A), vec(B))
//
// (Magnus and Neudecker, Matrix Differential Calculus, 3.7), and kron(a, B) = kron(a, I)*B for a column a.
func (r *reading) kronecker(p, n, q *Node) (*Node, error) {
	a := r.a
	left, right := n.Args[0], r.a.Kronecker(n.Args[1:]...)
	ls, rs := left.Shape, right.Shape
	eye := a.Identity
	switch {
	case !r.holds(left) && ls.Cols == expr.One:
		return r.matrix(r.times(p, a.Kronecker(left, eye(rs.Rows))), right, q)
	case !r.holds(left) && ls.Rows == expr.One:
		return r.matrix(p, right, r.times(a.Kronecker(left, eye(rs.Cols)), q))
	case r.holds(left) && rs.Cols == expr.One:
		return r.matrix(r.times(p, a.Kronecker(eye(ls.Rows), right)), left, q)
	case r.holds(left) && rs.Rows == expr.One:
		return r.matrix(p, left, r.times(a.Kronecker(eye(ls.Cols), right), q))
	}
	shuffle := a.Builder().Commutation(rs.Cols, ls.Rows)
	if rs.Cols == expr.One || ls.Rows == expr.One {
		shuffle = eye(rs.Cols.Times(ls.Rows))
	}
	shuffle = a.Kronecker(eye(ls.Cols), shuffle, eye(rs.Rows))
	mover, column := right, a.Kronecker(a.Apply(expr.Vec, left), eye(length(rs)))
	if r.holds(left) {
		mover, column = left, a.Kronecker(eye(length(ls)), a.Apply(expr.Vec, right))
	}
	inner, err := r.matrix(nil, mover, nil)
	if err != nil {
		return nil, err
	}
	return r.around(p, n.Shape, q, a.Product(shuffle, column, inner)), nil
}

// around returns kron(q', p)*inner, the M of p*n*q for an n of shape s with vec(n) = inner*vec(dx); nil stands for an
// identity.
func (r *reading) around(p *Node, s expr.Shape, q, inner *Node) *Node {
	a := r.a
	if p == nil && q == nil {
		if inner == nil {
			return a.Identity(length(s))
		}
		return inner
	}
	left, right, scale := p, transposeSide(a, q), a.Builder().Int(1)
	switch {
	case p == nil:
		left = a.Identity(s.Rows)
	case p.Shape.IsScalar():
		left, scale = a.Identity(s.Rows), p
	}
	switch {
	case q == nil:
		right = a.Identity(s.Cols)
	case q.Shape.IsScalar():
		right, scale = a.Identity(s.Cols), a.Product(scale, q)
	}
	var both *Node
	switch l, m := left.Shape, right.Shape; {
	case l.Cols == expr.One && m.Rows == expr.One:
		both = a.Product(left, right)
	case l.Rows == expr.One && m.Cols == expr.One:
		both = a.Product(right, left)
	default:
		both = a.Kronecker(right, left)
	}
	if inner == nil {
		return a.Product(scale, both)
	}
	return a.Product(scale, both, inner)
}

// times returns p*q; nil stands for an identity.
func (r *reading) times(p, q *Node) *Node {
	switch {
	case p == nil:
		return q
	case q == nil:
		return p
	}
	return r.a.Product(p, q)
}

func transposeSide(a *simplify.Algebra, p *Node) *Node {
	if p == nil {
		return nil
	}
	return a.Transpose(p)
}

// sides returns the shape of p*n*q.
func (r *reading) sides(p, n, q *Node) expr.Shape {
	s := n.Shape
	if p != nil && !p.Shape.IsScalar() {
		s.Rows = p.Shape.Rows
	}
	if q != nil && !q.Shape.IsScalar() {
		s.Cols = q.Shape.Cols
	}
	return s
}

// length is the number of entries of a matrix.
func length(s expr.Shape) expr.Dim { return s.Rows.Times(s.Cols) }

// mayBeSingularRoot reports whether x is the root of a Gram matrix Y'*Y of which the rank may be below its size. The differential of
// such a root is 0 between vectors of its kernel as long as the rank stays, and so is what a pseudo-inverse gives.
func mayBeSingularRoot(x *Node) bool {
	return x.Op == expr.Sqrtm && x.Args[0].Op == expr.Product &&
		slices.ContainsFunc(x.Args[0].Args, func(f *Node) bool { return !f.Shape.IsSquare() })
}
