package simplify

import (
	"slices"

	"matdiff/internal/expr"
)

// Products with E = E(i,j,m,n), which is 1 at i,j and else 0, pick entries:
//
//	tr(A*E*B) → (B*A)[j,i]    a'*E*b → a[i]*b[j]    (a*b')[i,j] → a[i]*b[j]

// traceOfUnit returns the trace of a chain that holds an E, or nil.
func (a *Algebra) traceOfUnit(chain []*Node) *Node {
	at := slices.IndexFunc(chain, func(f *Node) bool { return f.Op == expr.Unit })
	if at < 0 {
		return nil
	}
	rest := slices.Concat(chain[at+1:], chain[:at])
	return a.Element(a.Product(rest...), chain[at].Args[1], chain[at].Args[0])
}

// chainOfUnit returns a 1×1 chain that holds an E, or nil.
func (a *Algebra) chainOfUnit(chain []*Node) *Node {
	at := slices.IndexFunc(chain, func(f *Node) bool { return f.Op == expr.Unit })
	if at < 0 {
		return nil
	}
	out := a.b.Int(1)
	if at > 0 {
		out = a.Element(a.Transpose(a.Product(chain[:at]...)), chain[at].Args[0], out)
	}
	if at < len(chain)-1 {
		out = a.Product(out, a.Element(a.Product(chain[at+1:]...), chain[at].Args[1], a.b.Int(1)))
	}
	return out
}

// elementOfUnit returns entry i,j of x, an E at numbers or an outer product, or nil.
func (a *Algebra) elementOfUnit(x, i, j *Node) *Node {
	if x.Op == expr.Unit {
		switch p, q := x.Args[0], x.Args[1]; {
		case p == i && q == j:
			return a.b.Int(1)
		case p.Op == expr.Number && i.Op == expr.Number && p != i, q.Op == expr.Number && j.Op == expr.Number && q != j:
			return a.b.Int(0)
		}
		return nil
	}
	for k, f := range x.Args {
		if k > 0 && f.Shape.Rows == expr.One {
			one := a.b.Int(1)
			return a.Product(
				a.Element(a.Product(x.Args[:k]...), i, one),
				a.Element(a.Transpose(a.Product(x.Args[k:]...)), j, one))
		}
	}
	return nil
}

// isTriangular reports whether the form of x shows that op, tril or triu, changes nothing.
func isTriangular(op *expr.Op, x *Node) bool {
	switch x.Op {
	case op, expr.Identity, expr.DiagMatrix:
		return true
	case expr.Variable:
		return x.Props.Has(expr.Diagonal) || op == expr.Tril && x.Props.Has(expr.Lower) || op == expr.Triu && x.Props.Has(expr.Upper)
	}
	return false
}
