package diagnose

import (
	"fmt"
	"math"
	"math/big"

	"matdiff/internal/expr"
)

// Hypotheses about the claim as a whole.

// transposed: C' = D, or a constant times that.
func (q *inquiry) transposed() *Diagnosis {
	t := q.transpose(q.claim)
	if t == q.claim {
		return nil
	}
	what := "transposed"
	if q.operator != nil && !q.claim.Shape.IsSquare() {
		what = "transposed (numerator layout)"
		if q.operator.Is(expr.Jacobian) {
			what = "transposed (denominator layout)"
		}
	}
	if q.accepts(t) {
		return diagnosis(Transposed, t, "%s", what)
	}
	c, ok := q.multiple(t)
	if _, same := q.multiple(q.claim); !ok || same {
		return nil // a symmetric claim is a matter of the factor
	}
	if n := q.scale(c, t); q.accepts(n) {
		return diagnosis(Transposed, n, "%s, and %s", what, factorMessage(c))
	}
	return nil
}

// multiple returns the constant c for which the reference is c*n.
func (q *inquiry) multiple(n *Node) (*big.Rat, bool) {
	a, ok := q.ratios(n)
	if !ok {
		return nil, false
	}
	return constant(a)
}

// factorMessage says what a claim lacks that has to be multiplied by c.
func factorMessage(c *big.Rat) string {
	inverse := new(big.Rat).Inv(c)
	switch {
	case c.Cmp(minusOne) == 0:
		return "the sign is wrong"
	case c.IsInt():
		return fmt.Sprintf("a factor %s is missing", c.RatString())
	case inverse.IsInt():
		return fmt.Sprintf("a factor %s is too much", inverse.RatString())
	case c.Denom().IsInt64() && c.Denom().Int64() <= shortNumber:
		return fmt.Sprintf("a factor %s is missing", c.RatString())
	}
	x, _ := inverse.Float64()
	return fmt.Sprintf("it is off by a factor %.10g", x)
}

// constantFactor: aC = D with one a at all points.
func (q *inquiry) constantFactor() *Diagnosis {
	c, ok := q.multiple(q.claim)
	if !ok || c.Cmp(one) == 0 {
		return nil
	}
	n := q.scale(c, q.claim)
	if !isShort(c) && q.derived != nil { // c is known to some digits only
		n = q.derived
	}
	if !q.accepts(n) {
		return nil
	}
	if c.Cmp(minusOne) == 0 {
		return diagnosis(Sign, n, "the sign is wrong")
	}
	return diagnosis(Factor, n, "%s", factorMessage(c))
}

// scalarFactor: aC = D with an a that changes from point to point as a scalar part, a power of it, or a ratio of
// dimensions does.
func (q *inquiry) scalarFactor() *Diagnosis {
	a, ok := q.ratios(q.claim)
	if !ok {
		return nil
	}
	if _, same := constant(a); same {
		return nil
	}
	candidates := q.scalarParts()
	for _, s := range candidates {
		rest := make([]float64, len(a))
		for i := range a {
			v := q.trial.Value(i, s)
			if v == nil {
				rest[i] = math.NaN()
				continue
			}
			rest[i] = a[i] / v[0]
		}
		c, ok := constant(rest)
		if !ok || !isShort(c) {
			continue
		}
		n := q.scale(c, q.times(s, q.claim))
		if !q.accepts(n) {
			continue
		}
		switch {
		case s.Is(expr.Power) && s.Args[1].Is(expr.Number) && s.Args[1].Num.Sign() < 0:
			return diagnosis(ScalarFactor, n, "it has to be divided by %s", text(q.scale(new(big.Rat).Inv(c), q.inverse(s))))
		default:
			return diagnosis(ScalarFactor, n, "the factor %s is missing", text(q.scale(c, s)))
		}
	}
	return nil
}

// scalarParts lists scalars that a claim may lack as a factor: the scalar parts, their inverses, squares and roots, and the
// ratios of dimensions.
func (q *inquiry) scalarParts() []*Node {
	var list, sizes []*Node
	for _, p := range []*big.Rat{one, minusOne, two, new(big.Rat).Neg(two), half, new(big.Rat).Neg(half)} {
		for _, s := range q.parts.scalars {
			list = append(list, q.power(s, p))
		}
	}
	for _, s := range q.parts.scalars {
		if s.Is(expr.Size) {
			sizes = append(sizes, s)
		}
	}
	for _, m := range sizes {
		for _, n := range sizes {
			if m != n {
				list = append(list, q.b.New(expr.Product, m, n), q.b.New(expr.Product, m, q.power(n, minusOne)))
			}
		}
	}
	return list
}

