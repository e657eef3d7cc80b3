package simplify

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

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
