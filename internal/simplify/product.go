package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// monomial is a product taken apart.
type monomial struct {
	coef    *big.Rat
	scalars []*Node // 1×1 factors, without the coefficient
	chain   []*Node // the other factors in order
}

// monomialOf takes n in normal form apart.
func monomialOf(n *Node) monomial {
	m := monomial{coef: one}
	for _, f := range spread(n) {
		switch {
		case f.Op == expr.Number:
			m.coef = f.Num
		case f.Shape.IsScalar():
			m.scalars = append(m.scalars, f)
		default:
			m.chain = append(m.chain, f)
		}
	}
	return m
}

// Product returns the product of factors from left to right; wherever one of the two operands is 1×1 it scales.
func (a *Algebra) Product(factors ...*Node) *Node {
	shape := factors[0].Shape
	coef := one
	var scalars, chain []*Node
	for i, f := range factors {
		if i > 0 {
			shape = productShape(shape, f.Shape)
		}
		m := monomialOf(f)
		if f.Shape.IsScalar() && len(factors) > 1 && f.Size() > maxMerged {
			m.coef, f = a.coefficient(f)
			m.scalars = []*Node{f}
		}
		coef = mul(coef, m.coef)
		scalars = append(scalars, m.scalars...)
		if chain = append(chain, m.chain...); shape.IsScalar() && len(chain) > 0 && i < len(factors)-1 {
			// What comes next is scaled by this and need not conform to it.
			scalars = append(scalars, a.Product(chain...))
			chain = nil
		}
	}
	if coef.Sign() == 0 || slices.ContainsFunc(chain, IsZero) {
		return a.zero(shape)
	}
	chain, extracted, c := a.chain(chain)
	coef = mul(coef, c)
	scalars = append(scalars, extracted...)
	scalars, chain = a.softmax(scalars, chain)
	c, scalars = a.mergeScalars(scalars)
	coef = mul(coef, c)
	if coef.Sign() == 0 {
		return a.zero(shape)
	}
	return a.assemble(coef, scalars, chain)
}

func productShape(s, t expr.Shape) expr.Shape {
	switch {
	case s.IsScalar():
		return t
	case t.IsScalar():
		return s
	}
	return expr.Shape{Rows: s.Rows, Cols: t.Cols}
}

// assemble joins the parts of a product that are each in normal form. A number times a sum is distributed.
func (a *Algebra) assemble(coef *big.Rat, scalars, chain []*Node) *Node {
	rest := append(slices.Clone(scalars), chain...)
	if len(rest) == 1 {
		r := rest[0]
		if r.Op == expr.Transpose && r.Args[0].Op == expr.Sum {
			r = a.Transpose(r.Args[0])
		}
		if r.Op == expr.Sum && !isOne(coef) {
			return a.divide(r, new(big.Rat).Inv(coef))
		}
		return a.withCoefficient(coef, r)
	}
	if len(rest) == 0 {
		return a.b.Number(coef)
	}
	if !isOne(coef) {
		rest = append([]*Node{a.b.Number(coef)}, rest...)
	}
	return a.b.New(expr.Product, rest...)
}

// chain simplifies a chain of factors that are not 1×1. It returns what is left of it, the 1×1 parts found in it, and
// a numeric factor. What is left is empty only if the chain was, or was 1×1.
func (a *Algebra) chain(in []*Node) (out, scalars []*Node, coef *big.Rat) {
	coef = one
	if len(in) == 0 {
		return nil, nil, coef
	}
	end := in[len(in)-1].Shape.Cols
	start := in[0].Shape.Rows
	for _, f := range in {
		c, f := a.content(f)
		coef = mul(coef, c)
		if column, row := a.outer(f); column != nil {
			out = a.push(out, column)
			f = row
		}
		out = a.push(out, f)
	}
	if len(out) == 0 {
		return []*Node{a.Identity(start)}, nil, coef
	}
	out, scalars = a.cut(out)
	if len(out) == 0 && start != expr.One && end != expr.One {
		return []*Node{a.Identity(start)}, scalars, coef
	}
	return out, scalars, coef
}

