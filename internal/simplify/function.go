package simplify

import (
	"math/big"
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
	case expr.Cos, expr.Cosh, expr.Abs, expr.Norm1, expr.Nuclear, expr.Spectral:
		if (op == expr.Nuclear || op == expr.Spectral) && (x.Shape.IsColumn() || x.Shape.IsRow()) {
			return a.norm(x) // a vector's only singular value
		}
		if n, ok := a.negated(x); ok {
			return a.Apply(op, n)
		}
	case expr.Pinv:
		if x.Op == expr.Pinv {
			return x.Args[0]
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
	}
	if op.Traits.Has(expr.Linear) {
		return a.linear(op, x)
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
	case expr.Inv, expr.Pinv:
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
	case expr.DExpm, expr.DLogm, expr.Sylvester:
		if m := a.traceOfDifferential(x); m != nil {
			return m
		}
	}
	t, better := a.betterTransposed(x)
	if c, rest := a.coefficient(t); rest == x && c.Sign() < 0 {
		return a.b.Int(0) // x is skew
	}
	if better {
		return a.Trace(t)
	}
	return a.b.New(expr.Tr, x)
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
		u, v := a.Transpose(chain[0]), chain[1]
		if u.Op == expr.Hadamard || v.Op == expr.Hadamard || elementBase(u) == elementBase(v) && u != v {
			return a.Total(a.Hadamard(u, v))
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
	case expr.Unit:
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
		// See scalarChain and cyclicTrace, which turn inner products with a Hadamard product into sums.
		if u, v := x.Args[0], x.Args[1]; len(x.Args) == 2 && !isEntrywise(u) && !isEntrywise(v) {
			return a.Inner(u, v)
		}
	case expr.ElementPower:
		if x.Args[1].IsNumber(2) {
			return a.Inner(x.Args[0], x.Args[0])
		}
	}
	t, better := a.betterTransposed(x)
	if c, rest := a.coefficient(t); rest == x && c.Sign() < 0 {
		return a.b.Int(0) // x is skew
	}
	if better {
		return a.Total(t)
	}
	return a.b.New(expr.Total, x)
}

func isEntrywise(n *Node) bool { return n.Op == expr.Hadamard || n.Op == expr.ElementPower }

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
	return a.Product(append(scalars, a.Power(a.Inner(atom, atom), a.Number(1, 2)))...)
}

// determinant gives det of powers, inverses and exponentials, and logdet of the latter two.
func (a *Algebra) determinant(op *expr.Op, x *Node) *Node {
	if op == expr.LogDet {
		switch {
		case x.Op == expr.Inv:
			return a.Neg(a.Apply(op, x.Args[0]))
		case x.Op == expr.Identity:
			return a.b.Int(0)
		case x.Op == expr.Expm:
			return a.Trace(x.Args[0])
		}
		return nil
	}
	switch x.Op {
	case expr.Identity:
		return a.b.Int(1)
	case expr.Expm:
		return a.Apply(expr.Exp, a.Trace(x.Args[0]))
	}
	if b, k := a.base(x); k != 1 {
		return a.Power(a.Apply(op, b), a.b.Int(k))
	}
	return nil
}

func allSquare(chain []*Node) bool {
	for _, f := range chain {
		if f.Shape != chain[0].Shape || !f.Shape.IsSquare() {
			return false
		}
	}
	return true
}

// inverse gives inv of products of square matrices, powers, multiples and diagonal matrices. A product that has an
// inverse has invertible factors if they are square.
func (a *Algebra) inverse(x *Node) *Node {
	switch x.Op {
	case expr.Identity:
		return x
	case expr.Inv:
		return x.Args[0]
	case expr.Expm:
		return a.Apply(expr.Expm, a.Neg(x.Args[0]))
	case expr.DiagMatrix:
		return a.Apply(expr.DiagMatrix, a.ElementPower(x.Args[0], a.b.Int(-1)))
	case expr.Power:
		return a.matrixPower(x.Args[0], -x.Args[1].Num.Num().Int64())
	case expr.Variable:
		if x.Props.Has(expr.Orthogonal) && x.Shape.IsSquare() {
			return a.Transpose(x)
		}
		return nil
	case expr.Sum:
		c, atom := a.content(x)
		if isOne(c) {
			return nil
		}
		return a.Product(a.b.Number(new(big.Rat).Inv(c)), a.Apply(expr.Inv, plain(a, atom)))
	}
	m := monomialOf(x)
	if isOne(m.coef) && len(m.scalars) == 0 && (len(m.chain) == 1 || !allSquare(m.chain)) {
		return nil
	}
	if m.coef.Sign() == 0 {
		return nil
	}
	out := []*Node{a.b.Number(new(big.Rat).Inv(m.coef))}
	for _, s := range m.scalars {
		out = append(out, a.Power(s, a.b.Int(-1)))
	}
	if !allSquare(m.chain) {
		return a.Product(append(out, a.Apply(expr.Inv, a.assemble(one, nil, m.chain)))...)
	}
	for i := len(m.chain) - 1; i >= 0; i-- {
		out = append(out, a.Apply(expr.Inv, plain(a, m.chain[i])))
	}
	return a.Product(out...)
}

