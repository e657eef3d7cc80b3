package plan

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

func (p *planner) function(n *expr.Node) term {
	switch {
	case n.Op.Body != nil:
		to := map[*expr.Node]*expr.Node{}
		for i, x := range n.Op.Params {
			to[x] = n.Args[i]
		}
		return p.lower(p.builder.Substitute(n.Op.Body, to))
	case n.Op.Unknown != "":
		p.refuse(n, "the function "+n.Op.UserName()+", of which nothing is known")
	case n.Op.Traits.Has(expr.Elementwise):
		return p.entries(n.Shape, func(a *Value) *Value { return p.apply(n.Op, a) }, n.Args[0])
	}
	switch n.Op {
	case expr.Tr:
		return p.trace(p.lower(n.Args[0]))
	case expr.Total:
		return p.totalOf(p.lower(n.Args[0]), n.Args[0].Shape)
	case expr.Norm:
		v, _ := p.turned1(n.Args[0])
		if v.Kind == Scalar {
			return scalarTerm(p.apply(expr.Abs, v))
		}
		return scalarTerm(p.intern(scalarValue(Value{Op: Norm, Args: []*Value{v}})))
	case expr.Norm1:
		v, _ := p.turned1(n.Args[0])
		v = p.apply(expr.Abs, v)
		if v.Kind == Scalar {
			return scalarTerm(v)
		}
		return scalarTerm(p.total(v))
	case expr.LogSumExp:
		v, _ := p.turned1(n.Args[0])
		if v.Kind == Scalar {
			return scalarTerm(v)
		}
		return scalarTerm(p.logSumExp(v))
	case expr.Softmax:
		v, trans := p.turned1(n.Args[0])
		if v.Kind == Scalar {
			return number(one)
		}
		e := p.relativeExp(v, p.intern(scalarValue(Value{Op: Max, Args: []*Value{v}})))
		return whole(p.dense(p.entrywise(Div, e, p.total(e)), n.Shape, trans))
	case expr.Inv:
		return p.inverseOf(p.lower(n.Args[0]))
	case expr.Det:
		return p.determinant(p.lower(n.Args[0]), n.Args[0].Shape)
	case expr.LogDet:
		return p.logDeterminant(p.lower(n.Args[0]))
	case expr.DiagMatrix:
		t := p.lower(n.Args[0])
		if t.isScalar() {
			return t
		}
		return t.with(p.diagonal(p.plain(t.of)))
	case expr.DiagVector:
		return p.diagonalOf(p.lower(n.Args[0]))
	case expr.Vec:
		t := p.lower(n.Args[0])
		if t.isScalar() {
			return t
		}
		v := p.plain(t.of)
		if v.Kind == Matrix {
			v = p.intern(vectorValue(Value{Op: Vec, Args: []*Value{v}}, n.Shape.Rows))
		}
		return t.with(p.dense(v, n.Shape, false))
	case expr.Sqrtm:
		t := p.lower(n.Args[0])
		// sqrtm(c*X) = sqrt(c)*sqrtm(X): c inside one of the factors of X = A'*A would hide that it is positive semidefinite.
		if c := t.with(nil); t.of != nil && !c.plain() && isPositiveScalar(p.of(c)) {
			return p.call(n, p.plain(t.of)).scaledBy(scalarTerm(p.apply(expr.Sqrt, p.of(c))))
		}
	case expr.Gradient, expr.Jacobian, expr.Hessian, expr.Differential:
		p.refuse(n, "the derivative of something that is not given")
	}
	args := make([]*Value, len(n.Args))
	for i, a := range n.Args {
		args[i] = p.asMatrix(p.node(a), a.Shape)
	}
	return p.call(n, args...)
}

// turned1 computes n, transposed or not.
func (p *planner) turned1(n *expr.Node) (*Value, bool) {
	t := p.lower(n)
	if t.isScalar() {
		return p.of(t), false
	}
	return p.turned(t)
}

