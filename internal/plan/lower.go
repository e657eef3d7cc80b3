package plan

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// lower returns n as a term of which only the scalars are computed.
func (p *planner) lower(n *expr.Node) term {
	if t, ok := p.lowered[n]; ok {
		return t
	}
	t := p.lowering(n)
	p.lowered[n] = t
	return t
}

func (p *planner) lowering(n *expr.Node) term {
	switch n.Op {
	case expr.Number:
		return number(n.Num)
	case expr.Pi:
		return scalarTerm(p.intern(scalarValue(Value{Op: Pi})))
	case expr.Size:
		if len(n.Dims[0].Names()) == 0 {
			return number(big.NewRat(int64(n.Dims[0].Factor()), 1))
		}
		return scalarTerm(p.intern(scalarValue(Value{Op: Size, Dims: n.Dims})))
	case expr.Variable:
		return p.variable(n)
	case expr.Identity:
		if n.Shape.IsScalar() {
			return number(one)
		}
		return whole(identityOperand(n.Shape.Rows))
	case expr.Ones:
		if n.Shape.IsScalar() {
			return number(one)
		}
		return whole(p.ones(n.Shape))
	case expr.Zeros:
		if n.Shape.IsScalar() {
			return number(zero)
		}
		return p.dressed(p.fill(n.Shape, zero), n.Shape)
	case expr.Unit:
		return p.unit(n)
	case expr.Commutation:
		return p.dressed(p.intern(matrixValue(Value{Op: Call, Func: n.Op, Dims: n.Dims}, n.Shape.Rows, n.Shape.Cols)), n.Shape)
	case expr.Sum:
		return p.sumOf(n)
	case expr.Product:
		return p.product(p.lowerAll(n.Args))
	case expr.Hadamard:
		return p.hadamard(p.lowerAll(n.Args), n.Shape)
	case expr.Kronecker:
		return p.kronecker(n)
	case expr.Transpose:
		t := p.lower(n.Args[0])
		if t.of != nil {
			t.of = p.transposed(t.of)
		}
		return t
	case expr.Power:
		return p.power(n)
	case expr.ElementPower:
		return p.elementPower(n)
	case expr.Element:
		return p.element(n)
	}
	return p.function(n)
}

func (p *planner) lowerAll(ns []*expr.Node) []term {
	terms := make([]term, len(ns))
	for i, n := range ns {
		terms[i] = p.lower(n)
	}
	return terms
}

// dressed is the term for a value of shape s.
func (p *planner) dressed(v *Value, s expr.Shape) term {
	if v.Kind == Scalar {
		return scalarTerm(v)
	}
	return whole(p.dense(v, s, false))
}

// of computes a term, a scalar or a vector or matrix, as it stands.
func (p *planner) of(t term) *Value {
	if t.isScalar() {
		over, under := p.cancel(t.over, t.under)
		return p.scalar(term{coef: t.coef, over: over, under: under})
	}
	v, trans := p.turned(t)
	if trans {
		return p.transpose(v)
	}
	return v
}

// turned computes a term that may come transposed.
func (p *planner) turned(t term) (v *Value, trans bool) {
	v, trans = p.value(t.of)
	return p.scaled(v, t), trans
}

func (p *planner) node(n *expr.Node) *Value { return p.of(p.lower(n)) }

func (p *planner) variable(n *expr.Node) term {
	if n.Props.Has(expr.Index) {
		p.refuse(n, "an entry at "+n.Name+", which is no number")
	}
	in := p.intern(p.input(n))
	if n.Props.Has(expr.Diagonal) && in.Kind == Matrix {
		return whole(p.diagonal(p.intern(vectorValue(Value{Op: Diagonal, Args: []*Value{in}}, in.Rows))))
	}
	return p.dressed(in, n.Shape)
}

// input is the parameter for a variable.
func (p *planner) input(n *expr.Node) Value {
	v := Value{Op: Input, Name: n.Name, props: n.Props, Kind: kindOf(n.Shape), Rows: n.Shape.Rows, Cols: n.Shape.Cols}
	if v.Kind == Vector {
		v.Rows, v.Cols = n.Shape.Rows.Times(n.Shape.Cols), expr.One
	}
	return v
}

