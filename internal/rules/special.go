package rules

import (
	"matdiff/internal/expr"
	"matdiff/internal/simplify"
)

// special carries cotangents through the operations whose differential no single line of the book can state, or states
// longer than need be:
//
//   - X^k for a whole k > 0: a sum over the k places where X stands, which are alike under a trace.
//   - expm, logm, sqrtm: where the cotangent is itself a function of X', as it is under a trace, everything commutes and
//     d f(X) acts as f'(X)*dX (Higham, Functions of Matrices, 2008, section 3.2).
//   - adj(P) and its trace for the P of an eigenvalue: see shift.
//   - unknown functions, by their gradient.
func special(a *simplify.Algebra, n, g *Node, give func(n, g *Node)) (bool, error) {
	switch {
	case n.Op == expr.Power && !n.Shape.IsScalar():
		x := n.Args[0]
		t := a.Transpose(x)
		if a.Commute(g, t) {
			give(x, a.Product(n.Args[1], g, a.MatrixPower(t, n.Args[1].Num.Num().Int64()-1)))
			return true, nil
		}
		k, err := powerTerms(n)
		if err != nil {
			return true, err
		}
		terms := make([]*Node, k)
		for i := range terms {
			terms[i] = a.Product(a.MatrixPower(t, int64(i)), g, a.MatrixPower(t, k-1-int64(i)))
		}
		give(x, a.Sum(terms...))
		return true, nil
	case n.Op == expr.Expm, n.Op == expr.Logm, n.Op == expr.Sqrtm:
		x := a.Transpose(n.Args[0])
		if !a.Commute(g, x) {
			return false, nil
		}
		give(n.Args[0], a.Product(a.MatrixDerivative(n.Op, x), g))
		return true, nil
	case n.Op == expr.Adj, n.Op == expr.Tr:
		if p := singularShift(a, n); p.root != nil {
			p.pull(a, n, g, give)
			return true, nil
		}
		err := singularAdjugate(n)
		return err != nil, err
	case n.Op.Slope != nil: // df(X) = <grad(f)(X), dX>
		give(n.Args[0], a.Product(g, a.Apply(n.Op.Slope, n.Args[0])))
		return true, nil
	case n.Op.Unknown != "":
		return true, unknownFunction(n)
	}
	return false, nil
}

// unknownFunction is the error for the differential of the gradient of an unknown function.
func unknownFunction(n *Node) error {
	f := n.Op.Unknown
	return &NoRule{Op: n.Op, Reason: "the second derivative of " + f + " is not known: " + f + " is declared as a function without a value"}
}

// powerTerms returns the k of X^k, the number of terms of its differential.
func powerTerms(n *Node) (int64, error) {
	k := n.Args[1].Num.Num().Int64()
	if k > maxPowerTerms {
		return 0, &NoRule{Op: n.Op, Reason: "the differential of a matrix power has a term for every place of the base: this power is too large"}
	}
	return k, nil
}

// maxPowerTerms bounds the terms written out for the differential of X^k.
const maxPowerTerms = 1000

// unknownSecond is the error for a differential that moves at its own point: the second derivative of expm and logm, and
// of a variable that is a function of a scalar.
func unknownSecond(n *Node, moves func(*Node) bool) error {
	if n.Op == expr.Jacobian {
		return &NoRule{Op: n.Op, Reason: "the derivative of diff(" + n.Args[0].Name + ", " + n.Args[1].Name + ") is not known: it is a second derivative"}
	}
	if (n.Op == expr.DExpm || n.Op == expr.DLogm) && moves(n.Args[0]) {
		f := n.Op.Name[1:]
		return &NoRule{Op: n.Op, Reason: "the second derivative of " + f + " is not known in closed form: the first is " + n.Op.Name + ", the Fréchet derivative"}
	}
	return nil
}

// singularAdjugate is the error for the differential of the adjugate in the gradient of an eigenvalue or a singular value. Its
// argument, such as lambda*I - X, is singular at every X, and the book's line holds for nonsingular ones.
func singularAdjugate(n *Node) error {
	if n.Op != expr.Adj {
		return nil
	}
	var err error
	expr.Walk(n.Args[0], func(m *Node) {
		if m.Op == expr.LambdaMax || m.Op == expr.Spectral {
			f := m.Op.UserName()
			err = &NoRule{Op: m.Op, Reason: "the second derivative of " + f + " is not known in closed form: the first has the adjugate of a singular matrix"}
		}
	})
	return err
}

// Project returns the part of the gradient g that lies in the space in which x moves: the orthogonal projection in the
// Frobenius inner product. An orthogonal X moves along its tangent space X*Ω with Ω skew.
func Project(a *simplify.Algebra, g, x *Node) *Node {
	t := func() *Node { return a.Transpose(g) }
	half := a.Number(1, 2)
	switch p := x.Props; {
	case p&expr.Diagonal != 0:
		return a.Hadamard(g, a.Identity(x.Shape.Rows))
	case p&(expr.Symmetric|expr.PosDef) != 0:
		if t() == g {
			return g
		}
		return a.Product(half, a.Sum(g, t()))
	case p.Has(expr.Skew):
		return a.Product(half, a.Sum(g, a.Neg(t())))
	case p.Has(expr.Orthogonal):
		return a.Product(half, a.Sum(g, a.Neg(a.Product(x, t(), x))))
	case p&(expr.Lower|expr.Upper) != 0:
		mask := expr.Tril
		if p.Has(expr.Upper) {
			mask = expr.Triu
		}
		return a.Apply(mask, g)
	}
	return g
}