// outer splits ones and E(i,j,m,n), a column times a row; column is nil for anything else.
func (a *Algebra) outer(f *Node) (column, row *Node) {
	s := f.Shape
	switch {
	case s.Rows == expr.One || s.Cols == expr.One:
	case f.Op == expr.Ones:
		return a.ones(expr.Vector(s.Rows)), a.ones(expr.Vector(s.Cols).T())
	case f.Op == expr.Unit:
		one := a.b.Int(1)
		return a.b.Sized(expr.Unit, expr.Vector(s.Rows), f.Args[0], one), a.b.Sized(expr.Unit, expr.Vector(s.Cols).T(), one, f.Args[1])
	}
	return nil, nil
}

// joined undoes outer; it is nil if it cannot.
func (a *Algebra) joined(column, row *Node) *Node {
	s := expr.Shape{Rows: column.Shape.Rows, Cols: row.Shape.Cols}
	switch {
	case column.Shape.Cols != expr.One || column.Op != row.Op:
	case row.Op == expr.Ones:
		return a.ones(s)
	case row.Op == expr.Unit:
		return a.b.Sized(expr.Unit, s, column.Args[0], row.Args[1])
	}
	return nil
}

// push appends f to a chain, merging it with the last factor where the two have a shorter product. Identities vanish:
// a chain that is empty after a push is an identity.
func (a *Algebra) push(chain []*Node, f *Node) []*Node {
	if f.Op == expr.Identity {
		return chain
	}
	if len(chain) == 0 {
		return append(chain, f)
	}
	if rest, ok := a.cancelled(chain, f); ok {
		return rest
	}
	last := chain[len(chain)-1]
	merged, ok := a.pair(last, f)
	if !ok {
		return append(chain, f)
	}
	chain = chain[:len(chain)-1]
	for _, g := range spread(merged) {
		chain = a.push(chain, g)
	}
	return chain
}

// cancelled appends f to a chain where it cancels several factors, and reports whether it does:
//
//	inv(X*Y)*X*Y → I    X*Y*inv(X*Y) → I    X*pinv(X)*X → X    pinv(X)*X*pinv(X) → pinv(X)
func (a *Algebra) cancelled(chain []*Node, f *Node) ([]*Node, bool) {
	n := len(chain)
	if n >= 2 && f == chain[n-2] && (a.pseudoInverse(f, chain[n-1]) || a.pseudoInverse(chain[n-1], f)) {
		return chain[:n-1], true
	}
	restored := func(from int, base *Node, power int64) ([]*Node, bool) {
		rest := slices.Clone(chain[:from])
		if power < 0 {
			rest = a.push(rest, a.matrixPower(base, power))
		}
		return rest, true
	}
	if b, k := a.base(f); k < 0 && b.Op == expr.Product {
		if from := n - len(b.Args); from >= 0 && slices.Equal(chain[from:], b.Args) {
			return restored(from, b, k+1)
		}
	}
	for i := n - 1; i >= 0 && i >= n-maxCancelled; i-- {
		if chain[i].Op != expr.Inv && chain[i].Op != expr.Power {
			continue
		}
		b, k := a.base(chain[i])
		if k < 0 && b.Op == expr.Product && len(b.Args) == n-i && b.Args[n-i-1] == f && slices.Equal(chain[i+1:], b.Args[:n-i-1]) {
			return restored(i, b, k+1)
		}
	}
	return nil, false
}

// maxCancelled is the length of products up to which they cancel with their inverse.
const maxCancelled = 16

// pseudoInverse reports whether x is pinv(y).
func (a *Algebra) pseudoInverse(x, y *Node) bool {
	if x.Op == expr.Transpose {
		x, y = x.Args[0], a.Transpose(y)
	}
	return x.Op == expr.Pinv && x.Args[0] == y
}