func (p *planner) unit(n *expr.Node) term {
	at, ok := p.place(n.Args)
	if !ok {
		p.refuse(n, "a basis matrix at an index that is no number")
	}
	if n.Shape.Rows == expr.One || n.Shape.Cols == expr.One {
		return p.dressed(p.intern(vectorValue(Value{Op: Basis, At: [2]int{max(at[0], at[1]), 1}}, n.Shape.Rows.Times(n.Shape.Cols))), n.Shape)
	}
	return p.dressed(p.intern(matrixValue(Value{Op: Basis, At: at}, n.Shape.Rows, n.Shape.Cols)), n.Shape)
}

func (p *planner) place(args []*expr.Node) (at [2]int, ok bool) {
	for i, a := range args {
		if a.Op != expr.Number || !a.Num.IsInt() {
			return at, false
		}
		at[i] = int(a.Num.Num().Int64())
	}
	return at, true
}

func (p *planner) element(n *expr.Node) term {
	at, ok := p.place(n.Args[1:])
	if !ok {
		p.refuse(n, "an entry at an index that is no number")
	}
	t := p.lower(n.Args[0])
	if t.isScalar() {
		return t
	}
	v, trans := p.value(t.of)
	switch {
	case v.Kind == Vector:
		at = [2]int{max(at[0], at[1]), 1}
	case trans:
		at[0], at[1] = at[1], at[0]
	}
	return t.with(nil).scaledBy(scalarTerm(p.intern(scalarValue(Value{Op: Component, Args: []*Value{v}, At: at}))))
}

// sumOf lowers a sum. Numbers among matrices are added to every entry.
func (p *planner) sumOf(n *expr.Node) term {
	var terms []term
	allNegative, allDiagonal, allIdentity := true, true, true
	for _, a := range n.Args {
		t := p.lower(a)
		if t.isScalar() && !n.Shape.IsScalar() {
			t = t.with(p.ones(n.Shape))
		}
		allNegative = allNegative && t.coef.Sign() < 0
		allIdentity = allIdentity && t.of != nil && t.of.form == identity
		allDiagonal = allDiagonal && t.of != nil && (t.of.form == identity || t.of.form == diagonal)
		terms = append(terms, t)
	}
	if allNegative {
		for i, t := range terms {
			terms[i] = t.times(minusOne)
		}
	}
	sign := number(one)
	if allNegative {
		sign = number(minusOne)
	}
	if n.Shape.IsScalar() || allIdentity || allDiagonal {
		pieces := make([]piece, len(terms))
		for i, t := range terms {
			abs := t
			abs.coef = new(big.Rat).Abs(t.coef)
			if t.of != nil && t.of.form == diagonal {
				pieces[i] = piece{p.scaled(t.of.value, abs), t.coef.Sign() < 0, false}
			} else {
				pieces[i] = piece{p.of(abs.with(nil)), t.coef.Sign() < 0, allDiagonal && !allIdentity}
			}
		}
		v := p.accumulate(pieces, expr.Vector(n.Shape.Rows))
		switch {
		case n.Shape.IsScalar():
			return sign.scaledBy(scalarTerm(v))
		case allIdentity:
			return sign.scaledBy(scalarTerm(v)).with(identityOperand(n.Shape.Rows))
		}
		return sign.with(p.diagonal(v))
	}
	if len(terms) == 1 {
		return sign.scaledBy(terms[0]).with(terms[0].of)
	}
	out := p.signed(terms)
	return out.scaledBy(sign)
}

// signed returns the sum of terms, or minus the sum of their opposites if that is computed already.
func (p *planner) signed(terms []term) term {
	opposites := make([]term, len(terms))
	for i, t := range terms {
		opposites[i] = t.times(minusOne)
	}
	if o := p.sum(opposites); p.sums[o.key] {
		return number(minusOne).with(o)
	}
	o := p.sum(terms)
	p.sums[o.key] = true
	return whole(o)
}

