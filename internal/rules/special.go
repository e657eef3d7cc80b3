package rules

import (
	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// special carries cotangents through the operations whose differential no single line of the book can state:
//
//   - X^k for a whole k > 0: a sum over the k places where X stands.
//   - expm, logm, sqrtm: the Fréchet derivative has no closed form, but where the cotangent is itself a function of X',
//     as it is under a trace, everything commutes and d f(X) acts as f'(X)*dX (Higham, Functions of Matrices, 2008,
//     section 3.2).
func special(a *simplify.Algebra, n, g *Node, give func(n, g *Node)) (bool, error) {
	switch {
	case n.Op == expr.Power && !n.Shape.IsScalar():
		x := n.Args[0]
		k := n.Args[1].Num.Num().Int64()
		if k > maxPowerTerms {
			return true, &NoRule{Op: n.Op, Reason: "the differential of a matrix power has a term for every place of the base: this power is too large"}
		}
		t := a.Transpose(x)
		terms := make([]*Node, k)
		for i := range terms {
			terms[i] = a.Product(a.MatrixPower(t, int64(i)), g, a.MatrixPower(t, k-1-int64(i)))
		}
		give(x, a.Sum(terms...))
		return true, nil
	case n.Op == expr.Expm, n.Op == expr.Logm, n.Op == expr.Sqrtm:
		x := a.Transpose(n.Args[0])
		if !isFunctionOf(g, x) {
			return true, &NoRule{Op: n.Op, Reason: n.Op.Name + " can be differentiated under a trace only, such as tr(" + n.Op.Name + "(X)): elsewhere its differential has no closed form"}
		}
		derivative := a.Apply(expr.Expm, x)
		switch n.Op {
		case expr.Logm:
			derivative = a.Apply(expr.Inv, x)
		case expr.Sqrtm:
			derivative = a.Product(a.Number(1, 2), a.Apply(expr.Inv, a.Apply(expr.Sqrtm, x)))
		}
		give(n.Args[0], a.Product(derivative, g))
		return true, nil
	}
	return false, nil
}

// maxPowerTerms bounds the terms written out for the differential of X^k.
const maxPowerTerms = 1000

// isFunctionOf reports whether g is built from x, identities and scalars alone, so that it commutes with every function
// of x.
func isFunctionOf(g, x *Node) bool {
	if g == x || g.Op == expr.Identity || g.Shape.IsScalar() {
		return true
	}
	switch g.Op {
	case expr.Sum, expr.Product, expr.Power, expr.Inv, expr.Expm, expr.Logm, expr.Sqrtm:
		for _, arg := range g.Args {
			if !isFunctionOf(arg, x) {
				return false
			}
		}
		return true
	case expr.Transpose:
		return x.Op == expr.Transpose && isFunctionOf(g.Args[0], x.Args[0])
	}
	return false
}

// project returns the part of the gradient g that lies in the space in which x moves: the orthogonal projection in the
// Frobenius inner product. An orthogonal X moves along its tangent space X*Ω with Ω skew.
func project(a *simplify.Algebra, g, x *Node) (*Node, error) {
	t := func() *Node { return a.Transpose(g) }
	half := a.Number(1, 2)
	switch p := x.Props; {
	case p&expr.Diagonal != 0:
		return a.Hadamard(g, a.Identity(x.Shape.Rows)), nil
	case p&(expr.Symmetric|expr.PosDef) != 0:
		if t() == g {
			return g, nil
		}
		return a.Product(half, a.Sum(g, t())), nil
	case p.Has(expr.Skew):
		return a.Product(half, a.Sum(g, a.Neg(t()))), nil
	case p.Has(expr.Orthogonal):
		return a.Product(half, a.Sum(g, a.Neg(a.Product(x, t(), x)))), nil
	case p&(expr.Lower|expr.Upper) != 0:
		return nil, &NoRule{Op: expr.Variable, Reason: "the gradient by a triangular matrix has no form in matrix notation: leave out the declaration and take the triangle of the result"}
	}
	return g, nil
}