// call leaves the function of n, which is one of matrices, to the target.
func (p *planner) call(n *expr.Node, args ...*Value) term {
	v := Value{Op: Call, Func: n.Op, Args: args}
	if a := args[0]; n.Op == expr.Sqrtm && a.Op == Call && a.Func == expr.Pinv && isPositive(a.Args[0]) {
		v = Value{Op: PinvSqrt, Args: a.Args}
	} else if n.Op == expr.Sqrtm && a.Op != Input && isPositive(a) { // such as A'*A, which may be singular: S*sqrtm(pinv(S)) = sqrtm(S)
		root := p.intern(matrixValue(Value{Op: PinvSqrt, Args: args}, a.Rows, a.Cols))
		v = Value{Op: MatMul, Args: []*Value{a, root}}
	} else if n.Op == expr.Sylvester && a == args[1] && isRoot(a) {
		v = Value{Op: Lyapunov, Args: []*Value{a.Args[0], args[2]}}
	}
	if n.Shape.IsScalar() && len(n.Op.Out.Rows.Names()) == 0 {
		return scalarTerm(p.intern(scalarValue(v)))
	}
	m := p.intern(matrixValue(v, n.Shape.Rows, n.Shape.Cols))
	switch kindOf(n.Shape) {
	case Scalar:
		return scalarTerm(p.intern(scalarValue(Value{Op: Component, Args: []*Value{m}, At: [2]int{1, 1}})))
	case Vector:
		m = p.intern(vectorValue(Value{Op: Vec, Args: []*Value{m}}, n.Shape.Rows.Times(n.Shape.Cols)))
	}
	return whole(p.dense(m, n.Shape, false))
}

// isRoot reports whether v is the square root of a matrix that may be singular, as call computes it.
func isRoot(v *Value) bool {
	return v.Op == MatMul && v.Args[1].Op == PinvSqrt && v.Args[1].Args[0] == v.Args[0]
}

// trace takes the trace of a product as the inner product of two parts of it.
func (p *planner) trace(t term) term {
	of := t.of
	t.of = nil
	switch {
	case of == nil:
		return t
	case of.form == identity:
		return t.scaledBy(p.dimension(of.shape.Rows))
	case of.form == diagonal:
		return t.scaledBy(scalarTerm(p.total(of.value)))
	case of.form == sum:
		return t.scaledBy(scalarTerm(p.accumulate(p.piecesOf(of.terms, p.trace), expr.Scalar)))
	case of.form == chain:
		links := p.tidy(of.links)
		if len(links) == 1 {
			return t.scaledBy(p.trace(whole(links[0])))
		}
		if cuts := cutsOf(links); len(cuts) > 0 { // tr(A*u*v'*B) = v'*B*A*u
			return t.scaledBy(p.contract(joinLinks(links[cuts[0]:], links[:cuts[0]])))
		}
		l, r, whole := p.arcs(links)
		if l == nil {
			v, _ := p.value(whole)
			return t.scaledBy(scalarTerm(p.intern(scalarValue(Value{Op: Trace, Args: []*Value{v}}))))
		}
		a, at := p.value(l)
		b, bt := p.value(p.transposed(r))
		if at != bt {
			if at {
				a = p.transpose(a)
			} else {
				b = p.transpose(b)
			}
		}
		return t.scaledBy(scalarTerm(p.dot(a, b)))
	}
	v, _ := p.value(of)
	return t.scaledBy(scalarTerm(p.intern(scalarValue(Value{Op: Trace, Args: []*Value{v}}))))
}

func (p *planner) dimension(d expr.Dim) term { return p.lower(p.builder.SizeOf(d)) }

// arcs splits a product that stands under a trace, and may be rotated, into two factors that are cheapest to compute. Where
// one of them would be an inverse, the whole product is returned instead: a system is solved.
func (p *planner) arcs(links []*operand) (l, r, whole *operand) {
	n := len(links)
	twice := joinLinks(links, links)
	var rotations [][]*operand
	for i := range n {
		rotations = append(rotations, twice[i:i+n-1])
	}
	p.register(rotations...)
	var left, right []*operand
	best := -1.0
	starts, ends := n, n
	if n > maxRegistered {
		starts, ends = 1, 2
	}
	for i := range starts {
		for k := 1; k < ends; k++ {
			x, y := p.solve(twice[i:i+k]), p.solve(twice[i+k:i+n])
			cost := x.cost + y.cost + p.materialCost(x.of) + p.materialCost(y.of) + p.size(x.of.shape)*entryCost
			if best < 0 || cost < best*(1-1e-9) {
				best, l, r = cost, x.of, y.of
				left, right = twice[i:i+k], twice[i+k:i+n]
			}
		}
	}
	if l.form == inverse || r.form == inverse {
		return nil, nil, p.settle(joinLinks(left, right))
	}
	p.use(left)
	p.use(right)
	return l, r, nil
}