// hadamard multiplies entry by entry. Factors u*v' are multiplied along rows and columns.
func (p *planner) hadamard(terms []term, shape expr.Shape) term {
	out := number(one)
	var rows, cols, full []*operand // factors u of rows, v of columns
	diag := slices.ContainsFunc(terms, func(t term) bool {
		return t.of != nil && (t.of.form == diagonal || t.of.form == identity)
	})
	for _, t := range terms {
		of := t.of
		out = out.scaledBy(t)
		if of == nil {
			continue
		}
		if of.form == chain && !diag {
			of = p.settle(of.links)
		}
		switch u, v := outerOf(of); {
		case u != nil:
			rows = append(rows, p.dense(u, expr.Vector(u.Rows), false))
			cols = append(cols, p.dense(v, expr.Vector(v.Rows), false))
		case isOnes(of):
		default:
			full = append(full, of)
		}
	}
	if shape.IsScalar() {
		return out
	}
	if diag {
		return out.with(p.diagonal(p.multiplyAll(p.diagonalsOf(full, rows, cols))))
	}
	u, v := p.multiplyAll(valuesOf(rows)), p.multiplyAll(valuesOf(cols))
	if len(full) == 0 {
		if u == nil {
			return out.with(p.ones(shape))
		}
		return out.with(chainOf([]*operand{p.dense(u, expr.Vector(shape.Rows), false), p.dense(v, expr.Shape{Rows: expr.One, Cols: shape.Cols}, false)}))
	}
	ms, trans := p.aligned(full)
	m := p.multiplyAll(ms)
	if u != nil {
		if trans {
			u, v = v, u
		}
		for _, s := range []*Value{p.spread(SpreadColumn, u, m.Rows, m.Cols), p.spread(SpreadRow, v, m.Rows, m.Cols)} {
			if !isFill(s.Args[0], one) {
				m = p.mul(m, s)
			}
		}
	}
	return out.with(p.dense(m, shape, trans))
}

func valuesOf(os []*operand) []*Value {
	out := make([]*Value, len(os))
	for i, o := range os {
		out[i] = o.value
	}
	return out
}

// multiplyAll multiplies values entry by entry, reciprocals last; nil if there are none.
func (p *planner) multiplyAll(vs []*Value) *Value {
	var first, last []*Value
	for _, v := range p.ordered(vs) {
		if v.Op == Div && isFill(v.Args[0], one) {
			last = append(last, v)
		} else {
			first = append(first, v)
		}
	}
	var out *Value
	for _, v := range append(first, last...) {
		if out == nil {
			out = v
		} else {
			out = p.mul(out, v)
		}
	}
	return out
}

// aligned computes operands of one shape, all of them transposed if most of them come so.
func (p *planner) aligned(os []*operand) (vs []*Value, trans bool) {
	turned, straight := 0, 0
	type made struct {
		v  *Value
		at bool
	}
	var all []made
	for _, o := range os {
		v, at := p.value(o)
		all = append(all, made{v, at})
		switch {
		case at:
			turned++
		case !isSymmetric(v):
			straight++
		}
	}
	trans = turned > straight
	for _, m := range all {
		if m.at != trans {
			m.v = p.transpose(m.v)
		}
		vs = append(vs, m.v)
	}
	return vs, trans
}

// diagonalsOf returns the diagonals of factors of which one is diagonal.
func (p *planner) diagonalsOf(full, rows, cols []*operand) []*Value {
	out := append(valuesOf(rows), valuesOf(cols)...)
	for _, o := range full {
		switch o.form {
		case diagonal:
			out = append(out, o.value)
		case identity:
			out = append(out, p.fill(expr.Vector(o.shape.Rows), one))
		default:
			out = append(out, p.of(p.diagonalOf(whole(o))))
		}
	}
	return out
}

// entries applies f to every entry of a.
func (p *planner) entries(shape expr.Shape, f func(*Value) *Value, a *expr.Node) term {
	t := p.lower(a)
	if t.isScalar() {
		return scalarTerm(f(p.of(t)))
	}
	if t.of.form == chain {
		t.of = p.settle(t.of.links)
		if u, w := outerOf(t.of); u != nil && (isFill(u, one) || isFill(w, one)) { // the same along rows, or along columns
			if isFill(w, one) {
				u = f(p.scaled(u, t))
			} else {
				w = f(p.scaled(w, t))
			}
			return whole(chainOf([]*operand{p.dense(u, expr.Vector(u.Rows), false), p.dense(w, expr.Shape{Rows: expr.One, Cols: w.Rows}, false)}))
		}
	}
	v, trans := p.turned(t)
	return whole(p.dense(f(v), shape, trans))
}

