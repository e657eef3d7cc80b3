package diagnose

import (
	"math/big"
	"slices"

	"matdiff/internal/expr"
)

// Hypotheses about the terms of sums.

// topSum returns the sum that the claim is, or is but for one wrapping, and what puts a changed sum in its place.
func (q *inquiry) topSum() (sum *Node, wrap func(*Node) *Node) {
	c := q.claim
	switch {
	case c.Is(expr.Sum):
		return c, func(n *Node) *Node { return n }
	case c.Is(expr.Transpose) && c.Args[0].Is(expr.Sum):
		return c.Args[0], func(n *Node) *Node { return q.with(c, 0, n) }
	case c.Is(expr.Product):
		for i, f := range c.Args {
			if f.Is(expr.Sum) && f.Shape.IsScalar() == c.Shape.IsScalar() {
				return f, func(n *Node) *Node { return q.with(c, i, n) }
			}
		}
	}
	return nil, nil
}

// coefficients returns the numbers by which the terms of the top sum have to be multiplied, and how many are not 1.
func (q *inquiry) coefficients() (c []*big.Rat, changed int) {
	sum, wrap := q.topSum()
	if sum == nil || q.claim.Shape != q.reference.Shape {
		return nil, 0
	}
	var terms []*Node
	for _, t := range sum.Args {
		w := wrap(t)
		if w == nil || w.Shape != q.reference.Shape {
			return nil, 0
		}
		terms = append(terms, w)
	}
	var values [][]float64
	for i := range q.trial.Points() {
		values = append(values, q.trial.Reference(i))
	}
	c = q.combination(terms, values)
	for _, x := range c {
		if x.Cmp(one) != 0 {
			changed++
		}
	}
	return c, changed
}

// reweighted returns the claim with the terms of the top sum multiplied by c.
func (q *inquiry) reweighted(c []*big.Rat) *Node {
	sum, wrap := q.topSum()
	var terms []*Node
	for i, t := range sum.Args {
		if c[i].Sign() != 0 {
			terms = append(terms, q.scale(c[i], t))
		}
	}
	if len(terms) == 0 {
		return nil
	}
	return wrap(q.sum(terms...))
}

// ownTerms: the claim is right but for the coefficient of one of its terms.
func (q *inquiry) ownTerms() *Diagnosis {
	c, changed := q.coefficients()
	if changed != 1 {
		return nil
	}
	n := q.reweighted(c)
	if !q.accepts(n) {
		return nil
	}
	i := slices.IndexFunc(c, func(x *big.Rat) bool { return x.Cmp(one) != 0 })
	sum, _ := q.topSum()
	return q.termDiagnosis(n, sum.Args[i], c[i])
}

func (q *inquiry) termDiagnosis(claim, term *Node, c *big.Rat) *Diagnosis {
	_, bare := q.coefficient(term)
	switch {
	case c.Sign() == 0:
		return diagnosis(ExtraTerm, claim, "the term %s is too much", text(bare))
	case c.Cmp(minusOne) == 0:
		return diagnosis(TermSign, claim, "the sign of the term %s is wrong", text(bare))
	}
	return diagnosis(TermFactor, claim, "in the term %s %s", text(term), factorMessage(c))
}

// severalTerms: the coefficients of several terms are wrong.
func (q *inquiry) severalTerms() *Diagnosis {
	c, changed := q.coefficients()
	if changed < 2 {
		return nil
	}
	if n := q.reweighted(c); q.accepts(n) {
		return diagnosis(TermFactors, n, "the coefficients of %d terms are wrong", changed)
	}
	return nil
}

// editedTerms: a term of a sum anywhere in the claim has the wrong sign, is too much, or is off by a factor 2.
func (q *inquiry) editedTerms() *Diagnosis {
	for _, c := range []*big.Rat{minusOne, new(big.Rat), two, half} {
		e, ok := q.firstEdit(func(n, parent *Node) []*Node {
			if parent == nil || !parent.Is(expr.Sum) {
				return nil
			}
			return []*Node{q.scale(c, n)}
		})
		if ok {
			return q.termDiagnosis(e.node, e.was, c)
		}
	}
	return nil
}

// missingTerm: D - C is a multiple of a term of the derived gradient, or of a part of the right shape.
func (q *inquiry) missingTerm() *Diagnosis {
	if q.claim.Shape != q.reference.Shape {
		return nil
	}
	var candidates []*Node
	for _, t := range slices.Concat(q.parts.terms, q.parts.groups, q.parts.factors, q.parts.scalars) {
		if t.Shape == q.reference.Shape && t != q.derived {
			candidates = append(candidates, t)
		}
	}
	rest := q.rest()
	for _, t := range candidates {
		if c := q.share(rest, t); c != nil {
			missing := q.scale(c, t)
			if n := q.sum(q.claim, missing); q.accepts(n) {
				return diagnosis(MissingTerm, n, "the term %s is missing", text(missing))
			}
		}
	}
	return nil
}

// rest returns D - C at each point; nil if the claim has no value.
func (q *inquiry) rest() (rest [][]float64) {
	for i := range q.trial.Points() {
		v := q.trial.Value(i, q.claim)
		if v == nil {
			return nil
		}
		rest = append(rest, difference(q.trial.Reference(i), v))
	}
	return rest
}

// missingTerms: D - C is a combination of several terms of the derived gradient.
func (q *inquiry) missingTerms() *Diagnosis {
	if q.claim.Shape != q.reference.Shape {
		return nil
	}
	var missing []*Node
	for i, c := range q.combination(q.parts.terms, q.rest()) {
		if c.Sign() != 0 {
			missing = append(missing, q.scale(c, q.parts.terms[i]))
		}
	}
	if len(missing) < 2 || len(missing) == len(q.parts.terms) {
		return nil
	}
	n := q.sum(append([]*Node{q.claim}, missing...)...)
	if !q.accepts(n) {
		return nil
	}
	return diagnosis(MissingTerm, n, "the terms %s are missing", text(q.sum(missing...)))
}

// share returns the short fraction c for which rest is c*t, point by point, as far as that can be seen; nil if there is none.
func (q *inquiry) share(rest [][]float64, t *Node) *big.Rat {
	var c *big.Rat
	for i, r := range rest {
		v := q.trial.Value(i, t)
		if v == nil {
			return nil
		}
		a := project(r, v)
		if c == nil {
			if c = rational(a, 1e-4, 100); c == nil {
				return nil
			}
		}
		x, _ := c.Float64()
		for k, y := range q.trial.Reference(i) {
			if !q.trial.Near(i, k, y-r[k]+x*v[k]) {
				return nil
			}
		}
	}
	return c
}

func difference(u, v []float64) []float64 {
	d := make([]float64, len(u))
	for i, x := range u {
		d[i] = x - v[i]
	}
	return d
}
