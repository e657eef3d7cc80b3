package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

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

// pair returns the product of two neighbours in a chain if it is simpler than the chain:
//
//	X^j*X^k → X^(j+k)    diag(x)*diag(y) → diag(x .* y)    expm(s*X)*expm(t*X) → expm((s + t)*X)
//	X*inv(sqrtm(X)) → sqrtm(X)
//	inv(c*I + X*Y)*X → X*inv(c*I + Y*X) for a number c, not 0
//	kron(A, B)*kron(C, D) → kron(A*C, B*D)    kron(A, B)*vec(X) → vec(B*X*A')
//	K(m,n)*vec(X) → vec(X') for X m×n
//	pinv(X)'*X' → X*pinv(X) and X'*pinv(X)' → pinv(X)*X, which are symmetric
func (a *Algebra) pair(f, g *Node) (*Node, bool) {
	fb, fk := a.base(f)
	gb, gk := a.base(g)
	if fb == gb && fb.Shape.IsSquare() && max(fk+gk, -fk-gk) < expr.MaxPower {
		return unscaled(a.matrixPower(fb, fk+gk))
	}
	if e := a.exponentials(f, g); e != nil {
		return e, true
	}
	if fk*gk < 0 && max(2*fk+gk, -2*fk-gk, fk+2*gk, -fk-2*gk) < expr.MaxPower {
		switch {
		case a.squared(fb) == gb:
			return unscaled(a.matrixPower(fb, fk+2*gk))
		case a.squared(gb) == fb:
			return unscaled(a.matrixPower(gb, 2*fk+gk))
		}
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
	case f.Op == expr.Commutation && g.Op == expr.Vec && g.Args[0].Shape == (expr.Shape{Rows: f.Dims[0], Cols: f.Dims[1]}):
		return unscaled(a.Apply(expr.Vec, a.Transpose(g.Args[0])))
	case a.pseudoInverse(f, g), a.pseudoInverse(g, f):
		if back := []*Node{a.Transpose(g), a.Transpose(f)}; a.prefer(back, []*Node{f, g}) {
			return a.b.New(expr.Product, back...), true
		}
	case f.Op == expr.DiagMatrix && g.Op == expr.DiagMatrix:
		return unscaled(a.Apply(expr.DiagMatrix, a.Hadamard(f.Args[0], g.Args[0])))
	}
	return nil, false
}

// squared returns X if n is sqrtm(X) or its transpose, else nil.
func (a *Algebra) squared(n *Node) *Node {
	switch {
	case n.Op == expr.Sqrtm:
		return n.Args[0]
	case n.Op == expr.Transpose && n.Args[0].Op == expr.Sqrtm:
		return a.Transpose(n.Args[0].Args[0])
	}
	return nil
}

// pseudoInverse reports whether x is pinv(y).
func (a *Algebra) pseudoInverse(x, y *Node) bool {
	if x.Op == expr.Transpose {
		x, y = x.Args[0], a.Transpose(y)
	}
	return x.Op == expr.Pinv && x.Args[0] == y
}

// unscaled returns n, and whether it has no scalar factors: only then can it stand in a chain.
func unscaled(n *Node) (*Node, bool) {
	m := monomialOf(n)
	return n, len(m.scalars) == 0 && isOne(m.coef)
}