// pair returns the product of two neighbours in a chain if it is simpler than the chain:
//
//	X^j*X^k → X^(j+k)    diag(x)*diag(y) → diag(x .* y)
//	inv(c*I + X*Y)*X → X*inv(c*I + Y*X) for a number c, not 0
//	kron(A, B)*kron(C, D) → kron(A*C, B*D)    kron(A, B)*vec(X) → vec(B*X*A')
//	pinv(X)'*X' → X*pinv(X) and X'*pinv(X)' → pinv(X)*X, which are symmetric
func (a *Algebra) pair(f, g *Node) (*Node, bool) {
	fb, fk := a.base(f)
	gb, gk := a.base(g)
	if fb == gb && fb.Shape.IsSquare() && max(fk+gk, -fk-gk) < maxExponent {
		return unscaled(a.matrixPower(fb, fk+gk))
	}
	switch {
	case fk == -1 && plain(a, fb).Op == expr.Sum:
		c, p := a.shiftedProduct(plain(a, fb))
		if c == nil || c.Op != expr.Number {
			return nil, false
		}
		if rest := a.cancelLeft(p, []*Node{g}); rest != nil {
			return a.b.New(expr.Product, g, a.Apply(expr.Inv, a.shifted(c, a.Product(rest, g)))), true
		}
	case f.Op == expr.Kronecker && g.Op == expr.Kronecker && len(f.Args) == len(g.Args):
		operands := make([]*Node, len(f.Args))
		for i, x := range f.Args {
			if x.Shape.Cols != g.Args[i].Shape.Rows {
				return nil, false
			}
			operands[i] = a.Product(x, g.Args[i])
		}
		return unscaled(a.Kronecker(operands...))
	case f.Op == expr.Kronecker && g.Op == expr.Vec && len(f.Args) == 2:
		x, y, z := f.Args[0], f.Args[1], g.Args[0]
		if y.Shape.Cols != z.Shape.Rows || x.Shape.Cols != z.Shape.Cols {
			return nil, false
		}
		return unscaled(a.Apply(expr.Vec, a.Product(y, z, a.Transpose(x))))
	case a.pseudoInverse(f, g), a.pseudoInverse(g, f):
		if back := []*Node{a.Transpose(g), a.Transpose(f)}; a.prefer(back, []*Node{f, g}) {
			return a.b.New(expr.Product, back...), true
		}
	case f.Op == expr.DiagMatrix && g.Op == expr.DiagMatrix:
		return unscaled(a.Apply(expr.DiagMatrix, a.Hadamard(f.Args[0], g.Args[0])))
	}
	return nil, false
}

// unscaled returns n, and whether it has no scalar factors: only then can it stand in a chain.
func unscaled(n *Node) (*Node, bool) {
	m := monomialOf(n)
	return n, len(m.scalars) == 0 && isOne(m.coef)
}

// base writes a factor as a whole power of another: inv(X) is X^-1, and so is X' for an orthogonal X.
func (a *Algebra) base(n *Node) (*Node, int64) {
	switch {
	case n.Op == expr.Transpose:
		if x := n.Args[0]; x.Op == expr.Variable && x.Props.Has(expr.Orthogonal) && x.Shape.IsSquare() {
			return x, -1
		}
		b, k := a.base(n.Args[0])
		if k == 1 {
			return n, 1
		}
		c, t := a.operandTransposed(b)
		if !isOne(c) {
			return n, 1
		}
		t, j := a.base(t)
		return t, j * k
	case n.Op == expr.Inv:
		return n.Args[0], -1
	case n.Op == expr.Power && !n.Shape.IsScalar():
		e := n.Args[1].Num.Num()
		if !e.IsInt64() || e.Int64() >= maxExponent {
			return n, 1
		}
		b, k := a.base(n.Args[0])
		if max(k, -k) >= maxExponent/e.Int64() {
			return n.Args[0], e.Int64()
		}
		return b, k * e.Int64()
	}
	return n, 1
}

// matrixPower returns b^k for a square b that is no power itself.
func (a *Algebra) matrixPower(b *Node, k int64) *Node {
	switch {
	case k == 0:
		return a.Identity(b.Shape.Rows)
	case k == 1:
		return b
	case b.Op == expr.Transpose:
		return a.Transpose(a.matrixPower(b.Args[0], k))
	case b.Op == expr.Identity:
		return b
	case b.Op == expr.Sqrtm && k%2 == 0:
		return a.MatrixPower(b.Args[0], k/2)
	case b.Op == expr.DiagMatrix:
		return a.Apply(expr.DiagMatrix, a.ElementPower(b.Args[0], a.b.Int(k)))
	case k < 0:
		inv := a.Apply(expr.Inv, b)
		if k == -1 {
			return inv
		}
		return a.b.New(expr.Power, inv, a.b.Int(-k))
	}
	return a.b.New(expr.Power, b, a.b.Int(k))
}

