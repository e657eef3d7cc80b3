package parser

import (
	"math/big"
	"strconv"
	"strings"

	"matdiff/internal/expr"
)

// lowerer makes nodes of package expr from a program whose shapes are known.
type lowerer struct {
	b     *expr.Builder
	p     *program
	r     *run
	tree  tree
	vars  []*expr.Node // by symbol
	defs  []*expr.Node
	dims  map[dim]expr.Dim
	moves []int32 // symbols that d(F) differentiates by
}

func newLowerer(b *expr.Builder, r *run) *lowerer {
	return &lowerer{
		b: b, p: r.p, r: r, vars: make([]*expr.Node, len(r.p.symbols)), defs: make([]*expr.Node, len(r.p.decls.defs)),
		dims: map[dim]expr.Dim{}, moves: r.p.moving,
	}
}

// whole makes the node of a text other than the current one.
func (l *lowerer) whole(t tree) *expr.Node {
	before := l.tree
	l.tree = t
	n := l.lower(t.root)
	l.tree = before
	return n
}

func (l *lowerer) dim(d dim) expr.Dim {
	d = l.r.u.find(d)
	out, ok := l.dims[d]
	if !ok {
		out = l.r.u.resolve(d, l.r.names().name)
		l.dims[d] = out
	}
	return out
}

func (l *lowerer) shape(n *node) expr.Shape {
	s := l.r.shapes[n.id]
	return expr.Shape{Rows: l.dim(s.rows), Cols: l.dim(s.cols)}
}

func (l *lowerer) symbol(i int32) *expr.Node {
	if l.vars[i] == nil {
		s := &l.p.symbols[i]
		if s.node != nil {
			l.vars[i] = s.node
			return s.node
		}
		shape := l.r.symbols[i]
		l.vars[i] = l.b.Variable(s.name, expr.Shape{Rows: l.dim(shape.rows), Cols: l.dim(shape.cols)}, l.props(i))
	}
	return l.vars[i]
}

func (l *lowerer) props(i int32) expr.Props {
	s := &l.p.symbols[i]
	switch {
	case s.decl != nil:
		return s.decl.props
	case s.index:
		return expr.Index
	case s.like >= 0:
		return l.props(s.like) & expr.LinearSpaces
	}
	return 0
}

func (l *lowerer) throw(d *Diagnostic) { panic(d.in(l.tree.source)) }

func (l *lowerer) all(nodes []*node) []*expr.Node {
	out := make([]*expr.Node, len(nodes))
	for i, n := range nodes {
		out[i] = l.lower(n)
	}
	return out
}

func (l *lowerer) lower(n *node) *expr.Node {
	switch n.kind {
	case kindNumber:
		return l.number(n)
	case kindName:
		return l.name(n)
	case kindCall:
		return l.p.functions.find(n.text).lower(l, n)
	case kindIndex:
		return l.index(n)
	case kindSum:
		return l.sum(n)
	case kindChain:
		return l.chain(n)
	case kindNegation:
		return l.negate(l.lower(n.args[0]), !n.args[0].parens)
	case kindTranspose:
		return l.b.New(expr.Transpose, l.lower(n.args[0]))
	case kindInverse:
		return l.inverse(l.lower(n.args[0]))
	case kindElementPower:
		p := l.lower(n.args[1])
		if v := l.constant(n.args[0]); v != nil && v.Sign() == 0 && p.Op == expr.Number && p.Num.Sign() < 0 {
			l.throw(divisionByZero(n))
		}
		return l.b.New(expr.ElementPower, l.lower(n.args[0]), p)
	}
	return l.power(n)
}

func (l *lowerer) number(n *node) *expr.Node {
	v, ok := rational(n.text)
	if !ok {
		l.throw(wrong("number", n.span, "the number %s is too long or too large", excerpt(n.text)))
	}
	return l.b.Number(v)
}

