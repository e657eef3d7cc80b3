package simplify

import (
	"matdiff/internal/expr"
)

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
	case op == expr.DiagVector && a.isSkew(x):
		return a.zero(expr.Vector(x.Shape.Rows))
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
	return a.diagonalOf(x)
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
	inner = a.outerProducts(inner)
	if len(inner) == 0 {
		return a.Product(outer...)
	}
	if len(inner) == 1 {
		return a.Product(append(outer, inner[0])...)
	}
	return a.Product(append(outer, a.b.New(expr.Kronecker, inner...))...)
}

// outerProducts joins neighbouring columns and rows among operands, which commute: kron(x, y') and kron(y', x) are x*y'.
func (a *Algebra) outerProducts(operands []*Node) []*Node {
	var out []*Node
	for i := 0; i < len(operands); {
		var columns, rows []*Node
		for ; i < len(operands) && (operands[i].Shape.IsColumn() || operands[i].Shape.IsRow()); i++ {
			if operands[i].Shape.IsColumn() {
				columns = append(columns, operands[i])
			} else {
				rows = append(rows, operands[i])
			}
		}
		switch {
		case len(columns) > 0 && len(rows) > 0:
			out = append(out, a.Product(a.Kronecker(columns...), a.Kronecker(rows...)))
			continue
		case len(columns)+len(rows) > 0:
			out = append(append(out, columns...), rows...)
			continue
		}
		out = append(out, operands[i])
		i++
	}
	return out
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
	case expr.Variable:
		if i == j && a.isSkew(x) {
			return a.b.Int(0)
		}
	case expr.Unit, expr.Product:
		if m := a.elementOfUnit(x, i, j); m != nil {
			return m
		}
	case expr.Ones:
		return a.b.Int(1)
	case expr.Zeros:
		return a.b.Int(0)
	case expr.Identity:
		switch {
		case i == j:
			return a.b.Int(1)
		case i.Op == expr.Number && j.Op == expr.Number:
			return a.b.Int(0)
		}
	case expr.Sum:
		terms := make([]*Node, len(x.Args))
		for k, t := range x.Args {
			terms[k] = a.Element(t, i, j)
		}
		return a.Sum(terms...)
	}
	switch {
	case x.Op == expr.ElementPower && !x.Args[1].Shape.IsScalar():
		return a.Power(a.Element(x.Args[0], i, j), a.Element(x.Args[1], i, j))
	case x.Op == expr.ElementPower:
		return a.Power(a.Element(x.Args[0], i, j), x.Args[1])
	case x.Op.Traits.Has(expr.Elementwise) && len(x.Args) == 1:
		return a.Apply(x.Op, a.Element(x.Args[0], i, j))
	}
	return a.b.New(expr.Element, x, i, j)
}