// exponential gives exp and log of each other, and the names that people use for what they combine to.
func (a *Algebra) exponential(op *expr.Op, x *Node) *Node {
	if op == expr.Exp {
		switch {
		case IsZero(x):
			return a.ones(x.Shape)
		case x.Op == expr.Log:
			return x.Args[0]
		}
		return nil
	}
	switch {
	case x.IsNumber(1), x.Op == expr.Ones:
		return a.zero(x.Shape)
	case x.Op == expr.Exp:
		return x.Args[0]
	case x.Op == expr.Det:
		return a.Apply(expr.LogDet, x.Args[0])
	case x.Op == expr.Sigmoid:
		return a.Neg(a.Apply(expr.Softplus, a.Neg(x.Args[0])))
	case x.Op == expr.Softmax:
		return a.Sum(x.Args[0], a.Neg(a.Apply(expr.LogSumExp, x.Args[0])))
	case x.Op == expr.Total && x.Args[0].Op == expr.Exp:
		return a.Apply(expr.LogSumExp, x.Args[0].Args[0])
	}
	if u := a.onePlusExp(x); u != nil {
		return a.Apply(expr.Softplus, u)
	}
	if u := a.oneMinusSigmoid(x); u != nil {
		return a.Neg(a.Apply(expr.Softplus, u))
	}
	return nil
}

// oneMinusSigmoid returns u if n is 1 - sigmoid(u).
func (a *Algebra) oneMinusSigmoid(n *Node) *Node {
	if n.Op != expr.Sum || len(n.Args) != 2 {
		return nil
	}
	for i, t := range n.Args {
		c, rest := a.coefficient(n.Args[1-i])
		if (t.IsNumber(1) || t.Op == expr.Ones) && c.Cmp(minusOne) == 0 && rest.Op == expr.Sigmoid {
			return rest.Args[0]
		}
	}
	return nil
}

// softmax recognises exp(z)/sum(exp(z)) among the factors of a product.
func (a *Algebra) softmax(scalars, chain []*Node) ([]*Node, []*Node) {
	for i, s := range scalars {
		if s.Op != expr.Power || !s.Args[1].IsNumber(-1) || s.Args[0].Op != expr.Total || s.Args[0].Args[0].Op != expr.Exp {
			continue
		}
		e := s.Args[0].Args[0]
		for j, f := range chain {
			if g := a.withSoftmax(f, e); g != nil {
				rest := append(append([]*Node{}, scalars[:i]...), scalars[i+1:]...)
				out := append([]*Node{}, chain...)
				out[j] = g
				return a.softmax(rest, out)
			}
		}
	}
	return scalars, chain
}

// withSoftmax replaces the factor e = exp(z) in f, e itself or its transpose or a Hadamard product, by softmax(z).
func (a *Algebra) withSoftmax(f, e *Node) *Node {
	switch {
	case f == e:
		return a.Apply(expr.Softmax, e.Args[0])
	case f.Op == expr.Transpose:
		if g := a.withSoftmax(f.Args[0], e); g != nil {
			return a.Transpose(g)
		}
	case f.Op == expr.Hadamard:
		for i, arg := range f.Args {
			if arg == e {
				args := append([]*Node{}, f.Args...)
				args[i] = a.Apply(expr.Softmax, e.Args[0])
				return a.Hadamard(args...)
			}
		}
	}
	return nil
}