// MatrixPower returns n^k for a square matrix n.
func (a *Algebra) MatrixPower(n *Node, k int64) *Node {
	switch {
	case k == 0:
		return a.Identity(n.Shape.Rows)
	case k >= maxExponent, k <= -maxExponent:
		return a.b.New(expr.Power, n, a.b.Int(k))
	}
	m := monomialOf(n)
	if len(m.chain) == 1 {
		c, atom := a.content(m.chain[0])
		b, j := a.base(atom)
		coef := powInt(mul(m.coef, c), k)
		if coef != nil && j*k < maxExponent && j*k > -maxExponent {
			scalars := make([]*Node, len(m.scalars))
			for i, s := range m.scalars {
				scalars[i] = a.Power(s, a.b.Int(k))
			}
			return a.Product(append(append([]*Node{a.b.Number(coef)}, scalars...), a.matrixPower(b, j*k))...)
		}
	}
	if k < 0 {
		return a.MatrixPower(a.Apply(expr.Inv, n), -k)
	}
	if k*int64(len(m.chain)) <= maxUnrolled && (len(m.chain) > 1 || len(m.scalars) > 0) {
		factors := make([]*Node, k)
		for i := range factors {
			factors[i] = n
		}
		return a.Product(factors...)
	}
	return a.b.New(expr.Power, n, a.b.Int(k))
}

const (
	maxUnrolled = 64      // powers of products are written out up to this length
	maxExponent = 1 << 30 // larger ones stay as they were written
)

// cut takes 1×1 segments out of a chain. The inner dimension between neighbours is 1 exactly at the borders of such
// segments: in a*b'*c*d' it is 1 after a and after c, so b'*c is a scalar. What outer has split is joined again.
func (a *Algebra) cut(chain []*Node) (out, scalars []*Node) {
	var segments [][]*Node
	from := 0
	for i, f := range chain {
		if i == len(chain)-1 || f.Shape.Cols == expr.One {
			segments = append(segments, chain[from:i+1])
			from = i + 1
		}
	}
	for _, seg := range segments {
		if seg[0].Shape.Rows == expr.One && seg[len(seg)-1].Shape.Cols == expr.One {
			scalars = append(scalars, a.scalarChain(seg))
			continue
		}
		seg, c := a.scaledVector(seg)
		scalars = append(scalars, c...)
		for _, f := range seg {
			if k := len(out); k > 0 {
				if whole := a.joined(out[k-1], f); whole != nil {
					out[k-1] = whole
					continue
				}
			}
			out = append(out, f)
		}
	}
	return out, scalars
}

// diagonalOf returns x if f is diag(x), also diag(X) for I .* X; else nil.
func (a *Algebra) diagonalOf(f *Node) *Node {
	if f.Op == expr.DiagMatrix {
		return f.Args[0]
	}
	if i := slices.IndexFunc(f.Args, func(g *Node) bool { return g.Op == expr.Identity }); f.Op == expr.Hadamard && i >= 0 {
		return a.Apply(expr.DiagVector, a.Hadamard(slices.Concat(f.Args[:i], f.Args[i+1:])...))
	}
	return nil
}

// firstDiagonal returns the place in a chain of the first diag(x), and x; the place is negative if there is none.
func (a *Algebra) firstDiagonal(chain []*Node) (int, *Node) {
	for i, f := range chain {
		if x := a.diagonalOf(f); x != nil {
			return i, x
		}
	}
	return -1, nil
}