// times returns s*n for a scalar s: a factor of n that s cancels goes.
func (q *inquiry) times(s, n *Node) *Node {
	if s.Is(expr.Product) {
		for _, f := range s.Args {
			n = q.times(f, n)
		}
		return n
	}
	if n.Is(expr.Product) {
		inverse := q.inverse(s)
		for i, f := range n.Args {
			if f == inverse {
				rest := append(append([]*Node(nil), n.Args[:i]...), n.Args[i+1:]...)
				if expr.Conform(expr.Product, rest) {
					return q.product(rest...)
				}
			}
		}
	}
	if s.Is(expr.Power) && s.Args[1].Is(expr.Number) && s.Args[1].Num.Sign() < 0 {
		return q.product(n, s)
	}
	c, rest := q.coefficient(n)
	return q.scale(c, q.product(s, rest))
}

// symmetrised: a square part M of the claim stands for M + M', or for half of that.
func (q *inquiry) symmetrised() (found *Diagnosis) {
	factorOnly := false // M' would do as well as M, so adding it is no more than a factor 2
	q.everywhere(q.claim, func(n, parent *Node) []*Node {
		switch {
		case n.Shape.IsScalar() || !n.Shape.IsSquare() || n.Props&expr.OwnTranspose != 0,
			n.Op.Traits.Has(expr.Leaf) && !n.Is(expr.Variable),
			n.Is(expr.Sum) && parent != nil, parent != nil && parent.Is(expr.Transpose):
			return nil
		}
		both := q.sum(n, q.transpose(n))
		return []*Node{q.transpose(n), q.scale(half, both), both}
	}, func(e edit) bool {
		if e.now == q.transpose(e.was) {
			factorOnly = q.sameValue(e.node, q.claim)
			return true
		}
		if factorOnly || q.tried[e.node] {
			return true
		}
		c, ok := q.multiple(e.node)
		if !ok || !isShort(c) {
			return true
		}
		n := q.scale(c, e.node)
		if !q.accepts(n) {
			return true
		}
		if isName(e.was) && c.Cmp(one) == 0 && !e.now.Is(expr.Sum) {
			found = diagnosis(SymmetricOnly, n, "right only if %s is symmetric", expr.Variables(e.was)[0].Name)
		} else {
			found = diagnosis(Symmetrise, n, "%s needs its transpose added to it: %s", text(e.was), text(q.sum(e.was, q.transpose(e.was))))
		}
		return false
	})
	return found
}

// sameValue reports whether m and n have one value at the first point.
func (q *inquiry) sameValue(m, n *Node) bool {
	u, v := q.trial.Value(0, m), q.trial.Value(0, n)
	if len(u) != len(v) || u == nil {
		return false
	}
	d := difference(u, v)
	return dot(d, d) <= sameConstant*sameConstant*dot(u, u)
}

// entries: C = G + G' - diag(diag(G)), the derivative by the free entries of a symmetric X.
func (q *inquiry) entries() *Diagnosis {
	if q.operator == nil || !q.operator.Is(expr.Gradient) || !q.reference.Shape.IsSquare() || q.claim.Shape != q.reference.Shape || q.reference.Shape.IsScalar() {
		return nil
	}
	for i := range q.trial.Points() {
		v, n := q.trial.Value(i, q.claim), 0
		if v == nil {
			return nil
		}
		n, _ = q.trial.Dims(i)
		g := q.trial.Reference(i)
		top := 0.0
		for _, x := range g {
			top = math.Max(top, math.Abs(x))
		}
		for r := range n {
			for c := range n {
				want := g[r*n+c] + g[c*n+r]
				if r == c {
					want = g[r*n+c]
				}
				if !(math.Abs(v[r*n+c]-want) <= sameConstant*top) {
					return nil
				}
			}
		}
	}
	fix := q.derived
	expr.Walk(q.claim, func(n *Node) {
		if n.Size() < q.claim.Size() && n.Shape == q.reference.Shape && (fix == nil || fix == q.derived) && q.accepts(n) {
			fix = n
		}
	})
	x := q.operator.Args[1]
	if x.Props.Has(expr.Symmetric) || x.Props.Has(expr.PosDef) {
		if fix == nil {
			diagonal := q.b.New(expr.DiagMatrix, q.b.New(expr.DiagVector, q.claim))
			if n := q.scale(half, q.sum(q.claim, diagonal)); q.accepts(n) {
				fix = n
			}
		}
		return diagnosis(Entries, fix, "right as the derivative by the free entries of a symmetric %s, G + G' - diag(diag(G)), where the gradient is G", text(x))
	}
	return diagnosis(Entries, fix, "the formula G + G' - diag(diag(G)) for a symmetric %s, and %s is not declared symmetric", text(x), text(x))
}