// rearranged gives diag and vec of each other and of constants.
func (a *Algebra) rearranged(op *expr.Op, x *Node) *Node {
	if m := a.linear(op, x); m != nil {
		return m
	}
	switch {
	case op == expr.DiagVector && x.Op == expr.DiagMatrix:
		return x.Args[0]
	case op == expr.DiagVector && (x.Op == expr.Identity || x.Op == expr.Ones):
		return a.ones(expr.Vector(x.Shape.Rows))
	case op == expr.DiagMatrix && x.Op == expr.Ones:
		return a.Identity(x.Shape.Rows)
	case op == expr.Vec && x.Shape.Cols == expr.One:
		return x
	case op == expr.Vec && x.Op == expr.Ones:
		return a.ones(a.b.New(op, x).Shape)
	case op == expr.Vec && x.Shape.Rows == expr.One:
		return a.Transpose(x)
	}
	return a.diagonalOfOuter(op, x)
}

// diagonalOfOuter rewrites diag(a*b') as a .* b, and diag(A .* I) as diag(A).
func (a *Algebra) diagonalOfOuter(op *expr.Op, x *Node) *Node {
	if op != expr.DiagVector {
		return nil
	}
	if x.Op == expr.Product && x.Args[0].Shape.Rows != expr.One {
		for i, f := range x.Args {
			if i > 0 && f.Shape.Rows == expr.One {
				return a.Hadamard(a.Product(x.Args[:i]...), a.Transpose(a.Product(x.Args[i:]...)))
			}
		}
	}
	return nil
}

// Kronecker returns the Kronecker product; numbers and scalar factors are taken out of its operands.
func (a *Algebra) Kronecker(operands ...*Node) *Node {
	var outer, inner []*Node
	shape := expr.Scalar
	for _, x := range operands {
		shape = expr.Shape{Rows: shape.Rows.Times(x.Shape.Rows), Cols: shape.Cols.Times(x.Shape.Cols)}
	}
	for _, x := range operands {
		if IsZero(x) {
			return a.zero(shape)
		}
		if x.Shape.IsScalar() {
			outer = append(outer, x)
			continue
		}
		m := monomialOf(x)
		atom := a.assemble(one, nil, m.chain)
		c, content := a.content(atom)
		if isOne(c) {
			content = atom
		}
		outer = append(append(outer, m.scalars...), a.b.Number(mul(c, m.coef)))
		if content = plain(a, content); content.Op == expr.Kronecker {
			inner = append(inner, content.Args...)
		} else {
			inner = append(inner, content)
		}
	}
	for i := 0; i+1 < len(inner); {
		f, g := inner[i], inner[i+1]
		if f.Op == g.Op && (f.Op == expr.Identity || f.Op == expr.Ones || f.Op == expr.Zeros) {
			s := expr.Shape{Rows: f.Shape.Rows.Times(g.Shape.Rows), Cols: f.Shape.Cols.Times(g.Shape.Cols)}
			inner = append(append(inner[:i:i], a.leaf(f.Op, s)), inner[i+2:]...)
			continue
		}
		i++
	}
	if len(inner) == 0 {
		return a.Product(outer...)
	}
	if len(inner) == 1 {
		return a.Product(append(outer, inner[0])...)
	}
	return a.Product(append(outer, a.b.New(expr.Kronecker, inner...))...)
}

// Element returns x[i,j].
func (a *Algebra) Element(x, i, j *Node) *Node {
	if x.Shape.IsScalar() {
		return x
	}
	m := monomialOf(x)
	if len(m.scalars) > 0 || !isOne(m.coef) {
		return a.Product(append(m.scalars, a.b.Number(m.coef), a.Element(a.assemble(one, nil, m.chain), i, j))...)
	}
	switch x.Op {
	case expr.Transpose:
		return a.Element(x.Args[0], j, i)
	case expr.Unit, expr.Product:
		if m := a.elementOfUnit(x, i, j); m != nil {
			return m
		}
	case expr.Ones:
		return a.b.Int(1)
	case expr.Zeros:
		return a.b.Int(0)
	case expr.Sum:
		terms := make([]*Node, len(x.Args))
		for k, t := range x.Args {
			terms[k] = a.Element(t, i, j)
		}
		return a.Sum(terms...)
	}
	return a.b.New(expr.Element, x, i, j)
}