// rational reads a decimal. Numbers that no float64 comes near are refused: their digits alone would fill memory.
func rational(text string) (*big.Rat, bool) {
	if len(text) > 1000 {
		return nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > 400 || e < -400 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(text)
}

func (l *lowerer) name(n *node) *expr.Node {
	switch m := l.p.meanings[n.id]; m.kind {
	case meansVariable:
		return l.symbol(m.target)
	case meansDefinition:
		if l.defs[m.target] == nil {
			l.defs[m.target] = l.whole(l.p.decls.defs[m.target].tree)
		}
		return l.defs[m.target]
	case meansSize:
		return l.sizeNode(l.dim(l.r.u.named(n.text)))
	case meansIdentity:
		return l.b.Sized(expr.Identity, l.shape(n))
	case meansOnes:
		return l.b.Sized(expr.Ones, l.shape(n))
	case meansZeros:
		return l.b.Sized(expr.Zeros, l.shape(n))
	}
	return l.b.Sized(expr.Pi, expr.Scalar)
}

func (l *lowerer) index(n *node) *expr.Node {
	args := l.all(n.args)
	bounds := []expr.Dim{args[0].Shape.Rows, args[0].Shape.Cols}
	if len(args) == 2 {
		if args[0].Shape.IsRow() {
			args = []*expr.Node{args[0], l.b.Int(1), args[1]}
			bounds = bounds[1:]
		} else {
			args = append(args, l.b.Int(1))
		}
	}
	for i, at := range n.args[1:] {
		if !l.mayIndex(at, l.lower(at), bounds[i]) {
			l.throw(wrong("index", at.span, "there is no entry %s", excerpt(l.tree.text(n.span))).
				fact("%s is %s", excerpt(l.tree.text(n.args[0].span)), args[0].Shape))
		}
	}
	return l.b.New(expr.Element, args...)
}

// mayIndex reports whether n, of the given value, can be an index up to size. It throws a *Diagnostic where n is a number
// that is no index at all.
func (l *lowerer) mayIndex(n *node, value *expr.Node, size expr.Dim) bool {
	v := l.constant(n)
	if value.Op == expr.Number {
		v = value.Num
	}
	if v == nil {
		return true
	}
	if !v.IsInt() || v.Sign() <= 0 {
		l.throw(wrong("index", n.span, "%s is no index", l.tree.text(n.span)).hint("indices are whole numbers from 1"))
	}
	most, known := size.Value(nil)
	return !known || v.Cmp(big.NewRat(int64(most), 1)) <= 0
}

func (l *lowerer) sum(n *node) *expr.Node {
	terms := l.all(n.args)
	for i, op := range n.ops {
		if op == '-' {
			terms[i+1] = l.negate(terms[i+1], !n.args[i+1].parens)
		}
	}
	return l.b.New(expr.Sum, terms...)
}

// negate returns -n; open says that n may be taken apart for it because it was not written in parentheses.
func (l *lowerer) negate(n *expr.Node, open bool) *expr.Node {
	switch {
	case n.Op == expr.Number:
		return l.b.Number(new(big.Rat).Neg(n.Num))
	case n.Op == expr.Product && open && n.Args[0].IsNumber(-1) && len(n.Args) == 2:
		return n.Args[1]
	case n.Op == expr.Product && open && n.Args[0].Op == expr.Number:
		args := append([]*expr.Node{l.negate(n.Args[0], true)}, n.Args[1:]...)
		return l.b.New(expr.Product, args...)
	case n.Op == expr.Product && open:
		return l.b.New(expr.Product, append([]*expr.Node{l.b.Int(-1)}, n.Args...)...)
	}
	return l.b.New(expr.Product, l.b.Int(-1), n)
}

// chain collects runs of like operators into one node each, from the left.
func (l *lowerer) chain(n *node) *expr.Node {
	factors := []*expr.Node{l.lower(n.args[0])}
	if a := n.args[0]; a.kind == kindNegation && !a.parens && factors[0].Op == expr.Product && sameNest('*', n.ops[0]) {
		factors = append([]*expr.Node{}, factors[0].Args...)
	}
	op := expr.Product
	collapse := func(to *expr.Op) {
		if to != op && len(factors) > 1 {
			factors = []*expr.Node{l.b.New(op, factors...)}
		}
		op = to
	}
	for i, o := range n.ops {
		operand := n.args[i+1]
		next := l.lower(operand)
		switch o {
		case '*':
			collapse(expr.Product)
		case '/':
			collapse(expr.Product)
			next = l.reciprocal(n, operand, next)
		case '\\':
			collapse(nil)
			factors[0] = l.reciprocal(n, n.prefix(i), factors[0])
			op = expr.Product
		case opHadamard:
			collapse(expr.Hadamard)
		case opQuotient:
			collapse(expr.Hadamard)
			l.refuseZero(n, operand)
			next = l.b.New(expr.ElementPower, next, l.b.Int(-1))
		case opKronecker:
			collapse(expr.Kronecker)
		}
		factors = append(factors, next)
	}
	return l.b.New(op, factors...)
}

// reciprocal returns 1/n of a scalar and the inverse of a matrix.
func (l *lowerer) reciprocal(whole, n *node, value *expr.Node) *expr.Node {
	l.refuseZero(whole, n)
	return l.inverse(value)
}

func (l *lowerer) inverse(n *expr.Node) *expr.Node {
	if n.Shape.IsScalar() {
		return l.b.New(expr.Power, n, l.b.Int(-1))
	}
	return l.b.New(expr.Inv, n)
}

func (l *lowerer) refuseZero(whole, n *node) {
	if v := l.constant(n); v != nil && v.Sign() == 0 {
		l.throw(divisionByZero(whole).also(n.span))
	}
}

func divisionByZero(n *node) *Diagnostic {
	return wrong("division-by-zero", n.span, "this divides by zero")
}

// constant returns the value of n if it consists of numbers and + - * / alone.
func (l *lowerer) constant(n *node) *big.Rat {
	switch n.kind {
	case kindNumber:
		if v, ok := rational(n.text); ok {
			return v
		}
	case kindNegation:
		if v := l.constant(n.args[0]); v != nil {
			return v.Neg(v)
		}
	case kindSum, kindChain:
		out := l.constant(n.args[0])
		for i, op := range n.ops {
			if out == nil {
				return nil
			}
			v := l.constant(n.args[i+1])
			switch {
			case v == nil || op == '/' && v.Sign() == 0:
				return nil
			case op == '+':
				out.Add(out, v)
			case op == '-':
				out.Sub(out, v)
			case op == '*':
				out.Mul(out, v)
			case op == '/':
				out.Quo(out, v)
			default:
				return nil
			}
		}
		return out
	}
	return nil
}

// The functions that are not a row of the operation table.

func (l *lowerer) diag(n *node) *expr.Node {
	x := l.lower(n.args[0])
	if x.Shape.Cols == expr.One {
		return l.b.New(expr.DiagMatrix, x)
	}
	return l.b.New(expr.DiagVector, x)
}

func (l *lowerer) transpose(n *node) *expr.Node { return l.b.New(expr.Transpose, l.all(n.args)...) }
func (l *lowerer) hadamard(n *node) *expr.Node  { return l.b.New(expr.Hadamard, l.all(n.args)...) }
func (l *lowerer) kronecker(n *node) *expr.Node { return l.b.New(expr.Kronecker, l.all(n.args)...) }

func (l *lowerer) inner(n *node) *expr.Node {
	a, b := l.lower(n.args[0]), l.lower(n.args[1])
	switch {
	case a.Shape.IsScalar():
		return l.b.New(expr.Product, a, b)
	case a.Shape.IsColumn():
		return l.b.New(expr.Product, l.b.New(expr.Transpose, a), b)
	case a.Shape.IsRow():
		return l.b.New(expr.Product, a, l.b.New(expr.Transpose, b))
	}
	return l.b.New(expr.Tr, l.b.New(expr.Product, l.b.New(expr.Transpose, a), b))
}

func (l *lowerer) sym(n *node) *expr.Node  { return l.half(n, false) }
func (l *lowerer) skew(n *node) *expr.Node { return l.half(n, true) }

// half returns (X + X')/2 or (X - X')/2.
func (l *lowerer) half(n *node, minus bool) *expr.Node {
	x := l.lower(n.args[0])
	t := l.b.New(expr.Transpose, x)
	if minus {
		t = l.negate(t, true)
	}
	return l.b.New(expr.Product, l.b.Number(big.NewRat(1, 2)), l.b.New(expr.Sum, x, t))
}

func (l *lowerer) filled(n *node) *expr.Node {
	return l.b.New(expr.Product, l.lower(n.args[0]), l.b.Sized(expr.Ones, l.shape(n)))
}

func (l *lowerer) rows(n *node) *expr.Node { return l.sizeNode(l.shape(n.args[0]).Rows) }
func (l *lowerer) cols(n *node) *expr.Node { return l.sizeNode(l.shape(n.args[0]).Cols) }

func (l *lowerer) sizeNode(d expr.Dim) *expr.Node {
	if v, known := d.Value(nil); known {
		return l.b.Int(int64(v))
	}
	return l.b.SizeOf(d)
}

func (l *lowerer) eye(n *node) *expr.Node   { return l.b.Sized(expr.Identity, l.shape(n)) }
func (l *lowerer) ones(n *node) *expr.Node  { return l.b.Sized(expr.Ones, l.shape(n)) }
func (l *lowerer) zeros(n *node) *expr.Node { return l.b.Sized(expr.Zeros, l.shape(n)) }

func (l *lowerer) unit(n *node) *expr.Node {
	shape := l.shape(n)
	at := l.all(n.args[:2])
	for i, size := range []expr.Dim{shape.Rows, shape.Cols} {
		if !l.mayIndex(n.args[i], at[i], size) {
			l.throw(wrong("index", n.args[i].span, "there is no entry %s,%s", excerpt(l.tree.text(n.args[0].span)), excerpt(l.tree.text(n.args[1].span))).
				fact("the matrix is %s", shape))
		}
	}
	return l.b.Sized(expr.Unit, shape, at...)
}

func (l *lowerer) commutation(n *node) *expr.Node {
	m, _ := l.r.sizeFactor(n.args[0])
	k, _ := l.r.sizeFactor(n.args[1])
	return l.b.Commutation(l.dim(m), l.dim(k))
}

// The operators of equations.

func (l *lowerer) gradient(n *node) *expr.Node {
	return l.b.Sized(expr.Gradient, l.shape(n), l.all(n.args)...)
}

func (l *lowerer) jacobian(n *node) *expr.Node {
	return l.b.Sized(expr.Jacobian, l.shape(n), l.all(n.args)...)
}

func (l *lowerer) hessian(n *node) *expr.Node {
	return l.b.Sized(expr.Hessian, l.shape(n), l.all(n.args)...)
}

func (l *lowerer) differential(n *node) *expr.Node {
	f := l.lower(n.args[0])
	args := []*expr.Node{f}
	occurs := map[*expr.Node]bool{}
	for _, v := range expr.Variables(f) {
		occurs[v] = true
	}
	for _, s := range l.moves {
		x := l.symbol(s)
		if !occurs[x] {
			continue
		}
		name := "d" + x.Name
		if s, ok := l.p.byName[name]; ok {
			dx := l.symbol(s)
			if dx.Shape != x.Shape {
				panic(wrong("sizes", n.span, "%s needs the shape of %s, whose differential it is", name, x.Name).
					fact("%s is %s, %s is %s", name, dx.Shape, x.Name, x.Shape).in(l.tree.source))
			}
			args = append(args, x, dx)
		} else {
			args = append(args, x, l.b.Variable(name, x.Shape, x.Props&expr.LinearSpaces))
		}
	}
	return l.b.Sized(expr.Differential, l.shape(n), args...)
}