// elementPower raises entries to powers that are all the same, or one for each of them.
func (p *planner) elementPower(n *expr.Node) term {
	base, e := p.lower(n.Args[0]), p.lower(n.Args[1])
	switch {
	case e.isScalar():
		power := p.of(e)
		return p.entries(n.Shape, func(a *Value) *Value { return p.pow(a, power) }, n.Args[0])
	case base.isScalar():
		v, trans := p.turned(e)
		return whole(p.dense(p.intern(like(Value{Op: Pow, Args: []*Value{p.of(base), v}}, v)), n.Shape, trans))
	}
	return whole(p.dense(p.pow(p.of(base), p.of(e)), n.Shape, false))
}

func (p *planner) kronecker(n *expr.Node) term {
	out := p.lower(n.Args[0])
	shape := n.Args[0].Shape
	for _, a := range n.Args[1:] {
		t := p.lower(a)
		next := expr.Shape{Rows: shape.Rows.Times(a.Shape.Rows), Cols: shape.Cols.Times(a.Shape.Cols)}
		l, r := out.of, t.of
		out = out.scaledBy(t)
		switch {
		case r == nil:
			out.of = l
		case l == nil:
			out.of = r
		case l.form == identity && r.form == identity:
			out.of = identityOperand(next.Rows)
		default:
			out.of = p.kron(l, r, next)
		}
		shape = next
	}
	return out
}

// kron is kron(l, r): of a column and a row their product, of a vector and a matrix that of two matrices.
func (p *planner) kron(l, r *operand, shape expr.Shape) *operand {
	a, b := p.plain(l), p.plain(r)
	switch {
	case kindOf(shape) == Vector:
		return p.dense(p.intern(vectorValue(Value{Op: Kron, Args: []*Value{a, b}}, shape.Rows.Times(shape.Cols))), shape, false)
	case a.Kind == Vector && b.Kind == Vector:
		u, v := l, r
		if l.shape.Rows == expr.One {
			u, v = r, l
		}
		return chainOf([]*operand{u, v})
	}
	a, b = p.asMatrix(a, l.shape), p.asMatrix(b, r.shape)
	return p.dense(p.intern(matrixValue(Value{Op: Kron, Args: []*Value{a, b}}, shape.Rows, shape.Cols)), shape, false)
}

// asMatrix makes a vector or a scalar the matrix of one row or column that it stands for.
func (p *planner) asMatrix(v *Value, s expr.Shape) *Value {
	if v.Kind == Matrix {
		return v
	}
	return p.intern(matrixValue(Value{Op: Unvec, Args: []*Value{v}}, s.Rows, s.Cols))
}

func (p *planner) power(n *expr.Node) term {
	if n.Shape.IsScalar() {
		t, e := p.lower(n.Args[0]), n.Args[1]
		if e.Op == expr.Number && e.Num.Sign() < 0 {
			return term{coef: one, under: []*Value{p.pow(p.of(t), p.number(new(big.Rat).Neg(e.Num)))}}
		}
		return scalarTerm(p.pow(p.of(t), p.node(e)))
	}
	k := n.Args[1].Num
	t := p.lower(n.Args[0])
	times := int(k.Num().Int64())
	links := linksOf(t.of)
	if times*len(links) <= maxRepeated {
		terms := make([]term, times)
		for i := range terms {
			terms[i] = t
		}
		return p.product(terms)
	}
	v := p.intern(matrixValue(Value{Op: MatrixPower, Args: []*Value{p.of(t)}, Num: k}, n.Shape.Rows, n.Shape.Cols))
	return whole(p.dense(v, n.Shape, false))
}

// maxRepeated is the number of factors up to which a power is a product, in which a vector beside it can come first.
const maxRepeated = 8