// totalOf adds all entries: of a product from the ends.
func (p *planner) totalOf(t term, s expr.Shape) term {
	of := t.of
	t.of = nil
	switch {
	case of == nil:
		return t
	case of.form == identity:
		return t.scaledBy(p.dimension(of.shape.Rows))
	case of.form == diagonal:
		return t.scaledBy(scalarTerm(p.total(of.value)))
	case of.form == chain:
		links := joinLinks([]*operand{p.ones(expr.Shape{Rows: expr.One, Cols: s.Rows})}, of.links)
		if s.Rows == expr.One {
			links = of.links
		}
		if s.Cols != expr.One {
			links = append(links, p.ones(expr.Vector(s.Cols)))
		}
		return t.scaledBy(p.contract(links))
	case of.form == sum && slices.ContainsFunc(of.terms, addsUpCheaply):
		return t.scaledBy(scalarTerm(p.accumulate(p.piecesOf(of.terms, func(m term) term { return p.totalOf(m, s) }), expr.Scalar)))
	}
	v, _ := p.value(of)
	return t.scaledBy(scalarTerm(p.total(v)))
}

// addsUpCheaply reports whether the entries of a term are added without the term being computed: a product, of entries too.
func addsUpCheaply(t term) bool {
	return t.of.form == chain && !isOnes(t.of) || t.of.form == dense && t.of.value.Op == Mul && t.of.value.Args[0].Kind == t.of.value.Args[1].Kind
}

// piecesOf applies a linear function to the terms of a sum.
func (p *planner) piecesOf(terms []term, f func(term) term) []piece {
	pieces := make([]piece, len(terms))
	for i, m := range terms {
		negative := m.coef.Sign() < 0
		if negative {
			m = m.times(minusOne)
		}
		pieces[i] = piece{p.of(f(m)), negative, false}
	}
	return pieces
}

// diagonalOf returns the diagonal of a matrix: of a product as the sums of the rows of two factors multiplied entry by entry.
func (p *planner) diagonalOf(t term) term {
	of := t.of
	switch {
	case of == nil:
		return t
	case of.form == identity:
		return t.with(p.ones(expr.Vector(of.shape.Rows)))
	case of.form == diagonal:
		return t.with(p.dense(of.value, expr.Vector(of.shape.Rows), false))
	case of.form == sum:
		terms := make([]term, len(of.terms))
		for i, m := range of.terms {
			terms[i] = p.diagonalOf(m)
		}
		return t.with(p.sum(terms))
	case of.form == chain:
		links := p.tidy(of.links)
		if len(links) == 1 {
			return t.scaledBy(number(one)).with(p.diagonalOf(whole(links[0])).of)
		}
		if cuts := cutsOf(links); len(cuts) == 1 {
			u, v := p.plain(p.settle(links[:cuts[0]])), p.plain(p.settle(links[cuts[0]:]))
			return t.with(p.dense(p.mul(u, v), expr.Vector(u.Rows), false))
		}
		best, at := -1.0, 0
		ends := len(links)
		if ends > maxRegistered {
			ends = 2
		}
		for k := 1; k < ends; k++ {
			l, r := p.solve(links[:k]), p.solve(links[k:])
			cost := l.cost + r.cost + p.materialCost(l.of) + p.materialCost(r.of) + p.size(l.of.shape)*2*entryCost
			if best < 0 || cost < best*(1-1e-9) {
				best, at = cost, k
			}
		}
		vs, trans := p.aligned([]*operand{p.settle(links[:at]), p.transposed(p.settle(links[at:]))})
		v := p.mul(vs[0], vs[1])
		if trans {
			v = p.colSums(v)
		} else {
			v = p.rowSums(v)
		}
		return t.with(p.dense(v, expr.Vector(of.shape.Rows), false))
	}
	v, _ := p.value(of)
	return t.with(p.dense(p.intern(vectorValue(Value{Op: Diagonal, Args: []*Value{v}}, v.Rows)), expr.Vector(v.Rows), false))
}