// scaledVector gives a chain that is a vector without diag, and the scalars that come out of it:
//
//	A*diag(x)*B*y → A*(x .* (B*y))    x'*A*diag(y)*B → (y .* (A'*x))'*B
func (a *Algebra) scaledVector(chain []*Node) (out, scalars []*Node) {
	last := len(chain) - 1
	var product *Node
	switch i, x := a.firstDiagonal(chain); {
	case i < 0:
		return chain, nil
	case chain[last].Shape.Cols == expr.One && i < last:
		product = a.Product(append(slices.Clone(chain[:i]), a.Hadamard(x, a.Product(chain[i+1:]...)))...)
	case chain[0].Shape.Rows == expr.One && i > 0:
		row := a.Transpose(a.Hadamard(x, a.Transpose(a.Product(chain[:i]...))))
		product = a.Product(append([]*Node{row}, chain[i+1:]...)...)
	default:
		return chain, nil
	}
	m := monomialOf(product)
	return m.chain, append(m.scalars, a.b.Number(m.coef))
}

// scalarChain returns the 1×1 product of a chain: a sum of entries where it starts or ends with ones or with an entrywise
// product, else the chain in the direction with fewer transposes.
func (a *Algebra) scalarChain(chain []*Node) *Node {
	if m := a.chainOfUnit(chain); m != nil {
		return m
	}
	last := len(chain) - 1
	switch {
	case chain[0].Op == expr.Ones:
		return a.Total(a.Product(chain[1:]...))
	case chain[last].Op == expr.Ones:
		return a.Total(a.Transpose(a.Product(chain[:last]...)))
	}
	c, kept := a.direct(chain)
	if i, x := a.firstDiagonal(kept); i > 0 && i < last {
		u, v := a.Transpose(a.Product(kept[:i]...)), a.Product(kept[i+1:]...)
		return a.Scale(c, a.Total(a.Hadamard(u, x, v)))
	}
	if last > 0 {
		u, v := a.Transpose(kept[0]), kept[last]
		switch {
		case last == 1:
			if m := a.mergedInner(u, v); m != nil {
				return a.Scale(c, m)
			}
		case isEntries(v) && v.Size() <= maxMerged: // else it stays an entry of its own, and Total comes back here
			return a.Scale(c, a.Total(a.Hadamard(a.Transpose(a.Product(kept[:last]...)), v)))
		case isEntries(u) && u.Size() <= maxMerged:
			return a.Scale(c, a.Total(a.Hadamard(u, a.Product(kept[1:]...))))
		}
	}
	return a.assemble(c, []*Node{a.b.New(expr.Product, kept...)}, nil)
}

// mergedInner returns tr(u'*v) as the sum of the entries of u .* v if that is not just what it says: one of them is an entrywise
// product, or they merge as powers or exponentials do. Else it is nil, and for u'*u.
func (a *Algebra) mergedInner(u, v *Node) *Node {
	if a.unscaledOperand(u) == a.unscaledOperand(v) {
		return nil
	}
	product := a.Hadamard(u, v)
	if m := monomialOf(product); len(m.chain) == 1 && isEntries(m.chain[0]) {
		h := m.chain[0]
		if h.Op == expr.Transpose {
			h = h.Args[0]
		}
		// A large entrywise product is an entry of h, as it was.
		if len(h.Args) == 2 && (!isEntries(u) && !isEntries(v) || slices.ContainsFunc(h.Args, isEntries)) {
			return nil
		}
	}
	return a.Total(product)
}

// unscaledOperand returns n without its numeric factor, as it would stand in a chain.
func (a *Algebra) unscaledOperand(n *Node) *Node {
	_, n = a.content(n)
	_, n = a.coefficient(n)
	return n
}

// isEntries reports whether n is an entrywise product or the transpose of one.
func isEntries(n *Node) bool {
	return n.Op == expr.Hadamard || n.Op == expr.Transpose && n.Args[0].Op == expr.Hadamard
}

// direct returns c and a chain of which the given one is c times the 1×1 value: itself or its transpose, whichever is
// preferred. The transpose of a skew matrix turns the sign; a form that is its own negative is 0.
func (a *Algebra) direct(chain []*Node) (*big.Rat, []*Node) {
	c, back := a.transposedFactors(chain)
	slices.Reverse(back)
	switch {
	case slices.Equal(back, chain) && c.Sign() < 0:
		return new(big.Rat), chain
	case a.prefer(back, chain):
		return c, back
	}
	return one, chain
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