// inverseOf inverts a matrix, by its structure where that is known.
func (p *planner) inverseOf(t term) term {
	of := t.of
	out := term{coef: one, over: t.under, under: t.over}
	if t.coef.Sign() != 0 {
		out.coef = new(big.Rat).Inv(t.coef)
	} else {
		out.under = join(t.over, []*Value{p.number(zero)})
	}
	switch {
	case of == nil:
		return out
	case of.form == identity:
		return out.with(of)
	case of.form == diagonal:
		return out.with(p.diagonal(p.div(p.number(one), of.value)))
	case of.form == inverse:
		return out.with(p.dense(of.value.Args[0], of.shape, of.trans))
	case of.form == dense && of.value.Op == Input && of.value.props.Has(expr.Orthogonal):
		return out.with(p.transposed(of))
	}
	f, trans := p.factors(of)
	return out.with(p.inverse(f, trans))
}

// factors factorises a square matrix: in halves if it is positive definite.
func (p *planner) factors(o *operand) (f *Value, trans bool) {
	v, trans := p.value(o)
	op := LU
	if isPositive(v) {
		op = Cholesky
	}
	return p.intern(Value{Op: op, Args: []*Value{v}, Kind: Factors, Rows: v.Rows, Cols: v.Cols}), trans
}

// isPositive reports whether a matrix is symmetric and positive definite whenever it has an inverse: it was declared so, or
// is a Gram matrix, or a sum of such.
func isPositive(v *Value) bool {
	switch v.Op {
	case Eye:
		return true
	case Input:
		return v.props.Has(expr.PosDef)
	case Add:
		return v.Args[0].Kind == Matrix && v.Args[1].Kind == Matrix && isPositive(v.Args[0]) && isPositive(v.Args[1])
	case Mul, Div:
		c, m := v.Args[0], v.Args[1]
		if v.Op == Div {
			c, m = m, c
		}
		return c.Kind == Scalar && m.Kind == Matrix && isPositiveScalar(c) && isPositive(m)
	case MatMul:
		return v.Args[0] == v.Args[1] && v.Trans[0] != v.Trans[1]
	case Outer:
		return v.Args[0] == v.Args[1]
	case Fill:
		return v.Rows == v.Cols && v.Num.Sign() > 0
	case DiagMatrix:
		return v.Args[0].Op == Input && v.Args[0].props.Has(expr.Positive)
	}
	return false
}

func isPositiveScalar(v *Value) bool {
	switch v.Op {
	case Number:
		return v.Num.Sign() > 0
	case Input:
		return v.props.Has(expr.Positive)
	case Size, Pi, Norm:
		return true
	case Dot:
		return v.Args[0] == v.Args[1]
	case Mul, Div:
		return isPositiveScalar(v.Args[0]) && isPositiveScalar(v.Args[1])
	case Pow:
		return isFill(v.Args[1], two) || isPositiveScalar(v.Args[0])
	case Map:
		return v.Func == expr.Exp
	}
	return false
}

// determinant returns det(c*X) = c^n*det(X).
func (p *planner) determinant(t term, s expr.Shape) term {
	switch {
	case t.of == nil:
		return t
	case t.of.form == identity || t.of.form == diagonal || !t.plain():
		return scalarTerm(p.intern(scalarValue(Value{Op: Determinant, Args: []*Value{p.factorsOf(t)}})))
	}
	f, _ := p.factors(t.of)
	return scalarTerm(p.intern(scalarValue(Value{Op: Determinant, Args: []*Value{f}})))
}

func (p *planner) factorsOf(t term) *Value {
	v := p.of(t)
	f, _ := p.factors(p.dense(v, expr.Square(v.Rows), false))
	return f
}

// logDeterminant is the sum of the logarithms of a diagonal; of other matrices it comes from their factorisation.
func (p *planner) logDeterminant(t term) term {
	switch {
	case t.of == nil:
		return scalarTerm(p.apply(expr.Log, p.of(t)))
	case t.of.form == diagonal && t.plain() && isPositive(p.plain(t.of)):
		return scalarTerm(p.total(p.apply(expr.Log, t.of.value)))
	}
	var f *Value
	if t.plain() {
		f, _ = p.factors(t.of)
	} else {
		f = p.factorsOf(t)
	}
	return scalarTerm(p.intern(scalarValue(Value{Op: LogDet, Args: []*Value{f}})))
}
